/// Damped Newton iteration on a network, or on a part of its unknowns with the others held constant.
#pragma once

#include <functional>

#include "solver/linear/sparse_lu.hpp"
#include "solver/network/network.hpp"

namespace kelvolt {

/// The unknowns a Newton iteration solves for, and their part of the Jacobian's structure.
class Subsystem {
   public:
    Subsystem(const Network& net, const std::function<bool(int)>& contains);

    int size() const { return static_cast<int>(unknowns.size()); }
    std::vector<int> unknowns;               ///< global numbers
    std::vector<std::int64_t> col_ptr, row;  ///< structure in local numbers
    std::vector<std::int64_t> position;      ///< position of each entry in the full matrix
    std::vector<int> blocks;                 ///< blocks that have any of these unknowns
    std::vector<char> last;                  ///< marks integrals of controllers, see SparseLU
};

struct NewtonOptions {
    int max_iterations = 60;
    double tolerance = 1e-9;    ///< on the largest element of the step, each divided by its nominal
    double der_seed = 0.0;      ///< weight of dF/dy' in the matrix (1/h in an implicit Euler step)
    double least_share = 1e-7;  ///< smallest damping factor; the iteration fails when it would be smaller
};
struct NewtonResult {
    bool converged = false;
    int iterations = 0;           ///< number of Jacobians factorised
    int corrections = 0;          ///< further steps with an old Jacobian (simplified Newton)
    double step = 0.0;            ///< last scaled step
    int singular_unknown = -1;    ///< unknown at which the factorisation failed, if known
    std::vector<double> history;  ///< scaled step of every iteration
};

/// The vectors, matrix values and factorisation that one thread needs to iterate on one network.
class Newton {
   public:
    Newton(const Network& net, Subsystem part);

    /// Solves F = 0 from the start y, in place. y' is zero, or (y - y_old) * der_seed if `y_old` is given.
    NewtonResult solve(std::vector<double>& y, const Values& values, const NewtonOptions& options,
                       const double* y_old = nullptr);
    /// Evaluates F and its Jacobian at y and factorises it; returns false if it is singular.
    bool linearise(const std::vector<double>& y, const Values& values, double der_seed = 0.0,
                   const double* y_old = nullptr);
    /// Finds pivots at this point and keeps them (see SparseLU::keep), so that they remain after `forget`.
    void pivot_at(const std::vector<double>& y, const Values& values);
    /// Takes over the kept pivots of another iteration on the same part; false if it has none to share.
    bool follow(const Newton& other) { return lu_.follow(other.lu_); }
    /// Returns to the kept pivots, so that later results do not depend on what was solved before.
    void forget() { lu_.restore(); }
    const std::vector<double>& residual() const { return residual_; }
    /// dF/dy at the last linearisation, in the structure of the full system; a part fills only its own entries.
    const std::vector<double>& jacobian() const { return jacobian_; }
    /// For each equation of the full system, the largest change when one unknown changes by its nominal (from the last
    /// linearisation).
    std::vector<double> residual_size() const;
    /// Largest difference of two states, each unknown divided by its nominal.
    double distance(const std::vector<double>& a, const std::vector<double>& b) const;
    SparseLU& lu() { return lu_; }
    const Subsystem& part() const { return part_; }

   private:
    struct Search {
        /// contracts: the full step was taken, and the simplified Newton step after it is short enough to be used too.
        bool accepted = false, contracts = false;
        double lambda = 1.0;  ///< damping factor used
    };
    /// Line search: halves the damping factor from `lambda` until y has come nearer to the solution.
    Search search(std::vector<double>& y, const Values& values, const NewtonOptions& options, const double* y_old,
                  double lambda, double largest);
    /// Computes the simplified Newton step at y, with the present factors; returns its size.
    double correct(const std::vector<double>& y, const Values& values, const NewtonOptions& options,
                   const double* y_old);
    /// Takes simplified Newton steps while they converge fast. Returns the largest scaled element of the last one when
    /// converged, infinity when a new Jacobian is the better choice.
    double go_on(std::vector<double>& y, const Values& values, const NewtonOptions& options, const double* y_old,
                 int& steps);
    double scaled_norm(const std::vector<double>& d, bool largest) const;
    /// Largest fraction of the step that changes no temperature by more than 100 K, no controller state by more than
    /// its range, no bus by more than half its nominal voltage and no converter by more than half its rated current. A
    /// longer step could lead to another solution.
    double longest_fraction() const;
    const double* derivative(const std::vector<double>& y, double der_seed, const double* y_old);

    const Network& net_;
    Subsystem part_;
    SparseLU lu_;
    std::vector<double> residual_, yp_, jacobian_, step_, trial_, correction_, per_nominal_;
    std::vector<double> packed_;  // matrix values of a part; empty for the whole network
};

}  // namespace kelvolt
