/// The text of a table as rows of cells, with the line of each: separated by comma, semicolon or tab (found from the
/// headings, or said by a first line `sep=;`), cells in double quotes as in RFC 4180, `#` begins a comment line, empty
/// lines are skipped. What a spreadsheet writes in another encoding is refused, never misread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "solver/error.hpp"

namespace kelvolt {

/// The content of a file, or of a text that stands for one; `name` is used in messages.
struct NamedText {
    std::string name, text;
    bool decimal_comma = false;  ///< of its numbers
};

struct CsvRow {
    int line = 0;                    ///< on which it begins
    std::vector<std::string> cells;  ///< without the blanks around them
};

struct CsvRows {
    char separator = ',';
    std::vector<CsvRow> rows;   ///< the first holds the headings; none that is empty
    std::vector<int> comments;  ///< lines below the headings that begin with # and hold as many cells as they
};

/// Error(input) with file and line for text that is not UTF-8, for an open quote, and for text behind a closed one.
/// `first_line`: that of the headings; the lines before it are left out.
CsvRows split_csv(const NamedText& table, int first_line = 1);

/// A heading: `Q (L/min)` is the name Q with the unit L/min. The unit may contain brackets: `p (bar(g))`, and stand in
/// square ones behind a blank: `Q [L/min]`. The element of a path is none: `tray[1]`.
struct Heading {
    std::string name, unit;
};
Heading heading_of(std::string_view cell);

/// A cell that begins with a number, with a decimal point; any other as it is. Error(input) without a place for a comma
/// where decimals take a point, for a point where they take a comma, and for separators of thousands.
std::string with_decimal_point(std::string_view cell, bool decimal_comma);

/// Whether a cell begins with a number such as 1.320, which is a decimal or has a separator of thousands.
bool has_two_readings(std::string_view cell);

}  // namespace kelvolt
