#include "solver/steady/steady.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace kelvolt {

namespace {

std::vector<int> order_by(int n, const std::function<double(int)>& badness) {
    std::vector<int> order(n);
    for (int i = 0; i < n; ++i) order[i] = i;
    const int top = std::min(n, 5);
    std::partial_sort(order.begin(), order.begin() + top, order.end(),
                      [&](int a, int b) { return badness(a) > badness(b); });
    order.resize(top);
    return order;
}

}  // namespace

SteadySolver::SteadySolver(const Network& net)
    : net_(net), full_(std::make_unique<Newton>(net, Subsystem(net, [](int) { return true; }))) {}

SteadyState SteadySolver::solve(const Values& values, const SteadyOptions& options, const std::vector<double>* guess) {
    const auto begin = std::chrono::steady_clock::now();
    SteadyState state;
    std::vector<double> y = guess ? *guess : net_.start;
    if (!guess) staged_start(y, values, state);
    bool ok = attempt(y, values, options, state);
    if (!ok && guess) {
        y = net_.start;
        staged_start(y, values, state);
        ok = attempt(y, values, options, state);
    }
    if (!ok && options.fallback) {
        y = net_.start;
        staged_start(y, values, state);
        ok = pseudo_transient(y, values, options, state);
    }
    if (!ok) explain(y, values, options, "did not converge");
    if (!plausible(y, options)) explain(y, values, options, "has no plausible solution");
    state.y = std::move(y);
    state.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return state;
}

// Newton on flows and pressures alone is the global gradient method; heat at frozen flow is then nearly linear.
void SteadySolver::staged_start(std::vector<double>& y, const Values& values, SteadyState& state) {
    const auto stage = [&](std::unique_ptr<Newton>& newton, Domain domain) {
        if (std::count(net_.domain.begin(), net_.domain.end(), domain) == 0) return;
        if (!newton)
            newton = std::make_unique<Newton>(net_, Subsystem(net_, [&](int u) { return net_.domain[u] == domain; }));
        std::vector<double> trial = y;
        NewtonOptions rough;
        rough.tolerance = 1e-4;
        rough.max_iterations = 40;
        const NewtonResult result = newton->solve(trial, values, rough);
        state.start_iterations += result.iterations;
        if (result.converged) y.swap(trial);  // a failed stage is no start; the full system decides
    };
    stage(hydraulic_, Domain::hydraulic);
    stage(thermal_, Domain::thermal);
    for (int u = 0; u < net_.size(); ++u)  // a start far outside physics would only mislead
        if (net_.domain[u] == Domain::thermal && std::abs(y[u] - net_.start[u]) > 1e3 && net_.start[u] > 100.0 &&
            net_.start[u] < 1000.0)
            y[u] = net_.start[u];
}

bool SteadySolver::attempt(std::vector<double>& y, const Values& values, const SteadyOptions& options,
                           SteadyState& state) {
    const NewtonResult result = full_->solve(y, values, options.newton);
    state.newton_iterations += result.iterations;
    state.history.insert(state.history.end(), result.history.begin(), result.history.end());
    return result.converged;
}

// Implicit Euler through the real transient with growing steps: the way the plant itself finds its steady state.
bool SteadySolver::pseudo_transient(std::vector<double>& y, const Values& values, const SteadyOptions& options,
                                    SteadyState& state) {
    NewtonOptions inner = options.newton;
    inner.max_iterations = 12;
    inner.tolerance = 1e-5;
    double h = 0.05;
    std::vector<double> y_old = y, trial;
    for (int step = 0; step < 400; ++step) {
        inner.der_seed = 1.0 / h;
        trial = y_old;
        const NewtonResult result = full_->solve(trial, values, inner, y_old.data());
        ++state.continuation_steps;
        if (!result.converged) {
            h *= 0.2;
            if (h < 1e-7) break;
            continue;
        }
        y_old.swap(trial);
        y = y_old;
        if (!plausible(y, options)) return true;  // it ran away: the caller answers so
        h *= result.iterations <= 4 ? 3.0 : 1.3;
        if (h > 50.0) {
            trial = y_old;
            if (attempt(trial, values, options, state)) return y = trial, true;
        }
        h = std::min(h, 1e9);
    }
    return false;
}

bool SteadySolver::plausible(const std::vector<double>& y, const SteadyOptions& options) const {
    for (int u = 0; u < net_.size(); ++u)
        if (net_.domain[u] == Domain::thermal && net_.start[u] > 100.0 && net_.start[u] < 1000.0 &&
            (y[u] > options.T_plausible || y[u] < 100.0))
            return false;
    return true;
}

Values SteadySolver::scaled_homotopy(const Values& values, double factor) const {
    Values scaled = values;
    for (const Component& c : net_.components)
        for (const ParamInfo& p : c.info->params)
            if (p.homotopy) scaled.params[net_.param_position(c, p.index)] *= factor;
    return scaled;
}

