#pragma once

#include "models/power/switch.hpp"

namespace kelvolt::models {

/// Switch or breaker, single-phase; see switch.hpp.
struct Ac1Switch : SwitchOf<Ac1Port> {
    static constexpr std::string_view type = "ac1_switch";
    static constexpr std::string_view doc = "Switch or breaker, single-phase";
};

}  // namespace kelvolt::models
