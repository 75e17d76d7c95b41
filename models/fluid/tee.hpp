#pragma once

#include "models/correlations/junction.hpp"
#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Tee: three legs that meet in one small, well-mixed volume, each with its own pressure loss.
///   loss fixed: p_leg - p = K rho v|v|/2 + (1 Pa s/m) v
///   loss idelchik: p_leg - p = zeta rho v_all^2/2 + (1 Pa s/m) v
///   M cp dT/dt = H_flow_a + H_flow_b + H_flow_c
/// v is the velocity into the tee in the bore of that leg; K is K_straight/2 for a and for b, K_branch for c. M is the
/// mass of the filling. Fixed, K is the same for dividing and combining flow and does not depend on the ratio of the
/// flows. By Idelchik (correlations/junction.hpp), v_all is the velocity in the leg that carries the whole flow, zeta
/// is zero there, and in the others depends on the ratios of flows and areas, on `angle` between the branch c and the
/// leg b, and on the flow dividing (zeta below zero) or combining (above). Where c carries the whole flow, zeta of a
/// and b is K_branch. Where the flow of a leg passes through zero, the cases are blended over 1 % of the whole flow.
/// Changes of velocity head are neglected, as everywhere except in manifold.hpp.
struct Tee {
    static constexpr std::string_view type = "tee";
    static constexpr std::string_view doc = "Three-way fitting with a loss in each leg";
    static constexpr Role role = Role::junction;
    enum class Loss { fixed, idelchik };

    template <class P>
    struct Params {
        P diameter, diameter_branch, K_straight, K_branch, angle, volume;
        Loss loss;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::diameter, "diameter", "m", "bore of the straight legs a and b", above(0)),
                param(&Params::diameter_branch, "diameter_branch", "m", "bore of the branch c", above(0)),
                param(&Params::K_straight, "K_straight", "1", "loss from a to b, half in each leg", from(0), 0.0),
                param(&Params::K_branch, "K_branch", "1", "loss of the branch leg", from(0), 0.0),
                param(&Params::angle, "angle", "rad", "between the branch c and the straight leg b, for loss: idelchik",
                      between(0, pi), 0.5 * pi),
                param(&Params::volume, "volume", "m3", "coolant volume (assumed)", above(0), 2e-5),
                choice(&Params::loss, "loss", "how the losses depend on the flows", {"fixed", "idelchik"})};
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
        const S T = x.T, m_a = x.m_a, m_c = x.m_c, m_b = -m_a - m_c;
        const Losses<S> loss = losses(m_a, m_b, m_c, S(fluid.rho(T)), p);
        x.m_a.residual = leg(x.a, m_a, x.p.value, T, p.diameter) - loss.a;
        x.p.residual = leg(x.b, m_b, x.p.value, T, p.diameter) - loss.b;
        x.m_c.residual = leg(x.c, m_c, x.p.value, T, p.diameter_branch) - loss.c;
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
    template <class S>
    struct Losses {
        S a, b, c;  ///< pressure at the leg above that inside [Pa], without the linear part
    };
    template <class S, class P>
    static Losses<S> losses(const S& m_a, const S& m_b, const S& m_c, const S& rho, const Params<P>& p) {
        const P run = 0.25 * pi * p.diameter * p.diameter, side = 0.25 * pi * p.diameter_branch * p.diameter_branch;
        if (p.loss == Loss::fixed) {
            const auto drop = [&](const S& m, const P& area, const P& K) {
                const S v = m / (rho * area);
                return S(0.5 * K * rho * v * smooth::abs(v, 1e-3));
            };
            return {drop(m_a, run, P(0.5 * p.K_straight)), drop(m_b, run, P(0.5 * p.K_straight)),
                    drop(m_c, side, p.K_branch)};
        }
        return by_ratio(m_a, m_b, m_c, rho, P(run / side), side, p);
    }
    // sums the cases that are possible, each with its weight between 0 and 1
    template <class S, class P>
    static Losses<S> by_ratio(const S& m_a, const S& m_b, const S& m_c, const S& rho, const P& psi, const P& side,
                              const Params<P>& p) {
        using std::cos;
        using std::sin;
        using std::sqrt;
        constexpr double rest = 1e-4, blend = 0.01;  // kg/s; share of the flow
        const S whole = sqrt(S(m_a * m_a + m_b * m_b + m_c * m_c + rest * rest));
        const auto enters = [&](const S& m) {
            return S(0.5 + 0.5 * m / sqrt(S(m * m + blend * blend * whole * whole)));
        };
        const S in_a = enters(m_a), in_b = enters(m_b), in_c = enters(m_c);
        const P turn = cos(p.angle), across = sin(p.angle), run = psi * side;
        Losses<S> sum{S(0.0), S(0.0), S(0.0)};
        const auto straight_case = [&](const S& m, const S& in, const S& in_other, S& other, const P& cosine) {
            const S size = smooth::abs(m, rest), head = m * m / (2.0 * rho * run * run);
            const S q = smooth::min(S(smooth::abs(m_c, rest) / size), S(1.0), 1e-3);
            const S divides = in * (1.0 - in_other) * (1.0 - in_c) * head, joins = (1.0 - in) * in_other * in_c * head;
            const JunctionLoss<S> out = dividing_loss(q, psi, cosine), into = combining_loss(q, psi, cosine, across);
            other = other - divides * out.straight + joins * into.straight;
            sum.c = sum.c - divides * out.side + joins * into.side;
        };
        straight_case(m_a, in_a, in_b, sum.b, turn);
        straight_case(m_b, in_b, in_a, sum.a, P(-turn));
        const S head = m_c * m_c / (2.0 * rho * side * side);
        const S from_c = p.K_branch * head * ((1.0 - in_c) * in_a * in_b - in_c * (1.0 - in_a) * (1.0 - in_b));
        sum.a = sum.a + from_c;
        sum.b = sum.b + from_c;
        return sum;
    }
    // sets the flows of a leg; returns its pressure above that inside, without the linear part of the law
    template <class S, class P>
    static S leg(FluidPort<S>& at, const S& m, const S& p, const S& T, const P& diameter) {
        const Medium& fluid = *at.medium;
        const S v = m / (fluid.rho(T) * (0.25 * pi) * diameter * diameter);
        const auto part = smooth::split(m, m_flow_rest);
        at.m_flow = m;
        at.H_flow = part.forward * at.h() + part.backward * fluid.h(T, p);
        return at.p - p - v;
    }
};

}  // namespace kelvolt::models
