#pragma once

#include "models/control/pi_law.hpp"

namespace kelvolt::models {

/// PI controller with output limits and anti-windup; the law is in pi_law.hpp.
///   action reverse: e = setpoint + setpoint_shift - measurement
///   action direct: e = measurement - setpoint - setpoint_shift
/// `integral_start` is the integral part from which a run begins that does not start from a steady state.
/// Source: Astrom & Murray, Feedback Systems, section 11.4 (back-calculation with the tracking time Ti).
struct PiController {
    static constexpr std::string_view type = "pi_controller";
    static constexpr std::string_view doc = "PI controller with output limits and anti-windup";
    static constexpr Role role = Role::controller;

    template <class P>
    struct Params {
        P setpoint, Kp, Ti, u_min, u_max, automatic, manual, integral_start;
        Action action;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::setpoint, "setpoint", "1", "wanted measurement, in SI units of the signal", any(), 0.0),
                param(&Params::Kp, "Kp", "1", "gain: output per unit of error", above(0)),
                param(&Params::Ti, "Ti", "s", "integral time", above(0)),
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
        Unknown<S> integral;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::measurement, "measurement", "measured value of the controlled quantity"),
                              port(&Vars::setpoint_shift, "setpoint_shift", "added to the set point").otherwise(0.0),
                              port(&Vars::output, "output", "manipulated signal").writes(),
                              unknown(&Vars::integral, "integral", "1", 1.0,
                                      "integral part as a share of the output range", "integral action", "1")
                                  .start(0.5)
                                  .integrator()};
        }
    };

    template <class S, class P>
    static S error(const Vars<S>& x, const Params<P>& p) {
        const S low = p.setpoint + x.setpoint_shift.value - x.measurement.value;
        return p.action == Action::reverse ? low : S(-low);
    }
    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const PiSettings<P> settings{p.Kp, p.Ti, p.u_min, p.u_max, p.automatic, p.manual};
        const auto step = pi_step(S(x.integral), error(x, p), settings);
        x.output.equation = x.output.value - step.output;
        x.integral.residual = p.Ti * (step.rate - x.integral.der);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.value("error", "1", "error; positive raises the output", error(x, p));
        out.key("u", "1", "output", x.output.value);
    }
    static std::string problem(const Params<double>& p) { return p.u_min < p.u_max ? "" : "u_min must be below u_max"; }
};

}  // namespace kelvolt::models
