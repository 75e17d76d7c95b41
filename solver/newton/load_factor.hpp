/// Continuation in a factor on all electric loads: how far the load can grow, and where the power flow is lost.
#pragma once

#include <functional>
#include <optional>

#include "solver/electric/energised.hpp"
#include "solver/newton/newton.hpp"

namespace kelvolt {

/// Result of raising the factor on all electric loads.
struct LoadPath {
    double reached = 0.0;        ///< largest factor with a solution
    std::vector<double> before;  ///< the solution before the last one
    int steps = 0, iterations = 0;
};
/// Raises the factor from `from`, where y is the solution, towards `to`. On return y is the solution at the factor
/// reached. A solution that is not `accepted` counts as none.
LoadPath follow_load(Newton& newton, std::vector<double>& y, double from, double to, Values values,
                     NewtonOptions options, const std::function<bool(const std::vector<double>&)>& accepted);

/// The largest load with a power flow, and what limits it.
struct LostPowerFlow {
    double factor;    ///< on all electric loads; 0: a bus has no voltage even without load
    int node;         ///< of that bus, or of the output of the converter below
    std::string bus;  ///< the bus whose voltage fell fastest
    double voltage;   ///< its voltage divided by that without load; NaN: no solution is found even without load
    /// If a converter at its current limit ends the power flow, rather than the voltage of a bus: its name; else empty.
    std::string converter = {};
    double loading = 0.0;  ///< load of that converter divided by its rating
};
/// `y`: the last solution, `before`: one with less load. Returns nothing if no bus is live.
std::optional<LostPowerFlow> name_lost_power_flow(const Network& net, const Energised& power, double factor,
                                                  const std::vector<double>& before, const std::vector<double>& y,
                                                  const Values& values);
std::string describe(const LostPowerFlow& lost);
/// Solves the power flow of `electric` alone, with temperatures and flows as in y. Starts tried in turn: y itself, the
/// voltages without load, a continuation from zero load. Returns false and leaves y unchanged if all of them fail.
bool solve_power_flow(const Network& net, Newton& electric, std::vector<double>& y, Values values);
/// Finds where the power flow of `electric` alone is lost, with temperatures and flows as in y, if that is below the
/// factor `to` on all electric loads. A bus without voltage, behind a converter that is off, is lost at the factor 0.
std::optional<LostPowerFlow> find_lost_power_flow(const Network& net, Newton& electric, const std::vector<double>& y,
                                                  Values values, double to);

}  // namespace kelvolt
