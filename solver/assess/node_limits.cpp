#include "solver/assess/node_limits.hpp"

#include <algorithm>
#include <cmath>

namespace kelvolt {

namespace {

// pressure below which the coolant boils; 0 if its vapour pressure is unknown
double least_pressure(const Medium& medium, double T) {
    const double p_v = vapour_pressure(medium, T);
    return std::isnan(p_v) ? 0.0 : p_v;
}

}  // namespace

NodeLimits::NodeLimits(const Network& net) : net_(net) {
    for (const Circuit& circuit : net.circuits) circuits_.push_back({circuit.medium, limits_of(*circuit.medium), {}});
    for (const Node& node : net.nodes)
        if (node.circuit >= 0 && !node.ports.empty())
            circuits_[node.circuit].nodes.push_back({node.first, node.ports.front().component});
    std::size_t widest = 0;
    for (int id = 0; id < static_cast<int>(net.components.size()); ++id) {
        const Component& c = net.components[id];
        const bool warms = std::any_of(c.info->ports.begin(), c.info->ports.end(),
                                       [](const PortInfo& p) { return p.kind->name == "heat"; }) ||
                           std::any_of(c.info->unknowns.begin(), c.info->unknowns.end(),
                                       [](const UnknownInfo& u) { return u.unit == "K"; });
        if (!warms) continue;
        const Block& block = net.block_of(c);
        for (int k = 0; k < static_cast<int>(c.info->ports.size()); ++k)
            if (c.info->ports[k].kind->has_medium)
                outlets_.push_back({id, k, block.circuits[std::size_t(c.instance) * c.info->ports.size() + k]});
        widest = std::max(widest, std::size_t(c.info->size));
    }
    flows_.resize(widest);
}

void NodeLimits::look(const Point& at, double dew_point, std::vector<NodeCheck>& out) const {
    out.clear();
    for (int number = 0; number < static_cast<int>(circuits_.size()); ++number) {
        const OfCircuit& circuit = circuits_[number];
        NodeCheck boils{{}, -1, -1, number}, freezes{{}, -1, -1, number};
        boils.check = {"boiling", "absolute pressure", "Pa_abs", "vapour pressure of the coolant", INFINITY, 0.0,
                       false};
        freezes.check = {"freezing", "coolant temperature",   "K",  "freezing point of the coolant",
                         INFINITY,   circuit.limits.T_freeze, false};
        for (const FluidNode& node : circuit.nodes) {
            const double p = at.y[node.first], T = at.y[node.first + 1], least = least_pressure(*circuit.medium, T);
            if (boils.first < 0 || p - least < boils.check.margin()) {
                boils.check.value = p, boils.check.limit = least;
                boils.component = node.component, boils.first = node.first;
            }
            if (freezes.first < 0 || T < freezes.check.value) {
                freezes.check.value = T;
                freezes.component = node.component, freezes.first = node.first;
            }
        }
        out.insert(out.end(), {boils, freezes, freezes});
    }
    look_at_outlets(at, out);
    for (std::size_t k = 2; k < out.size(); k += 3) {
        NodeCheck& sweats = out[k];
        sweats = out[k - 1];
        sweats.check.id = "condensation",
        sweats.check.basis = std::isnan(dew_point) ? "none: no part of the case states the dew point of its room"
                                                   : "dew point of the room's air";
        sweats.check.limit = dew_point;
    }
}

void NodeLimits::look_at_outlets(const Point& at, std::vector<NodeCheck>& out) const {
    constexpr double at_rest = 1e-5;  // kg/s; smaller flows are due to smoothing at rest
    int before = -1;
    for (const Outlet& o : outlets_) {
        const Component& c = net_.components[o.component];
        if (o.component != before) net_.block_of(c).local_residual(c.instance, at, flows_.data());
        before = o.component;
        const int local = c.info->ports[o.port].first, first = net_.global(c, local);
        const double m = flows_[local], H = flows_[local + 1], p = at.y[first];
        if (!(m < -at_rest)) continue;
        const OfCircuit& circuit = circuits_[o.circuit];
        const double T = temperature_at_enthalpy(*circuit.medium, H / m, p, at.y[first + 1]);
        const double least = least_pressure(*circuit.medium, T);
        NodeCheck &boils = out[3 * o.circuit], &freezes = out[3 * o.circuit + 1];
        if (p - least < boils.check.margin() - 1.0) {  // Pa; without mixing, it is the state of the node
            boils.check.value = p, boils.check.limit = least;
            boils.component = o.component, boils.first = first, boils.outlet = o.port;
        }
        if (T < freezes.check.value - 1e-3) {
            freezes.check.value = T;
            freezes.component = o.component, freezes.first = first, freezes.outlet = o.port;
        }
    }
}

double NodeLimits::outlet_temperature(const Network& net, const Component& c, int port, const Point& at) {
    const Block& block = net.block_of(c);
    std::vector<double> flows(c.info->size);
    block.local_residual(c.instance, at, flows.data());
    const int local = c.info->ports[port].first, first = net.global(c, local);
    const Medium& medium = *block.media[std::size_t(c.instance) * c.info->ports.size() + port];
    return temperature_at_enthalpy(medium, flows[local + 1] / flows[local], at.y[first], at.y[first + 1]);
}

void NodeLimits::flag(const Point& at, std::vector<std::pair<int, ValidityFlag>>& flags) const {
    for (const OfCircuit& circuit : circuits_) {
        const MediumLimits& limits = circuit.limits;
        double most = 1e-9 * limits.T_max;
        const FluidNode* worst = nullptr;
        for (const FluidNode& node : circuit.nodes) {
            const double T = at.y[node.first + 1], excess = std::max(limits.T_min - T, T - limits.T_max);
            if (excess > most) most = excess, worst = &node;
        }
        if (!worst) continue;
        flags.emplace_back(worst->component, ValidityFlag{"coolant temperature", "K", std::string(limits.source),
                                                          at.y[worst->first + 1], limits.T_min, limits.T_max});
    }
}

}  // namespace kelvolt
