#pragma once

#include "models/power/line.hpp"

namespace kelvolt::models {

/// Balanced three-phase line without a heat port: its loss leaves to the surroundings; see line.hpp.
struct AcLine : LineOf<AcPort, false> {
    static constexpr std::string_view type = "ac_line";
    static constexpr std::string_view doc = "Three-phase line in balance at a stated temperature";
};

}  // namespace kelvolt::models
