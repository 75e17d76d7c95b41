/// The energy in the capacitors of a power supply, which carries its load while the input is out.
#pragma once

#include "models/power/port_power.hpp"

namespace kelvolt::models {

/// Parameters of a power supply with hold-up.
template <class P>
struct HoldUpData {
    P hold_up;
    static constexpr auto hold_up_param() {
        return std::tuple{param(&HoldUpData::hold_up, "hold_up", "s",
                                "time for which it carries its rated output without input", from(0), 0.0)};
    }
};

/// The stored energy [J] and what discrete variables say of it: full at the begin of a run, spent at zero, ready again at
/// half. `mains` is the share of the input that is there, `rating` the rated output of the whole [W].
///   d energy/dt = P_refill - P_held, P_refill = mains (hold_up rating - energy)/refill_time
template <class S>
struct HoldUp {
    static constexpr double refill_time = 0.1;  ///< (assumed) [s]
    static constexpr std::string_view ready_meaning = "0: no hold-up, 1: hold-up in reserve",
                                      spent_meaning = "0: hold-up charged, 1: hold-up is spent";

    /// 1 while stored energy may carry the load.
    static double available(double ready, double spent) { return ready * (1.0 - spent); }
    template <class P>
    static S refill(const S& mains, const S& energy, const P& full) {
        return mains * (full - energy) / refill_time;
    }
    static void roots(const S& held, const S& energy, double full, double spent, double* g) {
        g[0] = spent < 0.5 && held > 0.0 ? -energy : -1.0;
        g[1] = spent > 0.5 ? energy - 0.5 * full : -1.0;
    }
};

}  // namespace kelvolt::models
