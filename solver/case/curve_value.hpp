/// Curves as written in a case: a constant, points, a CSV file, a power law.
#pragma once

#include "solver/case/values.hpp"

namespace kelvolt {

Given read_curve(const yaml::Node& node, const ParamInfo& param, const Origin& origin, std::string_view about);

}  // namespace kelvolt
