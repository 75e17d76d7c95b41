#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <string>

#include "solver/error.hpp"
#include "solver/units/units.hpp"

using namespace kelvolt;

namespace {

struct Value {
    const char* text;
    const char* declared_unit;
    double si;
};

// closed factors are carried with ten digits or more
constexpr double relative = 1e-9;

void check_value(const std::string& text, const char* declared_unit, double si) {
    CAPTURE(text);
    const double read = to_si(text, declared(declared_unit));
    CHECK(std::abs(read - si) <= relative * std::abs(si) + 1e-300);
}

}  // namespace

TEST_CASE("every alias of flow, volume and flow coefficient has its closed value") {
    // US gallon: 231 cubic inches, 3.785411784 L (NIST Handbook 44, appendix C)
    const Value values[] = {{"1 gpm", "m3/s", 6.30901964e-5},
                            {"1 GPM", "m3/s", 6.30901964e-5},
                            {"60 gph", "m3/s", 6.30901964e-5},
                            {"60 LPM", "m3/s", 1e-3},
                            {"60 lpm", "m3/s", 1e-3},
                            {"60 L/min", "m3/s", 1e-3},
                            {"60 l/min", "m3/s", 1e-3},
                            {"3600 LPH", "m3/s", 1e-3},
                            {"3600 lph", "m3/s", 1e-3},
                            {"36 m3/h", "m3/s", 0.01},
                            {"36 m³/h", "m3/s", 0.01},
                            {"1 cfm", "m3/s", 0.3048 * 0.3048 * 0.3048 / 60},
                            {"1 CFM", "m3/s", 4.719474432e-4},
                            {"1 gal", "m3", 3.785411784e-3},
                            {"1 gallon", "m3", 3.785411784e-3},
                            {"2 gallons", "m3", 7.570823568e-3},
                            {"1 kgal", "m3", 3.785411784},
                            {"5 L", "m3", 5e-3},
                            {"5 l", "m3", 5e-3},
                            {"5 mL", "m3", 5e-6},
                            {"5 ml", "m3", 5e-6},
                            {"5 cc", "m3", 5e-6},
                            {"5 cm3", "m3", 5e-6},
                            {"1 lbm", "kg", 0.45359237},
                            // Q = Kv sqrt(dp / 1 bar) for water of 1000 kg/m3: 1 m3/h over sqrt(1e5 Pa)
                            {"1 Kv", "m3/s/Pa^0.5", 1 / 3600.0 / std::sqrt(1e5)},
                            {"1 m3/h/bar^0.5", "m3/s/Pa^0.5", 8.784104611578e-7},
                            // one gpm over sqrt(1 psi)
                            {"1 Cv", "m3/s/Pa^0.5", 6.30901964e-5 / std::sqrt(6894.757293168361)},
                            {"1 gpm/psi^0.5", "m3/s/Pa^0.5", 6.30901964e-5 / std::sqrt(6894.757293168361)},
                            {"2 m3/s/Pa^0.5", "m3/s/Pa^0.5", 2.0},
                            {"1.5 LPM/kW", "m3/J", 1.5e-3 / 60 / 1000},
                            {"2 gpm/RT", "m3/J", 2 * 6.30901964e-5 / 3516.85284206667}};
    for (const Value& v : values) check_value(v.text, v.declared_unit, v.si);
    // IEC 60534: Kv = 0.865 Cv
    const Quantity coefficient = declared("m3/s/Pa^0.5");
    CHECK(from_si(to_si("1 Cv", coefficient), "Kv", coefficient) == doctest::Approx(0.865).epsilon(1e-3));
}

