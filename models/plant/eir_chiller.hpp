#pragma once

#include <fmt/format.h>

#include <array>

#include "models/plant/simple_model.hpp"

namespace kelvolt::models {

/// Chiller by the curves of DOE-2 (Chiller:Electric:EIR of EnergyPlus), of equal units in parallel.
///   Q = min(C max(T_in - T_set, 0), Q_available), C = cp |m_flow|, T_out = T_in - Q/C
///   Q_available = running Q_nominal cap(t_set, t_cond) powered unloading
///   P_el = Q max(eir(t_set, t_cond)/COP_nominal part(PLR)/PLR, T_hot/T_out - 1) + running P_base powered
///   cap, eir = c1 + c2 t_set + c3 t_set^2 + c4 t_cond + c5 t_cond^2 + c6 t_set t_cond, in degC
///   part = c1 + c2 PLR + c3 PLR^2, PLR = max(Q/Q_available, PLR_min)
///   dp = dp_nominal (V_flow/V_flow_nominal)^2 rho/rho_nominal, the condenser's likewise
/// t_set is the leaving temperature wanted, t_cond the temperature that enters the condenser: water, or the outdoor
/// air. Below PLR_min the machine cycles at PLR_min. Temperatures outside the range of the curves are held at its
/// bounds, and flagged. Unloading falls from 1 to 0 over 5 K above T_condenser_max (high condensing pressure). T_hot is
/// the water that leaves the condenser, or the air: the second term in the maximum is Carnot's limit. Q + P_el leaves
/// by the condenser. With reversed flow the same holds from b to a. Delays of a restart are not modelled.
/// Source: DOE-2; EnergyPlus Engineering Reference, Chiller:Electric:EIR.
template <template <class> class Sides>
struct EirChillerOf {
    static constexpr Role role = Role::chiller;
    template <class S>
    using Vars = Sides<S>;
    static constexpr bool by_water = Vars<double>::by_water;

