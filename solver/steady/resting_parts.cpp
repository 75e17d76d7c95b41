#include "solver/steady/resting_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "solver/steady/steady.hpp"
#include "solver/transient/simulation.hpp"

namespace kelvolt {

namespace {

/// Records the names of components that change during a run.
class Changes final : public Observer {
   public:
    void point(double, const Point&) override {}
    void event(double, const std::string& component, const std::string&) override {
        if (!component.empty()) who_.insert(component);
    }
    double next_wanted(double) const override { return std::numeric_limits<double>::infinity(); }
    const std::set<std::string>& who() const { return who_; }

   private:
    std::set<std::string> who_;
};

}  // namespace

RestingParts::RestingParts(const Network& net) : net_(net) {
    for (int c = 0; c < static_cast<int>(net.components.size()); ++c) {
        const Component& component = net.components[c];
        const Block& block = net.block_of(component);
        if ((block.roots() > 0 && !block.decides_in_time()) ||
            block.sample_period(component.instance, net.initial) > 0.0)
            active_.push_back(c);
    }
}

bool RestingParts::change_due(const std::vector<double>& y, const Values& values) const {
    const Point at{y.data(), nullptr, values};
    Values after = values;
    std::vector<double> root;
    for (const int c : active_) {
        const Component& component = net_.components[c];
        const Block& block = net_.block_of(component);
        if (block.sample_period(component.instance, values) > 0.0 && block.update(component.instance, at, after, -1))
            return true;
        root.resize(block.roots());
        if (!root.empty()) block.root_values(component.instance, at, root.data());
        if (std::any_of(root.begin(), root.end(), [](double g) { return g > 0.0; })) return true;
    }
    return false;
}

bool RestingParts::act(const std::vector<double>& y, Values& values, double hold) const {
    bool changed = false;
    std::vector<double> root;
    for (const int c : active_) {
        const Component& component = net_.components[c];
        const Block& block = net_.block_of(component);
        changed |= run_firmware(component, y, values, hold);
        root.resize(block.roots());
        if (root.empty()) continue;
        const Point at{y.data(), nullptr, values};
        block.root_values(component.instance, at, root.data());
        for (int k = 0; k < block.roots(); ++k)
            if (root[k] > 0.0) changed |= block.update(component.instance, at, values, k);
    }
    return changed;
}

// Looks of the firmware change its timers first; it has acted once its equations at this state are others.
bool RestingParts::run_firmware(const Component& component, const std::vector<double>& y, Values& values,
                                double hold) const {
    const Block& block = net_.block_of(component);
    const double period = block.sample_period(component.instance, values);
    if (!(period > 0.0)) return false;
    const auto residual = [&] {
        std::vector<double> r(component.info->size, 0.0);
        block.local_residual(component.instance, Point{y.data(), nullptr, values}, r.data());
        return r;
    };
    const std::vector<double> before = residual();
    bool changed = false;
    for (double t = 0.0; t <= hold; t += period) {
        if (!block.update(component.instance, Point{y.data(), nullptr, values}, values, -1)) {
            if (!changed) return false;
            continue;
        }
        changed = true;
        if (residual() != before) break;
    }
    return changed;
}

SteadyState RestingParts::settle(
    Values values, const std::function<SteadyState(const Values&, const std::vector<double>&)>& solve) const {
    constexpr double first = 1800.0;  // s; each further run lasts twice as long
    constexpr int runs = 4;
    std::vector<double> y = net_.start;
    SimulationOptions options;
    options.audit = false;
    options.delays = false;
    Changes changes;
    double duration = first;
    for (int k = 0; k < runs; ++k, duration *= 2.0) {
        changes = {};
        options.duration = duration;
        SimulationResult run = simulate_network(net_, values, Schedule{}, std::move(y), options, changes);
        values = std::move(run.values);
        y = std::move(run.y);
        SteadyState state;
        try {
            state = solve(values, y);
        } catch (const Error&) {
            if (k + 1 == runs) throw;
            continue;  // a steady state may exist only after firmware has acted: run longer
        }
        state.discretes = values.discretes;
        if (!change_due(state.y, values)) {
            state.warnings.push_back(
                "firmware or a switch acts at this state: it is the state that a run from the network's start "
                "temperature reaches; another start may end elsewhere within the band of the switch");
            return state;
        }
        if (k + 1 < runs) continue;
        std::string names;
        for (const std::string& name : changes.who()) names += (names.empty() ? "" : ", ") + name;
        state.warnings.push_back(
            fmt::format("{} does not settle: it still changes after a run of {:.0f} h, and the state shown holds its "
                        "last position; use a run in time instead",
                        names.empty() ? "firmware or a switch" : names, (2.0 * duration - first) / 3600.0));
        return state;
    }
    return {};
}

}  // namespace kelvolt
