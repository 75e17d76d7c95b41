#include "solver/newton/load_factor.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace kelvolt {

LoadPath follow_load(Newton& newton, std::vector<double>& y, double from, double to, Values values,
                     NewtonOptions options, const std::function<bool(const std::vector<double>&)>& accepted) {
    constexpr double least = 1e-5;  // smallest step of the load factor
    options.max_iterations = 20;
    LoadPath path;
    double step = 0.1 * std::max(1.0, to - from), at_before = from;
    path.before = y;
    while (from < to && step > least * std::max(1.0, from)) {
        const double next = std::min(to, from + step);
        values.load = next;
        std::vector<double> trial = y;  // start: linear extrapolation of the last two solutions
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

namespace {

/// The converter with the highest output relative to its current limit; component -1 if no converter has a limit.
/// loading: output over rating; of_limit: output over current limit.
struct MostLoaded {
    int component = -1;
    double loading = 0.0, of_limit = 0.0;
};
MostLoaded most_loaded_converter(const Network& net, const std::vector<double>& y, const Values& values) {
    MostLoaded found;
    std::vector<double> outputs;
    for (int id = 0; id < static_cast<int>(net.components.size()); ++id) {
        const Component& c = net.component(id);
        const ParamInfo* limit = c.info->param("current_limit");
        const int loading = c.info->output("loading");
        if (!limit || loading < 0) continue;
        outputs.resize(c.info->outputs.size());
        Report<double> report;
        report.values = outputs.data();
        net.block_of(c).outputs(c.instance, Point{y.data(), nullptr, values}, report);
        const double share = outputs[loading] / values.params[net.param_position(c, limit->index)];
        if (share > found.of_limit) found = {id, outputs[loading], share};
    }
    return found;
}

}  // namespace

std::optional<LostPowerFlow> name_lost_power_flow(const Network& net, const Energised& power, double factor,
                                                  const std::vector<double>& before, const std::vector<double>& y,
                                                  const Values& values) {
    // Shares of the voltage without load and of the current limit. A feeder reaches its maximum power only at a voltage
    // far below `not_fallen`; at a higher voltage the limit must be a converter's.
    constexpr double not_fallen = 0.9, at_limit = 0.9;
    const auto [bus, share, fall] = net.electric->falling(net, power, before, y);
    if (bus < 0) return {};
    LostPowerFlow lost{factor, bus, ElectricGraph::name(net, bus), share};
    if (share < not_fallen) return lost;
    if (const MostLoaded most = most_loaded_converter(net, y, values); most.of_limit > at_limit)
        lost.node = net.electric->output(most.component), lost.converter = net.component(most.component).path,
        lost.loading = most.loading;
    return lost;
}

std::string describe(const LostPowerFlow& lost) {
    if (!lost.converter.empty())
        return fmt::format(
            "one exists up to {:.1f} % of the electric load; beyond it {} gives no more, at its current limit and "
            "{:.0f} "
            "% of its rating. Less load behind it, more units, or a larger rating is needed",
            100.0 * lost.factor, lost.converter, 100.0 * lost.loading);
    if (std::isnan(lost.voltage))
        return fmt::format(
            "none is found even without load; the currents at {} cannot be balanced: open conductors leave loads in "
            "series, or a converter turns off at the voltage at which it is on",
            lost.bus);
    if (lost.factor == 0.0)
        return fmt::format(
            "{} is at {:.2g} % of its voltage without load although a source feeds it. Either the load there is more "
            "than can be carried, or a converter before it is off (its input outside its window); check that window "
            "against the voltage of its bus",
            lost.bus, 100.0 * lost.voltage);
    return fmt::format(
        "one exists up to {:.1f} % of the electric load and is lost beyond at {}, which fell fastest, to {:.1f} % of "
        "its voltage without load. Less load, a shorter or thicker cable, or a higher voltage is needed",
        100.0 * lost.factor, lost.bus, 100.0 * lost.voltage);
}

namespace {

/// Solves for the electric unknowns alone; all other unknowns keep their values in `at`.
class ElectricSearch {
   public:
    ElectricSearch(const Network& net, Newton& electric, const std::vector<double>& y, Values values)
        : at(y), net_(net), electric_(electric), values_(std::move(values)) {
        const std::vector<double> still(y.size(), 0.0);
        power_ = energise(net, at.data(), still.data(), values_);
        net.electric->adapt(net, power_, at);
    }
    /// Cold start values for all electric unknowns: sources on their droop lines as at the network's start, nodes at
    /// their voltage without load.
    void start() {
        for (const int u : electric_.part().unknowns) at[u] = net_.start[u];
        net_.electric->fill(net_, power_, at);
    }
    /// Solves at one load factor, starting from `at`, which becomes the solution.
    bool solves(double load) {
        values_.load = load;
        converged_ = electric_.solve(at, values_, options_).converged;
        return converged_ && stands(at);
    }
    /// After a failure of `solves`: was there a solution, in which a bus has no voltage?
    bool has_dead_bus() const { return converged_; }
    LoadPath follow(double from, double to) {
        return follow_load(electric_, at, from, to, values_, options_,
                           [this](const std::vector<double>& of) { return stands(of) && is_near(at, of); });
    }
    /// Has no voltage fallen from one state to the next so far that the next must lie on another branch of solutions?
    bool is_near(const std::vector<double>& from, const std::vector<double>& to) const {
        constexpr double far = 0.1;  // of the voltage without load
        return net_.electric->falling(net_, power_, from, to).fall < far;
    }
    /// After a failure: the live node whose currents are furthest from being in balance.
    int least_balanced() const {
        std::pair<int, double> worst{-1, -1.0};
        for (int n = 0; n < static_cast<int>(net_.nodes.size()); ++n) {
            const Node& node = net_.nodes[n];
            if (!(node.kind->electric > 0.0) || power_.live[node.first] == 0.0) continue;
            double most = 0.0;
            for (std::size_t k = 0; k < node.kind->pairs.size(); ++k)
                most = std::max(most, std::abs(electric_.residual()[node.first + k]));
            if (most > worst.second) worst = {n, most};
        }
        return worst.first;
    }
    const Energised& power() const { return power_; }
    const Values& values() const { return values_; }

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
    bool converged_ = false;
};

}  // namespace

bool solve_power_flow(const Network& net, Newton& electric, std::vector<double>& y, Values values) {
    ElectricSearch search(net, electric, y, std::move(values));
    if (search.solves(1.0)) return y.swap(search.at), true;
    search.start();
    if (search.solves(1.0)) return y.swap(search.at), true;
    search.start();
    if (!search.solves(0.0) || search.follow(0.0, 1.0).reached < 1.0) return false;
    return y.swap(search.at), true;
}

std::optional<LostPowerFlow> find_lost_power_flow(const Network& net, Newton& electric, const std::vector<double>& y,
                                                  Values values, double to) {
    ElectricSearch search(net, electric, y, std::move(values));
    double from = 1.0;
    if (!search.solves(1.0) || !search.is_near(y, search.at)) {
        search.start();
        if (!search.solves(from = 0.0)) {  // the load is not the cause
            const auto [node, share] = net.electric->weakest(net, search.power(), search.at);
            if (node < 0) return {};
            if (search.has_dead_bus()) return LostPowerFlow{0.0, node, ElectricGraph::name(net, node), share};
            const int worst = search.least_balanced();
            return LostPowerFlow{0.0, worst, ElectricGraph::name(net, worst), NAN};
        }
    }
    const LoadPath path = search.follow(from, to);
    if (path.reached >= to) return {};
    return name_lost_power_flow(net, search.power(), path.reached, path.before, search.at, search.values());
}

}  // namespace kelvolt
