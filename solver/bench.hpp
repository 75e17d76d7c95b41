/// Times what the solver does on one case; each time is the median of repeats. Used by `kelvolt bench`.
#pragma once

#include "solver/case/built_case.hpp"

namespace kelvolt {

struct BenchResult {
    int unknowns = 0;
    long jacobian_entries = 0;
    double residual_ns_per_unknown = 0.0, jacobian_over_residual = 0.0;
    double refactor_us = 0.0, solve_us = 0.0;
    double steady_cold_ms = 0.0;     ///< without a starting solution, symbolic analysis included
    double steady_warm_ms = 0.0;     ///< every load 1 % higher, started from the solution before
    double steady_variant_ms = 0.0;  ///< mean over variants (loads, couplings and exchangers +-20 %, supply temperature
                                     ///< +-8 K), each from the solution of the case
    double stability_us = 0.0;       ///< check of a variant's steady state for stability; mean over the same variants
    double stability_over_variant = 0.0;  ///< stability_us over steady_variant_ms
    double stability_factorised = 0.0;    ///< share of these checks that took a factorisation of the heat balance
    int steady_cold_iterations = 0, steady_warm_iterations = 0;
    double gradient_us = 0.0;          ///< one value by every number parameter: transposed solve and products
    double gradient_first_us = 0.0;    ///< the first at a solution: also Jacobian and factors
    double gradient_over_solve = 0.0;  ///< gradient_us over steady_variant_ms
    // ten minutes with a pump trip at 60 s and loads at 60 % from 300 s on, without periodic loads
    double transient_trip_ms = 0.0;
    double transient_trip_error_mK = 0.0;  ///< largest error of any temperature at any full second, against a tight run
    std::string transient_trip_worst;      ///< the temperature with the largest error, and its time
    long transient_trip_steps = 0;
    std::string tripped;  ///< the pump that trips; empty if the case has none
};

/// Uses the components of a case; its own profiles and events are ignored.
BenchResult bench(BuiltCase subject);

}  // namespace kelvolt
