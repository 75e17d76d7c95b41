#include "solver/plant/receivers.hpp"

#include <algorithm>
#include <cmath>

namespace kelvolt {

namespace {

constexpr int none = -3;
constexpr double at_rest = 1e-9;  // W: below, what flows is rounding

void add(std::vector<std::pair<int, double>>& to, int receiver, double amount) {
    const auto known = std::find_if(to.begin(), to.end(), [&](const auto& x) { return x.first == receiver; });
    if (known == to.end())
        to.emplace_back(receiver, amount);
    else
        known->second += amount;
}

}  // namespace

HeatReceivers::HeatReceivers(const Plant& plant) : plant_(plant) {
    find_nodes();
    find_nearest();
    // heat flows to where it is colder, so that a node's ways out are divided before it
    std::stable_sort(heat_nodes_.begin(), heat_nodes_.end(),
                     [&](int a, int b) { return plant_.first_potential(a) < plant_.first_potential(b); });
    for (const int node : heat_nodes_) divide(node);
}

void HeatReceivers::find_nodes() {
    const Network& net = plant_.network();
    ports_.resize(net.nodes.size());
    shares_.resize(net.nodes.size());
    nearest_.assign(net.nodes.size(), none);
    moves_.assign(net.components.size(), 0);
    for (const int c : plant_.having_output("P_el")) moves_[c] = 1;
    for (int c = 0; c < plant_.size(); ++c) {
        const std::vector<PortInfo>& ports = net.components[c].info->ports;
        for (int p = plant_.first_port(c); p < plant_.first_port(c + 1); ++p) {
            const PortKind& kind = *ports[p - plant_.first_port(c)].kind;
            if (kind.name != "heat") continue;
            if (ports_[plant_.port_node(p)].empty()) heat_nodes_.push_back(plant_.port_node(p));
            ports_[plant_.port_node(p)].push_back(p);
        }
    }
}

/// What receives heat at the node itself, or `none`.
int HeatReceivers::end_at(int node) const {
    for (const int p : ports_[node])
        if (plant_.is_ambient(plant_.port_component(p))) return plant_.port_component(p);
    for (const int p : ports_[node])
        if (!plant_.fluid_ports(plant_.port_component(p)).empty()) return coolant;
    return room_at(node);
}

/// A place from which a machine moves the heat on by power (a room and its coolers): heat is received there. It is
/// named by what stores heat there, a component with nothing but this port, else by the machine; `none` elsewhere.
int HeatReceivers::room_at(int node) const {
    const Network& net = plant_.network();
    const auto first_path = [&](int a, int b) {
        return a == none || net.components[b].path < net.components[a].path ? b : a;
    };
    int store = none, machine = none;
    for (const int p : ports_[node]) {
        const int c = plant_.port_component(p);
        if (plant_.first_port(c + 1) - plant_.first_port(c) == 1) store = first_path(store, c);
        if (!moves_[c]) continue;
        for (int q = plant_.first_port(c); q < plant_.first_port(c + 1); ++q)
            if (plant_.port_node(q) != node && !ports_[plant_.port_node(q)].empty())
                machine = machine == none ? c : std::min(machine, c);
    }
    return machine == none ? none : store != none ? store : machine;
}

void HeatReceivers::find_nearest() {
    std::vector<int> queue;
    for (const int node : heat_nodes_) {
        nearest_[node] = end_at(node);
        if (nearest_[node] != none) queue.push_back(node);
    }
    std::vector<char> passed(plant_.size(), 0);
    for (std::size_t k = 0; k < queue.size(); ++k)
        for (const int p : ports_[queue[k]]) {
            const int c = plant_.port_component(p);
            if (plant_.is_wired(c) || passed[c]) continue;  // other electric components are no way out
            passed[c] = 1;
            for (int q = plant_.first_port(c); q < plant_.first_port(c + 1); ++q) {
                const int next = plant_.port_node(q);
                if (ports_[next].empty() || nearest_[next] != none) continue;
                nearest_[next] = nearest_[queue[k]];
                queue.push_back(next);
            }
        }
    for (const int node : heat_nodes_)
        if (nearest_[node] == none) nearest_[node] = not_known;
}

void HeatReceivers::divide(int node) {
    const int end = end_at(node);
    const bool room = end >= 0 && !plant_.is_ambient(end);
    Shares found;
    double total = 0.0;
    for (const int p : ports_[node]) {
        const int c = plant_.port_component(p);
        const double watts = plant_.first_flow()[p];
        if (room || !(watts > 0.0)) continue;
        if (plant_.is_ambient(c))
            add(found, c, watts);
        else if (!plant_.fluid_ports(c).empty())
            add(found, coolant, watts);
        else if (!plant_.is_wired(c))
            pass_on(node, c, watts, found);
    }
    for (const auto& [receiver, watts] : found) total += watts;
    if (total < at_rest) {
        shares_[node] = {{nearest_[node], 1.0}};
        return;
    }
    for (auto& [receiver, watts] : found) watts /= total;
    shares_[node] = std::move(found);
}

/// Divides heat that enters a component at a node among what receives it beyond its other heat ports.
void HeatReceivers::pass_on(int node, int c, double watts, Shares& found) const {
    double given = 0.0;
    const auto each = [&](const auto& visit) {
        for (int q = plant_.first_port(c); q < plant_.first_port(c + 1); ++q) {
            const int next = plant_.port_node(q);
            if (next != node && !ports_[next].empty() && plant_.first_flow()[q] < 0.0)
                visit(next, -plant_.first_flow()[q]);
        }
    };
    each([&](int, double out) { given += out; });
    if (given < at_rest) return;
    each([&](int next, double out) {
        const double part = watts * out / given;
        if (shares_[next].empty()) return add(found, nearest_[next], part);
        for (const auto& [receiver, share] : shares_[next]) add(found, receiver, part * share);
    });
}

std::vector<std::pair<int, double>> HeatReceivers::of(int component) const {
    std::vector<std::pair<int, double>> heat;
    for (int p = plant_.first_port(component); p < plant_.first_port(component + 1); ++p) {
        const int node = plant_.port_node(p);
        if (ports_[node].size() < 2) continue;
        for (const auto& [receiver, share] : shares_[node]) add(heat, receiver, -share * plant_.first_flow()[p]);
    }
    std::sort(heat.begin(), heat.end());
    return heat;
}

std::string_view HeatReceivers::name(int receiver) const {
    if (receiver == coolant) return "coolant";
    if (receiver < 0) return "not known";
    return plant_.network().components[receiver].path;
}

}  // namespace kelvolt
