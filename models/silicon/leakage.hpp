/// Leakage of silicon against its temperature.
#pragma once

#include "models/correlations/scalar.hpp"

namespace kelvolt::models {

/// Factor on the leakage at T_ref:
///   exp(z), z = (T - T_ref)/T_scale; above z = 6 (403 times) along its tangent
/// It stays finite, but still rises too fast for any cooling.
template <class S, class P>
S leakage_factor(const S& T, const P& T_ref, const P& T_scale) {
    using std::exp;
    constexpr double z_tangent = 6.0;
    const S z = (T - T_ref) / T_scale, held = select(z < S(z_tangent), z, S(z_tangent));
    return exp(held) * (1.0 + (z - held));
}

}  // namespace kelvolt::models
