#pragma once

#include "models/power/line.hpp"

namespace kelvolt::models {

/// Single-phase cable; R and X of both conductors (out and back) together; see line.hpp.
struct Ac1Cable : LineOf<Ac1Port, true> {
    static constexpr std::string_view type = "ac1_cable";
    static constexpr std::string_view doc = "Single-phase cable, out and back, with heat port";
};

}  // namespace kelvolt::models
