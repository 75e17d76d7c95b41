#include "solver/sensitivity/driven.hpp"

#include <algorithm>

namespace kelvolt {

namespace {

/// Repeats a schedule from given starting values.
class Course {
   public:
    Course(Schedule schedule, Values values) : schedule_(std::move(schedule)), values_(std::move(values)) {
        schedule_.start(0.0, values_);
    }
    void reach(double t) {
        if (schedule_.next() <= t) schedule_.advance(std::max(t, schedule_.next()), values_);
    }
    const Values& at(double t) {
        schedule_.at_time(t, values_);
        return values_;
    }

   private:
    Schedule schedule_;
    Values values_;
};

}  // namespace

// Everything a schedule does is affine in the starting value of a parameter. The derivative is therefore the difference
// of two replays, one from the value 1 and one from the value 0.
Driven::Driven(const Values& base, const Schedule& schedule, const Trajectory& run)
    : run_(run), positions_(schedule.positions()), factor_(base.params.size(), 1.0) {
    Values none = base, unit = base;
    for (const std::size_t p : positions_) none.params[p] = 0.0, unit.params[p] = 1.0;
    Course real(schedule, base), low(schedule, none), high(schedule, unit);
    for (const Trajectory::Segment& s : run.segments()) {
        std::vector<Change> changes(positions_.size());
        for (Course* c : {&real, &low, &high}) c->reach(s.t0);
        for (const bool start : {true, false}) {
            const double t = start ? s.t0 : s.t1;
            const Values &r = real.at(t), &l = low.at(t), &h = high.at(t);
            for (std::size_t k = 0; k < positions_.size(); ++k) {
                const std::size_t p = positions_[k];
                (start ? changes[k].at_start : changes[k].at_end) = r.params[p];
                (start ? changes[k].factor_start : changes[k].factor_end) = h.params[p] - l.params[p];
            }
        }
        changes_.push_back(std::move(changes));
    }
}

void Driven::enter(std::size_t segment, double t) {
    const Trajectory::Segment& s = run_.segments()[segment];
    if (segment != entered_) values_ = s.values;
    entered_ = segment;
    const double part = s.t1 > s.t0 ? (t - s.t0) / (s.t1 - s.t0) : 0.0;
    for (std::size_t k = 0; k < positions_.size(); ++k) {
        const Change& c = changes_[segment][k];
        values_.params[positions_[k]] = c.at_start + part * (c.at_end - c.at_start);
        factor_[positions_[k]] = c.factor_start + part * (c.factor_end - c.factor_start);
    }
}

}  // namespace kelvolt
