#pragma once

#include "models/power/line.hpp"

namespace kelvolt::models {

/// DC cable, busway or busbar: R of the way out and back; see line.hpp. In a chain (`cells`), way[i] are its taps.
struct DcCable : LineOf<DcPort, true> {
    static constexpr std::string_view type = "dc_cable";
    static constexpr std::string_view doc = "DC cable or busbar, out and back, with heat port";
};

}  // namespace kelvolt::models
