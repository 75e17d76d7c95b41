/// Vapour pressure of a coolant as a function that carries derivatives.
#pragma once

#include <limits>

#include "models/correlations/water_saturation.hpp"
#include "models/media/medium.hpp"

namespace kelvolt {

/// Absolute vapour pressure [Pa]: that of water times the activity of the coolant, as Medium::p_v; NaN where the
/// activity is unknown.
template <class S>
S vapour_pressure_at(const Medium& medium, const S& T) {
    if (medium.water_activity > 0.0) return medium.water_activity * water_saturation_pressure(T);
    return S(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace kelvolt
