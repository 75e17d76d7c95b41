#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Pressure difference between two connections as a signal [Pa], without lag. No coolant passes.
///   signal = p_a - p_b + offset
struct SensorDp {
    static constexpr std::string_view type = "sensor_dp";
    static constexpr std::string_view doc = "Pressure difference sensor";
    static constexpr Role role = Role::sensor;

    template <class P>
    struct Params {
        P offset;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::offset, "offset", "Pa", "error of the sensor, added to its signal", any(), 0.0)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        SignalPort<S> signal;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::a, "a", "tap of the higher pressure"),
                              port(&Vars::b, "b", "tap of the lower pressure"),
                              port(&Vars::signal, "signal", "pressure difference [Pa]").writes(1e4)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.signal.equation = x.signal.value - (x.a.p - x.b.p) - p.offset;
    }
};

}  // namespace kelvolt::models
