/// Equal units in parallel, of which a controller decides how many run.
#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// The value of a signal `running` to which nothing is connected: all units run.
inline constexpr double all_units = -1.0;

/// Units of `total` that run, as a controller states in the signal `running`: at least a hundredth of one, so that the
/// others are as good as shut and nothing is divided by zero. Below -0.5: all of them.
template <class S, class P>
S running_units(const S& running, const P& total) {
    const S all(total), some = select(running < all, running, all);
    return smooth::kept_above(select(running < S(-0.5), all, some), S(0.02), S(0.02));
}

}  // namespace kelvolt::models
