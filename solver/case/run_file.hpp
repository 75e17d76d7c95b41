/// The result file of a run: recorded values as arrays with named dimensions, each with mean, minimum and maximum, and
/// what is needed to interpret them later: case text, tolerances, statistics, audit, events, warnings, verdicts,
/// assumptions.
#pragma once

#include <limits>

#include "solver/case/built_case.hpp"
#include "solver/results/result_file.hpp"

namespace kelvolt {

struct Run;
class Case;
struct Solution;

/// Version of what a result holds, RESULT of python/kelvolt/base/formats.py; a reader refuses a later one.
inline constexpr const char* result_format = "2";

class RunFile {
   public:
    /// The case as solved: its text, and what was set after it was read.
    RunFile(const std::filesystem::path& target, const Case& the_case, const std::vector<ValueRef>& recorded,
            double tolerance);
    void row(double t, const std::vector<double>& value, const std::vector<double>& mean,
             const std::vector<double>& minimum, const std::vector<double>& maximum);
    void event(double t, const std::string& component, const std::string& text) { file_.event(t, component, text); }
    /// Adds the data that are known at the end, and completes the file with the status of the run.
    void close(const Run& run);
    /// The same for a file that holds one steady state.
    void close(const Solution& solution);

   private:
    void describe(const Solution& solution);

    std::vector<ArrayGroup> groups_;
    ResultFile file_;
    std::vector<double> buffer_;
    double last_time_ = std::numeric_limits<double>::quiet_NaN();  // of the row before
};

}  // namespace kelvolt
