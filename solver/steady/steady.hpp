/// The steady state F(y, 0) = 0: staged cold start (hydraulics, then heat at frozen flow), damped Newton on everything,
/// pseudo-transient continuation as the fallback, and physical answers where there is no steady state. What is returned
/// is stable and lies on the branch that starts without losses that rise with temperature; firmware and switches have
/// come to rest at it.
#pragma once

#include <memory>
#include <optional>

#include "solver/steady/load_factor.hpp"
#include "solver/steady/resting_parts.hpp"
#include "solver/steady/stability.hpp"

namespace kelvolt {

struct SteadyOptions {
    NewtonOptions newton;
    bool fallback = true;  ///< try pseudo-transient continuation when Newton fails
    double T_plausible =
        1500.0;  ///< a solution with a hotter (or below 100 K) unknown is answered `no steady state` [K]
};
struct SteadyState {
    std::vector<double> y;
    int newton_iterations = 0;  ///< of the full system
    int start_iterations = 0;   ///< of the staged start
    int continuation_steps = 0;
    double seconds = 0.0;
    long number = 0;                    ///< of the solve in its pool, 0 outside one
    std::vector<double> history;        ///< scaled step of each full Newton iteration
    std::vector<double> discretes;      ///< where firmware and switches came to rest; empty: as they were given
    std::vector<std::string> warnings;  ///< a second state that lasts as well, firmware that hunts
};
/// How far the electric load can grow, all loads in proportion, before no power flow exists.
struct Loadability {
    double factor = 1.0;    ///< on every electric load, where the last solution was found
    bool lost = false;      ///< the solution is lost there; else the factor asked for was reached
    std::string bus;        ///< whose voltage fell fastest at the end
    double voltage = 0.0;   ///< there, over that without load
    std::string converter;  ///< at its current limit, where that ends the power flow; else empty
    SteadyState state;      ///< at that factor
};

class SteadySolver {
   public:
    explicit SteadySolver(const Network& net);

    /// Analyses every stage and finds pivots where the network's own values start: for a solver that is used many
    /// times.
    void prepare();
    /// Nothing solved before leaves a mark, however faint, on what follows.
    void forget();
    /// Throws Error: no_convergence (worst residuals named), no_steady_state, thermal_runaway, no_stable_point,
    /// no_power_flow, out_of_step.
    SteadyState solve(const Values& values, const SteadyOptions& options = {},
                      const std::vector<double>* guess = nullptr);
    /// Parts whose flow at this state would leave it at the least push (a pump on the rising side of its hump), by
    /// name; empty where it lasts. Hydraulics are quasi-steady in time, so a run may stand there.
    std::vector<std::string> unstable_flows(const std::vector<double>& y, const Values& values);
    /// Raises the factor on all electric loads from 1 until the solution is lost, or `most` is reached.
    Loadability loadability(const Values& values, const SteadyOptions& options = {}, double most = 10.0);
    /// Jacobian of F(y, 0) and its factors at a solution, for `solve_transposed`; false where it is singular, then
    /// `singular_unknown` tells where, if that is known (else -1).
    bool linearise(const std::vector<double>& y, const Values& values) { return full_->linearise(y, values); }
    int singular_unknown() { return full_->lu().singular_column(); }
    /// Solves J^T x = b.
    void solve_transposed(double* b) { full_->lu().solve_transposed(b); }

   private:
    /// With firmware and switches as they are given.
    SteadyState solve_frozen(const Values& values, const SteadyOptions& options, const std::vector<double>* guess);
    /// Brings a root to the stable state of its branch; throws no_stable_point or thermal_runaway where there is none.
    void make_stable(std::vector<double>& y, const Values& values, const SteadyOptions& options, SteadyState& state);
    /// Where a part has several flows, values of its unknown to begin from.
    struct OtherStarts {
        int unknown;
        std::vector<double> flows;
    };
    std::vector<OtherStarts> other_starts(const std::vector<double>& y, const Values& values) const;
    std::vector<std::vector<double>> trials(const std::vector<double>& y, const Values& values,
                                            const std::vector<OtherStarts>& starts);
    /// Tries the other branches of flow laws that have several, and takes the stable one with the most flow. `solved`:
    /// y is a root; without one, y is left as it is where nothing is found.
    void choose_flow(std::vector<double>& y, const Values& values, const SteadyOptions& options, SteadyState& state,
                     bool solved);
    /// Where controllers at a limit stand beside others that follow a temperature, looks for a second state from these
    /// fully open; takes the one with fewer at a limit and tells of the other.
    void choose_control(std::vector<double>& y, const Values& values, const SteadyOptions& options, SteadyState& state);
    void tell_others(const std::vector<double>& y, const std::vector<std::vector<double>>& found,
                     const std::vector<OtherStarts>& starts, SteadyState& state) const;
    bool lasts(const std::vector<double>& y, const Values& values);
    std::vector<std::string> guilty(const std::vector<double>& y) const;
    /// Values with the buses that are live; what stands on a dead bus is put at zero.
    const Values& energised(const Values& given, std::vector<double>* y);
    bool attempt(std::vector<double>& y, const Values& values, const SteadyOptions& options, SteadyState& state);
    std::vector<double> cold_start(const Values& values, SteadyState& state);
    void staged_start(std::vector<double>& y, const Values& values, SteadyState& state);
    bool pseudo_transient(std::vector<double>& y, const Values& values, const SteadyOptions& options,
                          SteadyState& state);
    bool plausible(const std::vector<double>& y, const SteadyOptions& options) const;
    /// Does every live bus keep a voltage? Near zero volts loads no longer draw what they are said to: no power flow.
    bool stands(const std::vector<double>& y) const;
    [[noreturn]] void name_collapse(const std::vector<double>& y) const;
    bool follow_homotopy(std::vector<double>& y, const Values& values, const SteadyOptions& options,
                         SteadyState& state);
    /// As follow_load, on the whole network.
    LoadPath carried(std::vector<double>& y, double from, double to, const Values& values, const SteadyOptions& options,
                     SteadyState& state);
    /// Warns where a little more electric load could not be carried.
    void tell_small_margin(const std::vector<double>& y, const Values& values, SteadyState& state);
    bool carry_load(std::vector<double>& y, const Values& values, const SteadyOptions& options, SteadyState& state);
    [[noreturn]] void lost(const std::vector<double>& y, const std::vector<double>& before, double reached,
                           const Values& values) const;
    [[noreturn]] void explain(const std::vector<double>& y, const Values& values, const SteadyOptions& options);
    Values scaled_homotopy(const Values& values, double factor) const;

    const Network& net_;
    std::unique_ptr<Newton> full_;
    Energised power_;                         ///< of the values being solved
    Values values_;                           ///< these, with what is live
    std::vector<double> decisive_, decided_;  ///< what the graph depends on: now, and when it was walked last
    DomainParts parts_;
    std::unique_ptr<Newton> held_;  ///< all but the controllers' integrals, made when first asked for
    Stability stability_;
    RestingParts resting_;
    int singular_unknown_ = -1;  ///< where the last full Newton broke down
};

/// Solves once, with the parameters of the network as built.
SteadyState solve_steady(const Network& net, const SteadyOptions& options = {});

}  // namespace kelvolt
