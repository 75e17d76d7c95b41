#pragma once

#include "models/power/line3.hpp"

namespace kelvolt::models {

/// Four-wire line without a heat port: its loss leaves to the surroundings; see line3.hpp.
struct Ac3Line : Line3Of<false> {
    static constexpr std::string_view type = "ac3_line";
    static constexpr std::string_view doc = "Four-wire line at a stated temperature";
};

}  // namespace kelvolt::models
