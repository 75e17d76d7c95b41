#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Tee: three legs that meet in one small, well-mixed volume, each with its own pressure loss.
///   p_leg - p = K rho v|v|/2 + (1 Pa s/m) v
///   M cp dT/dt = H_flow_a + H_flow_b + H_flow_c
/// v is the velocity into the tee in the bore of that leg; K is K_straight/2 for a and for b, K_branch for c. M is the
/// mass of the filling. K is the same for dividing and combining flow and does not depend on the ratio of the flows;
/// where that matters, use K at the design split. Changes of velocity head are neglected, as everywhere except in
/// manifold.hpp.
struct Tee {
    static constexpr std::string_view type = "tee";
    static constexpr std::string_view doc = "Three-way fitting with a loss in each leg";
    static constexpr Role role = Role::junction;

    template <class P>
    struct Params {
        P diameter, diameter_branch, K_straight, K_branch, volume;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::diameter, "diameter", "m", "bore of the straight legs a and b", above(0)),
                param(&Params::diameter_branch, "diameter_branch", "m", "bore of the branch c", above(0)),
                param(&Params::K_straight, "K_straight", "1", "loss from a to b, half in each leg", from(0), 0.0),
                param(&Params::K_branch, "K_branch", "1", "loss of the branch leg", from(0), 0.0),
                param(&Params::volume, "volume", "m3", "coolant volume (assumed)", above(0), 2e-5)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b, c;
        Unknown<S> m_a, m_c, p, T;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "straight leg"),
                port(&Vars::b, "b", "straight leg"),
                port(&Vars::c, "c", "branch"),
                unknown(&Vars::m_a, "m_a", "kg/s", 0.1, "flow in at a", "pressure drop of a", "Pa"),
                unknown(&Vars::m_c, "m_c", "kg/s", 0.1, "flow in at c", "pressure drop of c", "Pa").start(-0.05),
                unknown(&Vars::p, "p", "Pa_abs", 1e5, "pressure inside", "pressure drop of b", "Pa").start(2e5),
                unknown(&Vars::T, "T", "K", 10.0, "temperature inside", "energy balance", "W")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Medium& fluid = *x.a.medium;
        const S T = x.T, m_a = x.m_a, m_c = x.m_c;
        x.m_a.residual = leg(x.a, m_a, x.p.value, T, p.diameter, P(0.5 * p.K_straight));
        x.p.residual = leg(x.b, S(-m_a - m_c), x.p.value, T, p.diameter, P(0.5 * p.K_straight));
        x.m_c.residual = leg(x.c, m_c, x.p.value, T, p.diameter_branch, p.K_branch);
        x.T.residual = x.a.H_flow + x.b.H_flow + x.c.H_flow - filling(fluid, p.volume) * fluid.cp(T) * x.T.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.value("dp_straight", "Pa", "pressure drop from a to b", x.a.p - x.b.p);
        out.value("dp_branch", "Pa", "pressure drop from a to c", x.a.p - x.c.p);
        out.value("volume", "m3", "coolant volume", p.volume);
        out.coolant(x.a.circuit, *x.a.medium, filling(*x.a.medium, p.volume), x.T.value, x.T.der);
        out.through(x.a.circuit, x.m_a.value);
        out.through(x.a.circuit, x.m_c.value);
    }

   private:
    // sets the flows of a leg; returns the residual of its pressure-drop law
    template <class S, class P>
    static S leg(FluidPort<S>& at, const S& m, const S& p, const S& T, const P& diameter, const P& K) {
        const Medium& fluid = *at.medium;
        const S rho = fluid.rho(T), v = m / (rho * (0.25 * pi) * diameter * diameter);
        const auto part = smooth::split(m, m_flow_rest);
        at.m_flow = m;
        at.H_flow = part.forward * at.h() + part.backward * fluid.h(T, p);
        return at.p - p - 0.5 * K * rho * v * smooth::abs(v, 1e-3) - v;
    }
};

}  // namespace kelvolt::models
