#include "solver/units/units.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "solver/error.hpp"
#include "solver/units/aliases.hpp"
#include "solver/units/families.hpp"

using namespace kelvolt;

namespace {

// the message of the refusal, empty when the text was taken
std::string refused(std::string_view text, const Quantity& quantity) {
    try {
        to_si(text, quantity);
    } catch (const Error& error) {
        CHECK(error.kind == Error::Kind::input);
        return error.what();
    }
    return "";
}
std::string refused(std::string_view text, const char* declared_unit) { return refused(text, declared(declared_unit)); }

bool says(const std::string& message, std::string_view part) {
    INFO(message);
    return message.find(part) != std::string::npos;
}

// declared units that cover every dimension and kind the alias table speaks of
const std::vector<std::string> declarations{"m3/s", "m3",      "kg",       "m3/s/Pa^0.5", "Pa",   "Pa_abs", "Pa_gauge",
                                            "W",    "var",     "VA",       "J",           "C",    "K",      "delta_K",
                                            "Pa s", "m2/s",    "rad/s",    "Hz",          "J/m2", "1/s",    "s",
                                            "1",    "W/(m K)", "W/(m2 K)", "J/(kg K)",    "V",    "A",      "m2"};

}  // namespace

TEST_CASE("numbers are read in every usual form") {
    const Quantity length = declared("m");
    CHECK(to_si("1e-3", length) == 1e-3);
    CHECK(to_si("1.5", length) == 1.5);
    CHECK(to_si("-3", length) == -3.0);
    CHECK(to_si("+3 m", length) == 3.0);
    CHECK(to_si(".5 m", length) == 0.5);
    CHECK(to_si("  2E2mm ", length) == doctest::Approx(0.2));
    CHECK(to_si(20.0, "mm", length) == doctest::Approx(0.02));
    CHECK(to_si(20.0, "", length) == 20.0);
}

TEST_CASE("every alias comes back from SI as it went in") {
    int trips = 0;
    for (const auto table : {units::aliases(), units::whole_texts()}) {
        for (const units::Alias& alias : table) {
            const std::string unit(alias.name);
            CAPTURE(unit);
            int taken = 0;
            for (const std::string& text : declarations) {
                const Quantity quantity = declared(text);
                if (!refused("412.5 " + unit, quantity).empty()) continue;
                ++taken;
                CHECK(from_si(to_si(412.5, unit, quantity), unit, quantity) == doctest::Approx(412.5).epsilon(1e-9));
            }
            CHECK(taken > 0);
            trips += taken;
        }
    }
    CHECK(trips > 150);
}

TEST_CASE("what is shown and what is suggested can be read again, in every quantity and system") {
    for (const units::Family& row : units::families()) {
        const Quantity quantity{std::string(row.si), row.kind};
        CAPTURE(row.name);
        for (const char* system : {"si", "us", "si-field"}) {
            const std::string unit = display_unit(quantity, system);
            CAPTURE(unit);
            const double shown = from_si(412.5, unit, quantity);
            CHECK(std::isfinite(shown));
            if (unit != quantity.unit) CHECK(to_si(shown, unit, quantity) == doctest::Approx(412.5));
        }
        for (const std::string& unit : accepted_units(quantity)) CHECK(refused("412.5 " + unit, quantity) == "");
    }
}

TEST_CASE("engineers read the units of their site") {
    CHECK(display_unit(declared("K"), "si") == "degC");
    CHECK(display_unit(declared("K"), "us") == "degF");
    CHECK(display_unit(declared("Pa"), "si") == "kPa");
    CHECK(display_unit(declared("Pa"), "us") == "psi");
    CHECK(display_unit(declared("Pa_abs"), "SI-field") == "bar(a)");
    CHECK(display_unit(declared("m3/s"), "us") == "gpm");
    CHECK(display_unit(declared("m^3/s"), "si") == "L/min");  // another spelling of the same unit
    CHECK(display_unit(declared("W"), "us") == "kW");
    CHECK(display_unit(declared("kg m2"), "us") == "kg m2");  // no row of its own
    CHECK(from_si(313.15, "degF", declared("K")) == doctest::Approx(104.0));
    CHECK(from_si(5.0, "delta_degF", declared("delta_K")) == doctest::Approx(9.0));
    CHECK_THROWS_AS(display_unit(declared("K"), "metric"), Error);
}

