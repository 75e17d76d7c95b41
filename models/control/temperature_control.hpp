#pragma once

#include "models/control/pi_law.hpp"

namespace kelvolt::models {

/// Controls a coolant temperature by a signal: a sensor with the lag tau, and the PI law of pi_law.hpp.
///   tau dT_measured/dt = T - T_measured
///   action direct: e = T_measured - T_set - setpoint_shift
///   action reverse: e = T_set + setpoint_shift - T_measured
/// `integral_start` is the integral part from which a run begins that does not start from a steady state.
/// The supply temperature of a CDU by its primary valve is action: direct (too warm opens the valve). No coolant passes
/// through the port.
struct TemperatureControl {
    static constexpr std::string_view type = "temperature_control";
    static constexpr std::string_view doc = "Coolant temperature controller (supply temperature by the primary valve)";
    static constexpr Role role = Role::controller;

    template <class P>
    struct Params {
        P T_set, Kp, Ti, tau, u_min, u_max, automatic, manual, integral_start;
        Action action;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::T_set, "T_set", "K", "wanted temperature", above(0)),
                param(&Params::Kp, "Kp", "1/delta_K", "gain: output per kelvin (assumed)", above(0), 0.05),
                param(&Params::Ti, "Ti", "s", "integral time (assumed)", above(0), 30.0),
                param(&Params::tau, "tau", "s", "time constant of the sensor (assumed)", above(0), 3.0),
                param(&Params::u_min, "u_min", "1", "lowest output", any(), 0.0),
                param(&Params::u_max, "u_max", "1", "highest output", any(), 1.0),
                param(&Params::automatic, "automatic", "1", "1: controls; 0: the output is `manual`", between(0, 1),
                      1.0),
                param(&Params::manual, "manual", "1", "output while automatic is 0", any(), 1.0),
                param(&Params::integral_start, "integral_start", "1", "integral part at the begin, share of the range",
                      between(0, 1), 0.5),
                choice(&Params::action, "action", "direct: too warm raises the output; reverse: too cold does",
                       {"reverse", "direct"}, 1)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> sensor;
        SignalPort<S> setpoint_shift, output;
        Unknown<S> T_measured, integral;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::sensor, "sensor", "where the temperature is read"),
                port(&Vars::setpoint_shift, "setpoint_shift", "added to the set point [K]").otherwise(0.0),
                port(&Vars::output, "output", "manipulated signal").writes(),
                unknown(&Vars::T_measured, "T_measured", "K", 10.0, "temperature the sensor shows", "sensor lag", "K"),
                unknown(&Vars::integral, "integral", "1", 1.0, "integral part as a share of the output range",
                        "integral action", "1")
                    .start(0.5)
                    .integrator()};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S T = x.T_measured, cold = p.T_set + x.setpoint_shift.value - T;
        const PiSettings<P> settings{p.Kp, p.Ti, p.u_min, p.u_max, p.automatic, p.manual};
        const auto step = pi_step(S(x.integral), p.action == Action::reverse ? cold : S(-cold), settings);
        x.output.equation = x.output.value - step.output;
        x.integral.residual = p.Ti * (step.rate - x.integral.der);
        x.T_measured.residual = x.sensor.T - T - p.tau * x.T_measured.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.key("u", "1", "output", x.output.value);
        out.value("error", "K", "measured above wanted temperature",
                  x.T_measured.value - p.T_set - x.setpoint_shift.value);
    }
    static std::string problem(const Params<double>& p) { return p.u_min < p.u_max ? "" : "u_min must be below u_max"; }
};

}  // namespace kelvolt::models
