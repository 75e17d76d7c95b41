/// A case: one YAML file, read, checked and built into a network with its inputs, events, limits and settings.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "solver/case/edit.hpp"
#include "solver/case/knobs.hpp"
#include "solver/case/library.hpp"
#include "solver/case/power_section.hpp"
#include "solver/network/paths.hpp"
#include "solver/transient/profile.hpp"

namespace kelvolt {

/// A value in use without a primary source, in SI and in the unit of the parameter.
struct Assumption {
    std::string path;  ///< of the one component, a pattern for elements of arrays, or the library entry
    std::string parameter, unit;
    double value, lo, hi;  ///< lo, hi: NaN if no range is given; for a curve: factors on it
    std::string grade, source;
    int count;                          ///< components that use it
    std::vector<std::string> elements;  ///< paths of these components
};
/// Parameters that follow a profile: value = scale * profile.
struct Input {
    std::vector<std::size_t> positions;  ///< in Values::params
    Profile profile;
    double scale;
    std::string text;
    double phase;  ///< delay of the profile [s]
    Where where;
    bool log = false;  ///< read from a table, so that its ends are those of what was logged
};
/// Parameters that change at a time, at once or along a ramp [s].
struct Event {
    double time;
    std::vector<std::size_t> positions;
    bool relative;
    double value, ramp;
    std::string text;
    std::string component;  ///< what it changes, or the pattern that names several
    Where where;
};
/// A limit set by the case. min, max and spread are NaN if not given; SI.
struct LimitRule {
    std::vector<ValueRef> of;
    double min, max;
    double spread;  ///< largest (highest - lowest)/mean of the values, all at the same time
    std::string id, basis, quantity;
    /// Texts of a verdict on the spread.
    struct SpreadTexts {
        std::string id, element, quantity;
    } spread_texts{};
};
struct RecordSettings {
    double every = 1.0;  ///< s
    bool all = false;
    std::vector<std::string> also;
};
struct RunSettings {
    double duration = 0.0;  ///< s; 0: a steady state only
    double tolerance = 1e-4;
    std::string start = "steady";  ///< or "T"
    double T_start = not_given;    ///< K, with start "T"
    std::string steady_at;         ///< nominal | mean | a time; empty where the case does not say it
    double begins = not_given;     ///< date and time at the begin, s since 1970 UTC
};
/// A short name defined by an assembly: `owner` is the assembly's path without indices.
struct ShortName {
    std::string owner, name;
    std::vector<std::string> targets;
};

/// An operating case: values that differ from those of the case. Texts as given, checked when the case was read.
struct Scenario {
    std::string name, about;
    std::vector<std::pair<std::string, std::string>> set;
};

struct BuiltCase {
    std::string text;  ///< with the edits made on it when it was read; empty of a case built in code
    std::string file, title, about;
    std::filesystem::path folder;              ///< to which the paths of files are relative
    std::vector<std::filesystem::path> allow;  ///< further folders whose files it may name
    Network network;
    std::vector<Input> inputs;
    std::vector<Event> events;  ///< in order of time
    std::vector<LimitRule> limits;
    RecordSettings record;
    RunSettings run;
    PowerSection power;
    std::vector<Scenario> scenarios;
    std::vector<Knob> knobs;
    std::vector<Assumption> assumptions;
    std::vector<Assumption> tolerances;  ///< values with a source that states a range
    std::vector<std::string> sources;    ///< of the values in use, each once
    std::vector<ShortName> short_names;
    std::vector<std::string> warnings;  ///< about the text itself; every solution repeats them
    bool strict = false;

    /// Which load the steady state is for: nominal | mean | a time.
    std::string_view steady_load() const {
        return run.steady_at.empty() ? std::string_view("nominal") : std::string_view(run.steady_at);
    }
    /// Which load the steady state is for that a run begins from: unless the case says it, that of the profiles at the
    /// begin of the run, so that the run does not begin with a jump of its own.
    std::string_view start_load() const { return run.steady_at.empty() && !inputs.empty() ? "0 s" : steady_load(); }
    /// As find_parameters; the pattern may also be a short name of an assembly.
    std::vector<ValueRef> parameters(std::string_view pattern, const Where& where = {}) const;
    /// The knob of that name; null if there is none.
    const Knob* knob(std::string_view name) const;
    /// Whether the case accepts that this load, or a part that contains it, is without supply.
    bool accepts_lost(std::string_view path) const;
};

/// Reads a case. Files that it names must lie in its folder, in the library, or in one of the folders `allow`.
BuiltCase load_case(const std::filesystem::path& file, std::vector<std::filesystem::path> allow = {});
/// `folder`: to which CSV files and library entries beside the case are relative. Error(input) also if an edit
/// names no text of the case.
BuiltCase read_case(std::string text, std::string file_name, std::filesystem::path folder,
                    const std::vector<Edit>& edits = {}, std::vector<std::filesystem::path> allow = {});
/// The case anew from its text, with edits. Error(input) when it was built in code.
BuiltCase read_anew(const BuiltCase& of, const std::vector<Edit>& edits = {});

}  // namespace kelvolt
