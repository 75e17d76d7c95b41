#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Temperature of a heat port (case, plate, room) as a signal [K], with the lag of the sensor.
///   tau dT_measured/dt = T - T_measured
struct SensorSurface {
    static constexpr std::string_view type = "sensor_surface";
    static constexpr std::string_view doc = "Surface temperature sensor with a first-order lag";
    static constexpr Role role = Role::sensor;

    template <class P>
    struct Params {
        P tau;
        static constexpr auto declare() {
            return std::tuple{param(&Params::tau, "tau", "s", "time constant (assumed: bonded sensor)", above(0), 1.0)};
        }
    };
    template <class S>
    struct Vars {
        HeatPort<S> port;
        SignalPort<S> signal;
        Unknown<S> T_measured;
        static constexpr auto declare() {
            return std::tuple{
                kelvolt::port(&Vars::port, "port", "where the temperature is read"),
                kelvolt::port(&Vars::signal, "signal", "temperature [K]").writes_temperature(),
                unknown(&Vars::T_measured, "T_measured", "K", 10.0, "temperature the sensor shows", "sensor lag", "K")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S T = x.T_measured;
        x.T_measured.residual = x.port.T - T - p.tau * x.T_measured.der;
        x.signal.equation = x.signal.value - T;
    }
};

}  // namespace kelvolt::models
