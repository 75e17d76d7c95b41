/// Times many steady states of one electric network, each from nothing: behind `kelvolt bench`.
#pragma once

#include "solver/case/session.hpp"

namespace kelvolt {

struct RowsBench {
    std::vector<double> values;  ///< [rows * reads]
    double seconds = 0.0;        ///< of this thread, reading included; building and symbolic analysis not
    long iterations = 0;         ///< Jacobians that were factorised
};

/// Solves every row of `table` [rows * targets] with one solver: the targets are set, the start is that of the network.
RowsBench bench_rows(const Session& base, const std::vector<ValueRef>& targets, const std::vector<double>& table,
                     const std::vector<ValueRef>& reads, double tolerance);

}  // namespace kelvolt
