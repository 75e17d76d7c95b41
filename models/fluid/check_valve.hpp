#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Check valve with a cracking pressure and a leak. One unknown s gives both flow and pressure drop, so that neither
/// side is steep and opening or closing costs no more iterations than any other step.
///   m_flow = leak s + (1 - leak) ramp(s)
///   dp = (1 bar) (s - ramp(s))/m_rated + rho V_flow|V_flow|/(1000 Kv^2)
///   m_rated = 1000 Kv sqrt(1 bar)
///   ramp(s) = max(s, 0), rounded by a parabola from s = 0 to 2 m_rated p_crack/(1 bar)
/// m_rated is the mass flow of water through the open valve at 1 bar; 1000 is the density of that water [kg/m3].
/// Forward and open, this is dp = p_crack + rho V_flow|V_flow|/(1000 Kv^2). Backward, a laminar leak passes `leak`
/// times the rated flow at 1 bar. Between, dp rises to p_crack while the poppet lifts; zero flow is exactly at zero
/// pressure drop. The equations are C1.
/// Flow forced backward through the closed valve passes as leak at the pressure difference which that takes. Above
/// dp_reverse_max, the rating of body and seat, the limit `check_valve_reverse` is violated.
struct CheckValve {
    static constexpr std::string_view type = "check_valve";
    static constexpr std::string_view doc = "Check valve with cracking pressure and leak";
    static constexpr Role role = Role::valve;

    template <class P>
    struct Params {
        P Kv, leak, p_crack, dp_reverse_max;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::Kv, "Kv", "m3/s/Pa^0.5", "flow coefficient when open (Kv or Cv)", above(0)),
                param(&Params::leak, "leak", "1", "backward flow at 1 bar, relative to forward flow at 1 bar",
                      between(1e-7, 0.1)),
                param(&Params::p_crack, "p_crack", "Pa", "cracking pressure", between(100, 5e4)),
                param(&Params::dp_reverse_max, "dp_reverse_max", "Pa",
                      "largest pressure difference backwards (assumed: pressure class PN 16)", above(0), 16e5)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        Unknown<S> s;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::a, "a", "inlet"), port(&Vars::b, "b", "outlet"),
                              unknown(&Vars::s, "s", "kg/s", 0.1, "place on the characteristic, its flow when open",
                                      "pressure drop", "Pa")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S s = x.s, lifted = ramp(s, p), m = p.leak * s + (1.0 - p.leak) * lifted;
        const S rho = x.a.medium->rho(upstream(x.a.T, x.b.T, m));
        x.s.residual = x.a.p - x.b.p - one_bar / rated(p) * (s - lifted) - coefficient_drop(m, rho, p.Kv);
        pass_through(x.a, x.b, m, 0.0);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.key("m_flow", "kg/s", "mass flow from a to b", x.a.m_flow);
        out.key("dp", "Pa", "pressure drop from a to b", x.a.p - x.b.p);
        out.at_most("check_valve_reverse", "pressure difference backwards", "Pa", x.b.p - x.a.p, p.dp_reverse_max,
                    "rating of the shut valve");
        out.through(x.a.circuit, x.a.m_flow);
    }
    /// Closed by a reverse pressure difference of more than 1 Pa. At rest without one it separates nothing.
    static bool separates(const Vars<double>& x, const Params<double>&) { return x.b.p - x.a.p > 1.0; }

   private:
    static constexpr double one_bar = 1e5;
    // mass flow of water through the open valve at 1 bar [kg/s]
    template <class P>
    static P rated(const Params<P>& p) {
        return rho_coefficient * p.Kv * std::sqrt(one_bar);
    }
    template <class S, class P>
    static S ramp(const S& s, const Params<P>& p) {
        return smooth::ramp(s, S(2.0 * p.p_crack / one_bar * rated(p)));
    }
};

}  // namespace kelvolt::models
