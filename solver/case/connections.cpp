#include "solver/case/connections.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "solver/case/templates.hpp"
#include "solver/network/path_diagnosis.hpp"

namespace kelvolt {

namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\n");
    return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

ConnectionLine read_line(const yaml::Node& node) {
    if (!node.is_text())
        throw input_error("a connection must be text such as 'pump.b -> hose -> rack.inlet'; quote it if it holds ': '",
                          node.where());
    ConnectionLine line{{}, node.text, node.where()};
    std::string_view rest = node.text;
    while (true) {
        const std::size_t arrow = rest.find("->");
        const std::string_view end = trimmed(rest.substr(0, arrow));
        if (end.empty())
            throw input_error(
                fmt::format("the connection '{}' has nothing beside an arrow; write 'pump.b -> hose -> rack.inlet'",
                            node.text),
                node.where());
        line.ends.push_back(parse_path(end, node.where()));
        if (arrow == std::string_view::npos) break;
        rest.remove_prefix(arrow + 2);
    }
    if (line.ends.size() < 2)
        throw input_error(
            fmt::format("the connection '{}' has no '->'; write 'pump.b -> hose -> rack.inlet'", node.text),
            node.where());
    return line;
}

std::vector<std::string> port_names(const Part& part) {
    std::vector<std::string> names;
    if (part.is_leaf())
        for (const PortInfo& p : part.info->ports) names.push_back(p.name);
    else
        for (const auto& p : part.assembly->ports) names.push_back(p.name);
    return names;
}

}  // namespace

std::vector<ConnectionLine> read_connections(const yaml::Node& list) {
    std::vector<ConnectionLine> lines;
    if (list.is_null()) return lines;
    for (const yaml::Node& node : yaml::list(list, "connections").items) lines.push_back(read_line(node));
    return lines;
}

void Connector::connect(Part& assembly, const std::string& path) {
    for (const ConnectionLine& line : assembly.assembly->connections) {
        std::vector<End> from = ends(assembly, path, line.ends[0], line.where);
        for (std::size_t k = 1; k < line.ends.size(); ++k) {
            std::vector<End> to = ends(assembly, path, line.ends[k], line.where);
            if (k + 1 < line.ends.size() && !to.front().rest.empty())
                throw input_error(
                    fmt::format(
                        "the connection '{}' names a port in its middle ({}): the connection passes through the "
                        "component there, so write it without port, or write two connections",
                        line.text, text_of(line.ends[k], line.ends[k].size())),
                    line.where);
            if (from.size() != to.size() && from.size() != 1 && to.size() != 1)
                throw input_error(fmt::format("the connection '{}' does not pair up: {} has {} elements and {} has {}",
                                              line.text, text_of(line.ends[k - 1], line.ends[k - 1].size()),
                                              from.size(), text_of(line.ends[k], line.ends[k].size()), to.size()),
                                  line.where);
            for (std::size_t i = 0; i < std::max(from.size(), to.size()); ++i) {
                const PortRef a = port(from[from.size() == 1 ? 0 : i], Side::out, line.where);
                const PortRef b = port(to[to.size() == 1 ? 0 : i], Side::in, line.where);
                if (a == b)
                    throw input_error(fmt::format("the connection '{}' connects {} with itself", line.text, to[0].path),
                                      line.where);
                builder_.connect(a, b, line.where);
            }
            from = std::move(to);
        }
    }
}

std::vector<Connector::End> Connector::ends(Part& assembly, const std::string& path, const std::vector<PathStep>& steps,
                                            const Where& where) {
    // an outward port of the inner assembly is the last step, so the search stops one level early if the last step
    // names one
    std::vector<End> all;
    const auto expand = [&](Part* part, const std::string& at, std::size_t used) {
        std::vector<PathStep> rest(steps.begin() + static_cast<std::ptrdiff_t>(used), steps.end());
        if (rest.empty() || rest[0].index == PathStep::Index::none || !part->is_leaf()) {
            all.push_back({part, at, std::move(rest)});
            return;
        }
        // cell[a..b] or way[a..b] of a divided component
        PathStep& s = rest[0];
        if (part->cells == 0)
            throw input_error(fmt::format("{} is not divided into cells, so {} does not exist; its ports are {}", at,
                                          text_of(s), listed(port_names(*part))),
                              where);
        const int first = s.index == PathStep::Index::all ? 1 : s.first,
                  last = s.index == PathStep::Index::all ? part->cells : s.last;
        if (last > part->cells) throw input_error(index_problem(s, part->cells, at), where);
        for (int i = first; i <= last; ++i) {
            s.index = PathStep::Index::range;
            s.first = s.last = i;
            all.push_back({part, at, rest});
        }
    };
    if (steps.size() > 1 && steps.back().index == PathStep::Index::none) {
        const auto owners = finder_.find(assembly, path, steps, steps.size() - 1, true, where);
        const bool outward = std::all_of(owners.begin(), owners.end(), [&](const auto& f) {
            const auto& groups = f.part->groups;
            return f.part->is_leaf() ||
                   (f.steps + 1 == steps.size() && std::none_of(groups.begin(), groups.end(), [&](const PartGroup& g) {
                        return g.name == steps.back().name;
                    }));
        });
        if (outward) {
            for (const auto& f : owners) expand(f.part, f.path, f.steps);
            return all;
        }
    }
    for (const auto& f : finder_.find(assembly, path, steps, steps.size(), true, where))
        expand(f.part, f.path, f.steps);
    return all;
}

