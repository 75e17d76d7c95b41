#pragma once

#include <fmt/format.h>

#include "models/correlations/cooling_tower.hpp"
#include "models/correlations/exchanger_rating.hpp"
#include "models/correlations/moist_air.hpp"
#include "models/plant/simple_model.hpp"
#include "solver/curve/curve.hpp"

namespace kelvolt::models {

/// Open cooling tower of equal cells in counterflow, by Merkel's effectiveness-NTU or by the YorkCalc fit.
///   m_air (h_s(T_air_out) - h_s(T_wb)) = Q
///   by merkel: Q = eps(UA c_s/1006, m cp, m_air c_s) C_min (T_in - T_wb)
///   c_s = (h_s(T_air_out) - h_s(T_wb))/(T_air_out - T_wb)
///   UA = UA_nominal f^air_exponent (m/m_nominal)^water_exponent (1 + UA_wet_bulb (T_wb_nominal - T_wb))
///   by york: Q = m cp range, T_in = T_wb + range + approach(T_wb, range, (m/m_nominal)/f)
///   m_air = m_nominal/water_air_ratio f rho_air/rho_air_nominal, f = max(n, still), of the dry air
///   n = speed speed_signal powered, within 0 and 1
///   P_el = P_fan n^3, or P_fan fan_power(n)
///   evaporation = m_air (w_s(T_air_out) - w), blow_down = evaporation/(cycles - 1) - drift, not below 0
///   make_up = evaporation + drift + blow_down
///   dp = dp_nominal (V_flow/V_flow_nominal)^2 rho/rho_nominal
/// All of one cell; `running` cells share the flow, the others are shut, but for a hundredth of one cell that always
/// runs. h_s and w_s are enthalpy and humidity of saturated air (correlations/moist_air.hpp); the air enters with the
/// enthalpy of its wet bulb, is saturated where it leaves, and its specific heat c_s is that of the saturation line
/// between both, so no stream passes the inlet temperature of the other, and the water is never cooled below the wet
/// bulb. Where the curves UA_air and UA_water are given they replace the powers. UA_nominal follows from the rating:
/// V_flow_nominal cooled by range_nominal to approach_nominal above T_wet_bulb_nominal, at 1 atm; by york the approach
/// of the fit is multiplied by the number that meets the rating, and the heat is at most what the air takes up to T_in.
/// eps is the effectiveness in counterflow. The heat goes to `wet_bulb`, a connection at the wet-bulb temperature,
/// since that is the temperature at which evaporation takes heat. What evaporates is made up at the temperature of the
/// basin, so the mass in the circuit does not change. The dry bulb sets the density and humidity of the air; without it
/// the air counts as saturated. Basin heater, plume and the recirculation of moist air are not modelled.
/// Source: Merkel 1925; EnergyPlus Engineering Reference, CoolingTower:VariableSpeed:Merkel; Braun 1989 (exponents).
struct CoolingTower {
    static constexpr std::string_view type = "cooling_tower";
    static constexpr std::string_view doc =
        "Open cooling tower: Merkel effectiveness-NTU or YorkCalc, fan law, make-up water";
    static constexpr Role role = Role::heat_rejection;
    enum class By { merkel, york };

