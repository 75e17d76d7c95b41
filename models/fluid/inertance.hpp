#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Inertia of the coolant in a line: flow that changes needs a pressure difference.
///   p_a - p_b = (length/A) dm_flow/dt + resistance m_flow, A = pi diameter^2/4
/// Hydraulics are quasi-steady otherwise: flows follow pumps and valves at once. One inertance in a loop stands for the
/// whole of its coolant (sum of length/A); two in series, or one in every branch of a connection, would fix each
/// other's flow and are refused as a system of higher index. The line's friction and weight belong to a pipe beside it.
struct Inertance {
    static constexpr std::string_view type = "inertance";
    static constexpr std::string_view doc = "Inertia of the coolant in a line";
    static constexpr Role role = Role::fitting;

    template <class P>
    struct Params {
        P length, diameter, resistance;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::length, "length", "m", "flow length", above(0)),
                param(&Params::diameter, "diameter", "m", "inner diameter", above(0)),
                param(&Params::resistance, "resistance", "Pa s/kg", "pressure drop per mass flow", above(0), 10.0)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        Unknown<S> m_flow;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::a, "a", "inlet"), port(&Vars::b, "b", "outlet"),
                              unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "momentum", "Pa")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S m = x.m_flow;
        const P area = 0.25 * pi * p.diameter * p.diameter;
        x.m_flow.residual = x.a.p - x.b.p - p.resistance * m - p.length / area * x.m_flow.der;
        pass_through(x.a, x.b, m, 0.0);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("dp", "Pa", "pressure drop from a to b", x.a.p - x.b.p);
        out.through(x.a.circuit, x.m_flow.value);
    }
};

}  // namespace kelvolt::models
