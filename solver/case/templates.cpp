#include "solver/case/templates.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "solver/case/conductors.hpp"
#include "solver/model/registry.hpp"
#include "solver/network/path_diagnosis.hpp"

namespace kelvolt {

namespace {
constexpr std::size_t most_components = 1'000'000;

bool is_path(const std::string& key) { return key.find_first_of(".[*") != std::string::npos; }
}  // namespace

void PartReader::define(const yaml::Node& assemblies) {
    yaml::map(assemblies, "assemblies");
    for (std::size_t k = 0; k < assemblies.keys.size(); ++k) {
        const std::string& name = assemblies.keys[k].name;
        check_name(name, assemblies.where_key(k));
        if (find_model(name))
            throw input_error(
                fmt::format("the assembly '{}' has the name of a built-in model; choose another name", name),
                assemblies.where_key(k));
        local_[name] = &assemblies.items[k];
    }
    // also assemblies that are not used, so that faults in them are found at once
    for (const auto& [name, node] : local_) model(name, *node, {case_origin(), true}, fmt::format("assembly {}", name));
}

Part PartReader::read_case(const yaml::Node& components, const yaml::Node* connections) {
    Part root;
    root.where = components.where();
    auto about = std::make_shared<Assembly>();
    read_groups(root, components, {case_origin(), true}, "");
    if (connections) about->connections = read_connections(*connections);
    about->connections.insert(about->connections.end(), wires_.begin(), wires_.end());
    wires_.clear();
    root.assembly = about;
    return root;
}

void PartReader::read_groups(Part& part, const yaml::Node& components, const Scope& scope, const std::string& path) {
    yaml::map(components, path.empty() ? "components" : path + ": components");
    if (components.keys.empty()) throw input_error("there are no components; list at least one", components.where());
    part.groups.reserve(components.keys.size());
    for (std::size_t k = 0; k < components.keys.size(); ++k)
        part.groups.push_back(
            group(path, components.keys[k].name, components.items[k], components.where_key(k), scope));
    if (leaves(part) > most_components)
        throw input_error(fmt::format("{} would have {} components; at most {} are built",
                                      path.empty() ? "the case" : path, leaves(part), most_components),
                          components.where());
}

PartGroup PartReader::group(const std::string& path, const std::string& name, const yaml::Node& spec,
                            const Where& where, const Scope& scope) {
    check_name(name, where);
    PartGroup group{name, false, where, {}};
    const std::string here = joined(path, name);
    if (!spec.is_map())
        throw input_error(
            fmt::format("{}: say its model, for example {}: {{model: pipe, length: 2 m, diameter: 25 mm}}", here, name),
            spec.is_null() ? where : spec.where());
    if (spec.find("table")) return table_group(path, name, spec, where, scope);
    int count = 1;
    if (const yaml::Node* number = spec.find("count")) {
        count = yaml::whole_number(*number, fmt::format("{}: count", here), format::component.form("count"));
        group.is_array = true;
    }
    Part part = component(here, spec, scope);
    part.where = where;
    const std::size_t total = leaves(part) * static_cast<std::size_t>(count);
    if (total > most_components)
        throw input_error(fmt::format("{}: count = {} would make {} components; at most {} are built", here, count,
                                      total, most_components),
                          where);
    group.elements.assign(static_cast<std::size_t>(count) - 1, part);
    group.elements.push_back(std::move(part));
    return group;
}

Part PartReader::component(const std::string& path, const yaml::Node& spec, const Scope& scope) {
    const yaml::Node& type = yaml::Fields(spec, path, format::component).at("model");
    Part part = model(yaml::text(type, path + ": model"), type, scope, path);
    if (const yaml::Node* node = spec.find("conductor")) install(part, path, *node);
    for (std::size_t k = 0; k < spec.keys.size(); ++k) {
        const std::string& key = spec.keys[k].name;
        if (key == "model" || key == "count" || key == "conductor") continue;
        apply(part, path, key, spec.where_key(k), spec.items[k], scope.origin);
    }
    return part;
}

void PartReader::install(Part& part, const std::string& path, const yaml::Node& spec) {
    const std::string about = path + ": conductor";
    if (!part.is_leaf() || part.info->role != Role::line || !part.info->param("I_max") || !part.info->param("R"))
        throw input_error(
            fmt::format("{}: {} is no line that is stated by R and I_max of one conductor; give it to one, for "
                        "example ac4_cable",
                        about, part.is_leaf() ? "model " + part.info->type : "an assembly"),
            spec.where());
    const yaml::Fields f(spec, about, format::conductor);
    part.conductor = std::make_shared<const yaml::Node>(spec);
    const auto word = [&](const char* key, std::string& to) {
        if (const yaml::Node* node = f.find(key)) to = yaml::text(*node, about + ": " + key);
    };
    const auto count = [&](const char* key, int& to) {
        if (const yaml::Node* node = f.find(key))
            to = yaml::whole_number(*node, about + ": " + key, format::conductor.form(key));
    };
    const bool three_phases = part.info->ports.front().kind->phase_share < 1.0;
    ConductorChoice choice{"", "copper", "XLPE", "C", find_number(f, "ambient"), 1, three_phases ? 3 : 2};
    word("size", choice.size), word("material", choice.material), word("insulation", choice.insulation);
    word("method", choice.method), count("grouped", choice.grouped), count("loaded", choice.loaded);
    Conductor found;
    try {
        found = conductor(choice);
    } catch (const Error& e) {
        throw Error(e.kind, path + ": " + e.message, spec.where());
    }
    found.values.push_back(
        {"T", found.temperature, "that for which the ampacity stands: drop as if fully loaded", "B", NAN, NAN});
    if (part.info->param("I_n_max")) {
        const auto I = std::find_if(found.values.begin(), found.values.end(),
                                    [](const auto& v) { return v.parameter == "I_max"; });
        Conductor::Value neutral = *I;
        neutral.parameter = "I_n_max";
        found.values.push_back(std::move(neutral));
    }
    for (const Conductor::Value& v : found.values) {
        const ParamInfo* param = part.info->param(v.parameter);
        if (!param) continue;  // X on DC
        // R and X of a single-phase or DC line are those of both conductors together
        const double ways = !three_phases && (v.parameter == "R" || v.parameter == "X") ? 2.0 : 1.0;
        Provenance from{"conductor_" + found.table, v.grade, v.source, "", ways * v.value, ways * v.lo, ways * v.hi};
        auto given = std::make_shared<Given>();
        given->number = from.value;
        given->where = spec.where();
        given->from = std::make_shared<const Provenance>(std::move(from));
        part.set({param, nullptr, given});
    }
}

// a conductor as a block, or the size alone of one that is given already
void PartReader::replace_conductor(Part& part, const std::string& path, const yaml::Node& value) {
    if (value.is_map()) return install(part, path, value);
    if (!part.conductor)
        throw input_error(fmt::format("{}: conductor: only a size is given, but no conductor is declared here; write "
                                      "conductor: {{size: {}}} with its insulation and method",
                                      path, yaml::text(value, path + ": conductor")),
                          value.where());
    yaml::Node spec = *part.conductor;
    spec.line = value.line;
    spec.file = value.file;
    for (std::size_t k = 0; k < spec.keys.size(); ++k)
        if (spec.keys[k].name == "size") spec.items[k] = value;
    install(part, path, spec);
}

// searches local assemblies first, then built-in models, then the library
Part PartReader::model(const std::string& name, const yaml::Node& at, const Scope& scope, std::string_view about) {
    if (scope.sees_local) {
        if (const auto made = local_parts_.find(name); made != local_parts_.end()) return made->second;
        if (const auto found = local_.find(name); found != local_.end()) {
            enter(name, at);
            Part part = assembly(name, *found->second, scope);
            open_.pop_back();
            return local_parts_.emplace(name, std::move(part)).first->second;
        }
    }
    if (const ModelInfo* info = find_model(name)) {
        if (info->type != name) former_names_.emplace(name, info->type);
        Part part;
        part.info = info;
        return part;
    }
    if (const auto made = entry_parts_.find(name); made != entry_parts_.end()) return made->second;
    if (const yaml::Node* root = library_.find(name, at.where())) {
        enter(name, at);
        Part part = entry(name, *root);
        open_.pop_back();
        return entry_parts_.emplace(name, std::move(part)).first->second;
    }
    std::vector<std::string> known = library_.names();
    for (const ModelInfo* info : all_models()) known.push_back(info->type);
    for (const auto& [local, node] : local_) known.push_back(local);
    throw input_error(
        fmt::format("{}: there is no model, assembly or library entry '{}'{}; `kelvolt components` lists them", about,
                    name, did_you_mean(name, known)),
        at.where());
}

void PartReader::enter(const std::string& name, const yaml::Node& at) {
    if (std::find(open_.begin(), open_.end(), name) != open_.end())
        throw input_error(
            fmt::format("'{}' contains itself: {} -> {}; break the cycle", name, fmt::join(open_, " -> "), name),
            at.where());
    open_.push_back(name);
}

Part PartReader::entry(const std::string& name, const yaml::Node& root) {
    const auto text = [&](const char* key) {
        const yaml::Node* node = root.find(key);
        return node ? yaml::text(*node, fmt::format("library entry {}: {}", name, key)) : std::string();
    };
    const Origin origin{name, text("grade"), text("source"), text("date"), library_.folder_of(name), &files_, &fluids_};
    // the grade of the file gets the same check as that of a value
    if (const yaml::Node* grade = root.find("grade"); grade && grade->text != "assumed")
        read_provenance(root, {"1"}, {}, "library entry " + name);
    const Scope scope{origin, false};
    if (const yaml::Node* inside = root.find("assembly")) return assembly(name, *inside, scope);
    Part part = model(text("model"), *root.find("model"), scope, "library entry " + name);
    const yaml::Node* parameters = root.find("parameters");
    if (!parameters) return part;
    yaml::map(*parameters, fmt::format("library entry {}: parameters", name));
    for (std::size_t k = 0; k < parameters->keys.size(); ++k)
        apply(part, name, parameters->keys[k].name, parameters->where_key(k), parameters->items[k], origin);
    return part;
}

Part PartReader::assembly(const std::string& name, const yaml::Node& definition, const Scope& scope) {
    const yaml::Fields fields(definition, "assembly " + name, format::assembly);
    Part part;
    part.where = definition.where();
    auto made = std::make_shared<Assembly>();
    made->name = name;
    std::vector<ConnectionLine> outer = std::exchange(wires_, {});
    read_groups(part, fields.at("components"), scope, name);
    if (const yaml::Node* lines = fields.find("connections")) made->connections = read_connections(*lines);
    const std::vector<ConnectionLine> own = std::exchange(wires_, std::move(outer));
    made->connections.insert(made->connections.end(), own.begin(), own.end());
    if (const yaml::Node* ports = fields.find("ports")) read_ports(*made, part, *ports);
    if (const yaml::Node* names = fields.find("parameters")) read_short_names(*made, part, *names);
    part.assembly = std::move(made);
    if (const yaml::Node* set = fields.find("set"))
        apply_set(part, "", *set, scope.origin, "assembly " + name + ": set");
    return part;
}

namespace {
void refuse_taken(const std::string& name, const Part& part, const std::string& about, const Where& where) {
    for (const PartGroup& g : part.groups)
        if (g.name == name)
            throw input_error(fmt::format("{}: '{}' is also one of its components; choose another name", about, name),
                              where);
}
}  // namespace

void PartReader::read_ports(Assembly& assembly, const Part& part, const yaml::Node& ports) {
    const std::string about = fmt::format("assembly {}: ports", assembly.name);
    yaml::map(ports, about);
    for (std::size_t k = 0; k < ports.keys.size(); ++k) {
        const std::string& name = ports.keys[k].name;
        check_name(name, ports.where_key(k));
        refuse_taken(name, part, about, ports.where_key(k));
        const auto steps = parse_path(yaml::text(ports.items[k], about), ports.items[k].where());
        if (steps.size() < 2)
            throw input_error(
                fmt::format("{}: {} must name a port of a component, for example {}: pump.a", about, name, name),
                ports.items[k].where());
        assembly.ports.push_back({name, steps, ports.items[k].where()});
    }
}

void PartReader::read_short_names(Assembly& assembly, Part& part, const yaml::Node& names) {
    const std::string about = fmt::format("assembly {}: parameters", assembly.name);
    yaml::map(names, about);
    for (std::size_t k = 0; k < names.keys.size(); ++k) {
        check_name(names.keys[k].name, names.where_key(k));
        refuse_taken(names.keys[k].name, part, about, names.where_key(k));
        auto targets = yaml::texts(names.items[k], about);
        for (const std::string& target : targets) {
            const auto steps = parse_path(target, names.items[k].where());
            if (steps.size() < 2)
                throw input_error(fmt::format("{}: {} must name a value of a component, for example gpu[*].power",
                                              about, names.keys[k].name),
                                  names.items[k].where());
            // every path is checked now, not at its first use
            finder_ = {};
            finder_.find(part, "", steps, steps.size() - 1, false, names.items[k].where());
        }
        assembly.short_names.push_back({names.keys[k].name, std::move(targets), names.where_key(k)});
    }
}

void PartReader::apply_set(Part& root, const std::string& root_path, const yaml::Node& set, const Origin& origin,
                           std::string_view about) {
    yaml::map(set, about);
    finder_ = {};
    for (std::size_t k = 0; k < set.keys.size(); ++k)
        set_pattern(root, root_path, set.keys[k].name, set.where_key(k), set.items[k], origin, 0);
}

void PartReader::apply(Part& part, const std::string& path, const std::string& key, const Where& where_key,
                       const yaml::Node& value, const Origin& origin) {
    finder_ = {};
    if (part.is_leaf())
        set_leaf(part, path, key, where_key, value, origin);
    else if (is_path(key))
        set_pattern(part, path, key, where_key, value, origin, 0);
    else
        set_named(part, path, key, where_key, value, origin, 0);
}

void PartReader::set_pattern(Part& root, const std::string& path, const std::string& pattern, const Where& where,
                             const yaml::Node& value, const Origin& origin, int depth) {
    const auto steps = parse_path(pattern, where);
    if (steps.size() < 2)
        throw input_error(fmt::format("'{}' names no value; write component.parameter", pattern), where);
    const PathStep& last = steps.back();
    if (last.name_is_pattern() || last.index != PathStep::Index::none)
        throw input_error(fmt::format("'{}' must end with the name of one parameter", pattern), where);
    const auto found = finder_.find(root, path, steps, steps.size() - 1, false, where);
    const bool widely = std::any_of(steps.begin(), steps.end(), [](const PathStep& s) { return s.any_depth(); });
    bool any = false;
    for (const auto& [part, part_path, used] : found) {
        // "**.power" means every component that has a parameter power
        if (widely && !(part->is_leaf() && part->info->param(last.name))) continue;
        set_named(*part, part_path, last.name, where, value, origin, depth);
        any = true;
    }
    if (!any) throw input_error(fmt::format("'{}' names nothing", pattern), where);
}

void PartReader::set_named(Part& part, const std::string& path, const std::string& name, const Where& where,
                           const yaml::Node& value, const Origin& origin, int depth) {
    if (part.is_leaf()) return set_leaf(part, path, name, where, value, origin);
    if (const Assembly::ShortName* s = part.assembly->short_name(name)) {
        if (depth > 50) throw input_error(fmt::format("{}: the short name '{}' refers to itself", path, name), where);
        for (const std::string& target : s->targets) set_pattern(part, path, target, where, value, origin, depth + 1);
        return;
    }
    std::vector<std::string> known;
    for (const auto& s : part.assembly->short_names) known.push_back(s.name);
    std::vector<std::string> inside;
    for (const PartGroup& g : part.groups) inside.push_back(g.is_array ? g.name + "[*]" : g.name);
    throw input_error(
        fmt::format("{}: assembly {} has no parameter '{}'{}; it has {}; a value inside is set by its path, for "
                    "example {}.<parameter>",
                    path, part.assembly->name, name, did_you_mean(name, known),
                    known.empty() ? "none of its own" : listed(known), inside.front()),
        where);
}

void PartReader::set_leaf(Part& part, const std::string& path, const std::string& name, const Where& where,
                          const yaml::Node& value, const Origin& origin) {
    if (last_value_ != &value) given_.clear();
    last_value_ = &value;
    const std::string about = fmt::format("{}: {}", path, name);
    if (name == "cells" && part.info->chainable) {
        part.cells = yaml::whole_number(value, about, format::component.form("cells"));
        return;
    }
    if (name == "conductor") return replace_conductor(part, path, value);
    const ParamInfo* param = part.info->param(name);
    const PortInfo* port = param ? nullptr : part.info->port(name);
    if (port && (!port->kind->is_signal || port->writes))
        throw input_error(fmt::format("{}: {} is a port, not a parameter; connect it under `connections:`", path, name),
                          where);
    if (!param && !port) {
        std::vector<std::string> known;
        for (const ParamInfo& p : part.info->params) known.push_back(p.name);
        for (const PortInfo& p : part.info->ports)
            if (p.kind->is_signal && !p.writes) known.push_back(p.name);
        if (part.info->chainable && !part.info->param("cells")) known.push_back("cells");
        throw input_error(fmt::format("{}: model {} has no parameter '{}'{}; it has {}", path, part.info->type, name,
                                      did_you_mean(name, known), listed(known, 20)),
                          where);
    }
    auto& given = given_[param ? static_cast<const void*>(param) : port];
    if (!given) given = param ? read_value(value, *param, origin, about) : read_signal(value, origin, about);
    part.set({param, port, given});
}

}  // namespace kelvolt
