#pragma once

#include <fmt/format.h>

#include "models/fluid/flow_laws.hpp"
#include "models/plant/exchanger_rating.hpp"
#include "models/plant/simple_model.hpp"

namespace kelvolt::models {

/// Dry cooler, simple model: counterflow of coolant and air (coils of several rows), with the air's flow set by the
/// fans.
///   Q = eps(UA, C, C_air) min(C, C_air) (T_in - T_air), C = cp |m_flow|
///   C_air = C_air_nominal f, f = still + (1 - still) n
///   n = speed speed_signal powered, within 0 and 1
///   UA = UA_nominal f^fan_exponent
///   C_air_nominal = 1006 V_flow_air rho_air, or Q_nominal/(air_rise_share ITD_nominal)
///   P_el = P_fan n^3
///   dp = dp_nominal (V_flow/V_flow_nominal)^2 rho/rho_nominal
/// eps is the effectiveness in counterflow (correlations/exchanger.hpp), so neither stream passes the inlet temperature
/// of the other at any flow, at rest or reversed. UA_nominal follows from the rating: Q_nominal at T_in - T_air =
/// ITD_nominal and V_flow_nominal. cp is the mean between T_in and T_air. rho_air is the density of dry air at 1 atm
/// and the rated inlet T_nominal - ITD_nominal, rho_nominal that of the coolant at T_nominal. `still` is the natural draught; f is
/// never below 0.001. UA does not depend on the coolant's flow, since the air's film over fins is most of the
/// resistance. Frost, spraying, altitude and the temperature field of the air are not modelled.
struct DryCooler {
    static constexpr std::string_view type = "dry_cooler";
    static constexpr std::string_view doc = "Dry cooler by its rating, its air flow and fan law (simple model)";
    static constexpr Role role = Role::heat_rejection;

    template <class P>
    struct Params {
        P Q_nominal, ITD_nominal, V_flow_nominal, dp_nominal, P_fan, speed, fan_exponent, still, T_nominal,
            air_rise_share, V_flow_air;
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
                      "rated air flow at its inlet; instead of air_rise_share", above(0), not_given)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        HeatPort<S> air;
        SignalPort<S> speed_signal, powered, power;
        Unknown<S> m_flow;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "hot coolant"),
                port(&Vars::b, "b", "cooled coolant"),
                port(&Vars::air, "air", "outdoor air: an ambient"),
                port(&Vars::speed_signal, "speed_signal", "fan speed from a controller").otherwise(1.0),
                port(&Vars::powered, "powered", "1 while its supply is energised").otherwise(1.0),
                port(&Vars::power, "power", "electric power [W], for its supply").writes(1000.0),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure drop", "Pa")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const NominalPoint<P> rating{p.V_flow_nominal, p.dp_nominal, P(2.0), p.T_nominal, P(not_given), P(not_given)};
        cool(x, x.air, rating, S(heat(x, p)), S(fan_power(x, p)));
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S Q = heat(x, p), n = fan_speed(x, p);
        out.key("Q", "W", "heat taken from the coolant", Q);
        out.key("P_el", "W", "electric power of the fans", fan_power(x, p));
        out.value("n", "1", "fan speed over nominal", n);
        const S T_in = upstream(x.a.T, x.b.T, S(x.m_flow));
        out.value("T_out", "K", "coolant as it leaves, before it mixes with other flows",
                  own_outlet(x.a, x.b, S(x.m_flow), S(T_in - Q / carried_capacity(S(x.m_flow), mean_cp(x, T_in)))));
        out.value("T_air_out", "K", "air that leaves",
                  x.air.T + Q / (nominal_flows(*x.a.medium, p).air * air_flow(n, p)));
        out.power_in(fan_power(x, p));
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
    template <class S, class P>
    static S fan_speed(const Vars<S>& x, const Params<P>& p) {
        return smooth::limited(S(p.speed * x.speed_signal.value * x.powered.value), 0.0, 1.0, 1e-5);
    }
    template <class S, class P>
    static S fan_power(const Vars<S>& x, const Params<P>& p) {
        const S n = fan_speed(x, p);
        return p.P_fan * n * n * n;
    }
    template <class S, class P>
    static S air_flow(const S& n, const Params<P>& p) {
        return smooth::abs(S(p.still + (1.0 - p.still) * n), 1e-3);
    }
    // mean cp from T_in to T_air by Simpson's rule: Q is not more than the enthalpy of cooling down to T_air
    template <class S>
    static S mean_cp(const Vars<S>& x, const S& T_in) {
        const auto& liquid = *x.a.medium;
        return (liquid.cp(T_in) + 4.0 * liquid.cp(S(0.5 * (T_in + x.air.T))) + liquid.cp(x.air.T)) / 6.0;
    }
    template <class S, class P>
    static S heat(const Vars<S>& x, const Params<P>& p) {
        using std::pow;
        const auto& liquid = *x.a.medium;
        const Capacities<P> C = nominal_flows(liquid, p);
        const P UA_nominal = rated_UA(p.Q_nominal, P(0.0), C.air, p.ITD_nominal, C.coolant);
        const S f = air_flow(fan_speed(x, p), p), m = x.m_flow, T_in = upstream(x.a.T, x.b.T, m);
        const S C_coolant = carried_capacity(m, mean_cp(x, T_in));
        return counterflow_conductance(S(UA_nominal * pow(f, S(p.fan_exponent))), C_coolant, S(C.air * f), 0.0) *
               (T_in - x.air.T);
    }
};

}  // namespace kelvolt::models
