/// Derivatives of a steady solution with respect to every number parameter of the network:
/// d(g)/dp = dg/dp - lambda^T dF/dp with J^T lambda = dg/dy (adjoint of F(y, p) = 0).
/// One factorisation serves any number of values; each costs one transposed solve, however many parameters there are.
#pragma once

#include "solver/case/session.hpp"
#include "solver/steady/sparse_lu.hpp"

namespace kelvolt {

class Gradients {
   public:
    /// Factorises the Jacobian at the solution. Error(no_convergence) where it is singular.
    explicit Gradients(const Solution& at);

    /// Of an unknown, a node's value or an output; index as Values::params. Error(input) for parameters and flows.
    std::vector<double> of(const ValueRef& value);
    /// Of the margin a verdict states: how far its value may still go. The limit may depend on parameters and state.
    /// Error(input) when the verdict belongs to another network or compares several values.
    std::vector<double> of_margin(const Verdict& verdict);

   private:
    std::vector<double> of_output(int component, int output);
    std::vector<double> chained(std::vector<double> dg_dy, std::vector<double> dg_dp);
    int number_of_check(int component, const Verdict& verdict) const;

    const Solution& at_;
    SparseLU lu_;
    std::vector<double> still_;  ///< y' = 0
};

}  // namespace kelvolt
