/// Units and quantity kinds: text such as "3.2 gpm" or "12 psig" becomes an SI number here, and nowhere else.
/// Our alias table (aliases.cpp) is read first, then UDUNITS-2. Everything here may be called from several threads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kelvolt {

/// What a number means, beyond its dimension.
enum class Kind {
    plain,
    temperature,             ///< a point on the scale: 40 degC is 313.15 K
    temperature_difference,  ///< 4 degC is 4 K, 9 degF is 5 K
    pressure_absolute,       ///< unit must say so: bar(a), psia; bar(g) and psig get one standard atmosphere added
    pressure_gauge,          ///< above one standard atmosphere; unit must say so
    pressure_difference      ///< bar, kPa, psi, psid; refuses gauge and absolute units
};

/// One standard atmosphere, Pa (CGPM 1954): what separates gauge from absolute at the edge, whatever the site's
/// altitude.
constexpr double standard_atmosphere = 101325.0;

/// An SI unit in UDUNITS text ("kg/s", "m3/s", "W/K", "1") and the kind. Flow coefficients are "m3/s/Pa^0.5".
struct Quantity {
    std::string unit;
    Kind kind = Kind::plain;
};

/// The quantity of a declared SI unit: "K" temperature, "delta_K" difference, "Pa" pressure difference, "Pa_abs",
/// "Pa_gauge"; everything else is plain. An unknown unit is refused. Cached.
Quantity declared(std::string_view si_unit);

/// "1.1 kW", "40 degC", "12 psig", "85 %", "0.25" (SI) to SI; throws Error(input) that quotes the text and names good
/// units. A temperature without unit below 150 is refused: somebody meant degC.
double to_si(std::string_view text, const Quantity& quantity);
double to_si(double number, std::string_view unit, const Quantity& quantity);

/// For output; the empty unit and the SI unit itself leave the number as it is, and no range is checked.
double from_si(double si, std::string_view unit, const Quantity& quantity);

/// What a thermal engineer reads. "si": degC, kPa, L/min, kW; "us": degF, psi, gpm, ft; "si-field": degC, bar, m3/h,
/// kW. A quantity without a row of its own is shown in its SI unit.
std::string display_unit(const Quantity& quantity, std::string_view system);

/// A few units the quantity takes, for messages and documentation; the first is the usual one.
std::vector<std::string> accepted_units(const Quantity& quantity);

/// The quantity in words, "mass flow" or "temperature difference".
std::string quantity_name(const Quantity& quantity);

/// A duration: "10 min", "1 h", "500 ms"; a plain number is seconds.
double seconds(std::string_view text);

}  // namespace kelvolt
