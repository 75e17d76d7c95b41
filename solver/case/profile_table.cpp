// Profiles from tables: their times are numbers with a unit, or time stamps.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "solver/case/profiles.hpp"
#include "solver/case/time_stamps.hpp"
#include "solver/case/timeline.hpp"
#include "solver/curve/curve_csv.hpp"
#include "solver/regular_file.hpp"

namespace kelvolt {

namespace {

/// Where the column of times stands, if it holds time stamps.
std::optional<std::size_t> column_of_stamps(const CsvRows& rows, const std::string& time) {
    if (rows.rows.size() < 2) return std::nullopt;
    const auto& head = rows.rows.front().cells;
    for (std::size_t k = 0; k < head.size(); ++k)
        if (head[k] == time && k < rows.rows[1].cells.size() && TimeStamps::is_stamp(rows.rows[1].cells[k])) return k;
    return std::nullopt;
}

// time stamps become seconds since the begin of the run
void count_from_begin(CsvRows& rows, std::size_t column, const std::string& file, const ProfileColumns& columns) {
    std::vector<Stamp> stamps;
    for (std::size_t k = 1; k < rows.rows.size(); ++k) {
        const CsvRow& row = rows.rows[k];
        const Where where{file, row.line};
        if (column >= row.cells.size() || row.cells[column].empty())
            throw input_error(fmt::format("no value in column '{}'", columns.time), where);
        stamps.emplace_back(row.cells[column], where);
    }
    const std::vector<double> at = TimeStamps(columns.zone, fmt::format("column '{}'", columns.time)).read(stamps);
    if (std::isnan(columns.begins))
        throw input_error(fmt::format("column '{}' holds time stamps, so the case must say the moment at which the run "
                                      "begins; add run: {{begins: {}}} for the first of them",
                                      columns.time, TimeStamps::text_of(at.front())),
                          stamps.front().second);
    for (std::size_t k = 0; k < at.size(); ++k) {
        if (k > 0 && !(at[k] > at[k - 1]))
            throw input_error(fmt::format("'{}' is {} after {}; rows must be sorted by it, without repeats",
                                          columns.time, stamps[k].first, stamps[k - 1].first),
                              stamps[k].second);
        rows.rows[k + 1].cells[column] = fmt::format("{:.17g}", at[k] - columns.begins);
    }
    rows.rows.front().cells[column] += " (s)";
}

}  // namespace

Profile profile_of_table(const NamedText& table, const ProfileColumns& columns) {
    CsvRows rows = split_csv(table);
    if (const auto column = column_of_stamps(rows, columns.time)) count_from_begin(rows, *column, table.name, columns);
    const Curve curve = curve_of_rows(rows, table, {columns.time, "s"}, {columns.value, columns.unit}, {});
    const bool since_1970 = !std::isnan(columns.begins) && curve.x().front() >= first_stamp;
    Profile::Points points;
    for (std::size_t i = 0; i < curve.x().size(); ++i)
        points.emplace_back(curve.x()[i] - (since_1970 ? columns.begins : 0.0), curve.y()[i]);
    return Profile::piecewise(std::move(points), columns.between);
}

Profile profile_from_csv(const std::filesystem::path& file, const std::string& time, const std::string& value,
                         const std::string& declared_unit, Profile::Between between) {
    return profile_of_table({file.string(), read_regular_file(file, largest_table, "the table", Error::Kind::io)},
                            {time, value, declared_unit, between});
}

}  // namespace kelvolt
