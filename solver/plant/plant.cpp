#include "solver/plant/plant.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "solver/model/registry.hpp"
#include "solver/model/rise.hpp"
#include "solver/scalar/gravity.hpp"

namespace kelvolt {

Plant::Plant(const Network& net, const Point& at) : net_(net), at_(at) {
    number_ports();
    find_sides();
    look();
}

void Plant::number_ports() {
    first_port_.reserve(net_.components.size() + 1);
    first_port_.push_back(0);
    for (int c = 0; c < size(); ++c) {
        const int ports = static_cast<int>(net_.components[c].info->ports.size());
        port_component_.insert(port_component_.end(), ports, c);
        first_port_.push_back(first_port_.back() + ports);
    }
    port_node_.assign(port_component_.size(), -1);
    for (int n = 0; n < static_cast<int>(net_.nodes.size()); ++n)
        for (const PortRef& p : net_.nodes[n].ports) port_node_[first_port_[p.component] + p.port] = n;
    reference_.assign(net_.components.size(), 0);
    for (const Circuit& circuit : net_.circuits)
        for (const PortRef& r : circuit.references) reference_[r.component] = 1;
}

void Plant::find_sides() {
    heat_port_.assign(net_.components.size(), 0);
    wired_.assign(net_.components.size(), 0);
    first_fluid_.push_back(0);
    first_side_.push_back(0);
    std::vector<int> touched;
    for (int c = 0; c < size(); ++c) {
        const std::vector<PortInfo>& ports = net_.components[c].info->ports;
        touched.clear();
        for (int p = first_port_[c]; p < first_port_[c + 1]; ++p) {
            const PortKind& kind = *ports[p - first_port_[c]].kind;
            if (kind.name == "heat") heat_port_[c] = 1;
            if (kind.electric > 0.0) wired_[c] = 1;
            if (!kind.has_medium) continue;
            fluid_ports_.push_back(p);
            touched.push_back(net_.nodes[port_node_[p]].circuit);
        }
        std::sort(touched.begin(), touched.end());
        touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
        for (const int circuit : touched) sides_.push_back({circuit, {}});
        first_fluid_.push_back(static_cast<int>(fluid_ports_.size()));
        first_side_.push_back(static_cast<int>(sides_.size()));
    }
}

namespace {

/// The energy that coolant carries counts its height, so that a riser neither warms nor cools it. `m` and `H` are the
/// flows at the ports of one component.
void add_heights(const ModelInfo& info, double rise, const double* m, double* H) {
    if (!(std::abs(rise) > 0.0)) return;
    for (int k = 0; k < static_cast<int>(info.ports.size()); ++k) {
        const double z = height_of_port(info, k, rise);
        if (z != 0.0) H[k] += m[k] * gravity * z;
    }
}

}  // namespace

void Plant::look() {
    std::size_t outputs = 0;
    for (const Component& c : net_.components) {
        first_output_.push_back(outputs);
        outputs += c.info->outputs.size();
    }
    outputs_.resize(outputs);
    power_.resize(net_.components.size());
    stored_.resize(net_.components.size());
    first_flow_.resize(port_component_.size());
    second_flow_.assign(port_component_.size(), std::nan(""));
    feeders_.assign(net_.nodes.size(), 0);
    Tally tally;
    tally.circuits.resize(net_.circuits.size());
    Report<double> report;
    report.tally = &tally;
    std::vector<double> local;
    for (int c = 0; c < size(); ++c) {
        const Component& component = net_.components[c];
        const Block& block = net_.block_of(component);
        local.assign(component.info->size, 0.0);
        block.local_residual(component.instance, at_, local.data());
        int p = first_port_[c];
        for (const PortInfo& port : component.info->ports) {
            first_flow_[p] = local[port.first];
            if (port.kind->pairs.size() > 1) second_flow_[p] = local[port.first + 1];
            if (port.kind->has_medium && first_flow_[p] < -1e-9) ++feeders_[port_node_[p]];
            ++p;
        }
        report.values = outputs_.data() + first_output_[c];
        tally.power_in = tally.stored = 0.0;
        block.outputs(component.instance, at_, report);
        power_[c] = tally.power_in;
        add_heights(*component.info, output(c, "rise"), &first_flow_[first_port_[c]], &second_flow_[first_port_[c]]);
        stored_[c] = tally.stored;
        for (int k = first_side_[c]; k < first_side_[c + 1]; ++k)
            sides_[k].mass = std::exchange(tally.circuits[sides_[k].circuit], {});
    }
}

std::vector<std::vector<int>> Plant::components_of_circuits() const {
    std::vector<std::vector<int>> found(net_.circuits.size());
    for (int c = 0; c < size(); ++c)
        for (int k = first_side_[c]; k < first_side_[c + 1]; ++k) found[sides_[k].circuit].push_back(c);
    return found;
}

double Plant::output(int component, std::string_view name) const {
    const int k = net_.components[component].info->output(name);
    return k < 0 ? std::nan("") : outputs(component)[k];
}

double Plant::parameter(int component, std::string_view name) const {
    const Component& c = net_.components[component];
    const ParamInfo* p = c.info->param(name);
    return !p || p->type != ParamInfo::Type::number ? std::nan("")
                                                    : at_.values.params[net_.param_position(c, p->index)];
}

std::vector<int> Plant::having_output(std::string_view name) const {
    std::vector<char> has;
    for (const auto& block : net_.blocks) has.push_back(block->info->output(name) >= 0);
    std::vector<int> found;
    for (int c = 0; c < size(); ++c)
        if (has[net_.components[c].block]) found.push_back(c);
    return found;
}

double Plant::density_at(int circuit, double T) const {
    const Medium* medium = net_.circuits[circuit].medium;
    return medium ? density(*medium, T) : std::nan("");
}

// ---- groups ----

double Plant::heat_to_coolant(int c) const {
    double heat = 0.0;
    for (const int p : fluid_ports(c)) heat -= second_flow_[p];
    for (int k = first_side_[c]; k < first_side_[c + 1]; ++k) heat += sides_[k].mass.warming;
    return heat;
}

std::pair<double, double> Plant::heat_taken(int c) const {
    const double heat = heat_to_coolant(c);
    if (heat < 0.0 && heat_port_[c]) return {0.0, -heat};
    return {heat, 0.0};
}

namespace {

/// What enters a group at one of its ports.
struct Entering {
    int circuit, node;
    double m, H;
};

/// Flows at one node together, in ascending order of circuits and nodes.
void gather(std::vector<Entering>& ports) {
    std::stable_sort(ports.begin(), ports.end(), [](const Entering& a, const Entering& b) {
        return std::pair(a.circuit, a.node) < std::pair(b.circuit, b.node);
    });
    std::size_t last = 0;
    for (std::size_t k = 1; k < ports.size(); ++k) {
        if (ports[k].circuit == ports[last].circuit && ports[k].node == ports[last].node)
            ports[last].m += ports[k].m, ports[last].H += ports[k].H;
        else
            ports[++last] = ports[k];
    }
    if (!ports.empty()) ports.resize(last + 1);
}

}  // namespace

std::vector<Crossing> Plant::crossings(std::span<const int> group) const {
    std::vector<Entering> at;
    std::vector<std::pair<int, double>> warming;
    double largest = 1e-9;  // kg/s
    for (const int c : group) {
        for (const int p : fluid_ports(c)) {
            at.push_back({net_.nodes[port_node_[p]].circuit, port_node_[p], first_flow_[p], second_flow_[p]});
            largest = std::max(largest, std::abs(first_flow_[p]));
        }
        for (int k = first_side_[c]; k < first_side_[c + 1]; ++k)
            warming.emplace_back(sides_[k].circuit, sides_[k].mass.warming);
    }
    gather(at);
    std::stable_sort(warming.begin(), warming.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Crossing> found;
    std::vector<std::pair<int, double>> nodes;
    auto warm = warming.begin();
    for (auto from = at.begin(); from != at.end();) {
        const int circuit = from->circuit;
        double carried = 0.0, gained = 0.0;
        nodes.clear();
        for (; from != at.end() && from->circuit == circuit; ++from) {
            carried -= from->H;
            if (std::abs(from->m) > 1e-7 * largest) nodes.emplace_back(from->node, from->m);
        }
        for (; warm != warming.end() && warm->first == circuit; ++warm) gained += warm->second;
        if (!nodes.empty()) found.push_back(crossing(circuit, nodes, carried, gained));
    }
    return found;
}

Crossing Plant::crossing(int circuit, std::span<const std::pair<int, double>> nodes, double carried,
                         double warming) const {
    // means over the nodes of one direction, weighted with their flows
    struct Mean {
        double m = 0.0, p = 0.0, T = 0.0;
    } in, out;
    Crossing found{};
    bool shared = false;
    for (const auto& [node, m] : nodes) {
        Mean& side = m > 0.0 ? in : out;
        side.m += std::abs(m);
        side.p += std::abs(m) * first_potential(node);
        side.T += std::abs(m) * temperature(node);
        (m > 0.0 ? found.nodes_in : found.nodes_out).push_back(node);
        shared = shared || (m < 0.0 && feeders_[node] > 1);
    }
    found.circuit = circuit;
    found.m_flow = in.m;
    found.p_in = in.p / in.m, found.T_in = in.T / in.m;  // not a number where nothing enters
    found.p_out = out.p / out.m, found.T_out = out.T / out.m;
    found.V_flow = found.m_flow / density_at(circuit, found.T_in);
    // where others pour into the same node, its temperature is a mixture: the enthalpy tells
    if (const Medium* medium = net_.circuits[circuit].medium; medium && shared && in.m > 0.0)
        found.T_out = found.T_in + carried / (in.m * heat_capacity(*medium, found.T_in));
    found.heat = carried + warming;
    return found;
}

std::vector<std::pair<int, double>> Plant::net_flows(std::span<const int> group, int circuit) const {
    std::vector<Entering> at;
    for (const int c : group)
        for (const int p : fluid_ports(c))
            if (net_.nodes[port_node_[p]].circuit == circuit)
                at.push_back({circuit, port_node_[p], first_flow_[p], 0.0});
    gather(at);
    std::vector<std::pair<int, double>> found;
    for (const Entering& e : at) found.emplace_back(e.node, e.m);
    return found;
}

// ---- heat and pumps ----

HeatBalance Plant::balance() const {
    HeatBalance b;
    for (int c = 0; c < size(); ++c) {
        if (is_reference(c)) {
            b.boundary -= power_[c];
        } else if (is_ambient(c)) {
            b.to_air -= power_[c];
        } else if (is_pump(c)) {
            const double electric = output(c, "P_el");
            b.pumps += electric;
            b.to_air += electric - power_[c];
            b.from_pumps += heat_to_coolant(c);
        } else {
            b.sources += power_[c];
            if (circuit_count(c) > 1) continue;
            const auto [taken, up] = heat_taken(c);
            b.to_liquid += taken;
            b.from_liquid += up;
        }
    }
    return b;
}

std::vector<PumpState> Plant::pumps() const {
    std::vector<PumpState> found;
    for (int c = 0; c < size(); ++c) {
        if (!is_pump(c)) continue;
        const Component& component = net_.components[c];
        const ModelInfo& info = *component.info;
        const double none = std::nan("");
        PumpState pump{component.path,          {}, none, none, output(c, "V_flow"), output(c, "dp"), output(c, "P_el"),
                       output(c, "efficiency"), 1.0};
        if (const ParamInfo* service = info.param(ParamUse::service)) {
            pump.service = service->name;
            pump.running = at_.values.params[net_.param_position(component, service->index)];
        }
        if (const int n = info.unknown("n"); n >= 0) pump.speed = at_.y[net_.global(component, info.unknowns[n].local)];
        if (const PortInfo* powered = info.port("powered"))
            pump.powered = at_.y[net_.global(component, powered->first)];
        found.push_back(std::move(pump));
    }
    return found;
}

}  // namespace kelvolt
