#pragma once

#include "models/fluid/flow_laws.hpp"
#include "solver/curve/curve.hpp"

namespace kelvolt::models {

/// Tray (or rack) as a black box, from the data of its vendor: pressure drop, heat and required flow.
///   by nominal: dp = dp_nominal (V_flow/V_flow_nominal)^exponent
///   by curve: dp = dp(V_flow), odd in the flow
///   C dT_body/dt = activity heat - G (T_body - T)
///   M cp dT/dt = H_flow_a + H_flow_b + G (T_body - T)
///   V_flow_required = required_flow(T_in) (heat/required_heat) required_rho_cp/(rho cp)
/// C is the heat capacity of plates and chips, T the temperature of the well-mixed coolant of mass M (the filling). By
/// nominal, other coolants than that of the nominal point are treated as in flow_laws.hpp (nominal_drop). In steady
/// flow the coolant leaves at T_in + activity heat/(m_flow cp). Without flow, body and coolant warm up: the heat has no
/// other way out.
/// required_flow(T_in) is the vendor's least flow at a supply temperature; the limit of the same name checks it. The
/// vendor states it for the heat required_heat and a coolant of required_rho_cp; V_flow_required is the flow with the
/// same rise of temperature here, with rho cp of this coolant at the inlet. Where required_heat or required_rho_cp is
/// not given, its factor is 1. The requirement is that of the full heat, whatever the activity. `heat_served` takes the
/// place of `heat` in it where the heat enters elsewhere: at the cold plates of a tray that is built of its parts.
struct Tray {
    static constexpr std::string_view type = "tray";
    static constexpr std::string_view doc =
        "Vendor black box: pressure drop, heat, required flow against supply temperature";
    static constexpr Role role = Role::tray;
    static constexpr bool in_lanes = true;
    enum class By { nominal, curve };

