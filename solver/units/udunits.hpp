/// Access to UDUNITS-2 through one lock: it is not thread-safe, and it reads numbers in the locale of the process.
#pragma once

#include <optional>
#include <string>

namespace kelvolt::units {

bool udunits_knows(const std::string& text);

/// Is the unit composed of SI base units with factor 1 (W and kg, but not kW or h)?
bool udunits_coherent(const std::string& text);

/// Factor of a proportional conversion; empty for another dimension, a reciprocal, an offset or a logarithm.
std::optional<double> udunits_factor(const std::string& from, const std::string& to);

}  // namespace kelvolt::units
