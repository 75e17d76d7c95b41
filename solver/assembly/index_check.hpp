/// Structural check that the equations have index 1.
#pragma once

#include "solver/network/network.hpp"

namespace kelvolt {

/// The derivatives of the stored unknowns and the algebraic unknowns together must match the equations one to one.
/// Otherwise throws Error(topology) that names the equations which fix a quantity that another component stores.
void check_index(const Network& net);

}  // namespace kelvolt
