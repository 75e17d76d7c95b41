/// Everything that changes parameters from outside during a run: profiles, cut into segments, and scheduled events.
/// A segment is frozen until the integrator has reached its end, so no step ever sees the power that follows.
#pragma once

#include <string>
#include <vector>

#include "solver/model/block.hpp"
#include "solver/transient/profile.hpp"

namespace kelvolt {

struct ScheduledEvent {
    double time;
    std::vector<std::size_t> positions;  ///< into Values::params
    bool relative;                       ///< `value` is added instead of set
    double value;
    double ramp;  ///< seconds of a linear change, 0: a step
    std::string text;
    std::string component{};  ///< what it changes, or the pattern that names several
};

class Schedule {
   public:
    void add(std::vector<std::size_t> positions, Profile profile, double scale);
    void add(ScheduledEvent event);

    /// Puts every profile on its segment at t; events before t are dropped.
    void start(double t, Values& values);
    /// Every parameter that it may change.
    std::vector<std::size_t> positions() const;
    /// When the next segment or event begins.
    double next() const;
    /// Brings ramps to time t, inside the current segments.
    void at_time(double t, Values& values) const;
    /// Enters the segments and events that begin at t (= next()). Returns the events that fired.
    std::vector<const ScheduledEvent*> advance(double t, Values& values);

   private:
    struct Channel {
        std::vector<std::size_t> positions;
        Profile profile;
        double scale;
        Segment segment{};
    };
    struct Ramp {
        std::size_t position;
        Segment segment;
    };
    static void put(const Channel& c, double t, Values& values);

    std::vector<Channel> channels_;
    std::vector<ScheduledEvent> events_;
    std::vector<Ramp> ramps_;
    std::size_t next_event_ = 0;
};

}  // namespace kelvolt
