// What an electric network is refused for when it is built, and why a neutral carries no current.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "solver/electric/energised.hpp"
#include "solver/network/union_find.hpp"

namespace kelvolt {

// The current of such a loop would not be determined.
void refuse_bare_loops(const Network& net) {
    UnionFind joined(static_cast<int>(net.nodes.size()));
    for (const Component& c : net.components) {
        if (!net.block_of(c).ideal()) continue;
        int before = -1;
        for (int k = 0; k < static_cast<int>(c.info->ports.size()); ++k) {
            if (!(c.info->ports[k].kind->electric > 0.0)) continue;
            const int node = node_of(net, c, k);
            if (before >= 0 && joined.find(before) == joined.find(node))
                throw topology_error(
                    fmt::format(
                        "{} closes a loop without impedance: its ends are already connected without resistance, "
                        "so nothing determines how the current divides; put a cable or a switch into the loop",
                        c.path),
                    c.where);
            if (before >= 0) joined.join(before, node);
            before = node;
        }
    }
}

namespace {

// For messages: a port at the node, of a component other than c if there is one.
std::string neighbour(const Network& net, int node, int c) {
    const auto& ports = net.nodes[node].ports;
    const auto other = std::find_if(ports.begin(), ports.end(), [&](const PortRef& p) { return p.component != c; });
    const PortRef& at = other == ports.end() ? ports.front() : *other;
    return net.components[at.component].path + "." + net.components[at.component].info->ports[at.port].name;
}

// A component with ports whose nominal voltage does not fit the voltage without load of their buses.
struct Mismatch {
    int component;
    std::string text;
    int ports;
    double bus, stated;  ///< line to line [V]
};

// For messages: the other components that state the same voltage where the same wrong one was found. Several of them are
// a part of the network of another level, joined without a transformer or by one of the wrong ratio.
std::string two_levels(const Network& net, const std::vector<Mismatch>& found, const Mismatch& worst) {
    std::vector<std::string> others;
    for (const Mismatch& m : found)
        if (m.component != worst.component && m.ports == 1 && std::abs(m.bus / worst.bus - 1.0) < 0.2 &&
            std::abs(m.stated / worst.stated - 1.0) < 0.2)
            others.push_back(net.components[m.component].path);
    if (others.empty()) return "";
    const std::size_t shown = std::min<std::size_t>(others.size(), 3);
    const std::string more = others.size() > shown ? fmt::format(" and {} more", others.size() - shown) : "";
    return fmt::format(
        ". {}{} state about {:.4g} V there, too: two voltage levels, {:.4g} V and {:.4g} V, are joined without a "
        "transformer or by one of the wrong ratio",
        fmt::join(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(shown), ", "), more, worst.stated,
        worst.bus, worst.stated);
}

}  // namespace

// Refuses a component built for another voltage than that of its bus: a 10 kV load on 400 V, a transformer with its
// sides swapped.
void refuse_wrong_voltages(const Network& net, const Energised& now, const Energised& all) {
    constexpr double least = 0.5, most = 1.5;
    std::vector<Mismatch> found;
    for (int c = 0; c < static_cast<int>(net.components.size()); ++c) {
        const Component& component = net.components[c];
        for (int k = 0; k < static_cast<int>(component.info->ports.size()); ++k) {
            const PortInfo& port = component.info->ports[k];
            if (port.rated < 0) continue;
            const int n = node_of(net, component, k);
            const double share = net.nodes[n].kind->phase_share, at_now = std::abs(now.open[n]) / share,
                         bus = at_now > 0.0 ? at_now : std::abs(all.open[n]) / share,
                         stated = net.initial.params[net.param_position(component, port.rated)];
            if (!(bus > 0.0) || std::isnan(stated) || (stated >= least * bus && stated <= most * bus)) continue;
            const auto number = std::find_if(
                component.info->params.begin(), component.info->params.end(),
                [&](const ParamInfo& p) { return p.type == ParamInfo::Type::number && p.index == port.rated; });
            const std::string text = fmt::format("{} = {:.4g} V at {}, where {} is at {:.4g} V without load",
                                                 number->name, stated, port.name, neighbour(net, n, c), bus);
            if (found.empty() || found.back().component != c) found.push_back({c, "", 0, bus, stated});
            found.back().text += (found.back().ports++ ? ", and " : "") + text;
        }
    }
    if (found.empty()) return;
    // A swapped transformer gives a wrong voltage to everything behind it, so the component with the most mismatched
    // ports is named.
    const auto worst = std::max_element(found.begin(), found.end(),
                                        [](const Mismatch& a, const Mismatch& b) { return a.ports < b.ports; });
    const Component& component = net.components[worst->component];
    throw input_error(
        fmt::format("{}: {}; allowed: {:g} to {:g} times the voltage of the bus. {}{}", component.path, worst->text,
                    least, most,
                    worst->ports > 1 ? "Are its sides swapped? Connect each to the bus of its voltage"
                                     : "Connect it to a bus of its voltage, put a transformer or converter between, or "
                                       "correct one of the two",
                    worst->ports > 1 ? "" : two_levels(net, found, *worst)),
        component.where);
}

std::string ElectricGraph::neutral_cause(const Network& net, int node) {
    UnionFind joined(static_cast<int>(net.nodes.size()));
    const auto each_port = [&](const auto& visit) {
        for (const Component& c : net.components)
            for (int k = 0; k < static_cast<int>(c.info->ports.size()); ++k)
                if (const PortInfo& port = c.info->ports[k]; port.kind->electric > 0.0)
                    visit(c, port, node_of(net, c, k), net.block_of(c).neutral(c.instance, k));
    };
    const Component* owner = nullptr;
    int before = -1;
    each_port([&](const Component& c, const PortInfo& port, int at, NeutralPath path) {
        if (owner != &c) owner = &c, before = -1;
        if (path != NeutralPath::through || !port.feeders.empty()) return;
        if (before >= 0) joined.join(before, at);
        before = at;
    });
    bool closed = false;
    std::vector<std::string> blocking;
    each_port([&](const Component& c, const PortInfo&, int at, NeutralPath path) {
        if (joined.find(at) != joined.find(node)) return;
        closed = closed || path == NeutralPath::closed;
        if (path == NeutralPath::blocked && c.info->role == Role::transformer) blocking.push_back(c.path);
    });
    if (closed || blocking.empty()) return "";
    return fmt::format(
        ". A load between a phase and the neutral has no way back for its current: {} carries none of the neutral in "
        "its vector group; use Dyn or YNyn, or connect such loads between phases",
        fmt::join(blocking, ", "));
}

}  // namespace kelvolt
