/// Groups the instances of a block that can be evaluated together in SIMD lanes: those that differ only in numbers.
#pragma once

#include <array>
#include <vector>

#include "solver/scalar/pack.hpp"

namespace kelvolt {

class Block;

/// Up to eight instances that differ only in numbers. With fewer than eight, the last one fills the remaining lanes.
struct LaneGroup {
    std::array<int, Pack::size> instance;
    int used;
    bool adjacent;           ///< instance numbers are consecutive, so parameters can be read with one vector load
    std::vector<int> index;  ///< [local * Pack::size + lane] -> unknown and equation
    std::vector<int> slots;  ///< [entry * Pack::size + lane] -> position in the sparse matrix
};

/// All instances of `block` in groups; within a group media, choices, curves and connections are the same.
std::vector<LaneGroup> lane_groups(const Block& block);

}  // namespace kelvolt
