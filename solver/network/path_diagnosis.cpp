#include "solver/network/path_diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace kelvolt {

namespace {

/// The components at one level of the tree.
struct Level {
    std::map<std::string, int, std::less<>> names;  ///< -> highest element, 0 for a single component
    const ModelInfo* component = nullptr;           ///< the steps so far name this component
};

Level level_after(const Network& net, const std::vector<PathStep>& steps, std::size_t count) {
    Level level;
    for (const Component& c : net.components) {
        std::string_view rest = c.path;
        bool holds = true;
        for (std::size_t k = 0; k < count && holds; ++k) {
            if (rest.empty()) {
                holds = false;
                break;
            }
            const PathLevel at = next_level(rest);
            holds = steps[k].holds_name(at.name) && steps[k].holds_index(at.element);
        }
        if (!holds) continue;
        if (rest.empty()) {
            level.component = c.info;
            continue;
        }
        const PathLevel next = next_level(rest);
        int& highest = level.names[std::string(next.name)];
        highest = std::max(highest, next.element);
    }
    return level;
}

std::vector<std::string> members_of(const ModelInfo& info, bool parameters_only) {
    std::vector<std::string> names;
    for (const ParamInfo& p : info.params)
        if (p.type == ParamInfo::Type::number) names.push_back(p.name);
    if (parameters_only) return names;
    for (const UnknownInfo& u : info.unknowns) names.push_back(u.name);
    for (const OutputInfo& o : info.outputs) names.push_back(o.name);
    for (const DiscreteInfo& d : info.discretes) names.push_back(d.name);
    for (const PortInfo& port : info.ports)
        for (const auto& pair : port.kind->pairs) {
            names.push_back(fmt::format("{}.{}", port.name, pair.potential));
            if (!port.kind->is_signal) names.push_back(fmt::format("{}.{}", port.name, pair.flow));
        }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

// a name that exists, but is not a value that may be used here
std::string known_otherwise(const ModelInfo& info, const std::string& name, bool parameters_only) {
    if (const ParamInfo* p = info.param(name); p && p->type != ParamInfo::Type::number)
        return fmt::format("{} is a {}, fixed when the network is built", name,
                           p->type == ParamInfo::Type::choice  ? "choice"
                           : p->type == ParamInfo::Type::curve ? "curve"
                                                               : "coolant");
    const PortInfo* port = info.port(name);
    if (port && parameters_only && port->kind->is_signal)
        return fmt::format("{} is a signal that another component writes; set that one", name);
    if (port) return fmt::format("{} is a port; write {}.{}", name, name, port->kind->pairs.front().potential);
    if (parameters_only && (info.unknown(name) >= 0 || info.output(name) >= 0))
        return fmt::format("{} is a result, not a parameter; only parameters can be set", name);
    return "";
}

// the text with which a misspelt last part was compared: "a.m_flwo" keeps its port
std::string tail_text(const std::vector<PathStep>& steps, std::size_t from) {
    std::string text;
    for (std::size_t k = from; k < steps.size(); ++k) text += (k > from ? "." : "") + text_of(steps[k]);
    return text;
}

}  // namespace

std::string listed(const std::vector<std::string>& names, std::size_t at_most) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < at_most; ++i) text += (i ? ", " : "") + names[i];
    if (names.size() > at_most) text += fmt::format(" and {} more", names.size() - at_most);
    return text;
}

std::string index_problem(const PathStep& step, int elements, std::string_view owner) {
    const std::string name = owner.empty() ? step.name : fmt::format("{}.{}", owner, step.name);
    if (elements == 0) return fmt::format("{} is a single component, not an array; write {}", name, step.name);
    if (step.index == PathStep::Index::none)
        return fmt::format("{} has {} elements; write {}[*] for all of them or {}[1] for one", name, elements,
                           step.name, step.name);
    return fmt::format("{} has {} elements, counted from 1, so {} does not exist", name, elements, text_of(step));
}

