// The electric load as a parameter: how far it can be carried, and where a power flow is lost.
#include <fmt/format.h>

#include <utility>

#include "solver/steady/steady.hpp"

namespace kelvolt {

bool SteadySolver::stands(const std::vector<double>& y) const {
    return !net_.electric || net_.electric->weakest(net_, power_, y).second > collapse;
}

void SteadySolver::name_collapse(const std::vector<double>& y) const {
    const auto [bus, share] = net_.electric->weakest(net_, power_, y);
    throw Error(Error::Kind::no_power_flow,
                fmt::format("no power flow: {} stands at {:.2g} % of its voltage without load although a source feeds "
                            "it. Either the load there is more than can be carried, or a converter before it is off "
                            "(its input outside its window); check that window against the voltage of its bus",
                            ElectricGraph::name(net_, bus), 100.0 * share));
}

double SteadySolver::follow_load(std::vector<double>& y, std::vector<double>& before, double from, double to,
                                 Values values, const SteadyOptions& options, SteadyState& state) {
    constexpr double least = 1e-5;
    NewtonOptions careful = options.newton;
    careful.max_iterations = 20;
    double step = 0.1 * std::max(1.0, to - from), at_before = from;
    before = y;
    while (from < to && step > least * std::max(1.0, from)) {
        const double next = std::min(to, from + step);
        values.load = next;
        std::vector<double> trial = y;  // along the line through the last two solutions
        for (std::size_t u = 0; from > at_before && u < y.size(); ++u)
            trial[u] += (next - from) / (from - at_before) * (y[u] - before[u]);
        const NewtonResult result = full_->solve(trial, values, careful);
        state.newton_iterations += result.iterations;
        ++state.continuation_steps;
        if (result.converged && plausible(trial, options)) {
            before = std::exchange(y, std::move(trial));
            at_before = std::exchange(from, next);
        } else {
            step *= 0.5;
        }
    }
    return from;
}

// Without load there is a power flow: follow it to the full load (true), or to where it is lost (an error that says
// so). False where the load is not to blame.
bool SteadySolver::carry_load(std::vector<double>& y, const Values& values, const SteadyOptions& options,
                              SteadyState& state) {
    Values none = values;
    none.load = 0.0;
    y = net_.start;
    net_.electric->fill(net_, power_, y);
    staged_start(y, none, state);
    if (!attempt(y, none, options, state)) {
        const bool found = !state.history.empty() && state.history.back() < 1e-6;
        if (found && !stands(y)) name_collapse(y);  // without voltage even without load
        if (!pseudo_transient(y, none, options, state)) return false;
    }
    std::vector<double> before;
    const double reached = follow_load(y, before, 0.0, 1.0, values, options, state);
    if (reached >= 1.0) return true;
    const auto [bus, share] = net_.electric->falling(net_, power_, before, y);
    throw Error(
        Error::Kind::no_power_flow,
        fmt::format(
            "no power flow: one exists up to {:.1f} % of the electric load and is lost beyond at {}, "
            "which fell fastest, to {:.1f} % of its voltage without load. Less load, a shorter or thicker cable, "
            "or a higher voltage is needed",
            100.0 * reached, ElectricGraph::name(net_, bus), 100.0 * share));
}

Loadability SteadySolver::loadability(const Values& given, const SteadyOptions& options, double most) {
    if (!net_.electric) throw input_error("the case has no electric connections, so there is no load to raise");
    Loadability found;
    found.state = solve(given, options);
    const Values values = energised(given, nullptr);
    std::vector<double> before;
    found.factor = follow_load(found.state.y, before, 1.0, most, values, options, found.state);
    found.lost = found.factor < most;
    const auto [bus, share] = net_.electric->falling(net_, power_, before, found.state.y);
    if (bus >= 0) found.bus = ElectricGraph::name(net_, bus), found.voltage = share;
    return found;
}

}  // namespace kelvolt
