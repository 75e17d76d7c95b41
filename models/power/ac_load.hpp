#pragma once

#include "models/power/load.hpp"

namespace kelvolt::models {

/// Balanced three-phase load; see load.hpp.
struct AcLoad : LoadOf<AcPort> {
    static constexpr std::string_view type = "ac_load";
    static constexpr std::string_view doc = "Three-phase load in balance: power, current, impedance";
};

}  // namespace kelvolt::models
