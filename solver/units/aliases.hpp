/// The names of units that Kelvolt itself defines; UDUNITS-2 is used for all others.
#pragma once

#include <span>
#include <string_view>

namespace kelvolt::units {

/// Meaning of a number that its unit states besides the dimension.
enum class Mark { none, temperature, temperature_step, gauge, absolute, difference, turning, reactive, apparent };

/// SI value = number * scale + offset, in the unit `si` (text for UDUNITS-2).
struct Alias {
    std::string_view name;
    double scale;
    std::string_view si;
    Mark mark = Mark::none;
    double offset = 0.0;
};

/// Names for single units, usable inside an expression such as "gpm/kW".
std::span<const Alias> aliases();

/// Whole texts whose usual meaning differs from that of the grammar, such as "W/mK"; a blank or a dot is written as
/// "-".
std::span<const Alias> whole_texts();

/// Words at the end of a unit of pressure, "(g)" or " abs".
struct PressureEnding {
    std::string_view text;
    Mark mark;
};
std::span<const PressureEnding> pressure_endings();

}  // namespace kelvolt::units
