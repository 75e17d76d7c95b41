#include "solver/transient/power_restart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kelvolt {

Newton PowerRestart::part_of(Domain domain) const {
    return {net_, Subsystem(net_, [&](int u) { return net_.domain[u] == domain && !net_.differential[u]; })};
}

bool PowerRestart::solve(std::vector<double>& y, std::vector<double>& yp, const Values& values) {
    const std::vector<double> before = y, before_p = yp;
    if (consistent_.solve(y, yp, values)) return true;
    y = before, yp = before_p;
    if (!net_.electric) return false;
    Newton electric = part_of(Domain::electric);
    if (solve_power_flow(net_, electric, y, values) && consistent_.solve(y, yp, values)) return true;
    // what a meter or sensor told before the change may mislead: power flow and signals in turn
    y = before, yp = before_p;
    if (std::find(net_.domain.begin(), net_.domain.end(), Domain::control) == net_.domain.end()) return false;
    Newton signals = part_of(Domain::control);
    bool found = true;
    for (int k = 0; found && k < 3; ++k)
        found = solve_power_flow(net_, electric, y, values) && signals.solve(y, values, {}).converged;
    if (found && consistent_.solve(y, yp, values)) return true;
    y = before, yp = before_p;
    return false;
}

std::string PowerRestart::worst() const {
    const std::vector<double>& r = consistent_.residual();
    const auto worst =
        std::max_element(r.begin(), r.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
    const int u = static_cast<int>(worst - r.begin());
    return fmt::format("largest residual: {} = {:.4g} {}", net_.equation_name(u), r[u], net_.equation_unit(u));
}

std::optional<LostPowerFlow> PowerRestart::lost(const std::vector<double>& y, const Values& values) const {
    constexpr double near = 1.001;  // the integrator stops just before the load at which the power flow is lost
    if (!net_.electric) return {};
    Newton electric = part_of(Domain::electric);
    return find_lost_power_flow(net_, electric, y, values, near);
}

}  // namespace kelvolt
