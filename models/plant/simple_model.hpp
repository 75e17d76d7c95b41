/// Models that stand for a machine by its rating alone say so in every report.
#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// A flag without a range (the lower end above the upper one): it stands at any value.
template <class S>
void flag_simple(Report<S>& out, std::string_view what) {
    out.within(what, "1", 0.5, 1.0, 0.0, "simple model, for balances, not for design");
}

}  // namespace kelvolt::models
