#include "solver/steady/load_factor.hpp"

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
                            ElectricGraph::name(net_, bus), 100.0 * share) +
                    ElectricGraph::neutral_cause(net_, bus));
}

LoadPath follow_load(Newton& newton, std::vector<double>& y, double from, double to, Values values,
                     NewtonOptions options, const std::function<bool(const std::vector<double>&)>& accepted) {
    constexpr double least = 1e-5;
    options.max_iterations = 20;
    LoadPath path;
    double step = 0.1 * std::max(1.0, to - from), at_before = from;
    path.before = y;
    while (from < to && step > least * std::max(1.0, from)) {
        const double next = std::min(to, from + step);
        values.load = next;
        std::vector<double> trial = y;  // along the line through the last two solutions
        for (std::size_t u = 0; from > at_before && u < y.size(); ++u)
            trial[u] += (next - from) / (from - at_before) * (y[u] - path.before[u]);
        const NewtonResult result = newton.solve(trial, values, options);
        path.iterations += result.iterations;
        ++path.steps;
        if (result.converged && accepted(trial)) {
            path.before = std::exchange(y, std::move(trial));
            at_before = std::exchange(from, next);
        } else {
            step *= 0.5;
        }
    }
    path.reached = from;
    return path;
}

std::string describe(const LostPowerFlow& lost) {
    return fmt::format(
        "one exists up to {:.1f} % of the electric load and is lost beyond at {}, which fell fastest, to {:.1f} % of "
        "its voltage without load. Less load, a shorter or thicker cable, or a higher voltage is needed",
        100.0 * lost.factor, lost.bus, 100.0 * lost.voltage);
}

namespace {

/// A search on the electric part alone, from a state whose other unknowns stand as they are.
class ElectricSearch {
   public:
    ElectricSearch(const Network& net, Newton& electric, const std::vector<double>& y, Values values)
        : at(y), net_(net), electric_(electric), values_(std::move(values)) {
        const std::vector<double> still(y.size(), 0.0);
        power_ = energise(net, at.data(), still.data(), values_);
        net.electric->adapt(net, power_, at);
    }
    /// From where `at` stands; it becomes the solution.
    bool solves(double load) {
        values_.load = load;
        return electric_.solve(at, values_, options_).converged && stands(at);
    }
    LoadPath follow(double from, double to) {
        return follow_load(electric_, at, from, to, values_, options_,
                           [this](const std::vector<double>& of) { return stands(of); });
    }
    const Energised& power() const { return power_; }

    std::vector<double> at;

   private:
    bool stands(const std::vector<double>& of) const {
        return net_.electric->weakest(net_, power_, of).second > collapse;
    }

    const Network& net_;
    Newton& electric_;
    Values values_;
    Energised power_;
    NewtonOptions options_;
};

}  // namespace

bool solve_power_flow(const Network& net, Newton& electric, std::vector<double>& y, Values values) {
    ElectricSearch search(net, electric, y, std::move(values));
    if (search.solves(1.0)) return y.swap(search.at), true;
    std::vector<double> open = y;
    for (const int u : electric.part().unknowns) open[u] = net.start[u];  // sources on their droop lines
    net.electric->fill(net, search.power(), open);
    search.at = open;
    if (search.solves(1.0)) return y.swap(search.at), true;
    search.at = std::move(open);
    if (!search.solves(0.0) || search.follow(0.0, 1.0).reached < 1.0) return false;
    return y.swap(search.at), true;
}

std::optional<LostPowerFlow> find_lost_power_flow(const Network& net, Newton& electric, const std::vector<double>& y,
                                                  Values values, double to) {
    ElectricSearch search(net, electric, y, std::move(values));
    double from = 1.0;
    if (!search.solves(1.0)) {
        search.at = y;
        net.electric->fill(net, search.power(), search.at);
        if (!search.solves(from = 0.0)) return {};  // the load is not to blame
    }
    const LoadPath path = search.follow(from, to);
    if (path.reached >= to) return {};
    const auto [bus, share] = net.electric->falling(net, search.power(), path.before, search.at);
    if (bus < 0) return {};
    return LostPowerFlow{path.reached, ElectricGraph::name(net, bus), share};
}

void SteadySolver::tell_small_margin(const std::vector<double>& y, const Values& values, SteadyState& state) {
    constexpr double small = 0.02;
    // of its voltage without load: near the end of a power flow some bus stands below
    constexpr double low = 0.92;
    if (!net_.electric || net_.electric->weakest(net_, power_, y).second > low) return;
    Newton* electric = parts_.of(Domain::electric);
    if (!electric) return;
    if (const std::optional<LostPowerFlow> lost = find_lost_power_flow(net_, *electric, y, values, 1.0 + small))
        state.warnings.push_back(
            fmt::format("the power flow is near its end: at these temperatures {}; a start from cold that passes this "
                        "load on its way does not arrive here",
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
    const LoadPath path = carried(y, 0.0, 1.0, values, options, state);
    if (path.reached >= 1.0) return true;
    const auto [bus, share] = net_.electric->falling(net_, power_, path.before, y);
    throw Error(Error::Kind::no_power_flow,
                "no power flow: " + describe({path.reached, ElectricGraph::name(net_, bus), share}) +
                    ElectricGraph::neutral_cause(net_, bus));
}

Loadability SteadySolver::loadability(const Values& given, const SteadyOptions& options, double most) {
    if (!net_.electric) throw input_error("the case has no electric connections, so there is no load to raise");
    Loadability found;
    found.state = solve(given, options);
    const Values values = energised(given, nullptr);
    const LoadPath path = carried(found.state.y, 1.0, most, values, options, found.state);
    found.factor = path.reached;
    found.lost = found.factor < most;
    const auto [bus, share] = net_.electric->falling(net_, power_, path.before, found.state.y);
    if (bus >= 0) found.bus = ElectricGraph::name(net_, bus), found.voltage = share;
    return found;
}

}  // namespace kelvolt