TEST_CASE("every alias of pressure has its closed value") {
    // psi: one pound-force on a square inch, 0.45359237 * 9.80665 / 0.0254^2 Pa (NIST SP 811)
    const Value values[] = {{"1 psi", "Pa", 6894.757293168361},
                            {"1 psid", "Pa", 6894.757293168361},
                            {"1 psia", "Pa_abs", 6894.757293168361},
                            {"1 psig", "Pa_gauge", 6894.757293168361},
                            {"0 psig", "Pa_abs", 101325},
                            {"2 bar", "Pa", 2e5},
                            {"2 bard", "Pa", 2e5},
                            {"2 barg", "Pa_abs", 301325},
                            {"2 bar(g)", "Pa_abs", 301325},
                            {"2 bar (g)", "Pa_abs", 301325},
                            {"2 bar g", "Pa_abs", 301325},
                            {"2 bar gauge", "Pa_abs", 301325},
                            {"2 bar_gauge", "Pa_abs", 301325},
                            {"2 bar(gauge)", "Pa_abs", 301325},
                            {"2 bara", "Pa_abs", 2e5},
                            {"2 bar(a)", "Pa_abs", 2e5},
                            {"2 bar(abs)", "Pa_abs", 2e5},
                            {"2 bar abs", "Pa_abs", 2e5},
                            {"2 bar a", "Pa_abs", 2e5},
                            {"2 bar absolute", "Pa_abs", 2e5},
                            {"2 bara", "Pa_gauge", 98675},
                            {"2 bar(d)", "Pa", 2e5},
                            {"2 bar(diff)", "Pa", 2e5},
                            {"2 bar diff", "Pa", 2e5},
                            {"2 mbar", "Pa", 200},
                            {"2 mbard", "Pa", 200},
                            {"2 mbarg", "Pa_gauge", 200},
                            {"2 mbara", "Pa_abs", 200},
                            {"30 kPa", "Pa", 3e4},
                            {"30 kPad", "Pa", 3e4},
                            {"30 kPag", "Pa_gauge", 3e4},
                            {"30 kPaa", "Pa_abs", 3e4},
                            {"3 MPa", "Pa", 3e6},
                            {"3 MPad", "Pa", 3e6},
                            {"3 MPag", "Pa_gauge", 3e6},
                            {"3 MPaa", "Pa_abs", 3e6},
                            {"3 Pad", "Pa", 3},
                            {"3 Pag", "Pa_gauge", 3},
                            {"3 Paa", "Pa_abs", 3},
                            {"3 Pa", "Pa", 3},
                            {"3 Pa(g)", "Pa_gauge", 3},
                            {"3 Pa(abs)", "Pa_abs", 3},
                            {"3 Pa_abs", "Pa_abs", 3},
                            {"200000", "Pa_abs", 2e5},
                            // conventional water: 1000 kg/m3 under 9.80665 m/s2
                            {"1 inH2O", "Pa", 249.08891},
                            {"1 inWC", "Pa", 249.08891},
                            {"1 inwg", "Pa", 249.08891},
                            {"1 mmH2O", "Pa", 9.80665},
                            {"1 mH2O", "Pa", 9806.65},
                            {"1 ftH2O", "Pa", 2989.06692},
                            {"1 ftWC", "Pa", 2989.06692},
                            {"1 ft of water", "Pa", 2989.06692},
                            {"2 feet of water", "Pa", 5978.13384},
                            {"1 ft H2O", "Pa", 2989.06692},
                            {"1 in. of water", "Pa", 249.08891},
                            {"1 in of water", "Pa", 249.08891},
                            {"2 inches of water", "Pa", 498.17782},
                            {"1 in. w.c.", "Pa", 249.08891},
                            {"1 in. w.g.", "Pa", 249.08891},
                            {"1 in WC", "Pa", 249.08891},
                            {"1 inwc", "Pa", 249.08891},
                            {"1 mm of water", "Pa", 9.80665},
                            {"1 mmWC", "Pa", 9.80665},
                            {"1 m of water", "Pa", 9806.65},
                            // standard atmosphere, exact (NIST SP 811); mercury at 13 595.1 kg/m3
                            {"1 atm", "Pa", 101325},
                            {"1 atm(a)", "Pa_abs", 101325},
                            {"1 atma", "Pa_abs", 101325},
                            {"760 mmHg", "Pa", 101325.0144354},
                            {"1 inHg", "Pa", 3386.388640341},
                            {"1 kPa/(L/min)2", "Pa s2/m6", 1e3 * 6e4 * 6e4}};
    for (const Value& v : values) check_value(v.text, v.declared_unit, v.si);
}

