/// Times many steady states of one electric network, each without a starting solution. Used by `kelvolt bench`.
#pragma once

#include "solver/case/case.hpp"

namespace kelvolt {

struct RowsBench {
    std::vector<double> values;  ///< [rows * reads]
    double seconds = 0.0;        ///< CPU time of this thread, without building and analysis
    long iterations = 0;         ///< factorisations of the Jacobian
};

/// Solves every row of `table` [rows * targets] with one solver: sets the targets and starts at the start values of the
/// network.
RowsBench bench_rows(const Case& base, const std::vector<ValueRef>& targets, const std::vector<double>& table,
                     const std::vector<ValueRef>& reads, double tolerance);

}  // namespace kelvolt
