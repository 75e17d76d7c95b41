// Search for further steady states of a network: other branches of pump curves, other positions of controllers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "solver/steady/steady.hpp"

namespace kelvolt {

namespace {

void warn_of_other_state(const char* what, const std::vector<std::string>& names, SteadyState& state) {
    state.warnings.push_back(
        fmt::format("{}: {}; which one a plant reaches depends on how it is started", what, fmt::join(names, ", ")));
}

}  // namespace

std::vector<SteadySolver::OtherStarts> SteadySolver::other_starts(const std::vector<double>& y,
                                                                  const Values& values) const {
    std::vector<OtherStarts> starts;
    const Point at{y.data(), nullptr, values};
    for (const Component& c : net_.components) {
        if (c.info->unknowns.empty() || !net_.block_of(c).has_other_starts()) continue;
        std::vector<double> tried = net_.block_of(c).other_starts(c.instance, at);
        if (!tried.empty()) starts.push_back({net_.global(c, c.info->unknowns.front().local), std::move(tried)});
    }
    return starts;
}

// Start states to try: first all components at their k-th start value together, then each component alone, with the
// other flows and pressures changed by their linear response.
std::vector<std::vector<double>> SteadySolver::trials(const std::vector<double>& y, const Values& values,
                                                      const std::vector<OtherStarts>& starts) {
    constexpr std::size_t most_alone = 8;  // components tried alone; with more, they are mostly equal
    std::vector<std::vector<double>> all;
    std::size_t most = 0;
    for (const OtherStarts& s : starts) most = std::max(most, s.flows.size());
    for (std::size_t k = 0; k < most; ++k) {
        all.push_back(y);
        for (const OtherStarts& s : starts) all.back()[s.unknown] = s.flows[std::min(k, s.flows.size() - 1)];
    }
    for (std::size_t p = 0; p < std::min(most_alone, starts.size()); ++p) {
        const std::vector<double> response = stability_.flow_response(y, values, starts[p].unknown);
        if (response.empty()) continue;
        for (const double flow : starts[p].flows) {
            all.push_back(y);
            const double change = flow - y[starts[p].unknown];
            for (std::size_t u = 0; u < y.size(); ++u) all.back()[u] += change * response[u];
        }
    }
    return all;
}

void SteadySolver::choose_flow(std::vector<double>& y, const Values& values, const SteadyOptions& options,
                               SteadyState& state, bool solved) {
    const bool stable = solved && stability_.flow(y, values, full_->jacobian());
    const std::vector<std::string> names = solved && !stable ? guilty(y) : std::vector<std::string>{};
    const std::vector<OtherStarts> starts = other_starts(y, values);
    if (stable && starts.empty()) return;
    const auto total = [&](const std::vector<double>& of) {
        double sum = 0.0;
        for (const OtherStarts& s : starts) sum += of[s.unknown];
        return sum;
    };
    std::vector<std::vector<double>> found;
    std::vector<double> only_flow;  // stable flows for which no stable heat balance was found
    if (stable) found.push_back(y);
    Newton* flows = parts_.of(Domain::hydraulic);
    for (std::vector<double>& trial :
         options.fallback&& flows ? trials(y, values, starts) : std::vector<std::vector<double>>{}) {
        if (!flows->solve(trial, values, options.newton).converged) continue;
        flows->linearise(trial, values);
        const bool flows_last = stability_.flow(trial, values, flows->jacobian());
        const std::vector<double> by_flow = trial;
        if (!attempt(trial, values, options, state) || !lasts(trial, values)) {
            if (flows_last) only_flow = by_flow;
            continue;
        }
        const bool known = std::any_of(found.begin(), found.end(),
                                       [&](const auto& other) { return flows->distance(trial, other) < 1e-3; });
        if (!known) found.push_back(std::move(trial));
    }
    if (found.empty() && !solved) return;
    if (found.empty() && !only_flow.empty()) {
        std::vector<std::string> still;
        for (const OtherStarts& s : starts)
            if (std::abs(only_flow[s.unknown]) < 1e-2 * net_.nominal[s.unknown])
                still.push_back(net_.variable_name(s.unknown));
        throw Error(
            Error::Kind::no_steady_state,
            fmt::format("no steady state: where the flows would last, heat has no way out; {} against what holds it "
                        "shut. Does a pump run dead-headed?",
                        still.empty() ? "a pump stands" : fmt::format("{}", fmt::join(still, "; "))));
    }
    if (found.empty())
        throw Error(Error::Kind::no_stable_point,
                    fmt::format("no stable operating point: the flows balance, but a pump's head rises with flow more "
                                "steeply there than the resistance of the rest of the network; {}",
                                fmt::join(names, "; ")));
    std::stable_sort(found.begin(), found.end(), [&](const auto& a, const auto& b) { return total(a) > total(b); });
    y = found.front();
    tell_others(y, found, starts, state);
}

// While one controller is at a limit, a valve that controls a temperature may have two positions at which all balances
// close: less water that is colder, or more water that is warmer.
void SteadySolver::choose_control(std::vector<double>& y, const Values& values, const SteadyOptions& options,
                                  SteadyState& state) {
    const auto at_limit = [](double share) { return share < 1e-6 || share > 1.0 - 1e-6; };
    std::vector<int> controls, follow_heat;
    for (const Component& c : net_.components) {
        std::vector<int> own;
        bool measures_heat = false;
        for (const UnknownInfo& u : c.info->unknowns) {
            const int k = net_.global(c, u.local);
            if (net_.integrator[k]) own.push_back(k);
            measures_heat |= net_.temperature[k] != 0;
        }
        for (const int u : own) {
            controls.push_back(u);
            if (measures_heat && !at_limit(y[u])) follow_heat.push_back(u);
        }
    }
    const auto limited = [&](const std::vector<double>& of) {
        return std::count_if(controls.begin(), controls.end(), [&](int u) { return at_limit(of[u]); });
    };
    const auto stuck = limited(y);
    if (stuck == 0 || follow_heat.empty()) return;
    if (!held_) held_ = std::make_unique<Newton>(net_, Subsystem(net_, [&](int u) { return !net_.integrator[u]; }));
    std::vector<double> other = y;
    for (const int u : follow_heat) other[u] = 1.0;
    if (!held_->solve(other, values, options.newton).converged || !attempt(other, values, options, state) ||
        full_->distance(other, y) < 1.0 || !lasts(other, values))
        return;
    if (limited(other) < stuck) y.swap(other);
    std::vector<std::string> names;
    for (const int u : controls)
        if (std::abs(other[u] - y[u]) > 1e-3 && names.size() < 4)
            names.push_back(fmt::format("{} = {:.4g} (here {:.4g})", net_.variable_name(u), other[u], y[u]));
    warn_of_other_state("there is another stable steady state, with other positions of the controllers", names, state);
}

// Reports the states found besides y. States that differ only in the order of equal components count as one, so flows
// are compared after sorting.
void SteadySolver::tell_others(const std::vector<double>& y, const std::vector<std::vector<double>>& found,
                               const std::vector<OtherStarts>& starts, SteadyState& state) const {
    const auto flows_of = [&](const std::vector<double>& of) {
        std::vector<double> sorted;
        for (const OtherStarts& s : starts) sorted.push_back(of[s.unknown]);
        std::sort(sorted.begin(), sorted.end());
        return sorted;
    };
    std::vector<std::vector<double>> reported{flows_of(y)};
    for (std::size_t k = 1; k < found.size(); ++k) {
        const std::vector<double> flows = flows_of(found[k]);
        const bool known = std::any_of(reported.begin(), reported.end(), [&](const std::vector<double>& other) {
            for (std::size_t i = 0; i < flows.size(); ++i)
                if (std::abs(flows[i] - other[i]) > 1e-3 * net_.nominal[starts[i].unknown]) return false;
            return true;
        });
        if (known) continue;
        reported.push_back(flows);
        std::vector<std::string> names;
        for (const OtherStarts& s : starts)
            if (std::abs(found[k][s.unknown] - y[s.unknown]) > 1e-3 * net_.nominal[s.unknown] && names.size() < 4)
                names.push_back(fmt::format("{} = {:.4g} {} (here {:.4g})", net_.variable_name(s.unknown),
                                            found[k][s.unknown], net_.variable_unit(s.unknown), y[s.unknown]));
        warn_of_other_state("there is another stable steady state", names, state);
    }
}

}  // namespace kelvolt
