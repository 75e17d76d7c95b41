/// Units as the attribute `units` of netCDF files.
#pragma once

#include <string>
#include <string_view>

namespace kelvolt::units {

/// "m^3 s^-1" of "m3/s": text that UDUNITS and pint read as the same unit. The reference of a pressure and the mark of
/// a difference are left out; reactive power is in "V A". Text in another form is returned as it is.
std::string attribute(std::string_view unit);

}  // namespace kelvolt::units
