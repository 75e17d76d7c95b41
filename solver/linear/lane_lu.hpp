/// LU along a fixed sequence, eight rows at a time where eight are alike.
#pragma once

#include <memory>

#include "solver/linear/lane_plan.hpp"

namespace kelvolt {

class LaneLU {
   public:
    explicit LaneLU(std::shared_ptr<const LanePlan> plan);
    const std::shared_ptr<const LanePlan>& plan() const { return plan_; }

    /// False where a pivot vanished.
    bool factor(const double* values);
    void solve(double* b);
    /// Solves A^T x = b.
    void solve_transposed(double* b);

   private:
    using Step = LanePlan::Step;

    template <class V>
    V eliminate(const Step& step, const double* values);
    template <bool left, class V>
    V rest(const double* entry, int link, int count, V sum) const;
    template <class V>
    void spread(const double* entry, int link, int count, const V& x, int used);
    double* pivot(const Step& step) { return &factors_[step.first + step.lanes * step.left]; }

    template <class Work>
    void forward(const Work& work);
    template <class Work>
    void backward(const Work& work);
    void take(const double* b, const std::vector<int>& from);
    void give(double* b, const std::vector<int>& to) const;

    std::shared_ptr<const LanePlan> plan_;
    std::vector<double> factors_, y_;  // y_: a vector in the order of the steps
};

}  // namespace kelvolt
