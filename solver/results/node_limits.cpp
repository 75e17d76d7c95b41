#include "solver/results/node_limits.hpp"

#include <cmath>

namespace kelvolt {

NodeLimits::NodeLimits(const Network& net) {
    for (const Circuit& circuit : net.circuits) circuits_.push_back({circuit.medium, limits_of(*circuit.medium), {}});
    for (const Node& node : net.nodes)
        if (node.circuit >= 0 && !node.ports.empty())
            circuits_[node.circuit].nodes.push_back({node.first, node.ports.front().component});
}

void NodeLimits::look(const Point& at, double dew_point, std::vector<NodeCheck>& out) const {
    out.clear();
    for (int number = 0; number < static_cast<int>(circuits_.size()); ++number) {
        const OfCircuit& circuit = circuits_[number];
        NodeCheck boils{
            {"boiling", "absolute pressure", "Pa_abs", "vapour pressure of the coolant", INFINITY, 0.0, false}, -1, -1};
        NodeCheck freezes{{"freezing", "coolant temperature", "K", "freezing point of the coolant", INFINITY,
                           circuit.limits.T_freeze, false},
                          -1,
                          -1,
                          number};
        for (const FluidNode& node : circuit.nodes) {
            const double p = at.y[node.first], T = at.y[node.first + 1], p_v = vapour_pressure(*circuit.medium, T);
            const double least = std::isnan(p_v) ? 0.0 : p_v;  // without data, that there is a pressure at all
            if (boils.first < 0 || p - least < boils.check.margin()) {
                boils.check.value = p, boils.check.limit = least;
                boils.component = node.component, boils.first = node.first;
            }
            if (freezes.first < 0 || T < freezes.check.value) {
                freezes.check.value = T;
                freezes.component = node.component, freezes.first = node.first;
            }
        }
        NodeCheck sweats = freezes;
        sweats.check.id = "condensation", sweats.check.basis = "dew point of the room's air";
        sweats.check.limit = dew_point;
        out.insert(out.end(), {boils, freezes, sweats});
    }
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
