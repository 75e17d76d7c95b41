/// The transient engine `ida`: the DAE integrator IDAS of SUNDIALS (BDF, variable order and step) with the exact sparse
/// Jacobian. Only this class and its linear solver depend on SUNDIALS.
#pragma once

#include <functional>
#include <memory>

#include "solver/network/network.hpp"

namespace kelvolt {

/// The problem to be integrated, provided by the owner of the engine.
struct IdaProblem {
    const Network* net;
    const Values* values;
    /// Sets time-dependent parameters to their values at time t (within the current segment).
    std::function<void(double t)> at_time;
    int roots = 0;
    std::function<void(const Point&, double* g)> root_values;
    int quadratures = 0;
    std::function<void(const Point&, double* dq)> quadrature_rates;
    /// Time constants tau [s] of additional equations with the solution exp(-t/tau) after every restart. They keep the
    /// steps short enough to resolve the response to a small change at all these time scales, even where the run itself
    /// is at rest (needed for gradients).
    std::vector<double> decays;
    double decay_tolerance = 1e-4;
};
struct IdaStatistics {
    long steps = 0, residuals = 0, jacobians = 0, error_failures = 0, convergence_failures = 0;
};

class IdaEngine {
   public:
    /// The absolute tolerance of each unknown is `tolerance` times its nominal.
    IdaEngine(IdaProblem problem, double tolerance);
    ~IdaEngine();

    /// Restarts the integration from consistent values.
    void restart(double t, const std::vector<double>& y, const std::vector<double>& yp, double t_stop);
    void set_stop(double t_stop);

    enum class Outcome { step, stop, root };
    /// Makes one internal step. Throws Error(no_convergence) when the integrator fails.
    Outcome step();
    double time() const;
    /// Solution and derivative at a time t within the last step.
    void interpolate(double t, std::vector<double>& y, std::vector<double>& yp) const;
    /// Integrals since the last restart, at a time t within the last step.
    void quadratures(double t, std::vector<double>& q) const;
    /// Which root functions crossed (+1 rising, -1 falling, 0 not) when the last outcome was `root`.
    std::vector<int> crossed() const;
    IdaStatistics statistics() const;
    /// The last step as the integrator accepted it; it may end later than `time`, which stops at roots and stop times.
    /// Returns false if there was no new step since the last call.
    bool accepted(double& t, int& order, std::vector<double>& y);

    struct Memory;

   private:
    [[noreturn]] void give_up(const char* reason) const;

    std::unique_ptr<Memory> m_;
};

}  // namespace kelvolt
