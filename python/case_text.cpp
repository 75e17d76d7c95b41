// The text of cases as plain Python objects, read by the same parser as cases.
#include <charconv>
#include <cmath>

#include "python/bindings.hpp"
#include "solver/case/case.hpp"
#include "solver/case/conductors.hpp"
#include "solver/case/outside.hpp"
#include "solver/case/time_stamps.hpp"
#include "solver/curve/csv_text.hpp"

namespace kelvolt::bindings {

namespace {

/// A word without quotes that is a number or a truth value; None for any other.
py::object typed(const std::string& word) {
    if (const std::optional<bool> truth = yaml::boolean_of(word)) return py::bool_(*truth);
    if (word.find_first_of("0123456789") == std::string::npos) return py::none();
    const char* begin = word.data() + (word[0] == '+' ? 1 : 0);
    const char* const end = word.data() + word.size();
    long long whole = 0;
    if (const auto [stop, status] = std::from_chars(begin, end, whole); status == std::errc() && stop == end)
        return py::int_(whole);
    double number = 0.0;
    if (const auto [stop, status] = std::from_chars(begin, end, number);
        status == std::errc() && stop == end && std::isfinite(number))
        return py::float_(number);
    return py::none();
}

py::object plain(const yaml::Node& node, bool with_types) {
    switch (node.type) {
        case yaml::Node::Type::null:
            break;
        case yaml::Node::Type::text: {
            py::object found = with_types && !node.quoted ? typed(node.text) : py::none();
            return found.is_none() ? py::str(node.text) : found;
        }
        case yaml::Node::Type::list: {
            py::list items;
            for (const yaml::Node& item : node.items) items.append(plain(item, with_types));
            return items;
        }
        case yaml::Node::Type::map: {
            py::dict map;
            for (std::size_t k = 0; k < node.keys.size(); ++k)
                map[py::str(node.keys[k].name)] = plain(node.items[k], with_types);
            return map;
        }
    }
    return py::none();
}

/// Adds the line at which each value of a mapping begins, by the keys that lead to it.
void add_lines(const yaml::Node& node, const py::tuple& at, py::dict& lines) {
    for (std::size_t k = 0; k < node.keys.size(); ++k) {
        const py::tuple inner = at + py::make_tuple(node.keys[k].name);
        lines[inner] = node.keys[k].line;
        add_lines(node.items[k], inner, lines);
    }
}

py::dict harmonics_section(const PowerSection::Harmonics& from) {
    py::list loads;
    for (const auto& [patterns, spectrum] : from.loads)
        loads.append(py::make_tuple(py::tuple(py::cast(patterns)), spectrum));
    py::dict spectra;
    for (const auto& s : from.spectra) spectra[py::str(s.name)] = py::make_tuple(s.order, s.current, s.angle, s.source);
    py::list demand;
    for (const auto& [patterns, I] : from.demand) demand.append(py::make_tuple(py::tuple(py::cast(patterns)), I));
    py::dict section;
    section["demand"] = py::tuple(demand);
    section["default"] = from.standard;
    section["loads"] = py::tuple(loads);
    section["spectra"] = spectra;
    section["summation"] = from.summation;
    section["eddy_loss"] = from.eddy_loss;
    return section;
}

py::dict power_section(const Case& the_case) {
    const PowerSection& from = the_case.subject().power;
    py::dict spaces, also, limits;
    for (const auto& [name, patterns] : from.spaces) spaces[py::str(name)] = py::tuple(py::cast(patterns));
    for (const auto& one : from.also) {
        py::dict values;
        for (const auto& [path, value] : one.values) values[py::str(path)] = py::str(value);
        also[py::str(one.name)] = one.patterns.empty() ? py::object(values) : py::tuple(py::cast(one.patterns));
    }
    for (const auto& limit : from.limits) {
        py::dict bounds;
        if (!std::isnan(limit.max)) bounds["max"] = limit.max;
        if (!std::isnan(limit.min)) bounds["min"] = limit.min;
        bounds["basis"] = limit.basis;
        limits[py::str(limit.key)] = bounds;
    }
    py::list schemes;
    for (const auto& s : from.schemes)
        schemes.append(py::make_tuple(s.name, s.kind, py::tuple(py::cast(s.units)), s.catcher, s.caps, s.cap_reaction));
    py::dict section;
    section["spaces"] = spaces;
    section["it"] = py::tuple(py::cast(from.it));
    section["cooling"] = py::tuple(py::cast(from.cooling));
    section["schemes"] = schemes;
    section["also"] = also;
    section["leave_out"] = py::tuple(py::cast(from.leave_out));
    section["accept_failures"] = py::tuple(py::cast(from.accept_failures));
    section["accept_lost"] = py::tuple(py::cast(from.accept_lost));
    section["limits"] = limits;
    section["harmonics"] = from.harmonics.stated ? py::object(harmonics_section(from.harmonics)) : py::none();
    py::dict dips;
    for (const auto& [name, points] : from.dips) dips[py::str(name)] = py::cast(points);
    section["dips"] = dips;
    section["swings"] = std::isnan(from.swings.duration)
                            ? py::object(py::none())
                            : py::object(py::make_tuple(from.swings.duration, from.swings.every));
    return section;
}

py::list scenarios(const Case& the_case) {
    py::list found;
    for (const Scenario& one : the_case.subject().scenarios) {
        py::dict set;
        for (const auto& [path, value] : one.set) set[py::str(path)] = py::str(value);
        found.append(py::make_tuple(one.name, one.about, set));
    }
    return found;
}

py::list knobs(const Case& the_case) {
    py::list found;
    for (const Knob& one : the_case.subject().knobs) found.append(py::make_tuple(one.name, one.about));
    return found;
}

/// All that makes a case of a text: text, name, folder, what was set since, further folders.
using Changes = std::vector<std::tuple<std::size_t, std::string, std::string, double>>;
using Source = std::tuple<std::string, std::string, std::string, Changes, std::vector<std::string>>;

Source source(const Case& the_case) {
    const BuiltCase& from = the_case.subject();
    Changes changes;
    for (const Change& c : the_case.changes()) changes.emplace_back(c.position, c.component, c.parameter, c.value);
    std::vector<std::string> allow;
    for (const auto& folder : from.allow) allow.push_back(folder.string());
    // a case built in code has no folder
    const auto folder = from.folder.empty() ? from.folder : std::filesystem::absolute(from.folder).lexically_normal();
    return {from.text, from.file, folder.string(), std::move(changes), std::move(allow)};
}

std::shared_ptr<Case> restored(const Source& source) {
    const auto& [text, file, folder, changed, allowed] = source;
    auto made = std::make_shared<Case>(read_case(text, file, folder, {}, {allowed.begin(), allowed.end()}));
    std::vector<Change> changes;
    for (const auto& [position, component, parameter, value] : changed)
        changes.push_back({position, component, parameter, value});
    made->repeat(changes);
    return made;
}

std::shared_ptr<Case> edited(const Case& of, const std::vector<std::pair<std::string, std::string>>& texts, bool keep) {
    std::vector<Edit> edits;
    for (const auto& [path, value] : texts) edits.push_back({path, value});
    return std::make_shared<Case>(of.anew(edits, keep));
}

std::optional<std::string> text_path(const Case& the_case, const std::string& path) {
    const BuiltCase& from = the_case.subject();
    if (from.text.empty()) return std::nullopt;
    return path_in_text(yaml::parse(from.text, from.file), path);
}

/// Calls Python from a reader that has released its lock; an error of Kelvolt stays one.
template <class Result, class... Args>
Result asked(const py::object& function, const Args&... args) {
    const py::gil_scoped_acquire lock;
    try {
        return function(args...).template cast<Result>();
    } catch (py::error_already_set& e) {
        const py::object error = e.value();
        if (!py::hasattr(error, "message")) throw;
        const bool of_file = py::isinstance(error, py::module_::import("builtins").attr("OSError"));
        throw Error(of_file ? Error::Kind::io : Error::Kind::input, py::str(error.attr("message")));
    }
}

void set_outside(py::object sheet, py::object offsets) {
    // never destroyed: Python may have ended by then
    auto* const of_sheets = new py::object(std::move(sheet));
    auto* const of_zones = new py::object(std::move(offsets));
    outside().sheet = [of_sheets](const std::filesystem::path& file, const std::string& name) {
        return asked<std::string>(*of_sheets, file, name);
    };
    outside().offsets = [of_zones](const std::string& zone, const std::vector<double>& clock) {
        return asked<std::vector<Offsets>>(*of_zones, zone, clock);
    };
}

/// What tables of cases and times are read with.
void bind_tables(py::module_& m) {
    m.def("set_outside", &set_outside, py::arg("sheet"), py::arg("offsets"),
          "What reads a sheet of a workbook as CSV, and what knows the offsets of a time zone.");
    m.def(
        "begins", [](const Case& of) { return of.subject().run.begins; }, py::arg("case"),
        "The moment at which the run of a case begins, s since 1970 UTC; NaN where the case does not say it.");
    m.def(
        "table_rows",
        [](const std::string& text, const std::string& name) {
            py::list rows;
            for (const CsvRow& row : split_csv({name, text}).rows) rows.append(py::make_tuple(row.line, row.cells));
            return rows;
        },
        py::arg("text"), py::arg("name"), "The rows of a CSV text as (line, cells), as tables of cases are read.");
    m.def(
        "heading",
        [](const std::string& cell) {
            const Heading parts = heading_of(cell);
            return py::make_tuple(parts.name, parts.unit);
        },
        py::arg("cell"), "Name and unit of a heading.");
    m.def("stamp", &TimeStamps::text_of, py::arg("since_1970"), "A moment as text: 2026-07-01T00:00:00Z.");
}

}  // namespace

void bind_case_text(py::module_& m) {
    bind_tables(m);
    m.def(
        "yaml_tree",
        [](const std::string& text, const std::string& name) { return plain(yaml::parse(text, name), false); },
        py::arg("text"), py::arg("name"),
        "A YAML text as dicts, lists, words and None; numbers stay as they are written. `name` stands for the file.");
    m.def(
        "yaml_file",
        [](const std::filesystem::path& file) {
            return plain(yaml::parse(yaml::read_text(file), file.string()), true);
        },
        py::arg("file"), "The values of a YAML file.");
    m.def(
        "yaml_lines",
        [](const std::filesystem::path& file) {
            const yaml::Node root = yaml::parse(yaml::read_text(file), file.string());
            py::dict lines;
            lines[py::tuple()] = root.line;
            add_lines(root, py::tuple(), lines);
            return lines;
        },
        py::arg("file"), "By a tuple of keys the line on which it stands in a YAML file.");
    m.def("truth", &yaml::truth_of, py::arg("word"), "What a word of a case means where true or false is wanted.");
    m.def("source", &source, py::arg("case"),
          "All that makes the case: text (empty of a case built in code), file name, folder, what was set since it was "
          "read as (position, component, parameter, value), and further folders it may read.");
    m.def("restored", &restored, py::arg("source"), py::call_guard<py::gil_scoped_release>(), "The case of a source.");
    m.def("edited", &edited, py::arg("case"), py::arg("edits"), py::arg("keep"),
          py::call_guard<py::gil_scoped_release>(),
          "The case read anew with values of its text replaced, each by YAML or JSON: (\"components.pump.model\", "
          "\"edge_pump\"). What was set since it was read is carried over where it still exists; without `keep` not "
          "on components whose text is replaced.");
    m.def("text_path", &text_path, py::arg("case"), py::arg("path"),
          "The path in the case's text that a path means, None where there is none.");
    m.def(
        "conductor",
        [](const std::string& size, const std::string& material, const std::string& insulation,
           const std::string& method, std::optional<double> ambient, int grouped, int loaded) {
            const Conductor found = conductor({size, material, insulation, method, ambient, grouped, loaded});
            py::dict values;
            for (const auto& v : found.values)
                values[py::str(v.parameter)] = py::make_tuple(v.value, v.source, v.grade);
            return py::make_tuple(found.size, values, found.temperature);
        },
        py::arg("size"), py::arg("material"), py::arg("insulation"), py::arg("method"), py::arg("ambient"),
        py::arg("grouped"), py::arg("loaded"),
        "A conductor of the tables: size, {parameter: (value, source, grade)} of a cable, conductor temperature [K].");
    m.def("conductor_sizes", &conductor_sizes, py::arg("table"),
          "Sizes of the table iec or nec, smallest first, with their areas [m2].");
    m.def("scenarios", &scenarios, py::arg("case"),
          "The operating cases that the case declares: (name, about, {path: value as text}).");
    m.def("knobs", &knobs, py::arg("case"), "The knobs that the case declares: (name, about).");
    m.def("power_section", &power_section, py::arg("case"), "What the case says under `power:`.");
}

}  // namespace kelvolt::bindings
