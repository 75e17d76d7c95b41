/// Parts that change by themselves between the solutions of a network: sampled firmware, switches with roots. A steady
/// state is one only where none of them is due to change; where they come to rest, a run in time from cold tells.
#pragma once

#include <functional>

#include "solver/network/network.hpp"

namespace kelvolt {

struct SteadyState;

class RestingParts {
   public:
    explicit RestingParts(const Network& net);

    bool empty() const { return active_.empty(); }
    /// Would firmware decide otherwise here, or a switch turn?
    bool change_due(const std::vector<double>& y, const Values& values) const;
    /// Runs in time from a cold start until nothing changes, then `solve` from there. What still changes after hours is
    /// said in the state's warnings.
    SteadyState settle(Values values,
                       const std::function<SteadyState(const Values&, const std::vector<double>&)>& solve) const;

   private:
    const Network& net_;
    std::vector<int> active_;  ///< components
};

}  // namespace kelvolt
