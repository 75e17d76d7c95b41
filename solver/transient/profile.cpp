#include "solver/transient/profile.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/error.hpp"

namespace kelvolt {

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double most_edges = 1e12;  // up to this count a double resolves about a thousandth of a period

void require_finite(double x, const char* what) {
    if (!std::isfinite(x)) throw input_error(fmt::format("profile: {} is {}; give a finite number", what, x));
}

// Can a run reach a time outside the window of the wave? Runs begin at t = 0.
bool has_outside(const SquareWave& w) { return w.from > 0.0 || w.until < infinity; }
}  // namespace

Profile Profile::constant(double value) {
    require_finite(value, "the value");
    Profile p;
    p.points_ = {{0.0, value}};
    return p;
}

Profile Profile::step(double at, double before, double after) {
    require_finite(at, "the time of the step");
    require_finite(before, "the value before the step");
    require_finite(after, "the value after the step");
    Profile p;
    // the first point only holds the value before the step
    p.points_ = {{std::min(0.0, at) - 1.0, before}, {at, after}};
    return p;
}

Profile Profile::square_wave(const SquareWave& w) {
    require_finite(w.high, "high");
    require_finite(w.low, "low");
    require_finite(w.otherwise, "otherwise");
    require_finite(w.from, "from");
    require_finite(w.phase, "phase");
    if (!(w.period >= least_period) || !std::isfinite(w.period))
        throw input_error(
            fmt::format("profile: period = {:g} s must be at least {:g} s: every edge restarts the "
                        "integrator; for a faster wave give its mean as a constant",
                        w.period, least_period));
    if (!(w.duty > 0.0 && w.duty < 1.0))
        throw input_error(fmt::format(
            "profile: duty = {:g} must lie between 0 and 1, both excluded; for no wave use constant", w.duty));
    if (!(w.until > w.from))
        throw input_error(fmt::format("profile: until = {:g} s must come after from = {:g} s", w.until, w.from));
    Profile p;
    p.is_wave_ = true;
    p.wave_ = w;
    // a delay by whole periods changes nothing
    p.wave_.phase = w.phase - w.period * std::floor(w.phase / w.period);
    return p;
}

Profile Profile::piecewise(Points points, Between between) {
    if (points.empty()) throw input_error("profile: it has no points; give at least one [time, value]");
    for (std::size_t i = 0; i < points.size(); ++i) {
        require_finite(points[i].first, "a time");
        require_finite(points[i].second, "a value");
        if (i > 0 && !(points[i].first > points[i - 1].first))
            throw input_error(
                fmt::format("profile: times must increase, but point {} is at {:g} s and point {} at {:g} s", i,
                            points[i - 1].first, i + 1, points[i].first));
    }
    Profile p;
    p.is_table_ = points.size() > 1;
    p.points_ = std::move(points);
    p.between_ = between;
    return p;
}

Profile Profile::delayed(double seconds) const {
    require_finite(seconds, "the delay");
    if (is_wave_) {
        SquareWave later = wave_;
        later.phase += seconds;
        return square_wave(later);
    }
    Profile later = *this;
    if (points_.size() > 1)
        for (auto& [t, v] : later.points_) t += seconds;
    return later;
}

Segment Profile::segment(double t) const {
    if (is_wave_) return wave_segment(t);
    const auto after = std::upper_bound(points_.begin(), points_.end(), t,
                                        [](double time, const auto& point) { return time < point.first; });
    if (between_ == Between::step || points_.size() == 1)
        return step_segment(static_cast<std::size_t>(after - points_.begin()));
    if (after == points_.begin()) return {-infinity, after->first, after->second, 0.0};
    const auto at = after - 1;
    if (after == points_.end()) return {at->first, infinity, at->second, 0.0};
    return {at->first, after->first, at->second, (after->second - at->second) / (after->first - at->first)};
}

// Before its first point a profile of steps has the value of that point.
Segment Profile::step_segment(std::size_t after) const {
    const std::size_t at = std::max<std::size_t>(after, 1) - 1, next = at + 1;
    return {at == 0 ? -infinity : points_[at].first, next == points_.size() ? infinity : points_[next].first,
            points_[at].second, 0.0};
}

// Edge times are computed from their number, not by adding periods, so that rounding errors do not accumulate.
Segment Profile::wave_segment(double t) const {
    if (t < wave_.from) return {-infinity, wave_.from, wave_.otherwise, 0.0};
    if (t >= wave_.until) return {wave_.until, infinity, wave_.otherwise, 0.0};
    double k = std::floor((t - wave_.from - wave_.phase) / wave_.period);
    if (!(std::abs(k) < most_edges))
        throw input_error(
            fmt::format("profile: {:g} s are {:.3g} periods of {:g} s, too many to tell one edge from the "
                        "next; at most {:g} are counted",
                        t, k, wave_.period, most_edges));
    while (edge(k) > t) k -= 1.0;
    while (edge(k + 1.0) <= t) k += 1.0;
    const bool up = t < fall(k);
    const double begin = up ? edge(k) : fall(k), end = up ? fall(k) : edge(k + 1.0);
    return {std::max(begin, wave_.from), std::min(end, wave_.until), up ? wave_.high : wave_.low, 0.0};
}

double Profile::mean() const {
    if (is_wave_) return wave_.duty * wave_.high + (1.0 - wave_.duty) * wave_.low;
    if (points_.size() == 1) return points_.front().second;
    return mean(points_.front().first, points_.back().first);
}

double Profile::mean(double t0, double t1) const {
    if (!(t1 > t0) || !std::isfinite(t0) || !std::isfinite(t1))
        throw input_error(fmt::format("profile: the mean from {:g} s to {:g} s is not defined", t0, t1));
    // whole periods of a wave are not summed segment by segment: their mean is known
    double sum = 0.0, t = t0;
    if (is_wave_) {
        const double begin = std::max(t0, wave_.from), end = std::min(t1, wave_.until);
        const double periods = std::floor((end - begin) / wave_.period);
        if (periods > 1.0) {
            const double skipped = periods * wave_.period;
            if (begin > t0) sum += mean(t0, begin) * (begin - t0);
            sum += mean() * skipped;
            t = begin + skipped;
        }
    }
    while (t < t1) {
        const Segment s = segment(t);
        const double end = std::min(s.t1, t1);
        sum += 0.5 * (s.at(t) + s.at(end)) * (end - t);
        t = end;
    }
    return sum / (t1 - t0);
}

std::pair<double, double> Profile::span() const {
    if (!is_table_) return {-infinity, infinity};
    return {points_.front().first, points_.back().first};
}

double Profile::lowest() const {
    if (!is_wave_) {
        double lowest = infinity;
        for (const auto& [t, v] : points_) lowest = std::min(lowest, v);
        return lowest;
    }
    const double inside = std::min(wave_.high, wave_.low);
    return has_outside(wave_) ? std::min(inside, wave_.otherwise) : inside;
}

double Profile::highest() const {
    if (!is_wave_) {
        double highest = -infinity;
        for (const auto& [t, v] : points_) highest = std::max(highest, v);
        return highest;
    }
    const double inside = std::max(wave_.high, wave_.low);
    return has_outside(wave_) ? std::max(inside, wave_.otherwise) : inside;
}

}  // namespace kelvolt
