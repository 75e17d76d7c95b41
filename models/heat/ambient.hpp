#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Surroundings of fixed temperature that take any heat: T(port) = T. The heat that enters them leaves the system.
struct Ambient {
    static constexpr std::string_view type = "ambient";
    static constexpr std::string_view doc = "Surroundings of fixed temperature";
    static constexpr bool surroundings = true;

    template <class P>
    struct Params {
        P T;
        static constexpr auto declare() {
            return std::tuple{param(&Params::T, "T", "K", "temperature of the surroundings", between(150, 1000))};
        }
    };
    template <class S>
    struct Vars {
        HeatPort<S> port;
        Unknown<S> Q_flow;
        static constexpr auto declare() {
            return std::tuple{
                kelvolt::port(&Vars::port, "port", "where heat enters the surroundings"),
                unknown(&Vars::Q_flow, "Q_flow", "W", 100.0, "heat into the surroundings", "fixed temperature")
                    .start(0.0)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.port.Q_flow = x.Q_flow;
        x.Q_flow.residual = x.port.T - p.T;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.power_in(-x.Q_flow.value);
    }
};

}  // namespace kelvolt::models
