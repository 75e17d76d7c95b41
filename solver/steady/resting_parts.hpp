/// Components with discrete variables that change by themselves: sampled firmware, switches with root functions. A
/// steady state requires that none of them is due to change. If one is, a run in time from a cold start finds where
/// they come to rest.
#pragma once

#include <functional>

#include "solver/network/network.hpp"

namespace kelvolt {

struct SteadyState;

class RestingParts {
   public:
    explicit RestingParts(const Network& net);

    bool empty() const { return active_.empty(); }
    /// Would firmware or a switch change its discrete variables at this state?
    bool change_due(const std::vector<double>& y, const Values& values) const;
    /// Lets what is due to change do so, as if the state lasted for `hold` [s] or until firmware acts: its timers run, a
    /// switch changes once. Returns whether a discrete variable changed.
    bool act(const std::vector<double>& y, Values& values, double hold) const;
    /// Runs in time from a cold start, then calls `solve` from the state reached; repeats with longer runs until no
    /// component is due to change. Components that still change at the end are named in the warnings of the state.
    SteadyState settle(Values values,
                       const std::function<SteadyState(const Values&, const std::vector<double>&)>& solve) const;

   private:
    bool run_firmware(const Component& component, const std::vector<double>& y, Values& values, double hold) const;

    const Network& net_;
    std::vector<int> active_;  ///< components with samples or root functions
};

}  // namespace kelvolt
