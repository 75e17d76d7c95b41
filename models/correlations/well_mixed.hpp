/// Heat transfer of well-mixed cells whose sum equals the exact solution for plug flow along a wall of uniform
/// temperature.
#pragma once

#include "models/correlations/scalar.hpp"

namespace kelvolt::models {

/// Conductance between the wall and the mixed temperature of one cell [W/K]:
///   G = UA (1 + ((exp(y) - 1)/y - 1)/(1 + (x/40)^8))
///   x = UA/C, y = x, at most 3
/// UA and C are those of the cell [W/K]. Up to x = 3, n cells in series have the effectiveness 1 - exp(-UA/C) of the
/// whole wall, for any n. Beyond it the coolant leaves at the temperature of the wall within 2 % of its rise. Without
/// flow (C may be 0) there is no outlet: the mixed temperature is that of the coolant at rest, and G is UA.
template <class S, class U>
S well_mixed_conductance(const U& UA, const S& C) {
    using std::expm1;
    const auto conductance = [](const auto& UA, const auto& C) {
        const auto x = UA / (C + 1e-9), y = smooth::min(x, 3.0, 1e-3) + 1e-6, r = x / 40.0, r2 = r * r, r4 = r2 * r2;
        return UA * (1.0 + (expm1(y) / y - 1.0) / (1.0 + r4 * r4));
    };
    return through(conductance, UA, C);
}

}  // namespace kelvolt::models
