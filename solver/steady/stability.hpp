/// Stability of a steady state. A root of F(y, 0) may be an unstable equilibrium, which the real plant leaves after any
/// small disturbance.
///
/// Heat. Flows and controllers are held constant.
/// Heat into one node never cools another, so the Jacobian of the heat balances has the signs of an M-matrix.
/// The state is stable exactly if unit heat into every node warms every node (Berman & Plemmons, Nonnegative Matrices,
/// 1994, chapter 6).
/// Only losses that rise with temperature (leakage) can violate this. They are convex in temperature, so only the
/// coolest state is stable; it is the one reached by continuation from zero leakage.
/// Most states are decided without a factorisation: if every component with leakage releases more heat than the slope
/// of its loss times its temperature above the coldest node, the vector T - T_coldest proves the M-matrix property.
///
/// Flow. An operating point is unstable if a pump's head rises with flow more steeply than the resistance of the rest
/// of the network. For all branches with a negative slope of resistance, the matrix of their flow responses to
/// pressures applied in series with them must be positive definite.
#pragma once

#include <vector>

#include "solver/newton/domain_parts.hpp"

namespace kelvolt {

class Stability {
   public:
    /// `parts` provides the factorisations and must outlive this object.
    Stability(const Network& net, DomainParts& parts);

    /// Is the state stable? `jacobian`: dF/dy at y or at most one Newton step before.
    bool heat(const std::vector<double>& y, const Values& values, const std::vector<double>& jacobian);
    bool flow(const std::vector<double>& y, const Values& values, const std::vector<double>& jacobian);
    /// Change of every unknown of the network when a pressure in series with a branch changes its flow by 1 kg/s; empty
    /// if the linear system is singular.
    std::vector<double> flow_response(const std::vector<double>& y, const Values& values, int branch_unknown);
    /// Number of calls of `heat` that needed a factorisation.
    long factorised() const { return factorised_; }
    /// Unknowns that made the last test fail.
    const std::vector<int>& guilty() const { return guilty_; }

   private:
    /// Entry of the Jacobian between two temperatures.
    struct Entry {
        std::int64_t position;
        int row, col;  ///< numbers in rows_
    };
    struct Row {
        int unknown;
        double orientation;  ///< +1: the equation sums heat out of the node, -1: heat into the component
        bool leaks;          ///< contains a loss that rises with temperature
        bool carried;        ///< contains heat transport by coolant
    };
    /// A flow with its own pressure-drop equation: positions of derivatives in the Jacobian.
    struct Branch {
        int unknown;
        std::int64_t own, by_pressure, in_node;  ///< d drop/d flow, d drop/d pressure, d mass balance/d flow
    };
    void find_rows();
    void find_branches();
    /// Sufficient test for thermal stability without a factorisation.
    bool surely(const std::vector<double>& y, const std::vector<double>& jacobian);
    /// Exact test: does unit heat into every node warm every node?
    bool warms_all(const std::vector<double>& y, const Values& values);

    const Network& net_;
    DomainParts& parts_;
    std::vector<Row> rows_;
    std::vector<int> held_;  ///< given temperatures of surroundings
    std::vector<Entry> entries_;
    std::vector<Branch> branches_;
    bool leaky_ = false;  ///< any row contains a loss that rises with temperature
    long factorised_ = 0;
    std::vector<double> rise_, sum_, size_, work_;
    std::vector<int> guilty_;
};

}  // namespace kelvolt
