/// Changes of parameters during a run: profiles, divided into segments, and scheduled events. A segment stays in use
/// until the integrator has reached its end, so no step uses values of the next segment.
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
    std::string component{};  ///< the component it changes, or a name pattern for several
};

class Schedule {
   public:
    void add(std::vector<std::size_t> positions, Profile profile, double scale);
    void add(ScheduledEvent event);

    /// Enters the segment of every profile at t; events before t are dropped.
    void start(double t, Values& values);
    /// Positions of all parameters that the schedule may change.
    std::vector<std::size_t> positions() const;
    /// Time at which the next segment or event begins.
    double next() const;
    /// Sets parameters to their values at time t within the current segments.
    void at_time(double t, Values& values) const;
    /// Enters the segments and events that begin at t (= next()). Returns these events.
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
