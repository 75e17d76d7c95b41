#pragma once

#include "models/control/pi_law.hpp"

namespace kelvolt::models {

/// Reset line: a set point that follows another temperature (outdoor reset), linear between two points and held
/// outside.
///   T = T_at_low + share (T_at_high - T_at_low), share = (input - input_low)/(input_high - input_low) held in 0..1
///   output = T - reference
/// With reference at the T_set of a controller, the output goes to its `setpoint_shift`; with reference 0 K it is the
/// temperature itself. The corners are rounded over 2 % of the share (hold_between).
struct ResetLine {
    static constexpr std::string_view type = "reset_line";
    static constexpr std::string_view doc = "Set point that follows another temperature (outdoor reset)";
    static constexpr Role role = Role::controller;

    template <class P>
    struct Params {
        P input_low, input_high, T_at_low, T_at_high, reference;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::input_low, "input_low", "K", "input from which T_at_low holds downwards",
                      between(200, 500)),
                param(&Params::input_high, "input_high", "K", "input from which T_at_high holds upwards",
                      between(200, 500)),
                param(&Params::T_at_low, "T_at_low", "K", "set point at a low input", between(200, 500)),
                param(&Params::T_at_high, "T_at_high", "K", "set point at a high input", between(200, 500)),
                param(&Params::reference, "reference", "K", "temperature that is subtracted", from(0), 0.0)};
        }
    };
    template <class S>
    struct Vars {
        SignalPort<S> input, output;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::input, "input", "temperature that is followed [K]"),
                              port(&Vars::output, "output", "set point less the reference [K]").writes(10.0)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S share = (x.input.value - p.input_low) / (p.input_high - p.input_low);
        const S held = hold_between(share, S(0.0), S(1.0), S(0.02));
        x.output.equation = x.output.value - (p.T_at_low + held * (p.T_at_high - p.T_at_low) - p.reference);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.key("T_set", "K", "set point", x.output.value + p.reference);
    }
    static std::string problem(const Params<double>& p) {
        return p.input_low < p.input_high ? "" : "input_low must be below input_high";
    }
};

}  // namespace kelvolt::models
