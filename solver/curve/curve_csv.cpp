#include "solver/curve/curve_csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>
#include <string_view>

#include "solver/error.hpp"
#include "solver/regular_file.hpp"
#include "solver/units/units.hpp"

namespace kelvolt {
namespace {

constexpr std::uintmax_t largest_file = 20 * 1024 * 1024;  // a larger file is not a curve

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\"";
    const auto first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::vector<std::string_view> cells_of(std::string_view line, char separator) {
    std::vector<std::string_view> cells;
    for (;;) {
        const auto end = line.find(separator);
        cells.push_back(trimmed(line.substr(0, end)));
        if (end == std::string_view::npos) return cells;
        line.remove_prefix(end + 1);
    }
}

/// One column of the header: `Q (L/min)` is the name Q with the unit L/min. The unit may contain brackets: `p
/// (bar(g))`.
struct Heading {
    std::string name, unit;
};
Heading heading_of(std::string_view cell) {
    const auto open = cell.find_first_of("([");
    const auto close = cell.find_last_of(")]");
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return {std::string(cell), ""};
    return {std::string(trimmed(cell.substr(0, open))), std::string(trimmed(cell.substr(open + 1, close - open - 1)))};
}

/// Lines with content, with their line numbers.
class Lines {
   public:
    explicit Lines(const std::filesystem::path& file) : where{file.string(), 0} {
        stream_.str(read_regular_file(file, largest_file, "the curve file", Error::Kind::io));
    }
    bool next() {
        while (std::getline(stream_, text)) {
            ++where.line;
            if (where.line == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
            const std::string_view content = trimmed(text);
            if (!content.empty() && content.front() != '#') return true;
        }
        return false;
    }
    std::string text;
    Where where;

   private:
    std::istringstream stream_;
};

/// A column in use and the conversion of its numbers to SI.
struct Column {
    std::size_t position;
    Heading heading;
    Quantity quantity;
};

Column find_column(const std::vector<std::string_view>& header, const CsvColumn& wanted, std::size_t otherwise,
                   const Where& where) {
    std::vector<std::string> names;
    for (const auto cell : header) names.push_back(heading_of(cell).name);
    std::size_t at = otherwise;
    if (!wanted.name.empty()) {
        at = static_cast<std::size_t>(std::find(names.begin(), names.end(), wanted.name) - names.begin());
        if (at == names.size())
            throw input_error(fmt::format("no column '{}'{}; the header has: {}", wanted.name,
                                          did_you_mean(wanted.name, names), fmt::join(names, ", ")),
                              where);
    }
    if (at >= names.size())
        throw input_error(fmt::format("the file has {} column(s); a curve needs one for x and one for y", names.size()),
                          where);
    if (std::count(names.begin(), names.end(), names[at]) > 1)
        throw input_error(fmt::format("two columns are called '{}'; give each a name of its own", names[at]), where);
    Column column{at, heading_of(header[at]), declared(wanted.si_unit)};
    if (column.heading.unit.empty() && wanted.si_unit != "1")
        throw input_error(
            fmt::format("column '{}' has no unit; write it in the header, as '{} ({})'", column.heading.name,
                        column.heading.name, fmt::join(accepted_units(column.quantity), ") or (")),
            where);
    try {
        if (!column.heading.unit.empty()) to_si(1.0, column.heading.unit, column.quantity);
    } catch (const Error& e) {
        throw input_error(fmt::format("column '{}': {}", column.heading.name, e.message), where);
    }
    return column;
}

double number_in(const std::vector<std::string_view>& cells, const Column& column, const Where& where) {
    const std::string& name = column.heading.name;
    if (column.position >= cells.size() || cells[column.position].empty())
        throw input_error(fmt::format("no value in column '{}'", name), where);
    std::string_view text = cells[column.position];
    if (text.front() == '+') text.remove_prefix(1);
    double x = 0.0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), x);
    if (problem != std::errc() || end != text.data() + text.size())
        throw input_error(
            fmt::format("'{}' in column '{}' is not a number; units belong in the header, decimals take a point", text,
                        name),
            where);
    if (!std::isfinite(x))
        throw input_error(fmt::format("'{}' in column '{}' is not a finite number", text, name), where);
    return column.heading.unit.empty() ? x : to_si(x, column.heading.unit, column.quantity);
}

char separator_of(std::string_view header) {
    for (const char c : {';', '\t'})
        if (header.find(c) != std::string_view::npos) return c;
    return ',';
}

}  // namespace

Curve read_curve_csv(const std::filesystem::path& file, const CsvColumn& x, const CsvColumn& y, Curve::Scale scale) {
    Lines lines(file);
    if (!lines.next())
        throw input_error("the curve file is empty; it needs a header such as 'Q (L/min), R (K/W)'", lines.where);
    const std::string header = lines.text;
    const char separator = separator_of(header);
    const auto headings = cells_of(header, separator);
    const Column x_column = find_column(headings, x, 0, lines.where),
                 y_column = find_column(headings, y, 1, lines.where);
    std::vector<double> xs, ys;
    while (lines.next()) {
        const auto cells = cells_of(lines.text, separator);
        if (cells.size() > headings.size())
            throw input_error(
                fmt::format("{} values under {} headings; check for decimal commas", cells.size(), headings.size()),
                lines.where);
        xs.push_back(number_in(cells, x_column, lines.where));
        ys.push_back(number_in(cells, y_column, lines.where));
        if (xs.size() > 1 && !(xs.back() > xs[xs.size() - 2]))
            throw input_error(fmt::format("'{}' is {} after {}; rows must be sorted by it, without repeats",
                                          x_column.heading.name, cells[x_column.position],
                                          from_si(xs[xs.size() - 2], x_column.heading.unit, x_column.quantity)),
                              lines.where);
    }
    try {
        Curve curve = Curve::table(std::move(xs), std::move(ys), scale);
        curve.source = file.filename().string();
        return curve;
    } catch (const Error& e) {
        throw input_error(e.message, {lines.where.file, 0});
    }
}

}  // namespace kelvolt