TEST_CASE("every alias of heat, power and energy has its closed value") {
    // ton of refrigeration: 12000 BTU/h; BTU (IT) 1055.05585262 J; hp: 550 ft lbf/s (NIST SP 811)
    const Value values[] = {{"1 RT", "W", 3516.85284206667},
                            {"1 TR", "W", 3516.85284206667},
                            {"1 tonR", "W", 3516.85284206667},
                            {"1 ton of refrigeration", "W", 3516.85284206667},
                            {"2 tons of refrigeration", "W", 7033.70568413333},
                            {"1 refrigeration ton", "W", 3516.85284206667},
                            {"1 ton_of_refrigeration", "W", 3516.85284206667},
                            {"1 hp", "W", 745.6998715822702},
                            {"1 HP", "W", 745.6998715822702},
                            {"1 MBH", "W", 293.07107017222},
                            {"12000 BTUH", "W", 3516.85284206667},
                            {"12000 BTU/h", "W", 3516.85284206667},
                            {"1.1 kW", "W", 1100},
                            {"1 BTU", "J", 1055.05585262},
                            {"1 Btu", "J", 1055.05585262},
                            {"1 Wh", "J", 3600},
                            {"1 kWh", "J", 3.6e6},
                            {"1 kW h", "J", 3.6e6},
                            {"1 MWh", "J", 3.6e9},
                            {"1 GWh", "J", 3.6e12},
                            {"2 Ah", "C", 7200},
                            {"2 mAh", "C", 7.2},
                            {"2 A h", "C", 7200},
                            {"1 kvar", "var", 1e3},
                            {"1 kVAr", "var", 1e3},
                            {"1 var", "var", 1},
                            {"1 VAr", "var", 1},
                            {"1 Mvar", "var", 1e6},
                            {"1 MVAr", "var", 1e6},
                            {"1 VA", "VA", 1},
                            {"1 kVA", "VA", 1e3},
                            {"1 MVA", "VA", 1e6},
                            {"1 KVA", "VA", 1e3},
                            {"1 kva", "VA", 1e3},
                            {"1 kVAR", "var", 1e3},
                            {"1 KVAR", "var", 1e3},
                            {"1 kVar", "var", 1e3},
                            {"1 VAR", "var", 1},
                            {"1 MVAR", "var", 1e6}};
    for (const Value& v : values) check_value(v.text, v.declared_unit, v.si);
}

TEST_CASE("voltages and currents carry the words of a name plate") {
    const Value values[] = {{"480 VAC", "V", 480},   {"480 Vac", "V", 480}, {"480 V AC", "V", 480},
                            {"54 VDC", "V", 54},     {"54 V DC", "V", 54},  {"13.8 kVAC", "V", 13800},
                            {"13.8 KV", "V", 13800}, {"5 amps", "A", 5},    {"5 A AC", "A", 5},
                            {"5 ADC", "A", 5}};
    for (const Value& v : values) check_value(v.text, v.declared_unit, v.si);
}

TEST_CASE("cross-sections of conductors are read in circular mils and by their wire gauge") {
    // kcmil: 1000 circles of 0.001 in, pi/4 0.0254^2 mm2 each (NIST SP 811, B.8); AWG n: 0.127 mm 92^((36 - n)/39)
    // across (ASTM B258): 36 AWG 0.005 in and 4/0 AWG 0.46 in exactly
    constexpr double mil = std::numbers::pi / 4 * 25.4e-6 * 25.4e-6;
    const Value values[] = {{"1 kcmil", "m2", 1e3 * mil},    {"500 kcmil", "m2", 2.533537395488e-4},
                            {"350 MCM", "m2", 350e3 * mil},  {"1 cmil", "m2", mil},
                            {"36 AWG", "m2", 25.0 * mil},    {"4/0 AWG", "m2", 460.0 * 460.0 * mil},
                            {"AWG 4/0", "m2", 211600 * mil}, {"240 mm2", "m2", 240e-6}};
    for (const Value& v : values) check_value(v.text, v.declared_unit, v.si);
    const auto area = [](const char* text) { return to_si(text, declared("m2")); };
    CHECK(area("12 AWG") == doctest::Approx(3.309e-6).epsilon(1e-3));  // 3.31 mm2 (NEC chapter 9, table 8)
    CHECK(area("2/0 AWG") == doctest::Approx(67.43e-6).epsilon(1e-3));
    CHECK(area("12 AWG") / area("18 AWG") == doctest::Approx(std::pow(92.0, 12.0 / 39.0)));
    for (const char* wrong : {"41 AWG", "5/0 AWG", "-1 AWG", "1.5 AWG", "AWG", "0/0 AWG", "12 13 AWG"})
        CHECK_THROWS_AS(area(wrong), Error);
    CHECK_THROWS_AS(to_si("12 AWG", declared("m")), Error);
}

