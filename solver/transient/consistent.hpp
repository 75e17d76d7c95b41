/// Consistent initial values at the start or after an event: differential unknowns keep their values; their derivatives
/// and all algebraic unknowns are solved for.
#pragma once

#include "solver/linear/sparse_lu.hpp"
#include "solver/network/network.hpp"

namespace kelvolt {

/// Solves F(y, y') = 0 for y' of the differential and y of the algebraic unknowns (index 1).
class ConsistentStart {
   public:
    explicit ConsistentStart(const Network& net);
    /// Improves y (algebraic part) and yp (differential part) in place. False when it does not converge.
    bool solve(std::vector<double>& y, std::vector<double>& yp, const Values& values);
    const std::vector<double>& residual() const { return residual_; }

   private:
    double& unknown(std::vector<double>& y, std::vector<double>& yp, int i) const {
        return net_.differential[i] ? yp[i] : y[i];
    }
    double norm(const std::vector<double>& d) const;

    const Network& net_;
    SparseLU lu_;
    std::vector<double> value_seed_, der_seed_, residual_, jacobian_, step_, correction_, trial_y_, trial_yp_;
};

}  // namespace kelvolt