Error nothing_found(const Network& net, std::string_view pattern, const std::vector<PathStep>& steps,
                    bool parameters_only, const Where& where) {
    const auto say = [&](const std::string& why) {
        return input_error(fmt::format("the path '{}' names nothing: {}", pattern, why), where);
    };
    if (std::any_of(steps.begin(), steps.end(), [](const PathStep& s) { return s.any_depth(); }))
        return say(fmt::format("no component in the network has {}", text_of(steps.back())));
    Level level;
    std::size_t k = 0;
    for (; k < steps.size(); ++k) {
        level = level_after(net, steps, k);
        const bool goes_on = std::any_of(level.names.begin(), level.names.end(), [&](const auto& entry) {
            return steps[k].holds_name(entry.first) &&
                   (entry.second == 0
                        ? steps[k].holds_index(0)
                        : steps[k].index == PathStep::Index::all ||
                              (steps[k].index == PathStep::Index::range && steps[k].first <= entry.second));
        });
        if (!goes_on) break;
    }
    if (k == steps.size()) {
        const Level inside = level_after(net, steps, k);
        std::vector<std::string> values;
        if (inside.component) values = members_of(*inside.component, parameters_only);
        for (const auto& [name, elements] : inside.names) values.push_back(elements ? name + "[*]" : name);
        return say(fmt::format("{} is a component and no value; write {}.NAME, where NAME is one of {}", pattern,
                               pattern, listed(values)));
    }
    const std::string owner = text_of(steps, k);
    for (const auto& [name, elements] : level.names)
        if (steps[k].holds_name(name) && !steps[k].name_is_pattern())
            return say(index_problem(steps[k], elements, owner));
    if (const auto cells = level.names.find("cell"); cells != level.names.end() && !level.component)
        return say(fmt::format("{} is divided into {} cells; write {}.cell[*].{}, or a parameter of the whole", owner,
                               cells->second, owner, tail_text(steps, k)));
    std::vector<std::string> known;
    if (level.component) {
        if (const auto why = known_otherwise(*level.component, steps[k].name, parameters_only);
            !why.empty() && k + 1 == steps.size())
            return say(why);
        known = members_of(*level.component, parameters_only);
    }
    for (const auto& [name, elements] : level.names) known.push_back(elements ? name + "[*]" : name);
    const std::string tail = tail_text(steps, level.component ? k : k), here = owner.empty() ? "the network" : owner;
    std::string hint = did_you_mean(level.component ? tail : text_of(steps[k]), known);
    if (hint.empty()) hint = did_you_mean(steps[k].name, known);
    return say(
        fmt::format("{} has no '{}'{}; it has {}", here, level.component ? tail : steps[k].name, hint, listed(known)));
}

void check_range_ends(const std::vector<ValueRef>& refs, std::string_view pattern, const std::vector<PathStep>& steps,
                      const Where& where) {
    const bool has_depth = std::any_of(steps.begin(), steps.end(), [](const PathStep& s) { return s.any_depth(); });
    const bool has_range = std::any_of(steps.begin(), steps.end(), [](const PathStep& s) {
        return s.index == PathStep::Index::range && s.last > s.first;
    });
    if (has_depth || !has_range) return;
    std::vector<int> highest(steps.size(), 0);
    for (const ValueRef& ref : refs) {
        std::string_view rest = ref.path;
        for (std::size_t k = 0; k < steps.size() && !rest.empty(); ++k)
            highest[k] = std::max(highest[k], next_level(rest).element);
    }
    for (std::size_t k = 0; k < steps.size(); ++k)
        if (steps[k].index == PathStep::Index::range && highest[k] < steps[k].last)
            throw input_error(fmt::format("the path '{}' reaches too far: {}", pattern,
                                          index_problem(steps[k], highest[k], text_of(steps, k))),
                              where);
}

}  // namespace kelvolt
