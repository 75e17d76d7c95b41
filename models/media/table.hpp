/// A liquid from a table of its properties: the fits of Medium through the rows, with their errors.
#pragma once

#include <string>
#include <vector>

#include "models/media/medium.hpp"
#include "solver/model/registry.hpp"

namespace kelvolt {

/// Fits every property over T_min..T_max of the table by the polynomial of least degree whose error is below 2e-4, or
/// by the best one if none reaches that; viscosity by its logarithm, with Vogel's term where the error is then smaller.
/// Sets the fits, their errors, T_min and T_max. Error(input), with property and row, where a row is impossible or a
/// fit misses the table by more than 1 % (viscosity: 3 %).
void fit(Medium& medium, const FluidSheet& sheet);

/// Sets the range in which the fluid is evaluated (see Medium), from T_min, T_max, T_freeze and T_boil, and the
/// activity of its water.
void find_limits(Medium& medium);

/// What is wrong with a fluid's temperatures or with the sign of a property between them; empty if nothing is.
/// `property` is set to the name of the property that is to blame, if any.
std::string fluid_problem(const Medium& medium, std::string& property);

}  // namespace kelvolt
