/// Explains why a path names nothing: which level is wrong, and what exists there.
#pragma once

#include "solver/network/path_pattern.hpp"
#include "solver/network/paths.hpp"

namespace kelvolt {

Error nothing_found(const Network& net, std::string_view pattern, const std::vector<PathStep>& steps,
                    bool parameters_only, const Where& where);

/// Error(input) if a range such as [1..20] exceeds the elements that were found.
void check_range_ends(const std::vector<ValueRef>& refs, std::string_view pattern, const std::vector<PathStep>& steps,
                      const Where& where);

/// "a, b, c and 5 more"
std::string listed(const std::vector<std::string>& names, std::size_t at_most = 12);

/// The fault in the index of a step whose name has `elements` elements (0: a single component).
std::string index_problem(const PathStep& step, int elements, std::string_view owner);

}  // namespace kelvolt
