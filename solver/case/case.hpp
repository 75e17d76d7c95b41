/// A case with its present values by path, its steady state and runs in time: the interface used by Python and the
/// command line.
#pragma once

#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>

#include "solver/assess/assess.hpp"
#include "solver/assess/second_law.hpp"
#include "solver/assess/verdict.hpp"
#include "solver/case/built_case.hpp"
#include "solver/steady/solver_pool.hpp"
#include "solver/transient/recorder.hpp"
#include "solver/transient/simulation.hpp"

namespace kelvolt {

/// A solved point from which any value can be read.
struct Solution {
    std::shared_ptr<const BuiltCase> subject;
    Values values;
    std::vector<double> y, yp;  ///< yp: empty in a steady state
    SteadyState statistics;     ///< of a steady solve
    Audit audit;
    EntropyBalance entropy;         ///< of a steady state
    std::vector<Verdict> verdicts;  ///< worst first
    std::vector<FlagRow> flags;
    std::vector<std::string> warnings;
    std::shared_ptr<SolverPool> solvers;  ///< of the network, for evaluations of this solution

    const Network& network() const { return subject->network; }
    std::vector<double> read(const std::vector<ValueRef>& refs) const;
};

/// Parameters that a run sets at a time, besides the events of the case [SI].
struct AddedEvent {
    double time;
    std::string pattern;
    double value;
};
struct RunOptions {
    std::optional<double> duration, every, tolerance;  ///< if not given, from the case
    std::filesystem::path output;                      ///< empty: nothing is written
    std::vector<std::string> record;                   ///< further patterns to record
    bool record_all = false;
    std::function<bool()> interrupted;
    std::function<void(double)> progress;
    std::vector<AddedEvent> events = {};
    bool partial = false;  ///< a run that fails is returned up to its failure; its last point is its end
    bool states = false;   ///< the whole state is kept at every row
};
struct RunEvent {
    double time;
    std::string component, text;
};
/// The whole state of a run at one row.
struct RunState {
    std::vector<double> y, yp;
    Values values;
};
/// Result of a run: recorded arrays, events, verdicts (worst over time), and the state at its end.
struct Run {
    Solution start, end;
    std::vector<ValueRef> recorded;
    std::vector<double> time;                           ///< [rows]
    std::vector<double> value, mean, minimum, maximum;  ///< [rows * recorded], row after row
    std::vector<RunEvent> events;
    long steps = 0, jacobians = 0, restarts = 0;
    double seconds = 0.0;
    std::string status;            ///< complete, interrupted, failed: ...
    std::vector<RunState> states;  ///< at the rows, where they were asked for
    // values at its start, so that the run can be repeated
    Values values;
    std::vector<double> initial;  ///< unknowns at the start
    double duration = 0.0, tolerance = 0.0;
};

/// A parameter that was set after the case was read [SI].
struct Change {
    std::size_t position;  ///< in Values::params
    std::string component, parameter;
    double value;

    std::string path() const { return component + "." + parameter; }
};

class Case {
   public:
    explicit Case(BuiltCase subject);
    /// A further case of a case, with values of the same network.
    Case(std::shared_ptr<const BuiltCase> subject, Values values)
        : case_(std::move(subject)),
          values_(std::move(values)),
          solvers_(std::make_shared<SolverPool>(case_->network)) {}

    const BuiltCase& subject() const { return *case_; }
    const Network& network() const { return case_->network; }

    std::vector<ValueRef> find(std::string_view pattern) const { return find_values(network(), pattern); }
    /// Present values of parameters.
    std::vector<double> get(const std::vector<ValueRef>& refs) const;
    /// Sets parameters, checked against their ranges; `text` has a unit ("1.1 kW") or is SI.
    void set(std::string_view pattern, std::string_view text);
    void set(std::string_view pattern, double si);
    /// Sets each parameter to its own value; if one is out of its range, none is set.
    void set(const std::vector<ValueRef>& refs, const std::vector<double>& si);
    const Values& values() const { return values_; }

    /// What was set since the case was read.
    std::vector<Change> changes() const;
    /// As a JSON mapping of paths to SI, arrays that are all alike as one pattern; empty without changes.
    std::string changes_text() const;
    /// Makes changes of a case of the same text, which were checked there.
    void repeat(const std::vector<Change>& changes);
    /// The case read anew with edits of its text. Changes are carried over where their parameter still exists;
    /// without `keep` not on components whose text is edited.
    Case anew(const std::vector<Edit>& edits, bool keep) const;

    /// Parameters as `steady_at` of the case wants them: as given, or profiles at their mean or at a time.
    Values steady_values() const { return values_for(case_->steady_load()); }

    Solution steady(const SteadyOptions& options = {}, const Solution* guess = nullptr) const;
    /// How far all electric loads can grow in proportion before no power flow exists; up to the factor `most`.
    Loadability loadability(double most = 10.0, const SteadyOptions& options = {}) const;
    /// A state found by the solver, with verdicts on every limit; `audited`: also on the balances, which takes about as
    /// long.
    Solution answer(Values values, SteadyState state, bool audited = true) const;
    Run simulate(const RunOptions& options) const;
    /// The state at a row of a run of this network that kept its states, judged by the limits as they are then.
    Solution state_of(const Run& run, std::size_t row) const;

   private:
    /// Parameters for a load: nominal | mean | a time of the profiles.
    Values values_for(std::string_view load) const;
    Solution solution_at(Values values, std::vector<double> y, std::vector<double> yp) const;
    /// Adds the verdicts on the limits of the case at one time.
    void judge_limits(Solution& s, double time) const;
    /// Adds the reports of the models: their limits, and values outside the range of their data.
    void finish(Solution& s, const Assessment& a) const;
    std::string text_of(const FlagRow& row) const;
    Run begun(std::vector<ValueRef> recorded, const SimulationOptions& settings) const;
    void conclude(Run& run, Recorder& recorder, const std::string& status) const;
    /// With strict: true, a validity flag is an error.
    void refuse_if_strict(const Solution& s) const;

    std::shared_ptr<const BuiltCase> case_;
    Values values_;
    std::shared_ptr<SolverPool> solvers_;  ///< shared by copies, which have the same network
};

}  // namespace kelvolt
