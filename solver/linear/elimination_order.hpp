/// The order of rows and columns in which a sparse matrix is eliminated. First come entries that are alone in their row
/// or column and so cause no fill (the flow of a boundary, a given temperature). The rest is ordered by least fill:
/// H. M. Markowitz, The elimination form of the inverse, Management Science 3, 1957, 255-269.
#pragma once

#include <vector>

namespace kelvolt {

struct EliminationOrder {
    std::vector<int> rows, columns;  ///< row rows[k] is paired with column columns[k]
};
/// Columns marked in `last` (may be empty: none) come after the other columns of the second part.
EliminationOrder elimination_order(const std::vector<int>& col_ptr, const std::vector<int>& row,
                                   const std::vector<char>& last = {});

}  // namespace kelvolt
