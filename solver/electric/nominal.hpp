/// Nominal voltages of electric buses, for short circuits.
#pragma once

#include <vector>

#include "solver/model/fault.hpp"
#include "solver/network/network.hpp"

namespace kelvolt {

/// Nominal voltage per node, line to line where there are three phases.
struct Nominal {
    std::vector<double> V;
    std::vector<char> stated;  ///< by a bus component; else V is the voltage without load
};
/// What a bus component states holds for the whole network in which it lies; else the voltage without load counts.
/// Error(input) where two of them disagree.
/// open: voltage without load of a phase, per node.
Nominal nominal_voltages(const Network& net, const Point& at, const FaultCase& fault, const std::vector<double>& open);

}  // namespace kelvolt
