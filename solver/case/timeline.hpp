/// `apply:` and `events:` of a case: changes of parameters in time.
#pragma once

#include "solver/case/case.hpp"
#include "solver/case/profiles.hpp"

namespace kelvolt {

std::vector<Input> read_inputs(const Case& built, const yaml::Node& apply, ProfileReader& profiles);
/// Events in order of time.
std::vector<Event> read_events(const Case& built, const yaml::Node& events);

}  // namespace kelvolt
