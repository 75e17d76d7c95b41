#pragma once

#include "models/power/line4.hpp"

namespace kelvolt::models {

/// Four-wire line without a heat port: its loss leaves to the surroundings; see line4.hpp.
struct Ac4Line : Line4Of<false> {
    static constexpr std::string_view type = "ac4_line";
    static constexpr std::string_view former = "ac3_line";
    static constexpr std::string_view doc = "Four-wire line at a stated temperature";
};

}  // namespace kelvolt::models
