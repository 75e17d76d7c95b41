/// Solves for the steady state F(y, 0) = 0.
/// Method: a staged cold start (hydraulic, electric, then thermal unknowns, the others held constant), damped Newton on
/// all unknowns, pseudo-transient continuation as the fallback. If there is no steady state, the error says why.
/// The state returned is stable and lies on the branch that continues from zero leakage; no firmware or switch is due
/// to change at it.
#pragma once

#include <memory>
#include <optional>

#include "solver/newton/load_factor.hpp"
#include "solver/steady/resting_parts.hpp"
#include "solver/steady/stability.hpp"

namespace kelvolt {

struct SteadyOptions {
    NewtonOptions newton;
    bool fallback = true;         ///< try pseudo-transient continuation when Newton fails
    double T_plausible = 1500.0;  ///< a solution hotter than this (or below 100 K) counts as no steady state [K]
};
struct SteadyState {
    std::vector<double> y;
    int newton_iterations = 0;  ///< on the full system
    int start_iterations = 0;   ///< in the staged start
    int continuation_steps = 0;
    double seconds = 0.0;
    long number = 0;                    ///< number of the solve in its SolverPool, 0 without a pool
    std::vector<double> history;        ///< scaled step of each full Newton iteration
    std::vector<double> discretes;      ///< discrete variables at rest, if they changed; empty: as given
    std::vector<std::string> warnings;  ///< for example of a second stable state, or of firmware that keeps switching
};
/// How far all electric loads can grow in proportion before no power flow exists.
struct Loadability {
    double factor = 1.0;    ///< on every electric load, where the last solution was found
    bool lost = false;      ///< true: no solution beyond this factor; false: the requested factor was reached
    std::string bus;        ///< the bus whose voltage fell fastest at the end
    double voltage = 0.0;   ///< its voltage divided by that without load
    std::string converter;  ///< the converter whose current limit ends the power flow; else empty
    SteadyState state;      ///< the state at that factor
};

class SteadySolver {
   public:
    explicit SteadySolver(const Network& net);

    /// Finds and keeps pivots for every stage at the network's initial values: for a solver that is used many times.
    void prepare();
    /// Returns to the kept pivots, so that later results do not depend, not even by rounding, on what was solved
    /// before.
    void forget();
    /// Throws Error: no_convergence (worst residuals named), no_steady_state, thermal_runaway, no_stable_point,
    /// no_power_flow, out_of_step.
    SteadyState solve(const Values& values, const SteadyOptions& options = {},
                      const std::vector<double>* guess = nullptr);
    /// Solves with the discrete variables of firmware and switches held as given.
    SteadyState solve_frozen(const Values& values, const SteadyOptions& options, const std::vector<double>* guess);
    /// Names of the components with unstable flow at this state (a pump on the rising part of its curve); empty if the
    /// flow is stable. In a run in time, hydraulics are quasi-steady, so the run may stay at an unstable point.
    std::vector<std::string> unstable_flows(const std::vector<double>& y, const Values& values);
    /// Raises the factor on all electric loads from 1 until the solution is lost or `most` is reached.
    Loadability loadability(const Values& values, const SteadyOptions& options = {}, double most = 10.0);
    /// Evaluates and factorises the Jacobian of F(y, 0) at a solution, for `solve_transposed`. Returns false if it is
    /// singular; `singular_unknown` then gives the unknown, if known (else -1).
    bool linearise(const std::vector<double>& y, const Values& values) { return full_->linearise(y, values); }
    int singular_unknown() { return full_->lu().singular_column(); }
    /// Solves J^T x = b.
    void solve_transposed(double* b) { full_->lu().solve_transposed(b); }

