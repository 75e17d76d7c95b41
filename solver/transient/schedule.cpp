#include "solver/transient/schedule.hpp"

#include <algorithm>
#include <limits>

namespace kelvolt {

void Schedule::add(std::vector<std::size_t> positions, Profile profile, double scale) {
    channels_.push_back({std::move(positions), std::move(profile), scale});
}

void Schedule::add(ScheduledEvent event) {
    const auto after = std::upper_bound(events_.begin(), events_.end(), event.time,
                                        [](double t, const ScheduledEvent& e) { return t < e.time; });
    events_.insert(after, std::move(event));
}

void Schedule::put(const Channel& c, double t, Values& values) {
    const double v = c.scale * c.segment.at(t);
    for (std::size_t p : c.positions) values.params[p] = v;
}

void Schedule::start(double t, Values& values) {
    for (Channel& c : channels_) {
        c.segment = c.profile.segment(t);
        put(c, t, values);
    }
    ramps_.clear();
    next_event_ = 0;
    while (next_event_ < events_.size() && events_[next_event_].time < t) ++next_event_;
}

std::vector<std::size_t> Schedule::positions() const {
    std::vector<std::size_t> all;
    for (const Channel& c : channels_) all.insert(all.end(), c.positions.begin(), c.positions.end());
    for (const ScheduledEvent& e : events_) all.insert(all.end(), e.positions.begin(), e.positions.end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

double Schedule::next() const {
    double t = std::numeric_limits<double>::infinity();
    for (const Channel& c : channels_) t = std::min(t, c.segment.t1);
    for (const Ramp& r : ramps_) t = std::min(t, r.segment.t1);
    if (next_event_ < events_.size()) t = std::min(t, events_[next_event_].time);
    return t;
}

void Schedule::at_time(double t, Values& values) const {
    for (const Channel& c : channels_)
        if (c.segment.slope != 0.0) put(c, t, values);
    for (const Ramp& r : ramps_) values.params[r.position] = r.segment.at(t);
}

std::vector<const ScheduledEvent*> Schedule::advance(double t, Values& values) {
    for (Channel& c : channels_)
        if (c.segment.t1 <= t) {
            c.segment = c.profile.segment(c.segment.t1);
            put(c, t, values);
        }
    for (const Ramp& r : ramps_)
        if (r.segment.t1 <= t) values.params[r.position] = r.segment.at(r.segment.t1);
    std::erase_if(ramps_, [&](const Ramp& r) { return r.segment.t1 <= t; });
    std::vector<const ScheduledEvent*> fired;
    for (; next_event_ < events_.size() && events_[next_event_].time <= t; ++next_event_) {
        const ScheduledEvent& e = events_[next_event_];
        for (std::size_t p : e.positions) {
            const double from = values.params[p], to = e.relative ? from + e.value : e.value;
            std::erase_if(ramps_, [p](const Ramp& r) { return r.position == p; });  // a later event ends a ramp
            if (e.ramp > 0.0)
                ramps_.push_back({p, {t, t + e.ramp, from, (to - from) / e.ramp}});
            else
                values.params[p] = to;
        }
        fired.push_back(&e);
    }
    return fired;
}

}  // namespace kelvolt
