#pragma once

#include "models/power/switch.hpp"

namespace kelvolt::models {

/// Switch or breaker, DC; see switch.hpp.
struct DcSwitch : SwitchOf<DcPort> {
    static constexpr std::string_view type = "dc_switch";
    static constexpr std::string_view doc = "Switch or breaker, DC";
};

}  // namespace kelvolt::models
