/// Converts the points of a run to rows: the value at the end of each interval, and its mean, minimum and maximum
/// within. Samples once a second would show a wave of 1 Hz as constant; its minimum and maximum do not.
#pragma once

#include "solver/assess/assess.hpp"
#include "solver/network/paths.hpp"
#include "solver/transient/simulation.hpp"

namespace kelvolt {

/// Reads chosen values at a point: unknowns and potentials directly, outputs and flows once per component.
class Probe {
   public:
    Probe(const Network& net, std::vector<ValueRef> refs);
    void read(const Point& at, double* out);
    /// The same at the point that was just assessed, so that no output is computed twice.
    void read(const Point& at, const Assessment& looked, double* out);
    const std::vector<ValueRef>& refs() const { return refs_; }

   private:
    struct Direct {
        std::size_t slot;
        int unknown;
    };
    struct FromParams {
        std::size_t slot, position;
        bool discrete;
    };
    struct FromComponent {
        int component;
        std::vector<std::pair<std::size_t, int>> outputs, flows;  // slot, output number or local number
    };
    void read_direct(const Point& at, double* out) const;
    void read_flows(const FromComponent& f, const Point& at, double* out);

    const Network& net_;
    std::vector<ValueRef> refs_;
    std::vector<Direct> direct_;
    std::vector<FromParams> params_;
    std::vector<FromComponent> components_;
    std::vector<double> buffer_;
};

/// Receives finished rows.
class RowSink {
   public:
    virtual ~RowSink() = default;
    virtual void row(double t, const std::vector<double>& value, const std::vector<double>& mean,
                     const std::vector<double>& minimum, const std::vector<double>& maximum) = 0;
    virtual void event(double t, const std::string& component, const std::string& text) = 0;
};

class Recorder final : public Observer {
   public:
    Recorder(const Network& net, std::vector<ValueRef> refs, double every, RowSink& sink);

    void point(double t, const Point& at) override;
    void event(double t, const std::string& component, const std::string& text) override {
        sink_.event(t, component, text);
    }
    double next_wanted(double t) const override;
    /// Writes the last, incomplete interval (end of the run, interruption).
    void finish();
    bool begun() const { return begun_; }  ///< a point was received
    Assessment& assessment() { return assessment_; }
    /// Records the spread of these values, (highest - lowest)/mean at one time, and when it is first above `most`; must
    /// be called before the run.
    void watch_spread(std::size_t first, std::size_t count, double most) {
        spreads_.push_back({first, count, most, -1.0, 0.0, NAN});
    }
    struct Spread {
        std::size_t first, count;
        double most, widest, time;
        double since;  ///< first point at which it was above `most`; NaN: never
    };
    /// Notes when value `k` first leaves the range from `min` to `max` (NaN: no bound); must be called before the run.
    void watch_range(std::size_t k, double min, double max) { ranges_.push_back({k, min, max, NAN, NAN, NAN}); }
    struct Range {
        std::size_t k;
        double min, max;
        double since_low, since_high;  ///< first time below min and above max; NaN: never
        double before;                 ///< value at the point before
    };
    /// In the order of the calls of watch_range.
    const std::vector<Range>& ranges() const { return ranges_; }
    /// In the order of the calls of watch_spread; largest over all points of the run.
    const std::vector<Spread>& spreads() const { return spreads_; }
    /// Smallest and largest of each value over the whole run, with their times.
    struct Extreme {
        double lowest, highest, t_lowest, t_highest;
    };
    const std::vector<Extreme>& extremes() const { return extremes_; }

   private:
    void close_row(double t);
    void note_ranges(double t);

    Probe probe_;
    double every_;
    RowSink& sink_;
    Assessment assessment_;
    bool begun_ = false;
    double t_last_ = 0.0, t_row_ = 0.0;
    std::vector<double> last_, now_, integral_, mean_, low_, high_;
    std::vector<Range> ranges_;
    std::vector<Extreme> extremes_;
    std::vector<Spread> spreads_;
};

/// (highest - lowest)/mean of values at the same time: how unevenly parallel branches share the flow.
double spread_of(const double* values, std::size_t n);

}  // namespace kelvolt
