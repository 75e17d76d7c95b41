#include "solver/steady/solver_pool.hpp"

#include <algorithm>

namespace kelvolt {

SolverPool::Lease::~Lease() {
    constexpr std::size_t most_idle = 4;  // each holds factors of the whole network
    const std::lock_guard guard(pool_.lock_);
    if (pool_.idle_.size() >= most_idle) pool_.idle_.erase(pool_.idle_.begin());
    pool_.idle_.push_back({std::move(solver_), number_});
}

SteadyState SolverPool::Lease::solve(const Values& values, const SteadyOptions& options,
                                     const std::vector<double>* guess) {
    number_ = 0;
    SteadyState state = solver_->solve(values, options, guess);
    const std::lock_guard guard(pool_.lock_);
    number_ = state.number = ++pool_.solves_;
    return state;
}

SolverPool::Idle SolverPool::take(long number) {
    {
        const std::lock_guard guard(lock_);
        auto found = std::find_if(idle_.begin(), idle_.end(),
                                  [&](const Idle& idle) { return number > 0 && idle.number == number; });
        if (found == idle_.end() && !idle_.empty()) found = idle_.begin();  // the least recently used
        if (found != idle_.end()) {
            Idle taken = std::move(*found);
            idle_.erase(found);
            return taken;
        }
    }
    Idle made{std::make_unique<SteadySolver>(net_), 0};
    made.solver->prepare();
    return made;
}

SolverPool::Lease SolverPool::lend() {
    Idle taken = take(0);
    taken.solver->forget();
    return {*this, std::move(taken.solver), 0};
}

SolverPool::Lease SolverPool::lend_after(const SteadyState& state) {
    Idle taken = take(state.number);
    if (state.number == 0 || taken.number != state.number) {
        taken.solver->forget();
        taken.number = 0;
    }
    return {*this, std::move(taken.solver), taken.number};
}

}  // namespace kelvolt
