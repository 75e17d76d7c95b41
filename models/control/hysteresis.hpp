#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Two-point switch with hysteresis: on when the input rises above on_above, off when it falls below off_below.
///   output = value_on while on, value_off while off
///   off: root function g = input - on_above
///   on: root function g = off_below - input
/// It switches when g rises through zero: g is above zero exactly while a change is due. It starts off.
struct Hysteresis {
    static constexpr std::string_view type = "hysteresis";
    static constexpr std::string_view doc = "Two-point switch with hysteresis";
    static constexpr Role role = Role::controller;

    template <class P>
    struct Params {
        P on_above, off_below, value_on, value_off;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::on_above, "on_above", "1", "input that switches on, in SI units of the signal", any()),
                param(&Params::off_below, "off_below", "1", "input that switches off, below on_above", any()),
                param(&Params::value_on, "value_on", "1", "output while on", any(), 1.0),
                param(&Params::value_off, "value_off", "1", "output while off", any(), 0.0)};
        }
    };
    template <class S>
    struct Vars {
        SignalPort<S> input, output;
        Discrete on;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::input, "input", "measured quantity"),
                              port(&Vars::output, "output", "value_on or value_off").writes(),
                              discrete(&Vars::on, "on", 0.0, "1 while on")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.output.equation = x.output.value - (p.value_off + x.on.value * (p.value_on - p.value_off));
    }
    static constexpr int root_count = 1;
    static void roots(const Vars<double>& x, const Params<double>& p, double* g) {
        g[0] = x.on > 0.5 ? p.off_below - x.input.value : x.input.value - p.on_above;
    }
    static bool update(Vars<double>& x, const Params<double>& p, int) {
        double due;
        roots(x, p, &due);
        // at a located root the function is zero within the accuracy of the location, which is far less than the band
        if (due < -0.01 * (p.on_above - p.off_below)) return false;
        x.on.value = 1.0 - x.on.value;
        return true;
    }
    static std::string problem(const Params<double>& p) {
        return p.off_below < p.on_above ? "" : "off_below must be below on_above";
    }
};

}  // namespace kelvolt::models
