#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Control valve with inherent characteristic, leak and actuator.
///   V_flow = phi(y) Kv sqrt(1000 dp/rho)
///   stroke_time dy/dt = z/sqrt(1 + z^2), z = 20 (demand - y)
///   demand = opening position, within 0 and 1
/// phi(y) is the flow coefficient relative to the open valve (correlations/valve.hpp); at y = 0 it is `leak`. The stem
/// y follows the demand at up to one stroke per stroke_time, and settles
/// exponentially within the last twentieth of a stroke. The unknown m_open is the flow that the same pressure drop
/// would drive through the open valve, so that a closed valve is as easy to solve as an open one.
/// Source: IEC 60534-1, 60534-2-4.
struct Valve {
    static constexpr std::string_view type = "valve";
    static constexpr std::string_view doc = "Control valve with characteristic, leak and actuator";
    static constexpr Role role = Role::valve;

    template <class P>
    struct Params {
        P Kv, leak, rangeability, opening, stroke_time, dp_max;
        Characteristic characteristic;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::Kv, "Kv", "m3/s/Pa^0.5", "flow coefficient when open (Kv or Cv)", above(0)),
                param(&Params::leak, "leak", "1", "flow coefficient when shut, relative to open", between(1e-7, 0.02)),
                param(&Params::rangeability, "rangeability", "1", "R of equal_percentage", above(1), 50.0),
                param(&Params::opening, "opening", "1", "demanded opening; multiplies `position`", between(0, 1), 1.0),
                param(&Params::stroke_time, "stroke_time", "s", "time of a full stroke (assumed)", above(0), 60.0),
                param(&Params::dp_max, "dp_max", "Pa", "limit of the pressure drop, either way (assumed: PN 16)",
                      above(0), 16e5),
                choice(&Params::characteristic, "characteristic", "inherent characteristic",
                       {"linear", "equal_percentage"})};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        SignalPort<S> position;
        Unknown<S> m_open, y;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "inlet"), port(&Vars::b, "b", "outlet"),
                port(&Vars::position, "position", "demanded opening 0 to 1, from a controller").otherwise(1.0),
                unknown(&Vars::m_open, "m_open", "kg/s", 0.1, "flow through the open valve at this pressure drop",
                        "pressure drop", "Pa"),
                unknown(&Vars::y, "y", "1", 1.0, "stem position", "actuator", "1").start(0.5)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        using std::sqrt;
        const S m_open = x.m_open, y = x.y, m = phi(y, p) * m_open;
        x.m_open.residual =
            x.a.p - x.b.p - coefficient_drop(m_open, S(x.a.medium->rho(upstream(x.a.T, x.b.T, m))), p.Kv);
        pass_through(x.a, x.b, m, 0.0);
        // far from the demand at full speed, near it as a first-order lag
        const S demand = p.opening * x.position.value, least(0.0), most(1.0);
        const S open = select(demand < least, least, select(most < demand, most, demand));
        const S g = 20.0 * (open - y);
        x.y.residual = g / sqrt(S(1.0 + g * g)) - p.stroke_time * x.y.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.key("m_flow", "kg/s", "mass flow from a to b", x.a.m_flow);
        out.key("dp", "Pa", "pressure drop from a to b", x.a.p - x.b.p);
        out.value("relative_Kv", "1", "flow coefficient relative to open", phi(S(x.y), p));
        out.at_most("valve_dp", "pressure drop of the valve", "Pa", larger(S(x.a.p - x.b.p), S(x.b.p - x.a.p)),
                    p.dp_max, "valve rating");
        out.within("demanded opening", "1", settled_demand(S(p.opening * x.position.value), 0.0, 1.0), 0.0, 1.0,
                   "stroke of the valve; correct opening or its signal", "it holds the nearest end");
        out.through(x.a.circuit, x.a.m_flow);
    }
    /// Closed, and its demand closed, too.
    static bool separates(const Vars<double>& x, const Params<double>& p) {
        constexpr double shut = 1e-3;
        return p.opening * x.position.value < shut && x.y.value < shut;
    }
    static std::string problem(const Params<double>& p) {
        if (p.characteristic == Characteristic::equal_percentage && p.leak * p.rangeability >= 1.0)
            return "leak must lie below 1/rangeability, or the valve would pass more shut than nearly shut";
        return {};
    }

   private:
    template <class S, class P>
    static S phi(const S& y, const Params<P>& p) {
        return relative_opening(y, p.rangeability, p.leak, p.characteristic);
    }
};

}  // namespace kelvolt::models