TEST_CASE("a wrong dimension is refused for every kind, with the text, the quantity and good units") {
    for (const units::Family& row : units::families()) {
        const Quantity quantity{std::string(row.si), row.kind};
        const std::string message = refused("5 mol", quantity);
        CHECK(says(message, "'5 mol'"));
        CHECK(says(message, row.name));
        CHECK(says(message, accepted_units(quantity).front()));
    }
    CHECK(says(refused("5 kW", "kg/s"), "'kW' is not a unit of mass flow"));
    CHECK(says(refused("6 L/min", "kg/s"), "density"));
    CHECK(says(refused("0.1 kg/s", "m3/s"), "density"));
    CHECK(says(refused("2.5 m3/h", "m3/s/Pa^0.5"), "2.5 Kv"));
    CHECK(says(refused("5 m", "Pa"), "mH2O"));
    CHECK(says(refused("5 ft head", "Pa"), "mH2O"));
    CHECK(says(refused("5 ton", "W"), "RT"));
    CHECK(says(refused("2 bar(g)", "W"), "not a unit of power"));
    CHECK(says(refused("3 gal", "m"), "not a unit of length"));
}

TEST_CASE("a reciprocal is not a conversion, though UDUNITS takes it for one") {
    CHECK(says(refused("5 W/K", "K/W"), "inverse"));
    CHECK(says(refused("5 s", "Hz"), "inverse"));
}

TEST_CASE("a pressure says what it is measured from, and a difference does not") {
    for (const char* text : {"30 psig", "30 psia", "2 barg", "2 bara", "2 bar(g)", "2 kPa(abs)"}) {
        CHECK(says(refused(text, "Pa"), "write psi, psid"));
    }
    for (const char* text : {"2 bar", "30 psi", "200 kPa", "200000 Pa", "2 atm"}) {
        CHECK(says(refused(text, "Pa_abs"), "bar(a) or bar(g)"));
        CHECK(says(refused(text, "Pa_gauge"), "bar(a) or bar(g)"));
    }
    CHECK(says(refused("5 psid", "Pa_abs"), "difference"));
    CHECK(says(refused("-2 bar(g)", "Pa_abs"), "below vacuum"));
    CHECK(says(refused("5 psig/gpm", "Pa s/m3"), "only pressure differences"));
}

TEST_CASE("a bare number for a temperature is kelvin, and degC forgotten is noticed") {
    CHECK(says(refused("40", "K"), "40 degC"));
    CHECK(says(refused("149.9", "K"), "149.9 degC"));
    CHECK(to_si("150", declared("K")) == 150.0);
    CHECK_THROWS_AS(to_si(40.0, "", declared("K")), Error);
    CHECK(says(refused("5 delta_K", "K"), "difference"));
    CHECK(says(refused("-300 degC", "K"), "absolute zero"));
}

TEST_CASE("active, reactive and apparent power are not exchanged") {
    CHECK(says(refused("5 kVA", "W"), "different quantities"));
    CHECK(says(refused("5 kvar", "W"), "different quantities"));
    CHECK(says(refused("5 kW", "VA"), "different quantities"));
    CHECK(says(refused("5 kVA", "var"), "different quantities"));
}

TEST_CASE("a turning speed says turns or radians") { CHECK(says(refused("2900 1/min", "rad/s"), "rpm")); }

