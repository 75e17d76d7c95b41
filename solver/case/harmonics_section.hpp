/// `harmonics:` of a case's `power:` section: the spectra of the currents that loads draw.
#pragma once

#include <functional>

#include "solver/case/power_section.hpp"

namespace kelvolt {

/// Reads patterns and refuses those that name no component; `about` begins its messages.
using PatternReader = std::function<PowerSection::Patterns(const yaml::Node&, const std::string& about)>;

/// Error(input) with the line for an unknown key or spectrum, orders that are no whole numbers from 2 on or not as many
/// as currents.
PowerSection::Harmonics read_harmonics(const yaml::Node& node, const PatternReader& components);

}  // namespace kelvolt
