/// The fixed sequence of an LU factorisation whose elimination order and pivots are known. Up to eight rows that have
/// the same structure and do not depend on each other form one step and are eliminated together in SIMD lanes. Parts
/// that repeat in a network (racks, trays, chips, consumers) give many such rows.
#pragma once

#include <klu.h>

#include <vector>

namespace kelvolt {

struct LanePlan {
    static constexpr int wide = 8;  // lanes of a step with several rows

    /// Position in the factors of the pivot of a row that another row depends on. The entries right of that pivot
    /// follow at multiples of `stride`.
    struct Row {
        int pivot, stride;
    };
    /// Values of `table`. aligned: lane l depends on lane l of another step. one_for_all: all lanes depend on one row.
    static constexpr int aligned = -1, one_for_all = -2;

    /// One row, or up to eight. The factors hold for each step: the entries left of the pivot (multipliers, from L),
    /// the inverse of the pivot, the entries right of the pivot (from U); each of these for all lanes, lane after lane.
    struct Step {
        int lanes, used;  // lanes stored (1 or 8), lanes that carry a row
        int left, right;  // number of entries left and right of the pivot
        int first, slot;  // where the step begins in the factors, and in a vector in the order of the steps
        int links;        // first of its links: one per entry on the left, then one per entry on the right
        // number of its entries in the matrix itself, before fill; where they begin in the list `sources`, which has
        // for each its place in the row, then its position among the matrix values for each lane
        int entries, sources;
        int targets;  // start in `targets`: per row on the left, the number and places of the entries it changes
    };

    /// Takes order and pivots from one factorisation by KLU. The plan stays empty when elimination fills the matrix or
    /// few rows have the same structure, since lanes would then save no time.
    LanePlan(const std::vector<int>& col_ptr, const std::vector<int>& row, klu_symbolic* symbolic, klu_numeric* numeric,
             klu_common* common);
    bool empty() const { return steps.empty(); }

    // In an order in which every step comes after those it needs for forward elimination (entries left of the pivot)
    // and before those it needs for backward substitution (entries right of the pivot).
    std::vector<Step> steps;
    // Per link: the row it refers to, that row's place in a vector, and how the lanes refer to it: aligned,
    // one_for_all, or the start in lane_rows and lane_slots of one entry per lane.
    std::vector<Row> rows;
    std::vector<int> slots, table;
    std::vector<Row> lane_rows;
    std::vector<int> lane_slots;
    std::vector<int> sources, targets;
    std::vector<int> row_of_slot, column_of_slot;
    int factors = 0;  // length of the array of factors
};

}  // namespace kelvolt
