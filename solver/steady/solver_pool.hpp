/// A pool of solvers for one network, each lent to one thread at a time, so that the matrix structure is not analysed
/// again at every solve. Results do not depend on which solver is used, nor on what it solved before.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "solver/steady/steady.hpp"

namespace kelvolt {

class SolverPool {
   public:
    explicit SolverPool(const Network& net) : net_(net) {}

    /// Gives access to a solver and returns it to the pool when destroyed. May be used from many threads; the pool must
    /// outlive it.
    class Lease {
       public:
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        SteadySolver* operator->() const { return solver_.get(); }
        SteadySolver& operator*() const { return *solver_; }
        /// Solves and gives the state a number, by which `lend_after` finds the same solver with its factors.
        SteadyState solve(const Values& values, const SteadyOptions& options, const std::vector<double>* guess);

       private:
        friend class SolverPool;
        Lease(SolverPool& pool, std::unique_ptr<SteadySolver> solver, long number)
            : pool_(pool), solver_(std::move(solver)), number_(number) {}
        SolverPool& pool_;
        std::unique_ptr<SteadySolver> solver_;
        long number_;
    };
    Lease lend();
    /// The solver that found this state, with the pivots it used, if it has solved nothing since; else any solver.
    Lease lend_after(const SteadyState& state);

   private:
    struct Idle {
        std::unique_ptr<SteadySolver> solver;
        long number;  ///< number of its last solve
    };
    Idle take(long number);

    const Network& net_;
    std::mutex lock_;
    std::vector<Idle> idle_;
    long solves_ = 0;
};

}  // namespace kelvolt
