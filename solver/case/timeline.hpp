/// `apply:` and `events:` of a case: changes of parameters in time.
#pragma once

#include "solver/case/built_case.hpp"
#include "solver/case/profiles.hpp"
#include "solver/transient/schedule.hpp"

namespace kelvolt {

/// A profile that begins later has clock times since 1970 [s].
inline constexpr double first_stamp = 1e8;

std::vector<Input> read_inputs(const BuiltCase& built, const yaml::Node& apply, ProfileReader& profiles);
/// Events in order of time.
std::vector<Event> read_events(const BuiltCase& built, const yaml::Node& events);

/// An event that sets parameters to a value [SI], checked as those of the case are.
Event added_event(const BuiltCase& built, double time, const std::string& pattern, double si);

/// Profiles and events of a case, for a run, with further events.
Schedule schedule_of(const BuiltCase& c, const std::vector<Event>& added = {});
/// Refuses profiles of which a run of that duration [s] would use nothing but one outer value.
void refuse_profiles_outside(const std::vector<Input>& inputs, double duration);
/// What a run of that duration [s] holds before the first and after the last point of a log, as warnings.
std::vector<std::string> held_ends(const std::vector<Input>& inputs, double duration);
/// Refuses, for a steady state at time t [s], profiles whose times are stamps of a clock.
void refuse_stamps(const std::vector<Input>& inputs, double t);

}  // namespace kelvolt
