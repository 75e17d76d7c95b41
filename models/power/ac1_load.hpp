#pragma once

#include "models/power/load.hpp"

namespace kelvolt::models {

/// Single-phase load; see load.hpp.
struct Ac1Load : LoadOf<Ac1Port> {
    static constexpr std::string_view type = "ac1_load";
    static constexpr std::string_view doc = "Single-phase load: power, current, impedance";
};

}  // namespace kelvolt::models
