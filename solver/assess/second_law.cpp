#include "solver/assess/second_law.hpp"

#include <cmath>
#include <map>

namespace kelvolt {

namespace {

constexpr double m_carries = 1e-4;  // kg/s; below, the exchange due to smoothing at rest counts as heat
// Relative tolerance: the term p/rho(T) of the enthalpy has no counterpart in s(T). It is 3e-5 of the heat at 3 bar,
// more at higher pressure.
constexpr double open = 2e-4;

struct Sums {
    double carried = 0.0, size = 0.0;
};

}  // namespace

std::pair<double, double> entropy_production(const Network& net, const Component& c, const Point& at) {
    const Block& block = net.block_of(c);
    const std::size_t ports = c.info->ports.size();
    std::vector<double> flow(c.info->size);
    block.local_residual(c.instance, at, flow.data());
    Sums sum;
    std::map<int, double> reference;  // per circuit; only differences of s count, because mass is conserved
    for (std::size_t k = 0; k < ports; ++k) {
        const PortInfo& port = c.info->ports[k];
        const int first = net.global(c, port.first);
        if (port.kind->has_medium) {
            const Medium& medium = *block.media[std::size_t(c.instance) * ports + k];
            const int circuit = block.circuits[std::size_t(c.instance) * ports + k];
            const double p = at.y[first], T = at.y[first + 1], m = flow[port.first], H = flow[port.first + 1];
            const double s0 = reference.try_emplace(circuit, specific_entropy(medium, T)).first->second;
            double s, rest = 0.0;
            if (m < -m_carries) {  // the coolant that leaves has the state inside
                s = specific_entropy(medium, temperature_at_enthalpy(medium, H / m, p, T));
            } else {
                s = specific_entropy(medium, T);
                rest = (H - m * specific_enthalpy(medium, T, p)) / T;
            }
            sum.carried += m * (s - s0) + rest;
            sum.size += std::abs(m * (s - s0)) + std::abs(rest);
        } else if (port.kind->pairs.size() == 1 && port.kind->pairs.front().domain == Domain::thermal) {
            const double entropy = flow[port.first] / at.y[first];
            sum.carried += entropy;
            sum.size += std::abs(entropy);
        }
    }
    return {-sum.carried, open * sum.size + 1e-6};
}

EntropyBalance entropy_balance(const Network& net, const Point& at) {
    EntropyBalance out;
    double nearest = INFINITY;
    for (int id = 0; id < static_cast<int>(net.components.size()); ++id) {
        const Component& c = net.components[id];
        if (c.info->surroundings) continue;
        const auto [production, tolerance] = entropy_production(net, c, at);
        if (tolerance <= 1e-6) continue;  // nothing flows
        out.total += production;
        if (const double share = production / tolerance; share < nearest) {
            nearest = share;
            out.worst = id, out.production = production, out.tolerance = tolerance;
        }
    }
    return out;
}

}  // namespace kelvolt
