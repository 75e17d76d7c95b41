// The electric load of a steady state: raised from nothing where a direct start fails, and its margin to the end.
#include <fmt/format.h>

#include "solver/steady/steady.hpp"

namespace kelvolt {

bool SteadySolver::stands(const std::vector<double>& y) const {
    return !net_.electric || net_.electric->weakest(net_, power_, y).second > collapse;
}

void SteadySolver::name_collapse(const std::vector<double>& y) const {
    const auto [bus, share] = net_.electric->weakest(net_, power_, y);
    throw Error(Error::Kind::no_power_flow,
                "no power flow: " + describe(LostPowerFlow{0.0, bus, ElectricGraph::name(net_, bus), share}) +
                    ElectricGraph::neutral_cause(net_, bus));
}

void SteadySolver::tell_small_margin(const std::vector<double>& y, const Values& values, SteadyState& state) {
    constexpr double small = 0.02;  // warn if the power flow is lost below 1.02 times the load
    // Near the largest load some bus is below this share of its voltage without load; otherwise the search is skipped.
    constexpr double low = 0.92;
    if (!net_.electric || net_.electric->weakest(net_, power_, y).second > low) return;
    Newton* electric = parts_.of(Domain::electric);
    if (!electric) return;
    if (const std::optional<LostPowerFlow> lost = find_lost_power_flow(net_, *electric, y, values, 1.0 + small))
        state.warnings.push_back(
            fmt::format("the power flow is near its limit: at these temperatures {}; a cold start that passes this "
                        "load on its way does not reach this state",
                        describe(*lost)));
}

LoadPath SteadySolver::carried(std::vector<double>& y, double from, double to, const Values& values,
                               const SteadyOptions& options, SteadyState& state) {
    LoadPath path = follow_load(*full_, y, from, to, values, options.newton,
                                [&](const std::vector<double>& trial) { return plausible(trial, options); });
    state.newton_iterations += path.iterations;
    state.continuation_steps += path.steps;
    return path;
}

// Solves without electric load first and then raises the load. Returns true if the full load is reached, throws an
// error that names the limit if the power flow is lost before, and returns false if the load is not the cause.
bool SteadySolver::carry_load(std::vector<double>& y, const Values& values, const SteadyOptions& options,
                              SteadyState& state) {
    Values none = values;
    none.load = 0.0;
    y = net_.start;
    net_.electric->fill(net_, power_, y);
    staged_start(y, none, state);
    if (!attempt(y, none, options, state)) {
        const bool found = !state.history.empty() && state.history.back() < 1e-6;
        if (found && !stands(y)) name_collapse(y);  // a bus has collapsed even without load
        if (!pseudo_transient(y, none, options, state)) return false;
    }
    const LoadPath path = carried(y, 0.0, 1.0, values, options, state);
    if (path.reached >= 1.0) return true;
    none.load = path.reached;
    const auto lost = name_lost_power_flow(net_, power_, path.reached, path.before, y, none);
    if (!lost) return false;
    const int bus = net_.electric->falling(net_, power_, path.before, y).node;
    throw Error(Error::Kind::no_power_flow,
                "no power flow: " + describe(*lost) + ElectricGraph::neutral_cause(net_, bus));
}

Loadability SteadySolver::loadability(const Values& given, const SteadyOptions& options, double most) {
    if (!net_.electric) throw input_error("the case has no electric connections, so there is no load to raise");
    Loadability found;
    found.state = solve(given, options);
    const Values values = energised(given, nullptr);
    const LoadPath path = carried(found.state.y, 1.0, most, values, options, found.state);
    found.factor = path.reached;
    found.lost = found.factor < most;
    if (auto lost = name_lost_power_flow(net_, power_, found.factor, path.before, found.state.y, values)) {
        found.bus = lost->bus, found.voltage = lost->voltage;
        if (found.lost) found.converter = lost->converter;
    }
    return found;
}

}  // namespace kelvolt
