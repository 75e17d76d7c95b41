#include "solver/assembly/builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "solver/model/registry.hpp"
#include "solver/network/path_pattern.hpp"

namespace kelvolt {

namespace {
std::vector<std::string> names_of(const auto& list) {
    std::vector<std::string> names;
    for (const auto& item : list) names.push_back(item.name);
    return names;
}
// names the model that joins two electric kinds of port
std::string way_between(const PortKind& a, const PortKind& b) {
    if (!(a.electric > 0.0 && b.electric > 0.0)) return "";
    const auto either = [&](std::string_view kind) { return a.name == kind || b.name == kind; };
    if (either("dc")) return "; put a rectifier (AC to DC) between them";
    if (either("ac4")) return either("ac") ? "; put a balanced_tap between them" : "; put a phase_tap between them";
    return "; ac is three-phase in balance, ac1 single-phase: build the network on four wires (ac4) with a phase_tap";
}
}  // namespace

int Builder::add(std::string path, const ModelInfo& info, Where where) {
    check_path(path, where);
    const int id = static_cast<int>(drafts_.size());
    if (!members_.emplace(path, std::vector<int>{id}).second) {
        const Where& before = drafts_[members_[path].front()].where;
        throw input_error(fmt::format("{}: this name is already used{}; give one of them another name", path,
                                      before.line ? fmt::format(" on line {}", before.line) : ""),
                          where);
    }
    Draft draft{std::move(path), &info, std::move(where), {}, {}, {}, {}};
    for (const ParamInfo& p : info.params) switch (p.type) {
            case ParamInfo::Type::number:
                draft.numbers.push_back(p.fallback);
                break;
            case ParamInfo::Type::choice:
                draft.choices.push_back(static_cast<int>(p.fallback));
                break;
            case ParamInfo::Type::curve:
                draft.curves.emplace_back();
                break;
            case ParamInfo::Type::medium:
                draft.media.push_back(nullptr);
                break;
        }
    drafts_.push_back(std::move(draft));
    first_port_.push_back(port_count_);
    port_count_ += static_cast<int>(info.ports.size());
    return id;
}

void Builder::add_chain(const std::string& path, const ModelInfo& info, int cells, Where where) {
    if (!info.chainable)
        throw input_error(fmt::format("{}: model {} cannot be divided into cells", path, info.type), where);
    if (cells < 1 || cells > 10000)
        throw input_error(fmt::format("{}: cells = {} is outside 1 to 10000", path, cells), where);
    std::vector<int> ids;
    for (int i = 1; i <= cells; ++i) ids.push_back(add(fmt::format("{}.cell[{}]", path, i), info, where));
    const auto port_with = [&](Chain chain) {
        for (std::size_t k = 0; k < info.ports.size(); ++k)
            if (info.ports[k].chain == chain) return static_cast<int>(k);
        return -1;
    };
    const int in = port_with(Chain::forward_in), out = port_with(Chain::forward_out);
    const int back_in = port_with(Chain::counter_in), back_out = port_with(Chain::counter_out);
    for (int i = 0; i + 1 < cells; ++i) {
        connect({ids[i], out}, {ids[i + 1], in}, where);
        inner_joints_.push_back({ids[i], out});
        if (back_in < 0) continue;
        connect({ids[i], back_in}, {ids[i + 1], back_out}, where);
        inner_joints_.push_back({ids[i], back_in});
    }
    const auto branch = std::find_if(info.ports.begin(), info.ports.end(), [](const PortInfo& p) { return p.way; });
    const int way = branch == info.ports.end() ? out : static_cast<int>(branch - info.ports.begin());
    for (int i = 0; i < cells; ++i) aliases_[fmt::format("{}.way[{}]", path, i + 1)] = {ids[i], way};
    for (std::size_t k = 0; k < info.ports.size(); ++k) {
        const Chain chain = info.ports[k].chain;
        const bool at_end = chain == Chain::forward_out || chain == Chain::counter_in;
        aliases_[path + "." + info.ports[k].name] = {at_end ? ids.back() : ids.front(), static_cast<int>(k)};
        if (chain != Chain::tied || info.ports[k].way) continue;
        std::vector<PortRef> all;
        for (int id : ids) all.push_back({id, static_cast<int>(k)});
        if (info.ports[k].kind->name == "heat" || info.ports[k].kind->is_signal) {
            tied_.push_back(std::move(all));
        } else {
            for (int i = 0; i + 1 < cells; ++i) connect(all[i], all[i + 1], where);
        }
    }
    if (!members_.emplace(path, ids).second)
        throw input_error(fmt::format("{}: this name is already used", path), where);
    if (info.param("cells")) set_number(path, "cells", cells, where);
}

// Heat ports that are connected outside are tied to one temperature. Ports of an insulated wall are not: tied together
// they would conduct heat along the pipe. Signals likewise: those to which nothing is connected have a constant each.
void Builder::tie_ports() {
    const auto running = [&](PortRef r) { return first_port_[r.component] + r.port; };
    std::vector<char> joined(port_count_, 0);
    for (const auto& [a, b] : joins_) joined[running(a)] = joined[running(b)] = 1;
    for (const std::vector<PortRef>& all : tied_) {
        const bool outside = std::any_of(all.begin(), all.end(), [&](PortRef r) { return joined[running(r)] != 0; });
        for (std::size_t i = 0; outside && i + 1 < all.size(); ++i) joins_.emplace_back(all[i], all[i + 1]);
    }
}

const std::vector<int>& Builder::members(std::string_view path, Where where) const {
    const auto found = members_.find(std::string(path));
    if (found != members_.end()) return found->second;
    std::vector<std::string> known;
    for (const auto& [name, ids] : members_) known.push_back(name);
    throw input_error(fmt::format("there is no component '{}'{}", path, did_you_mean(path, known)), where);
}

const ModelInfo* Builder::info_of(std::string_view path) const {
    const auto found = members_.find(std::string(path));
    return found == members_.end() ? nullptr : drafts_[found->second.front()].info;
}

const ParamInfo& Builder::param_of(int component, std::string_view name, ParamInfo::Type type,
                                   const Where& where) const {
    const Draft& draft = drafts_[component];
    const ParamInfo* p = draft.info->param(name);
    if (!p)
        throw input_error(fmt::format("{}: model {} has no parameter '{}'{}", draft.path, draft.info->type, name,
                                      did_you_mean(name, names_of(draft.info->params))),
                          where);
    if (p->type != type) {
        static const char* words[] = {"a number", "one of its words", "a curve", "a coolant"};
        throw input_error(fmt::format("{}: {} takes {}", draft.path, name, words[static_cast<int>(p->type)]), where);
    }
    return *p;
}

void Builder::set_number(std::string_view path, std::string_view param, double si, Where where) {
    for (int id : members(path, where)) {
        const ParamInfo& p = param_of(id, param, ParamInfo::Type::number, where);
        if (!std::isfinite(si) || !p.range.holds(si))
            throw input_error(
                fmt::format("{}: {} = {:g}{} is outside its range ({}){}", path, param, si,
                            p.unit == "1" ? "" : " " + p.unit, range_text(p.range, p.unit), percent_remedy(p, si)),
                where);
        drafts_[id].numbers[p.index] = si;
    }
}

void Builder::set_choice(std::string_view path, std::string_view param, std::string_view option, Where where) {
    for (int id : members(path, where)) {
        const ParamInfo& p = param_of(id, param, ParamInfo::Type::choice, where);
        const auto found = std::find(p.options.begin(), p.options.end(), option);
        if (found == p.options.end())
            throw input_error(fmt::format("{}: {} = '{}' is not one of {}{}", path, param, option,
                                          fmt::join(p.options, ", "), did_you_mean(option, p.options)),
                              where);
        drafts_[id].choices[p.index] = static_cast<int>(found - p.options.begin());
    }
}

void Builder::set_curve(std::string_view path, std::string_view param, std::shared_ptr<const Curve> curve,
                        Where where) {
    for (int id : members(path, where))
        drafts_[id].curves[param_of(id, param, ParamInfo::Type::curve, where).index] = curve;
}

void Builder::set_medium(std::string_view path, std::string_view param, const Medium& medium, Where where) {
    for (int id : members(path, where))
        drafts_[id].media[param_of(id, param, ParamInfo::Type::medium, where).index] = &medium;
}

void Builder::set_signal(std::string_view path, std::string_view port_name, double value, Where where) {
    const std::string name = fmt::format("{}.{}_constant", path, port_name);
    static const ModelInfo& signal = model_of(Role::signal);
    add(name, signal, where);
    set_number(name, signal.params.front().name, value, where);
    connect(fmt::format("{}.{}", path, port_name), name + ".signal", where);
}

void Builder::alias(std::string name, std::string_view target, Where where) {
    const PortRef ref = port(target, where);
    if (!aliases_.emplace(name, ref).second)
        throw input_error(fmt::format("the port name '{}' is already used", name), where);
}

PortRef Builder::port(std::string_view name, Where where) const {
    if (const auto found = aliases_.find(std::string(name)); found != aliases_.end()) return found->second;
    const std::string owner(owner_of(name)), port_name(last_level(name));
    const auto found = members_.find(owner);
    if (found == members_.end()) {
        std::vector<std::string> known;
        for (const auto& [path, ids] : members_) known.push_back(path);
        for (const auto& [path, ref] : aliases_) known.push_back(path);
        throw input_error(
            fmt::format("there is no port '{}'{}", name, did_you_mean(owner.empty() ? name : owner, known)), where);
    }
    const Draft& draft = drafts_[found->second.front()];
    for (std::size_t k = 0; k < draft.info->ports.size(); ++k)
        if (draft.info->ports[k].name == port_name) return {found->second.front(), static_cast<int>(k)};
    throw input_error(fmt::format("{}: model {} has no port '{}'; its ports are {}", owner, draft.info->type, port_name,
                                  fmt::join(names_of(draft.info->ports), ", ")),
                      where);
}

void Builder::connect(PortRef a, PortRef b, Where where) {
    const auto describe = [&](PortRef r) {
        return drafts_[r.component].path + "." + drafts_[r.component].info->ports[r.port].name;
    };
    const PortInfo& pa = drafts_[a.component].info->ports[a.port];
    const PortInfo& pb = drafts_[b.component].info->ports[b.port];
    if (pa.kind != pb.kind)
        throw input_error(fmt::format("{} is a {} port and {} a {} port: only like ports connect{}", describe(a),
                                      pa.kind->name, describe(b), pb.kind->name, way_between(*pa.kind, *pb.kind)),
                          where);
    joins_.emplace_back(a, b);
}

}  // namespace kelvolt