    template <class P>
    struct Params {
        P Q_nominal, COP_nominal, T_set, V_flow_nominal, dp_nominal, V_flow_condenser, dp_condenser;
        P cap_1, cap_2, cap_3, cap_4, cap_5, cap_6, eir_1, eir_2, eir_3, eir_4, eir_5, eir_6, part_1, part_2, part_3;
        P PLR_min, T_set_lo, T_set_hi, T_cond_lo, T_cond_hi, T_condenser_max, P_base, units;
        static constexpr auto declare() {
            if constexpr (by_water)
                return std::tuple_cat(machine(), curves(), condenser());
            else
                return std::tuple_cat(machine(), curves());
        }
        static constexpr auto machine() {
            return std::tuple{
                param(&Params::Q_nominal, "Q_nominal", "W", "reference capacity of one unit", above(0)),
                param(&Params::COP_nominal, "COP_nominal", "1", "reference COP", above(0)),
                param(&Params::T_set, "T_set", "K", "temperature wanted at b", between(250, 350)),
                param(&Params::V_flow_nominal, "V_flow_nominal", "m3/s", "rated coolant flow of one unit", above(0)),
                param(&Params::dp_nominal, "dp_nominal", "Pa", "evaporator's pressure drop at rated flow", above(0)),
                param(&Params::PLR_min, "PLR_min", "1", "part load below which it cycles", between(0.01, 1), 0.1),
                param(&Params::T_condenser_max, "T_condenser_max", "K",
                      "water out of the condenser, or air, above which it unloads (assumed)", between(290, 380),
                      323.15),
                param(&Params::P_base, "P_base", "W", "controls of one unit while powered", from(0), 0.0),
                param(&Params::units, "units", "1", "equal units in parallel", between(1, 1000), 1.0).counts()};
        }
        static constexpr auto condenser() {
            return std::tuple{param(&Params::V_flow_condenser, "V_flow_condenser", "m3/s",
                                    "rated condenser flow of one unit", above(0)),
                              param(&Params::dp_condenser, "dp_condenser", "Pa",
                                    "condenser's pressure drop at rated flow", above(0))};
        }
        static constexpr auto curves() {
            const std::string_view cap = "coefficient of the capacity curve", eir = "coefficient of the power curve",
                                   part = "coefficient of the part-load curve";
            return std::tuple{param(&Params::cap_1, "cap_1", "1", cap, any()),
                              param(&Params::cap_2, "cap_2", "1", cap, any()),
                              param(&Params::cap_3, "cap_3", "1", cap, any()),
                              param(&Params::cap_4, "cap_4", "1", cap, any()),
                              param(&Params::cap_5, "cap_5", "1", cap, any()),
                              param(&Params::cap_6, "cap_6", "1", cap, any()),
                              param(&Params::eir_1, "eir_1", "1", eir, any()),
                              param(&Params::eir_2, "eir_2", "1", eir, any()),
                              param(&Params::eir_3, "eir_3", "1", eir, any()),
                              param(&Params::eir_4, "eir_4", "1", eir, any()),
                              param(&Params::eir_5, "eir_5", "1", eir, any()),
                              param(&Params::eir_6, "eir_6", "1", eir, any()),
                              param(&Params::part_1, "part_1", "1", part, any()),
                              param(&Params::part_2, "part_2", "1", part, any()),
                              param(&Params::part_3, "part_3", "1", part, any()),
                              param(&Params::T_set_lo, "T_set_lo", "K",
                                    "lowest leaving temperature of the curves (assumed)", between(230, 380), 278.15),
                              param(&Params::T_set_hi, "T_set_hi", "K",
                                    "highest leaving temperature of the curves (assumed)", between(230, 380), 303.15),
                              param(&Params::T_cond_lo, "T_cond_lo", "K",
                                    "lowest temperature into the condenser (assumed)", between(230, 380), 285.15),
                              param(&Params::T_cond_hi, "T_cond_hi", "K",
                                    "highest temperature into the condenser (assumed)", between(230, 380), 313.15)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Work<S> w = work(x, p);
        const NominalPoint<P> rating{p.V_flow_nominal, p.dp_nominal, P(2.0), p.T_set, P(not_given), P(not_given)};
        cool_coolant(x.a, x.b, x.m_flow, rating, w.Q, w.units);
        x.power.equation = x.power.value - w.P_el;
        if constexpr (by_water) {
            const NominalPoint<P> there{p.V_flow_condenser, p.dp_condenser, P(2.0),
                                        P(303.15),          P(not_given),   P(not_given)};
            cool_coolant(x.condenser_a, x.condenser_b, x.m_condenser, there, S(-w.Q - w.P_el), w.units);
            const S C = carried_capacity(S(x.m_condenser), x.condenser_a.medium->cp(S(x.T_condenser)));
            x.T_condenser.residual = C * (x.T_condenser.value - entering(x)) - w.Q - w.P_el;
        } else {
            x.outside.Q_flow = -(w.Q + w.P_el);
        }
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Work<S> w = work(x, p);
        const S T_cond = entering(x);
        out.key("Q", "W", "heat taken from the coolant", w.Q);
        out.key("P_el", "W", "electric power", w.P_el);
        out.value("Q_condenser", "W", "heat that leaves by the condenser", w.Q + w.P_el);
        out.value("COP", "1", "heat over power, base load left out", 1.0 / w.power_share);
        out.value("PLR", "1", "heat over available capacity", w.PLR);
        out.value("units_running", "1", "units that run", w.units);
        out.value("T_out", "K", "coolant as it leaves, before it mixes with other flows",
                  own_outlet(x.a, x.b, S(x.m_flow), w.T_out));
        out.at_most("chiller_capacity", "heat taken from the coolant", "W", w.Q, 0.999 * w.available, "capacity");
        out.at_most("chiller_condenser", by_water ? "water out of the condenser" : "outdoor air", "K", leaving(x),
                    p.T_condenser_max, "T_condenser_max");
        constexpr std::string_view source = "curves of the chiller", held = "held at its bound";
        out.within("leaving temperature of the chiller's curves", "K", p.T_set, value(p.T_set_lo), value(p.T_set_hi),
                   source, held);
        out.within("condenser inlet of the chiller's curves", "K", T_cond, value(p.T_cond_lo), value(p.T_cond_hi),
                   source, held);
        out.power_in(w.P_el);
        out.through(x.a.circuit, x.m_flow.value);
        if constexpr (by_water) out.through(x.condenser_a.circuit, x.m_condenser.value);
    }
    /// Ranges in order; at the upper ends of the ranges there must be a capacity.
    static std::string problem(const Params<double>& p) {
        if (!(p.T_set_lo < p.T_set_hi)) return "T_set_lo must be below T_set_hi";
        if (!(p.T_cond_lo < p.T_cond_hi)) return "T_cond_lo must be below T_cond_hi";
        return {};
    }

   private:
    template <class S>
    struct Work {
        S units, Q, available, PLR, T_out, power_share, P_el;  ///< power_share: power over heat
    };
    template <class S>
    static S entering(const Vars<S>& x) {
        if constexpr (by_water)
            return upstream(x.condenser_a.T, x.condenser_b.T, S(x.m_condenser));
        else
            return x.outside.T;
    }
    template <class S>
    static S leaving(const Vars<S>& x) {
        if constexpr (by_water)
            return x.T_condenser.value;
        else
            return x.outside.T;
    }
    template <class S, class P>
    static S biquadratic(const std::array<P, 6>& c, const S& u, const S& v) {
        return c[0] + u * (c[1] + u * c[2]) + v * (c[3] + v * c[4]) + c[5] * u * v;
    }
    template <class S, class P>
    static Work<S> work(const Vars<S>& x, const Params<P>& p) {
        constexpr double zero = 273.15;
        Work<S> w;
        w.units = running_units(S(x.running.value), p.units);
        const S t_set = smooth::limited(S(p.T_set), p.T_set_lo, p.T_set_hi, 0.02) - zero,
                t_cond = smooth::limited(entering(x), p.T_cond_lo, p.T_cond_hi, 0.02) - zero;
        const std::array cap{p.cap_1, p.cap_2, p.cap_3, p.cap_4, p.cap_5, p.cap_6},
            eir{p.eir_1, p.eir_2, p.eir_3, p.eir_4, p.eir_5, p.eir_6};
        const S unloading = 1.0 - smooth::step(S(leaving(x) - p.T_condenser_max), 0.0, 5.0),
                able = w.units * p.Q_nominal * smooth::max(biquadratic(cap, t_set, t_cond), 0.01, 1e-3);
        w.available = able * unloading;
        const S T_in = upstream(x.a.T, x.b.T, S(x.m_flow));
        const S C = carried_capacity(S(x.m_flow), S(x.a.medium->cp(S(0.5 * (T_in + p.T_set)))));
        w.Q = lesser(S(C * smooth::positive(S(T_in - p.T_set), 1e-3)), S(w.available * x.powered.value),
                     1e-12 * value(p.Q_nominal));
        w.T_out = T_in - w.Q / C;
        w.PLR = w.Q / able;
        const S PLR = smooth::max(w.PLR, p.PLR_min, 1e-4),
                part = smooth::max(S(p.part_1 + PLR * (p.part_2 + PLR * p.part_3)), 0.01, 1e-3) / PLR;
        const S stated = smooth::max(biquadratic(eir, t_set, t_cond), 0.05, 1e-3) / p.COP_nominal * part;
        w.power_share = smooth::max(stated, S(leaving(x) / w.T_out - 1.0), 1e-4);
        w.P_el = w.Q * w.power_share + w.units * p.P_base * x.powered.value;
        return w;
    }
};

/// Ports of a chiller whose condenser is cooled by water.
template <class S>
struct WaterCooledSides {
    static constexpr bool by_water = true;
    FluidPort<S> a, b, condenser_a, condenser_b;
    SignalPort<S> running, powered, power;
    Unknown<S> m_flow, m_condenser, T_condenser;
    static constexpr auto declare() {
        using V = WaterCooledSides;
        return std::tuple{port(&V::a, "a", "warm coolant"),
                          port(&V::b, "b", "cooled coolant"),
                          port(&V::condenser_a, "condenser_a", "condenser inlet").circuit(1),
                          port(&V::condenser_b, "condenser_b", "condenser outlet").circuit(1),
                          port(&V::running, "running", "units that run, from a stager").otherwise(all_units),
                          port(&V::powered, "powered", "1 while its supply is energised").otherwise(1.0),
                          port(&V::power, "power", "electric power [W], for its supply").writes(1e4),
                          unknown(&V::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure drop", "Pa"),
                          unknown(&V::m_condenser, "m_condenser", "kg/s", 0.1, "condenser flow from a to b",
                                  "condenser pressure drop", "Pa"),
                          unknown(&V::T_condenser, "T_condenser", "K", 10.0, "water that leaves the condenser",
                                  "energy balance of the condenser", "W")};
    }
};
/// Ports of a chiller whose condenser is cooled by outdoor air; the power of its fans is in that of the curves.
template <class S>
struct AirCooledSides {
    static constexpr bool by_water = false;
    FluidPort<S> a, b;
    HeatPort<S> outside;
    SignalPort<S> running, powered, power;
    Unknown<S> m_flow;
    static constexpr auto declare() {
        using V = AirCooledSides;
        return std::tuple{port(&V::a, "a", "warm coolant"),
                          port(&V::b, "b", "cooled coolant"),
                          port(&V::outside, "outside", "outdoor air: an ambient"),
                          port(&V::running, "running", "units that run, from a stager").otherwise(all_units),
                          port(&V::powered, "powered", "1 while its supply is energised").otherwise(1.0),
                          port(&V::power, "power", "electric power [W], for its supply").writes(1e4),
                          unknown(&V::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure drop", "Pa")};
    }
};

struct WaterCooledChiller : EirChillerOf<WaterCooledSides> {
    static constexpr std::string_view type = "water_cooled_chiller";
    static constexpr std::string_view doc = "Chiller by EIR curves, condenser in a water circuit";
};
struct AirCooledChiller : EirChillerOf<AirCooledSides> {
    static constexpr std::string_view type = "air_cooled_chiller";
    static constexpr std::string_view doc = "Chiller by EIR curves, condenser in the outdoor air";
};

}  // namespace kelvolt::models
