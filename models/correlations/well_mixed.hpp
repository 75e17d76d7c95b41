/// Heat transfer of well-mixed cells that add up to the exact answer of plug flow along a wall of one temperature.
#pragma once

#include "models/correlations/scalar.hpp"

namespace kelvolt::models {

/// Conductance [W/K] between the wall and the mixed temperature of a cell, such that n cells in a row give 1 -
/// exp(-UA/C) for any n. With x = UA/C of one cell: G = UA expm1(x)/x. Above x = 3 (nearly no flow) the factor stops
/// growing, so a coolant at rest sees a finite, 6.4 times larger conductance. `UA` and `C` [W/K] are those of the cell;
/// C may be 0.
template <class S, class U>
S well_mixed_conductance(const U& UA, const S& C) {
    using std::expm1;
    const auto conductance = [](const auto& UA, const auto& C) {
        const auto x = smooth::min(UA / (C + 1e-9), 3.0, 1e-3) + 1e-6;
        return UA * expm1(x) / x;
    };
    return through(conductance, UA, C);
}

}  // namespace kelvolt::models
