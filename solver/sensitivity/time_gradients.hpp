/// Derivatives of what a run in time comes to (value at the end, integral, mean, soft maximum of an output) with
/// respect to every number parameter, by the discrete adjoint of the integrator's own formula:
///   F(t_n, y_n, sum_j a_nj y_(n-j), p) = 0,   J_n = F_y + a_n0 F_y',   J_n^T lambda_n = -(what y_n does to the
///   result), lambda_n goes on to y_(n-j) by a_nj F_y'^T lambda_n, and to p by F_p^T lambda_n.
/// Steps and orders are those of the run, held fixed. One factorisation a step serves every functional.
#pragma once

#include "solver/case/session.hpp"
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
    double forward_seconds = 0.0, backward_seconds = 0.0;  ///< the run gone through again, and backwards
};

/// Goes through the run again, at `tolerance` (the run's own when not given), then backwards. `by`: only derivatives by
/// these are needed, the others may be left at zero; null: all.
/// Error(no_gradient) names the event and the components where there is none: switches that act at one time, discrete
/// values that follow a state or one of `by`, sample times among `by`.
TimeGradient time_gradients(const Run& run, const std::vector<TimeFunctional>& functionals,
                            const std::vector<ValueRef>* by = nullptr, std::optional<double> tolerance = {},
                            double resolution = 1e-3, const std::function<bool()>& interrupted = {});

}  // namespace kelvolt