    template <class P>
    struct Params {
        P V_flow_nominal, dp_nominal, range_nominal, approach_nominal, T_wet_bulb_nominal, T_dry_bulb_nominal,
            water_air_ratio, P_fan, speed, still, air_exponent, water_exponent, UA_wet_bulb, units, drift, cycles,
            T_out_max, T_out_min;
        const Curve *fan_power, *UA_air, *UA_water;
        By by;
        static constexpr auto declare() {
            return std::tuple{
                choice(&Params::by, "by", "law of the heat transfer", {"merkel", "york"}),
                param(&Params::V_flow_nominal, "V_flow_nominal", "m3/s", "rated water flow of one cell", above(0)),
                param(&Params::dp_nominal, "dp_nominal", "Pa", "pressure drop of nozzles and riser at the rated flow",
                      above(0)),
                param(&Params::range_nominal, "range_nominal", "delta_K", "water in minus water out, at the rating",
                      above(0)),
                param(&Params::approach_nominal, "approach_nominal", "delta_K",
                      "water out minus wet bulb, at the rating", above(0)),
                param(&Params::T_wet_bulb_nominal, "T_wet_bulb_nominal", "K", "wet bulb of the rating",
                      between(250, 320)),
                param(&Params::T_dry_bulb_nominal, "T_dry_bulb_nominal", "K", "dry bulb of the rating",
                      between(250, 330), 308.15),
                param(&Params::water_air_ratio, "water_air_ratio", "1",
                      "water over dry air by mass, L/G, at the rating (assumed)", between(0.1, 5), 1.2),
                param(&Params::P_fan, "P_fan", "W", "electric power of the fan of one cell at nominal speed", from(0)),
                param(&Params::speed, "speed", "1", "fan speed over nominal; multiplies `speed_signal`", between(0, 1),
                      1.0),
                param(&Params::still, "still", "1", "air flow with the fans off over rated (assumed)", between(0.01, 1),
                      0.1),
                param(&Params::air_exponent, "air_exponent", "1", "n in UA ~ air flow^n (assumed)", between(0, 1.5),
                      0.6),
                param(&Params::water_exponent, "water_exponent", "1", "n in UA ~ water flow^n (assumed)",
                      between(0, 1.5), 0.4),
                param(&Params::UA_wet_bulb, "UA_wet_bulb", "1/delta_K",
                      "rise of UA per kelvin of wet bulb below the rating", between(0, 0.05), 0.0),
                param(&Params::units, "units", "1", "equal cells in parallel", between(1, 1000), 1.0).counts(),
                param(&Params::drift, "drift", "1", "drift over water flow (assumed)", between(0, 0.01), 8e-5),
                param(&Params::cycles, "cycles", "1",
                      "cycles of concentration: salts of the basin over make-up (assumed)", between(1.05, 20), 3.0),
                param(&Params::T_out_max, "T_out_max", "K", "limit of the water that leaves", above(0), not_given),
                param(&Params::T_out_min, "T_out_min", "K", "lowest water that leaves, against ice", above(0),
                      not_given),
                optional_curve(&Params::fan_power, "fan_power", "1", "1", "fan power over nominal against its speed"),
                optional_curve(&Params::UA_air, "UA_air", "1", "1", "UA over nominal against air flow over nominal"),
                optional_curve(&Params::UA_water, "UA_water", "1", "1",
                               "UA over nominal against water flow over nominal")};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        HeatPort<S> wet_bulb;
        SignalPort<S> T_dry_bulb, p_air, speed_signal, running, powered, power;
        Unknown<S> m_flow, T_air_out;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "hot water"),
                port(&Vars::b, "b", "cooled water, from the basin"),
                port(&Vars::wet_bulb, "wet_bulb", "outdoor air at its wet-bulb temperature"),
                port(&Vars::T_dry_bulb, "T_dry_bulb", "dry bulb of the outdoor air [K]").otherwise(0.0),
                port(&Vars::p_air, "p_air", "pressure of the outdoor air [Pa]").otherwise(moist_air::p_standard),
                port(&Vars::speed_signal, "speed_signal", "fan speed from a controller").otherwise(1.0),
                port(&Vars::running, "running", "cells that run, from a stager").otherwise(all_units),
                port(&Vars::powered, "powered", "1 while its supply is energised").otherwise(1.0),
                port(&Vars::power, "power", "electric power [W], for its supply").writes(1000.0),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure drop", "Pa"),
                unknown(&Vars::T_air_out, "T_air_out", "K", 10.0, "saturated air that leaves",
                        "energy balance of the air", "W")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const State<S> s = state(x, p);
        const NominalPoint<P> rating{p.V_flow_nominal,   p.dp_nominal, P(2.0),
                                     water_at_rating(p), P(not_given), P(not_given)};
        cool(x, x.wet_bulb, rating, s.Q, s.P_el, s.cells);
        x.T_air_out.residual = s.m_air * s.rise - s.Q;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const State<S> s = state(x, p);
        const S T_out = own_outlet(x.a, x.b, S(x.m_flow), S(s.T_in - s.Q / carried_capacity(S(x.m_flow), s.cp)));
        const S evaporation = s.m_air * (moist_air::saturated_humidity_ratio(S(x.T_air_out), s.p) - s.w);
        const S lost = smooth::abs(S(x.m_flow), m_flow_rest) * p.drift,
                blow_down = smooth::exact_ramp(S(evaporation / (p.cycles - 1.0) - lost), S(1e-6));
        out.key("Q", "W", "heat taken from the water", s.Q);
        out.key("P_el", "W", "electric power of the fans", s.P_el);
        out.key("make_up", "kg/s", "water that replaces evaporation, drift and blow-down",
                evaporation + lost + blow_down);
        out.value("evaporation", "kg/s", "water that evaporates; negative: dew", evaporation);
        out.value("drift", "kg/s", "droplets carried away", lost);
        out.value("blow_down", "kg/s", "water let off to keep the salts at `cycles`", blow_down);
        out.value("n", "1", "fan speed over nominal", s.n);
        out.value("cells_running", "1", "cells that run", s.cells);
        out.value("T_out", "K", "water as it leaves, before it mixes with other flows", T_out);
        out.value("approach", "delta_K", "water out above the wet bulb", T_out - x.wet_bulb.T);
        out.value("range", "delta_K", "water in above water out", s.T_in - T_out);
        out.at_most("tower_outlet", "water that leaves", "K", T_out, p.T_out_max, "T_out_max");
        out.at_least("tower_ice", "water that leaves", "K", T_out, p.T_out_min, "T_out_min");
        out.power_in(s.P_el);
        out.through(x.a.circuit, x.m_flow.value);
        flag(s, x, T_out, p, out);
    }
    /// The air must be able to take the rated heat.
    static std::string problem(const Params<double>& p, const Medium* const* at) {
        if (!at[0]) return {};
        const double T_in = p.T_wet_bulb_nominal + p.approach_nominal + p.range_nominal;
        if (T_in > 350.0)
            return fmt::format(
                "the rating is impossible: water enters at {:.0f} degC, above 77 degC; give a smaller "
                "range_nominal or approach_nominal",
                T_in - 273.15);
        const auto at_rating = nominal(*at[0], p);
        if (at_rating.T_air_out < T_in) return {};
        return fmt::format(
            "the rating is impossible: the air would leave saturated at {:.1f} degC, above the water that enters at "
            "{:.1f} degC; give a smaller water_air_ratio or a larger approach_nominal",
            at_rating.T_air_out - 273.15, T_in - 273.15);
    }

