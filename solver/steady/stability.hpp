/// Would a steady state last? A root of F(y, 0) may be a point that the machine leaves at the least push.
///
/// Heat. With flows and controllers frozen, heat into a node never cools another: -dF/dy of the temperatures has the
/// signs of an M-matrix, and the state is stable exactly where unit heat into every node warms every node (Berman &
/// Plemmons, Nonnegative Matrices, 1994, chapter 6). Losses that rise with temperature alone can spoil that. Because
/// they are convex, the one stable state is also the coolest, which is the branch that starts without them. A look at
/// the temperatures themselves decides most states without a factorisation: where each part that leaks releases more
/// heat than (its slope) times (its rise above the coldest node), T - T_coldest is a vector that shows it.
///
/// Flow. A pump whose head rises with flow more steeply than the rest of the network resists is unstable. Among parts
/// whose law has several branches, the response of those with a falling resistance to a pressure put in series with
/// them must be positive definite.
#pragma once

#include <vector>

#include "solver/steady/domain_parts.hpp"

namespace kelvolt {

class Stability {
   public:
    /// `parts` factorises where that is needed, and must outlive it.
    Stability(const Network& net, DomainParts& parts);

    /// `jacobian`: dF/dy at y or no more than a Newton step before.
    bool heat(const std::vector<double>& y, const Values& values, const std::vector<double>& jacobian);
    bool flow(const std::vector<double>& y, const Values& values, const std::vector<double>& jacobian);
    /// How the flows and pressures answer to a pressure put in series with a branch, per kg/s of its own flow [every
    /// unknown]; empty where that is not determined.
    std::vector<double> flow_response(const std::vector<double>& y, const Values& values, int branch_unknown);
    /// How many answers about heat took a factorisation.
    long factorised() const { return factorised_; }
    /// Unknowns that the last answer "no" is about.
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
        bool leaks;          ///< a loss that rises with temperature stands in it
        bool carried;        ///< coolant carries heat through it
    };
    /// A flow with its own pressure drop.
    struct Branch {
        int unknown;
        std::int64_t own, by_pressure, in_node;  ///< d drop/d flow, d drop/d pressure, d node sum/d flow
    };
    void find_rows();
    void find_branches();
    bool surely(const std::vector<double>& y, const std::vector<double>& jacobian);
    bool warms_all(const std::vector<double>& y, const Values& values);

    const Network& net_;
    DomainParts& parts_;
    std::vector<Row> rows_;
    std::vector<int> held_;  ///< temperatures of surroundings
    std::vector<Entry> entries_;
    std::vector<Branch> branches_;
    bool leaky_ = false;
    long factorised_ = 0;
    std::vector<double> rise_, sum_, size_, work_;
    std::vector<int> guilty_;
};

}  // namespace kelvolt
