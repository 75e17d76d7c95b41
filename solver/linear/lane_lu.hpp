/// LU factorisation with a fixed elimination order and fixed pivots (see LanePlan). Rows with the same structure are
/// eliminated together, up to eight at a time, in the lanes of a SIMD vector.
#pragma once

#include <memory>

#include "solver/linear/lane_plan.hpp"

namespace kelvolt {

class LaneLU {
   public:
    explicit LaneLU(std::shared_ptr<const LanePlan> plan);
    const std::shared_ptr<const LanePlan>& plan() const { return plan_; }

    /// Factorises a matrix. `values`: its entries in the order of the sparse structure. Returns false when a pivot is
    /// zero or a factor is not finite.
    bool factor(const double* values);
    /// Solves A x = b in place.
    void solve(double* b);
    /// Solves A^T x = b in place.
    void solve_transposed(double* b);

   private:
    using Step = LanePlan::Step;

    template <class V>
    V eliminate(const Step& step, const double* values);
    template <bool left, class V>
    V substitute(const double* entry, int link, int count, V sum) const;
    template <class V>
    void subtract_scaled(const double* entry, int link, int count, const V& x, int used);
    double* pivot(const Step& step) { return &factors_[step.first + step.lanes * step.left]; }

    template <class Work>
    void forward(const Work& work);
    template <class Work>
    void backward(const Work& work);
    void gather(const double* b, const std::vector<int>& from);
    void scatter(double* b, const std::vector<int>& to) const;

    std::shared_ptr<const LanePlan> plan_;
    // factors_: L and U, stored as LanePlan::Step describes; y_: right-hand side and solution in the order of the steps
    std::vector<double> factors_, y_;
};

}  // namespace kelvolt
