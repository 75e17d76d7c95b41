/// SparseLU as the linear solver of SUNDIALS' integrators.
#pragma once

#include <sundials/sundials_linearsolver.h>

namespace kelvolt {

/// For matrices with the structure of this one (sparse, by columns). To be freed by SUNLinSolFree.
SUNLinearSolver ida_linear_solver(SUNMatrix structure, SUNContext context);

}  // namespace kelvolt
