#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Self-acting differential-pressure regulator: a valve whose stem follows the pressure difference between two taps.
///   V_flow = phi(y) Kv sqrt(1000 (p_a - p_b)/rho), phi(y) = leak + (1 - leak) y
///   tau dy/dt = wanted - y
///   throttling: wanted = 1/2 + (dp_set - dp)/band, dp = p_high - p_low, held in 0..1
///   overflow: wanted = 1/2 + (dp - dp_set)/band, held in 0..1
/// Throttling it lies in the line of a consumer and closes when the difference over the consumer rises; overflow it
/// lies in a bypass and opens then. The stem moves over its whole stroke within `band`, so that it settles with a
/// proportional offset of at most half of it. No coolant passes through the taps. Its corners are rounded over 2 % of
/// the stroke.
struct DpRegulator {
    static constexpr std::string_view type = "dp_regulator";
    static constexpr std::string_view doc = "Self-acting differential-pressure regulator, throttling or overflow";
    static constexpr Role role = Role::valve;
    enum class Acts { throttling, overflow };

    template <class P>
    struct Params {
        P Kv, dp_set, band, leak, tau, dp_max;
        Acts acts;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::Kv, "Kv", "m3/s/Pa^0.5", "flow coefficient when open (Kv or Cv)", above(0)),
                param(&Params::dp_set, "dp_set", "Pa", "difference at half stroke", above(0)),
                param(&Params::band, "band", "Pa", "change of the difference over the whole stroke", above(0)),
                param(&Params::leak, "leak", "1", "flow coefficient when shut, relative to open", between(1e-7, 0.02),
                      1e-4),
                param(&Params::tau, "tau", "s", "time constant of the stem (assumed)", above(0), 5.0),
                param(&Params::dp_max, "dp_max", "Pa", "limit of the valve's own pressure drop", above(0), not_given),
                choice(&Params::acts, "acts", "throttling: closes as the difference rises; overflow: opens",
                       {"throttling", "overflow"})};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b, high, low;
        Unknown<S> m_open, y;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::a, "a", "inlet"),
                              port(&Vars::b, "b", "outlet"),
                              port(&Vars::high, "high", "tap of the higher pressure"),
                              port(&Vars::low, "low", "tap of the lower pressure"),
                              unknown(&Vars::m_open, "m_open", "kg/s", 0.1,
                                      "flow through the open valve at this pressure drop", "pressure drop", "Pa"),
                              unknown(&Vars::y, "y", "1", 1.0, "stem position", "stem", "1").start(0.5)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S m = (p.leak + (1.0 - p.leak) * x.y.value) * x.m_open.value;
        x.m_open.residual =
            x.a.p - x.b.p - coefficient_drop(S(x.m_open), S(x.a.medium->rho(upstream(x.a.T, x.b.T, m))), p.Kv);
        pass_through(x.a, x.b, m, 0.0);
        const S above = (x.high.p - x.low.p - p.dp_set) / p.band;
        const S wanted = 0.5 + (p.acts == Acts::overflow ? above : S(-above));
        x.y.residual = hold(wanted) - x.y.value - p.tau * x.y.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.key("m_flow", "kg/s", "mass flow from a to b", x.a.m_flow);
        out.key("dp", "Pa", "pressure drop from a to b", x.a.p - x.b.p);
        out.key("dp_regulated", "Pa", "difference between the taps", x.high.p - x.low.p);
        out.at_most("valve_dp", "pressure drop of the valve", "Pa", smooth::abs(S(x.a.p - x.b.p), 0.0), p.dp_max,
                    "valve rating");
        out.through(x.a.circuit, x.a.m_flow);
    }

   private:
    template <class S>
    static S hold(const S& x) {
        return smooth::held(x, 0.01, 0.99, 0.02);  // constant from 0 downwards and from 1 upwards
    }
};

}  // namespace kelvolt::models
