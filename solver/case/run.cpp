// A run in time: what is recorded, where its rows go, and how it is judged at its end.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "solver/case/run_file.hpp"
#include "solver/case/timeline.hpp"
#include "solver/case/verdicts.hpp"

namespace kelvolt {

namespace {

std::vector<ValueRef> recorded_values(const BuiltCase& c, const RunOptions& options) {
    std::vector<ValueRef> refs;
    const Network& net = c.network;
    const bool all = options.record_all || c.record.all;
    for (int id = 0; id < static_cast<int>(net.components.size()); ++id) {
        const Component& component = net.components[id];
        for (int k = 0; k < static_cast<int>(component.info->outputs.size()); ++k) {
            const OutputInfo& o = component.info->outputs[k];
            if (o.key || all)
                refs.push_back({ValueRef::Kind::output, id, k, declared(o.unit), component.path + "." + o.name});
        }
        if (!all) continue;
        for (const UnknownInfo& u : component.info->unknowns)
            if (component.info->output(u.name) < 0)
                refs.push_back({ValueRef::Kind::unknown, id, u.local, declared(u.unit), component.path + "." + u.name});
    }
    std::vector<std::string> more = c.record.also;
    more.insert(more.end(), options.record.begin(), options.record.end());
    for (const std::string& pattern : more)
        for (ValueRef& ref : find_values(net, pattern))
            if (std::none_of(refs.begin(), refs.end(), [&](const ValueRef& r) { return r.path == ref.path; }))
                refs.push_back(std::move(ref));
    // elements of one array next to each other, so that they form one block of every row
    std::vector<ValueRef> ordered;
    for (const ArrayGroup& group : group_by_array(refs))
        for (const std::size_t k : group.values) ordered.push_back(refs[k]);
    return ordered;
}

/// Limit of the rows that a run keeps in memory; each value has mean, minimum and maximum: 32 bytes.
constexpr double most_recorded = 2e8;

void refuse_too_many_rows(double duration, double every, std::size_t columns) {
    const double rows = std::floor(duration / every) + 1.0,
                 width = static_cast<double>(std::max<std::size_t>(columns, 1));
    if (rows * width <= most_recorded) return;
    throw input_error(fmt::format(
        "the run would record {:.4g} rows ({:g} s every {:g} s) of {} values, {:.3g} numbers; at most {:.3g} "
        "are kept; set `record: every` (every=) to {:.3g} s or more, shorten the run, or record less",
        rows, duration, every, columns, rows * width, most_recorded, 1.01 * duration * width / most_recorded));
}

/// Passes points on, and holds the present one for the rows that it closes. `keep`: also keeps a copy of the last one,
/// which is the end of a run that fails.
class PresentPoint final : public Observer {
   public:
    PresentPoint(Observer& to, std::size_t unknowns, bool keep) : to_(to), unknowns_(unknowns), keep_(keep) {}
    void point(double t, const Point& at) override {
        at_ = &at;
        to_.point(t, at);
        at_ = nullptr;
        time_ = t;
        if (!keep_) return;
        last_.y.assign(at.y, at.y + unknowns_);
        last_.yp.assign(at.yp, at.yp + (at.yp ? unknowns_ : 0));
        last_.values = at.values;
    }
    void event(double t, const std::string& component, const std::string& text) override {
        to_.event(t, component, text);
    }
    double next_wanted(double t) const override { return to_.next_wanted(t); }
    const Point* at() const { return at_; }
    double time() const { return time_; }
    /// Without unknowns before the first point, and where it is not kept.
    RunState& last() { return last_; }

