#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Lowers the power of loads while something calls for it: a UPS on battery, a generator that carries the load.
///   call > 0.5 for reaction_time: factor = cap
///   call < 0.5 for release_time: factor = 1
/// `factor` goes to the throttles of chips or to loads. Before the reaction time nothing changes: what carries the load
/// must bear the whole of it for that long.
struct PowerCap {
    static constexpr std::string_view type = "power_cap";
    static constexpr std::string_view doc = "Lowers the power of loads while something calls for it";
    static constexpr Role role = Role::controller;

    template <class P>
    struct Params {
        P cap, reaction_time, release_time;
        static constexpr auto declare() {
            return std::tuple{param(&Params::cap, "cap", "1", "factor while it is called", between(0, 1)),
                              param(&Params::reaction_time, "reaction_time", "s",
                                    "from the call until the factor falls (assumed)", from(0), 1.0),
                              param(&Params::release_time, "release_time", "s",
                                    "from the end of the call until the factor is 1 again", from(0), 60.0)};
        }
    };
    template <class S>
    struct Vars {
        SignalPort<S> call, factor;
        Discrete capped, due;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::call, "call", "above 0.5: loads shall draw less"),
                              port(&Vars::factor, "factor", "factor on the power of loads").writes(),
                              discrete(&Vars::capped, "capped", 0.0, "0: released, 1: capped"),
                              discrete(&Vars::due, "due", never, "time of the next change [s]")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.factor.equation = x.factor.value - (1.0 - x.capped.value * (1.0 - p.cap));
    }
    static constexpr int root_count = 3;
    /// A change begins to wait; it is no longer wanted; it is due.
    static void roots(const Vars<double>& x, const Params<double>&, double t, double* g) {
        const bool wanted = (x.call.value > 0.5) != (x.capped > 0.5), waits = x.due < never;
        g[0] = wanted && !waits ? 1.0 : -1.0;
        g[1] = !wanted && waits ? 1.0 : -1.0;
        g[2] = wanted && waits ? passed(t, x.due) : -1.0;
    }
    static bool update(Vars<double>& x, const Params<double>& p, int which, double t) {
        if (which == 0)
            x.due.value = t + (x.capped > 0.5 ? p.release_time : p.reaction_time);
        else if (which == 1)
            x.due.value = never;
        else
            x.capped.value = 1.0 - x.capped, x.due.value = never;
        return true;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("factor", "1", "factor on the power of loads", x.factor.value);
    }
};

}  // namespace kelvolt::models
