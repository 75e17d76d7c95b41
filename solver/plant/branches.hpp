/// Parallel branches: the elements of an array that coolant passes side by side.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "solver/assess/verdict.hpp"
#include "solver/plant/plant.hpp"

namespace kelvolt {

/// One branch; SI. Temperatures of chips and margins are the worst inside it, not a number where there is none.
struct Branch {
    std::string path;
    double m_flow, V_flow, dp, heat, T_in, T_out, T_die, T_case, margin;
    std::string margin_unit;
    std::string limit;  ///< which limit the margin belongs to
    std::string verdict;
    double margin_time = 0.0;  ///< when the margin was smallest [s]; all other values are those of the state looked at
};

/// Worst first: by the smallest margin, then the hottest chip, then the least flow. `verdicts` are sorted worst first.
///
/// Without `level` the outermost arrays count whose elements lie side by side and contain what is cooled (pumps and
/// valves side by side are none); a network without any gets one branch for each component that takes heat from a chip.
/// Throws Error(input) when `level` ("rack.tray") is no array of parallel elements.
std::vector<Branch> find_branches(const Plant& plant, const std::vector<Verdict>& verdicts,
                                  const std::optional<std::string>& level = {});

}  // namespace kelvolt
