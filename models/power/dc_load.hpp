#pragma once

#include "models/power/load.hpp"

namespace kelvolt::models {

/// DC load; see load.hpp.
struct DcLoad : LoadOf<DcPort> {
    static constexpr std::string_view type = "dc_load";
    static constexpr std::string_view doc = "DC load: power, current, impedance";
};

}  // namespace kelvolt::models
