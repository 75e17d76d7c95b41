#include "solver/electric/nominal.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "solver/electric/fault_network.hpp"

namespace kelvolt {

namespace {

// Nodes that lines, closed switches and taps without a winding join: one network with one nominal voltage.
UnionFind joined_nodes(const Network& net, const Point& at, const FaultCase& fault) {
    UnionFind sets(static_cast<int>(net.nodes.size()));
    for (const FaultPart& part : fault_parts(net, at, fault, "short circuit")) {
        const Role role = net.components[part.component].info->role;
        if (role == Role::converter || role == Role::transformer) continue;
        const auto join = [&](int a, int b) {
            sets.join(node_of(net, part.component, a), node_of(net, part.component, b));
        };
        for (const FaultEquivalent::Tie& tie : part.equivalent.ties)
            if (tie.phases) join(tie.a, tie.b);
        for (const FaultBranch& b : part.equivalent.branches) {
            const auto& [first, second, third, _] = b.terms;
            if (first.wire == Wire::phases && second.wire == Wire::phases && first.port >= 0 && second.port >= 0 &&
                third.port < 0 && first.factor == 1.0)
                join(first.port, second.port);
        }
    }
    return sets;
}
}  // namespace

Nominal nominal_voltages(const Network& net, const Point& at, const FaultCase& fault, const std::vector<double>& open) {
    UnionFind sets = joined_nodes(net, at, fault);
    const int count = static_cast<int>(net.nodes.size());
    std::map<int, std::pair<const Component*, double>> of_set;
    for (int n = 0; n < count; ++n)
        for (const PortRef& p : net.nodes[n].ports) {
            const Component& c = net.components[p.component];
            if (c.info->role != Role::bus || c.info->ports[p.port].rated < 0) continue;
            const double V = at.values.params[net.param_position(c, c.info->ports[p.port].rated)];
            const auto [first, is_new] = of_set.try_emplace(sets.find(n), &c, V);
            if (!is_new && std::abs(V - first->second.second) > 1e-6 * V)
                throw input_error(
                    fmt::format(
                        "short circuit: {} states V = {:g} V and {} states V = {:g} V, but lines and closed "
                        "switches join them to one network, which has one nominal voltage; give both the same V",
                        first->second.first->path, first->second.second, c.path, V),
                    c.where);
        }
    Nominal found;
    for (int n = 0; n < count; ++n) {
        const Node& node = net.nodes[n];
        const auto stated = of_set.find(sets.find(n));
        found.stated.push_back(stated != of_set.end());
        found.V.push_back(stated != of_set.end()      ? stated->second.second
                          : node.kind->electric > 0.0 ? open[n] / node.kind->phase_share
                                                      : 0.0);
    }
    return found;
}

}  // namespace kelvolt
