#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/plant/simple_model.hpp"
#include "solver/model/curve.hpp"

namespace kelvolt::models {

/// Chiller, simple model: brings the coolant from a to T_set at b as far as its capacity reaches, and rejects that heat
/// and its own power to `outside`. Q = C (T_in - T_set) kept within 0 and Q_max * powered, C = cp |m|.
/// COP: the curve against outdoor temperature where given, else carnot_share T_b/(T_out + lift - T_b), lift the
/// condenser above the outdoor air, the difference never below 5 K. P = Q/COP + P_base * powered; drop
/// dp_nominal (V/V_nominal)^2. No part-load curve, no compressor limits, no restart.
struct Chiller {
    static constexpr std::string_view type = "chiller";
    static constexpr std::string_view doc = "Chiller by capacity and COP (simple model)";

    template <class P>
    struct Params {
        P Q_max, T_set, carnot_share, lift, P_base, V_flow_nominal, dp_nominal;
        const Curve* cop;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::Q_max, "Q_max", "W", "cooling capacity", above(0)),
                param(&Params::T_set, "T_set", "K", "temperature wanted at b", above(0)),
                param(&Params::carnot_share, "carnot_share", "1", "COP over that of Carnot (assumed)", between(0.05, 1),
                      0.5),
                param(&Params::lift, "lift", "delta_K", "condenser above the outdoor air (assumed)", from(0), 12.0),
                param(&Params::P_base, "P_base", "W", "controls and condenser fans while powered", from(0), 0.0),
                param(&Params::V_flow_nominal, "V_flow_nominal", "m3/s", "rated coolant flow", above(0)),
                param(&Params::dp_nominal, "dp_nominal", "Pa", "pressure drop at rated flow", above(0)),
                optional_curve(&Params::cop, "cop", "K", "1", "COP against outdoor temperature")};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        HeatPort<S> outside;
        SignalPort<S> powered, power;
        Unknown<S> m_flow;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::a, "a", "warm coolant"),
                              port(&Vars::b, "b", "cooled coolant"),
                              port(&Vars::outside, "outside", "outdoor air: an ambient"),
                              port(&Vars::powered, "powered", "1 while its supply is energised").otherwise(1.0),
                              port(&Vars::power, "power", "electric power [W], for its supply").writes(1e4),
                              unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure drop")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S Q = heat(x, p);
        const NominalPoint<P> rating{p.V_flow_nominal, p.dp_nominal, P(2.0), p.T_set, P(not_given), P(not_given)};
        cool(x, x.outside, rating, Q, S(power(x, p, Q)));
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S Q = heat(x, p), P_el = power(x, p, Q);
        out.key("Q", "W", "heat taken from the coolant", Q);
        out.key("P_el", "W", "electric power", P_el);
        out.value("COP", "1", "heat over power, base load left out", cop(x, p));
        out.value("T_out", "K", "coolant at b", x.b.T);
        out.at_most("chiller_capacity", "heat taken from the coolant", "W", Q, 0.999 * p.Q_max, "capacity");
        out.power_in(P_el);
        out.through(x.a.circuit, x.m_flow.value);
        flag_simple(out, "by capacity and COP alone");
    }

   private:
    template <class S, class P>
    static S heat(const Vars<S>& x, const Params<P>& p) {
        const S m = x.m_flow, C = x.a.medium->cp(p.T_set) * smooth::abs(m, 1e-3);
        const S wanted = C * (upstream(x.a.T, x.b.T, m) - p.T_set);
        const double width = 1e-4 * value(p.Q_max);
        return smooth::min(S(smooth::positive(wanted, width)), S(p.Q_max * x.powered.value), width);
    }
    template <class S, class P>
    static S cop(const Vars<S>& x, const Params<P>& p) {
        if (p.cop) return smooth::max(S((*p.cop)(S(x.outside.T))), 0.5, 1e-3);
        return p.carnot_share * x.b.T / smooth::max(S(x.outside.T + p.lift - x.b.T), 5.0, 0.1);
    }
    template <class S, class P>
    static S power(const Vars<S>& x, const Params<P>& p, const S& Q) {
        return Q / cop(x, p) + p.P_base * x.powered.value;
    }
};

}  // namespace kelvolt::models
