#pragma once

#include "models/power/line4.hpp"

namespace kelvolt::models {

/// Four-wire cable or busway with a heat port; see line4.hpp.
struct Ac4Cable : Line4Of<true> {
    static constexpr std::string_view type = "ac4_cable";
    static constexpr std::string_view former = "ac3_cable";
    static constexpr std::string_view doc = "Four-wire cable or busway, with heat port";
};

}  // namespace kelvolt::models
