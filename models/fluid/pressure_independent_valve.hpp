#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Pressure-independent control valve: a control valve whose pressure drop a regulator inside keeps constant. Without a
/// signal it is an automatic flow limiter.
///   V_flow = phi(y) V_nominal g(dp/dp_min)
///   g(r) = sqrt(r) below 1, 1 + droop (r - 1)/(dp_max/dp_min - 1) above
///   phi(y) = leak + (1 - leak) y
///   stroke_time dy/dt = z/sqrt(1 + z^2), z = 20 (opening position - y)
/// Below dp_min the regulator is fully open and the valve is a fixed resistance, also backwards. The corner of g is
/// rounded: at dp_min the flow is 1 % below the nominal, from 1.1 dp_min on it is within 0.1 %. `droop` is the flow
/// gained from dp_min to dp_max (assumed, manufacturers state 5 to 10 % of deviation).
struct PressureIndependentValve {
    static constexpr std::string_view type = "pressure_independent_valve";
    static constexpr std::string_view doc = "Pressure-independent control valve, or automatic flow limiter";
    static constexpr Role role = Role::valve;

    template <class P>
    struct Params {
        P V_nominal, dp_min, dp_max, droop, leak, opening, stroke_time;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::V_nominal, "V_nominal", "m3/s", "flow when open, as set", above(0)),
                param(&Params::dp_min, "dp_min", "Pa", "pressure drop from which it regulates", above(0)),
                param(&Params::dp_max, "dp_max", "Pa", "largest pressure drop (assumed)", above(0), 4e5),
                param(&Params::droop, "droop", "1", "relative gain of flow up to dp_max (assumed)", between(1e-3, 0.5),
                      0.05),
                param(&Params::leak, "leak", "1", "flow when shut, relative to open", between(1e-6, 0.02), 1e-4),
                param(&Params::opening, "opening", "1", "demanded opening; multiplies `position`", between(0, 1), 1.0),
                param(&Params::stroke_time, "stroke_time", "s", "time of a full stroke (assumed)", above(0), 60.0)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        SignalPort<S> position;
        Unknown<S> m_flow, y;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "inlet"), port(&Vars::b, "b", "outlet"),
                port(&Vars::position, "position", "demanded opening 0 to 1, from a controller").otherwise(1.0),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "flow law", "kg/s"),
                unknown(&Vars::y, "y", "1", 1.0, "stem position", "actuator", "1").start(0.5)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        using std::sqrt;
        const S m = x.m_flow, y = x.y, phi = p.leak + (1.0 - p.leak) * y;
        const S rho = x.a.medium->rho(upstream(x.a.T, x.b.T, m));
        x.m_flow.residual = m - rho * p.V_nominal * phi * share(S((x.a.p - x.b.p) / p.dp_min), p);
        pass_through(x.a, x.b, m, 0.0);
        const S z = 20.0 * (p.opening * x.position.value - y);
        x.y.residual = z / sqrt(S(1.0 + z * z)) - p.stroke_time * x.y.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S dp = x.a.p - x.b.p;
        out.key("dp", "Pa", "pressure drop from a to b", dp);
        out.key("V_flow", "m3/s", "flow from a to b",
                x.m_flow.value / x.a.medium->rho(upstream(x.a.T, x.b.T, S(x.m_flow))));
        out.at_least("regulating_dp", "pressure drop of the valve", "Pa", dp, p.dp_min, "from here on it regulates");
        out.at_most("valve_dp", "pressure drop of the valve", "Pa", dp, p.dp_max, "valve rating");
        out.through(x.a.circuit, x.m_flow.value);
    }
    static bool separates(const Vars<double>& x, const Params<double>& p) {
        constexpr double shut = 1e-3;
        return p.opening * x.position.value < shut && x.y.value < shut;
    }
    static std::string problem(const Params<double>& p) {
        return p.dp_max > p.dp_min ? "" : "dp_max must be above dp_min";
    }

   private:
    // g: the root, odd and rounded at rest; the smaller of it and 1; and the droop
    template <class S, class P>
    static S share(const S& r, const Params<P>& p) {
        using std::sqrt;
        constexpr double rest = 1e-3;
        const S root = r / sqrt(sqrt(S(r * r + rest * rest)));
        const S over = smooth::ramp(S(r - 1.0), S(0.05));
        return smooth::min(root, S(1.0), 0.02) + p.droop * over / (p.dp_max / p.dp_min - 1.0);
    }
};

}  // namespace kelvolt::models
