#pragma once

#include "models/control/pi_law.hpp"

namespace kelvolt::models {

/// PID controller with a filtered derivative of the measurement; integral, limits and anti-windup as pi_law.hpp.
///   action reverse: e = setpoint + setpoint_shift - measurement, D = -Kp N (measurement - filtered)
///   action direct: e = measurement - setpoint - setpoint_shift, D = Kp N (measurement - filtered)
///   (Td/N) d filtered/dt = measurement - filtered
///   v = u_min + I (u_max - u_min) + Kp e + D
/// D goes to Kp Td d(measurement)/dt for slow changes, and is limited to N times the proportional part of a jump.
/// Changes of the set point are not differentiated. `integral_start` is the integral part from which a run begins that
/// does not start from a steady state.
/// Source: Astrom & Murray, Feedback Systems, sections 11.1 (derivative with filter) and 11.4 (anti-windup).
struct PidController {
    static constexpr std::string_view type = "pid_controller";
    static constexpr std::string_view doc = "PID controller with filtered derivative, output limits and anti-windup";
    static constexpr Role role = Role::controller;

    template <class P>
    struct Params {
        P setpoint, Kp, Ti, Td, N, u_min, u_max, automatic, manual, integral_start;
        Action action;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::setpoint, "setpoint", "1", "wanted measurement, in SI units of the signal", any(), 0.0),
                param(&Params::Kp, "Kp", "1", "gain: output per unit of error", above(0)),
                param(&Params::Ti, "Ti", "s", "integral time", above(0)),
                param(&Params::Td, "Td", "s", "derivative time", above(0)),
                param(&Params::N, "N", "1", "largest derivative gain over Kp: the filter has the time Td/N (assumed)",
                      above(0), 8.0),
                param(&Params::u_min, "u_min", "1", "lowest output", any(), 0.0),
                param(&Params::u_max, "u_max", "1", "highest output", any(), 1.0),
                param(&Params::automatic, "automatic", "1", "1: controls; 0: the output is `manual`", between(0, 1),
                      1.0),
                param(&Params::manual, "manual", "1", "output while automatic is 0", any(), 0.0),
                param(&Params::integral_start, "integral_start", "1", "integral part at the begin, share of the range",
                      between(0, 1), 0.5),
                choice(&Params::action, "action",
                       "reverse: a low measurement raises the output; direct: a high one does", {"reverse", "direct"})};
        }
    };
    template <class S>
    struct Vars {
        SignalPort<S> measurement, setpoint_shift, output;
        Unknown<S> integral, filtered;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::measurement, "measurement", "measured value of the controlled quantity"),
                              port(&Vars::setpoint_shift, "setpoint_shift", "added to the set point").otherwise(0.0),
                              port(&Vars::output, "output", "manipulated signal").writes(),
                              unknown(&Vars::integral, "integral", "1", 1.0,
                                      "integral part as a share of the output range", "integral action", "1")
                                  .start(0.5)
                                  .integrator(),
                              unknown(&Vars::filtered, "filtered", "1", 1.0, "measurement behind the filter",
                                      "derivative filter", "1")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S y = x.measurement.value, low = p.setpoint + x.setpoint_shift.value - y, fast = y - x.filtered.value;
        const bool reverse = p.action == Action::reverse;
        // the derivative acts as an addition to the error, so that limits and anti-windup hold for both
        const S error = (reverse ? low : S(-low)) + p.N * (reverse ? S(-fast) : fast);
        const PiSettings<P> settings{p.Kp, p.Ti, p.u_min, p.u_max, p.automatic, p.manual};
        const auto step = pi_step(S(x.integral), error, settings);
        x.output.equation = x.output.value - step.output;
        // what pi_step integrates of the derivative part is taken out again
        const P span = p.u_max - p.u_min;
        const S derivative = p.automatic * p.Kp * p.N * (reverse ? S(-fast) : fast);
        x.integral.residual = p.Ti * (step.rate - x.integral.der) - derivative / span;
        x.filtered.residual = fast - p.Td / p.N * x.filtered.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S low = p.setpoint + x.setpoint_shift.value - x.measurement.value;
        out.value("error", "1", "error; positive raises the output", p.action == Action::reverse ? low : S(-low));
        out.key("u", "1", "output", x.output.value);
    }
    static std::string problem(const Params<double>& p) { return p.u_min < p.u_max ? "" : "u_min must be below u_max"; }
};

}  // namespace kelvolt::models
