#pragma once

#include "models/control/ramp_law.hpp"

namespace kelvolt::models {

/// Power smoothing in the firmware of accelerators: the power drawn follows the power wanted with limited ramps, and
/// does not fall below a floor while the work goes on. All are shares of the largest power of the module (TMP).
///   target = wanted, at least `floor` while the floor is held
///   d drawn/dt = (target - drawn)/response, at most ramp_up, at least -ramp_down
///   the floor is held from wanted > floor until wanted < floor for the time `hysteresis`
/// Where more is drawn than wanted, the module burns the difference; where less, the work is slowed. `drawn` goes to the
/// throttles of chips (activity 1) or to a managed load.
/// In a steady state it passes on what is wanted. Gradients through its decisions are refused, as they follow a delay.
/// Rates in W/s, as NVML states them, are divided by the module's largest power.
/// Source: nvidia-smi manual and NVML, power smoothing (floor as a share of TMP, ramp rates, ramp-down hysteresis); when
/// the hysteresis begins to count is not documented there (assumed: when the power wanted falls below the floor).
struct PowerSmoothing {
    static constexpr std::string_view type = "power_smoothing";
    static constexpr std::string_view doc = "Power smoothing of accelerators: floor, ramp limits, ramp-down hysteresis";
    static constexpr Role role = Role::controller;

    template <class P>
    struct Params {
        P floor, ramp_up, ramp_down, hysteresis, response, in_service;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::floor, "floor", "1", "share of the largest power that is held", between(0, 1), 0.0),
                param(&Params::ramp_up, "ramp_up", "1/s", ramp_up_meaning, above(0), not_given),
                param(&Params::ramp_down, "ramp_down", "1/s", ramp_down_meaning, above(0), not_given),
                param(&Params::hysteresis, "hysteresis", "s", "time below the floor after which the power ramps down",
                      from(0), 0.0),
                param(&Params::response, "response", "s", "time constant of the power regulation (assumed)", above(0),
                      0.005),
                param(&Params::in_service, "in_service", "1", "1: smooths, 0: draws what is wanted", between(0, 1), 1.0)
                    .service()};
        }
    };
    template <class S>
    struct Vars {
        SignalPort<S> wanted, drawn;
        Unknown<S> level;
        Discrete holding, due;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::wanted, "wanted", "power that the work would draw, over the largest power"),
                              port(&Vars::drawn, "drawn", "power drawn, over the largest power").writes(),
                              unknown(&Vars::level, "level", "1", 1.0, "smoothed power over the largest power",
                                      "ramp of the power", "1/s")
                                  .store(),
                              discrete(&Vars::holding, "holding", 0.0, "0: floor released, 1: floor held"),
                              discrete(&Vars::due, "due", never, "time at which the floor is released [s]")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S wanted = x.wanted.value, held = S(x.holding.value * p.floor);
        const S target = select(wanted > held, wanted, held);
        x.level.stores(following_rate(S(target - x.level), p.response, p.ramp_up, p.ramp_down), wanted);
        x.drawn.equation = x.drawn.value - (p.in_service * x.level + (1.0 - p.in_service) * wanted);
    }
    static void begin(Vars<double>& x, const Params<double>& p) {
        x.holding.value = x.wanted.value > p.floor ? 1.0 : 0.0;
    }
    static constexpr int root_count = 4;
    /// The work goes on; it pauses; it goes on before the floor is released; the floor is due to be released.
    static void roots(const Vars<double>& x, const Params<double>& p, double t, double* g) {
        const bool holding = x.holding > 0.5, waits = x.due < never;
        const double above_floor = x.wanted.value - p.floor;
        g[0] = holding ? -1.0 : above_floor;
        g[1] = holding && !waits ? -above_floor : -1.0;
        g[2] = waits ? above_floor : -1.0;
        g[3] = waits ? passed(t, x.due) : -1.0;
    }
    static bool update(Vars<double>& x, const Params<double>& p, int which, double t) {
        x.due.value = which == 1 ? t + p.hysteresis : never;
        if (which == 0) x.holding.value = 1.0;
        if (which == 3) x.holding.value = 0.0;
        return true;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        const S more = x.drawn.value - x.wanted.value, zero(0.0);
        out.key("drawn", "1", "power drawn over the largest power", x.drawn.value);
        out.value("burned", "1", "power drawn above the power wanted, over the largest power",
                  select(more > zero, more, zero));
        out.value("held_back", "1", "power wanted above the power drawn, over the largest power",
                  select(more > zero, zero, S(-more)));
    }
};

}  // namespace kelvolt::models
