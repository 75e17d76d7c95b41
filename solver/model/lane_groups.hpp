/// Which instances of a block are evaluated side by side: those that differ in numbers only.
#pragma once

#include <array>
#include <vector>

#include "solver/scalar/pack.hpp"

namespace kelvolt {

class Block;

/// Up to eight instances alike but for numbers; a group with fewer repeats its last instance in the lanes left over.
struct LaneGroup {
    std::array<int, Pack::size> instance;
    int used;
    bool adjacent;           ///< instances follow one another, so a column of parameters is one load
    std::vector<int> index;  ///< [local * Pack::size + lane] -> unknown and equation
    std::vector<int> slots;  ///< [entry * Pack::size + lane] -> position in the sparse matrix
};

/// All instances of `block`, in groups: same media, choices, curves and connections within one.
std::vector<LaneGroup> lane_groups(const Block& block);

}  // namespace kelvolt
