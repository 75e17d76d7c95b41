#pragma once

#include <fmt/format.h>

#include "models/correlations/crossflow_rating.hpp"
#include "models/correlations/exchanger_rating.hpp"
#include "models/correlations/moist_air.hpp"
#include "models/fluid/flow_laws.hpp"
#include "models/plant/exchanger_rating.hpp"
#include "models/plant/simple_model.hpp"

namespace kelvolt::models {

/// Dry cooler of equal units by its rating: coolant against a finite flow of air, set by the fans, which wetted pads
/// may pre-cool. All of one unit; `running` units share the flow, the others are shut.
///   Q = eps(UA, C, C_air) min(C, C_air) (T_in - T_air_in), C = cp |m_flow|
///   T_air_in = T_air - wetting (T_air - T_wet_bulb), wetting = pad_effectiveness wetted
///   C_air = C_air_nominal f p_air/101325 Pa, f = still + (1 - still) n
///   n = speed speed_signal powered, within 0 and 1
///   UA = UA_nominal f^fan_exponent
///   C_air_nominal = 1006 V_flow_air rho_air, or Q_nominal/(air_rise_share ITD_nominal)
///   P_el = P_fan n^3
///   evaporation = C_air/1006 (w_in - w), make_up = evaporation cycles/(cycles - 1)
///   dp = dp_nominal (V_flow/V_flow_nominal)^2 rho/rho_nominal
/// eps is the effectiveness (correlations/exchanger.hpp) in counterflow, as coils of several rows and passes approach
/// it, or with `arrangement: crossflow` in crossflow, both streams unmixed; neither stream passes the inlet temperature
/// of the other at any flow, at rest or reversed. UA_nominal follows from the rating in the same arrangement: Q_nominal
/// at T_in - T_air = ITD_nominal and V_flow_nominal, with dry pads. cp is the mean between T_in and T_air_in. rho_air
/// is the density of dry air at 1 atm and the rated inlet T_nominal - ITD_nominal, rho_nominal that of the coolant at
/// T_nominal. `still` is the natural draught; f is never below 0.001. UA does not depend on the coolant's flow, since
/// the air's film over fins is most of the resistance. Pads cool the air along its wet bulb: w and w_in are its
/// humidity ratios at T_air and T_air_in. The heat goes to `air`, the share `wetting` of it to `wet_bulb`, where the
/// water takes it; without that connection the pads are dry. Frost, the pads' pressure drop and the temperature field
/// of the air are not modelled.
/// Source: effectiveness-NTU, Kays & London 1984; crossflow: Mason 1955; pads: ASHRAE Handbook, HVAC Systems and
/// Equipment 2020, chapter 41 (saturation effectiveness).
struct DryCooler {
    static constexpr std::string_view type = "dry_cooler";
    static constexpr std::string_view doc =
        "Dry cooler by its rating, its air flow and fan law, with adiabatic pre-cooling (simple model)";
    static constexpr Role role = Role::heat_rejection;

    enum class Arrangement { counterflow, crossflow };

