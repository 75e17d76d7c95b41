/// A liquid from a table of its properties: the fits of Medium through the rows, with the errors they leave.
#pragma once

#include <string>
#include <vector>

#include "models/media/medium.hpp"
#include "solver/model/registry.hpp"

namespace kelvolt {

/// Fits every property, over T_min..T_max of the sheet, by the polynomial of least degree that follows it to 2e-4, else
/// by the best one; the viscosity by its logarithm, with Vogel's term where that follows it better. Fills the fits,
/// their errors and T_min, T_max. Error(input) where a row makes no sense or a fit misses the table by more than 1 %
/// (of the viscosity 3 %), with the property and the row.
void fit(Medium& medium, const FluidSheet& sheet);

/// Where the fluid can be evaluated (see Medium), from T_min, T_max, T_freeze and T_boil, and its vapour pressure.
void find_limits(Medium& medium);

/// What is wrong with a fluid's temperatures or with the sign of a property between them; empty when nothing is.
/// `property`, where one is to blame, takes its name.
std::string fluid_problem(const Medium& medium, std::string& property);

}  // namespace kelvolt
