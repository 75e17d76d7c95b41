/// Error messages about units: they quote the input, state why it is refused, and what is accepted.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "solver/error.hpp"
#include "solver/units/units.hpp"

namespace kelvolt::units {

/// The input of the user: one text, or a number with a unit.
struct Said {
    std::string_view text;
    std::optional<double> number = std::nullopt;
};

Error refusal(const Said& said, const std::string& why, const Quantity& quantity);

/// Only the reason, with a remedy for known mix-ups.
Error wrong_dimension(const std::string& unit, const Quantity& quantity);

/// Models may declare coherent SI units only: with "kW" every value would be wrong by a factor of 1000 without notice.
void check_declared(std::string_view si_unit);

}  // namespace kelvolt::units
