/// The scalar that comes out when quantities of different scalars meet: unknowns may be duals while parameters are
/// numbers, or the reverse.
#pragma once

#include <cmath>
#include <type_traits>
#include <utility>

#include "solver/scalar/dual.hpp"
#include "solver/scalar/pattern.hpp"
#include "solver/scalar/smooth.hpp"

namespace kelvolt {

template <class... A>
using Joined = std::decay_t<decltype((0.0 + ... + std::declval<const A&>()))>;

}  // namespace kelvolt
