#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Boundary where coolant enters the system at the fixed temperature T, at a fixed pressure or a fixed flow.
///   mode pressure: p_port = p
///   mode flow: m_flow = rho(T) V_flow, or the parameter m_flow
/// Coolant that flows backward out of the system has the enthalpy of the connection. A circuit whose only supply has a
/// fixed flow needs a return_line, which sets its pressure.
struct Supply {
    static constexpr std::string_view type = "supply";
    static constexpr std::string_view doc = "Supply of fixed temperature at fixed pressure or flow";
    static constexpr Role role = Role::boundary;
    static constexpr bool surroundings = true;
    enum class Mode { pressure, flow };

    template <class P>
    struct Params {
        P T, p, V_flow, m_flow;
        Mode mode;
        const Medium* fluid;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::T, "T", "K", "temperature of the supply", between(200, 500)),
                param(&Params::p, "p", "Pa_abs", "absolute pressure, for mode: pressure", above(0), not_given),
                param(&Params::V_flow, "V_flow", "m3/s", "volume flow at T, for mode: flow", any(), not_given),
                param(&Params::m_flow, "m_flow", "kg/s", "mass flow, for mode: flow, instead of V_flow", any(),
                      not_given),
                choice(&Params::mode, "mode", "quantity that the supply keeps constant", {"pressure", "flow"}),
                kelvolt::medium(&Params::fluid, "medium", "coolant of the circuit")};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> port;
        Unknown<S> m_flow;
        static constexpr auto declare() {
            return std::tuple{
                kelvolt::port(&Vars::port, "port", "where coolant enters the system").reference(Reference::boundary),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "flow into the system", "supply condition",
                        "Pa or kg/s")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Medium& fluid = *x.port.medium;
        const S m = x.m_flow;
        x.m_flow.residual = select(p.mode == Mode::pressure, S(x.port.p - p.p), S(given_mass_flow(fluid, p.T, p) - m));
        const auto part = smooth::split(m, m_flow_rest);
        x.port.m_flow = -m;
        x.port.H_flow = -(part.forward * fluid.h(S(p.T), x.port.p) + part.backward * x.port.h());
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Medium& fluid = *x.port.medium;
        out.key("V_flow", "m3/s", "flow into the system, at T", x.m_flow.value / fluid.rho(S(p.T)));
        out.within("supply temperature", "K", S(p.T), fluid.T_min, fluid.T_max, fluid.source, fluid.beyond(S(p.T)));
        out.power_in(-x.port.H_flow);
        out.mass_in(x.port.circuit, x.m_flow.value);
        out.through(x.port.circuit, x.m_flow.value);
    }
    static std::string problem(const Params<double>& p) {
        if (p.mode == Mode::pressure && !given(p.p))
            return "mode: pressure needs p, the absolute pressure of the supply";
        return p.mode == Mode::flow ? flow_problem(p) : "";
    }
    static bool holds_pressure(const Params<double>& p, int) { return p.mode == Mode::pressure; }
};

}  // namespace kelvolt::models
