/// Curves from a CSV file whose header names columns and units: `Q (L/min), R (K/W)`. Values are converted to SI here.
/// Separator comma, semicolon or tab (found from the header); decimal point; `#` begins a comment line; empty lines are
/// skipped.
#pragma once

#include <filesystem>
#include <string>

#include "solver/curve/curve.hpp"

namespace kelvolt {

/// A column, and the SI unit that the model declares for it ("m3/s", "K/W", "Pa", ...).
struct CsvColumn {
    std::string name;     ///< as in the header, without unit; empty: the first column for x, the second for y
    std::string si_unit;  ///< a unit of another dimension is refused; only "1" needs no unit in the header
};

/// Error with file and line for a missing column or unit, text instead of a number, a missing or non-finite value, or x
/// that does not increase.
Curve read_curve_csv(const std::filesystem::path& file, const CsvColumn& x, const CsvColumn& y,
                     Curve::Scale scale = Curve::Scale::linear);

}  // namespace kelvolt
