/// Tests whether all of many numbers are finite.
#pragma once

#include <cstddef>

#include "solver/scalar/pack.hpp"

namespace kelvolt {

inline bool all_finite(const double* x, std::size_t n) {
    Pack eight(0.0);
    double single = 0.0;
    std::size_t k = 0;
    for (; k + Pack::size <= n; k += Pack::size) eight += Pack::adjacent(x + k) * 0.0;
    for (; k < n; ++k) single += 0.0 * x[k];
    for (int lane = 0; lane < Pack::size; ++lane) single += eight[lane];
    return single == 0.0;
}

}  // namespace kelvolt
