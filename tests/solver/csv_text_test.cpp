// rows and cells of CSV text, headings with units, decimals, and dates with offsets.
#include "solver/curve/csv_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "solver/case/built_case.hpp"
#include "solver/case/outside.hpp"
#include "solver/case/time_stamps.hpp"

using namespace kelvolt;
using Cells = std::vector<std::string>;

namespace {

std::string refusal(auto&& work) {
    try {
        work();
    } catch (const Error& e) {
        return e.what();
    }
    return "";
}
bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

double moment(const std::string& text, const std::string& zone = "") {
    return TimeStamps(zone, "at").read({{text, {"log.csv", 2}}}).front();
}

}  // namespace

TEST_CASE("cells are split at the separator that the headings show, and rows know their lines") {
    const CsvRows rows =
        split_csv({"t.csv", "# about\n\na;b;c\n1,5;\"x;y\";\n;;\n\"two\nlines\";\"say \"\"so\"\"\";z"});
    REQUIRE(rows.rows.size() == 3);
    CHECK(rows.separator == ';');
    CHECK(rows.rows[0].line == 3);
    CHECK(rows.rows[1].cells == Cells{"1,5", "x;y", ""});
    CHECK(rows.rows[2].line == 6);
    CHECK(rows.rows[2].cells == Cells{"two\nlines", "say \"so\"", "z"});
    CHECK(split_csv({"t.csv", "sep=|\na|b\n"}).rows[0].cells == Cells{"a", "b"});
    CHECK(split_csv({"t.csv", "Title\nmore\na,b\n1,2\n"}, 3).rows[0].cells == Cells{"a", "b"});
}

TEST_CASE("text that is no table is refused with its line") {
    CHECK(holds(refusal([] { split_csv({"t.csv", "a,b\n\"open"}); }), "t.csv:2: a cell begins with a double quote"));
    CHECK(holds(refusal([] { split_csv({"t.csv", "a,b\n\"x\"y,1"}); }), "t.csv:2: 'y' stands behind"));
    CHECK(holds(refusal([] { split_csv({"t.csv", "a\nK\xFC"}); }), "t.csv:2: the byte 0xfc"));
    CHECK(holds(refusal([] {
                    split_csv({"t.csv",
                               "\xFF\xFE"
                               "a"});
                }),
                "UTF-16"));
}

TEST_CASE("a heading is a name and a unit, and the element of a path is no unit") {
    const auto parts = [](const char* text) {
        const Heading h = heading_of(text);
        return h.name + "|" + h.unit;
    };
    CHECK(parts("power (kW)") == "power|kW");
    CHECK(parts("p (bar(g))") == "p|bar(g)");
    CHECK(parts("Q [L/min]") == "Q|L/min");
    CHECK(parts("tray[1].power") == "tray[1].power|");
    CHECK(parts("tray[1]") == "tray[1]|");
    CHECK(parts("tray[*].power (W)") == "tray[*].power|W");
    CHECK(parts("power) (") == "power) (|");
}

TEST_CASE("decimals take the point or the comma that is said, never both") {
    CHECK(with_decimal_point("1.5 kW", false) == "1.5 kW");
    CHECK(with_decimal_point("-1,5e3", true) == "-1.5e3");
    CHECK(with_decimal_point("L1,a", false) == "L1,a");
    CHECK(holds(refusal([] { with_decimal_point("1,5", false); }), "decimal: comma"));
    CHECK(holds(refusal([] { with_decimal_point("1.5", true); }), "separators of thousands"));
    CHECK(holds(refusal([] { with_decimal_point("1.234.567", false); }), "separators of thousands"));
    CHECK(holds(refusal([] { with_decimal_point("1'234", false); }), "separators of thousands"));
}

TEST_CASE("moments in UTC and with offsets") {
    CHECK(moment("1970-01-02T00:00Z") == 86400.0);
    CHECK(moment("2026-07-01 12:00:30.5+02:00") == moment("2026-07-01T10:00:30.5Z"));
    CHECK(moment("2026-07-01T12:00", "UTC") == moment("2026-07-01T12:00Z"));
    CHECK(TimeStamps::text_of(moment("2026-02-28T23:59:59Z")) == "2026-02-28T23:59:59Z");
    CHECK(holds(refusal([] { moment("2026-07-01"); }), "does not say its offset"));
    for (const char* none : {"2026-02-30Z", "2026-07-01T24:00Z", "2026-07-01T12:00+2", "1.7.2026", "noon"})
        CHECK(holds(refusal([&] { moment(none); }), "is no date and time"));
}

TEST_CASE("without the program around it, workbooks and zones are refused with the way out") {
    CHECK(holds(refusal([] { moment("2026-07-01T12:00", "Europe/Berlin"); }), "Python package"));
    CHECK(holds(refusal([] {
                    read_case("kelvolt: 1\ncomponents: {a: {table: sheet.xlsx, model: ambient}}\n", "c.yaml",
                              KELVOLT_SOURCE_DIR "/data/cases");
                }),
                "there is no file"));
}

TEST_CASE("rows of a table are components by name, and the text of the case keeps the table") {
    const BuiltCase made = read_case(
        "kelvolt: 1\ncomponents:\n  room: {model: ambient, T: 300}\n  racks:\n    model: heat_source\n"
        "    table: |\n      name, power (kW), port\n      R01, 12, room.port\n      R02, 7, room.port\n",
        "c.yaml", "");
    CHECK(made.parameters("racks.*.power").size() == 2);
    CHECK(made.text.find("files:") == std::string::npos);
    const BuiltCase row = load_case(KELVOLT_SOURCE_DIR "/data/cases/row_of_racks.yaml");
    CHECK(row.text.find("row_of_racks.csv\": |\n") != std::string::npos);
    const BuiltCase again = read_case(row.text, "c.yaml", "");
    const auto &now = again.network.initial.params, &before = row.network.initial.params;
    CHECK(std::equal(now.begin(), now.end(), before.begin(), before.end(), [](double a, double b) {
        return a == b || (std::isnan(a) && std::isnan(b));  // NaN: not given
    }));
    CHECK(again.run.begins == moment("2026-07-01T10:00Z"));
}
