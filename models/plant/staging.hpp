/// Equal units in parallel, of which a controller decides how many run.
#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// The value of a signal `running` to which nothing is connected: all units run. Above any number of units, so that a
/// solver on its way from one to there passes no state in which units are shut.
inline constexpr double all_units = 1000.0;

/// Units of `total` that run, as a controller states in the signal `running`: at least a hundredth of one, so that the
/// others are as good as shut and nothing is divided by zero. Where exactly all of several run, the derivative is that of
/// fewer units: a solver that starts there after a controller has stopped one must see what that does.
template <class S, class P>
S running_units(const S& running, const P& total) {
    const S all(total), alone = select(running < all, running, all), several = select(all < running, all, running);
    return smooth::kept_above(select(all < S(1.5), alone, several), S(0.02), S(0.02));
}

}  // namespace kelvolt::models
