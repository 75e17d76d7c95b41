/// The format of cases, declared once: what may stand in each block of keys. The readers take keys, words, units and
/// bounds from here, and the JSON Schema is made of it.
#pragma once

#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>

namespace kelvolt::format {

struct Section;

/// What numbers are accepted, in SI.
struct Bounds {
    double lo = -std::numeric_limits<double>::infinity(), hi = std::numeric_limits<double>::infinity();
    bool above = false;          ///< `lo` itself is refused
    std::string_view refusal{};  ///< ends the message "run: duration = -1 s ...", e.g. "must be above 0"

    bool hold(double x) const { return (above ? x > lo : x >= lo) && x <= hi; }
};

/// What the value of a key may be.
struct Form {
    enum class Kind {
        anything,
        nothing,     ///< the key without a value
        version,     ///< of the format: 1
        text,        ///< may look like a number: a date
        truth,       ///< true or false
        whole,       ///< a whole number within `bounds`
        quantity,    ///< a number in SI, or text with a unit
        word,        ///< one of `words`
        paths,       ///< a path or pattern, or a list of them
        connection,  ///< a -> b -> c
        list,        ///< of `item`
        map,         ///< of names to `item`
        section,     ///< a block of the keys of `section`
        either       ///< one of `forms`
    };
    Kind kind = Kind::anything;
    std::string_view unit{};  ///< of a quantity; empty: that of what it is for
    Bounds bounds{};          ///< of a quantity and a whole number
    std::span<const std::string_view> words{};
    const Form* item = nullptr;
    int least = 0, most = 0;  ///< items of a list or map; most = 0: any number
    bool names = false;       ///< of a map: its keys are names of components or ports
    const Section* section = nullptr;
    std::span<const Form> forms{};
};

struct Key {
    enum class Presence {
        optional,
        required,
        one_of,   ///< exactly one of the keys so marked is there
        some_of,  ///< at least one of them
    };
    std::string_view name;
    Form form;
    std::string_view doc{};
    Presence presence = Presence::optional;
    /// What to write where it is missing; of an optional key that stands beside the wrong one: why.
    std::string_view remedy{};
    std::array<std::string_view, 4> with{};  ///< the keys of `one_of` it goes with; none: with all

    bool goes_with(std::string_view choice) const;
};

/// A block of keys.
struct Section {
    std::string_view name;
    std::span<const Key> keys;
    std::string_view doc{};
    std::string_view remedy{};  ///< of a required key that has none of its own
    bool open = false;          ///< further keys are those of a model

    const Key* find(std::string_view key) const;
    /// Of a key that the section has.
    const Form& form(std::string_view key) const { return find(key)->form; }
    const std::string_view& remedy_of(const Key& key) const { return key.remedy.empty() ? remedy : key.remedy; }
};

extern const Section whole_case, settings, fluid, fluid_table, component, component_table, conductor, assembly, profile,
    step, square_wave, apply, event, limit, power, scheme, contingencies, power_limit, swings, harmonics, load_spectrum,
    spectrum, demand, scenario, knob, record, run, start, library_entry, row_table;
/// Values of parameters by type, written as blocks.
extern const Section number_block, word_block, curve_block, power_law;

/// All of the above.
std::span<const Section* const> sections();

}  // namespace kelvolt::format
