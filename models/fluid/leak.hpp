#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Leak to the surroundings through a hole: coolant that leaves is lost.
///   m_flow = opening discharge A sqrt(2 rho dp), dp = p - p_outside where above zero, A = pi diameter^2/4
/// Below the pressure outside nothing flows; air that would be drawn in is not modelled. In a closed circuit a vessel
/// of fixed pressure makes up for the loss, a diaphragm_vessel loses its content and with it the pressure. dp is
/// rounded over 10 Pa. An event on `opening` lets the leak begin. Source: Torricelli's law with a discharge
/// coefficient.
struct Leak {
    static constexpr std::string_view type = "leak";
    static constexpr std::string_view doc = "Leak to the surroundings through a hole";
    static constexpr Role role = Role::fitting;
    static constexpr bool surroundings = true;

    template <class P>
    struct Params {
        P diameter, discharge, opening, p_outside;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::diameter, "diameter", "m", "diameter of the hole", above(0)),
                param(&Params::discharge, "discharge", "1", "discharge coefficient", between(0.3, 1.0), 0.61),
                param(&Params::opening, "opening", "1", "1: it leaks, 0: it is tight", between(0, 1), 1.0),
                param(&Params::p_outside, "p_outside", "Pa_abs", "absolute pressure outside", above(0), 101325.0)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> port;
        static constexpr auto declare() { return std::tuple{kelvolt::port(&Vars::port, "port", "where it leaks")}; }
    };

    template <class S, class P>
    static S flow(const Vars<S>& x, const Params<P>& p) {
        using std::sqrt;
        constexpr double rest = 10.0;  // Pa
        const S dp = x.port.p - p.p_outside, above = 0.5 * (dp + sqrt(S(dp * dp + rest * rest)));
        const P hole = p.opening * p.discharge * (0.25 * pi) * p.diameter * p.diameter;
        return hole * sqrt(S(2.0 * x.port.medium->rho(x.port.T) * above));
    }
    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.port.m_flow = flow(x, p);
        x.port.H_flow = x.port.m_flow * x.port.h();
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("m_flow", "kg/s", "flow out of the circuit", x.port.m_flow);
        out.value("V_flow", "m3/s", "the same by volume", x.port.m_flow / x.port.medium->rho(x.port.T));
        out.power_in(-x.port.H_flow);
        out.mass_in(x.port.circuit, -x.port.m_flow);
    }
};

}  // namespace kelvolt::models
