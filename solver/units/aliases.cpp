#include "solver/units/aliases.hpp"

#include <array>
#include <numbers>

#include "solver/scalar/gravity.hpp"

namespace kelvolt::units {
namespace {

// exact by definition: NIST SP 811 (2008), appendix B, and NIST Handbook 44, appendix C
constexpr double foot = 0.3048, pound = 0.45359237;
constexpr double gallon = 231 * 0.0254 * 0.0254 * 0.0254;    // US liquid, 231 cubic inches
constexpr double psi = pound * gravity / (0.0254 * 0.0254);  // 6894.757 Pa
constexpr double btu = 1055.05585262;                        // international table
constexpr double ton_of_refrigeration = 12000 * btu / 3600;  // 3516.853 W
constexpr double horsepower = 550 * foot * pound * gravity;  // mechanical, 745.700 W
constexpr double water_column = 1000 * gravity;              // per metre, conventional: 1000 kg/m3
constexpr double mercury_column = 13595.1 * gravity;         // per metre, conventional: 13 595.1 kg/m3 at 0 degC
constexpr double circular_mil = std::numbers::pi / 4 * 25.4e-6 * 25.4e-6;  // area of a circle of 0.001 in diameter
constexpr double litre = 1e-3, minute = 60, hour = 3600, fahrenheit = 5.0 / 9.0;
constexpr double turn = 2 * std::numbers::pi;  // rotational speeds are in rad/s inside the program

constexpr double square_root(double x) {
    double root = x;
    for (int i = 0; i < 60; ++i) root = 0.5 * (root + x / root);
    return root;
}
// Q = Kv sqrt(dp/(1 bar) (1000 kg/m3)/rho), Q in m3/h; Cv likewise with gpm and psi (IEC 60534-1). Both refer to 1000
// kg/m3. Water at 60 degF, the reference of Cv, is 0.1 % lighter, which is far below the tolerance of rated
// coefficients.
constexpr double kv = 1 / hour / square_root(1e5), cv = gallon / minute / square_root(psi);

constexpr auto K = Mark::temperature, dK = Mark::temperature_step, g = Mark::gauge, a = Mark::absolute,
               d = Mark::difference, rot = Mark::turning, q = Mark::reactive, s = Mark::apparent;

constexpr Alias names[] = {
    // flow and volume
    {"gpm", gallon / minute, "m3/s"},
    {"GPM", gallon / minute, "m3/s"},
    {"gph", gallon / hour, "m3/s"},
    {"LPM", litre / minute, "m3/s"},
    {"lpm", litre / minute, "m3/s"},
    {"LPH", litre / hour, "m3/s"},
    {"lph", litre / hour, "m3/s"},
    {"cfm", foot* foot* foot / minute, "m3/s"},
    {"CFM", foot* foot* foot / minute, "m3/s"},
    {"gal", gallon, "m3"},
    {"gallon", gallon, "m3"},
    {"gallons", gallon, "m3"},
    {"kgal", 1e3 * gallon, "m3"},
    {"l", litre, "m3"},
    {"L", litre, "m3"},
    {"mL", 1e-6, "m3"},
    {"ml", 1e-6, "m3"},
    {"cc", 1e-6, "m3"},
    {"lbm", pound, "kg"},
    // flow coefficients of valves and couplings
    {"Kv", kv, "m3/s/Pa^0.5"},
    {"Cv", cv, "m3/s/Pa^0.5"},
    // pressure
    {"psi", psi, "Pa"},
    {"psid", psi, "Pa", d},
    {"psig", psi, "Pa", g},
    {"psia", psi, "Pa", a},
    {"bar", 1e5, "Pa"},
    {"bard", 1e5, "Pa", d},
    {"barg", 1e5, "Pa", g},
    {"bara", 1e5, "Pa", a},
    {"mbar", 1e2, "Pa"},
    {"mbard", 1e2, "Pa", d},
    {"mbarg", 1e2, "Pa", g},
    {"mbara", 1e2, "Pa", a},
    {"kPa", 1e3, "Pa"},
    {"kPad", 1e3, "Pa", d},
    {"kPag", 1e3, "Pa", g},
    {"kPaa", 1e3, "Pa", a},
    {"MPa", 1e6, "Pa"},
    {"MPad", 1e6, "Pa", d},
    {"MPag", 1e6, "Pa", g},
    {"MPaa", 1e6, "Pa", a},
    {"Pad", 1, "Pa", d},
    {"Pag", 1, "Pa", g},
    {"Paa", 1, "Pa", a},
    {"atm", 101325, "Pa"},
    {"atma", 101325, "Pa", a},
    {"inHg", 0.0254 * mercury_column, "Pa"},
    {"mmHg", 1e-3 * mercury_column, "Pa"},
    {"inH2O", 0.0254 * water_column, "Pa"},
    {"inWC", 0.0254 * water_column, "Pa"},
    {"inwg", 0.0254 * water_column, "Pa"},
    {"inwc", 0.0254 * water_column, "Pa"},
    {"inWG", 0.0254 * water_column, "Pa"},
    {"mmWC", 1e-3 * water_column, "Pa"},
    {"mmwc", 1e-3 * water_column, "Pa"},
    {"mWC", water_column, "Pa"},
    {"mwc", water_column, "Pa"},
    {"ftWC", foot* water_column, "Pa"},
    {"ftwc", foot* water_column, "Pa"},
    {"ftwg", foot* water_column, "Pa"},
    {"mmH2O", 1e-3 * water_column, "Pa"},
    {"mH2O", water_column, "Pa"},
    {"ftH2O", foot* water_column, "Pa"},
    // heat and power
    {"RT", ton_of_refrigeration, "W"},
    {"TR", ton_of_refrigeration, "W"},
    {"tonR", ton_of_refrigeration, "W"},
    {"tonsR", ton_of_refrigeration, "W"},
    {"ton_of_refrigeration", ton_of_refrigeration, "W"},
    {"tons_of_refrigeration", ton_of_refrigeration, "W"},
    {"hp", horsepower, "W"},
    {"HP", horsepower, "W"},
    {"BTUh", btu / hour, "W"},
    {"MBH", 1000 * btu / hour, "W"},
    {"BTUH", btu / hour, "W"},
    {"BTU", btu, "J"},
    {"Btu", btu, "J"},
    {"Wh", hour, "J"},
    {"kWh", 1e3 * hour, "J"},
    {"MWh", 1e6 * hour, "J"},
    {"GWh", 1e9 * hour, "J"},
    {"Ah", hour, "C"},
    {"mAh", 1e-3 * hour, "C"},
    {"var", 1, "W", q},
    {"VAr", 1, "W", q},
    {"kvar", 1e3, "W", q},
    {"kVAr", 1e3, "W", q},
    {"Mvar", 1e6, "W", q},
    {"MVAr", 1e6, "W", q},
    {"VA", 1, "W", s},
    {"kVA", 1e3, "W", s},
    {"MVA", 1e6, "W", s},
    {"Var", 1, "W", q},
    {"VAR", 1, "W", q},
    {"kVar", 1e3, "W", q},
    {"kVAR", 1e3, "W", q},
    {"KVAR", 1e3, "W", q},
    {"KVAr", 1e3, "W", q},
    {"MVar", 1e6, "W", q},
    {"MVAR", 1e6, "W", q},
    {"va", 1, "W", s},
    {"kva", 1e3, "W", s},
    {"KVA", 1e3, "W", s},
    // voltage and current; alternating values are RMS everywhere
    {"KV", 1e3, "V"},
    {"VAC", 1, "V"},
    {"Vac", 1, "V"},
    {"VDC", 1, "V"},
    {"Vdc", 1, "V"},
    {"kVAC", 1e3, "V"},
    {"kVac", 1e3, "V"},
    {"kVDC", 1e3, "V"},
    {"kVdc", 1e3, "V"},
    {"Vrms", 1, "V"},
    {"AAC", 1, "A"},
    {"Aac", 1, "A"},
    {"ADC", 1, "A"},
    {"Adc", 1, "A"},
    {"amp", 1, "A"},
    {"amps", 1, "A"},
    {"Amp", 1, "A"},
    {"Amps", 1, "A"},
    // cross-sections of conductors
    {"kcmil", 1e3 * circular_mil, "m2"},
    {"MCM", 1e3 * circular_mil, "m2"},
    {"cmil", circular_mil, "m2"},
    {"sqmm", 1e-6, "m2"},
    // temperature
    {"K", 1, "K", K},
    {"kelvin", 1, "K", K},
    {"degK", 1, "K", K},
    {"mK", 1e-3, "K", K},
    {"degC", 1, "K", K, 273.15},
    {"C", 1, "K", K, 273.15},
    {"celsius", 1, "K", K, 273.15},
    {"Celsius", 1, "K", K, 273.15},
    {"degF", fahrenheit, "K", K, 459.67 * fahrenheit},
    {"F", fahrenheit, "K", K, 459.67 * fahrenheit},
    {"fahrenheit", fahrenheit, "K", K, 459.67 * fahrenheit},
    {"Fahrenheit", fahrenheit, "K", K, 459.67 * fahrenheit},
    {"degR", fahrenheit, "K", K},
    {"delta_K", 1, "K", dK},
    {"delta_degC", 1, "K", dK},
    {"delta_C", 1, "K", dK},
    {"delta_degF", fahrenheit, "K", dK},
    {"delta_F", fahrenheit, "K", dK},
    // viscosity
    {"cP", 1e-3, "Pa.s"},
    {"mPas", 1e-3, "Pa.s"},
    {"Pas", 1, "Pa.s"},
    {"cSt", 1e-6, "m2/s"},
    // turning speed, angle, time, ratios
    {"rpm", turn / minute, "rad/s", rot},
    {"RPM", turn / minute, "rad/s", rot},
    {"rps", turn, "rad/s", rot},
    {"Hz", turn, "rad/s", rot},
    {"kHz", 1e3 * turn, "rad/s", rot},
    {"MHz", 1e6 * turn, "rad/s", rot},
    {"GHz", 1e9 * turn, "rad/s", rot},
    {"deg", turn / 360, "rad"},
    {"degrees", turn / 360, "rad"},
    {"ms", 1e-3, "s"},
    {"s", 1, "s"},
    {"min", minute, "s"},
    {"mins", minute, "s"},
    {"minutes", minute, "s"},
    {"h", hour, "s"},
    {"hr", hour, "s"},
    {"hrs", hour, "s"},
    {"hours", hour, "s"},
    {"d", 24 * hour, "s"},
    {"days", 24 * hour, "s"},
    {"secs", 1, "s"},
    {"%", 0.01, "1"},
    {"pct", 0.01, "1"},
    {"percent", 0.01, "1"},
    {"ppm", 1e-6, "1"},
};

// a denominator without brackets, as in data sheets; the grammar would read W/mK as watt per millikelvin
constexpr Alias whole[] = {
    {"W/mK", 1, "W/(m.K)"},
    {"W/(mK)", 1, "W/(m.K)"},
    {"W/m-K", 1, "W/(m.K)"},
    {"cal/cm2", 41840, "J/m2"},  // of 4.184 J, as in IEEE 1584 and NFPA 70E
    {"W/m2K", 1, "W/(m2.K)"},
    {"W/(m2K)", 1, "W/(m2.K)"},
    {"W/m2-K", 1, "W/(m2.K)"},
    {"J/kgK", 1, "J/(kg.K)"},
    {"J/(kgK)", 1, "J/(kg.K)"},
    {"J/kg-K", 1, "J/(kg.K)"},
    {"kJ/kgK", 1e3, "J/(kg.K)"},
    {"kJ/(kgK)", 1e3, "J/(kg.K)"},
    {"kJ/kg-K", 1e3, "J/(kg.K)"},
    {"deg-C", 1, "K", K, 273.15},
    {"deg-F", fahrenheit, "K", K, 459.67 * fahrenheit},
    {"ton-of-refrigeration", ton_of_refrigeration, "W"},
    {"tons-of-refrigeration", ton_of_refrigeration, "W"},
    {"refrigeration-ton", ton_of_refrigeration, "W"},
    {"refrigeration-tons", ton_of_refrigeration, "W"},
    {"ft-of-water", foot* water_column, "Pa"},
    {"feet-of-water", foot* water_column, "Pa"},
    {"ft.-of-water", foot* water_column, "Pa"},
    {"ft-H2O", foot* water_column, "Pa"},
    {"ft-WC", foot* water_column, "Pa"},
    {"ft-w.c.", foot* water_column, "Pa"},
    {"in-of-water", 0.0254 * water_column, "Pa"},
    {"inch-of-water", 0.0254 * water_column, "Pa"},
    {"inches-of-water", 0.0254 * water_column, "Pa"},
    {"in.-of-water", 0.0254 * water_column, "Pa"},
    {"in-H2O", 0.0254 * water_column, "Pa"},
    {"in.-H2O", 0.0254 * water_column, "Pa"},
    {"in-WC", 0.0254 * water_column, "Pa"},
    {"in.-WC", 0.0254 * water_column, "Pa"},
    {"in-w.c.", 0.0254 * water_column, "Pa"},
    {"in.-w.c.", 0.0254 * water_column, "Pa"},
    {"in-w.g.", 0.0254 * water_column, "Pa"},
    {"in.-w.g.", 0.0254 * water_column, "Pa"},
    {"mm-of-water", 1e-3 * water_column, "Pa"},
    {"m-of-water", water_column, "Pa"},
    {"in-Hg", 0.0254 * mercury_column, "Pa"},
    {"in.-Hg", 0.0254 * mercury_column, "Pa"},
    {"mm-Hg", 1e-3 * mercury_column, "Pa"},
    {"V-AC", 1, "V"},
    {"V-DC", 1, "V"},
    {"kV-AC", 1e3, "V"},
    {"kV-DC", 1e3, "V"},
    {"A-AC", 1, "A"},
    {"A-DC", 1, "A"},
    // UDUNITS has no fractional powers: flow coefficients are compared as text
    {"m3/s/Pa^0.5", 1, "m3/s/Pa^0.5"},
    {"m3/h/bar^0.5", kv, "m3/s/Pa^0.5"},
    {"gpm/psi^0.5", cv, "m3/s/Pa^0.5"},
};

constexpr PressureEnding endings[] = {
    {"(g)", g},  {"(gauge)", g}, {"gauge", g},    {"_gauge", g}, {" g", g},  {"(a)", a},    {"(abs)", a},
    {"_abs", a}, {"abs", a},     {"absolute", a}, {" a", a},     {"(d)", d}, {"(diff)", d}, {" diff", d},
};

}  // namespace

std::span<const Alias> aliases() { return names; }
std::span<const Alias> whole_texts() { return whole; }
std::span<const PressureEnding> pressure_endings() { return endings; }

}  // namespace kelvolt::units