// Without the gain that can run away there is a solution: follow it to the point where it is lost.
void SteadySolver::try_without_homotopy(const Values& values, const SteadyOptions& options) {
    const Values none = scaled_homotopy(values, 0.0);
    if (none.params == values.params) return;
    SteadyState ignored;
    std::vector<double> y = net_.start;
    staged_start(y, none, ignored);
    if (!attempt(y, none, options, ignored) && !pseudo_transient(y, none, options, ignored)) return;
    if (!plausible(y, options)) return;
    double reached = 0.0, step = 0.1;
    std::vector<double> before = y;
    while (step > 1e-4 && reached < 1.0) {
        std::vector<double> trial = y;
        const double next = std::min(1.0, reached + step);
        if (attempt(trial, scaled_homotopy(values, next), options, ignored) && plausible(trial, options)) {
            before = std::exchange(y, trial);
            reached = next;
        } else {
            step *= 0.5;
        }
    }
    if (reached >= 1.0) return;
    std::string answer;
    std::vector<std::pair<double, std::string>> rising;
    for (const Component& c : net_.components)
        for (const ParamInfo& p : c.info->params) {
            if (!p.homotopy || values.params[net_.param_position(c, p.index)] == 0.0) continue;
            answer = p.answer;
            double rise = 0.0;
            for (const UnknownInfo& u : c.info->unknowns)
                if (u.domain == Domain::thermal)
                    rise = std::max(rise, y[net_.global(c, u.local)] - before[net_.global(c, u.local)]);
            rising.emplace_back(rise, fmt::format("{} ({:.1f} degC)", c.path,
                                                  y[net_.global(c, c.info->unknowns.front().local)] - 273.15));
        }
    std::sort(rising.rbegin(), rising.rend());
    if (rising.size() > 5) rising.resize(5);
    std::vector<std::string> names;
    for (auto& [rise, name] : rising) names.push_back(name);
    throw Error(Error::Kind::thermal_runaway,
                fmt::format("{}: the steady state exists up to {:.1f} % of the temperature-dependent losses and is lost beyond; "
                            "hottest there: {}. More flow, colder supply or less power is needed",
                            answer, 100.0 * reached, fmt::join(names, ", ")));
}

void SteadySolver::explain(const std::vector<double>& y, const Values& values, const SteadyOptions& options,
                           std::string_view how) {
    try_without_homotopy(values, options);
    const auto hot = order_by(net_.size(), [&](int u) {
        return net_.domain[u] == Domain::thermal && net_.start[u] > 100.0 && net_.start[u] < 1000.0
                   ? std::abs(y[u] - 300.0)
                   : -1.0;
    });
    if (!plausible(y, options)) {
        std::vector<std::string> names;
        for (int u : hot)
            if (std::abs(y[u] - 300.0) > 200.0) names.push_back(net_.variable_name(u));
        throw Error(Error::Kind::no_steady_state,
                    fmt::format("no steady state: heat enters and has no way out at {}. Is the coolant at rest, a pump off, a valve "
                                "shut, or a connection to the surroundings missing?",
                                fmt::join(names, "; ")));
    }
    full_->linearise(y, values);
    const auto& r = full_->residual();
    const auto worst = order_by(net_.size(), [&](int u) {
        const double scale = net_.domain[u] == Domain::thermal ? 1.0 : net_.domain[u] == Domain::hydraulic ? 1e-3 : 1e-3;
        return std::isfinite(r[u]) ? std::abs(r[u]) / scale : 1e300;
    });
    std::string list;
    for (int u : worst)
        list += fmt::format("\n  {} = {:.4g} {}", net_.equation_name(u), r[u], net_.equation_unit(u));
    throw Error(Error::Kind::no_convergence,
                fmt::format("the steady state {} ({} unknowns); largest residuals:{}", how, net_.size(), list));
}

void SteadySolver::gradient(const SteadyState& at, const Values& values, std::vector<double> dg_dy,
                            std::vector<double>& dg_dp) {
    if (!full_->linearise(at.y, values)) throw Error(Error::Kind::no_convergence, "the Jacobian is singular here: no gradient");
    full_->lu().solve_transposed(dg_dy.data());
    const std::vector<double> zero(net_.size(), 0.0);
    std::vector<double> product(values.params.size());
    net_.param_product(Point{at.y.data(), zero.data(), values}, dg_dy.data(), product.data());
    for (std::size_t k = 0; k < product.size(); ++k) dg_dp[k] -= product[k];
}

SteadyState solve_steady(const Network& net, const SteadyOptions& options) {
    return SteadySolver(net).solve(net.initial, options);
}

}  // namespace kelvolt
