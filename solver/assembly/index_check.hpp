/// Index 1, checked on the structure alone.
#pragma once

#include "solver/network/network.hpp"

namespace kelvolt {

/// The derivatives of the stored unknowns and the algebraic unknowns together must match the equations one to one;
/// throws Error(topology) naming the equations that fix what something else stores.
void check_index(const Network& net);

}  // namespace kelvolt
