/// Sparse LU by KLU: one symbolic analysis (COLAMD, no block triangular form), cheap refactorisation, plain and
/// transposed solves.
#pragma once

#include <klu.h>

#include <memory>
#include <vector>

#include "solver/network/network.hpp"

namespace kelvolt {

class SparseLU {
   public:
    SparseLU(const std::vector<std::int64_t>& col_ptr, const std::vector<std::int64_t>& row);
    SparseLU(const SparseLU&) = delete;  // the factors are freed through the address of `common_`
    SparseLU& operator=(const SparseLU&) = delete;

    /// Factorises, with the pivots of the last time where they still serve. False: singular (see singular_column).
    bool factor(double* values);
    /// Column at which the last factorisation broke down, -1 when unknown.
    std::int64_t singular_column() const { return common_.singular_col; }
    void solve(double* b) const;
    /// Solves A^T x = b.
    void solve_transposed(double* b) const;
    std::int64_t size() const { return n_; }
    double fill() const;  ///< nonzeros of L and U over those of A

   private:
    struct FreeSymbolic {
        klu_l_common* common;
        void operator()(klu_l_symbolic* s) const { klu_l_free_symbolic(&s, common); }
    };
    struct FreeNumeric {
        klu_l_common* common;
        void operator()(klu_l_numeric* s) const { klu_l_free_numeric(&s, common); }
    };

    std::int64_t n_;
    mutable std::vector<std::int64_t> col_ptr_, row_;
    mutable klu_l_common common_{};
    std::unique_ptr<klu_l_symbolic, FreeSymbolic> symbolic_;
    std::unique_ptr<klu_l_numeric, FreeNumeric> numeric_;
};

}  // namespace kelvolt
