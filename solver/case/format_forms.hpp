/// What the declarations of the format are made of: forms of values, bounds and words.
#pragma once

#include "solver/case/format.hpp"

namespace kelvolt::format::forms {

using enum Form::Kind;
using enum Key::Presence;

inline constexpr Form any{anything}, empty{nothing}, words_of_text{text}, yes_or_no{truth}, patterns{paths};

inline constexpr Form quantity_in(std::string_view unit, Bounds bounds = {}) {
    Form form{quantity};
    form.unit = unit;
    form.bounds = bounds;
    return form;
}
inline constexpr Form whole_to(int most) {
    Form form{whole};
    form.bounds = {1.0, double(most)};
    return form;
}
inline constexpr Form one_word(std::span<const std::string_view> words) {
    Form form{Form::Kind::word};
    form.words = words;
    return form;
}
inline constexpr Form list_of(const Form& item, int least = 0, int most = 0) {
    Form form{list};
    form.item = &item;
    form.least = least;
    form.most = most;
    return form;
}
inline constexpr Form map_of(const Form& item) {
    Form form{map};
    form.item = &item;
    return form;
}
inline constexpr Form named(const Form& item, int least = 0) {
    Form form = map_of(item);
    form.names = true;
    form.least = least;
    return form;
}
inline constexpr Form block(const Section& section) {
    Form form{Form::Kind::section};
    form.section = &section;
    return form;
}
inline constexpr Form either_of(std::span<const Form> forms) {
    Form form{either};
    form.forms = forms;
    return form;
}

inline constexpr Bounds above_zero{0.0, std::numeric_limits<double>::infinity(), true, "must be above 0"};
inline constexpr Bounds not_negative{0.0, std::numeric_limits<double>::infinity(), false, "must not be negative"};
inline constexpr Bounds of_the_run{0.0, std::numeric_limits<double>::infinity(), false,
                                   "lies before the run, which begins at 0 s"};
inline constexpr Bounds of_starts{200.0, 600.0, false, "is outside its range (200 to 600 K)"};
inline constexpr Bounds of_tolerances{0.0, 0.1, true, "is outside its range (above 0 and at most 0.1)"};

inline constexpr Form seconds = quantity_in("s"), plain_number = quantity_in("1"), own_quantity = quantity_in(""),
                      start_temperature = quantity_in("K", of_starts);
inline constexpr Form pair = list_of(own_quantity, 2, 2);

// A: primary text; B: transcription; C: estimate; D: derived here; M: commonly quoted; assumed
inline constexpr std::string_view grades[] = {"A", "B", "C", "D", "M", "assumed"};
inline constexpr Form grade = one_word(grades);
inline constexpr std::string_view grade_doc = "A (primary text) to D (derived here), M (commonly quoted), or assumed";
inline constexpr Form one_apply = block(apply), values_by_path = map_of(own_quantity);

}  // namespace kelvolt::format::forms
