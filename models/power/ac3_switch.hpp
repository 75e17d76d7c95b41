#pragma once

#include "models/power/switch.hpp"

namespace kelvolt::models {

/// Switch or breaker, four wires; see switch.hpp.
struct Ac3Switch : SwitchOf<Ac3Port> {
    static constexpr std::string_view type = "ac3_switch";
    static constexpr std::string_view doc = "Switch or breaker, four wires";
};

}  // namespace kelvolt::models
