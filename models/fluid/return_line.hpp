#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Boundary where coolant leaves the system at a fixed pressure, at any flow.
///   p_port = p
/// Coolant that flows backward into the system is at T_back.
struct ReturnLine {
    static constexpr std::string_view type = "return_line";
    static constexpr std::string_view doc = "Return of fixed pressure that takes any flow";
    static constexpr Role role = Role::boundary;
    static constexpr bool surroundings = true;

    template <class P>
    struct Params {
        P p, T_back, T_max;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::p, "p", "Pa_abs", "absolute pressure", above(0)),
                param(&Params::T_back, "T_back", "K", "temperature of coolant that flows back into the system",
                      between(200, 500), 293.15),
                param(&Params::T_max, "T_max", "K", "limit of the return temperature", above(0), not_given)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> port;
        Unknown<S> m_flow;
        static constexpr auto declare() {
            return std::tuple{
                kelvolt::port(&Vars::port, "port", "where coolant leaves").reference(Reference::boundary),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "flow out of the system", "return pressure", "Pa")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S m = x.m_flow;
        const auto part = smooth::split(m, m_flow_rest);
        x.m_flow.residual = x.port.p - p.p;
        x.port.m_flow = m;
        x.port.H_flow = part.forward * x.port.h() + part.backward * x.port.medium->h(S(p.T_back), x.port.p);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.key("T_return", "K", "return temperature", x.port.T);
        out.at_most("return_temperature", "return temperature", "K", x.port.T, p.T_max, "facility");
        out.power_in(-x.port.H_flow);
        out.mass_in(x.port.circuit, -x.m_flow.value);
        out.through(x.port.circuit, x.m_flow.value);
    }
};

}  // namespace kelvolt::models
