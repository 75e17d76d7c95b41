#pragma once

#include "models/correlations/friction.hpp"
#include "models/ports.hpp"

namespace kelvolt::models {

/// Rack or row manifold, one cell per way: a section of header from `a` to its take-off `branch`, and on to `b`.
///   p_a - p = (f(Re, eps) L/d + K) rho v_a|v_a|/2 + rho(T) g rise
///   p_b - p = k rho (v_a^2 - v_b^2)
///   p_branch - p = k rho (v_a^2 - v_b^2)/2 - (1 Pa s/m) v_branch
///   M cp dT/dt = H_flow_a + H_flow_b + H_flow_branch + m_a v_a^2/2 - m_b v_b^2/2 - m_a g rise
/// p is the pressure in the header before the take-off; L, K (minor_loss) and the mass M of the filling are those of
/// one cell, rise is the height of its take-off and of b above a, d is diameter, eps roughness/diameter. v_a and v_b
/// are velocities from a to b, v_branch is the flow out of the branch over the area of the header, m_a and m_b the mass
/// flows in at a and out at b. k is k_dividing while coolant leaves by the branch and k_combining while it enters
/// there, for both directions of flow in the header: the pressure rises along a dividing header and falls along a
/// combining one. The loss of turning into the branch belongs to what is connected there. Bajura & Jones write dp/dx =
/// -theta rho V dV/dx, with theta = 2 k for the header. A momentum balance without losses has k = 1. Kinetic energy
/// limits k_dividing to at most and k_combining to at least 3/4, if the coolant in the branch is slow. The coolant of a
/// cell is well mixed at T and its walls are insulated. Its energy balance counts the kinetic energy at a and b, which
/// other components do not: it enters and leaves the system there as power. Close the far end with model: volume.
/// Source: Bajura & Jones, Flow distribution manifolds, J. Fluids Eng. 98(4), 1976, 654-666.
struct Manifold {
    static constexpr std::string_view type = "manifold";
    static constexpr std::string_view doc = "Rack or row manifold, one cell per way, with friction and momentum";
    static constexpr Role role = Role::header;
    static constexpr bool in_lanes = true;