   private:
    Observer& to_;
    std::size_t unknowns_;
    bool keep_;
    const Point* at_ = nullptr;
    double time_ = 0.0;
    RunState last_;
};

/// Passes rows to the run's arrays and to its file.
class RunSink final : public RowSink {
   public:
    RunSink(Run& run, RunFile* file) : run_(run), file_(file) {}
    /// Also keeps the state at every row that ends at a point.
    void keep_states(const PresentPoint& present, std::size_t unknowns) {
        present_ = &present;
        unknowns_ = unknowns;
    }
    void row(double t, const std::vector<double>& value, const std::vector<double>& mean,
             const std::vector<double>& minimum, const std::vector<double>& maximum) override {
        run_.time.push_back(t);
        run_.value.insert(run_.value.end(), value.begin(), value.end());
        run_.mean.insert(run_.mean.end(), mean.begin(), mean.end());
        run_.minimum.insert(run_.minimum.end(), minimum.begin(), minimum.end());
        run_.maximum.insert(run_.maximum.end(), maximum.begin(), maximum.end());
        if (file_) file_->row(t, value, mean, minimum, maximum);
        if (const Point* at = present_ ? present_->at() : nullptr) {
            RunState state{{at->y, at->y + unknowns_}, {}, at->values};
            if (at->yp) state.yp.assign(at->yp, at->yp + unknowns_);
            run_.states.push_back(std::move(state));
        }
    }
    void event(double t, const std::string& component, const std::string& text) override {
        run_.events.push_back({t, component, text});
        if (file_) file_->event(t, component, text);
    }

   private:
    Run& run_;
    RunFile* file_;
    const PresentPoint* present_ = nullptr;
    std::size_t unknowns_ = 0;
};

/// Passes on the first n values of every row: those that are recorded, not those used only for limits.
class RecordedPart final : public RowSink {
   public:
    RecordedPart(RowSink& to, std::size_t n) : to_(to), n_(n) {}
    void row(double t, const std::vector<double>& value, const std::vector<double>& mean,
             const std::vector<double>& minimum, const std::vector<double>& maximum) override {
        const auto cut = [this](const std::vector<double>& x) {
            return std::vector<double>(x.begin(), x.begin() + n_);
        };
        to_.row(t, cut(value), cut(mean), cut(minimum), cut(maximum));
    }
    void event(double t, const std::string& component, const std::string& text) override {
        to_.event(t, component, text);
    }

