// curves from CSV: units, separators, column choice, and one clear complaint with file and line for each fault.
#include "solver/curve/curve_csv.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "solver/error.hpp"

using namespace kelvolt;
using doctest::Approx;

namespace {

const CsvColumn flow{"Q", "m3/s"}, R{"R", "K/W"};

std::filesystem::path written(const std::string& text) {
    const auto file = std::filesystem::temp_directory_path() / "kelvolt_curve_test.csv";
    std::ofstream(file, std::ios::binary) << text;
    return file;
}
Curve read(const std::string& text) { return read_curve_csv(written(text), flow, R); }

/// The message for a faulty file must hold `part` and the line.
void refuses(const std::string& text, int line, const std::string& part) {
    CAPTURE(text);
    try {
        read(text);
        FAIL("accepted");
    } catch (const Error& e) {
        CHECK(e.kind == Error::Kind::input);
        CHECK(e.where.line == line);
        CHECK(e.where.file.find("kelvolt_curve_test.csv") != std::string::npos);
        CHECK_MESSAGE(e.message.find(part) != std::string::npos, e.message);
    }
}

}  // namespace

TEST_CASE("a file in L/min and K/W becomes a curve in SI") {
    const Curve curve = read("Q (L/min), R (K/W)\n0.4, 0.0389\n1.0, 0.0245\n2.4, 0.0197\n");
    CHECK(curve(1e-3 / 60) == Approx(0.0245));
    CHECK(curve.hi() == Approx(2.4e-3 / 60));
    CHECK(curve.source == "kelvolt_curve_test.csv");
}

TEST_CASE(
    "comments, blank lines, a byte order mark, carriage returns, quotes, semicolons, tabs and brackets are read") {
    const double at = 1e-3 / 60;
    CHECK(read("\xEF\xBB\xBF# digitised\r\n\r\n\"Q (L/min)\";\"R (K/W)\"\r\n0.5;0.03\r\n1;0.02\r\n")(at) ==
          Approx(0.02));
    CHECK(read("Q [L/min]\tR [K/kW]\n+0.5\t30\n# middle\n1e0\t20")(at) == Approx(0.02));
}

TEST_CASE("columns are found by name in any order, or by place when no name is given") {
    CHECK(read("R (K/W), dp (kPa), Q (L/min)\n0.03, 1, 0.5\n0.02, x, 1\n")(1e-3 / 60) == Approx(0.02));
    const auto file = written("flow (L/min), anything (K/W)\n0.5, 0.03\n1, 0.02\n");
    CHECK(read_curve_csv(file, {"", "m3/s"}, {"", "K/W"})(1e-3 / 60) == Approx(0.02));
}

TEST_CASE("a ratio needs no unit") {
    const auto file = written("x, y\n0, 0.1\n1, 0.9\n");
    CHECK(read_curve_csv(file, {"x", "1"}, {"y", "1"})(1.0) == Approx(0.9));
}

TEST_CASE("each fault is named with its line") {
    refuses("Q (L/min), R (K/W), R (K/kW)\n1, 0.02, 20\n", 1, "two columns are called 'R'");
    refuses("", 0, "empty");
    refuses("# nothing\n", 1, "empty");
    refuses("Q (L/min)\n1\n2\n", 1, "no column 'R'");
    refuses("Q (L/min), r (K/W)\n1, 2\n", 1, "did you mean 'r'?");
    refuses("Q, R (K/W)\n1, 2\n", 1, "column 'Q' has no unit");
    refuses("Q (kg), R (K/W)\n1, 2\n", 1, "column 'Q'");
    refuses("Q (L/min), R (K/W)\n1, 0.2\n0.5, 0.1\n", 3, "rows must be sorted");
    refuses("Q (L/min), R (K/W)\n1, 0.2\n1, 0.1\n", 3, "without repeats");
    refuses("Q (L/min), R (K/W)\n1, 0.2\n2, nan\n", 3, "finite");
    refuses("Q (L/min), R (K/W)\n1, 0.2\n2, 1e999\n", 3, "not a number");
    refuses("Q (L/min), R (K/W)\n1, 0.2\ntwo, 0.1\n", 3, "'two' in column 'Q' is not a number");
    refuses("Q (L/min), R (K/W)\n1, 0.2\n2 L/min, 0.1\n", 3, "units belong in the header");
    refuses("Q (L/min), R (K/W)\n1, 0.2\n2\n", 3, "no value in column 'R'");
    refuses("Q (L/min), R (K/W)\n1,5, 0,2\n", 2, "decimal commas");
    refuses("Q (L/min); R (K/W)\n1,5; 0,2\n", 2, "decimals take a point");
    refuses("Q (L/min), R (K/W)\n1, 0.2\n", 0, "at least 2 points");
}

TEST_CASE("a file that is not there is told as such") {
    try {
        read_curve_csv("no/such.csv", flow, R);
        FAIL("accepted");
    } catch (const Error& e) {
        CHECK(e.kind == Error::Kind::no_file);
    }
}
