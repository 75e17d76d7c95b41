#include "solver/linear/sparse_lu.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "solver/error.hpp"
#include "solver/linear/elimination_order.hpp"

namespace kelvolt {

SparseLU::SparseLU(const std::vector<std::int64_t>& col_ptr, const std::vector<std::int64_t>& row,
                   const std::vector<char>& last)
    : n_(static_cast<int>(col_ptr.size()) - 1),
      col_ptr_(col_ptr.begin(), col_ptr.end()),
      row_(row.begin(), row.end()),
      symbolic_(nullptr, FreeSymbolic{&common_}),
      kept_(nullptr, FreeNumeric{&common_}),
      own_(nullptr, FreeNumeric{&common_}) {
    klu_defaults(&common_);
    common_.btf = 0;    // no block triangular form: closed loops make the matrix one block anyway
    common_.scale = 2;  // scale rows by their largest entry: some balances are in W, others in kg/s
    EliminationOrder order = elimination_order(col_ptr_, row_, last);
    symbolic_.reset(
        klu_analyze_given(n_, col_ptr_.data(), row_.data(), order.rows.data(), order.columns.data(), &common_));
    if (!symbolic_) throw Error(Error::Kind::no_convergence, "the sparse structure could not be analysed");
}

bool SparseLU::factor(double* values) {
    values_ = values;
    checked_ = false;
    common_.singular_col = -1;
    next_ = own_ ? kept_lanes_.size() : 0;
    return factor_by_next(values);
}

bool SparseLU::factor_from_first(double* values) {
    if (!std::exchange(begun_, true) && factor(values)) keep();
    return factor(values);
}

bool SparseLU::factor_by_next(double* values) {
    lanes_ = nullptr;
    while (next_ < kept_lanes_.size())
        if (LaneLU& lanes = *kept_lanes_[next_++]; lanes.factor(values)) return lanes_ = &lanes, true;
    return factor_by_klu(values);
}

bool SparseLU::factor_by_klu(double* values) {
    if (numeric_) {
        const bool ok = klu_refactor(col_ptr_.data(), row_.data(), values, symbolic_.get(), numeric_, &common_);
        // the old pivots may be poor for these values: check KLU's cheap condition estimate, else find new pivots
        if (ok && klu_rcond(symbolic_.get(), numeric_, &common_) && common_.rcond > 1e-14) return true;
    }
    own_.reset(klu_factor(col_ptr_.data(), row_.data(), values, symbolic_.get(), &common_));
    numeric_ = own_.get();
    return numeric_ && common_.status == KLU_OK;
}

void SparseLU::keep() {
    constexpr std::size_t most = 4;  // plans kept
    if (own_) {
        // A plan for LaneLU may always be kept, because its first solution is checked after every factorisation. KLU's
        // solutions are not checked, so its pivots are kept only from a matrix that is well away from singular.
        auto plan = std::make_shared<const LanePlan>(col_ptr_, row_, symbolic_.get(), own_.get(), &common_);
        if (!plan->empty() && kept_lanes_.size() < most)
            kept_lanes_.push_back(std::make_unique<LaneLU>(std::move(plan)));
        if (klu_rcond(symbolic_.get(), own_.get(), &common_) && common_.rcond > 1e-12) kept_ = std::move(own_);
    }
    restore();
}

bool SparseLU::follow(const SparseLU& other) {
    kept_.reset();
    kept_lanes_.clear();
    for (const auto& lanes : other.kept_lanes_) kept_lanes_.push_back(std::make_unique<LaneLU>(lanes->plan()));
    restore();
    return !kept_lanes_.empty();
}

void SparseLU::restore() {
    own_.reset();
    numeric_ = kept_.get();
    lanes_ = nullptr;
}

void SparseLU::solve(double* b) { solve(b, false); }

void SparseLU::solve_transposed(double* b) { solve(b, true); }

void SparseLU::solve(double* b, bool transposed) {
    if (lanes_ && !checked_) given_.assign(b, b + n_);
    while (lanes_) {
        transposed ? lanes_->solve_transposed(b) : lanes_->solve(b);
        checked_ = checked_ || solves(b, given_, transposed);
        if (checked_) return;
        std::copy(given_.begin(), given_.end(), b);  // these pivots are poor for this matrix: try the next
        if (!factor_by_next(values_)) return std::fill(b, b + n_, NAN), void();
    }
    if (transposed)
        klu_tsolve(symbolic_.get(), numeric_, n_, 1, b, &common_);
    else
        klu_solve(symbolic_.get(), numeric_, n_, 1, b, &common_);
}

// Is x an accurate solution? In each equation the residual must be small against the sum of the magnitudes of its
// terms. Every unknown counts with at least 1e-9 of the largest one, since below that it may consist of rounding errors
// only.
bool SparseLU::solves(const double* x, const std::vector<double>& b, bool transposed) {
    constexpr double most = 1e-6;  // solutions by KLU itself reach up to 1e-8 where large terms cancel
    double largest = 0.0;
    for (int i = 0; i < n_; ++i) largest = std::max(largest, std::abs(x[i]));
    const double least = 1e-9 * largest;
    left_.resize(n_);
    for (int i = 0; i < n_; ++i) left_[i] = {b[i], std::abs(b[i])};
    const auto subtract = [&](Left& left, double entry, double number) {
        left.sum -= entry * number;
        left.size += std::abs(entry) * (std::abs(number) + least);
    };
    for (int c = 0; c < n_; ++c)
        for (int k = col_ptr_[c]; k < col_ptr_[c + 1]; ++k)
            transposed ? subtract(left_[c], values_[k], x[row_[k]]) : subtract(left_[row_[k]], values_[k], x[c]);
    bool all = true;
    for (const Left& left : left_) all = all && std::abs(left.sum) <= most * left.size;
    return all;
}

}  // namespace kelvolt