    template <class P>
    struct Params {
        P length, diameter, roughness, minor_loss, rise, f, C, k_dividing, k_combining, velocity_max, cells;
        Friction friction;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::length, "length", "m", "length of all cells", above(0)),
                param(&Params::diameter, "diameter", "m", "inner (hydraulic) diameter", above(0)),
                param(&Params::roughness, "roughness", "m", "wall roughness", from(0), 1.5e-6),
                param(&Params::minor_loss, "minor_loss", "1", "sum of the K of passages past all take-offs", from(0),
                      0.0),
                param(&Params::rise, "rise", "m", "height of the end b above a", between(-1000, 1000), 0.0),
                param(&Params::f, "f", "1", "Darcy friction factor, for friction: fixed", above(0), 0.02),
                param(&Params::C, "C", "1", "coefficient, for friction: hazen_williams", between(20, 200), 130.0),
                param(&Params::k_dividing, "k_dividing", "1",
                      "momentum regained past a branch that takes coolant (assumed 0.4 to 0.6)", between(0, 0.75),
                      0.525),
                param(&Params::k_combining, "k_combining", "1",
                      "momentum given to coolant that a branch brings (assumed 1.0 to 1.4)", between(0.75, 2), 1.33),
                param(&Params::velocity_max, "velocity_max", "m/s", "limit of the mean velocity", above(0), not_given),
                param(&Params::cells, "cells", "1", "number of ways (set by the builder)", from(1), 1.0),
                choice(&Params::friction, "friction", "friction law", friction_names)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b, branch;
        Unknown<S> m_flow, m_branch, T;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "end at which ways are counted from 1").chain(Chain::forward_in),
                port(&Vars::b, "b", "far end").chain(Chain::forward_out),
                port(&Vars::branch, "branch", "take-off").way(),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow in at a", "momentum along the header", "Pa"),
                unknown(&Vars::m_branch, "m_branch", "kg/s", 0.1, "mass flow out at the branch",
                        "pressure at the branch", "Pa"),
                unknown(&Vars::T, "T", "K", 10.0, "coolant temperature", "energy balance", "W")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Medium& fluid = *x.a.medium;
        const S &m = x.m_flow, &out = x.m_branch, &T = x.T, on = m - out;
        const P per_cell = 1.0 / p.cells, lifted = gravity * p.rise * per_cell;
        const Duct<P> duct{p.length * per_cell, p.diameter, p.roughness, p.minor_loss * per_cell, P(0.0), p.f, p.C,
                           p.friction};
        const auto drop = [&](const auto& m, const auto& T) {
            const auto rho = fluid.rho(T);
            return duct_drop(m, rho, fluid.mu(T), duct) + rho * lifted;
        };
        const S at_end = x.a.p - with_few_derivatives<P>(drop, m, T), rise = momentum(m, out, S(fluid.rho(T)), p);
        x.m_flow.residual = at_end + rise - x.b.p;
        x.m_branch.residual = at_end + 0.5 * rise - x.branch.p - out / (fluid.rho(T) * area(p));
        const S H = enters(x.a, m, T) + enters(x.b, S(-on), T) + enters(x.branch, S(-out), T);
        x.T.residual =
            H + kinetic(m, on, S(fluid.rho(T)), p) - m * lifted - filling(fluid, volume(p)) * fluid.cp(T) * x.T.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Medium& fluid = *x.a.medium;
        const S m = x.m_flow, rho = fluid.rho(S(x.T)), v = m / (rho * area(p));
        out.key("dp", "Pa", "pressure drop from a to b", x.a.p - x.b.p);
        out.value("dp_momentum", "Pa", "pressure rise from a to b by momentum", momentum(m, S(x.m_branch), rho, p));
        out.value("velocity", "m/s", "mean velocity at a", v);
        out.value("Re", "1", "Reynolds number at a", rho * v * p.diameter / fluid.mu(S(x.T)));
        out.value("volume", "m3", "coolant volume", volume(p));
        out.at_most("velocity", "mean velocity", "m/s", smooth::abs(v, 0.0), p.velocity_max, "design rule");
        out.within("coolant temperature", "K", x.T, fluid.T_min, fluid.T_max, fluid.source, fluid.beyond(S(x.T)));
        out.coolant(x.a.circuit, fluid, filling(fluid, volume(p)), x.T.value, x.T.der);
        out.value("rise", "m", "height of the take-off and of b above a", p.rise / p.cells);
        out.power_in(kinetic(m, S(m - x.m_branch), rho, p) - m * gravity * p.rise / p.cells);
        out.through(x.a.circuit, m);
        out.through(x.a.circuit, x.m_branch.value);
    }

   private:
    template <class P>
    static P area(const Params<P>& p) {
        return 0.25 * pi * p.diameter * p.diameter;
    }
    template <class P>
    static P volume(const Params<P>& p) {
        return area(p) * p.length / p.cells;
    }
    // k rho (v_a^2 - v_b^2) of the flow m at a, of which `out` leaves by the branch
    template <class S, class P>
    static S momentum(const S& m, const S& out, const S& rho, const Params<P>& p) {
        const auto part = smooth::split(out, m_flow_rest);
        const P A = area(p);
        return (p.k_dividing * part.forward + p.k_combining * part.backward) * (2.0 * m - out) / (rho * (A * A));
    }
    // kinetic energy that the flow m brings at a and the flow `on` takes away at b
    template <class S, class P>
    static S kinetic(const S& m, const S& on, const S& rho, const Params<P>& p) {
        const P A = area(p);
        return 0.5 * (m * m * m - on * on * on) / (rho * rho * (A * A));
    }
    // sets the flows of a port; returns the enthalpy that enters there
    template <class S>
    static S enters(FluidPort<S>& at, const S& m, const S& T) {
        const auto part = smooth::split(m, m_flow_rest);
        at.m_flow = m;
        at.H_flow = part.forward * at.h() + part.backward * at.medium->h(T, at.p);
        return at.H_flow;
    }
};

}  // namespace kelvolt::models
