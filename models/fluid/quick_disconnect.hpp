#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// One mated quick-disconnect coupling (plug and socket), without storage. A tray has two couplings.
///   V_flow = Cv sqrt(1000 dp/rho)
/// `Cv` is the typical flow coefficient of such couplings, for operating points. `Cv_min` is the least value that their
/// standard allows, for worst-case assessments; it takes the place of Cv with use: minimum.
/// Source: IEC 60534-1 (flow coefficient).
struct QuickDisconnect {
    static constexpr std::string_view type = "quick_disconnect";
    static constexpr std::string_view doc = "One mated quick-disconnect coupling";
    static constexpr Role role = Role::coupling;
    static constexpr bool in_lanes = true;
    enum class Use { typical, minimum };

    template <class P>
    struct Params {
        P Cv, Cv_min, V_flow_max, p_max, T_min, T_max;
        Use use;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::Cv, "Cv", "m3/s/Pa^0.5", "typical flow coefficient", above(0)),
                param(&Params::Cv_min, "Cv_min", "m3/s/Pa^0.5", "least flow coefficient the standard allows", above(0),
                      not_given),
                param(&Params::V_flow_max, "V_flow_max", "m3/s", "rated flow", above(0), not_given),
                param(&Params::p_max, "p_max", "Pa_abs", "maximum allowable working pressure", above(0), not_given),
                param(&Params::T_min, "T_min", "K", "least coolant temperature", above(0), not_given),
                param(&Params::T_max, "T_max", "K", "largest coolant temperature", above(0), not_given),
                choice(&Params::use, "use", "which flow coefficient counts", {"typical", "minimum"})};
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
        const S m = x.m_flow, rho = x.a.medium->rho(upstream(x.a.T, x.b.T, m));
        x.m_flow.residual = x.a.p - x.b.p - coefficient_drop(m, rho, p.use == Use::minimum ? p.Cv_min : p.Cv);
        pass_through(x.a, x.b, m, 0.0);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S m = x.m_flow, T = upstream(x.a.T, x.b.T, m), V_flow = m / x.a.medium->rho(T);
        out.key("dp", "Pa", "pressure drop from a to b", x.a.p - x.b.p);
        out.value("V_flow", "m3/s", "flow from a to b, at the inlet", V_flow);
        out.at_most("coupling_flow", "flow through the coupling", "m3/s", smooth::abs(V_flow, 0.0), p.V_flow_max,
                    "rated flow");
        out.at_most("coupling_pressure", "pressure at the coupling", "Pa_abs", larger(x.a.p, x.b.p), p.p_max, "MAWP");
        out.at_least("coupling_cold", "coolant temperature", "K", T, p.T_min, "coupling rating");
        out.at_most("coupling_hot", "coolant temperature", "K", T, p.T_max, "coupling rating");
        out.through(x.a.circuit, m);
    }
    static std::string problem(const Params<double>& p) {
        if (p.use == Use::minimum && !given(p.Cv_min)) return "use: minimum needs Cv_min";
        if (p.Cv < p.Cv_min)
            return "Cv lies below Cv_min, the least its standard allows; give a typical value above it";
        return {};
    }
};

}  // namespace kelvolt::models
