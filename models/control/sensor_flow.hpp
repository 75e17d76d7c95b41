#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Flow meter in the line: mass flow [kg/s] and volume flow [m3/s] as signals.
///   m_signal = m_flow
///   V_signal = m_flow/rho
///   dp = resistance m_flow
/// rho is the density on the upstream side. The default resistance, 10 Pa per kg/s, is below 0.02 % of the pressure
/// drop of a rack loop.
struct SensorFlow {
    static constexpr std::string_view type = "sensor_flow";
    static constexpr std::string_view doc = "Flow meter in the line";
    static constexpr Role role = Role::sensor;

    template <class P>
    struct Params {
        P resistance;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::resistance, "resistance", "Pa s/kg", "pressure drop per mass flow", above(0), 10.0)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        SignalPort<S> m_signal, V_signal;
        Unknown<S> m_flow;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "inlet"), port(&Vars::b, "b", "outlet"),
                port(&Vars::m_signal, "m_signal", "mass flow from a to b [kg/s]").writes(0.1),
                port(&Vars::V_signal, "V_signal", "volume flow from a to b [m3/s]").writes(1e-4),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure drop", "Pa")};
        }
    };

    template <class S>
    static S volume_flow(const Vars<S>& x) {
        const S m = x.m_flow;
        return m / x.a.medium->rho(upstream(x.a.T, x.b.T, m));
    }
    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S m = x.m_flow;
        x.m_flow.residual = x.a.p - x.b.p - p.resistance * m;
        pass_through(x.a, x.b, m, 0.0);
        x.m_signal.equation = x.m_signal.value - m;
        x.V_signal.equation = x.V_signal.value - volume_flow(x);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("V_flow", "m3/s", "volume flow from a to b", volume_flow(x));
        out.through(x.a.circuit, x.m_flow.value);
    }
};

}  // namespace kelvolt::models
