/// Solvers of one network, each lent to one thread at a time: their structure is analysed once, not at every solve.
/// An answer does not depend on which solver gave it, nor on what that one solved before.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "solver/steady/steady.hpp"

namespace kelvolt {

class SolverPool {
   public:
    explicit SolverPool(const Network& net) : net_(net) {}

    /// A solver until the end of the lease's life. Safe from many threads; the pool must live longer.
    class Lease {
       public:
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        SteadySolver* operator->() const { return solver_.get(); }
        SteadySolver& operator*() const { return *solver_; }
        /// Solves, and numbers the state so that `lend_after` finds the factors it left.
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
    /// The solver that made this solve last, with the pivots it found there; another one where that has gone on.
    Lease lend_after(const SteadyState& state);

   private:
    struct Idle {
        std::unique_ptr<SteadySolver> solver;
        long number;  ///< of its last solve
    };
    Idle take(long number);

    const Network& net_;
    std::mutex lock_;
    std::vector<Idle> idle_;
    long solves_ = 0;
};

}  // namespace kelvolt
