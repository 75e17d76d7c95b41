#include "solver/case/built_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "solver/case/emit.hpp"
#include "solver/case/table.hpp"
#include "solver/case/templates.hpp"
#include "solver/case/time_stamps.hpp"
#include "solver/case/timeline.hpp"
#include "solver/network/path_diagnosis.hpp"
#include "solver/network/path_pattern.hpp"

namespace kelvolt {

namespace {

constexpr const char* keys_of_case = "kelvolt, title, components, connections, run";

void read_settings(const yaml::Node& node, BuiltCase& out, NetworkSettings& settings) {
    const yaml::Fields f(node, "settings", format::settings);
    if (const auto T = find_number(f, "T_start")) settings.T_start = *T;
    if (const auto volume = find_number(f, "junction_volume")) settings.junction_volume = *volume;
    if (const auto* strict = f.find("strict")) out.strict = yaml::truth(*strict, "settings: strict");
}

RecordSettings read_record(const yaml::Node& node, const BuiltCase& built) {
    const yaml::Fields f(node, "record", format::record);
    RecordSettings record;
    if (const auto every = find_number(f, "every")) record.every = *every;
    if (const auto* all = f.find("all")) record.all = yaml::truth(*all, "record: all");
    if (const auto* also = f.find("also")) {
        record.also = yaml::texts(*also, "record: also");
        for (const std::string& pattern : record.also) find_values(built.network, pattern, also->where());
    }
    return record;
}

/// The moment at which a run begins; NaN where the case does not say it.
double begin_of(const yaml::Node* run) {
    if (!run || !run->is_map()) return not_given;
    const yaml::Node *begins = run->find("begins"), *zone = run->find("zone");
    if (zone && !begins)
        throw input_error(
            "run: zone is that of `begins`, which is not given; add begins: 2026-07-01T00:00, or remove it",
            zone->where());
    if (!begins) return not_given;
    const Where where = begins->where();
    return TimeStamps(zone ? yaml::text(*zone, "run: zone") : "", "run: begins")
        .read({{yaml::text(*begins, "run: begins"), where}})
        .front();
}

RunSettings read_run(const yaml::Node& node) {
    const yaml::Fields f(node, "run", format::run);
    RunSettings run;
    run.begins = begin_of(&node);
    if (const auto duration = find_number(f, "duration")) run.duration = *duration;
    if (const auto tolerance = find_number(f, "tolerance")) run.tolerance = *tolerance;
    if (const auto* start = f.find("start")) {
        if (start->is_map()) {
            run.start = "T";
            run.T_start = number_at(yaml::Fields(*start, "run: start", format::start), "T");
        } else if (yaml::text(*start, "run: start") != "steady") {
            throw input_error(fmt::format("run: start = '{}' is not steady or {{T: 25 degC}}", start->text),
                              start->where());
        }
    }
    if (const auto* at = f.find("steady_at")) {
        run.steady_at = yaml::text(*at, "run: steady_at");
        // any other word is a time
        if (run.steady_at != "nominal" && run.steady_at != "mean")
            read_number(*at, declared("s"), "run: steady_at (nominal, mean or a time)");
    }
    return run;
}

LimitRule read_limit(const yaml::Node& node, const BuiltCase& built) {
    const yaml::Fields f(node, "limit", format::limit);
    const yaml::Node& of = f.at("of");
    LimitRule rule{{}, not_given, not_given, not_given, "", "user", "", {}};
    for (const std::string& pattern : yaml::texts(of, "limit: of"))
        for (ValueRef& ref : find_values(built.network, pattern, of.where())) rule.of.push_back(std::move(ref));
    const Quantity& quantity = rule.of.front().quantity;
    for (const ValueRef& ref : rule.of)
        if (ref.quantity.unit != quantity.unit || ref.quantity.kind != quantity.kind)
            throw input_error(
                fmt::format("limit: {} is a {} and {} a {}; one limit holds for one quantity", rule.of.front().path,
                            quantity_name(quantity), ref.path, quantity_name(ref.quantity)),
                of.where());
    if (const auto* min = f.find("min")) rule.min = read_number(*min, quantity, "limit: min");
    if (const auto* max = f.find("max")) rule.max = read_number(*max, quantity, "limit: max");
    if (const auto* spread = f.find("spread")) {
        rule.spread = number_at(f, "spread");
        if (rule.of.size() < 2 || !(rule.spread > 0.0))
            throw input_error(
                fmt::format("limit: spread = {:g} of {} value{}; a spread is above 0 (5 %) and compares two values or "
                            "more (tray[*].V_flow)",
                            rule.spread, rule.of.size(), rule.of.size() == 1 ? "" : "s"),
                spread->where());
    }
    if (rule.min > rule.max)
        throw input_error(fmt::format("limit: min = {:g} lies above max = {:g} {}", rule.min, rule.max, quantity.unit),
                          node.where());
    const std::string& path = rule.of.front().path;
    rule.id = f.find("id") ? yaml::text(*f.find("id"), "limit: id") : std::string(last_level(path));
    if (const auto* basis = f.find("basis")) rule.basis = yaml::text(*basis, "limit: basis");
    rule.quantity = quantity_name(quantity);
    rule.spread_texts = {rule.id + "_spread", fmt::format("{} and {} more", path, rule.of.size() - 1),
                         "spread of " + rule.quantity + ", (highest - lowest)/mean"};
    return rule;
}

/// Sets a knob in `values` as a scenario says.
void turn(const Knob& knob, const yaml::Node& value, const BuiltCase& built, Values& values, const std::string& about) {
    const double si = read_number(value, knob.of.front().quantity, about);
    try {
        const std::vector<double> each = turned(knob, built.network, values, si);
        for (std::size_t k = 0; k < each.size(); ++k) write_parameter(built.network, values, knob.of[k], each[k]);
    } catch (const Error& e) {
        throw Error(e.kind, about + ": " + e.message, value.where());
    }
}

std::vector<Scenario> read_scenarios(const yaml::Node& node, const BuiltCase& built) {
    yaml::map(node, "scenarios");
    std::vector<Scenario> found;
    for (std::size_t k = 0; k < node.keys.size(); ++k) {
        const std::string about = "scenarios: " + node.keys[k].name;
        const yaml::Fields f(node.items[k], about, format::scenario);
        Scenario one{node.keys[k].name, "", {}};
        if (const auto* text = f.find("about")) one.about = yaml::text(*text, about + ": about");
        const yaml::Node& set = f.at("set");
        yaml::map(set, about + ": set");
        Values tried = built.network.initial;
        for (std::size_t i = 0; i < set.keys.size(); ++i) {
            const std::string& path = set.keys[i].name;
            if (const Knob* knob = built.knob(path)) {
                turn(*knob, set.items[i], built, tried, about + ": " + path);
                one.set.emplace_back(path, set.items[i].text);
                continue;
            }
            for (const ValueRef& ref : built.parameters(path, set.where_key(i))) {
                const double si = read_number(set.items[i], ref.quantity, about + ": " + path);
                try {
                    write_parameter(built.network, tried, ref, si);
                } catch (const Error& e) {
                    throw Error(e.kind, about + ": " + e.message, set.items[i].where());
                }
            }
            one.set.emplace_back(path, set.items[i].text);
        }
        found.push_back(std::move(one));
    }
    return found;
}

std::string text_or_empty(const yaml::Node* node, std::string_view about) {
    return node && !node->is_null() ? yaml::text(*node, about) : std::string();
}

void check_version(const yaml::Node& root, const std::string& file) {
    if (root.is_null())
        throw input_error(fmt::format("the file is empty; a case needs at least the keys {}", keys_of_case), {file, 1});
    if (!root.is_map())
        throw input_error(fmt::format("this is not a case; a case is a block of keys such as {}", keys_of_case),
                          root.where());
    const yaml::Node* version = root.find("kelvolt");
    if (!version)
        throw input_error("'kelvolt: 1' is missing; it says which version of the case format this is", root.where());
    if (!version->is_text() || version->text != "1")
        throw input_error(fmt::format("kelvolt: {} is not a format this version reads; it reads 1", version->text),
                          version->where());
}

}  // namespace

namespace {

/// Whether the levels before the last name the owner of a short name; a name may be a pattern: racks.*.power.
std::optional<std::string> as_owner(const std::vector<PathStep>& steps, const ShortName& s) {
    std::string_view rest = s.owner;
    std::string path;
    for (std::size_t k = 0; k + 1 < steps.size(); ++k) {
        if (rest.empty() || steps[k].any_depth()) return std::nullopt;
        const std::size_t dot = std::min(rest.find('.'), rest.size());
        const std::string_view name = rest.substr(0, dot);
        if (!steps[k].holds_name(name)) return std::nullopt;
        PathStep exact = steps[k];
        exact.name = name;
        path += (k ? "." : "") + text_of(exact);
        rest.remove_prefix(std::min(dot + 1, rest.size()));
    }
    if (!rest.empty()) return std::nullopt;
    return path;
}

}  // namespace

std::vector<ValueRef> BuiltCase::parameters(std::string_view pattern, const Where& where) const {
    const auto steps = parse_path(pattern, where);
    std::vector<ValueRef> refs;
    for (const ShortName& s : short_names) {
        if (s.name != steps.back().name || steps.back().index != PathStep::Index::none) continue;
        const auto owner = as_owner(steps, s);
        if (!owner) continue;
        for (const std::string& target : s.targets)
            for (ValueRef& ref : parameters(*owner + "." + target, where)) refs.push_back(std::move(ref));
    }
    if (!refs.empty()) return refs;
    try {
        return find_parameters(network, pattern, where);
    } catch (const Error& e) {
        if (steps.size() > 1 || knobs.empty()) throw;
        std::vector<std::string> names;
        for (const Knob& k : knobs) names.push_back(k.name);
        throw input_error(
            fmt::format("{}; its knobs are {}{}", e.message, listed(names), did_you_mean(std::string(pattern), names)),
            where);
    }
}

const Knob* BuiltCase::knob(std::string_view name) const {
    const auto found = std::find_if(knobs.begin(), knobs.end(), [&](const Knob& k) { return k.name == name; });
    return found == knobs.end() ? nullptr : &*found;
}

bool BuiltCase::accepts_lost(std::string_view path) const {
    return std::any_of(power.accept_lost.begin(), power.accept_lost.end(),
                       [&](const std::string& pattern) { return covers(pattern, path); });
}

namespace {

void give_files(const yaml::Node* node, FileAccess& files) {
    if (!node) return;
    yaml::map(*node, "files");
    for (std::size_t k = 0; k < node->keys.size(); ++k)
        files.give(node->keys[k].name, yaml::text(node->items[k], "files: " + node->keys[k].name));
}

yaml::Node text_node(const std::string& text) {
    yaml::Node node;
    node.type = yaml::Node::Type::text;
    node.quoted = true;
    node.text = text;
    return node;
}

/// A text of several lines as YAML: line by line where that says the same, otherwise in quotes.
std::string as_block(const std::string& content) {
    std::string lines = "|\n", line;
    bool plain = true;
    const auto end_line = [&] {
        plain = plain && !(line.starts_with(' ') || line.starts_with('\t') || (line.empty() && lines.size() == 2));
        lines += (line.empty() ? "" : "    " + line) + "\n";
        line.clear();
    };
    for (std::size_t k = content.starts_with("\xEF\xBB\xBF") ? 3 : 0; k < content.size(); ++k) {
        const char c = content[k];
        if (c == '\n')
            end_line();
        else if (c != '\r' || k + 1 == content.size() || content[k + 1] != '\n')
            line += c;
        plain = plain && (c == '\n' || c == '\r' || c == '\t' || static_cast<unsigned char>(c) >= 0x20);
    }
    if (!line.empty()) end_line();
    while (lines.ends_with("\n\n")) lines.pop_back();
    return plain ? lines : written(text_node(content));
}

/// The text of a case with the tables that it names, so that it says all by itself.
std::string with_files(std::string text, yaml::Node& root, const std::map<std::string, std::string>& kept,
                       const std::string& name) {
    if (kept.empty()) return text;
    if (!root.find("files")) {
        // at the end, so that comments and lines stay
        std::string longer = text;
        if (!longer.empty() && longer.back() != '\n') longer += '\n';
        longer += "files:\n";
        for (const auto& [file, content] : kept) {
            std::string key = written(text_node(file));
            key.pop_back();
            longer += fmt::format("  {}: {}", key, as_block(content));
        }
        try {
            if (yaml::parse(longer, name).find("files")) return longer;
        } catch (const Error&) {  // the text is no block of lines
        }
        apply({"files", "{}"}, root);
    }
    for (const auto& [file, content] : kept) {
        yaml::Node& files = root.items[static_cast<std::size_t>(root.find("files") - root.items.data())];
        files.type = yaml::Node::Type::map;
        files.keys.push_back({file, files.line});
        files.items.push_back(text_node(content));
    }
    return written(root);
}

}  // namespace

BuiltCase read_case(std::string text, std::string file_name, std::filesystem::path folder,
                    const std::vector<Edit>& edits, std::vector<std::filesystem::path> allow) {
    BuiltCase out;
    yaml::Node root = yaml::parse(text, file_name);
    check_version(root, file_name);
    for (const Edit& edit : edits) apply(edit, root);
    if (!edits.empty()) text = written(root);
    const yaml::Fields f(root, "the case", format::whole_case);
    out.title = text_or_empty(f.find("title"), "title");
    out.about = text_or_empty(f.find("about"), "about");
    Builder builder;
    if (const auto* settings = f.find("settings")) read_settings(*settings, out, builder.settings);

    for (std::filesystem::path& more : allow) more = std::filesystem::absolute(more);
    FileAccess files(folder, allow);
    give_files(f.find("files"), files);
    const Fluids fluids(f.find("fluids"), files);
    PartReader reader(files, fluids);
    if (const auto* assemblies = f.find("assemblies")) reader.define(*assemblies);
    Part parts = reader.read_case(f.at("components"), f.find("connections"));
    if (const auto* set = f.find("set")) reader.apply_set(parts, "", *set, reader.case_origin(), "set");
    EmittedFacts facts = emit(parts, builder);
    out.assumptions = std::move(facts.assumptions);
    out.tolerances = std::move(facts.tolerances);
    out.sources = std::move(facts.sources);
    out.short_names = std::move(facts.short_names);
    try {
        out.network = std::move(builder).build();
    } catch (const Error& e) {
        if (!e.where.file.empty()) throw;
        throw Error(e.kind, e.message, {file_name, e.where.line});
    }

    out.network.notes.insert(out.network.notes.end(), reader.notes().begin(), reader.notes().end());
    for (const auto& [former, name] : reader.former_names())
        out.warnings.push_back(
            fmt::format("the model {} is now called {}; the former name is still read", former, name));

    if (const auto* knobs = f.find("knobs")) out.knobs = read_knobs(*knobs, out.network);
    ProfileReader profiles(f.find("profiles"), files, begin_of(f.find("run")));
    if (const auto* apply = f.find("apply")) out.inputs = read_inputs(out, *apply, profiles);
    if (const auto* events = f.find("events"))
        out.events = read_events(out, list_or_table(*events, files, "events", format::event, out.network.notes));
    if (const auto* limits = f.find("limits"))
        for (const yaml::Node& node : list_or_table(*limits, files, "limits", format::limit, out.network.notes).items)
            out.limits.push_back(read_limit(node, out));
    if (const auto* power = f.find("power")) out.power = read_power_section(*power, out, profiles);
    if (const auto* scenarios = f.find("scenarios")) out.scenarios = read_scenarios(*scenarios, out);
    if (const auto* record = f.find("record")) out.record = read_record(*record, out);
    if (const auto* run = f.find("run")) out.run = read_run(*run);
    out.text = with_files(std::move(text), root, files.kept(), file_name);
    out.file = std::move(file_name);
    out.folder = std::move(folder);
    out.allow = std::move(allow);
    return out;
}

BuiltCase read_anew(const BuiltCase& of, const std::vector<Edit>& edits) {
    if (of.text.empty())
        throw input_error(
            "this case was built in code and has no text to read anew; vary its structure where it is built");
    return read_case(of.text, of.file, of.folder, edits, of.allow);
}

BuiltCase load_case(const std::filesystem::path& file, std::vector<std::filesystem::path> allow) {
    return read_case(yaml::read_text(file), file.string(), file.has_parent_path() ? file.parent_path() : ".", {},
                     std::move(allow));
}

}  // namespace kelvolt
