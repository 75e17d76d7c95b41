/// Parts of a circuit that shut components cut off from every pressure reference. They stay solvable through stated
/// leaks, so they are named rather than refused: at the start and after every event that opens or closes something.
#pragma once

#include "solver/network/network.hpp"

namespace kelvolt {

struct Island {
    int circuit;
    std::vector<int> nodes;
    std::vector<int> components;  ///< components whose ports all lie inside
    std::vector<int> closed_by;   ///< shut components at its border
};

/// The components that are shut at this point, in order.
std::vector<int> shut_components(const Network& net, const Point& at);
/// Islands at this point, in the order of their first node.
std::vector<Island> find_islands(const Network& net, const Point& at);
/// "rack.hose, rack.filter: cut off from the pressure reference by rack.valve".
std::string describe(const Network& net, const Island& island);
/// The component an island is told under: its first, or where it holds none of the case's own what shut it off.
const std::string& component_of(const Network& net, const Island& island);

}  // namespace kelvolt
