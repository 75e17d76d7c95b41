/// Derivatives of results of a run in time (value at the end, integral, mean, soft maximum of an output) with respect
/// to every number parameter, by the discrete adjoint of the formula of the integrator:
///   F(t_n, y_n, sum_j a_nj y_(n-j), p) = 0
///   J_n = F_y + a_n0 F_y'
///   J_n^T lambda_n = -(derivative of the result with respect to y_n)
/// lambda_n contributes a_nj F_y'^T lambda_n to the derivative with respect to y_(n-j), and F_p^T lambda_n to that with
/// respect to p. Steps and orders are those of the run and are held constant. One factorisation per step serves all
/// results.
#pragma once

#include "solver/case/case.hpp"
#include "solver/transient/trajectory.hpp"

namespace kelvolt {

struct TimeFunctional {
    enum class Kind { end, integral, mean, soft_max };
    ValueRef of;
    Kind kind = Kind::end;
    double width = 0.0;  ///< soft_max: w ln(1/T int exp(g/w) dt), in units of the value
};

struct TimeGradient {
    std::vector<double> value;                   ///< [functionals]
    std::vector<std::vector<double>> by_params;  ///< [functionals][Values::params]
    long steps = 0;
    double forward_seconds = 0.0, backward_seconds = 0.0;  ///< time of the repeated run, and of the backward pass
};

/// Repeats the run, at `tolerance` (if not given: that of the run), then goes backward. `by`: only derivatives with
/// respect to these are needed, the others may be zero; null: all. Error(no_gradient) names the event and the
/// components if there is no derivative: switches that act at the same time, discrete variables that follow a state or
/// one of `by` continuously, sample times among `by`.
TimeGradient time_gradients(const Run& run, const std::vector<TimeFunctional>& functionals,
                            const std::vector<ValueRef>* by = nullptr, std::optional<double> tolerance = {},
                            double resolution = 1e-3, const std::function<bool()>& interrupted = {});

}  // namespace kelvolt
