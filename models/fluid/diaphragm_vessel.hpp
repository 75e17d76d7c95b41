#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Expansion vessel with a gas cushion behind a diaphragm: the pressure of the closed circuit is a result.
///   p_port V_gas^n = p_precharge V_vessel^n
///   V_gas = V_vessel - content - V_expansion
///   V_expansion = V_system (rho(T_fill)/rho(T_mean) - 1)
///   rho(T_fill) d content/dt = m_flow; in a steady state: content at filling
///   content at filling = V_vessel (1 - (p_precharge/p_fill)^(1/n))
/// V_system is the coolant of the whole circuit at filling, T_mean (a signal, in kelvin) its mean temperature: that of
/// one sensor, or the mean of several by signal_math. Content is the coolant that the vessel took at filling, less what
/// leaks lost since. In a closed circuit without leak m_flow is zero, as the mass of each component's coolant is that
/// of its filling. n is 1 for slow and 1.4 for fast changes. V_gas is rounded towards zero over a thousandth of the
/// vessel. Where no coolant is left in the vessel, the diaphragm would lie on its wall and air would enter elsewhere: a
/// broken limit, beyond which the law only continues. Limits by EN 12828, annex D: the content at the mean temperature
/// not below the reserve (0.5 % of the system and 3 L, or 20 % of a vessel of up to 15 L); the pressure below that of
/// the relief valve by 0.5 bar, or by 10 % of its set pressure above atmosphere where this is above 5 bar; at least
/// p_min at the connection.
/// Source: EN 12828:2012+A1:2014, annex D; gas law with the polytropic exponent n.
struct DiaphragmVessel {
    static constexpr std::string_view type = "diaphragm_vessel";
    static constexpr std::string_view doc = "Expansion vessel by the gas law; the circuit's pressure is a result";
    static constexpr Role role = Role::vessel;

    template <class P>
    struct Params {
        P V_vessel, V_system, p_precharge, p_fill, T_fill, n, p_min, p_relief, p_atmosphere;
        const Medium* fluid;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::V_vessel, "V_vessel", "m3", "volume of the vessel", above(0)),
                param(&Params::V_system, "V_system", "m3", "coolant of the circuit at filling", above(0)),
                param(&Params::p_precharge, "p_precharge", "Pa_abs", "gas pressure of the vessel without coolant",
                      above(0)),
                param(&Params::p_fill, "p_fill", "Pa_abs",
                      "pressure at the connection after filling, above p_precharge", above(0)),
                param(&Params::T_fill, "T_fill", "K", "temperature at filling", between(250, 400), T_filling),
                param(&Params::n, "n", "1", "polytropic exponent of the gas", between(1, 1.67), 1.0),
                param(&Params::p_min, "p_min", "Pa_abs", "least static pressure at the connection", above(0),
                      not_given),
                param(&Params::p_relief, "p_relief", "Pa_abs", "absolute set pressure of the relief valve", above(0),
                      not_given),
                param(&Params::p_atmosphere, "p_atmosphere", "Pa_abs", "absolute pressure outside", above(0), 101325.0),
                kelvolt::medium(&Params::fluid, "medium", "coolant of the circuit")};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> port;
        SignalPort<S> T_mean;
        Unknown<S> m_flow, content;
        static constexpr auto declare() {
            return std::tuple{
                kelvolt::port(&Vars::port, "port", "the connection").reference(Reference::vessel),
                kelvolt::port(&Vars::T_mean, "T_mean", "mean temperature of the circuit [K]"),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "flow into the vessel", "static pressure", "Pa")
                    .start(0.0),
                unknown(&Vars::content, "content", "m3", 1e-3, "coolant in the vessel at the filling temperature",
                        "content", "m3")
                    .store()};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        using std::pow;
        const S m = x.m_flow, gas = cushion(x, p);
        x.m_flow.residual = x.port.p - p.p_precharge * pow(S(p.V_vessel / gas), p.n);
        x.content.stores(S(m / x.port.medium->rho(p.T_fill)), S(filled(p)));
        x.port.m_flow = m;
        x.port.H_flow = m * x.port.h();
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        constexpr double litres = 1e-3, bar = 1e5;
        const double reserve =
            value(p.V_vessel) > 15 * litres ? std::max(0.005 * value(p.V_system), 3 * litres) : 0.2 * value(p.V_vessel);
        out.key("p", "Pa_abs", "static pressure at the connection", x.port.p);
        out.value("V_expansion", "m3", "expansion of the circuit's coolant since filling", expansion(x, p));
        out.value("V_gas", "m3", "gas cushion", cushion(x, p));
        out.value("V_taken", "m3", "coolant in the vessel", x.content.value + expansion(x, p));
        out.at_least("vessel_reserve", "coolant in the vessel", "m3", x.content.value + expansion(x, p), reserve,
                     "EN 12828, annex D");
        out.at_least("static_pressure_low", "static pressure", "Pa_abs", x.port.p, p.p_min, "vessel");
        const P set = p.p_relief - p.p_atmosphere;
        const P apart = select(set > P(5 * bar), P(0.1 * set), P(0.5 * bar));
        out.at_most("static_pressure_high", "static pressure", "Pa_abs", x.port.p, p.p_relief - apart,
                    "relief valve, EN 12828, annex D");
        out.power_in(-x.port.H_flow);
        out.mass_in(x.port.circuit, -x.m_flow.value);
    }
    static std::string problem(const Params<double>& p) {
        if (p.p_fill <= p.p_precharge)
            return "p_fill must be above p_precharge, or the vessel takes no coolant at filling";
        return given(p.p_relief) && p.p_relief <= p.p_fill ? "p_relief must be above p_fill" : "";
    }

   private:
    template <class P>
    static P filled(const Params<P>& p) {
        using std::pow;
        return p.V_vessel * (1.0 - pow(P(p.p_precharge / p.p_fill), P(1.0 / p.n)));
    }
    template <class S, class P>
    static S expansion(const Vars<S>& x, const Params<P>& p) {
        const Medium& fluid = *x.port.medium;
        return p.V_system * (fluid.rho(p.T_fill) / fluid.rho(x.T_mean.value) - 1.0);
    }
    // what is left for the gas, always above zero: rounded over a thousandth of the vessel
    template <class S, class P>
    static S cushion(const Vars<S>& x, const Params<P>& p) {
        using std::sqrt;
        const S free = p.V_vessel - x.content.value - expansion(x, p);
        const P least = 1e-3 * p.V_vessel;
        return 0.5 * (free + sqrt(S(free * free + least * least)));
    }
};

}  // namespace kelvolt::models
