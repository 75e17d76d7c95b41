/// The electric load as a parameter: how far it can be carried, and where a power flow is lost.
#pragma once

#include <functional>
#include <optional>

#include "solver/network/energised.hpp"
#include "solver/steady/newton.hpp"

namespace kelvolt {

/// How far a factor on all electric loads could be raised.
struct LoadPath {
    double reached = 0.0;
    std::vector<double> before;  ///< the solution before the last
    int steps = 0, iterations = 0;
};
/// From the factor `from`, with solution y, towards `to`; y becomes the solution where it came to. Solutions that are
/// not `accepted` count as lost.
LoadPath follow_load(Newton& newton, std::vector<double>& y, double from, double to, Values values,
                     NewtonOptions options, const std::function<bool(const std::vector<double>&)>& accepted);

/// The load that a power flow is lost beyond.
struct LostPowerFlow {
    double factor;    ///< on all electric loads
    std::string bus;  ///< whose voltage fell fastest
    double voltage;   ///< there, over that without load
    /// The converter at the limit of its current, where that ends the power flow and no bus does; else empty.
    std::string converter = {};
    double loading = 0.0;  ///< its own
};
/// `y`: the last solution, `before`: one with less load. Nothing where the network names no bus.
std::optional<LostPowerFlow> name_lost_power_flow(const Network& net, const Energised& power, double factor,
                                                  const std::vector<double>& before, const std::vector<double>& y,
                                                  const Values& values);
std::string describe(const LostPowerFlow& lost);
/// The power flow of `electric` alone, temperatures and flows as they are in y: from there, from the voltages without
/// load, or from no load at all. False where none of these ways finds one; y is then as it was.
bool solve_power_flow(const Network& net, Newton& electric, std::vector<double>& y, Values values);
/// Where the power flow of `electric` alone is lost, temperatures and flows as they are in y, if it is lost below the
/// factor `to` on all electric loads.
std::optional<LostPowerFlow> find_lost_power_flow(const Network& net, Newton& electric, const std::vector<double>& y,
                                                  Values values, double to);

}  // namespace kelvolt
