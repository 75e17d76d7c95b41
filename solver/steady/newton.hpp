/// Damped Newton on a network, or on a part of its unknowns with the rest frozen.
#pragma once

#include <functional>

#include "solver/linear/sparse_lu.hpp"

namespace kelvolt {

/// The unknowns a Newton iteration works on, and their part of the Jacobian's structure.
class Subsystem {
   public:
    Subsystem(const Network& net, const std::function<bool(int)>& contains);

    int size() const { return static_cast<int>(unknowns.size()); }
    std::vector<int> unknowns;               ///< global numbers
    std::vector<std::int64_t> col_ptr, row;  ///< structure in local numbers
    std::vector<std::int64_t> position;      ///< of each entry in the full matrix
    std::vector<int> blocks;                 ///< those with equations among them
    std::vector<char> last;                  ///< integrals of controllers, see SparseLU
};

struct NewtonOptions {
    int max_iterations = 60;
    double tolerance = 1e-9;    ///< largest step, each unknown over its nominal
    double der_seed = 0.0;      ///< dF/dy' is added with this weight (1/h in an implicit Euler step)
    double least_share = 1e-7;  ///< of a step: where no more of it helps, the iteration has failed
};
struct NewtonResult {
    bool converged = false;
    int iterations = 0;           ///< Jacobians that were factorised
    int corrections = 0;          ///< further steps with the factors of one of them
    double step = 0.0;            ///< last scaled step
    int singular_unknown = -1;    ///< the factorisation broke down here
    std::vector<double> history;  ///< scaled step of every iteration
};

/// Holds what one thread needs to iterate on one network: vectors, matrix values, the factorisation.
class Newton {
   public:
    Newton(const Network& net, Subsystem part);

    /// Improves y in place, y' being `yp` (or (y - y_old)/h when `y_old` is given, with der_seed = 1/h).
    NewtonResult solve(std::vector<double>& y, const Values& values, const NewtonOptions& options,
                       const double* y_old = nullptr);
    /// Refreshes F, J and the factorisation at y; false when singular.
    bool linearise(const std::vector<double>& y, const Values& values, double der_seed = 0.0,
                   const double* y_old = nullptr);
    /// From now on `forget` returns to the pivots of this point too, where they can be found.
    void pivot_at(const std::vector<double>& y, const Values& values);
    /// `forget` returns to the pivots that another one of the same part returns to; false where it has none to share.
    bool follow(const Newton& other) { return lu_.follow(other.lu_); }
    /// Nothing solved before leaves a mark on what follows.
    void forget() { lu_.restore(); }
    const std::vector<double>& residual() const { return residual_; }
    /// dF/dy of the full system's structure, where it was linearised last; a part fills its own entries only.
    const std::vector<double>& jacobian() const { return jacobian_; }
    /// Per equation of the full system, how much it changes when its unknowns change by their nominals (of the last
    /// linearisation).
    std::vector<double> residual_size() const;
    /// Largest difference of two states, each unknown over its nominal.
    double distance(const std::vector<double>& a, const std::vector<double>& b) const;
    SparseLU& lu() { return lu_; }
    const Subsystem& part() const { return part_; }

   private:
    struct Search {
        bool accepted = false, contracts = false;  ///< contracts: the correction at the full step is a good step itself
        double lambda = 1.0;
    };
    /// Moves y by the largest share of the step, from `lambda` down, that brings the solution nearer.
    Search search(std::vector<double>& y, const Values& values, const NewtonOptions& options, const double* y_old,
                  double lambda, double largest);
    /// The correction at y with the factors there are; returns its size.
    double correct(const std::vector<double>& y, const Values& values, const NewtonOptions& options,
                   const double* y_old);
    /// Takes corrections as long as few of them lead to the end. Returns the largest part of the last one, infinity
    /// when a new Jacobian serves better.
    double go_on(std::vector<double>& y, const Values& values, const NewtonOptions& options, const double* y_old,
                 int& steps);
    double scaled_norm(const std::vector<double>& d, bool largest) const;
    /// Largest fraction of the step that moves no temperature by more than 100 K, no controller state by more than its
    /// range, no bus by more than half its voltage and no converter by more than half its rated current: elsewhere they
    /// have states of their own.
    double longest_fraction() const;
    const double* derivative(const std::vector<double>& y, double der_seed, const double* y_old);

    const Network& net_;
    Subsystem part_;
    SparseLU lu_;
    std::vector<double> residual_, yp_, jacobian_, step_, trial_, correction_, per_nominal_;
    std::vector<double> packed_;  // the entries of a part; empty for the whole
};

}  // namespace kelvolt
