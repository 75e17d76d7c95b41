/// Sparse LU factorisation. The first matrix is analysed once and factorised by KLU, which finds the pivots. Later
/// matrices reuse kept pivots: by LaneLU, eight rows at a time, where enough rows have the same structure; by KLU where
/// there are no such rows or where those pivots do not give an accurate solution.
#pragma once

#include <klu.h>

#include <memory>
#include <vector>

#include "solver/linear/lane_lu.hpp"

namespace kelvolt {

class SparseLU {
   public:
    /// `last`: marks the columns to be eliminated after all others; may be empty. The integral states of controllers
    /// belong there: all other unknowns can be eliminated first whether a controller is at its limit or not, so the
    /// same pivots can be used in both cases.
    SparseLU(const std::vector<std::int64_t>& col_ptr, const std::vector<std::int64_t>& row,
             const std::vector<char>& last = {});
    SparseLU(const SparseLU&) = delete;  // the factors are freed through the address of `common_`
    SparseLU& operator=(const SparseLU&) = delete;

    /// Factorises, with the pivots of earlier factorisations where they are still good enough. Returns false when the
    /// matrix is singular (see singular_column). The caller must leave `values` unchanged and in place until the next
    /// factorisation: the first solution is checked against them.
    bool factor(double* values);
    /// The same, and keeps the pivots of the first successful factorisation (see `keep`): for a sequence of similar
    /// matrices, such as the steps of a time integration.
    bool factor_from_first(double* values);
    /// Keeps the pivots of the last factorisation if they are new, so that they remain after `restore`.
    void keep();
    /// Takes over the kept pivots of another object whose matrix has the same structure. Only plans for LaneLU are
    /// taken over: returns true if there is one.
    bool follow(const SparseLU& other);
    /// Forgets all factorisations except the kept ones, so that later results do not depend on what was solved before.
    void restore();
    /// Column at which the last factorisation failed, -1 when unknown.
    int singular_column() const { return common_.singular_col; }
    void solve(double* b);
    /// Solves A^T x = b.
    void solve_transposed(double* b);
    /// Did LaneLU (eight rows at a time) make the last factorisation?
    bool in_lanes() const { return lanes_ != nullptr; }
    int size() const { return n_; }

   private:
    struct FreeSymbolic {
        klu_common* common;
        void operator()(klu_symbolic* s) const { klu_free_symbolic(&s, common); }
    };
    struct FreeNumeric {
        klu_common* common;
        void operator()(klu_numeric* s) const { klu_free_numeric(&s, common); }
    };

    using Numeric = std::unique_ptr<klu_numeric, FreeNumeric>;

    bool factor_by_next(double* values);
    bool factor_by_klu(double* values);
    void solve(double* b, bool transposed);
    bool solves(const double* x, const std::vector<double>& b, bool transposed);

    int n_;
    std::vector<int> col_ptr_, row_;  // 32-bit copy of the structure: half the memory
    klu_common common_{};
    std::unique_ptr<klu_symbolic, FreeSymbolic> symbolic_;
    Numeric kept_, own_;
    klu_numeric* numeric_ = nullptr;                   // KLU's factors in use: kept_, own_ or none
    std::vector<std::unique_ptr<LaneLU>> kept_lanes_;  // one per set of kept pivots with rows of the same structure
    std::size_t next_ = 0;                             // index into kept_lanes_ of the next one to be tried
    LaneLU* lanes_ = nullptr;                          // the one that made the last factorisation; null: KLU did
    // checked_: a solution with the last factorisation was found accurate; begun_: factor_from_first was called before
    bool checked_ = false, begun_ = false;
    double* values_ = nullptr;  // matrix of the last factorisation
    struct Left {               // of one equation: its residual, the sum of the magnitudes of its terms
        double sum, size;
    };
    std::vector<double> given_;  // right-hand side before the solve
    std::vector<Left> left_;
};

}  // namespace kelvolt
