/// SparseLU as the linear solver of SUNDIALS' integrators.
#pragma once

#include <sundials/sundials_linearsolver.h>

#include <vector>

namespace kelvolt {

/// For matrices with the structure of this one (sparse, by columns); `last` as for SparseLU. To be freed by
/// SUNLinSolFree.
SUNLinearSolver ida_linear_solver(SUNMatrix structure, const std::vector<char>& last, SUNContext context);

}  // namespace kelvolt
