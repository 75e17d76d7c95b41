#include "solver/network/paths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "solver/network/path_diagnosis.hpp"
#include "solver/network/path_pattern.hpp"

namespace kelvolt {

namespace {

using RefKind = ValueRef::Kind;

/// One value of a model named by the last steps of a pattern.
struct Member {
    RefKind kind;
    int index;
    Quantity quantity;
    std::string name;
    Chain chain = Chain::tied;  ///< of the port, for potentials and flows
    bool is_signal = false;     ///< an unconnected signal port, which stands for its constant
    bool hidden = false;        ///< a parameter with the same name as an unknown or output
};

/// The members of each model that a pattern names, found once per model.
class MemberIndex {
   public:
    MemberIndex(const std::vector<PathStep>& steps, bool parameters_only)
        : last_(steps.back()), port_(steps.size() > 2 ? &steps[steps.size() - 2] : nullptr), only_(parameters_only) {}

    struct Found {
        std::vector<Member> own, of_ports;
    };
    const Found& of(const ModelInfo* info) {
        const auto [at, fresh] = found_.try_emplace(info);
        if (fresh) at->second = {own(*info), port_ ? of_ports(*info) : std::vector<Member>{}};
        return at->second;
    }

   private:
    const PathStep& last_;
    const PathStep* port_;
    bool only_;
    std::unordered_map<const ModelInfo*, Found> found_;

    // A name means one value: an unknown or output ("supply.V_flow") hides a parameter of the same name. For setting,
    // and for a whole chain, only parameters are searched.
    std::vector<Member> own(const ModelInfo& info) const {
        std::vector<Member> members;
        const auto add = [&](RefKind kind, int index, std::string_view unit, const std::string& name,
                             bool is_signal = false) {
            if (last_.index != PathStep::Index::none || !last_.holds_name(name)) return;
            const bool taken =
                std::any_of(members.begin(), members.end(), [&](const Member& m) { return m.name == name; });
            if (!taken || kind == RefKind::parameter)
                members.push_back({kind, index, declared(unit), name, Chain::tied, is_signal, taken});
        };
        if (!only_) results(info, add);
        for (const ParamInfo& p : info.params)
            if (p.type == ParamInfo::Type::number) add(RefKind::parameter, p.index, p.unit, p.name);
        // a signal port is named only explicitly, so that "pump.*" lists the own values of the pump
        for (const PortInfo& p : info.ports)
            if (p.kind->is_signal && !p.writes && last_.name == p.name) add(RefKind::parameter, 0, "1", p.name, true);
        return members;
    }
    template <class Add>
    static void results(const ModelInfo& info, const Add& add) {
        for (const UnknownInfo& u : info.unknowns) add(RefKind::unknown, u.local, u.unit, u.name);
        for (std::size_t k = 0; k < info.outputs.size(); ++k)
            add(RefKind::output, static_cast<int>(k), info.outputs[k].unit, info.outputs[k].name);
        for (std::size_t k = 0; k < info.discretes.size(); ++k)
            add(RefKind::discrete, static_cast<int>(k), "1", info.discretes[k].name);
    }
    std::vector<Member> of_ports(const ModelInfo& info) const {
        std::vector<Member> members;
        if (only_ || port_->index != PathStep::Index::none || last_.index != PathStep::Index::none) return members;
        for (const PortInfo& port : info.ports) {
            if (!port_->holds_name(port.name)) continue;
            for (std::size_t q = 0; q < port.kind->pairs.size(); ++q) {
                const auto& pair = port.kind->pairs[q];
                const int local = port.first + static_cast<int>(q);
                const auto add = [&](RefKind kind, std::string_view name, std::string_view unit) {
                    if (last_.holds_name(name))
                        members.push_back(
                            {kind, local, declared(unit), fmt::format("{}.{}", port.name, name), port.chain});
                };
                add(RefKind::potential, pair.potential, pair.unit);
                if (!port.kind->is_signal) add(RefKind::flow, pair.flow, pair.flow_unit);
            }
        }
        return members;
    }
};

class Search {
   public:
    Search(const Network& net, const std::vector<PathStep>& steps, bool parameters_only)
        : net_(net), steps_(steps), index_(steps, parameters_only) {}

    std::vector<ValueRef> run() {
        for (int c = 0; c < static_cast<int>(net_.components.size()); ++c) visit(c);
        return std::move(refs_);
    }

   private:
    const Network& net_;
    const std::vector<PathStep>& steps_;
    MemberIndex index_;
    std::vector<ValueRef> refs_;

    bool owner_matches(std::string_view path, std::size_t levels_left) const {
        if (steps_.size() <= levels_left) return false;
        return matches(path, steps_.data(), steps_.data() + steps_.size() - levels_left);
    }

