#pragma once

namespace kelvolt {

/// Standard acceleration of free fall [m/s2].
inline constexpr double gravity = 9.80665;

}  // namespace kelvolt
