#pragma once

#include "models/power/line.hpp"

namespace kelvolt::models {

/// Balanced three-phase cable or busway; R and X per phase; see line.hpp. With several `cells` in a chain, loads can be
/// connected between them at the taps way[i].
struct AcCable : LineOf<AcPort, true> {
    static constexpr std::string_view type = "ac_cable";
    static constexpr std::string_view doc = "Three-phase cable or busway in balance, with heat port";
};

}  // namespace kelvolt::models
