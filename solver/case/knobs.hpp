/// Knobs of a case: one number for the sum of many parameters, whose shares stay the same when it is set.
#pragma once

#include <string>
#include <vector>

#include "solver/case/yaml.hpp"
#include "solver/network/paths.hpp"

namespace kelvolt {

struct Knob {
    std::string name, about;
    std::vector<ValueRef> of;  ///< parameters of one quantity, each once
};

/// The section `knobs`. Error(input) for a name that a component has, and for parameters of different quantities.
std::vector<Knob> read_knobs(const yaml::Node& node, const Network& net);

/// The share of each parameter in the sum. Error(input) where the sum is 0.
std::vector<double> shares_of(const Knob& knob, const Network& net, const Values& values, const Where& where = {});

/// What each parameter of a knob becomes when the knob is set to `si`: all times the same factor. Error(input) where
/// their sum is 0, so that there are no shares to keep, and for a value out of the range of a parameter.
std::vector<double> turned(const Knob& knob, const Network& net, const Values& values, double si);

}  // namespace kelvolt
