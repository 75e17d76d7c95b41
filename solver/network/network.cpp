#include "solver/network/network.hpp"

#include <algorithm>

namespace kelvolt {

void Network::residual(const Point& at, double* r, const std::vector<int>* only) const {
    std::fill_n(r, size(), 0.0);
    if (only)
        for (int b : *only) blocks[b]->residual(at, r);
    else
        for (const auto& block : blocks) block->residual(at, r);
}

void Network::jacobian(const Point& at, const Seeds& seeds, double* r, double* values,
                       const std::vector<int>* only) const {
    std::fill_n(r, size(), 0.0);
    std::fill_n(values, structure.nonzeros(), 0.0);
    if (only)
        for (int b : *only) blocks[b]->jacobian(at, seeds, r, values);
    else
        for (const auto& block : blocks) block->jacobian(at, seeds, r, values);
}

void Network::param_product(const Point& at, const double* lambda, double* grad) const {
    std::fill_n(grad, at.values.params.size(), 0.0);
    for (const auto& block : blocks) block->param_product(at, lambda, grad);
}

int Network::find(std::string_view path) const {
    const auto found = by_path.find(std::string(path));
    return found == by_path.end() ? -1 : found->second;
}

Network::Owner Network::owner_of(int unknown) const {
    // nodes are numbered first, in order
    const auto after =
        std::upper_bound(nodes.begin(), nodes.end(), unknown, [](int u, const Node& node) { return u < node.first; });
    if (after != nodes.begin()) {
        const Node& node = *(after - 1);
        if (unknown < node.first + static_cast<int>(node.kind->pairs.size()))
            return {-1, unknown - node.first, static_cast<int>(&node - nodes.data())};
    }
    for (std::size_t c = 0; c < components.size(); ++c)
        for (const UnknownInfo& u : components[c].info->unknowns)
            if (global(components[c], u.local) == unknown)
                return {static_cast<int>(c), static_cast<int>(&u - components[c].info->unknowns.data()), -1};
    return {};
}

namespace {
std::string node_label(const Network& net, const Node& node) {
    if (node.ports.empty()) return "node";
    const PortRef& first = node.ports.front();
    const Component& c = net.components[first.component];
    return "node of " + c.path + "." + c.info->ports[first.port].name;
}
}  // namespace

std::string Network::variable_name(int unknown) const {
    const Owner o = owner_of(unknown);
    if (o.node >= 0)
        return node_label(*this, nodes[o.node]) + ": " + std::string(nodes[o.node].kind->pairs[o.local].potential);
    return components[o.component].path + ": " + components[o.component].info->unknowns[o.local].name;
}

std::string Network::variable_unit(int unknown) const {
    const Owner o = owner_of(unknown);
    if (o.node >= 0) return std::string(nodes[o.node].kind->pairs[o.local].unit);
    return components[o.component].info->unknowns[o.local].unit;
}

std::string Network::equation_name(int unknown) const {
    const Owner o = owner_of(unknown);
    if (o.node >= 0)
        return node_label(*this, nodes[o.node]) + ": sum of " + std::string(nodes[o.node].kind->pairs[o.local].flow);
    return components[o.component].path + ": " + components[o.component].info->unknowns[o.local].balance;
}

std::string Network::equation_unit(int unknown) const {
    const Owner o = owner_of(unknown);
    if (o.node >= 0) return std::string(nodes[o.node].kind->pairs[o.local].flow_unit);
    return components[o.component].info->unknowns[o.local].balance_unit;
}

}  // namespace kelvolt
