// Voltages at electric buses: start values, dead buses at zero, collapse, and messages about buses.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "solver/electric/energised.hpp"

namespace kelvolt {

namespace {

void put_node(const Node& node, Complex v, std::vector<double>& y) {
    double* at = &y[node.first];
    if (node.is_dc()) {
        at[0] = v.real();
    } else if (node.is_four_wire()) {
        for (int k = 0; k < 3; ++k) {
            const Complex phase = v * std::polar(1.0, -2.0 * M_PI / 3.0 * k);
            at[2 * k] = phase.real(), at[2 * k + 1] = phase.imag();
        }
        at[6] = at[7] = 0.0;
    } else {
        at[0] = v.real(), at[1] = v.imag();
    }
}

// Sets a component's own electric unknowns, the charges of stores not included.
template <class F>
void set_own(const Network& net, const Component& c, std::vector<double>& y, const F& value) {
    for (const UnknownInfo& u : c.info->unknowns)
        if (const int k = net.global(c, u.local); net.domain[k] == Domain::electric && !net.differential[k])
            y[k] = value(k);
}

// Is phase k of a live node open on the way to it (see mark_open_phases)?
bool open_phase(const Node& node, const std::vector<double>& live, int k) {
    return live[node.first] != 0.0 && live[node.first + 2 * k + 1] == 0.0;
}

// Voltage of a node. DC: its value. AC: the magnitude. Four wires: the lowest of the phase-to-neutral magnitudes. Phases
// that are open on the way may have any voltage and are left out; infinite where no other is left.
double magnitude(const Node& node, const std::vector<double>& live, const std::vector<double>& y) {
    const double* at = &y[node.first];
    if (node.is_dc()) return at[0];
    if (!node.is_four_wire()) return open_phase(node, live, 0) ? INFINITY : std::hypot(at[0], at[1]);
    double least = INFINITY;
    for (int k = 0; k < 3; ++k)
        if (!open_phase(node, live, k)) least = std::min(least, std::hypot(at[2 * k] - at[6], at[2 * k + 1] - at[7]));
    return least;
}

// The voltage of a phase that is open starts from that of the neutral: from a higher one, a load of constant power would
// drive it up without end.
void rest_open_phases(const Node& node, const std::vector<double>& live, std::vector<double>& y) {
    if (node.is_dc()) return;
    double* at = &y[node.first];
    if (!node.is_four_wire()) {
        if (open_phase(node, live, 0)) at[0] = at[1] = 0.0;
        return;
    }
    for (int k = 0; k < 3; ++k)
        if (open_phase(node, live, k)) at[2 * k] = at[6], at[2 * k + 1] = at[7];
}

}  // namespace

void ElectricGraph::fill(const Network& net, const Energised& state, std::vector<double>& y) const {
    for (const int n : nodes_) {
        put_node(net.nodes[n], state.open[n], y);
        rest_open_phases(net.nodes[n], state.live, y);
    }
    rest_dead(net, state.live, y);
}

// Newton's iteration must not start with the former current of such a converter: into a dead bus only the insulation
// conductance would take it, and a converter without an input would carry load that others have to take over.
void ElectricGraph::rest_dead(const Network& net, const std::vector<double>& live, std::vector<double>& y) const {
    for (const Member& m : members_) {
        const Component& c = net.components[m.component];
        bool any_live = false, any_feed = false, fed = false, source = false;
        for (const Terminal& t : m.terminals) {
            const PortInfo& port = c.info->ports[t.port];
            const bool is_live = live[net.nodes[t.node].first] != 0.0;
            any_live |= is_live;
            any_feed |= is_live && port.feeders.empty();
            fed |= !port.feeders.empty();
            source |= port.source;
        }
        if (any_live && !(fed && !any_feed && !source)) continue;
        set_own(net, c, y, [](int) { return 0.0; });
    }
}

void ElectricGraph::adapt(const Network& net, const Energised& state, std::vector<double>& y) const {
    for (const int n : nodes_) {
        const Node& node = net.nodes[n];
        if (state.live[node.first] == 0.0 || magnitude(node, state.live, y) < 0.3 * std::abs(state.open[n]))
            put_node(node, state.open[n], y);
        rest_open_phases(node, state.live, y);
    }
    rest_dead(net, state.live, y);
    for (const Member& m : members_) {  // where the voltage collapsed, sources and converters begin anew without load
        if (!m.feeds() || state.live[net.nodes[m.output].first] != 0.0 || state.open[m.output] == 0.0) continue;
        set_own(net, net.components[m.component], y, [&](int k) { return net.start[k]; });
    }
}

std::pair<int, double> ElectricGraph::weakest(const Network& net, const Energised& state,
                                              const std::vector<double>& y) const {
    std::pair<int, double> found{-1, INFINITY};
    for (const int n : nodes_) {
        const double open = std::abs(state.open[n]);
        if (!(open > 0.0) || state.live[net.nodes[n].first] == 0.0) continue;
        if (const double share = magnitude(net.nodes[n], state.live, y) / open; share < found.second)
            found = {n, share};
    }
    return found;
}

ElectricGraph::Fall ElectricGraph::falling(const Network& net, const Energised& state,
                                           const std::vector<double>& before, const std::vector<double>& y) const {
    const auto [lowest, least] = weakest(net, state, y);
    Fall found{lowest, least, 1e-9};
    for (const int n : nodes_) {
        const double open = std::abs(state.open[n]);
        if (!(open > 0.0) || state.live[net.nodes[n].first] == 0.0) continue;
        const double now = magnitude(net.nodes[n], state.live, y) / open,
                     fall = magnitude(net.nodes[n], state.live, before) / open - now;
        if (fall > found.fall) found = {n, now, fall};
    }
    return found;
}

int ElectricGraph::output(int component) const {
    const auto member =
        std::find_if(members_.begin(), members_.end(), [&](const Member& m) { return m.component == component; });
    return member == members_.end() ? -1 : member->output;
}

std::string ElectricGraph::name(const Network& net, int node) {
    const PortRef first = net.nodes[node].ports.front();
    const Component& c = net.components[first.component];
    return c.path + "." + c.info->ports[first.port].name;
}

void ElectricGraph::put_out(const Network& net, const Values& values, std::vector<double>& y) const {
    for (const int n : nodes_)
        if (values.live[net.nodes[n].first] == 0.0) put_node(net.nodes[n], 0.0, y);
    rest_dead(net, values.live, y);
}

bool ElectricGraph::stands(const Network& net, const Values& values, const std::vector<double>& y) const {
    return std::all_of(nodes_.begin(), nodes_.end(), [&](int n) {
        const int u = net.nodes[n].first;
        return values.live[u] == 0.0 || magnitude(net.nodes[n], values.live, y) > collapse * net.nominal[u];
    });
}

namespace {

// Components with a port at one of the nodes, in the order of the case.
std::vector<int> components_at(const Network& net, const std::vector<int>& nodes) {
    std::vector<int> ids;
    for (const int n : nodes)
        for (const PortRef& r : net.nodes[n].ports) ids.push_back(r.component);
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

std::string names_of(const Network& net, const std::vector<int>& ids) {
    const std::size_t shown = std::min<std::size_t>(ids.size(), 4);
    std::vector<std::string> names;
    for (std::size_t k = 0; k < shown; ++k) names.push_back(net.components[ids[k]].path);
    return fmt::format("{}{}", fmt::join(names, ", "),
                       ids.size() > shown ? fmt::format(" and {} more", ids.size() - shown) : "");
}

}  // namespace

std::vector<BusChange> describe_changes(const Network& net, const Energised& state, const std::vector<double>& before) {
    std::vector<BusChange> found;
    for (const ElectricIsland& island : state.islands) {
        std::vector<int> changed;
        for (const int n : island.nodes) {
            const double was = before.empty() ? 1.0 : before[net.nodes[n].first];
            if (was != state.live[net.nodes[n].first]) changed.push_back(n);
        }
        if (changed.empty()) continue;
        const std::vector<int> ids = components_at(net, changed);
        found.push_back(
            {net.components[ids.front()].path,
             names_of(net, ids) + (state.live[net.nodes[changed.front()].first] == 0.0 ? ": dead, nothing feeds them"
                                                                                       : ": live again")});
    }
    return found;
}

Energised energise(const Network& net, const double* y, const double* yp, Values& values) {
    if (!net.electric) return {};
    Energised state = net.electric->look(net, Point{y, yp, values});
    if (!state.conflicts.empty()) throw Error(Error::Kind::out_of_step, state.conflicts.front());
    values.live = state.live;
    return state;
}

}  // namespace kelvolt
