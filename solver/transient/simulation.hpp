/// A run in time: integrates between events, samples and segment breaks, keeps the books on energy and mass, shows
/// every accepted point.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>

#include "solver/results/assess.hpp"
#include "solver/transient/schedule.hpp"
#include "solver/transient/trajectory.hpp"

namespace kelvolt {

/// Sees the run as it goes on. Points come in order of time; two points of one time are the two sides of a jump.
class Observer {
   public:
    virtual ~Observer() = default;
    virtual void point(double t, const Point& at) = 0;
    virtual void event(double t, const std::string& component, const std::string& text) = 0;
    /// Times at which a point must be shown even if the integrator steps over them; strictly after t.
    virtual double next_wanted(double t) const = 0;
};

struct SimulationOptions {
    double duration = 600.0;
    double tolerance = 1e-4;            ///< times the nominal of each unknown (10 K for temperatures), worst neighbours
    double T_destroyed = 1500.0;        ///< a run in which a temperature passes this ends as thermal runaway [K]
    double T_least = 50.0;              ///< no liquid or machine here is meant for less [K]
    std::function<bool()> interrupted;  ///< asked after every step; true ends the run with Error(interrupted)
    std::function<void(double)> progress;
    Trajectory* keep = nullptr;  ///< receives every step
    double resolve = 0.0;        ///< steps follow every small change to this share of it, at all time scales; 0: no
    bool audit = true;           ///< energy and mass over the boundary are integrated along
};

struct Audit {
    double energy_in = 0.0, energy_size = 0.0,
           energy_stored = 0.0;  ///< J: boundary quadrature, of magnitudes, change inside
    double energy_unsure = 0.0;  ///< J: what the tolerance of a run leaves open of what is stored
    double mass_relative = 0.0;  ///< worst circuit: boundary flow over throughput
    static constexpr double least_energy =
        1e-2;  ///< J (or W): where less crosses the boundary, rounding is not compared with it
    static constexpr double least_mass = 1e-6;  ///< kg (or kg/s), likewise
    static constexpr double bound = 1e-4;       ///< above it, and above what the tolerance explains, nothing is held
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

/// Runs from the differential part of `y` (and guesses for the rest) at t = 0. Throws Error; what was observed stays
/// observed.
SimulationResult simulate_network(const Network& net, Values values, Schedule schedule, std::vector<double> y,
                                  const SimulationOptions& options, Observer& observer);

/// The audit of a steady state: power and mass over the boundary, relative to the sum of magnitudes.
Audit steady_audit(const Network& net, const Point& at);
/// The same from a tally already taken there.
Audit steady_audit(const Tally& tally);

}  // namespace kelvolt
