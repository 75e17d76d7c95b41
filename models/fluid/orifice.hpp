#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Restrictor without storage.
///   by nominal: dp = dp_nominal (V_flow/V_flow_nominal)^exponent
///   by Kv: V_flow = Kv sqrt(1000 dp/rho)
///   by hole: V_flow = discharge A sqrt(2 dp/rho), A = pi diameter^2/4
/// By nominal, other coolants than that of the nominal point are treated as in flow_laws.hpp (nominal_drop). By hole,
/// all of dp is lost: no pressure is recovered downstream. All three are odd in the flow.
/// Source: IEC 60534-1 (Kv).
struct Orifice {
    static constexpr std::string_view type = "orifice";
    static constexpr std::string_view doc = "Restrictor given by a nominal point, a flow coefficient or a hole";
    static constexpr Role role = Role::fitting;
    static constexpr bool in_lanes = true;
    enum class By { nominal, Kv, hole };

    template <class P>
    struct Params {
        P dp_nominal, V_flow_nominal, exponent, T_nominal, rho_nominal, mu_nominal, Kv, diameter, discharge;
        By by;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::dp_nominal, "dp_nominal", "Pa", "pressure drop at the nominal flow", above(0),
                      not_given),
                param(&Params::V_flow_nominal, "V_flow_nominal", "m3/s", "nominal flow", above(0), not_given),
                param(&Params::exponent, "exponent", "1", "n in dp ~ V^n (assumed)", between(1, 2.2), 2.0),
                param(&Params::T_nominal, "T_nominal", "K", "coolant temperature of the nominal point (assumed)",
                      between(250, 400), 293.15),
                param(&Params::rho_nominal, "rho_nominal", "kg/m3",
                      "density at the nominal point, if measured with another coolant", above(0), not_given),
                param(&Params::mu_nominal, "mu_nominal", "Pa s",
                      "viscosity at the nominal point, if measured with another coolant", above(0), not_given),
                param(&Params::Kv, "Kv", "m3/s/Pa^0.5", "flow coefficient (Kv or Cv)", above(0), not_given),
                param(&Params::diameter, "diameter", "m", "hole diameter", above(0), not_given),
                param(&Params::discharge, "discharge", "1", "discharge coefficient of the hole", between(0.3, 1.0),
                      0.61),
                choice(&Params::by, "by", "data from which the pressure drop follows", {"nominal", "Kv", "hole"})};
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
        const S m = x.m_flow;
        x.m_flow.residual = x.a.p - x.b.p - drop(m, S(upstream(x.a.T, x.b.T, m)), *x.a.medium, p);
        pass_through(x.a, x.b, m, 0.0);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("dp", "Pa", "pressure drop from a to b", x.a.p - x.b.p);
        out.through(x.a.circuit, x.m_flow.value);
    }
    static std::string problem(const Params<double>& p) {
        if (p.by == By::nominal && !(given(p.dp_nominal) && given(p.V_flow_nominal)))
            return "by: nominal needs dp_nominal and V_flow_nominal";
        if (p.by == By::Kv && !given(p.Kv)) return "by: Kv needs Kv";
        if (p.by == By::hole && !given(p.diameter)) return "by: hole needs diameter";
        return {};
    }

   private:
    template <class S, class P>
    static S drop(const S& m, const S& T, const Medium& fluid, const Params<P>& p) {
        if (p.by == By::nominal)
            return nominal_drop(
                m, T, fluid,
                NominalPoint<P>{p.V_flow_nominal, p.dp_nominal, p.exponent, p.T_nominal, p.rho_nominal, p.mu_nominal});
        if (p.by == By::Kv) return coefficient_drop(m, S(fluid.rho(T)), p.Kv);
        const P hole = p.discharge * (0.25 * pi) * p.diameter * p.diameter * std::sqrt(2.0 / rho_coefficient);
        return coefficient_drop(m, S(fluid.rho(T)), hole);
    }
};

}  // namespace kelvolt::models