   private:
    /// If the root y is unstable, replaces it by a stable one; throws no_stable_point or thermal_runaway if none
    /// exists.
    void make_stable(std::vector<double>& y, const Values& values, const SteadyOptions& options, SteadyState& state);
    /// Start values of a flow whose characteristic allows several operating points.
    struct OtherStarts {
        int unknown;
        std::vector<double> flows;
    };
    std::vector<OtherStarts> other_starts(const std::vector<double>& y, const Values& values) const;
    std::vector<std::vector<double>> trials(const std::vector<double>& y, const Values& values,
                                            const std::vector<OtherStarts>& starts);
    /// Tries the other branches of pump curves and takes the stable state with the largest total flow. `solved`: y is a
    /// root. If it is not and no stable state is found, y is left unchanged.
    void choose_flow(std::vector<double>& y, const Values& values, const SteadyOptions& options, SteadyState& state,
                     bool solved);
    /// If some controllers are at a limit while others control a temperature, looks for a second state by starting the
    /// latter fully open. Takes the state with fewer controllers at a limit and warns of the other.
    void choose_control(std::vector<double>& y, const Values& values, const SteadyOptions& options, SteadyState& state);
    /// Adds a warning for each of the other states found.
    void tell_others(const std::vector<double>& y, const std::vector<std::vector<double>>& found,
                     const std::vector<OtherStarts>& starts, SteadyState& state) const;
    /// Is the state stable, in heat and in flow?
    bool lasts(const std::vector<double>& y, const Values& values);
    /// Names and values of the unknowns that made the last stability test fail.
    std::vector<std::string> guilty(const std::vector<double>& y) const;
    /// The given values with Values::live filled in; in `y`, unknowns on dead buses are set to zero.
    const Values& energised(const Values& given, std::vector<double>* y);
    /// Newton on all unknowns; true if it converges to a plausible state.
    bool attempt(std::vector<double>& y, const Values& values, const SteadyOptions& options, SteadyState& state);
    std::vector<double> cold_start(const Values& values, SteadyState& state);
    void staged_start(std::vector<double>& y, const Values& values, SteadyState& state);
    bool pseudo_transient(std::vector<double>& y, const Values& values, const SteadyOptions& options,
                          SteadyState& state);
    bool plausible(const std::vector<double>& y, const SteadyOptions& options) const;
    /// Is every live bus above `collapse` times its voltage without load? Near zero volts loads do not draw their
    /// stated power, so such a solution is not a power flow.
    bool stands(const std::vector<double>& y) const;
    [[noreturn]] void name_collapse(const std::vector<double>& y) const;
    /// Continuation in a factor on all losses that rise with temperature, from 0 to 1.
    bool follow_homotopy(std::vector<double>& y, const Values& values, const SteadyOptions& options,
                         SteadyState& state);
    /// follow_load on the whole network.
    LoadPath carried(std::vector<double>& y, double from, double to, const Values& values, const SteadyOptions& options,
                     SteadyState& state);
    /// Warns if slightly more electric load would have no power flow.
    void tell_small_margin(const std::vector<double>& y, const Values& values, SteadyState& state);
    /// Continuation in the factor on all electric loads, from 0 to 1.
    bool carry_load(std::vector<double>& y, const Values& values, const SteadyOptions& options, SteadyState& state);
    /// Throws the error of follow_homotopy when the factor cannot be raised beyond `reached`.
    [[noreturn]] void lost(const std::vector<double>& y, const std::vector<double>& before, double reached,
                           const Values& values) const;
    /// Throws the error that says why no steady state was found from y.
    [[noreturn]] void explain(const std::vector<double>& y, const Values& values, const SteadyOptions& options);
    Values scaled_homotopy(const Values& values, double factor) const;

    const Network& net_;
    std::unique_ptr<Newton> full_;
    Energised power_;  ///< live buses at the values being solved
    Values values_;    ///< the values being solved, with Values::live
    /// Numbers that power_ depends on (ElectricGraph::gather): now, and when power_ was computed.
    std::vector<double> decisive_, decided_;
    DomainParts parts_;
    std::unique_ptr<Newton> held_;  ///< for all unknowns but the integrals of controllers; created when first needed
    Stability stability_;
    RestingParts resting_;
    int singular_unknown_ = -1;  ///< unknown at which the last full Newton found a singular matrix, if known
};

/// Solves once, with the parameters of the network as built.
SteadyState solve_steady(const Network& net, const SteadyOptions& options = {});

}  // namespace kelvolt
