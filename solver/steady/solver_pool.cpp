#include "solver/steady/solver_pool.hpp"

namespace kelvolt {

SolverPool::Lease SolverPool::lend() {
    std::unique_ptr<SteadySolver> solver;
    {
        const std::lock_guard guard(lock_);
        if (!idle_.empty()) {
            solver = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!solver) {
        solver = std::make_unique<SteadySolver>(net_);
        solver->prepare();
    }
    solver->forget();
    return {*this, std::move(solver)};
}

void SolverPool::put_back(std::unique_ptr<SteadySolver> solver) {
    constexpr std::size_t most_idle = 4;  // each holds factors of the whole network
    const std::lock_guard guard(lock_);
    if (idle_.size() < most_idle) idle_.push_back(std::move(solver));
}

}  // namespace kelvolt
