/// A run in time: integrates between events, samples and breaks of segments, audits the balances of energy and mass,
/// and passes every accepted point to an observer.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>

#include "solver/assess/assess.hpp"
#include "solver/transient/schedule.hpp"
#include "solver/transient/trajectory.hpp"

namespace kelvolt {

/// Receives the points and events of a run. Points come in order of time; two points with the same time are the values
/// before and after a jump.
class Observer {
   public:
    virtual ~Observer() = default;
    virtual void point(double t, const Point& at) = 0;
    virtual void event(double t, const std::string& component, const std::string& text) = 0;
    /// The next time after t (strictly) at which a point is wanted even if the integrator has no step there.
    virtual double next_wanted(double t) const = 0;
};

struct SimulationOptions {
    double duration = 600.0;
    double tolerance = 1e-4;            ///< of local errors, relative to the nominals (10 K for temperatures)
    double T_destroyed = 1500.0;        ///< a temperature above this ends the run as thermal runaway [K]
    double T_least = 50.0;              ///< a temperature below this ends the run: outside the range of all models [K]
    std::function<bool()> interrupted;  ///< called after every step; true ends the run with Error(interrupted)
    std::function<void(double)> progress;
    Trajectory* keep = nullptr;  ///< if set, receives every step
    double resolve = 0.0;        ///< tolerance of IdaProblem::decays; 0: no decays
    bool audit = true;           ///< integrate energy and mass over the boundary too
    bool delays = true;          ///< models decide after delays and by their stores; false: only those that may rest do
};

struct Audit {
    /// Energy over the boundary, the sum of its magnitudes, and the change of the energy stored inside [J]; in a steady
    /// state power [W].
    double energy_in = 0.0, energy_size = 0.0, energy_stored = 0.0;
    double energy_unsure = 0.0;  ///< error of the stored energy that the tolerance of the run allows [J]
    double mass_relative = 0.0;  ///< of the worst circuit: net mass over the boundary divided by throughput
    /// Smallest reference for relative errors [J or W; kg or kg/s]: with less over the boundary, only rounding is left.
    static constexpr double least_energy = 1e-2;
    static constexpr double least_mass = 1e-6;
    static constexpr double bound = 1e-4;  ///< largest relative error accepted, besides what the tolerance allows
    double energy_allowed() const { return bound + energy_unsure / std::max(energy_size, least_energy); }
    double energy_relative() const { return std::abs(energy_in - energy_stored) / std::max(energy_size, least_energy); }
};
struct SimulationResult {
    std::vector<double> y, yp;
    Values values;
    double time = 0.0, seconds = 0.0;
    long steps = 0, jacobians = 0, restarts = 0, events = 0;
    Audit audit;
};

/// Runs from t = 0 with the differential unknowns of `y`; its other unknowns are guesses. Throws Error; the observer
/// has then received the points before the failure.
SimulationResult simulate_network(const Network& net, Values values, Schedule schedule, std::vector<double> y,
                                  const SimulationOptions& options, Observer& observer);

/// Audit of a steady state: power and mass flow over the boundary, relative to the sum of magnitudes.
Audit steady_audit(const Network& net, const Point& at);
/// The same from sums over the boundary that are known already.
Audit steady_audit(const Tally& tally);

}  // namespace kelvolt