PortRef Connector::port(const End& end, Side side, const Where& where) {
    return end.rest.empty() ? through(end, side, where) : named_port(end, where);
}

PortRef Connector::named_port(const End& end, const Where& where) {
    const std::string name = text_of(end.rest, end.rest.size());
    if (end.part->is_leaf()) {
        const PathStep& s = end.rest.back();
        const bool is_way = end.rest.size() == 1 && s.name == "way" && end.part->cells > 0;
        const bool is_cell = end.rest.size() == 2 && end.rest[0].name == "cell" && end.part->cells > 0;
        if (!is_way && ((end.rest.size() != 1 && !is_cell) || !end.part->info->port(s.name)))
            throw input_error(
                fmt::format("{}: model {} has no port '{}'{}; its ports are {}", end.path, end.part->info->type, name,
                            did_you_mean(s.name, port_names(*end.part)), listed(port_names(*end.part))),
                where);
        return builder_.port(fmt::format("{}.{}", end.path, name), where);
    }
    if (const Assembly::Port* p = end.part->assembly->port(name)) return outward_port(*end.part, end.path, *p);
    throw input_error(
        fmt::format("{}: assembly {} has no port or component '{}'{}; its ports are {}", end.path,
                    end.part->assembly->name, name, did_you_mean(name, port_names(*end.part)),
                    port_names(*end.part).empty() ? "none (say them under `ports:`)" : listed(port_names(*end.part))),
        where);
}

PortRef Connector::outward_port(Part& part, const std::string& path, const Assembly::Port& port_of) {
    const auto found = ends(part, path, port_of.target, port_of.where);
    if (found.size() != 1 || found[0].rest.empty())
        throw input_error(
            fmt::format("assembly {}: port {} must name one port, but {} names {}", part.assembly->name, port_of.name,
                        text_of(port_of.target, port_of.target.size()), found.size() == 1 ? "a component" : "several"),
            port_of.where);
    return named_port(found[0], port_of.where);
}

namespace {
/// The two of several ports that a connection passes through: fluid ports if there are any. -1: none.
struct Pass {
    int in = -1, out = -1;
    bool ambiguous = false;
};
Pass choose(const std::vector<const PortInfo*>& ports) {
    const bool fluid = std::any_of(ports.begin(), ports.end(), [](const PortInfo* p) { return p->kind->has_medium; });
    Pass pass;
    const PortKind* kind = nullptr;
    for (int k = 0; k < static_cast<int>(ports.size()); ++k) {
        const PortInfo& p = *ports[k];
        if (p.kind->is_signal || (fluid && !p.kind->has_medium) || (kind && p.kind != kind)) continue;
        kind = p.kind;
        if (pass.in < 0)
            pass.in = k;
        else if (pass.out < 0)
            pass.out = k;
    }
    if (pass.out < 0) pass.out = pass.in;
    return pass;
}
}  // namespace

PortRef Connector::through(const End& end, Side side, const Where& where) {
    if (end.part->is_leaf()) return port_of_component(end.path, *end.part->info, side, where);
    const Assembly& assembly = *end.part->assembly;
    std::vector<PortRef> refs;
    std::vector<const PortInfo*> infos;
    for (const auto& p : assembly.ports) {
        const auto found = ends(*end.part, end.path, p.target, p.where);
        refs.push_back(outward_port(*end.part, end.path, p));
        // follows an outward port of an outward port to the component
        Part* part = found[0].part;
        const PathStep* name = &found[0].rest.back();
        while (!part->is_leaf()) {
            const Assembly::Port* inner = part->assembly->port(name->name);
            auto next = ends(*part, found[0].path, inner->target, inner->where);
            part = next[0].part;
            name = &inner->target.back();
        }
        const PortInfo* info = name->name == "way" ? nullptr : part->info->port(name->name);
        infos.push_back(info ? info : &part->info->ports.front());
    }
    const Pass pass = choose(infos);
    if (pass.in < 0)
        throw input_error(
            fmt::format("{}: assembly {} says no ports to connect; name a port of one of its components, or list "
                        "`ports:` there",
                        end.path, assembly.name),
            where);
    return refs[side == Side::in ? pass.in : pass.out];
}

PortRef Connector::port_of_component(const std::string& path, const ModelInfo& info, Side side,
                                     const Where& where) const {
    const Chain wanted = side == Side::in ? Chain::forward_in : Chain::forward_out;
    const auto& ports = info.ports;
    auto found = std::find_if(ports.begin(), ports.end(), [&](const PortInfo& p) { return p.chain == wanted; });
    if (found == ports.end()) {
        std::vector<const PortInfo*> all;
        int circuits = 0;
        for (const PortInfo& p : ports) {
            all.push_back(&p);
            if (p.kind->has_medium) circuits |= 1 << std::min(p.circuit, 30);
        }
        const Pass pass = choose(all);
        const bool two_circuits = (circuits & (circuits - 1)) != 0;
        if (pass.in < 0 || two_circuits)
            throw input_error(fmt::format("{}: say which port of model {} is meant; {}it has {}", path, info.type,
                                          two_circuits ? "it belongs to two circuits, " : "",
                                          fmt::join(
                                              [&] {
                                                  std::vector<std::string> names;
                                                  for (const PortInfo& p : ports) names.push_back(p.name);
                                                  return names;
                                              }(),
                                              ", ")),
                              where);
        found = ports.begin() + (side == Side::in ? pass.in : pass.out);
    }
    return builder_.port(fmt::format("{}.{}", path, found->name), where);
}

}  // namespace kelvolt
