#include "solver/case/case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "solver/case/emit.hpp"
#include "solver/case/templates.hpp"
#include "solver/case/timeline.hpp"
#include "solver/network/path_pattern.hpp"

namespace kelvolt {

namespace {

constexpr const char* keys_of_case = "kelvolt, title, components, connections, run";
const Quantity time_quantity{"s", Kind::plain};
const Quantity temperature{"K", Kind::temperature};

double positive(const yaml::Node& node, const Quantity& quantity, std::string_view about) {
    const double value = read_number(node, quantity, about);
    if (!(value > 0.0))
        throw input_error(fmt::format("{} = {:g} {} must be above 0", about, value, quantity.unit), node.where());
    return value;
}

double start_temperature(const yaml::Node& node, std::string_view about) {
    const double T = read_number(node, temperature, about);
    if (T < 200.0 || T > 600.0)
        throw input_error(fmt::format("{} = {:g} K is outside its range (200 to 600 K)", about, T), node.where());
    return T;
}

void read_settings(const yaml::Node& node, Case& out, NetworkSettings& settings) {
    const yaml::Fields f(node, "settings", {"T_start", "junction_volume", "strict"});
    if (const auto* T = f.find("T_start")) settings.T_start = start_temperature(*T, "settings: T_start");
    if (const auto* volume = f.find("junction_volume"))
        settings.junction_volume = positive(*volume, declared("m3"), "settings: junction_volume");
    if (const auto* strict = f.find("strict")) out.strict = yaml::truth(*strict, "settings: strict");
}

RecordSettings read_record(const yaml::Node& node, const Case& built) {
    const yaml::Fields f(node, "record", {"every", "also", "all"});
    RecordSettings record;
    if (const auto* every = f.find("every")) record.every = positive(*every, time_quantity, "record: every");
    if (const auto* all = f.find("all")) record.all = yaml::truth(*all, "record: all");
    if (const auto* also = f.find("also")) {
        record.also = yaml::texts(*also, "record: also");
        for (const std::string& pattern : record.also) find_values(built.network, pattern, also->where());
    }
    return record;
}

RunSettings read_run(const yaml::Node& node) {
    const yaml::Fields f(node, "run", {"duration", "start", "tolerance", "steady_at"});
    RunSettings run;
    if (const auto* duration = f.find("duration")) run.duration = positive(*duration, time_quantity, "run: duration");
    if (const auto* tolerance = f.find("tolerance")) {
        run.tolerance = positive(*tolerance, {"1"}, "run: tolerance");
        if (run.tolerance > 0.1)
            throw input_error(
                fmt::format("run: tolerance = {:g} is outside its range (above 0 and at most 0.1)", run.tolerance),
                tolerance->where());
    }
    if (const auto* start = f.find("start")) {
        if (start->is_map()) {
            const yaml::Fields from(*start, "run: start", {"T"});
            run.start = "T";
            run.T_start = start_temperature(from.at("T", "write start: {T: 25 degC}"), "run: start: T");
        } else if (yaml::text(*start, "run: start") != "steady") {
            throw input_error(fmt::format("run: start = '{}' is not steady or {{T: 25 degC}}", start->text),
                              start->where());
        }
    }
    if (const auto* at = f.find("steady_at")) {
        run.steady_at = yaml::text(*at, "run: steady_at");
        // any other word is a time
        if (run.steady_at != "nominal" && run.steady_at != "mean")
            read_number(*at, time_quantity, "run: steady_at (nominal, mean or a time)");
    }
    return run;
}

LimitRule read_limit(const yaml::Node& node, const Case& built) {
    const yaml::Fields f(node, "limit", {"of", "min", "max", "spread", "id", "basis"});
    const yaml::Node& of = f.at("of", "write {of: \"tray[*].gpu[*].T_case\", max: 80 degC}");
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
        rule.spread = read_number(*spread, declared("1"), "limit: spread");
        if (rule.of.size() < 2 || !(rule.spread > 0.0))
            throw input_error(
                fmt::format("limit: spread = {:g} of {} value{}; a spread is above 0 (5 %) and compares two values or "
                            "more (tray[*].V_flow)",
                            rule.spread, rule.of.size(), rule.of.size() == 1 ? "" : "s"),
                spread->where());
    }
    if (std::isnan(rule.min) && std::isnan(rule.max) && std::isnan(rule.spread))
        throw input_error("limit: none of min, max and spread is given; add one of them", node.where());
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

void apply(const Edit& edit, yaml::Node& root) {
    yaml::Node* node = &root;
    std::string_view rest = edit.key;
    while (!rest.empty()) {
        const std::string_view key = rest.substr(0, rest.find('.'));
        rest.remove_prefix(std::min(key.size() + 1, rest.size()));
        const auto at =
            std::find_if(node->keys.begin(), node->keys.end(), [&](const auto& k) { return k.name == key; });
        if (!node->is_map() || at == node->keys.end())
            throw input_error(fmt::format("{}: the text of the case has no key '{}' there", edit.key, key),
                              node->where());
        node = &node->items[at - node->keys.begin()];
    }
    if (!node->is_text())
        throw input_error(fmt::format("{}: only a single word or number can be replaced", edit.key), node->where());
    node->text = edit.value;
}

}  // namespace

std::vector<ValueRef> Case::parameters(std::string_view pattern, const Where& where) const {
    const auto steps = parse_path(pattern, where);
    std::string owner;
    for (std::size_t k = 0; k + 1 < steps.size(); ++k) owner += (k ? "." : "") + steps[k].name;
    for (const ShortName& s : short_names) {
        if (s.owner != owner || s.name != steps.back().name || steps.back().index != PathStep::Index::none) continue;
        std::vector<ValueRef> refs;
        for (const std::string& target : s.targets)
            for (ValueRef& ref : parameters(text_of(steps, steps.size() - 1) + "." + target, where))
                refs.push_back(std::move(ref));
        return refs;
    }
    return find_parameters(network, pattern, where);
}

bool Case::accepts_lost(std::string_view path) const {
    return std::any_of(power.accept_lost.begin(), power.accept_lost.end(),
                       [&](const std::string& pattern) { return covers(pattern, path); });
}

Case read_case(std::string text, std::string file_name, std::filesystem::path folder, std::vector<Edit> edits,
               std::vector<std::filesystem::path> allow) {
    Case out;
    yaml::Node root = yaml::parse(text, file_name);
    check_version(root, file_name);
    for (const Edit& edit : edits) apply(edit, root);
    const yaml::Fields f(root, "the case",
                         {"kelvolt", "title", "about", "settings", "fluids", "components", "assemblies", "connections",
                          "set", "profiles", "apply", "events", "limits", "power", "record", "run"});
    out.title = text_or_empty(f.find("title"), "title");
    out.about = text_or_empty(f.find("about"), "about");
    Builder builder;
    if (const auto* settings = f.find("settings")) read_settings(*settings, out, builder.settings);

    for (std::filesystem::path& more : allow) more = std::filesystem::absolute(more);
    const FileAccess files(folder, allow);
    const Fluids fluids(f.find("fluids"), files);
    PartReader reader(files, fluids);
    if (const auto* assemblies = f.find("assemblies")) reader.define(*assemblies);
    Part parts = reader.read_case(f.at("components", "list the parts of the system under it"), f.find("connections"));
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

    for (const auto& [former, name] : reader.former_names())
        out.warnings.push_back(
            fmt::format("the model {} is now called {}; the former name is still read", former, name));

    ProfileReader profiles(f.find("profiles"), files);
    if (const auto* apply = f.find("apply")) out.inputs = read_inputs(out, *apply, profiles);
    if (const auto* events = f.find("events")) out.events = read_events(out, *events);
    if (const auto* limits = f.find("limits"))
        for (const yaml::Node& node : yaml::list(*limits, "limits").items) out.limits.push_back(read_limit(node, out));
    if (const auto* power = f.find("power")) out.power = read_power_section(*power, out);
    if (const auto* record = f.find("record")) out.record = read_record(*record, out);
    if (const auto* run = f.find("run")) out.run = read_run(*run);
    out.text = std::move(text);
    out.file = std::move(file_name);
    out.folder = std::move(folder);
    out.edits = std::move(edits);
    out.allow = std::move(allow);
    return out;
}

Case read_anew(const Case& of, const std::vector<Edit>& more) {
    if (of.text.empty())
        throw input_error(
            "this case was built in code and has no text to read anew; vary its structure where it is built");
    std::vector<Edit> edits = of.edits;
    edits.insert(edits.end(), more.begin(), more.end());
    return read_case(of.text, of.file, of.folder, std::move(edits), of.allow);
}

Case load_case(const std::filesystem::path& file, std::vector<std::filesystem::path> allow) {
    return read_case(yaml::read_text(file), file.string(), file.has_parent_path() ? file.parent_path() : ".", {},
                     std::move(allow));
}

}  // namespace kelvolt
