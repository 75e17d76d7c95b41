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
        Lease(SolverPool& pool, std::unique_ptr<SteadySolver> solver) : pool_(pool), solver_(std::move(solver)) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() { pool_.put_back(std::move(solver_)); }
        SteadySolver* operator->() const { return solver_.get(); }
        SteadySolver& operator*() const { return *solver_; }

       private:
        SolverPool& pool_;
        std::unique_ptr<SteadySolver> solver_;
    };
    Lease lend();

   private:
    void put_back(std::unique_ptr<SteadySolver> solver);

    const Network& net_;
    std::mutex lock_;
    std::vector<std::unique_ptr<SteadySolver>> idle_;
};

}  // namespace kelvolt