    void visit(int c) {
        const Component& comp = net_.components[c];
        const auto& [own, of_ports] = index_.of(comp.info);
        if (own.empty() && of_ports.empty()) return;
        const std::string_view chain = chain_of(comp.path);
        const bool in_chain = chain.size() < comp.path.size();
        if (!own.empty()) {
            if (owner_matches(comp.path, 1)) {
                for (const Member& m : own)
                    if (!m.hidden) add(c, comp.path, m);
            } else if (in_chain && owner_matches(chain, 1)) {
                for (const Member& m : own)
                    if (m.kind == RefKind::parameter && !(m.is_signal && cell_number(comp.path) != 1))
                        add_of_chain(c, chain, m);
            }
        }
        if (of_ports.empty()) return;
        if (owner_matches(comp.path, 2)) {
            for (const Member& m : of_ports) add(c, comp.path, m);
        } else if (in_chain && owner_matches(chain, 2)) {
            for (const Member& m : of_ports)
                if (is_outward(comp.path, chain, m.chain)) add(c, chain, m);
        }
    }
    // a parameter of a chain is that of each of its cells; a signal of a chain has one constant
    void add_of_chain(int c, std::string_view chain, const Member& m) {
        add(c, m.is_signal ? chain : std::string_view(net_.components[c].path), m);
    }
    void add(int c, std::string_view owner, const Member& m) {
        std::string path = fmt::format("{}.{}", owner, m.name);
        if (m.is_signal) {
            c = net_.find(path + "_constant");
            if (c < 0) return;
        }
        refs_.push_back({m.kind, c, m.index, m.quantity, std::move(path)});
    }

    bool is_outward(std::string_view path, std::string_view chain, Chain port) const {
        const int cell = cell_number(path);
        if (port != Chain::forward_out && port != Chain::counter_in) return cell == 1;
        return net_.find(fmt::format("{}.cell[{}]", chain, cell + 1)) < 0;
    }
};

std::vector<ValueRef> find(const Network& net, std::string_view pattern, bool parameters_only, const Where& where) {
    const std::vector<PathStep> steps = parse_path(pattern, where);
    if (steps.size() < 2) throw nothing_found(net, pattern, steps, parameters_only, where);
    auto refs = Search(net, steps, parameters_only).run();
    if (refs.empty()) throw nothing_found(net, pattern, steps, parameters_only, where);
    check_range_ends(refs, pattern, steps, where);
    return refs;
}

const ParamInfo& number_of(const Network& net, const ValueRef& ref) {
    if (ref.kind != RefKind::parameter)
        throw input_error(fmt::format("{}: this is a result, not a parameter; only parameters can be set", ref.path));
    for (const ParamInfo& p : net.components[ref.component].info->params)
        if (p.type == ParamInfo::Type::number && p.index == ref.index) return p;
    throw input_error(fmt::format("{}: there is no such parameter", ref.path));
}

}  // namespace

std::vector<ValueRef> find_values(const Network& net, std::string_view pattern, const Where& where) {
    return find(net, pattern, false, where);
}

std::vector<ValueRef> find_parameters(const Network& net, std::string_view pattern, const Where& where) {
    return find(net, pattern, true, where);
}

std::size_t position_of(const Network& net, const ValueRef& ref) {
    number_of(net, ref);
    return net.param_position(net.components[ref.component], ref.index);
}

int unknown_of(const Network& net, const ValueRef& ref) {
    if (ref.kind != RefKind::unknown && ref.kind != RefKind::potential)
        throw input_error(fmt::format("{}: this is no unknown of the solver", ref.path));
    return net.global(net.components[ref.component], ref.index);
}

double read_parameter(const Network& net, const Values& values, const ValueRef& ref) {
    return values.params[position_of(net, ref)];
}

void check_parameter(const Network& net, const ValueRef& ref, double si, const Where& where) {
    const ParamInfo& p = number_of(net, ref);
    const std::string unit = p.unit == "1" ? "" : " " + ref.quantity.unit;
    if (p.name == "cells" && net.components[ref.component].info->chainable)
        throw input_error(
            fmt::format("{}: the number of cells is fixed when the network is built; change it in the case", ref.path),
            where);
    if (!std::isfinite(si) || !p.range.holds(si))
        throw input_error(
            fmt::format("{} = {:g}{} is outside its range ({}); {}{}", ref.path, si, unit,
                        range_text(p.range, p.unit == "1" ? "1" : ref.quantity.unit), p.doc, percent_remedy(p, si)),
            where);
}

void write_parameter(const Network& net, Values& values, const ValueRef& ref, double si) {
    check_parameter(net, ref, si);
    values.params[position_of(net, ref)] = si;
}

}  // namespace kelvolt
