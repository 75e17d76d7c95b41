#pragma once

#include "models/power/line.hpp"

namespace kelvolt::models {

/// DC cable, busway or busbar; R of both conductors (out and back) together; see line.hpp. With several `cells` in a
/// chain, loads can be connected between them at the taps way[i].
struct DcCable : LineOf<DcPort, true> {
    static constexpr std::string_view type = "dc_cable";
    static constexpr std::string_view doc = "DC cable or busbar, out and back, with heat port";
};

}  // namespace kelvolt::models
