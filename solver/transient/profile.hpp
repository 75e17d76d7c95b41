/// A value over time, given to the solver as segments: linear within a segment, right-continuous at its ends.
/// A step that ends exactly at a break must use the old segment, so the solver evaluates segments, never times alone.
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

/// Shortest period of a wave [s]. Every edge restarts the integrator, so a shorter period would take too long.
inline constexpr double least_period = 1e-3;

/// A wave with two levels: `high` for the fraction `duty` of each period, then `low`; outside [from, until) its value
/// is `otherwise`.
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

    /// The same profile, delayed by `seconds`. A square wave keeps its window [from, until): only the edges move.
    Profile delayed(double seconds) const;

    Segment segment(double t) const;
    /// Mean over one period of a wave, or from the first to the last point of a table. A step has none without a time
    /// span: its value before it.
    double mean() const;
    /// Exact mean over [t0, t1].
    double mean(double t0, double t1) const;
    double lowest() const;
    double highest() const;
    /// Number of points; 0 for a wave.
    std::size_t size() const { return points_.size(); }
    bool is_step() const { return !is_wave_ && !is_table_ && points_.size() == 2; }
    bool is_constant() const { return !is_wave_ && points_.size() == 1; }
    /// First and last time of a table [s]; infinite for all other profiles.
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
