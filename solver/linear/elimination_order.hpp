/// The order of rows and columns in which a sparse matrix is eliminated: first what stands alone in its row or column
/// and so fills nothing (a boundary's flow, a temperature that is given), then the rest as
/// Markowitz orders it: H. M. Markowitz, The elimination form of the inverse, Management Science 3, 1957, 255-269.
#pragma once

#include <vector>

namespace kelvolt {

struct EliminationOrder {
    std::vector<int> rows, columns;  ///< row rows[k] is paired with column columns[k]
};
/// Columns marked in `last` (none where it is empty) come after all others that do not stand alone.
EliminationOrder elimination_order(const std::vector<int>& col_ptr, const std::vector<int>& row,
                                   const std::vector<char>& last = {});

}  // namespace kelvolt
