/// A value over time, handed to the solver as segments: linear inside, right-continuous at the breaks.
/// A step that ends on a break must see the old segment, so the solver never asks for a value at a time alone.
#pragma once

#include <cmath>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace kelvolt {

/// Valid for t0 <= t < t1; at(t1) is the limit from the left.
struct Segment {
    double t0, t1, v0, slope;
    double at(double t) const { return slope == 0.0 ? v0 : v0 + slope * (t - t0); }
};

/// Shortest period of a wave [s]: every edge restarts the integrator, so a shorter one would never come to its end.
inline constexpr double least_period = 1e-3;

/// A wave of two levels: `high` for the first `duty` of each period, then `low`; outside [from, until) it is
/// `otherwise`.
struct SquareWave {
    double high = 1.0, low = 0.0, period = 1.0, duty = 0.5;
    double from = 0.0, until = std::numeric_limits<double>::infinity(), otherwise = 0.0;
    double phase = 0.0;  ///< delay of the edges inside the window [s]
};

class Profile {
   public:
    enum class Between { linear, step };
    /// (time [s], value)
    using Points = std::vector<std::pair<double, double>>;

    static Profile constant(double value);
    static Profile step(double at, double before, double after);
    static Profile square_wave(const SquareWave& wave);
    /// Holds the first value before the first point and the last after the last. Times must increase.
    static Profile piecewise(Points points, Between between);

    /// The same profile, `seconds` later. A square wave keeps its window: only its edges move.
    Profile delayed(double seconds) const;

    Segment segment(double t) const;
    /// Over what the profile describes: a period of a wave, the first to the last point of a table; before a step.
    double mean() const;
    /// Over [t0, t1], exact.
    double mean(double t0, double t1) const;
    double lowest() const;
    double highest() const;
    /// Points it is made of; a wave has none.
    std::size_t size() const { return points_.size(); }
    bool is_constant() const { return !is_wave_ && points_.size() == 1; }
    /// First and last time of a table [s]; without bounds of what holds at any time.
    std::pair<double, double> span() const;

   private:
    Segment wave_segment(double t) const;
    Segment step_segment(std::size_t after) const;
    double edge(double k) const { return wave_.from + wave_.phase + k * wave_.period; }
    double fall(double k) const { return wave_.from + wave_.phase + (k + wave_.duty) * wave_.period; }

    bool is_wave_ = false, is_table_ = false;
    SquareWave wave_;
    Points points_;
    Between between_ = Between::step;
};

}  // namespace kelvolt
