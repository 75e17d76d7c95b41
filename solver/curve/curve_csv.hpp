/// Curves from a CSV file whose header names columns and units: `Q (L/min), R (K/W)`. Values are converted to SI here.
/// Separator comma, semicolon or tab (found from the header); decimal point; `#` begins a comment line; empty lines are
/// skipped.
#pragma once

#include <filesystem>
#include <string>

#include "solver/curve/csv_text.hpp"
#include "solver/curve/curve.hpp"

namespace kelvolt {

/// A column, and the SI unit that the model declares for it ("m3/s", "K/W", "Pa", ...).
struct CsvColumn {
    std::string name;     ///< as in the header, without unit; empty: the first column for x, the second for y
    std::string si_unit;  ///< a unit of another dimension is refused; only "1" needs no unit in the header
};

/// Columns by name, each with the cell that the rows of a curve have there: several curves may stand in one table.
using CsvPick = std::vector<std::pair<std::string, std::string>>;

/// Largest file of a table that is read [bytes].
inline constexpr std::uintmax_t largest_table = 20 * 1024 * 1024;

/// Error with file and line for a missing column or unit, text instead of a number, a missing or non-finite value, or x
/// that does not increase.
Curve curve_of_table(const NamedText& table, const CsvColumn& x, const CsvColumn& y, const CsvPick& pick,
                     Curve::Scale scale = Curve::Scale::linear);
/// The same of rows that are split already.
Curve curve_of_rows(const CsvRows& rows, const NamedText& table, const CsvColumn& x, const CsvColumn& y,
                    const CsvPick& pick, Curve::Scale scale = Curve::Scale::linear);
/// The same of a file.
Curve read_curve_csv(const std::filesystem::path& file, const CsvColumn& x, const CsvColumn& y,
                     Curve::Scale scale = Curve::Scale::linear);

}  // namespace kelvolt