TEST_CASE("text that is not one number with one unit is refused") {
    for (const std::string text : {"",          "   ",          "nan",     "inf",      "-inf",        "NaN m",
                                   "m",         "five m",       "+-5",     " +-5",     "--5",         "-",
                                   ".",         "1e400",        "1e-400",  "1e308 km", "1 2",         "1 000 m",
                                   "1,000 m",   "1,5 m",        "1_000 m", "1'000 m",  "1.2.3",       "5 m 3",
                                   "5 m extra", "5 m;",         "5 @ m",   "5 m @ 3",  "5 m since 3", "5 (m",
                                   "5 m)",      "5 )m(",        "5 m*",    "5 *m",     "5 ()m",       "5 m//m m",
                                   "5 m/",      "5 m^0.5",      "5 m(g)",  "5 m^999",  "5 m\x01",     "0x10 m",
                                   "5 1",       "5 lg(re 1 m)", "5 m - m"}) {
        CAPTURE(text);
        const std::string message = refused(text, "m");
        CHECK(says(message, "expected a length"));
    }
    CHECK(says(refused("1,000 W", "W"), "without separators"));
    CHECK(says(refused("5 KW", "W"), "did you mean 'kW'?"));
    CHECK(says(refused("5 gmp", "m3/s"), "did you mean 'gpm'?"));
    CHECK_THROWS_AS(to_si(std::nan(""), "m", declared("m")), Error);
    CHECK_THROWS_AS(to_si(std::numeric_limits<double>::infinity(), "", declared("m")), Error);
    // a megabyte of nonsense is neither parsed nor repeated
    CHECK(refused("5 " + std::string(1 << 20, 'x'), "m").size() < 300);
    CHECK(refused("5 " + std::string(60, '('), "m") != "");
}

TEST_CASE("models declare coherent SI units") {
    CHECK(declared("K").kind == Kind::temperature);
    CHECK(declared("delta_K").unit == "K");
    CHECK(declared("delta_K").kind == Kind::temperature_difference);
    CHECK(declared("Pa").kind == Kind::pressure_difference);
    CHECK(declared("Pa_abs").unit == "Pa");
    CHECK(declared("Pa_abs").kind == Kind::pressure_absolute);
    CHECK(declared("Pa_gauge").kind == Kind::pressure_gauge);
    CHECK(declared("W/(m2 K)").kind == Kind::plain);
    for (const std::string bad : {"", "kW", "degC", "mm", "h", "psig", "L/min", "rpm", "%", "nonsense", "Kv"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(declared(bad), Error);
    }
}

TEST_CASE("misspelt names find their neighbour within a third of their length") {
    const std::vector<std::string> names{"length", "diameter", "roughness", "minor_loss", "m_flow"};
    CHECK(did_you_mean("lenght", names) == " (did you mean 'length'?)");
    CHECK(did_you_mean("diametre", names) == " (did you mean 'diameter'?)");
    CHECK(did_you_mean("mflow", names) == " (did you mean 'm_flow'?)");
    CHECK(did_you_mean("Length", names) == " (did you mean 'length'?)");
    CHECK(did_you_mean("power", names) == "");
    CHECK(did_you_mean("", names) == "");
    CHECK(did_you_mean(std::string(1 << 20, 'l'), names) == "");
    CHECK(did_you_mean("length", {}) == "");
}

TEST_CASE("four threads read units at once and agree") {
    const std::vector<std::string> texts{"3.2 gpm", "12 L/min", "4 m3/h", "7 cfm",
                                         "9 LPH",   "5 gal/h",  "2 mL/s", "8 ft3/min"};
    std::vector<double> sums(4, 0.0);
    std::vector<std::thread> threads;
    for (double& sum : sums) {
        threads.emplace_back([&sum, &texts] {
            for (int round = 0; round < 200; ++round) {
                // quantities that only this round has read force the slow path in every thread
                const Quantity quantity{round % 2 == 0 ? "m3/s" : "m3 s-1", Kind::plain};
                for (const std::string& text : texts) sum += to_si(text, quantity);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(sums[0] > 0.0);
    for (const double sum : sums) CHECK(sum == sums[0]);
}

TEST_CASE("fifty thousand lengths add up to their closed sum") {
    std::vector<std::string> texts;
    for (int i = 0; i < 50000; ++i) texts.push_back(fmt::format("{} m", 0.02 + 1e-6 * i));
    const Quantity length = declared("m");
    double sum = 0.0;
    for (const std::string& text : texts) sum += to_si(text, length);
    // sum of an arithmetic series: 50000 * 0.02 + 1e-6 * 49999 * 50000 / 2
    CHECK(sum == doctest::Approx(2249.975));
}
