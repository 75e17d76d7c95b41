#include "solver/linear/ida_linear_solver.hpp"

#include <sundials/sundials_nvector.h>
#include <sunmatrix/sunmatrix_sparse.h>

#include <cstring>

#include "solver/linear/sparse_lu.hpp"

namespace kelvolt {

namespace {

SparseLU& lu_of(SUNLinearSolver solver) { return *static_cast<SparseLU*>(solver->content); }

SUNLinearSolver_Type type(SUNLinearSolver) { return SUNLINEARSOLVER_DIRECT; }

int set_up(SUNLinearSolver solver, SUNMatrix matrix) {
    return lu_of(solver).factor_from_first(SUNSparseMatrix_Data(matrix)) ? SUNLS_SUCCESS : SUNLS_PACKAGE_FAIL_REC;
}

int solve(SUNLinearSolver solver, SUNMatrix matrix, N_Vector x, N_Vector b, realtype) {
    double* const to = N_VGetArrayPointer(x);
    std::memcpy(to, N_VGetArrayPointer(b), sizeof(double) * SUNSparseMatrix_Columns(matrix));
    lu_of(solver).solve(to);
    return SUNLS_SUCCESS;
}

int release(SUNLinearSolver solver) {
    delete &lu_of(solver);
    solver->content = nullptr;
    SUNLinSolFreeEmpty(solver);
    return SUNLS_SUCCESS;
}

}  // namespace

SUNLinearSolver ida_linear_solver(SUNMatrix structure, const std::vector<char>& last, SUNContext context) {
    const sunindextype *col_ptr = SUNSparseMatrix_IndexPointers(structure),
                       *row = SUNSparseMatrix_IndexValues(structure);
    const sunindextype n = SUNSparseMatrix_Columns(structure);
    SUNLinearSolver solver = SUNLinSolNewEmpty(context);
    solver->ops->gettype = type;
    solver->ops->setup = set_up;
    solver->ops->solve = solve;
    solver->ops->free = release;
    solver->content = new SparseLU({col_ptr, col_ptr + n + 1}, {row, row + col_ptr[n]}, last);
    return solver;
}

}  // namespace kelvolt
