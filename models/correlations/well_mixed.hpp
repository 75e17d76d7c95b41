/// Heat transfer of well-mixed cells whose sum equals the exact solution for plug flow along a wall of uniform
/// temperature.
#pragma once

#include "models/correlations/scalar.hpp"

namespace kelvolt::models {

/// Conductance between the wall and the mixed temperature of one cell [W/K]:
///   G = UA (exp(x) - 1)/x
///   x = UA/C, at most 3
/// UA and C are those of the cell [W/K]. With G, n cells in series have the effectiveness 1 - exp(-UA/C) of the whole
/// wall, for any n. The limit x = 3 (almost no flow) keeps G finite without flow: 6.4 times UA. C may be 0.
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
