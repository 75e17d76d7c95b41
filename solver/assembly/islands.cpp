#include "solver/assembly/islands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "solver/electric/energised.hpp"
#include "solver/network/union_find.hpp"

namespace kelvolt {

namespace {

std::vector<int> fluid_nodes(const Network& net, const Component& c) {
    std::vector<int> nodes;
    for (int k = 0; k < static_cast<int>(c.info->ports.size()); ++k)
        if (c.info->ports[k].kind->has_medium) nodes.push_back(node_of(net, c, k));
    return nodes;
}

}  // namespace

std::vector<int> shut_components(const Network& net, const Point& at) {
    std::vector<int> shut;
    const auto can = [](const auto& block) { return block->can_separate(); };
    if (std::none_of(net.blocks.begin(), net.blocks.end(), can)) return shut;
    for (int id = 0; id < static_cast<int>(net.components.size()); ++id) {
        const Component& c = net.components[id];
        if (net.block_of(c).separates(c.instance, at)) shut.push_back(id);
    }
    return shut;
}

std::vector<Island> find_islands(const Network& net, const Point& at) {
    const std::vector<int> shut = shut_components(net, at);
    if (shut.empty()) return {};
    UnionFind sets(static_cast<int>(net.nodes.size()));
    for (int id = 0; id < static_cast<int>(net.components.size()); ++id) {
        if (std::binary_search(shut.begin(), shut.end(), id)) continue;
        const Component& c = net.components[id];
        const std::vector<int> nodes = fluid_nodes(net, c);
        for (int a : nodes)
            for (int b : nodes)
                if (net.nodes[a].circuit == net.nodes[b].circuit) sets.join(a, b);
    }
    std::map<int, bool> referenced;
    for (const Circuit& circuit : net.circuits)
        for (PortRef r : circuit.references)
            referenced[sets.find(node_of(net, net.components[r.component], r.port))] = true;
    std::map<int, Island> found;
    for (int n = 0; n < static_cast<int>(net.nodes.size()); ++n) {
        if (net.nodes[n].circuit < 0 || referenced.count(sets.find(n))) continue;
        Island& island = found[sets.find(n)];
        island.circuit = net.nodes[n].circuit;
        island.nodes.push_back(n);
    }
    for (auto& [root, island] : found) {
        const auto inside = [&](int node) { return sets.find(node) == root; };
        for (int id = 0; id < static_cast<int>(net.components.size()); ++id) {
            const std::vector<int> nodes = fluid_nodes(net, net.components[id]);
            if (nodes.empty() || std::none_of(nodes.begin(), nodes.end(), inside)) continue;
            const bool is_shut = std::binary_search(shut.begin(), shut.end(), id);
            (is_shut ? island.closed_by : island.components).push_back(id);
        }
    }
    std::vector<Island> islands;
    for (auto& [root, island] : found)
        if (!island.components.empty()) islands.push_back(std::move(island));
    return islands;
}

namespace {

bool is_own_volume(const Component& c) { return c.path.ends_with("_junction"); }  // made by the builder

}  // namespace

const std::string& component_of(const Network& net, const Island& island) {
    for (const std::vector<int>* ids : {&island.components, &island.closed_by})
        for (const int id : *ids)
            if (!is_own_volume(net.components[id])) return net.components[id].path;
    return net.components[net.nodes[island.nodes.front()].ports.front().component].path;
}

std::string describe(const Network& net, const Island& island) {
    const auto names = [&](const std::vector<int>& ids) {
        std::vector<std::string> list;
        for (int id : ids)
            if (!is_own_volume(net.components[id])) list.push_back(net.components[id].path);
        const std::size_t more = list.size() > 4 ? list.size() - 4 : 0;
        list.resize(list.size() - more);
        return fmt::format("{}{}", fmt::join(list, ", "), more ? fmt::format(" and {} more", more) : "");
    };
    return fmt::format("{}: cut off from the pressure reference by {}", names(island.components),
                       names(island.closed_by));
}

}  // namespace kelvolt