   private:
    RowSink& to_;
    std::size_t n_;
};

// The content of every store at the begin of a run that does not start from a steady state.
void fill_stores(const Network& net, const Values& values, std::vector<double>& y) {
    std::vector<double> missing(net.size());
    net.residual(Point{y.data(), nullptr, values}, missing.data());
    for (const Component& c : net.components)
        for (const UnknownInfo& unknown : c.info->unknowns)
            if (unknown.store) {
                const int u = net.global(c, unknown.local);
                y[u] -= missing[u];
            }
}

void warn_of_late_events(std::initializer_list<const std::vector<Event>*> lists, double duration,
                         std::vector<std::string>& warnings) {
    for (const std::vector<Event>* events : lists)
        for (const Event& e : *events)
            if (e.time > duration)
                warnings.push_back(fmt::format("the event at {:g} s ({}) comes after the end of the run at {:g} s",
                                               e.time, e.text, duration));
}

/// `first`: of the values that are probed for limits.
void watch_limits(const std::vector<LimitRule>& limits, std::size_t first, Recorder& recorder) {
    for (const LimitRule& rule : limits) {
        if (!std::isnan(rule.spread)) recorder.watch_spread(first, rule.of.size(), rule.spread);
        for (std::size_t k = 0; k < rule.of.size(); ++k) recorder.watch_range(first + k, rule.min, rule.max);
        first += rule.of.size();
    }
}

/// Does it say that the system itself has no answer, and not that the solver found none?
bool is_physical(Error::Kind kind) {
    using Kind = Error::Kind;
    return kind == Kind::no_steady_state || kind == Kind::thermal_runaway || kind == Kind::no_stable_point ||
           kind == Kind::no_power_flow || kind == Kind::out_of_step;
}

SimulationOptions settings_of(const BuiltCase& c, const RunOptions& options) {
    SimulationOptions settings;
    settings.duration = options.duration.value_or(c.run.duration);
    settings.tolerance = options.tolerance.value_or(c.run.tolerance);
    settings.interrupted = options.interrupted;
    settings.progress = options.progress;
    return settings;
}

}  // namespace

// what the run begins with
Run Case::begun(std::vector<ValueRef> recorded, const SimulationOptions& settings) const {
    Run run;
    run.recorded = std::move(recorded);
    run.values = values_;
    run.initial = network().start;
    run.duration = settings.duration;
    run.tolerance = settings.tolerance;
    if (case_->run.start == "steady") {
        Values values = values_for(case_->start_load());
        SteadyState state = solvers_->lend().solve(values, {}, nullptr);
        run.start = answer(std::move(values), std::move(state));
        run.initial = run.start.y;
        run.values.discretes = run.start.values.discretes;  // firmware at rest
    } else {
        for (int u = 0; u < network().size(); ++u)
            if (network().temperature[u]) run.initial[u] = case_->run.T_start;
        fill_stores(network(), run.values, run.initial);
    }
    run.end.subject = case_;
    return run;
}

void Case::conclude(Run& run, Recorder& recorder, const std::string& status) const {
    run.status = status;
    recorder.finish();
    finish(run.end, recorder.assessment());
    judge_run(case_->limits, recorder, run.recorded.size(), run.end.verdicts);
    if (status == "complete") {
        judge_balances(run.end, run.duration);
        if (const auto names = solvers_->lend()->unstable_flows(run.end.y, run.end.values); !names.empty())
            run.end.warnings.push_back(
                fmt::format("the run ends at unstable flows: a pump's head rises with flow more steeply than the "
                            "resistance of the rest of the network; {}",
                            fmt::join(names, "; ")));
    }
    sort_worst_first(run.end.verdicts);
}

Run Case::simulate(const RunOptions& options) const {
    const SimulationOptions settings = settings_of(*case_, options);
    const double every = options.every.value_or(case_->record.every);
    if (!(settings.duration > 0.0) || !(every > 0.0))
        throw input_error(
            fmt::format("a run needs a duration and an interval above 0 s (duration {:g} s, every {:g} s)",
                        settings.duration, every));
    refuse_profiles_outside(case_->inputs, settings.duration);
    std::vector<ValueRef> recorded = recorded_values(*case_, options);
    const std::size_t state = 2 * static_cast<std::size_t>(network().size()) + values_.params.size();
    refuse_too_many_rows(settings.duration, every, recorded.size() + (options.states ? state / 4 : 0));
    Run run = begun(std::move(recorded), settings);

    std::unique_ptr<RunFile> file;
    if (!options.output.empty())
        file = std::make_unique<RunFile>(options.output, *this, run.recorded, settings.tolerance);
    RunSink sink(run, file.get());
    RecordedPart trim(sink, run.recorded.size());
    std::vector<ValueRef> probed = run.recorded;  // values for limits, whether recorded or not
    for (const LimitRule& rule : case_->limits) probed.insert(probed.end(), rule.of.begin(), rule.of.end());
    Recorder recorder(network(), probed, every, trim);
    PresentPoint present(recorder, static_cast<std::size_t>(network().size()), options.partial);
    if (options.states) sink.keep_states(present, static_cast<std::size_t>(network().size()));
    watch_limits(case_->limits, run.recorded.size(), recorder);
    std::vector<Event> added;
    for (const AddedEvent& e : options.events) added.push_back(added_event(*case_, e.time, e.pattern, e.value));
    const auto close = [&](const std::string& status) {
        conclude(run, recorder, status);
        warn_of_late_events({&case_->events, &added}, settings.duration, run.end.warnings);
        for (std::string& text : held_ends(case_->inputs, settings.duration))
            run.end.warnings.push_back(std::move(text));
        if (file) file->close(run);
    };
    try {
        SimulationResult result =
            simulate_network(network(), run.values, schedule_of(*case_, added), run.initial, settings, present);
        run.end = solution_at(std::move(result.values), std::move(result.y), std::move(result.yp));
        run.end.audit = result.audit;
        run.steps = result.steps;
        run.jacobians = result.jacobians;
        run.restarts = result.restarts;
        run.seconds = result.seconds;
    } catch (const Error& e) {
        RunState& last = present.last();
        if (!last.y.empty()) run.end = solution_at(std::move(last.values), std::move(last.y), std::move(last.yp));
        if (recorder.begun() && is_physical(e.kind)) judge_reach(run.end, present.time(), settings.duration);
        close(e.kind == Error::Kind::interrupted ? "interrupted" : "failed: " + e.message);
        if (options.partial && recorder.begun() && e.kind != Error::Kind::interrupted) return run;
        throw;
    }
    close("complete");
    if (options.states && run.states.size() + 1 == run.time.size())  // the last interval is not a whole one
        run.states.push_back({run.end.y, run.end.yp, run.end.values});
    refuse_if_strict(run.end);  // the file is closed already: what was computed is kept
    return run;
}

}  // namespace kelvolt
