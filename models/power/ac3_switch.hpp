#pragma once

#include "models/power/switch.hpp"

namespace kelvolt::models {

/// Switch or breaker, four wires; see switch.hpp.
struct Ac4Switch : SwitchOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_switch";
    static constexpr std::string_view former = "ac3_switch";
    static constexpr std::string_view doc = "Switch or breaker, four wires";
};

}  // namespace kelvolt::models
