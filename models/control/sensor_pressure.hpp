#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Absolute pressure of a connection as a signal [Pa], without lag. No coolant passes.
///   signal = p + offset
struct SensorPressure {
    static constexpr std::string_view type = "sensor_pressure";
    static constexpr std::string_view doc = "Absolute pressure sensor";
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
        FluidPort<S> port;
        SignalPort<S> signal;
        static constexpr auto declare() {
            return std::tuple{kelvolt::port(&Vars::port, "port", "where the pressure is read"),
                              kelvolt::port(&Vars::signal, "signal", "absolute pressure [Pa]").writes(1e5)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.signal.equation = x.signal.value - x.port.p - p.offset;
    }
};

}  // namespace kelvolt::models
