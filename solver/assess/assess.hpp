/// Collects what the components report about a solved point: limits with margins, validity flags, boundary power and
/// stored energy.
#pragma once

#include <limits>
#include <vector>

#include "solver/assess/node_limits.hpp"

namespace kelvolt {

struct CheckRow {
    int component;
    double time;       ///< of the smallest margin
    int circuit = -1;  ///< of a limit of all its connections; component: that with the smallest margin
    double since = std::numeric_limits<double>::quiet_NaN();  ///< first time at which the limit was broken; NaN: never
};
struct FlagRow {
    int component;
    ValidityFlag flag;
    double time = 0.0;
    long count = 1;
};

/// Smallest margins and largest excursions over all points evaluated.
class Assessment {
   public:
    explicit Assessment(const Network& net);

    /// Evaluates one solved point. Returns its boundary power, stored energy and boundary flows.
    const Tally& look(double t, const Point& at);
    /// The outputs of a component at the point evaluated last, in the order of its model.
    const double* outputs(int component) const { return outputs_.data() + first_output_[component]; }
    /// Every limit at its smallest margin.
    const std::vector<CheckValue>& checks() const { return checks_; }
    /// Place and time of each check.
    const std::vector<CheckRow>& check_rows() const { return check_rows_; }
    const std::vector<FlagRow>& flags() const { return flags_; }

   private:
    void keep_checks(double t);
    void note_breaks(double t, const std::vector<CheckValue>& checks);
    void keep_flags(double t, int component);

    double dew_point() const;

    const Network& net_;
    NodeLimits nodes_;
    std::vector<std::size_t> dew_points_;  // outputs that state the dew point of a room
    std::vector<int> found_components_;    // components of the checks of this point
    std::vector<NodeCheck> node_checks_;
    std::vector<std::pair<int, ValidityFlag>> node_flags_;
    std::vector<double> outputs_;
    std::vector<std::size_t> first_output_;  // per component
    std::vector<CheckValue> checks_, found_checks_;
    std::vector<CheckRow> check_rows_;
    std::vector<double> margins_before_;  // of the checks at the point before, at the time t_before_
    double t_before_ = 0.0;
    std::vector<FlagRow> flags_;
    std::vector<std::vector<int>> flags_of_;  // per component: rows of flags_; empty before its first flag
    std::vector<ValidityFlag> found_flags_;
    Tally tally_;
};

/// Only boundary power, stored energy and boundary flows.
void tally(const Network& net, const Point& at, Tally& out);

}  // namespace kelvolt
