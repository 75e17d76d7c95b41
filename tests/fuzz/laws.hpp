/// Solves a case as a user would and holds the answer against laws that the solver does not use to find it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "solver/case/case.hpp"
#include "tests/fuzz/targets.hpp"

namespace kelvolt::fuzz {

/// A folder without files, so that a case finds nothing beside it.
std::filesystem::path empty_folder();

enum class Depth {
    steady,
    steady_and_start_of_run,  ///< and some steps in time, whatever happens in them
    steady_and_rest           ///< and a run from the steady state that must stay there
};

struct Answer {
    Solution solution;
    double value(const std::string& path) const;
    bool is_broken(std::string_view id, std::string_view element) const;
};

/// Nothing when the case is refused or has no answer, by a kelvolt::Error. Throws BrokenProperty when
///  - a value is not finite,
///  - the flows into a connection do not add up to zero,
///  - a component destroys entropy, or energy or mass is missing, and no verdict says so,
///  - a verdict has another word than its value and its limit,
///  - a run from the steady state leaves it (Depth::steady_and_rest).
std::optional<Answer> solve_and_judge(const std::string& text, const std::filesystem::path& folder, Depth depth);

/// BrokenProperty with the case, unless `holds`.
void require(bool holds, const std::string& law, const std::string& text);

}  // namespace kelvolt::fuzz
