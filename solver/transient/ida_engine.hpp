/// The transient engine `ida`: IDAS (variable order, variable step) with the exact sparse Jacobian and KLU.
/// The only place that knows SUNDIALS.
#pragma once

#include <functional>
#include <memory>

#include "solver/network/network.hpp"

namespace kelvolt {

/// What the engine asks of its owner.
struct IdaProblem {
    const Network* net;
    const Values* values;
    /// Brings time-dependent parameters to time t (within the current segment).
    std::function<void(double t)> at_time;
    int roots = 0;
    std::function<void(const Point&, double* g)> root_values;
    int quadratures = 0;
    std::function<void(const Point&, double* dq)> quadrature_rates;
    /// Decays exp(-t/tau) from every restart on, integrated beside the network, so that steps resolve what a small
    /// change would set going at any of these time scales even where the run itself stands still.
    std::vector<double> decays;
    double decay_tolerance = 1e-4;
};
struct IdaStatistics {
    long steps = 0, residuals = 0, jacobians = 0, error_failures = 0, convergence_failures = 0;
};

class IdaEngine {
   public:
    /// `tolerance` times the nominal of each unknown is its absolute tolerance.
    IdaEngine(IdaProblem problem, double tolerance);
    ~IdaEngine();

    /// Starts anew from consistent values.
    void restart(double t, const std::vector<double>& y, const std::vector<double>& yp, double t_stop);
    void set_stop(double t_stop);

    enum class Outcome { step, stop, root };
    /// One internal step. Throws Error(no_convergence) when the integrator gives up.
    Outcome step();
    double time() const;
    double previous_time() const;
    /// Solution and derivative anywhere in the last step.
    void interpolate(double t, std::vector<double>& y, std::vector<double>& yp) const;
    /// Integrals since the last restart, anywhere in the last step.
    void quadratures(double t, std::vector<double>& q) const;
    /// Which root functions crossed (+1 rising, -1 falling, 0 not) when the last outcome was `root`.
    std::vector<int> crossed() const;
    IdaStatistics statistics() const;
    /// The last step as it was accepted, which may reach beyond the time returned. False when none was made since the
    /// last call.
    bool accepted(double& t, int& order, std::vector<double>& y);

    struct Memory;

   private:
    [[noreturn]] void give_up(const char* reason) const;

    std::unique_ptr<Memory> m_;
};

}  // namespace kelvolt