    template <class P>
    struct Params {
        P Q_nominal, ITD_nominal, V_flow_nominal, dp_nominal, P_fan, speed, fan_exponent, still, T_nominal,
            air_rise_share, V_flow_air, pad_effectiveness, cycles, units;
        Arrangement arrangement;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::Q_nominal, "Q_nominal", "W", "rated heat", above(0)),
                param(&Params::ITD_nominal, "ITD_nominal", "delta_K", "coolant in minus air in, at the rating",
                      above(0)),
                param(&Params::V_flow_nominal, "V_flow_nominal", "m3/s", "rated coolant flow", above(0)),
                param(&Params::dp_nominal, "dp_nominal", "Pa", "pressure drop at rated flow", above(0)),
                param(&Params::P_fan, "P_fan", "W", "electric power of all fans at nominal speed", from(0)),
                param(&Params::speed, "speed", "1", "fan speed over nominal; multiplies `speed_signal`", between(0, 1),
                      1.0),
                param(&Params::fan_exponent, "fan_exponent", "1", "n in UA ~ air flow^n (assumed)", between(0.1, 1),
                      0.5),
                param(&Params::still, "still", "1", "air flow with the fans off over rated (assumed)", between(0, 1),
                      0.05),
                param(&Params::T_nominal, "T_nominal", "K", "coolant temperature of the rating (assumed)",
                      between(250, 400), 313.15),
                param(&Params::air_rise_share, "air_rise_share", "1",
                      "rise of the air over ITD_nominal at the rating (assumed)", between(0.05, 0.99), 0.6),
                param(&Params::V_flow_air, "V_flow_air", "m3/s",
                      "rated air flow at its inlet; instead of air_rise_share", above(0), not_given),
                param(&Params::pad_effectiveness, "pad_effectiveness", "1",
                      "saturation effectiveness of wetted pads: share of the wet-bulb depression", between(0, 1), 0.0),
                param(&Params::cycles, "cycles", "1",
                      "cycles of concentration of the pads' water: salts let off over salts of the supply (assumed)",
                      between(1.05, 20), 3.0),
                param(&Params::units, "units", "1", "equal units in parallel", between(1, 1000), 1.0).counts(),
                choice(&Params::arrangement, "arrangement", "how air and coolant pass each other",
                       {"counterflow", "crossflow"})};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        HeatPort<S> air, wet_bulb;
        SignalPort<S> p_air, wetted, speed_signal, running, powered, power;
        Unknown<S> m_flow;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "hot coolant"),
                port(&Vars::b, "b", "cooled coolant"),
                port(&Vars::air, "air", "outdoor air: an ambient"),
                port(&Vars::wet_bulb, "wet_bulb", "outdoor air at its wet-bulb temperature; for wetted pads"),
                port(&Vars::p_air, "p_air", "pressure of the outdoor air [Pa]").otherwise(moist_air::p_standard),
                port(&Vars::wetted, "wetted", "share of the pads that is wetted, from a controller").otherwise(1.0),
                port(&Vars::speed_signal, "speed_signal", "fan speed from a controller").otherwise(1.0),
                port(&Vars::running, "running", "units that run, from a stager").otherwise(all_units),
                port(&Vars::powered, "powered", "1 while its supply is energised").otherwise(1.0),
                port(&Vars::power, "power", "electric power [W], for its supply").writes(1000.0),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure drop", "Pa")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const NominalPoint<P> rating{p.V_flow_nominal, p.dp_nominal, P(2.0), p.T_nominal, P(not_given), P(not_given)};
        const State<S> s = state(x, p);
        cool_coolant(x.a, x.b, x.m_flow, rating, s.Q, s.units);
        x.power.equation = x.power.value - s.P_el;
        x.air.Q_flow = -((1.0 - s.wetting) * s.Q + s.P_el);
        // without a connection the wet bulb is the dry bulb; 0.0 * T keeps the structure of the Jacobian
        x.wet_bulb.Q_flow =
            x.wet_bulb.connected ? S(0.0 * (x.wet_bulb.T - x.air.T) - s.wetting * s.Q) : S(x.wet_bulb.T - x.air.T);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const State<S> s = state(x, p);
        out.key("Q", "W", "heat taken from the coolant", s.Q);
        out.key("P_el", "W", "electric power of the fans", s.P_el);
        const S evaporation = evaporated(x, s);
        out.key("make_up", "kg/s", "water for the pads: evaporation and blow-down",
                evaporation * p.cycles / (p.cycles - 1.0));
        out.value("evaporation", "kg/s", "water that evaporates in the pads", evaporation);
        out.value("n", "1", "fan speed over nominal", s.n);
        out.value("units_running", "1", "units that run", s.units);
        out.value("T_out", "K", "coolant as it leaves, before it mixes with other flows",
                  own_outlet(x.a, x.b, S(x.m_flow), S(s.T_in - s.Q / s.C)));
        out.value("T_air_in", "K", "air that enters the coil", s.T_air);
        out.value("T_air_out", "K", "air that leaves", s.T_air + s.Q / s.C_air);
        out.power_in(s.P_el);
        out.through(x.a.circuit, x.m_flow.value);
        flag_demand(x, p, out);
        flag_simple(out, "by rating and fan law alone");
    }
    /// Checks the rating; with the properties of the coolant, where it is known.
    static std::string problem(const Params<double>& p, const Medium* const* at) {
        constexpr double coldest = 200.0;
        if (const double T_air = p.T_nominal - p.ITD_nominal; T_air < coldest)
            return fmt::format(
                "the rating is impossible: T_nominal less ITD_nominal is air at {:.0f} degC, below {:.0f} degC; give a "
                "smaller ITD_nominal",
                T_air - 273.15, coldest - 273.15);
        if (!at[0]) return {};
        const auto C = nominal_flows(*at[0], p);
        const bool by_coolant = C.coolant < C.air;
        const double most = std::min(C.coolant, C.air) * p.ITD_nominal;
        if (p.Q_nominal < most)
            return liquid_problem(*at[0], "Q_nominal", "V_flow_nominal", p.V_flow_nominal, "T_nominal", p.T_nominal,
                                  -p.Q_nominal, C.coolant);
        return fmt::format(
            "Q_nominal {} that enters: less than {:.4g} kW is possible; give a larger flow or ITD_nominal",
            by_coolant ? "cools the rated flow below the air" : "heats the rated air above the coolant", most / 1e3);
    }

   private:
    template <class S, class P>
    static void flag_demand(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S demand = settled_demand(S(p.speed * x.speed_signal.value), 0.0, 1.0);
        if (value(x.powered.value) > 0.5)
            out.within("demanded speed", "1", demand, 0.0, 1.0, "range of the fans; correct speed or its signal",
                       "they hold the nearest end");
    }
    template <class P>
    struct Capacities {
        P coolant, air;  ///< W/K at the rating
    };
    template <class P>
    static Capacities<P> nominal_flows(const Medium& liquid, const Params<P>& p) {
        constexpr double rho_cp_T = 101325.0 / 287.05 * 1006.0;  // of dry air at 1 atm, times T [J/m3]
        const P by_rise = p.Q_nominal / (p.air_rise_share * p.ITD_nominal),
                by_flow = p.V_flow_air * rho_cp_T / (p.T_nominal - p.ITD_nominal);
        return {P(liquid.rho(p.T_nominal) * liquid.cp(p.T_nominal) * p.V_flow_nominal),
                given(p.V_flow_air) ? by_flow : by_rise};
    }
    template <class S>
    struct State {
        S n, units, wetting, T_air, T_in, C, C_air, Q, P_el;  ///< T_air: as it enters the coil
    };
    template <class S, class P>
    static S air_flow(const S& n, const Params<P>& p) {
        return smooth::abs(S(p.still + (1.0 - p.still) * n), 1e-3);
    }
    template <class P>
    static P rated_conductance(const Capacities<P>& C, const Params<P>& p) {
        if (p.arrangement == Arrangement::counterflow)
            return rated_UA(p.Q_nominal, P(0.0), C.air, p.ITD_nominal, C.coolant);
        return rated_UA_crossflow(P(p.Q_nominal / p.ITD_nominal), C.air, C.coolant);
    }
    template <class S, class P>
    static State<S> state(const Vars<S>& x, const Params<P>& p) {
        using std::pow;
        State<S> s;
        const auto& liquid = *x.a.medium;
        const Capacities<P> C = nominal_flows(liquid, p);
        s.n = fan_speed<S>(x, p);
        s.units = running_units(S(x.running.value), p.units);
        const S f = air_flow(s.n, p),
                dense = smooth::kept_above(S(x.p_air.value), S(3e4), S(1e3)) / moist_air::p_standard;
        s.wetting = p.pad_effectiveness * smooth::limited(S(x.wetted.value), 0.0, 1.0, 1e-5);
        // no wet bulb lies above the dry bulb; a band of 0.1 K
        const S depression = x.air.T - x.wet_bulb.T;
        s.wetting = s.wetting * (x.wet_bulb.connected ? smooth::step(depression, 0.0, 0.1) : S(0.0 * depression));
        s.T_air = x.air.T - s.wetting * depression;
        s.T_in = upstream(x.a.T, x.b.T, S(x.m_flow));
        s.C = carried_capacity(S(x.m_flow), mean_cp(liquid, s.T_in, s.T_air));
        s.C_air = s.units * C.air * f * dense;
        const S UA = s.units * rated_conductance(C, p) * pow(f, S(p.fan_exponent));
        const S G = p.arrangement == Arrangement::counterflow ? S(counterflow_conductance(UA, s.C, s.C_air, 0.0))
                                                              : S(crossflow_conductance(UA, s.C, s.C_air));
        s.Q = G * (s.T_in - s.T_air);
        s.P_el = s.units * p.P_fan * s.n * s.n * s.n;
        return s;
    }
    // of the air that the pads cool from its dry bulb to T_air along its wet bulb [kg/s]
    template <class S>
    static S evaporated(const Vars<S>& x, const State<S>& s) {
        using namespace moist_air;
        const S T_wb = smooth::min(S(x.wet_bulb.T), S(x.air.T), 1e-3),
                p = smooth::kept_above(S(x.p_air.value), S(3e4), S(1e3));
        return s.C_air / cp_dry_air *
               (humidity_ratio_at_wet_bulb(s.T_air, T_wb, p) - humidity_ratio_at_wet_bulb(S(x.air.T), T_wb, p));
    }
};

}  // namespace kelvolt::models
