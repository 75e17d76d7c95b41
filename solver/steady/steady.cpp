#include "solver/steady/steady.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>
#include <utility>

#include "solver/assembly/heights.hpp"

namespace kelvolt {

namespace {

constexpr Domain start_stages[] = {Domain::hydraulic, Domain::electric, Domain::thermal};

std::vector<int> order_by(int n, const std::function<double(int)>& badness) {
    std::vector<int> order(n);
    for (int i = 0; i < n; ++i) order[i] = i;
    const int top = std::min(n, 5);
    std::partial_sort(order.begin(), order.begin() + top, order.end(),
                      [&](int a, int b) { return badness(a) > badness(b); });
    order.resize(top);
    return order;
}

/// Steps of the pseudo-transient iteration [s].
struct Pace {
    double first, newton;  ///< the first; Newton on the steady equations is tried above
    double easy, hard;     ///< growth after a step of few or many iterations
};
constexpr Pace fast{50.0, 50.0, 10.0, 2.0};
/// Coolant that flows by its weight may rest at several states: it is followed closely from rest, through the times in
/// which a loop warms and turns, and Newton comes in only then.
constexpr Pace from_rest{5.0, 1e5, 1.5, 1.2};

// Implicit Euler on the transient equations with growing steps, as the plant itself approaches its steady state.
bool march(Newton& full, std::vector<double>& y, const Values& values, NewtonOptions inner, const Pace& pace,
           int& steps, const std::function<bool(const std::vector<double>&)>& plausible,
           const std::function<bool(std::vector<double>&)>& by_newton) {
    constexpr double h_least = 1e-7, h_largest = 1e9;  // s
    constexpr double standstill = 1e-2;                // change over one step relative to the nominals
    inner.max_iterations = 12;
    inner.tolerance = 0.1;
    inner.least_share = 0.05;  // a shorter time step is cheaper than strongly damped Newton steps
    double h = pace.first;
    std::vector<double> y_old = y, trial;
    for (int step = 0; step < 400; ++step) {
        inner.der_seed = 1.0 / h;
        trial = y_old;
        const NewtonResult result = full.solve(trial, values, inner, y_old.data());
        ++steps;
        if (!result.converged) {
            h *= 0.2;
            if (h < h_least) break;
            continue;
        }
        // A state that does not change over decades is steady, even if the steady equations leave a level undetermined
        // (a thermal mass without heat flow).
        const bool still = h >= h_largest && full.distance(trial, y_old) < standstill;
        y_old.swap(trial);
        y = y_old;
        if (!plausible(y)) return false;  // runaway: the caller reports it
        if (still) return true;
        h = std::min(h_largest, h * (result.iterations <= 5 ? pace.easy : pace.hard));
        if (h > pace.newton) {
            trial = y_old;
            if (by_newton(trial)) return y = trial, true;
        }
    }
    return false;
}

}  // namespace

SteadySolver::SteadySolver(const Network& net)
    : net_(net),
      full_(std::make_unique<Newton>(net, Subsystem(net, [](int) { return true; }))),
      parts_(net),
      stability_(net, parts_),
      resting_(net) {}

void SteadySolver::prepare() {
    for (Domain domain : start_stages)
        if (Newton* part = parts_.of(domain)) part->pivot_at(net_.start, net_.initial);
    // At the network's start nothing flows and the matrix is nearly singular, so the pivots of the full system are
    // taken after the staged start.
    try {
        const Values& values = energised(net_.initial, nullptr);
        SteadyState state;
        full_->pivot_at(cold_start(values, state), values);
    } catch (const Error&) {
        full_->pivot_at(net_.start, net_.initial);  // the initial values have no power flow; later values may have one
    }
    forget();
}

std::vector<double> SteadySolver::cold_start(const Values& values, SteadyState& state) {
    std::vector<double> y = net_.start;
    if (net_.electric) net_.electric->fill(net_, power_, y);
    staged_start(y, values, state);
    return y;
}

void SteadySolver::forget() {
    full_->forget();
    parts_.forget();
    if (held_) held_->forget();
}

const Values& SteadySolver::energised(const Values& given, std::vector<double>* y) {
    if (!net_.electric) return given;
    values_ = given;
    const Point at{y ? y->data() : net_.start.data(), net_.start.data(), values_};
    net_.electric->gather(at, decisive_);
    const bool as_before = !decided_.empty() && decisive_.size() == decided_.size() &&
                           std::memcmp(decisive_.data(), decided_.data(), decided_.size() * sizeof(double)) == 0;
    if (!as_before) {
        decided_.clear();  // energise may throw; the next call must then repeat it
        power_ = energise(net_, at.y, at.yp, values_);
        decided_ = decisive_;
    }
    values_.live = power_.live;
    if (y) net_.electric->adapt(net_, power_, *y);
    return values_;
}

// If firmware or a switch is due to change at the root, a run in time finds where it comes to rest. The same is tried
// when there is no steady state, since there may be one after firmware has acted.
SteadyState SteadySolver::solve(const Values& given, const SteadyOptions& options, const std::vector<double>* guess) {
    if (resting_.empty()) return solve_frozen(given, options, guess);
    try {
        SteadyState state = solve_frozen(given, options, guess);
        if (!resting_.change_due(state.y, energised(given, nullptr))) return state;
    } catch (const Error& e) {
        const bool physical = e.kind == Error::Kind::no_steady_state || e.kind == Error::Kind::thermal_runaway ||
                              e.kind == Error::Kind::no_stable_point;
        if (!physical || !options.fallback) throw;
    }
    return resting_.settle(
        given, [&](const Values& values, const std::vector<double>& y) { return solve_frozen(values, options, &y); });
}

SteadyState SteadySolver::solve_frozen(const Values& given, const SteadyOptions& options,
                                       const std::vector<double>* guess) {
    std::vector<double> warm = guess ? *guess : std::vector<double>{};
    const Values& values = energised(given, guess ? &warm : nullptr);
    const auto begin = std::chrono::steady_clock::now();
    SteadyState state;
    std::vector<double> y, cold;
    const auto from_cold = [&] {
        if (cold.empty()) cold = cold_start(values, state);
        y = cold;
    };
    const auto by_newton = [&] { return from_cold(), attempt(y, values, options, state); };
    const auto in_time = [&] { return from_cold(), pseudo_transient(y, values, options, state); };
    // As from_cold, but without heat in the coolant, in small steps.
    const auto from_standstill = [&] {
        from_cold();
        for (int u = 0; u < net_.size(); ++u)
            if (net_.temperature[u]) y[u] = net_.start[u];
        return march(
            *full_, y, values, options.newton, from_rest, state.continuation_steps,
            [&](const std::vector<double>& at) { return plausible(at, options); },
            [&](std::vector<double>& at) { return attempt(at, values, options, state); });
    };
    bool ok = guess && attempt(y = std::move(warm), values, options, state);
    if (!ok && options.fallback && has_heights(net_, values)) ok = from_standstill();
    // Far from its set point a controller is saturated and has no slope for Newton to use. With controllers, the
    // pseudo-transient iteration is therefore tried first.
    const bool controlled = std::find(net_.integrator.begin(), net_.integrator.end(), 1) != net_.integrator.end();
    if (!ok && !(controlled && options.fallback)) ok = by_newton();
    if (!ok && options.fallback) ok = in_time();
    if (!ok && controlled && options.fallback) {
        const std::vector<double> reached = y;
        ok = by_newton();
        if (!ok) y = reached;  // where the pseudo-transient iteration ended explains why there is no steady state
    }
    if (!ok && options.fallback) {
        std::vector<double> followed;
        ok = follow_homotopy(followed, values, options, state);
        if (ok) y = std::move(followed);
    }
    if (!ok && net_.electric && options.fallback) {
        std::vector<double> loaded;
        ok = carry_load(loaded, values, options, state);
        if (ok) y = std::move(loaded);
    }
    if (!ok && options.fallback) {  // a maximum in a pump curve may have stopped all iterations
        std::vector<double> other = cold.empty() ? cold_start(values, state) : cold;
        const std::vector<double> before = other;
        choose_flow(other, values, options, state, false);
        ok = other != before;
        if (ok) y = std::move(other);
    }
    if (!ok) explain(y, values, options);
    make_stable(y, values, options, state);
    if (controlled && !guess && options.fallback) choose_control(y, values, options, state);
    if (!guess && options.fallback) tell_small_margin(y, values, state);
    state.y = std::move(y);
    state.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return state;
}

// Newton on flows and pressures alone is the global gradient method of hydraulic networks. The heat balances at
// constant flow are then nearly linear.
void SteadySolver::staged_start(std::vector<double>& y, const Values& values, SteadyState& state) {
    NewtonOptions rough;
    rough.tolerance = 0.1;  // relative to the nominals; the full system is solved to its own tolerance later
    rough.max_iterations = 40;
    std::vector<double> trial;
    for (Domain domain : start_stages) {
        Newton* newton = parts_.of(domain);
        if (!newton || newton->part().size() == net_.size()) continue;
        trial = y;
        const NewtonResult result = newton->solve(trial, values, rough);
        state.start_iterations += result.iterations;
        if (result.converged) y.swap(trial);  // the result of a failed stage is not used as a start
    }
    for (int u = 0; u < net_.size(); ++u)  // temperatures far outside the physical range are a poor start
        if (net_.temperature[u] && std::abs(y[u] - net_.start[u]) > 1e3) y[u] = net_.start[u];
}

bool SteadySolver::attempt(std::vector<double>& y, const Values& values, const SteadyOptions& options,
                           SteadyState& state) {
    const NewtonResult result = full_->solve(y, values, options.newton);
    state.newton_iterations += result.iterations;
    state.history.insert(state.history.end(), result.history.begin(), result.history.end());
    singular_unknown_ = result.converged ? -1 : result.singular_unknown;
    return result.converged && plausible(y, options);
}

bool SteadySolver::pseudo_transient(std::vector<double>& y, const Values& values, const SteadyOptions& options,
                                    SteadyState& state) {
    const auto is_plausible = [&](const std::vector<double>& at) { return plausible(at, options); };
    const auto by_newton = [&](std::vector<double>& at) { return attempt(at, values, options, state); };
    return march(*full_, y, values, options.newton, fast, state.continuation_steps, is_plausible, by_newton);
}

bool SteadySolver::plausible(const std::vector<double>& y, const SteadyOptions& options) const {
    for (int u = 0; u < net_.size(); ++u)
        if (net_.temperature[u] && (y[u] > options.T_plausible || y[u] < 100.0)) return false;
    return stands(y);
}

Values SteadySolver::scaled_homotopy(const Values& values, double factor) const {
    Values scaled = values;
    for (const Component& c : net_.components)
        for (const ParamInfo& p : c.info->params)
            if (p.homotopy) scaled.params[net_.param_position(c, p.index)] *= factor;
    return scaled;
}

// Solves with the losses that rise with temperature set to zero, then raises them. Returns true if their full value is
// reached, throws an error that names the limit if the solution is lost before, and returns false if these losses are
// not the cause.
bool SteadySolver::follow_homotopy(std::vector<double>& y, const Values& values, const SteadyOptions& options,
                                   SteadyState& state) {
    const Values none = scaled_homotopy(values, 0.0);
    const auto changed = [](double a, double b) { return a != b && !(std::isnan(a) && std::isnan(b)); };
    if (std::equal(none.params.begin(), none.params.end(), values.params.begin(), std::not_fn(changed))) return false;
    y = net_.start;
    staged_start(y, none, state);
    const std::vector<double> cold = y;
    if (!pseudo_transient(y, none, options, state) && !attempt(y = cold, none, options, state)) return false;
    double reached = 0.0, step = 0.1;
    std::vector<double> before = y;
    while (step > 1e-4 && reached < 1.0) {
        std::vector<double> trial = y;
        const double next = std::min(1.0, reached + step);
        const Values scaled = scaled_homotopy(values, next);
        if (attempt(trial, scaled, options, state) && stability_.heat(trial, scaled, full_->jacobian())) {
            before = std::exchange(y, trial);
            reached = next;
        } else {
            step *= 0.5;
        }
    }
    if (reached >= 1.0) return true;
    lost(y, before, reached, values);
}

// y is the last solution, at the share `reached` of the losses. Names the components whose temperature rose fastest.
void SteadySolver::lost(const std::vector<double>& y, const std::vector<double>& before, double reached,
                        const Values& values) const {
    std::string answer;
    std::vector<std::pair<double, std::string>> rising;
    for (const Component& c : net_.components)
        for (const ParamInfo& p : c.info->params) {
            if (!p.homotopy || values.params[net_.param_position(c, p.index)] == 0.0) continue;
            answer = p.answer;
            double rise = 0.0, T = 0.0;
            for (const UnknownInfo& u : c.info->unknowns) {
                const int k = net_.global(c, u.local);
                if (!net_.temperature[k]) continue;
                rise = std::max(rise, y[k] - before[k]);
                T = std::max(T, y[k]);
            }
            rising.emplace_back(rise, fmt::format("{} ({:.1f} degC)", c.path, T - 273.15));
        }
    std::sort(rising.rbegin(), rising.rend());
    if (rising.size() > 5) rising.resize(5);
    std::vector<std::string> names;
    for (auto& [rise, name] : rising) names.push_back(name);
    throw Error(
        Error::Kind::thermal_runaway,
        fmt::format(
            "{}: the steady state exists up to {:.1f} % of the temperature-dependent losses and is lost beyond; "
            "hottest there: {}. More flow, colder supply or less power is needed",
            answer, 100.0 * reached, fmt::join(names, ", ")));
}

void SteadySolver::explain(const std::vector<double>& found, const Values& values, const SteadyOptions& options) {
    std::vector<double> y = found;
    if (!stands(y)) name_collapse(y);
    if (!plausible(y, options)) {
        // Newton may have stopped at any state; only the pseudo-transient shows whether temperatures rise or fall.
        if (SteadyState marched; !options.fallback) {
            std::vector<double> later = cold_start(values, marched);
            if (!pseudo_transient(later, values, options, marched) && !plausible(later, options)) y = std::move(later);
        }
        const auto above = [&](int u) { return net_.temperature[u] ? y[u] - 300.0 : 0.0; };
        double hottest = 0.0, coldest = 0.0;
        for (int u = 0; u < net_.size(); ++u)
            hottest = std::max(hottest, above(u)), coldest = std::min(coldest, above(u));
        const bool cold = -coldest > hottest;
        std::vector<std::string> names;
        for (int u : order_by(net_.size(), [&](int k) { return cold ? -above(k) : above(k); }))
            if (std::abs(above(u)) > 200.0 && (above(u) < 0.0) == cold) names.push_back(net_.variable_name(u));
        throw Error(
            Error::Kind::no_steady_state,
            fmt::format(
                "no steady state: heat {} at {}. Is the coolant at rest, a pump off, a valve shut, or a connection to "
                "the surroundings missing?",
                cold ? "leaves and nothing replaces it" : "enters and has no way out", fmt::join(names, "; ")));
    }
    const int loose = singular_unknown_;
    full_->linearise(y, values);
    const auto& r = full_->residual();
    const std::vector<double> size = full_->residual_size();
    const auto worst =
        order_by(net_.size(), [&](int u) { return std::isfinite(r[u]) ? std::abs(r[u]) / size[u] : 1e300; });
    std::string list;
    for (int u : worst) list += fmt::format("\n  {} = {:.4g} {}", net_.equation_name(u), r[u], net_.equation_unit(u));
    if (loose >= 0) list += fmt::format("\nno equation determines {}", net_.variable_name(loose));
    throw Error(
        Error::Kind::no_convergence,
        fmt::format("the steady state did not converge ({} unknowns); largest residuals:{}", net_.size(), list));
}

bool SteadySolver::lasts(const std::vector<double>& y, const Values& values) {
    return stability_.heat(y, values, full_->jacobian()) && stability_.flow(y, values, full_->jacobian());
}

std::vector<std::string> SteadySolver::unstable_flows(const std::vector<double>& y, const Values& values) {
    full_->linearise(y, values);
    if (stability_.flow(y, values, full_->jacobian())) return {};
    return guilty(y);
}

std::vector<std::string> SteadySolver::guilty(const std::vector<double>& y) const {
    std::vector<std::string> names;
    for (const int u : stability_.guilty()) {
        if (names.size() == 4) {
            names.push_back(fmt::format("{} more", stability_.guilty().size() - 4));
            break;
        }
        names.push_back(net_.temperature[u]
                            ? fmt::format("{} = {:.1f} degC", net_.variable_name(u), y[u] - 273.15)
                            : fmt::format("{} = {:.4g} {}", net_.variable_name(u), y[u], net_.variable_unit(u)));
    }
    return names;
}

void SteadySolver::make_stable(std::vector<double>& y, const Values& values, const SteadyOptions& options,
                               SteadyState& state) {
    if (!stability_.heat(y, values, full_->jacobian())) {
        const std::vector<std::string> names = guilty(y);
        std::vector<double> followed;
        if (!options.fallback || !follow_homotopy(followed, values, options, state))
            throw Error(
                Error::Kind::no_stable_point,
                fmt::format("no stable operating point: the heat balance closes, but temperatures run away after any "
                            "small disturbance; {}",
                            fmt::join(names, "; ")));
        y = std::move(followed);
    }
    choose_flow(y, values, options, state, true);
}

SteadyState solve_steady(const Network& net, const SteadyOptions& options) {
    return SteadySolver(net).solve(net.initial, options);
}

}  // namespace kelvolt