TEST_CASE("a ton is refused as it stands: it may be heat or one of three masses") {
    for (const char* unit : {"W", "kg", "kg/s", "J"})
        for (const char* text : {"5 ton", "5 tons", "5 ton/h"}) try {
                to_si(text, declared(unit));
                FAIL("a ton was read");
            } catch (const Error& e) {
                CHECK(e.message.find("RT") != std::string::npos);
                CHECK(e.message.find("short_ton") != std::string::npos);
            }
    check_value("1 tonne", "kg", 1000);
    check_value("1 short_ton", "kg", 907.18474);
    check_value("1 t", "kg", 1000);
}

TEST_CASE("a temperature is a point and a temperature difference is a step, in every spelling") {
    const Value values[] = {{"40 degC", "K", 313.15},        {"40 C", "K", 313.15},
                            {"40 °C", "K", 313.15},          {"40°C", "K", 313.15},
                            {"40 ℃", "K", 313.15},           {"40 deg C", "K", 313.15},
                            {"40 celsius", "K", 313.15},     {"40 Celsius", "K", 313.15},
                            {"-40 degC", "K", 233.15},       {"-40 degF", "K", 233.15},
                            {"104 F", "K", 313.15},          {"104 °F", "K", 313.15},
                            {"104 deg F", "K", 313.15},      {"104 fahrenheit", "K", 313.15},
                            {"104 Fahrenheit", "K", 313.15}, {"563.67 degR", "K", 313.15},
                            {"313.15 K", "K", 313.15},       {"313.15 kelvin", "K", 313.15},
                            {"313.15 degK", "K", 313.15},    {"313.15", "K", 313.15},
                            {"313150 mK", "K", 313.15},      {"4 K", "delta_K", 4},
                            {"4 degC", "delta_K", 4},        {"4 C", "delta_K", 4},
                            {"4 °C", "delta_K", 4},          {"4", "delta_K", 4},
                            {"9 degF", "delta_K", 5},        {"9 F", "delta_K", 5},
                            {"9 delta_degF", "delta_K", 5},  {"9 delta_F", "delta_K", 5},
                            {"4 delta_K", "delta_K", 4},     {"4 ΔK", "delta_K", 4},
                            {"4 delta_degC", "delta_K", 4},  {"4 delta_C", "delta_K", 4},
                            {"20 mK", "delta_K", 0.02}};
    for (const Value& v : values) check_value(v.text, v.declared_unit, v.si);
}

TEST_CASE("degrees inside another unit are differences") {
    const Value values[] = {{"0.03 K/W", "K/W", 0.03},
                            {"0.03 degC/W", "K/W", 0.03},
                            {"0.03 C/W", "K/W", 0.03},
                            {"0.03 °C/W", "K/W", 0.03},
                            {"0.09 degF/W", "K/W", 0.05},
                            {"30 mK/W", "K/W", 0.03},
                            {"5 W/K", "W/K", 5},
                            {"5 kW/K", "W/K", 5e3},
                            {"5 kW/°C", "W/K", 5e3},
                            {"1.9 BTU/(h degF)", "W/K", 1.9 * 1055.05585262 / 3600 * 1.8},
                            {"4.2 J/(g K)", "J/(kg K)", 4200},
                            {"0.39 %/K", "1/K", 0.0039},
                            {"3 W/(m K)", "W/(m K)", 3},
                            {"3 W/mK", "W/(m K)", 3},
                            {"3 W/(mK)", "W/(m K)", 3},
                            {"3 W/m-K", "W/(m K)", 3},
                            {"3 W/m K", "W/(m K)", 3},
                            {"3 W/(m·K)", "W/(m K)", 3},
                            {"3 W/m·K", "W/(m K)", 3},
                            {"3 W/m/K", "W/(m K)", 3},
                            {"3 W m-1 K-1", "W/(m K)", 3},
                            {"3 W·m⁻¹·K⁻¹", "W/(m K)", 3},
                            {"3 W/m²K", "W/(m2 K)", 3},
                            {"3 W/(m2K)", "W/(m2 K)", 3},
                            {"3 W/m2-K", "W/(m2 K)", 3},
                            {"3 W/m^2/K", "W/(m2 K)", 3},
                            {"3 W/m**2/K", "W/(m2 K)", 3},
                            {"3 J/kgK", "J/(kg K)", 3},
                            {"3 J/(kgK)", "J/(kg K)", 3},
                            {"3 J/kg-K", "J/(kg K)", 3},
                            {"3 kJ/kgK", "J/(kg K)", 3e3},
                            {"3 kJ/(kgK)", "J/(kg K)", 3e3},
                            {"3 kJ/kg K", "J/(kg K)", 3e3},
                            // 1 BTU/(h ft degF) = 1.730735 W/(m K) (NIST SP 811, B.8)
                            {"1 BTU/(h ft degF)", "W/(m K)", 1055.05585262 / 3600 / 0.3048 * 1.8}};
    for (const Value& v : values) check_value(v.text, v.declared_unit, v.si);
    CHECK(to_si("1 BTU/(h ft degF)", declared("W/(m K)")) == doctest::Approx(1.730735).epsilon(1e-6));
}

