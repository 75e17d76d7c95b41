/// Name of each quantity, the units in which it is shown, and the units to suggest.
#pragma once

#include <span>
#include <string_view>

#include "solver/units/units.hpp"

namespace kelvolt::units {

struct Family {
    std::string_view si;  ///< as models declare it, text for UDUNITS
    Kind kind;
    std::string_view name;
    std::string_view show_si, show_us, show_field;
    std::string_view accepted;  ///< separated by bars, the usual one first
};

std::span<const Family> families();

/// Remedy for a unit of dimension `given` where `wanted` is expected.
struct Remedy {
    std::string_view wanted, given, text;
};
std::span<const Remedy> remedies();

}  // namespace kelvolt::units
