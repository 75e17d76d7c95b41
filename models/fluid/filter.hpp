#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Strainer or filter that fouls.
///   dp = loading dp_nominal (V_flow/V_flow_nominal)^exponent
/// The exponent is near 1 for a fine mesh. `loading` is 1 for a clean filter and rises as it fouls. Other coolants than
/// that of the nominal point: factors of density and viscosity as in flow_laws.hpp (nominal_drop), which also makes the
/// law odd in the flow.
struct Filter {
    static constexpr std::string_view type = "filter";
    static constexpr std::string_view doc = "Filter with fouling";
    static constexpr Role role = Role::filter;

    template <class P>
    struct Params {
        P dp_nominal, V_flow_nominal, exponent, loading, T_nominal, rho_nominal, mu_nominal, dp_max;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::dp_nominal, "dp_nominal", "Pa", "clean pressure drop at the nominal flow", above(0)),
                param(&Params::V_flow_nominal, "V_flow_nominal", "m3/s", "nominal flow", above(0)),
                param(&Params::exponent, "exponent", "1", "n in dp ~ V^n (assumed)", between(1, 2.2), 1.8),
                param(&Params::loading, "loading", "1", "pressure drop over that of the clean filter", from(1), 1.0),
                param(&Params::T_nominal, "T_nominal", "K", "coolant temperature of the nominal point (assumed)",
                      between(250, 400), 293.15),
                param(&Params::rho_nominal, "rho_nominal", "kg/m3",
                      "density at the nominal point, if measured with another coolant", above(0), not_given),
                param(&Params::mu_nominal, "mu_nominal", "Pa s",
                      "viscosity at the nominal point, if measured with another coolant", above(0), not_given),
                param(&Params::dp_max, "dp_max", "Pa", "pressure drop at which the filter is changed", above(0),
                      not_given)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        Unknown<S> m_flow;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "inlet"), port(&Vars::b, "b", "outlet"),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure drop", "Pa")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S m = x.m_flow, T = upstream(x.a.T, x.b.T, m);
        const NominalPoint<P> clean{p.V_flow_nominal, p.dp_nominal,  p.exponent,
                                    p.T_nominal,      p.rho_nominal, p.mu_nominal};
        x.m_flow.residual = x.a.p - x.b.p - p.loading * nominal_drop(m, T, *x.a.medium, clean);
        pass_through(x.a, x.b, m, 0.0);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.key("dp", "Pa", "pressure drop from a to b", x.a.p - x.b.p);
        out.at_most("filter_dp", "pressure drop of the filter", "Pa", larger(S(x.a.p - x.b.p), S(x.b.p - x.a.p)),
                    p.dp_max, "filter change");
        out.through(x.a.circuit, x.m_flow.value);
    }
};

}  // namespace kelvolt::models
