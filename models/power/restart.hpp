/// What machines and servers do when their supply fails and returns: shared by drives, chips and other parts.
#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// The two discrete variables of a load that survives short gaps of its supply and starts late after longer ones.
struct Restart {
    static constexpr double ready = 0.0, gap = 1.0, stopped = 2.0, starting = 3.0, shut_down = 4.0;
    static constexpr std::string_view phase_meaning =
                                          "0: ready, 1: in a gap, 2: stopped, 3: about to start, "
                                          "4: switched off by its temperature",
                                      due_meaning = "end of the phase [s]";
    static constexpr int root_count = 2;

    Discrete &phase, &due;

    static bool runs(double phase) { return phase < 1.5; }
    /// Does it live through a gap of its supply? Its load is then not lost.
    static bool rides(double phase) { return phase == gap; }
    /// The supply goes or comes; the phase ends. Without a delay (`delays` false) nothing happens.
    void roots(bool delays, bool supplied, double t, double* g) const {
        const bool waits_for_supply = phase == gap || phase == stopped;
        g[0] = delays && supplied == waits_for_supply ? 1.0 : -1.0;
        g[1] = phase == gap || phase == starting ? passed(t, due) : -1.0;
    }
    bool update(bool supplied, double ride_through, double restart_delay, int which, double t) {
        const double before = phase;
        const auto go = [&](double next, double end) { phase.value = next, due.value = end; };
        if (which == 1)
            go(before == gap ? stopped : ready, never);
        else if (!supplied)
            before == ready ? go(gap, t + ride_through) : go(stopped, never);
        else if (before == gap)
            go(ready, never);
        else
            go(starting, t + restart_delay);
        return true;
    }
};

}  // namespace kelvolt::models
