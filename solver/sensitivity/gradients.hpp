/// Derivatives of a steady solution with respect to every number parameter of the network (adjoint of F(y, p) = 0):
///   dg/dp = g_p - lambda^T F_p
///   J^T lambda = g_y, J = F_y
/// Index p and y are partial derivatives. One factorisation serves any number of values; each costs one transposed
/// solve, however many parameters there are.
#pragma once

#include "solver/case/case.hpp"

namespace kelvolt {

class Gradients {
   public:
    /// Factorises the Jacobian at the solution, with the pivots of its solve if the solver is still available. `by`:
    /// only derivatives with respect to these parameters are needed (the others may be zero); null: all.
    /// Error(no_convergence) if the Jacobian is singular.
    explicit Gradients(const Solution& at, const std::vector<ValueRef>* by = nullptr);

    /// Gradient of an unknown, a value of a node or an output; indices as in Values::params. Error(input) for
    /// parameters and flows.
    std::vector<double> of(const ValueRef& value);
    /// Gradient of the margin of a verdict. The limit may depend on parameters and state. Error(input) if the verdict
    /// belongs to another network.
    std::vector<double> of_margin(const Verdict& verdict);

   private:
    /// dg/dy and dg/dp of the quantity.
    struct Seed {
        std::vector<double> by_y, by_params;
    };
    Seed nothing() const;
    void add(Seed& seed, const ValueRef& value, double weight) const;
    void add_output(Seed& seed, int component, int output, double weight) const;
    void add_spread(Seed& seed, const std::vector<ValueRef>& of, double weight) const;
    std::vector<double> chained(Seed seed);
    const LimitRule* spread_rule(const Verdict& verdict) const;
    /// The margin of a limit that applies to every connection (boiling, freezing, condensation); false if it is not one
    /// of these.
    bool add_node_margin(Seed& seed, const Verdict& verdict) const;
    void add_outlet(Seed& seed, const Component& c, int port, double weight) const;
    int number_of_check(int component, const Verdict& verdict) const;

    const Solution& at_;
    SolverPool::Lease solver_;
    std::vector<double> product_;
    std::vector<char> wanted_;  ///< per block: has parameters that are needed
};

}  // namespace kelvolt
