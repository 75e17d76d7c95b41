#include "solver/case/session.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "solver/assembly/islands.hpp"
#include "solver/case/run_file.hpp"

namespace kelvolt {

namespace {

// a notice without a range holds at any value; its lower end is above its upper one
bool has_range(const ValidityFlag& f) { return f.lo <= f.hi; }

// how close a verdict is to its limit, in a measure that compares across quantities
double urgency(const Verdict& v) {
    const double scale = v.unit == "K" || v.unit == "delta_K" ? 10.0 : std::max(std::abs(v.limit), 1e-12);
    return v.margin() / scale;
}

// verdicts that are not assessed come last, in their order
void sort_worst_first(std::vector<Verdict>& verdicts) {
    std::vector<std::pair<double, std::size_t>> order;  // sorts numbers, because a verdict is expensive to move
    order.reserve(verdicts.size());
    for (std::size_t k = 0; k < verdicts.size(); ++k)
        if (verdicts[k].assessed()) order.emplace_back(urgency(verdicts[k]), k);
    std::sort(order.begin(), order.end());
    for (std::size_t k = 0; k < verdicts.size(); ++k)
        if (!verdicts[k].assessed()) order.emplace_back(0.0, k);
    for (std::size_t k = 0; k < order.size(); ++k) {
        std::size_t& from = order[k].second;
        while (from < k) from = order[from].second;  // an earlier swap moved it there
        std::swap(verdicts[k], verdicts[from]);
    }
}

std::vector<ValueRef> recorded_values(const Case& c, const RunOptions& options) {
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

/// Passes rows to the run's arrays and to its file.
class RunSink final : public RowSink {
   public:
    RunSink(Run& run, RunFile* file) : run_(run), file_(file) {}
    void row(double t, const std::vector<double>& value, const std::vector<double>& mean,
             const std::vector<double>& minimum, const std::vector<double>& maximum) override {
        run_.time.push_back(t);
        run_.value.insert(run_.value.end(), value.begin(), value.end());
        run_.mean.insert(run_.mean.end(), mean.begin(), mean.end());
        run_.minimum.insert(run_.minimum.end(), minimum.begin(), minimum.end());
        run_.maximum.insert(run_.maximum.end(), maximum.begin(), maximum.end());
        if (file_) file_->row(t, value, mean, minimum, maximum);
    }
    void event(double t, const std::string& component, const std::string& text) override {
        run_.events.push_back({t, component, text});
        if (file_) file_->event(t, component, text);
    }

   private:
    Run& run_;
    RunFile* file_;
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

Verdict spread_verdict(const LimitRule& rule, double spread, double time) {
    const LimitRule::SpreadTexts& texts = rule.spread_texts;
    Verdict verdict{{texts.id, texts.quantity, "1", rule.basis, spread, rule.spread, true}, texts.element, time};
    verdict.from_case = true;
    return verdict;
}

// the verdict on one value of a limit of the case, from its lowest and highest value
void judge(const LimitRule& rule, const ValueRef& ref, const Recorder::Extreme& e, std::vector<Verdict>& verdicts) {
    const auto add = [&](double value, double limit, bool at_most, double time) {
        if (!std::isfinite(limit)) return;
        verdicts.push_back(
            {{rule.id, rule.quantity, ref.quantity.unit, rule.basis, value, limit, at_most}, ref.path, time});
        verdicts.back().from_case = true;
    };
    add(e.highest, rule.max, true, e.t_highest);
    add(e.lowest, rule.min, false, e.t_lowest);
}

// the verdicts on the limits of the case from the extremes of a run; the values for limits begin at index `k`
void judge_extremes(const std::vector<LimitRule>& limits, const Recorder& recorder, std::size_t k,
                    std::vector<Verdict>& verdicts) {
    if (!recorder.begun()) return;
    for (const LimitRule& rule : limits)
        for (const ValueRef& ref : rule.of) judge(rule, ref, recorder.extremes()[k++], verdicts);
}

constexpr double first_stamp = 1e8;  // s; a profile that begins later has clock times since 1970

Error outside(const Input& input, const std::string& asked) {
    const auto [from, to] = input.profile.span();
    return input_error(
        fmt::format("profile {} spans {:.10g} s to {:.10g} s and {}: none of it would be used{}; times count from the "
                    "begin of the run: shift them in the table, or add `phase: {:.10g} s` to its line of apply, which "
                    "begins it with the run",
                    input.text, from, to, asked,
                    from >= first_stamp ? " (its times seem to be time stamps, counted since 1970)" : "",
                    input.phase - from),
        input.where);
}

// refuses a profile that ends before the run begins or begins after its end: it would only give a constant value
void refuse_profiles_outside(const std::vector<Input>& inputs, double duration) {
    for (const Input& input : inputs)
        if (const auto [from, to] = input.profile.span(); !(from < duration && to > 0.0))
            throw outside(input, fmt::format("the run 0 s to {:g} s", duration));
}

// refuses a steady state before the first time of a profile, if these times are clock times
void refuse_stamps(const std::vector<Input>& inputs, double t) {
    for (const Input& input : inputs)
        if (const double from = input.profile.span().first; from >= first_stamp && t < from)
            throw outside(input, fmt::format("the steady state is that of {:g} s", t));
}

}  // namespace

Schedule schedule_of(const Case& c) {
    Schedule schedule;
    for (const Input& input : c.inputs) schedule.add(input.positions, input.profile, input.scale);
    for (const Event& e : c.events)
        schedule.add(ScheduledEvent{e.time, e.positions, e.relative, e.value, e.ramp, e.text, e.component});
    return schedule;
}

std::vector<double> Solution::read(const std::vector<ValueRef>& refs) const {
    std::vector<double> out(refs.size());
    Probe(network(), refs).read(Point{y.data(), yp.data(), values}, out.data());
    return out;
}

Session::Session(Case subject) : Session(std::make_shared<const Case>(std::move(subject)), {}) {
    values_ = network().initial;
}

std::vector<double> Session::get(const std::vector<ValueRef>& refs) const {
    std::vector<double> out;
    for (const ValueRef& ref : refs) out.push_back(read_parameter(network(), values_, ref));
    return out;
}

void Session::set(std::string_view pattern, std::string_view text) {
    for (const ValueRef& ref : case_->parameters(pattern)) {
        try {
            write_parameter(network(), values_, ref, to_si(text, ref.quantity));
        } catch (const Error& e) {
            if (e.message.find(ref.path) != std::string::npos) throw;
            throw input_error(ref.path + ": " + e.message);
        }
    }
}

void Session::set(std::string_view pattern, double si) {
    for (const ValueRef& ref : case_->parameters(pattern)) write_parameter(network(), values_, ref, si);
}

void Session::set(const std::vector<ValueRef>& refs, const std::vector<double>& si) {
    for (std::size_t k = 0; k < refs.size(); ++k) check_parameter(network(), refs[k], si.at(k));
    for (std::size_t k = 0; k < refs.size(); ++k) write_parameter(network(), values_, refs[k], si[k]);
}

Values Session::steady_values() const {
    Values values = values_;
    const std::string& at = case_->run.steady_at;
    if (at != "nominal" && at != "mean") {
        refuse_stamps(case_->inputs, seconds(at));
        schedule_of(*case_).start(seconds(at), values);
    }
    if (at == "mean") {
        for (const Input& input : case_->inputs)
            for (std::size_t p : input.positions) values.params[p] = input.scale * input.profile.mean();
    }
    energise(network(), network().start.data(), network().start.data(), values);
    return values;
}

Loadability Session::loadability(double most, const SteadyOptions& options) const {
    return solvers_->lend()->loadability(steady_values(), options, most);
}

Solution Session::solution_at(Values values, std::vector<double> y, std::vector<double> yp) const {
    Solution s;
    s.subject = case_;
    s.values = std::move(values);
    s.y = std::move(y);
    s.yp = std::move(yp);
    s.solvers = solvers_;
    return s;
}

void Session::finish(Solution& s, const Assessment& a) const {
    const Network& net = network();
    const std::vector<CheckValue>& checks = a.checks();
    s.verdicts.reserve(s.verdicts.size() + checks.size());
    for (std::size_t k = 0; k < checks.size(); ++k) {
        const CheckRow& row = a.check_rows()[k];
        Verdict verdict{checks[k], net.component(row.component).path, row.time};
        if (row.circuit >= 0)
            verdict.of_whole = net.component(net.circuits[row.circuit].references.front().component).path;
        if (verdict.id == "fed" && verdict.assessed() && case_->accepts_lost(verdict.element))
            verdict.limit = not_given;
        s.verdicts.push_back(verdict);
    }
    s.flags = a.flags();
    s.warnings = case_->warnings;
    for (const FlagRow& row : s.flags) s.warnings.push_back(text_of(row));
}

std::string Session::text_of(const FlagRow& row) const {
    const ValidityFlag& f = row.flag;
    const std::string& path = network().component(row.component).path;
    if (!has_range(f)) return fmt::format("{}: {} ({})", path, f.what, f.source);
    return fmt::format("{}: {} = {:.4g} {} is outside {:.4g} to {:.4g} {} ({}); {}", path, f.what, f.value, f.unit,
                       f.lo, f.hi, f.unit, f.source, f.beyond);
}

void Session::refuse_if_strict(const Solution& s) const {
    if (!case_->strict) return;
    const auto range =
        std::find_if(s.flags.begin(), s.flags.end(), [](const FlagRow& row) { return has_range(row.flag); });
    if (range == s.flags.end()) return;
    throw input_error("strict: " + text_of(*range) + "; give data that cover it, or set strict: false");
}

Solution Session::steady(const SteadyOptions& options, const Solution* guess) const {
    Values values = steady_values();
    SteadyState state = solvers_->lend().solve(values, options, guess ? &guess->y : nullptr);
    return answer(std::move(values), std::move(state));
}

void Session::judge_balances(Solution& s, double time) const {
    const std::size_t first = s.verdicts.size();
    constexpr std::string_view all = "the whole case", basis = "balance";
    s.verdicts.push_back({{"energy_balance", "energy missing over energy across the boundary", "1", basis,
                           s.audit.energy_relative(), s.audit.energy_allowed(), true},
                          all,
                          time});
    s.verdicts.push_back({{"mass_balance", "coolant missing over coolant through the circuit", "1", basis,
                           s.audit.mass_relative, Audit::bound, true},
                          all,
                          time});
    if (s.entropy.worst >= 0)
        s.verdicts.push_back(
            {{"second_law", "entropy production", "W/K", basis, s.entropy.production, -s.entropy.tolerance, false},
             network().component(s.entropy.worst).path,
             time,
             all});
    for (std::size_t k = first; k < s.verdicts.size(); ++k) s.verdicts[k].balance = true;
}

// checks of a steady state: the current at every bus sums to zero; stability was checked by the solver
void Session::judge_rest(Solution& s) const {
    constexpr std::string_view all = "the whole case", basis = "balance";
    const Network& net = network();
    const std::size_t first = s.verdicts.size();
    if (net.electric) {
        std::vector<double> r(net.size());
        net.residual(Point{s.y.data(), s.yp.data(), s.values}, r.data());
        double missing = 0.0;
        for (const Node& node : net.nodes)
            for (std::size_t k = 0; node.kind->electric > 0.0 && k < node.kind->pairs.size(); ++k)
                missing += std::abs(r[node.first + static_cast<int>(k)]) * net.nominal[node.first];
        s.verdicts.push_back(
            {{"charge_balance", "current missing at buses times their voltage, over power across the boundary", "1",
              basis, missing / std::max(s.audit.energy_size, Audit::least_energy), Audit::bound, true},
             all,
             0.0});
    }
    s.verdicts.push_back(
        {{"stability", "comes back after a small push (1: yes)", "1", basis, 1.0, 0.5, false}, all, 0.0});
    for (std::size_t k = first; k < s.verdicts.size(); ++k) s.verdicts[k].balance = true;
}

Solution Session::answer(Values values, SteadyState state, bool audited) const {
    if (!state.discretes.empty()) values.discretes = state.discretes;
    Solution s = solution_at(std::move(values), std::move(state.y), std::vector<double>(network().size(), 0.0));
    s.statistics = std::move(state);
    const Point at{s.y.data(), nullptr, s.values};
    Assessment a(network());
    s.audit = steady_audit(a.look(0.0, at));
    if (audited) s.entropy = entropy_balance(network(), at);
    for (const LimitRule& rule : case_->limits) {
        const std::vector<double> found = s.read(rule.of);
        for (std::size_t k = 0; k < found.size(); ++k)
            judge(rule, rule.of[k], {found[k], found[k], 0.0, 0.0}, s.verdicts);
        if (!std::isnan(rule.spread))
            s.verdicts.push_back(spread_verdict(rule, spread_of(found.data(), found.size()), 0.0));
    }
    finish(s, a);
    if (audited) {
        judge_balances(s, 0.0);
        judge_rest(s);
    }
    refuse_if_strict(s);
    s.warnings.insert(s.warnings.end(), s.statistics.warnings.begin(), s.statistics.warnings.end());
    for (const Island& island : find_islands(network(), at)) s.warnings.push_back(describe(network(), island));
    if (network().electric)
        for (BusChange& change : describe_changes(network(), network().electric->look(network(), at)))
            s.warnings.push_back(std::move(change.text));
    sort_worst_first(s.verdicts);
    return s;
}

Run Session::simulate(const RunOptions& options) const {
    Run run;
    const Network& net = network();
    SimulationOptions settings;
    settings.duration = options.duration.value_or(case_->run.duration);
    settings.tolerance = options.tolerance.value_or(case_->run.tolerance);
    settings.interrupted = options.interrupted;
    settings.progress = options.progress;
    const double every = options.every.value_or(case_->record.every);
    if (!(settings.duration > 0.0) || !(every > 0.0))
        throw input_error(
            fmt::format("a run needs a duration and an interval above 0 s (duration {:g} s, every {:g} s)",
                        settings.duration, every));
    refuse_profiles_outside(case_->inputs, settings.duration);

    run.recorded = recorded_values(*case_, options);
    const std::size_t wanted = run.recorded.size();
    std::vector<ValueRef> probed = run.recorded;  // values for limits, whether recorded or not
    for (const LimitRule& rule : case_->limits) probed.insert(probed.end(), rule.of.begin(), rule.of.end());
    refuse_too_many_rows(settings.duration, every, wanted);

    std::vector<double> y = net.start;
    if (case_->run.start == "steady") {
        run.start = steady();
        y = run.start.y;
    } else {
        for (int u = 0; u < net.size(); ++u)
            if (net.temperature[u]) y[u] = case_->run.T_start;
    }
    run.values = values_;
    if (case_->run.start == "steady") run.values.discretes = run.start.values.discretes;  // firmware at rest
    run.initial = y;
    run.duration = settings.duration;
    run.tolerance = settings.tolerance;

    std::unique_ptr<RunFile> file;
    if (!options.output.empty())
        file = std::make_unique<RunFile>(options.output, *this, run.recorded, settings.tolerance);
    RunSink sink(run, file.get());

    RecordedPart trim(sink, wanted);
    Recorder recorder(net, probed, every, trim);
    std::size_t watched = wanted;
    for (const LimitRule& rule : case_->limits) {
        if (!std::isnan(rule.spread)) recorder.watch_spread(watched, rule.of.size());
        watched += rule.of.size();
    }
    const auto conclude = [&](const std::string& status) {
        run.status = status;
        recorder.finish();
        finish(run.end, recorder.assessment());
        judge_extremes(case_->limits, recorder, wanted, run.end.verdicts);
        auto spread = recorder.spreads().begin();
        for (const LimitRule& rule : case_->limits) {
            if (std::isnan(rule.spread) || !recorder.begun()) continue;
            run.end.verdicts.push_back(spread_verdict(rule, spread->widest, spread->time));
            ++spread;
        }
        if (status == "complete") {
            judge_balances(run.end, settings.duration);
            if (const auto names = solvers_->lend()->unstable_flows(run.end.y, run.end.values); !names.empty())
                run.end.warnings.push_back(
                    fmt::format("the run ends at unstable flows: a pump's head rises with flow more steeply than the "
                                "resistance of the rest of the network; {}",
                                fmt::join(names, "; ")));
        }
        sort_worst_first(run.end.verdicts);
        if (file) file->close(run);
    };
    run.end.subject = case_;
    try {
        SimulationResult result =
            simulate_network(net, run.values, schedule_of(*case_), std::move(y), settings, recorder);
        run.end = solution_at(std::move(result.values), std::move(result.y), std::move(result.yp));
        run.end.audit = result.audit;
        run.steps = result.steps;
        run.jacobians = result.jacobians;
        run.restarts = result.restarts;
        run.seconds = result.seconds;
    } catch (const Error& e) {
        conclude(e.kind == Error::Kind::interrupted ? "interrupted" : "failed: " + e.message);
        throw;
    }
    conclude("complete");
    refuse_if_strict(run.end);  // the file is closed already: what was computed is kept
    return run;
}

}  // namespace kelvolt