   private:
    template <class S>
    struct State {
        S n, f, cells, p, w, m_air, m_cell, rise, T_in, cp, Q, P_el;  ///< rise: of the air's enthalpy [J/kg]
    };
    template <class P>
    struct Nominal {
        P m, m_air, rho_air, T_air_out, UA;  ///< of one cell; density of the dry air
    };
    template <class P>
    static P water_at_rating(const Params<P>& p) {
        return p.T_wet_bulb_nominal + p.approach_nominal + 0.5 * p.range_nominal;
    }
    template <class P>
    static Nominal<P> nominal(const Medium& water, const Params<P>& p) {
        using namespace moist_air;
        const P T = water_at_rating(p), m = water.rho(T) * p.V_flow_nominal, C = m * water.cp(T),
                Q = C * p.range_nominal, T_wb = p.T_wet_bulb_nominal,
                T_db = smooth::max(p.T_dry_bulb_nominal, T_wb, 1e-3);
        const P w = humidity_ratio_at_wet_bulb(T_db, T_wb, p_standard), m_air = m / p.water_air_ratio,
                T_air_out = saturated_temperature(P(saturated_enthalpy(T_wb, p_standard) + Q / m_air), p_standard),
                c_s = Q / (m_air * (T_air_out - T_wb));
        const P UA_s = rated_UA(Q, T_wb, P(m_air * c_s), P(T_wb + p.approach_nominal + p.range_nominal), C);
        return {m, m_air, P(dry_density(T_db, w, p_standard)), T_air_out, P(UA_s * cp_dry_air / c_s)};
    }
    // specific heat [J/(kg K)] along the saturation line between two temperatures
    template <class S>
    static S saturation_slope(const S& T, const S& T_wb, const S& rise, const S& p) {
        constexpr double near = 0.01;  // below it the chord loses digits; the tangent differs by less than 1e-8
        const S apart = T - T_wb, middle = 0.5 * (T + T_wb);
        const auto close = apart * apart < S(near * near);
        const S tangent =
            (moist_air::saturated_enthalpy(S(middle + near), p) - moist_air::saturated_enthalpy(S(middle - near), p)) /
            (2.0 * near);
        return select(close, tangent, S(rise / select(close, S(1.0), apart)));
    }
    template <class S, class P>
    static State<S> state(const Vars<S>& x, const Params<P>& p) {
        using namespace moist_air;
        State<S> s;
        const S T_wb = x.wet_bulb.T, m = x.m_flow;
        s.n = fan_speed<S>(x, p);
        s.f = smooth::max(s.n, p.still, 0.01);
        s.cells = running_units(S(x.running.value), p.units);
        s.p = smooth::kept_above(S(x.p_air.value), S(3e4), S(1e3));
        const S T_db = smooth::max(S(x.T_dry_bulb.value), T_wb, 1e-3);
        s.w = smooth::max(humidity_ratio_at_wet_bulb(T_db, T_wb, s.p), 1e-5, 1e-5);
        const Nominal<P> at = nominal(*x.a.medium, p);
        s.m_air = s.cells * at.m_air * s.f * dry_density(T_db, s.w, s.p) / at.rho_air;
        s.m_cell = smooth::abs(m, m_flow_rest) / s.cells;
        s.rise = saturated_enthalpy(S(x.T_air_out), s.p) - saturated_enthalpy(T_wb, s.p);
        s.T_in = upstream(x.a.T, x.b.T, m);
        s.cp = mean_cp(*x.a.medium, s.T_in, T_wb);
        s.Q = heat(x, p, s, at);
        s.P_el = s.cells * p.P_fan * (p.fan_power ? S((*p.fan_power)(s.n)) : S(s.n * s.n * s.n));
        return s;
    }
    template <class S, class P>
    static S heat(const Vars<S>& x, const Params<P>& p, const State<S>& s, const Nominal<P>& at) {
        using std::pow;
        const S T_wb = x.wet_bulb.T, C = s.cells * s.m_cell * s.cp;
        const S flow = s.m_cell / at.m;
        if (p.by == By::york) {
            const P ratio(1.0),
                scale = p.approach_nominal / york::approach(p.T_wet_bulb_nominal, p.range_nominal, ratio);
            const S most =
                s.m_air * (moist_air::saturated_enthalpy(s.T_in, s.p) - moist_air::saturated_enthalpy(T_wb, s.p));
            return lesser(S(C * york::range(s.T_in, T_wb, S(flow / s.f), scale)), smooth::exact_ramp(most, S(1.0)),
                          1e-6);
        }
        constexpr double least = 0.02;  // of UA: curves may fall below zero outside their range
        const S by_air = p.UA_air ? S((*p.UA_air)(s.f)) : S(pow(s.f, S(p.air_exponent))),
                by_water = p.UA_water ? S((*p.UA_water)(flow)) : S(pow(smooth::abs(flow, 1e-3), S(p.water_exponent))),
                by_air_state = 1.0 + p.UA_wet_bulb * (p.T_wet_bulb_nominal - T_wb);
        const S factor = smooth::max(by_air, least, 1e-3) * smooth::max(by_water, least, 1e-3) *
                         smooth::max(by_air_state, 0.2, 1e-3);
        const S c_s = saturation_slope(S(x.T_air_out), T_wb, s.rise, s.p);
        return counterflow_conductance(S(s.cells * at.UA * factor * c_s / moist_air::cp_dry_air), C, S(s.m_air * c_s),
                                       0.0) *
               (s.T_in - T_wb);
    }
    template <class S, class P>
    static void flag(const State<S>& s, const Vars<S>& x, const S& T_out, const Params<P>& p, Report<S>& out) {
        out.within("water to the tower", "K", s.T_in, 273.15, 343.15, "saturated air at pressures of the atmosphere");
        if (p.by != By::york) return;
        constexpr std::string_view source = "YorkCalc, in the EnergyPlus Engineering Reference",
                                   held = "held at its bound";
        const S flow = s.m_cell / nominal(*x.a.medium, p).m;
        out.within("wet bulb of the tower fit", "K", x.wet_bulb.T, york::T_wet_bulb_min, york::T_wet_bulb_max, source,
                   held);
        out.within("range of the tower fit", "delta_K", s.T_in - T_out, york::range_min, york::range_max, source, held);
        out.within("approach of the tower fit", "delta_K", T_out - x.wet_bulb.T, york::approach_min, york::approach_max,
                   source);
        out.within("water flow of the tower fit over nominal", "1", flow, york::flow_min, york::flow_max, source);
        out.within("water over air of the tower fit", "1", S(flow / s.f), 0.0, york::ratio_max, source, held);
    }
};

}  // namespace kelvolt::models
