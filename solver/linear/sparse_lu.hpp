/// Sparse LU: order and pivots by KLU after one symbolic analysis; matrices that come after a kept one are factorised
/// eight rows at a time (LaneLU) where that network repeats itself, by KLU where those pivots do not serve.
#pragma once

#include <klu.h>

#include <memory>
#include <vector>

#include "solver/linear/lane_lu.hpp"
#include "solver/network/network.hpp"

namespace kelvolt {

class SparseLU {
   public:
    /// `last`: columns to be eliminated after all others, where not empty. The integral of a controller belongs there:
    /// what it controls can be solved without it, at a limit of the controller or not, so that the same pivots serve.
    SparseLU(const std::vector<std::int64_t>& col_ptr, const std::vector<std::int64_t>& row,
             const std::vector<char>& last = {});
    SparseLU(const SparseLU&) = delete;  // the factors are freed through the address of `common_`
    SparseLU& operator=(const SparseLU&) = delete;

    /// Factorises, with the pivots of the last time where they still serve. False: singular (see singular_column).
    /// The values stay where they are until the next factorisation: the first solve is checked against them.
    bool factor(double* values);
    /// The same, keeping the pivots of the first time: for one who solves along a path.
    bool factor_from_first(double* values);
    /// The pivots of the last factorisation, where they are new, are among those that `restore` returns to.
    void keep();
    /// The pivots kept by another one, for a matrix of the same structure: true where they are shared, which takes rows
    /// that are alike.
    bool follow(const SparseLU& other);
    /// Forgets every factorisation but those kept: what follows does not depend on what was solved before.
    void restore();
    /// Column at which the last factorisation broke down, -1 when unknown.
    int singular_column() const { return common_.singular_col; }
    void solve(double* b);
    /// Solves A^T x = b.
    void solve_transposed(double* b);
    /// Whether the last factorisation went eight rows at a time.
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
    std::vector<int> col_ptr_, row_;  // half the memory of the 64-bit structure
    klu_common common_{};
    std::unique_ptr<klu_symbolic, FreeSymbolic> symbolic_;
    Numeric kept_, own_;
    klu_numeric* numeric_ = nullptr;                   // one of the two
    std::vector<std::unique_ptr<LaneLU>> kept_lanes_;  // along all pivots kept; none where no rows are alike
    std::size_t next_ = 0;                             // of these, to be tried
    LaneLU* lanes_ = nullptr;                          // the one that serves; none: KLU
    bool checked_ = false, begun_ = false;
    double* values_ = nullptr;
    struct Left {
        double sum, size;
    };
    std::vector<double> given_;
    std::vector<Left> left_;
};

}  // namespace kelvolt