TEST_CASE("every alias of viscosity, turning speed, time and ratio has its closed value") {
    constexpr double turn = 2 * std::numbers::pi;
    const Value values[] = {{"2 cP", "Pa s", 2e-3},
                            {"2 mPa.s", "Pa s", 2e-3},
                            {"2 mPa s", "Pa s", 2e-3},
                            {"2 mPas", "Pa s", 2e-3},
                            {"2 Pas", "Pa s", 2},
                            {"2 mPa·s", "Pa s", 2e-3},
                            {"2 cSt", "m2/s", 2e-6},
                            {"2 mm²/s", "m2/s", 2e-6},
                            {"60 rpm", "rad/s", turn},
                            {"60 RPM", "rad/s", turn},
                            {"1 rps", "rad/s", turn},
                            {"1 Hz", "rad/s", turn},
                            {"60 rpm", "Hz", 1},
                            {"60 rpm", "1/s", 1},
                            {"50 Hz", "Hz", 50},
                            {"2 kHz", "Hz", 2e3},
                            {"2 MHz", "Hz", 2e6},
                            {"2 GHz", "Hz", 2e9},
                            {"50 Hz", "1/s", 50},
                            {"50 1/s", "Hz", 50},
                            {"180 degree/s", "rad/s", turn / 2},
                            {"2 rad/s", "rad/s", 2},
                            {"7.6 V/Hz", "V s", 7.6},
                            {"60 rpm/s", "rad/s2", turn},
                            {"2 ms", "s", 2e-3},
                            {"2 s", "s", 2},
                            {"2 secs", "s", 2},
                            {"2 min", "s", 120},
                            {"2 mins", "s", 120},
                            {"2 minutes", "s", 120},
                            {"2 h", "s", 7200},
                            {"2 hr", "s", 7200},
                            {"2 hrs", "s", 7200},
                            {"2 hours", "s", 7200},
                            {"2 d", "s", 172800},
                            {"2 days", "s", 172800},
                            {"85 %", "1", 0.85},
                            {"85%", "1", 0.85},
                            {"85 pct", "1", 0.85},
                            {"85 percent", "1", 0.85},
                            {"3 ppm", "1", 3e-6},
                            {"0.25", "1", 0.25},
                            {"4.7 µF", "F", 4.7e-6},
                            {"4.7 F", "F", 4.7},
                            {"3 C", "C", 3},
                            {"10 mΩ", "ohm", 0.01},
                            {"3 L per min", "m3/s", 5e-5},
                            {"2 in", "m", 0.0508},
                            {"2 ft", "m", 0.6096}};
    for (const Value& v : values) check_value(v.text, v.declared_unit, v.si);
    CHECK(seconds("10 min") == 600.0);
    CHECK(seconds("1 h") == 3600.0);
    CHECK(seconds("500 ms") == 0.5);
    CHECK(seconds("2.5") == 2.5);
    CHECK_THROWS_AS(seconds("5 m"), Error);
}
