/// The DC output of a converter: set point, droop, current limit, no current back.
#pragma once

#include "models/power/loss.hpp"

namespace kelvolt::models {

/// x above 0, 0 below; C1, exact at and below 0, width/2 short far above.
template <class S>
S beyond(const S& x, const S& width) {
    const S held = select(x > S(0.0), x, S(0.0));
    return held * held / (held + width);
}

template <class S>
struct DcOutput {
    S V_open;   ///< voltage at no load [V], set-point error included
    S I_rated;  ///< [A]
    S droop;    ///< voltage lost at rated current [V]
    S I_limit;  ///< current where the limit begins [A]; 2.5 % above it no voltage is left

    /// Equation of the current i at the terminal voltage v: v = V_open - droop i/I_rated, steeply down beyond I_limit,
    /// steeply up below zero (an ORing device blocks: 1e-4 of rated current at twice the voltage); with `on` 0, i = 0.
    S residual(const S& on, const S& v, const S& i) const {
        const S limiting = V_open / (0.02 * I_limit) * beyond(S(i - I_limit), S(0.005 * I_limit));
        const S blocking = 1e4 * V_open / I_rated * beyond(S(-i), S(1e-3 * I_rated));
        const S running = (v - V_open + droop * i / I_rated + limiting - blocking) / V_open;
        return on * running + (1.0 - on) * i / I_rated;
    }
};

}  // namespace kelvolt::models
