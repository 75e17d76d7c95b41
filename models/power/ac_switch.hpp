#pragma once

#include "models/power/switch.hpp"

namespace kelvolt::models {

/// Switch or breaker, three phases in balance; see switch.hpp.
struct AcSwitch : SwitchOf<AcPort> {
    static constexpr std::string_view type = "ac_switch";
    static constexpr std::string_view doc = "Switch or breaker, three phases in balance";
};

}  // namespace kelvolt::models
