/// The fixed sequence of an LU factorisation whose order and pivots are known. Rows of one shape that do not depend on
/// each other stand in one step, up to eight of them: what repeats in a network (racks, trays, chips, consumers) gives
/// many such rows.
#pragma once

#include <klu.h>

#include <vector>

namespace kelvolt {

struct LanePlan {
    static constexpr int wide = 8;

    /// Where the row that another one depends on has its pivot; its further entries follow with that stride.
    struct Row {
        int pivot, stride;
    };
    static constexpr int aligned = -1, one_for_all = -2;

    /// One row, or up to eight. A row is stored as its entries left of the pivot, one over the pivot, its entries
    /// right of it, each for all lanes.
    struct Step {
        int lanes, used;
        int left, right;       // entries
        int first, slot;       // in the factors, in a vector
        int links;             // of the rows it depends on: those on the left, then those on the right
        int entries, sources;  // of the matrix; where in the row, then a position for each lane
        int targets;           // for each row on the left: where its entries right of the pivot fall
    };

    /// Order and pivots of one factorisation by KLU. Nothing is planned where elimination fills the matrix or few rows
    /// are alike.
    LanePlan(const std::vector<int>& col_ptr, const std::vector<int>& row, klu_symbolic* symbolic, klu_numeric* numeric,
             klu_common* common);
    bool empty() const { return steps.empty(); }

    std::vector<Step> steps;  // each after those it depends on from the left, before those from the right
    // by link: a row, its place in a vector, and how the lanes share them. Where each lane has its own, `table` is
    // where those of all lanes begin in the two lists that follow.
    std::vector<Row> rows;
    std::vector<int> slots, table;
    std::vector<Row> lane_rows;
    std::vector<int> lane_slots;
    std::vector<int> sources, targets;
    std::vector<int> row_of_slot, column_of_slot;
    int factors = 0;  // numbers to be kept
};

}  // namespace kelvolt
