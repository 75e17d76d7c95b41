/// Goes backwards through a trajectory: the adjoint of every accepted step, of jumps, and of the consistent and the
/// steady start. See time_gradients.hpp for the equations.
#pragma once

#include "solver/linear/sparse_lu.hpp"
#include "solver/sensitivity/driven.hpp"
#include "solver/sensitivity/time_functionals.hpp"

namespace kelvolt {

class Backward {
   public:
    /// `wanted`: per block, whether derivatives by its parameters are needed.
    Backward(const Network& net, const Trajectory& run, Driven& driven, TimeFunctionals& functionals,
             std::vector<char> wanted);

    /// Down to the start of the run. `by_params` [functionals][params] is added to; what is left are the derivatives
    /// by the differential unknowns there.
    std::vector<std::vector<double>> go(std::vector<std::vector<double>>& by_params);
    /// From there through F(y, 0, p) = 0. `factor`: per parameter, how far it is free in the steady state.
    void through_steady(std::vector<std::vector<double>> by_start, const Point& at, const std::vector<double>& factor,
                        std::vector<std::vector<double>>& by_params);

   private:
    using Rows = std::vector<std::vector<double>>;  // [functionals][unknowns]
    static constexpr int ring = 10;                 // more than any formula reaches back

    void segment_back(std::size_t s, Rows& at_end, Rows& by_params);
    void step_back(const Trajectory::Segment& s, int n, Rows& by_params);
    void consistent_back(const Trajectory::Segment& s, Rows& at_start, Rows& by_params);
    void event_back(std::size_t s, const Rows& after, Rows& at_end, Rows& by_params);
    double root_rate(const Trajectory::Segment& s, int component, int which);
    void linearise(const Point& at);
    void refuse_unless(bool factored, const SparseLU& lu, const char* where, double t) const;
    void add_product(std::size_t k, const Point& at, const std::vector<double>& lambda, Rows& by_params);
    /// J^T x for one of the two Jacobians, columns of the differential unknowns only.
    void product_transposed(const std::vector<double>& values, const std::vector<double>& x,
                            std::vector<double>& out) const;
    std::vector<double>& bar(int node, std::size_t k) { return bars_[(node + ring) % ring][k]; }

    const Network& net_;
    const Trajectory& run_;
    Driven& driven_;
    TimeFunctionals& functionals_;
    std::vector<char> wanted_;
    std::vector<int> with_storage_;  // blocks with derivatives
    SparseLU step_lu_, start_lu_;
    std::vector<double> zero_, residual_, by_value_, by_der_, mixed_, yp_, lambda_, product_, saved_;
    std::vector<Rows> bars_;
    Rows slope_bar_;  // of the starting slope of the segment
};

}  // namespace kelvolt
