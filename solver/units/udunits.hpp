/// UDUNITS-2 behind one lock: it is not safe for threads, and reads numbers in the process's locale.
#pragma once

#include <optional>
#include <string>

namespace kelvolt::units {

bool udunits_knows(const std::string& text);

/// Built of SI base units with factor one: W and kg, not kW or h.
bool udunits_coherent(const std::string& text);

/// Factor of a linear conversion through zero, or nothing: other dimension, reciprocal, offset or logarithm.
std::optional<double> udunits_factor(const std::string& from, const std::string& to);

}  // namespace kelvolt::units
