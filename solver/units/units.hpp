/// Units and kinds of quantities: text such as "3.2 gpm" or "12 psig" is converted to SI here, and nowhere else. The
/// table of aliases (aliases.cpp) is used first, then UDUNITS-2. All functions are thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kelvolt {

/// Meaning of a number, besides its dimension.
enum class Kind {
    plain,
    temperature,             ///< a point on the scale: 40 degC is 313.15 K
    temperature_difference,  ///< 4 degC is 4 K, 9 degF is 5 K
    pressure_absolute,       ///< unit must state it: bar(a), psia; one standard atmosphere is added to bar(g), psig
    pressure_gauge,          ///< relative to one standard atmosphere; the unit must state it
    pressure_difference      ///< bar, kPa, psi, psid; refuses gauge and absolute units
};

/// One standard atmosphere, Pa (CGPM 1954): difference between absolute and gauge pressure on input and output,
/// whatever the altitude of the site.
constexpr double standard_atmosphere = 101325.0;

/// An SI unit in UDUNITS text ("kg/s", "m3/s", "W/K", "1") and the kind. Flow coefficients are "m3/s/Pa^0.5".
struct Quantity {
    std::string unit;
    Kind kind = Kind::plain;
};

/// The quantity of a declared SI unit: "K" temperature, "delta_K" difference, "Pa" pressure difference, "Pa_abs",
/// "Pa_gauge"; all others are plain. An unknown unit is refused. Results are cached.
Quantity declared(std::string_view si_unit);

/// Converts "1.1 kW", "40 degC", "12 psig", "85 %", "0.25" (SI) to SI; throws Error(input) that quotes the text and
/// names accepted units. A temperature below 150 without unit is refused, because it is probably in degC.
double to_si(std::string_view text, const Quantity& quantity);
double to_si(double number, std::string_view unit, const Quantity& quantity);

/// For output; with an empty unit or the SI unit the number is unchanged. No range is checked.
double from_si(double si, std::string_view unit, const Quantity& quantity);

/// Unit for display. "si": degC, kPa, L/min, kW; "us": degF, psi, gpm, ft; "si-field": degC, bar, m3/h, kW. A quantity
/// that is not in the table is shown in its SI unit.
std::string display_unit(const Quantity& quantity, std::string_view system);

/// Some units that the quantity accepts, for messages and documentation; the usual one first.
std::vector<std::string> accepted_units(const Quantity& quantity);

/// The name of the quantity, "mass flow" or "temperature difference".
std::string quantity_name(const Quantity& quantity);

/// A duration: "10 min", "1 h", "500 ms"; a plain number is in seconds.
double seconds(std::string_view text);

}  // namespace kelvolt
