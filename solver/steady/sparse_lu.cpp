#include "solver/steady/sparse_lu.hpp"

namespace kelvolt {

SparseLU::SparseLU(const std::vector<std::int64_t>& col_ptr, const std::vector<std::int64_t>& row)
    : n_(static_cast<int>(col_ptr.size()) - 1),
      col_ptr_(col_ptr.begin(), col_ptr.end()),
      row_(row.begin(), row.end()),
      symbolic_(nullptr, FreeSymbolic{&common_}),
      kept_(nullptr, FreeNumeric{&common_}),
      own_(nullptr, FreeNumeric{&common_}) {
    klu_defaults(&common_);
    common_.btf = 0;  // closed loops make one block anyway
    // AMD on A + A^T: patterns are nearly symmetric, and the balance of a room that takes a thousand losses stays a
    // row; COLAMD filled a hall of eight racks 8.2 times instead of 1.9
    common_.ordering = 0;
    common_.scale = 2;  // rows by their largest entry: balances in W stand beside balances in kg/s
    symbolic_.reset(klu_analyze(n_, col_ptr_.data(), row_.data(), &common_));
    if (!symbolic_) throw Error(Error::Kind::no_convergence, "the sparse structure could not be analysed");
}

bool SparseLU::factor(double* values) {
    common_.singular_col = -1;
    if (numeric_) {
        const bool ok = klu_refactor(col_ptr_.data(), row_.data(), values, symbolic_.get(), numeric_, &common_);
        // old pivots may have become poor: judge by the cheap condition estimate, then pivot anew
        if (ok && klu_rcond(symbolic_.get(), numeric_, &common_) && common_.rcond > 1e-14) return true;
    }
    own_.reset(klu_factor(col_ptr_.data(), row_.data(), values, symbolic_.get(), &common_));
    numeric_ = own_.get();
    return numeric_ && common_.status == KLU_OK;
}

void SparseLU::keep() {
    // a matrix this near to singular says little about where others have their pivots
    if (own_ && klu_rcond(symbolic_.get(), own_.get(), &common_) && common_.rcond > 1e-12) kept_ = std::move(own_);
    restore();
}

void SparseLU::restore() {
    own_.reset();
    numeric_ = kept_.get();
}

void SparseLU::solve(double* b) const { klu_solve(symbolic_.get(), numeric_, n_, 1, b, &common_); }

void SparseLU::solve_transposed(double* b) const { klu_tsolve(symbolic_.get(), numeric_, n_, 1, b, &common_); }

double SparseLU::fill() const {
    return numeric_ ? double(numeric_->lnz + numeric_->unz) / double(col_ptr_.back()) : 0.0;
}

}  // namespace kelvolt
