/// Parameters that profiles and events change during a run, for each segment: their values, and the derivative of the
/// present value with respect to the value given at the start (1: unchanged, 0: replaced, between: during a ramp).
#pragma once

#include "solver/transient/schedule.hpp"
#include "solver/transient/trajectory.hpp"

namespace kelvolt {

class Driven {
   public:
    Driven(const Values& base, const Schedule& schedule, const Trajectory& run);

    /// Sets `values` and `factor` to those at time t in a segment.
    void enter(std::size_t segment, double t);
    const Values& values() const { return values_; }
    /// Per parameter: d(value now)/d(value given).
    const std::vector<double>& factor() const { return factor_; }
    /// Positions whose factor may differ from 1 in the segment entered.
    const std::vector<std::size_t>& touched() const { return positions_; }

   private:
    struct Change {
        double at_start, at_end, factor_start, factor_end;
    };
    const Trajectory& run_;
    std::vector<std::size_t> positions_;
    std::vector<std::vector<Change>> changes_;  // [segment][position]
    std::size_t entered_ = std::size_t(-1);
    Values values_;
    std::vector<double> factor_;
};

}  // namespace kelvolt
