#pragma once

#include "models/power/line3.hpp"

namespace kelvolt::models {

/// Four-wire cable or busway with a heat port; see line3.hpp.
struct Ac3Cable : Line3Of<true> {
    static constexpr std::string_view type = "ac3_cable";
    static constexpr std::string_view doc = "Four-wire cable or busway, with heat port";
};

}  // namespace kelvolt::models
