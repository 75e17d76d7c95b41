#include "solver/sweep/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "solver/assembly/heights.hpp"

namespace kelvolt {

namespace {

// the error after a step of this size is of the order of its square, since Newton with the exact Jacobian converges
// quadratically
constexpr double sweep_tolerance = 1e-6;

SteadyOptions sweep_options() {
    SteadyOptions options;
    options.newton.tolerance = sweep_tolerance;
    return options;
}

const char* word_for(Error::Kind kind) {
    switch (kind) {
        case Error::Kind::no_steady_state:
            return "no_steady_state";
        case Error::Kind::thermal_runaway:
            return "thermal_runaway";
        case Error::Kind::no_stable_point:
            return "no_stable_point";
        case Error::Kind::no_convergence:
            return "no_convergence";
        case Error::Kind::no_power_flow:
            return "no_power_flow";
        case Error::Kind::out_of_step:
            return "out_of_step";
        default:
            return "refused";
    }
}

Binding binding_of(const std::vector<Verdict>& verdicts) {
    Binding out;
    for (const Verdict& v : verdicts) out.broken += v.word() == "broken";
    // balances are not limits and are left out
    const auto first = std::find_if(verdicts.begin(), verdicts.end(),
                                    [](const Verdict& v) { return !v.is_balance() || v.word() == "broken"; });
    if (first == verdicts.end()) return out;
    const Verdict& worst = *first;
    out.id = worst.id, out.element = worst.element, out.unit = worst.unit, out.verdict = worst.word();
    out.margin = worst.margin();
    return out;
}

void keep_margins(const Solution& s, std::size_t point, std::size_t points, std::vector<LimitMargins>& kept) {
    for (const Verdict& v : s.verdicts) {
        if (v.is_balance()) continue;
        auto found = std::find_if(kept.begin(), kept.end(),
                                  [&](const LimitMargins& m) { return m.id == v.id && m.element == v.scope(); });
        if (found == kept.end())
            found = kept.insert(kept.end(), {std::string(v.id), std::string(v.scope()), std::string(v.unit),
                                             std::vector<double>(points, not_given)});
        double& margin = found->margin[point];
        margin = std::fmin(margin, v.margin());  // fmin ignores NaN
    }
}

void keep_all(const Solution& s, std::size_t point, std::size_t points, SweepChunk& out) {
    const Network& net = s.network();
    const Point at{s.y.data(), nullptr, s.values};
    keep_margins(s, point, points, out.margins);
    out.flagged[point] = static_cast<int>(s.flags.size());
    Tally tally;
    tally.circuits.resize(net.circuits.size());
    Report<double> report;
    report.tally = &tally;
    double* power = out.power.data() + point * net.components.size();
    for (const Component& c : net.components) {
        tally.power_in = 0.0;
        net.block_of(c).outputs(c.instance, at, report);
        *power++ = tally.power_in;
    }
    out.stored[point] = tally.stored;
}

void fail(SweepChunk& out, std::size_t point, const Error& e) {
    if (e.kind == Error::Kind::interrupted) throw e;
    out.status[point] = word_for(e.kind);
    out.reason[point] = e.message;
}

SweepChunk empty_chunk(std::size_t points, std::size_t numbers) {
    SweepChunk out;
    out.values.assign(points * numbers, not_given);
    out.status.assign(points, "ok");
    out.reason.resize(points);
    out.binding.resize(points);
    return out;
}

}  // namespace

Sweep::Sweep(const Case& base, std::vector<SweepColumn> columns, std::vector<SweepRecord> records, int anchors,
             int threads)
    : base_(base), columns_(std::move(columns)), records_(std::move(records)) {
    for (const SweepRecord& r : records_) {
        refs_.insert(refs_.end(), r.refs.begin(), r.refs.end());
        width_ += r.width();
    }
    for (const SweepColumn& c : columns_) {
        targets_.insert(targets_.end(), c.targets.begin(), c.targets.end());
        centre_.push_back(c.centre);
    }
    own_ = base_.get(targets_);
    SteadySolver solver(base_.network());
    for (const std::vector<double>& origin : {centre_, as_it_stands()}) {
        try {
            y_ = solver.solve(at(origin.data()).steady_values(), sweep_options()).y;
            centre_ = origin;
            break;
        } catch (const Error&) {
            continue;  // without a solution at the centre every point starts cold and reports its own failure
        }
    }
    if (y_.empty()) return;
    std::vector<double> low, high;
    for (const SweepColumn& c : columns_) low.push_back(c.low), high.push_back(c.high);
    const auto values_at = [this](const double* row) { return at(row).steady_values(); };
    pivots_ = std::make_unique<Newton>(base_.network(), Subsystem(base_.network(), [](int) { return true; }));
    pivots_->pivot_at(y_, values_at(centre_.data()));
    starts_ = std::make_unique<Starts>(base_.network(), std::move(low), std::move(high), values_at);
    starts_->add(*pivots_, centre_, y_);
    starts_->spread(anchors, threads, [&]() -> Starts::Worker {
        const std::shared_ptr<Workspace> work = workspace();
        const auto solve = [this, work, values_at](const double* row, std::vector<std::vector<double>> from) {
            const Values values = values_at(row);
            SteadyState state;
            if (from_starts(*work, std::move(from), values, state)) return std::move(state.y);
            work->solver().forget();  // an anchor must not depend on what this thread solved before
            return work->solver().solve(values, sweep_options()).y;
        };
        return {{work, &work->newton}, solve};
    });
    starts_->each([&](const double* row, const std::vector<double>& y) { pivots_->pivot_at(y, values_at(row)); });
}

std::unique_ptr<Sweep::Workspace> Sweep::workspace() const {
    auto work = std::make_unique<Workspace>(base_.network());
    if (pivots_ && !work->newton.follow(*pivots_)) work->newton.pivot_at(y_, at(centre_.data()).steady_values());
    return work;
}

std::vector<double> Sweep::as_it_stands() const {
    std::vector<double> row;
    std::size_t first = 0;
    for (const SweepColumn& c : columns_) {
        row.push_back(c.relative || c.targets.empty() ? 1.0 : own_[first]);
        first += c.targets.size();
    }
    return row;
}

void Sweep::refuse_if_cancelled() const {
    if (cancelled_) throw Error(Error::Kind::interrupted, "the sweep was interrupted");
}

Case Sweep::at(const double* row) const {
    std::vector<double> si(targets_.size());
    std::size_t k = 0;
    for (std::size_t j = 0; j < columns_.size(); ++j)
        for (std::size_t i = 0; i < columns_[j].targets.size(); ++i, ++k)
            si[k] = columns_[j].relative ? row[j] * own_[k] : row[j];
    Case the_case = base_;
    the_case.set(targets_, si);
    return the_case;
}

bool Sweep::from_starts(Workspace& work, std::vector<std::vector<double>> starts, const Values& values,
                        SteadyState& state, bool held) const {
    const SteadyOptions options = sweep_options();
    NewtonOptions newton = options.newton;
    newton.max_iterations = 15;  // a start that needs more iterations is discarded
    for (std::vector<double>& y : starts) {
        if (work.net.electric) work.net.electric->put_out(work.net, values, y);
        work.newton.forget();  // a point must not depend on what this thread solved before
        const NewtonResult result = work.newton.solve(y, values, newton);
        state.newton_iterations += result.iterations + result.corrections;
        const auto beyond = [&](int u) {
            return work.net.temperature[u] && (y[u] > options.T_plausible || y[u] < 100.0);
        };
        bool plausible = result.converged;
        for (int u = 0; plausible && u < work.net.size(); ++u) plausible = !beyond(u);
        if (!plausible || (work.net.electric && !work.net.electric->stands(work.net, values, y))) continue;
        if (!work.stability.heat(y, values, work.newton.jacobian())) continue;
        if (!work.stability.flow(y, values, work.newton.jacobian())) continue;
        if (!held && !work.resting.empty() && work.resting.change_due(y, values)) continue;
        state.y = std::move(y);
        return true;
    }
    return false;
}

SteadyState Sweep::solve(Workspace& work, const double* row, const Values& values, const StartPoint* before,
                         SweepChunk& out) const {
    if (!starts_) return work.solver().solve(values, sweep_options());
    SteadyState state;
    if (from_starts(work, starts_->best(row, values, before), values, state)) return state;
    try {
        return work.solver().solve(values, sweep_options());  // cold start, then continuation
    } catch (const Error& e) {
        // for a thermal runaway, continuation in the leakage has been tried; other failures may be due to the start
        if (e.kind != Error::Kind::no_convergence && e.kind != Error::Kind::no_steady_state) throw;
        const Error first = e;
        try {
            SteadyState found = follow(work.solver(), row);
            ++out.continued;
            return found;
        } catch (const Error& lost) {
            if (first.kind == Error::Kind::no_steady_state) throw first;
            throw;
        }
    }
}

SteadyState Sweep::solve_in_turn(Workspace& work, const double* row, Values values, const StartPoint* before,
                                 SweepChunk& out, int& unsettled) const {
    constexpr int most = 12;
    constexpr double hold = 3600.0;  // s
    if (!starts_) return work.solver().solve(values, sweep_options());
    SteadyState state;
    try {
        for (int k = 0; k < most; ++k) {
            std::vector<std::vector<double>> starts = starts_->best(row, values, before);
            if (k > 0) starts.insert(starts.begin(), state.y);
            SteadyState next;
            if (!from_starts(work, starts, values, next, true))
                next = work.solver().solve_frozen(values, sweep_options(), before ? &before->y : nullptr);
            state = std::move(next);
            state.discretes = values.discretes;
            if (work.resting.empty() || !work.resting.change_due(state.y, values)) return state;
            work.resting.act(state.y, values, hold);
        }
        unsettled = 1;
        return state;
    } catch (const Error& e) {
        if (e.kind == Error::Kind::interrupted) throw;
        return solve(work, row, values, before, out);
    }
}

SteadyState Sweep::follow(SteadySolver& solver, const double* row) const {
    constexpr double least_step = 1.0 / 64.0;
    SteadyOptions options = sweep_options();
    options.fallback = false;
    SteadyState state;
    state.y = y_;
    double reached = 0.0, step = 0.25;
    std::vector<double> between(columns_.size());
    while (reached < 1.0) {
        refuse_if_cancelled();
        const double next = std::min(1.0, reached + step);
        for (std::size_t j = 0; j < between.size(); ++j) between[j] = centre_[j] + next * (row[j] - centre_[j]);
        try {
            const std::vector<double> from = state.y;
            state = solver.solve(at(between.data()).steady_values(), options, &from);
            reached = next;
        } catch (const Error& e) {
            step *= 0.5;
            if (step >= least_step) continue;
            throw Error(e.kind,
                        fmt::format("continuation from the start of the sweep loses the solution after {:.0f} % of the "
                                    "way: {}",
                                    100.0 * reached, e.message));
        }
    }
    return state;
}

void Sweep::fold(const double* read, double* out) const {
    for (const SweepRecord& r : records_) {
        const double* end = read + r.refs.size();
        switch (r.fold) {
            case Fold::each:
                out = std::copy(read, end, out);
                break;
            case Fold::max:
                *out++ = *std::max_element(read, end);
                break;
            case Fold::min:
                *out++ = *std::min_element(read, end);
                break;
            case Fold::sum:
                *out++ = std::accumulate(read, end, 0.0);
                break;
            case Fold::mean:
                *out++ = std::accumulate(read, end, 0.0) / static_cast<double>(r.refs.size());
                break;
        }
        read = end;
    }
}

SweepChunk Sweep::steady(const double* table, std::size_t points, Judged judged, Rows rows) const {
    SweepChunk out = empty_chunk(points, width_);
    if (judged == Judged::full) {
        out.power.assign(points * base_.network().components.size(), not_given);
        out.stored.assign(points, not_given);
        out.flagged.assign(points, 0);
    }
    const std::unique_ptr<Workspace> work = workspace();
    Probe probe(base_.network(), refs_);
    std::vector<double> read(refs_.size());
    std::optional<StartPoint> before;
    std::vector<double> decided;  // by firmware and switches, in the row before
    if (rows == Rows::in_turn) out.unsettled.assign(points, 0);
    const bool strict = base_.subject().strict, heights = has_heights(base_.network(), base_.steady_values());
    for (std::size_t k = 0; k < points; ++k) {
        refuse_if_cancelled();
        const double* row = table + k * columns_.size();
        try {
            const Case the_case = at(row);
            Values values = the_case.steady_values();
            if (heights) node_heights(base_.network(), values);  // a variant may open a loop in height
            if (!decided.empty()) values.discretes = decided;
            const StartPoint* start = before ? &*before : nullptr;
            SteadyState state = rows == Rows::apart ? solve(*work, row, values, start, out)
                                                    : solve_in_turn(*work, row, values, start, out, out.unsettled[k]);
            before = StartPoint{row, state.y};
            if (!state.discretes.empty()) values.discretes = state.discretes;
            if (rows == Rows::in_turn) decided = values.discretes;
            out.iterations += state.newton_iterations;
            probe.read(Point{state.y.data(), nullptr, values}, read.data());
            if (judged != Judged::none || strict) {  // a case with strict: true refuses values outside its data
                const Solution s = the_case.answer(std::move(values), std::move(state), false);
                out.binding[k] = binding_of(s.verdicts);
                if (judged == Judged::full) keep_all(s, k, points, out);
            }
            fold(read.data(), out.values.data() + k * width_);
        } catch (const Error& e) {
            fail(out, k, e);
        }
    }
    return out;
}

SweepChunk Sweep::simulate(const double* table, std::size_t points, const RunOptions& options,
                           const std::vector<double>& times, bool limits) const {
    constexpr std::size_t kinds = 4;
    const std::size_t row_size = kinds * width_;
    SweepChunk out = empty_chunk(points, times.size() * row_size);
    RunOptions settings = options;
    settings.interrupted = [this] { return cancelled_.load(); };
    std::vector<double> read(refs_.size());
    for (std::size_t k = 0; k < points; ++k) {
        refuse_if_cancelled();
        double* to = out.values.data() + k * times.size() * row_size;
        try {
            const Run run = at(table + k * columns_.size()).simulate(settings);
            std::vector<std::size_t> place;
            for (const ValueRef& ref : refs_)
                place.push_back(std::find_if(run.recorded.begin(), run.recorded.end(),
                                             [&](const ValueRef& r) { return r.path == ref.path; }) -
                                run.recorded.begin());
            const std::size_t n = run.recorded.size();
            std::size_t row = 0;
            for (std::size_t t = 0; t < times.size(); ++t, to += row_size) {
                while (row < run.time.size() && run.time[row] < times[t] * (1.0 - 1e-9) - 1e-9) ++row;
                if (row >= run.time.size()) break;
                std::size_t kind = 0;
                for (const auto* plane : {&run.value, &run.mean, &run.minimum, &run.maximum}) {
                    for (std::size_t i = 0; i < place.size(); ++i) read[i] = (*plane)[row * n + place[i]];
                    fold(read.data(), to + width_ * kind++);
                }
            }
            if (limits) out.binding[k] = binding_of(run.end.verdicts);
        } catch (const Error& e) {
            fail(out, k, e);
        }
    }
    return out;
}

}  // namespace kelvolt
