/// Hands the models of registry.def and the coolants of data/fluids to the solver.
#pragma once

namespace kelvolt {

/// Every program calls this once at its start.
void bring_models();

}  // namespace kelvolt
