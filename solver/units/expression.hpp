/// Converts the text of a unit to a scale: table of aliases, a small grammar, and UDUNITS-2. Slow; units.cpp caches the
/// results.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "solver/units/aliases.hpp"

namespace kelvolt::units {

/// SI value = number * scale + offset; `si` is text for UDUNITS.
struct Unit {
    double scale = 1.0;
    double offset = 0.0;
    std::string si;
    Mark mark = Mark::none;
};

/// Whether C and F mean temperatures (as users write) or coulomb and farad (SI, as models declare).
enum class Letters { temperature, si };

/// Unicode signs to ASCII (°C, m³, Ω, µm, W/(m·K)), blanks trimmed.
std::string plain_text(std::string_view text);

/// Throws Error(input) with only the reason; the caller adds the number and the quantity.
Unit read_unit(std::string_view text, Letters letters);

/// Factor from one UDUNITS text to another; empty if the dimensions differ. Reciprocals (K/W for W/K) count as
/// different.
std::optional<double> factor(const std::string& from, const std::string& to);

}  // namespace kelvolt::units
