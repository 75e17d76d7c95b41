/// Units as models declare them, and as the attribute `units` of netCDF files.
#pragma once

#include <string>
#include <string_view>

#include "solver/units/units.hpp"

namespace kelvolt::units {

/// "m^3 s^-1" of "m3/s": text that UDUNITS and pint read as the same unit. The reference of a pressure and the mark of
/// a difference are left out; reactive power is in "V A". Text in another form is returned as it is.
std::string attribute(std::string_view unit);

/// The unit as models declare it, from which the quantity kind can be found again ("delta_K", "Pa_abs"): it tells a
/// difference of temperature from a temperature, and what a pressure is counted from.
std::string_view declared_unit(const Quantity& quantity);

}  // namespace kelvolt::units
