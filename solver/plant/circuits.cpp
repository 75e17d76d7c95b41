// What is said of whole circuits: range of states, coolant, heat capacity, exchangers between two of them; and the
// elements that coolant of one circuit passes.
#include <algorithm>
#include <cmath>
#include <utility>

#include "solver/model/registry.hpp"
#include "solver/network/path_text.hpp"
#include "solver/plant/groups.hpp"
#include "solver/plant/plant.hpp"

namespace kelvolt {

std::vector<CircuitState> Plant::circuits() const {
    std::vector<CircuitState> found;
    std::vector<double> m_port;
    const double none = std::nan("");
    for (int k = 0; k < static_cast<int>(net_.circuits.size()); ++k) {
        const Circuit& circuit = net_.circuits[k];
        const std::string name = circuit.references.empty()
                                     ? "circuit " + std::to_string(k + 1)
                                     : net_.components[circuit.references.front().component].path;
        found.push_back({k, name, circuit.medium ? name_of(*circuit.medium) : "", circuit.closed, 0.0, 0.0, 0.0, none,
                         none, INFINITY, -INFINITY, none});
    }
    m_port.assign(found.size(), 0.0);
    for (const int port : fluid_ports_) {
        const int node = port_node_[port], k = net_.nodes[node].circuit;
        m_port[k] = std::max(m_port[k], std::abs(first_flow_[port]));
    }
    const std::vector<double> across = flows_across_levels();
    for (CircuitState& c : found) c.m_flow = std::max(across[c.number], m_port[c.number]);
    find_temperatures(found);
    for (const Side& side : sides_) found[side.circuit].volume += side.mass.held;
    const std::vector<double> capacity = capacities(), driven = driving();
    for (CircuitState& c : found) {
        const Medium* medium = net_.circuits[c.number].medium;
        c.volume = medium ? c.volume / coolants().filling_density(*medium) : std::nan("");
        c.capacity = capacity[c.number];
        c.V_flow = c.m_flow / density_at(c.number, c.T_low);
        constexpr double still = 1e-12;  // m3/s; less is rounding noise of a flow at rest
        c.dp = c.V_flow > still ? driven[c.number] / c.m_flow : none;
    }
    for (const ExchangerState& x : exchangers())
        if (x.hot >= 0) found[x.hot].approach = std::fmax(found[x.hot].approach, x.approach);
    return found;
}

// A pump at rest drives nothing: what it takes is a loss as of any other element. Pressures count from the lowest of
// the circuit, so that rounding noise in the flows of a boundary, or of a vessel, is not multiplied by an absolute one.
std::vector<double> Plant::driving() const {
    std::vector<double> lowest(net_.circuits.size(), INFINITY), driven(net_.circuits.size(), 0.0);
    for (const int port : fluid_ports_) {
        double& low = lowest[net_.nodes[port_node_[port]].circuit];
        low = std::min(low, first_potential(port_node_[port]));
    }
    std::vector<char> drives(reference_);
    for (const PumpState& pump : pumps())
        if (pump.on()) drives[net_.find(pump.path)] = 1;
    for (const int port : fluid_ports_) {
        if (!drives[port_component_[port]]) continue;
        const int node = port_node_[port], k = net_.nodes[node].circuit;
        driven[k] -= first_flow_[port] * (first_potential(node) - lowest[k]);
    }
    return driven;
}

// The flow into elements other than pumps and boundaries at all connections above a level of pressure, less what comes
// back there, is what passes the level downwards; elements that lie above it altogether cancel out.
std::vector<double> Plant::flows_across_levels() const {
    struct At {
        double p, m;
    };
    std::vector<std::vector<At>> ports(net_.circuits.size());
    for (const int port : fluid_ports_) {
        const int node = port_node_[port], c = port_component_[port];
        const bool lifts = is_reference(c) || is_pump(c);
        ports[net_.nodes[node].circuit].push_back({first_potential(node), lifts ? 0.0 : first_flow_[port]});
    }
    std::vector<double> largest(net_.circuits.size(), 0.0);
    for (std::size_t k = 0; k < ports.size(); ++k) {
        std::vector<At>& at = ports[k];
        if (at.empty()) continue;
        std::sort(at.begin(), at.end(), [](const At& a, const At& b) { return a.p > b.p; });
        const double same = 1e-9 * (at.front().p - at.back().p);  // Pa; connections at one pressure are on one side
        double passes = 0.0;
        for (std::size_t n = 0; n + 1 < at.size(); ++n) {
            passes += at[n].m;
            if (at[n].p - at[n + 1].p > same) largest[k] = std::max(largest[k], std::abs(passes));
        }
    }
    return largest;
}

// Behind an element that pours into a node with others the coolant has its own temperature, which the node has not.
void Plant::find_temperatures(std::vector<CircuitState>& circuits) const {
    constexpr double least = 1e-4;  // share of the circuit's flow from which coolant flows; less is a leak
    const auto include = [](CircuitState& c, double T) {
        if (!std::isfinite(T)) return;
        c.T_low = std::min(c.T_low, T);
        c.T_high = std::max(c.T_high, T);
    };
    for (int c = 0; c < size(); ++c) {
        for (const int port : fluid_ports(c)) {
            CircuitState& circuit = circuits[net_.nodes[port_node_[port]].circuit];
            if (std::abs(first_flow_[port]) >= least * circuit.m_flow) include(circuit, temperature(port_node_[port]));
        }
        const int one[] = {c};
        for (const Crossing& x : crossings(one)) {
            if (x.m_flow > 0.0 && x.m_flow >= least * circuits[x.circuit].m_flow) include(circuits[x.circuit], x.T_out);
        }
    }
}

int Plant::main_circuit() const {
    std::vector<double> gain(net_.circuits.size(), 0.0);
    for (int c = 0; c < size(); ++c)
        if (!is_reference(c) && !is_pump(c) && circuit_count(c) == 1) gain[circuit_of(c)] += heat_taken(c).first;
    return gain.empty() ? -1 : static_cast<int>(std::max_element(gain.begin(), gain.end()) - gain.begin());
}

std::vector<ExchangerState> Plant::exchangers() const {
    Groups<std::vector<int>> chains;
    for (int c = 0; c < size(); ++c)
        if (circuit_count(c) == 2) chains.at(chain_of(net_.components[c].path)).push_back(c);
    std::vector<ExchangerState> found;
    for (const auto& [path, components] : chains) {
        ExchangerState x{path, components, -1, std::nan("")};
        const std::vector<Crossing> sides = crossings(components);
        if (sides.size() == 2) {
            const bool first_gives = sides[0].heat <= sides[1].heat;
            const Crossing &hot = sides[first_gives ? 0 : 1], &cold = sides[first_gives ? 1 : 0];
            x.hot = hot.circuit;
            x.approach = hot.T_out - cold.T_in;
        }
        found.push_back(std::move(x));
    }
    return found;
}

// ---- heat capacity ----

Plant::Coupling Plant::couple() const {
    Coupling found{std::vector<int>(net_.components.size(), -1), std::vector<int>(net_.nodes.size(), -1)};
    std::vector<char> open(net_.nodes.size(), 0);  // heat nodes that no surroundings hold
    for (std::size_t n = 0; n < net_.nodes.size(); ++n) {
        const Node& node = net_.nodes[n];
        open[n] = node.kind->name == "heat" && std::none_of(node.ports.begin(), node.ports.end(),
                                                            [&](const PortRef& p) { return is_ambient(p.component); });
    }
    std::vector<int> reached;
    for (int c = 0; c < size(); ++c) {
        if (circuit_count(c) != 1) continue;
        found.component[c] = circuit_of(c);
        reached.push_back(c);
    }
    while (!reached.empty()) {
        const int c = reached.back(), label = found.component[c];
        reached.pop_back();
        for (int p = first_port_[c]; p < first_port_[c + 1]; ++p) {
            const int n = port_node_[p];
            if (!open[n] || found.node[n] >= 0) continue;
            found.node[n] = label;
            std::vector<int> at;
            for (const PortRef& other : net_.nodes[n].ports) at.push_back(other.component);
            std::sort(at.begin(), at.end());
            for (const int other : at) {
                if (found.component[other] >= 0 || circuit_count(other) > 0) continue;
                found.component[other] = label;
                reached.push_back(other);
            }
        }
    }
    return found;
}

// Everything is warmed by 1 K at once, and what a component then holds more belongs to the circuit it is coupled to. Of
// components between two circuits the coolant of each side counts, at the mean of its heat capacities before and after.
std::vector<double> Plant::capacities() const {
    const Coupling coupled = couple();
    std::vector<double> warmer(at_.y, at_.y + net_.size());
    for (std::size_t n = 0; n < net_.nodes.size(); ++n) {
        if (net_.nodes[n].circuit >= 0)
            warmer[net_.nodes[n].first + 1] += 1.0;
        else if (coupled.node[n] >= 0)
            warmer[net_.nodes[n].first] += 1.0;
    }
    const auto counts = [&](int c) { return coupled.component[c] >= 0 || circuit_count(c) > 1; };
    for (int c = 0; c < size(); ++c) {
        if (!counts(c)) continue;
        for (const UnknownInfo& u : net_.components[c].info->unknowns)
            if (u.unit == "K") warmer[net_.global(net_.components[c], u.local)] += 1.0;
    }
    std::vector<double> found(net_.circuits.size(), 0.0);
    Tally tally;
    tally.circuits.resize(net_.circuits.size());
    Report<double> report;
    report.tally = &tally;
    const Point then{warmer.data(), at_.yp, at_.values};
    for (int c = 0; c < size(); ++c) {
        if (!counts(c)) continue;
        tally.stored = 0.0;
        net_.block_of(net_.components[c]).outputs(net_.components[c].instance, then, report);
        for (int k = first_side_[c]; k < first_side_[c + 1]; ++k) {
            const double after = std::exchange(tally.circuits[sides_[k].circuit], {}).capacity;
            if (circuit_count(c) > 1) found[sides_[k].circuit] += 0.5 * (sides_[k].mass.capacity + after);
        }
        if (circuit_count(c) <= 1) found[coupled.component[c]] += tally.stored - stored_[c];
    }
    return found;
}

// ---- passages ----

std::vector<Passage> Plant::passages() const {
    Groups<std::vector<int>> chains;
    for (int c = 0; c < size(); ++c)
        if (fluid_ports(c).size() == 2 && circuit_count(c) == 1 && !is_reference(c) && !is_pump(c))
            chains.at(chain_of(net_.components[c].path)).push_back(c);
    std::vector<Passage> found;
    for (const auto& [path, cells] : chains)
        if (std::optional<Passage> p = passage(path, cells)) found.push_back(std::move(*p));
    std::stable_sort(found.begin(), found.end(), [](const Passage& a, const Passage& b) { return a.dp > b.dp; });
    return found;
}

std::optional<Passage> Plant::passage(std::string_view path, std::span<const int> cells) const {
    std::vector<std::pair<int, int>> ports;  // node and port
    for (const int c : cells)
        for (const int p : fluid_ports(c)) ports.emplace_back(port_node_[p], p);
    std::sort(ports.begin(), ports.end());
    std::vector<int> ends;  // ports at nodes that no other cell shares
    for (std::size_t k = 0; k < ports.size(); ++k) {
        const bool as_before = k > 0 && ports[k - 1].first == ports[k].first;
        const bool as_after = k + 1 < ports.size() && ports[k + 1].first == ports[k].first;
        if (!as_before && !as_after) ends.push_back(ports[k].second);
    }
    if (ends.size() != 2) return {};
    std::sort(ends.begin(), ends.end());
    if (first_flow_[ends[1]] > first_flow_[ends[0]]) std::swap(ends[0], ends[1]);
    const int inlet = port_node_[ends[0]], outlet = port_node_[ends[1]];
    double fastest = std::nan("");
    for (const int c : cells) fastest = std::fmax(fastest, std::abs(output(c, "velocity")));
    const double p_in = first_potential(inlet), p_out = first_potential(outlet);
    return Passage{std::string(path),
                   first_flow_[ends[0]] / density_at(net_.nodes[inlet].circuit, temperature(inlet)),
                   p_in - p_out,
                   fastest,
                   p_in,
                   p_out};
}

}  // namespace kelvolt
