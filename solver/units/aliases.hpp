/// The unit names Kelvolt reads itself, before UDUNITS-2 is asked.
#pragma once

#include <span>
#include <string_view>

namespace kelvolt::units {

/// What a unit says about its number beyond the dimension.
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

/// Whole texts whose usual meaning differs from what the grammar gives, such as "W/mK"; a blank or a dot is written
/// '-'.
std::span<const Alias> whole_texts();

/// Words at the end of a pressure unit, "(g)" or " abs".
struct PressureEnding {
    std::string_view text;
    Mark mark;
};
std::span<const PressureEnding> pressure_endings();

}  // namespace kelvolt::units
