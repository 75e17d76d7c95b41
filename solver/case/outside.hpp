/// What the core leaves to the program around it, which has the libraries for it: workbooks and time zones. The Python
/// package gives both; without them, files that need them are refused with the way out.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace kelvolt {

/// A moment of a time zone's clock: every offset from UTC that it may have [s], the earlier moment first. None where
/// the clock skips it, two where the clock shows it twice.
using Offsets = std::vector<double>;

struct Outside {
    /// A sheet of a workbook as CSV, row by row; without a name the only sheet that holds something.
    std::function<std::string(const std::filesystem::path& file, const std::string& sheet)> sheet;
    /// Offsets of a zone by moments of its clock, as seconds since 1970 if it were UTC.
    std::function<std::vector<Offsets>(const std::string& zone, const std::vector<double>& clock)> offsets;
};

/// Set once, before the first case is read.
Outside& outside();

}  // namespace kelvolt
