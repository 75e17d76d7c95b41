#include "solver/case/case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "solver/assembly/islands.hpp"
#include "solver/case/timeline.hpp"
#include "solver/case/verdicts.hpp"

namespace kelvolt {

namespace {

// a notice without a range holds at any value; its lower end is above its upper one
bool has_range(const ValidityFlag& f) { return f.lo <= f.hi; }

}  // namespace

std::vector<double> Solution::read(const std::vector<ValueRef>& refs) const {
    std::vector<double> out(refs.size());
    Probe(network(), refs).read(Point{y.data(), yp.data(), values}, out.data());
    return out;
}

Case::Case(BuiltCase subject) : Case(std::make_shared<const BuiltCase>(std::move(subject)), {}) {
    values_ = network().initial;
}

std::vector<double> Case::get(const std::vector<ValueRef>& refs) const {
    std::vector<double> out;
    for (const ValueRef& ref : refs) out.push_back(read_parameter(network(), values_, ref));
    return out;
}

void Case::set(std::string_view pattern, std::string_view text) {
    if (const Knob* knob = case_->knob(pattern))
        return set(knob->of, turned(*knob, network(), values_, to_si(text, knob->of.front().quantity)));
    for (const ValueRef& ref : case_->parameters(pattern)) {
        try {
            write_parameter(network(), values_, ref, to_si(text, ref.quantity));
        } catch (const Error& e) {
            if (e.message.find(ref.path) != std::string::npos) throw;
            throw input_error(ref.path + ": " + e.message);
        }
    }
}

void Case::set(std::string_view pattern, double si) {
    if (const Knob* knob = case_->knob(pattern)) return set(knob->of, turned(*knob, network(), values_, si));
    for (const ValueRef& ref : case_->parameters(pattern)) write_parameter(network(), values_, ref, si);
}

void Case::set(const std::vector<ValueRef>& refs, const std::vector<double>& si) {
    for (std::size_t k = 0; k < refs.size(); ++k) check_parameter(network(), refs[k], si.at(k));
    for (std::size_t k = 0; k < refs.size(); ++k) write_parameter(network(), values_, refs[k], si[k]);
}

Values Case::values_for(std::string_view at) const {
    Values values = values_;
    if (at != "nominal" && at != "mean") {
        refuse_stamps(case_->inputs, seconds(at));
        schedule_of(*case_).start(seconds(at), values);
    }
    if (at == "mean") {
        const double span = case_->run.duration;
        for (const Input& input : case_->inputs)
            for (std::size_t p : input.positions)
                values.params[p] = input.scale * (input.profile.is_step() && span > 0.0 ? input.profile.mean(0.0, span)
                                                                                        : input.profile.mean());
    }
    energise(network(), network().start.data(), network().start.data(), values);
    return values;
}

Loadability Case::loadability(double most, const SteadyOptions& options) const {
    return solvers_->lend()->loadability(steady_values(), options, most);
}

Solution Case::solution_at(Values values, std::vector<double> y, std::vector<double> yp) const {
    Solution s;
    s.subject = case_;
    s.values = std::move(values);
    s.y = std::move(y);
    s.yp = std::move(yp);
    s.solvers = solvers_;
    return s;
}

void Case::finish(Solution& s, const Assessment& a) const {
    const Network& net = network();
    const std::vector<CheckValue>& checks = a.checks();
    s.verdicts.reserve(s.verdicts.size() + checks.size());
    for (std::size_t k = 0; k < checks.size(); ++k) {
        const CheckRow& row = a.check_rows()[k];
        Verdict verdict{checks[k], net.component(row.component).path, row.time};
        verdict.since = row.since;
        if (row.circuit >= 0)
            verdict.of_whole = net.component(net.circuits[row.circuit].references.front().component).path;
        if (verdict.id == "fed" && verdict.assessed() && case_->accepts_lost(verdict.element))
            verdict.limit = not_given;
        s.verdicts.push_back(verdict);
    }
    s.flags = a.flags();
    // first what makes the state another than the one that is asked for, such as a speed that the drive does not have
    std::stable_partition(s.flags.begin(), s.flags.end(),
                          [](const FlagRow& row) { return has_range(row.flag) && row.flag.beyond != "extrapolated"; });
    s.warnings = case_->warnings;
    for (const FlagRow& row : s.flags) s.warnings.push_back(text_of(row));
}

std::string Case::text_of(const FlagRow& row) const {
    const ValidityFlag& f = row.flag;
    const std::string& path = network().component(row.component).path;
    if (!has_range(f)) return fmt::format("{}: {} ({})", path, f.what, f.source);
    const std::string unit = f.unit == "1" ? "" : " " + f.unit;
    return fmt::format("{}: {} = {:.4g}{} is outside {:.4g} to {:.4g}{} ({}); {}", path, f.what, f.value, unit, f.lo,
                       f.hi, unit, f.source, f.beyond);
}

void Case::refuse_if_strict(const Solution& s) const {
    if (!case_->strict) return;
    const auto range =
        std::find_if(s.flags.begin(), s.flags.end(), [](const FlagRow& row) { return has_range(row.flag); });
    if (range == s.flags.end()) return;
    throw input_error("strict: " + text_of(*range) + "; give data that cover it, or set strict: false");
}

Solution Case::steady(const SteadyOptions& options, const Solution* guess) const {
    Values values = steady_values();
    SteadyState state = solvers_->lend().solve(values, options, guess ? &guess->y : nullptr);
    return answer(std::move(values), std::move(state));
}

void Case::judge_limits(Solution& s, double time) const {
    for (const LimitRule& rule : case_->limits) {
        const std::vector<double> found = s.read(rule.of);
        for (std::size_t k = 0; k < found.size(); ++k)
            judge(rule, rule.of[k], {found[k], found[k], time, time}, s.verdicts);
        if (!std::isnan(rule.spread))
            s.verdicts.push_back(spread_verdict(rule, spread_of(found.data(), found.size()), time));
    }
}

Solution Case::state_of(const Run& run, std::size_t row) const {
    if (row >= run.states.size())
        throw input_error(
            fmt::format("row {} has no state; the run kept {} states (states=True)", row + 1, run.states.size()));
    const RunState& state = run.states[row];
    if (state.y.size() != static_cast<std::size_t>(network().size()))
        throw input_error("the run is of another network than the case");
    Solution s = solution_at(state.values, state.y, state.yp);
    Assessment a(network());
    a.look(run.time[row], Point{s.y.data(), s.yp.empty() ? nullptr : s.yp.data(), s.values});
    judge_limits(s, run.time[row]);
    finish(s, a);
    sort_worst_first(s.verdicts);
    return s;
}

Solution Case::answer(Values values, SteadyState state, bool audited) const {
    if (!state.discretes.empty()) values.discretes = state.discretes;
    Solution s = solution_at(std::move(values), std::move(state.y), {});
    s.statistics = std::move(state);
    const Point at{s.y.data(), nullptr, s.values};
    Assessment a(network());
    s.audit = steady_audit(a.look(0.0, at));
    if (audited) s.entropy = entropy_balance(network(), at);
    judge_limits(s, 0.0);
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

}  // namespace kelvolt
