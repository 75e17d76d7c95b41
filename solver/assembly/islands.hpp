/// Fluid islands: parts of a circuit that closed components (valves, check valves) separate from every pressure
/// reference. The stated leakage of these components keeps the equations solvable, so islands are reported and not
/// refused: at the start and after every event that opens or closes a component.
#pragma once

#include "solver/network/network.hpp"

namespace kelvolt {

struct Island {
    int circuit;
    std::vector<int> nodes;
    std::vector<int> components;  ///< components whose ports all lie inside
    std::vector<int> closed_by;   ///< closed components at its border
};

/// The components that are closed at this point, in order.
std::vector<int> shut_components(const Network& net, const Point& at);
/// Islands at this point, in the order of their first node.
std::vector<Island> find_islands(const Network& net, const Point& at);
/// "rack.hose, rack.filter: cut off from the pressure reference by rack.valve".
std::string describe(const Network& net, const Island& island);
/// The component under which an island is reported: its first, or, if it holds only components the builder made, the
/// first one that closes it off.
const std::string& component_of(const Network& net, const Island& island);

}  // namespace kelvolt
