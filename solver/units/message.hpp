/// The refusals of the units edge: quote what was said, why it cannot stand, and what would.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "solver/error.hpp"
#include "solver/units/units.hpp"

namespace kelvolt::units {

/// What the user gave: one text, or a number with a unit.
struct Said {
    std::string_view text;
    std::optional<double> number = std::nullopt;
};

Error refusal(const Said& said, const std::string& why, const Quantity& quantity);

/// The reason alone, with a remedy where the mix-up is a known one.
Error wrong_dimension(const std::string& unit, const Quantity& quantity);

/// A model may declare only coherent SI units: "kW" would silently make every value a thousandth.
void check_declared(std::string_view si_unit);

}  // namespace kelvolt::units
