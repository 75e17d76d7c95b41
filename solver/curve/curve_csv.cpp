#include "solver/curve/curve_csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "solver/error.hpp"
#include "solver/regular_file.hpp"
#include "solver/units/units.hpp"

namespace kelvolt {
namespace {

/// A column in use and the conversion of its numbers to SI.
struct Column {
    std::size_t position;
    Heading heading;
    Quantity quantity;
};

Column find_column(const std::vector<std::string>& header, const CsvColumn& wanted, std::size_t otherwise,
                   const Where& where) {
    std::vector<std::string> names;
    for (const std::string& cell : header) names.push_back(heading_of(cell).name);
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

double number_in(const std::vector<std::string>& cells, const Column& column, bool decimal_comma, const Where& where) {
    const std::string& name = column.heading.name;
    if (column.position >= cells.size() || cells[column.position].empty())
        throw input_error(fmt::format("no value in column '{}'", name), where);
    std::string pointed;
    try {
        pointed = with_decimal_point(cells[column.position], decimal_comma);
    } catch (const Error& e) {
        throw input_error(fmt::format("column '{}': {}", name, e.message), where);
    }
    std::string_view text = pointed;
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

/// A condition on a row: a column and the cell that it must have.
struct Picked {
    std::size_t position;
    Heading heading;
    std::string wanted;
    std::vector<std::string> seen;  ///< other cells, each once

    bool holds(const std::string& cell) {
        if (cell == wanted || cell + " " + heading.unit == wanted) return true;
        if (seen.size() < 20 && std::find(seen.begin(), seen.end(), cell) == seen.end()) seen.push_back(cell);
        return false;
    }
};

std::vector<Picked> picked_columns(const CsvRow& header, const CsvPick& pick, const Where& where) {
    std::vector<Picked> made;
    std::vector<std::string> names;
    for (const std::string& cell : header.cells) names.push_back(heading_of(cell).name);
    for (const auto& [name, wanted] : pick) {
        const auto at = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
        if (at == names.size())
            throw input_error(fmt::format("where: no column '{}'{}; the header has: {}", name,
                                          did_you_mean(name, names), fmt::join(names, ", ")),
                              where);
        made.push_back({at, heading_of(header.cells[at]), wanted, {}});
    }
    return made;
}

}  // namespace

Curve curve_of_table(const NamedText& table, const CsvColumn& x, const CsvColumn& y, const CsvPick& pick,
                     Curve::Scale scale) {
    return curve_of_rows(split_csv(table), table, x, y, pick, scale);
}

Curve curve_of_rows(const CsvRows& content, const NamedText& table, const CsvColumn& x, const CsvColumn& y,
                    const CsvPick& pick, Curve::Scale scale) {
    if (content.rows.empty())
        throw input_error("the curve file is empty; it needs a header such as 'Q (L/min), R (K/W)'",
                          {table.name, table.text.empty() ? 0 : 1});
    const CsvRow& header = content.rows.front();
    const Where at_header{table.name, header.line};
    const Column x_column = find_column(header.cells, x, 0, at_header),
                 y_column = find_column(header.cells, y, 1, at_header);
    std::vector<Picked> picked = picked_columns(header, pick, at_header);
    std::vector<double> xs, ys;
    std::string before;
    for (std::size_t k = 1; k < content.rows.size(); ++k) {
        const auto& cells = content.rows[k].cells;
        const Where where{table.name, content.rows[k].line};
        if (cells.size() > header.cells.size())
            throw input_error(
                fmt::format("{} values under {} headings; check for decimal commas", cells.size(), header.cells.size()),
                where);
        if (!std::all_of(picked.begin(), picked.end(),
                         [&](Picked& p) { return p.position < cells.size() && p.holds(cells[p.position]); }))
            continue;
        xs.push_back(number_in(cells, x_column, table.decimal_comma, where));
        ys.push_back(number_in(cells, y_column, table.decimal_comma, where));
        if (xs.size() > 1 && !(xs.back() > xs[xs.size() - 2]))
            throw input_error(
                fmt::format("'{}' is {} after {}; rows must be sorted by it, without repeats; several curves in one "
                            "table are told apart by where: {{COLUMN: CELL}}",
                            x_column.heading.name, cells[x_column.position], before),
                where);
        before = cells[x_column.position];
    }
    if (xs.empty())
        for (const Picked& p : picked)
            throw input_error(fmt::format("no row has '{}' = {}; the column holds {}", p.heading.name, p.wanted,
                                          fmt::join(p.seen, ", ")),
                              at_header);
    try {
        Curve curve = Curve::table(std::move(xs), std::move(ys), scale);
        curve.source = std::filesystem::path(table.name).filename().string();
        return curve;
    } catch (const Error& e) {
        throw input_error(e.message, {table.name, 0});
    }
}

Curve read_curve_csv(const std::filesystem::path& file, const CsvColumn& x, const CsvColumn& y, Curve::Scale scale) {
    return curve_of_table({file.string(), read_regular_file(file, largest_table, "the curve file", Error::Kind::io)}, x,
                          y, {}, scale);
}

}  // namespace kelvolt
