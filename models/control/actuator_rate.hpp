#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Actuator that follows its input u with the lag tau and never moves faster than `rate`.
///   dy/dt = rate z/sqrt(1 + z^2), z = (u - y)/(tau rate)
/// Near the goal dy/dt is (u - y)/tau, far from it +rate or -rate. The equation is multiplied by sqrt(1 + z^2), so that
/// the steady state y = u is a linear equation however far the first estimate is.
struct ActuatorRate {
    static constexpr std::string_view type = "actuator_rate";
    static constexpr std::string_view doc = "Actuator with lag and rate limit";
    static constexpr Role role = Role::controller;

    template <class P>
    struct Params {
        P rate, tau;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::rate, "rate", "1/s", "fastest change of the output (full stroke in 1/rate)", above(0)),
                param(&Params::tau, "tau", "s", "lag near the goal", above(0), 0.5)};
        }
    };
    template <class S>
    struct Vars {
        SignalPort<S> input, output;
        Unknown<S> y;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::input, "input", "wanted position"),
                              port(&Vars::output, "output", "position").writes(),
                              unknown(&Vars::y, "y", "1", 1.0, "position", "actuator motion", "1").start(0.5)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        using std::sqrt;
        const S z = (x.input.value - x.y.value) / (p.tau * p.rate);
        x.y.residual = p.tau * (p.rate * z - x.y.der * sqrt(S(1.0 + z * z)));
        x.output.equation = x.output.value - x.y.value;
    }
};

}  // namespace kelvolt::models
