/// Heights in fluid circuits. A component whose ports do not lie at one height has the output `rise` [m]: the height of
/// its other ports above its first, for the ports of the same circuit number. All ports of a connection have one
/// height, so that the rises around every loop must add up to zero.
#pragma once

#include "solver/network/network.hpp"

namespace kelvolt {

/// Height of every node above one node of its circuit [m], the one that fixes the pressure where there is one; zero for
/// nodes of other kinds. Throws Error(topology) that names a loop which does not close, with its components and their
/// rises.
std::vector<double> node_heights(const Network& net, const Values& values);
/// Does any component rise, so that coolant may flow by its weight?
bool has_heights(const Network& net, const Values& values);

}  // namespace kelvolt
