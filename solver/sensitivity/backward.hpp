/// Discrete adjoint of a run in time: goes backwards through its trajectory, through every accepted step, the events
/// between segments, the consistent initial conditions and a steady start. See time_gradients.hpp for the equations.
#pragma once

#include "solver/linear/sparse_lu.hpp"
#include "solver/sensitivity/driven.hpp"
#include "solver/sensitivity/time_functionals.hpp"

namespace kelvolt {

class Backward {
   public:
    /// `wanted`: per block, whether derivatives with respect to its parameters are needed.
    Backward(const Network& net, const Trajectory& run, Driven& driven, TimeFunctionals& functionals,
             std::vector<char> wanted);

    /// Goes back from the end to the start of the run. Adds the derivatives with respect to parameters to `by_params`
    /// [functionals][params]; returns those with respect to the differential unknowns at the start.
    std::vector<std::vector<double>> go(std::vector<std::vector<double>>& by_params);
    /// Continues through the steady start F(y, 0, p) = 0. `by_start`: what `go` returned. `factor`: per parameter,
    /// d(value used in the steady state)/d(value given).
    void through_steady(std::vector<std::vector<double>> by_start, const Point& at, const std::vector<double>& factor,
                        std::vector<std::vector<double>>& by_params);

   private:
    using Rows = std::vector<std::vector<double>>;  // [functionals][unknowns]
    static constexpr int ring = 10;  // length of the ring of steps in bars_; no formula reaches back as many steps

    // Each of these goes backwards through one part of the run.
    void segment_back(std::size_t s, Rows& at_end, Rows& by_params);
    void step_back(const Trajectory::Segment& s, int n, Rows& by_params);
    void consistent_back(const Trajectory::Segment& s, Rows& at_start, Rows& by_params);
    void event_back(std::size_t s, const Rows& after, Rows& at_end, Rows& by_params);
    double root_rate(const Trajectory::Segment& s, int component, int which);
    void linearise(const Point& at);
    void refuse_unless(bool factored, const SparseLU& lu, const char* where, double t) const;
    /// Adds lambda^T dF/dp to the derivatives of functional k.
    void add_product(std::size_t k, const Point& at, const std::vector<double>& lambda, Rows& by_params);
    /// out = J^T x for dF/dy or dF/dy' (`values`); elements of algebraic unknowns are set to zero.
    void product_transposed(const std::vector<double>& values, const std::vector<double>& x,
                            std::vector<double>& out) const;
    /// Derivatives of functional k with respect to the state at a step of the segment.
    std::vector<double>& bar(int node, std::size_t k) { return bars_[(node + ring) % ring][k]; }

    const Network& net_;
    const Trajectory& run_;
    Driven& driven_;
    TimeFunctionals& functionals_;
    std::vector<char> wanted_;
    std::vector<int> with_storage_;  // blocks whose equations contain time derivatives
    SparseLU step_lu_, start_lu_;
    // by_value_: dF/dy; by_der_: dF/dy'; mixed_: the matrix that is factorised; lambda_: adjoint of one step
    std::vector<double> zero_, residual_, by_value_, by_der_, mixed_, yp_, lambda_, product_, saved_;
    std::vector<Rows> bars_;  // derivatives with respect to the states of the last steps, see `bar`
    Rows slope_bar_;          // derivatives with respect to y' at the start of the segment
};

}  // namespace kelvolt