    template <class P>
    struct Params {
        P heat, activity, dp_nominal, V_flow_nominal, exponent, T_nominal, rho_nominal, mu_nominal, volume, C, G, p_max,
            T_out_max, heat_served, required_heat, required_rho_cp;
        const Curve *dp, *required_flow;
        By by;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::heat, "heat", "W", "heat into the coolant at activity 1", from(0)),
                param(&Params::activity, "activity", "1", "share of the heat that is on", from(0), 1.0),
                param(&Params::dp_nominal, "dp_nominal", "Pa", "pressure drop at the nominal flow", above(0),
                      not_given),
                param(&Params::V_flow_nominal, "V_flow_nominal", "m3/s", "nominal flow", above(0), not_given),
                param(&Params::exponent, "exponent", "1", "n in dp ~ V^n (assumed)", between(1, 2.2), 1.85),
                param(&Params::T_nominal, "T_nominal", "K", "coolant temperature of the nominal point (assumed)",
                      between(250, 400), 313.15),
                param(&Params::rho_nominal, "rho_nominal", "kg/m3",
                      "density at the nominal point, if measured with another coolant", above(0), not_given),
                param(&Params::mu_nominal, "mu_nominal", "Pa s",
                      "viscosity at the nominal point, if measured with another coolant", above(0), not_given),
                param(&Params::volume, "volume", "m3", "coolant volume", above(0)),
                param(&Params::C, "C", "J/K", "heat capacity of plates and chips", above(0)),
                param(&Params::G, "G", "W/K", "conductance from that capacity to the coolant", above(0)),
                param(&Params::p_max, "p_max", "Pa_abs", "maximum allowable working pressure", above(0), not_given),
                param(&Params::T_out_max, "T_out_max", "K", "limit of the outlet temperature", above(0), not_given),
                param(&Params::heat_served, "heat_served", "W",
                      "full heat of the tray to which required_flow refers, if it does not enter as `heat`", above(0),
                      not_given),
                param(&Params::required_heat, "required_heat", "W", "heat for which required_flow is stated", above(0),
                      not_given),
                param(&Params::required_rho_cp, "required_rho_cp", "J/(m3 K)",
                      "density times heat capacity of the coolant with which required_flow is stated", above(0),
                      not_given),
                optional_curve(&Params::dp, "dp", "m3/s", "Pa", "pressure drop against flow, for by: curve"),
                optional_curve(&Params::required_flow, "required_flow", "K", "m3/s",
                               "least flow against supply temperature"),
                choice(&Params::by, "by", "data from which the pressure drop follows", {"nominal", "curve"})};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        Unknown<S> m_flow, T, T_body;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "inlet"), port(&Vars::b, "b", "outlet"),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure drop", "Pa"),
                unknown(&Vars::T, "T", "K", 10.0, "coolant temperature", "energy balance of the coolant", "W"),
                unknown(&Vars::T_body, "T_body", "K", 10.0, "temperature of the body", "energy balance of the body",
                        "W")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Medium& fluid = *x.a.medium;
        const S m = x.m_flow, T = x.T, T_in = upstream(x.a.T, x.b.T, m);
        x.m_flow.residual = x.a.p - x.b.p - drop(m, T_in, fluid, p);
        const S Q = p.G * (x.T_body.value - T);
        x.T_body.residual = p.activity * p.heat - Q - p.C * x.T_body.der;
        x.T.residual = flow_through(x.a, x.b, m, T) + Q - filling(fluid, p.volume) * fluid.cp(T) * x.T.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Medium& fluid = *x.a.medium;
        const S m = x.m_flow, T_in = upstream(x.a.T, x.b.T, m), V_flow = m / fluid.rho(T_in);
        const S stated = p.required_flow ? S((*p.required_flow)(T_in)) : S(not_given);
        const S required = stated * converted(T_in, fluid, p);
        out.key("V_flow", "m3/s", "flow from a to b, at the inlet", V_flow);
        out.key("dp", "Pa", "pressure drop from a to b", x.a.p - x.b.p);
        out.key("T_in", "K", "temperature of the coolant that flows in", T_in);
        out.value("V_flow_required", "m3/s", "least flow at this supply temperature, of this coolant and heat",
                  required);
        out.value("V_flow_stated", "m3/s", "the same as its source states it, for another coolant or heat", stated);
        out.value("heat_in", "W", "heat released", S(p.activity * p.heat));
        out.value("volume", "m3", "coolant volume", p.volume);
        out.at_least("required_flow", "flow at this supply temperature", "m3/s", V_flow, required,
                     basis_of_requirement(p));
        out.at_most("pressure", "pressure in the tray", "Pa_abs", larger(x.a.p, x.b.p), p.p_max, "MAWP");
        out.at_most("outlet", "outlet temperature", "K", x.T.value, p.T_out_max, "vendor");
        flag_ranges(x, p, V_flow, T_in, out);
        out.power_in(p.activity * p.heat);
        out.coolant(x.a.circuit, fluid, filling(fluid, p.volume), x.T.value, x.T.der);
        out.stored(p.C * (x.T_body.value - 273.15));
        out.through(x.a.circuit, m);
    }
    static std::string problem(const Params<double>& p) {
        if (p.by == By::nominal && !(given(p.dp_nominal) && given(p.V_flow_nominal)))
            return "by: nominal needs dp_nominal and V_flow_nominal (or by: curve and dp)";
        if (p.by == By::curve && !p.dp) return "by: curve needs dp, the pressure drop against flow";
        if (given(p.required_heat) && !given(p.heat_served) && p.heat == 0.0)
            return "required_heat converts required_flow to the heat of this tray, which is 0; give heat_served";
        if (p.by == By::curve) return drop_problem(*p.dp, "dp");
        return {};
    }

   private:
    // flow here per flow stated by the vendor, for the same rise of temperature
    template <class S, class P>
    static S converted(const S& T, const Medium& fluid, const Params<P>& p) {
        const P heat = given(p.heat_served) ? p.heat_served : p.heat;
        const P of_heat = given(p.required_heat) ? P(heat / p.required_heat) : P(1.0);
        return given(p.required_rho_cp) ? S(of_heat * p.required_rho_cp / (fluid.rho(T) * fluid.cp(T))) : S(of_heat);
    }
    template <class P>
    static std::string_view basis_of_requirement(const Params<P>& p) {
        if (given(p.required_heat) && given(p.required_rho_cp)) return "vendor, converted to this coolant and heat";
        if (given(p.required_heat)) return "vendor, converted to this heat";
        if (given(p.required_rho_cp)) return "vendor, converted to this coolant";
        return "vendor";
    }
    template <class S, class P>
    static S drop(const S& m, const S& T, const Medium& fluid, const Params<P>& p) {
        if (p.by == By::curve) return p.dp->odd(S(m / fluid.rho(T)));
        return nominal_drop(
            m, T, fluid,
            NominalPoint<P>{p.V_flow_nominal, p.dp_nominal, p.exponent, p.T_nominal, p.rho_nominal, p.mu_nominal});
    }
    template <class S, class P>
    static void flag_ranges(const Vars<S>& x, const Params<P>& p, const S& V_flow, const S& T_in, Report<S>& out) {
        const Medium& fluid = *x.a.medium;
        if (p.by == By::curve) out.within("flow", "m3/s", smooth::abs(V_flow, 0.0), 0.0, p.dp->hi(), p.dp->source);
        if (p.required_flow)
            out.within("supply temperature", "K", T_in, p.required_flow->lo(), p.required_flow->hi(),
                       p.required_flow->source);
        out.within("coolant temperature", "K", x.T.value, fluid.T_min, fluid.T_max, fluid.source,
                   fluid.beyond(x.T.value));
    }
};

}  // namespace kelvolt::models
