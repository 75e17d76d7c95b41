#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Expansion vessel: holds the pressure of a closed circuit at its connection.
///   p_port = p
/// The flow into the vessel results as zero, because the coolant mass of a closed circuit is that of its filling:
/// thermal expansion is not modelled.
struct ExpansionVessel {
    static constexpr std::string_view type = "expansion_vessel";
    static constexpr std::string_view doc = "Pressure reference and coolant of a closed circuit";
    static constexpr Role role = Role::vessel;

    template <class P>
    struct Params {
        P p, p_min, p_max;
        const Medium* fluid;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::p, "p", "Pa_abs", "absolute (static) pressure at the connection", above(0)),
                param(&Params::p_min, "p_min", "Pa_abs", "least static pressure", above(0), not_given),
                param(&Params::p_max, "p_max", "Pa_abs", "largest static pressure", above(0), not_given),
                kelvolt::medium(&Params::fluid, "medium", "coolant of the circuit")};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> port;
        Unknown<S> m_flow;
        static constexpr auto declare() {
            return std::tuple{
                kelvolt::port(&Vars::port, "port", "the connection").reference(Reference::vessel),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "flow into the vessel", "static pressure", "Pa")
                    .start(0.0)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S m = x.m_flow;
        x.m_flow.residual = x.port.p - p.p;
        x.port.m_flow = m;
        x.port.H_flow = m * x.port.h();
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.at_least("static_pressure_low", "static pressure", "Pa_abs", x.port.p, p.p_min, "vessel");
        out.at_most("static_pressure_high", "static pressure", "Pa_abs", x.port.p, p.p_max, "vessel");
        out.power_in(-x.port.H_flow);
        out.mass_in(x.port.circuit, -x.m_flow.value);
    }
};

}  // namespace kelvolt::models
