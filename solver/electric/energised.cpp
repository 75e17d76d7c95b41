#include "solver/electric/energised.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "solver/network/union_find.hpp"

namespace kelvolt {

/// Disjoint sets of nodes in which every node has a fixed ratio of voltage to the root of its set.
class RatioSets {
   public:
    explicit RatioSets(int n) : parent_(n), ratio_(n, 1.0) {
        for (int i = 0; i < n; ++i) parent_[i] = i;
    }
    int root(int i) const {
        while (parent_[i] != i) i = parent_[i];
        return i;
    }
    /// Voltage of i divided by that of its root.
    Complex to_root(int i) const {
        Complex ratio = 1.0;
        for (; parent_[i] != i; i = parent_[i]) ratio *= ratio_[i];
        return ratio;
    }
    /// Joins the sets of a and b so that v_b = ratio * v_a. Returns false and changes nothing when both are in one set.
    bool join(int a, int b, Complex ratio) {
        const int ra = root(a), rb = root(b);
        if (ra == rb) return false;
        // The smaller root becomes the root of both. With v_a = A v_ra and v_b = B v_rb: v_rb = ratio * A / B * v_ra.
        const Complex of_rb = ratio * to_root(a) / to_root(b);
        if (ra < rb)
            parent_[rb] = ra, ratio_[rb] = of_rb;
        else
            parent_[ra] = rb, ratio_[ra] = 1.0 / of_rb;
        return true;
    }
    /// Makes every member point directly to its root.
    void flatten() {
        for (int i = 0; i < static_cast<int>(parent_.size()); ++i) {
            const int r = root(i);
            if (r == i) continue;
            ratio_[i] = to_root(i);
            parent_[i] = r;
        }
    }

   private:
    std::vector<int> parent_;
    std::vector<Complex> ratio_;
};

namespace {

bool agree(const Node& node, Complex a, Complex b) {
    const double larger = std::max(std::abs(a), std::abs(b)), smaller = std::min(std::abs(a), std::abs(b));
    if (node.is_dc()) return smaller > 0.0 && larger <= (1.0 + dc_agreement) * smaller;
    return smaller > 0.0 && larger <= (1.0 + ac_agreement) * smaller && std::abs(std::arg(a / b)) <= angle_agreement;
}

std::string volts(const Node& node, Complex v) {
    if (node.is_dc()) return fmt::format("{:.4g} V", v.real());
    return fmt::format("{:.4g} V at {:.3g} degrees", std::abs(v), std::arg(v) * 180.0 / M_PI);
}

}  // namespace

int node_of(const Network& net, const Component& c, int port) {
    const int unknown = net.global(c, c.info->ports[port].first);
    const auto after = std::upper_bound(net.nodes.begin(), net.nodes.end(), unknown,
                                        [](int u, const Node& node) { return u < node.first; });
    return static_cast<int>(after - net.nodes.begin()) - 1;
}

namespace {

// Can a component change the magnitude or the angle of the voltage between its ports (a transformer)? Its ratio may be
// 1 by chance at the given parameters, so they are first changed by different factors.
bool can_change_voltage(const Network& net, const Component& c) {
    Values odd = net.initial;
    for (int k = 0; k < c.info->numbers; ++k) odd.params[net.param_position(c, k)] *= 1.1 + 0.07 * k;
    for (int port = 0; port < static_cast<int>(c.info->ports.size()); ++port)
        if (net.block_of(c).ratio(c.instance, port, odd) != 1.0) return true;
    return false;
}

}  // namespace

ElectricGraph::ElectricGraph(const Network& net) {
    std::map<int, bool> turning;  // per block
    for (int n = 0; n < static_cast<int>(net.nodes.size()); ++n)
        if (net.nodes[n].kind->electric > 0.0) nodes_.push_back(n);
    if (nodes_.empty()) return;
    for (int c = 0; c < static_cast<int>(net.components.size()); ++c) {
        const Component& component = net.components[c];
        Member member{c, -1, -1, {}};
        const auto& ports = component.info->ports;
        for (int k = 0; k < static_cast<int>(ports.size()); ++k) {
            if (!(ports[k].kind->electric > 0.0)) continue;
            member.terminals.push_back({node_of(net, component, k), k, ports[k].circuit});
            if (ports[k].source || !ports[k].feeders.empty()) member.output = member.terminals.back().node;
        }
        if (member.terminals.empty()) continue;
        if (const ParamInfo* p = component.info->param(ParamUse::service))
            member.in_service = static_cast<std::ptrdiff_t>(net.param_position(component, p->index));
        note_decisive(net, member, turning);
        members_.push_back(std::move(member));
    }
}

// The result of the walk may depend on every parameter and state of sources, converters, switches and transformers; of
// all other components only on whether they are in service.
void ElectricGraph::note_decisive(const Network& net, const Member& member, std::map<int, bool>& turning) {
    const Component& c = net.components[member.component];
    const Block& block = net.block_of(c);
    const auto [turns, fresh] = turning.try_emplace(c.block);
    if (fresh) turns->second = can_change_voltage(net, c);
    if (!member.feeds() && !turns->second && !block.can_separate()) {
        if (member.in_service >= 0) params_.push_back(static_cast<std::size_t>(member.in_service));
        for (const ParamInfo& p : c.info->params)
            if (p.use == ParamUse::pole) params_.push_back(net.param_position(c, p.index));
        return;
    }
    for (int k = 0; k < c.info->numbers; ++k) params_.push_back(net.param_position(c, k));
    for (std::size_t k = 0; k < c.info->discretes.size(); ++k)
        discretes_.push_back(block.discrete_offset + k * block.count + c.instance);
    for (int k = 0; k < c.info->size; ++k) unknowns_.push_back(static_cast<std::size_t>(net.global(c, k)));
}

void ElectricGraph::gather(const Point& at, std::vector<double>& numbers) const {
    numbers.clear();
    for (const std::size_t k : params_) numbers.push_back(at.values.params[k]);
    for (const std::size_t k : discretes_) numbers.push_back(at.values.discretes[k]);
    for (const std::size_t k : unknowns_) numbers.push_back(at.y[k]);
}

// Marks in `live` what does not arrive at a live node: of four wires the place of the imaginary part of each phase that is
// open on the way, of one phasor that of its imaginary part. Its voltage does not tell a collapse.
void mark_open_phases(const Node& node, const bool (&arrives)[3], std::vector<double>& live) {
    if (node.is_dc()) return;
    const int count = arrives[0] + arrives[1] + arrives[2];
    if (!node.is_four_wire()) {  // three phases in balance need all of them
        if (count < (node.kind->phase_share < 1.0 ? 3 : 1)) live[node.first + 1] = 0.0;
        return;
    }
    for (int k = 0; k < 3; ++k)
        if (!arrives[k]) live[node.first + 2 * k + 1] = 0.0;
}

/// One walk over the graph: joins nodes that conduct, then sets the voltages of sources, then those behind converters.
class ElectricWalk {
   public:
    ElectricWalk(const ElectricGraph& graph, const Network& net, const Point& at, bool everything)
        : graph_(graph),
          net_(net),
          at_(at),
          everything_(everything),
          sets_(static_cast<int>(net.nodes.size())),
          whole_{UnionFind(static_cast<int>(net.nodes.size())), UnionFind(static_cast<int>(net.nodes.size())),
                 UnionFind(static_cast<int>(net.nodes.size()))},
          voltage_(net.nodes.size(), 0.0),
          reference_(net.nodes.size(), -1) {}

    Energised run() {
        for (const auto& member : graph_.members_)
            if (in_service(member)) join(member);
        sets_.flatten();
        for (int k = 0; k < 3; ++k) fed_[k] = fed_roots(k);
        for (const auto& member : graph_.members_)
            if (member.feeds() && in_service(member)) start(member);
        for (bool grown = true; grown;) {
            grown = false;
            for (const auto& member : graph_.members_)
                if (member.feeds() && in_service(member)) grown = convert(member, false) || grown;
        }
        if (!everything_)
            for (const auto& member : graph_.members_)
                if (member.feeds() && in_service(member)) convert(member, true);
        return result();
    }

   private:
    using Member = ElectricGraph::Member;
    using Terminal = ElectricGraph::Terminal;
    const ElectricGraph& graph_;
    const Network& net_;
    const Point& at_;
    const bool everything_;
    RatioSets sets_;
    UnionFind whole_[3];            // per phase: nodes joined by components in which it is closed
    std::set<int> fed_[3];          // roots in whole_ of the nodes at which the phase arrives
    std::vector<Complex> voltage_;  // per root
    std::vector<int> reference_;    // per root
    Energised out_;

    const Component& component(const Member& m) const { return net_.components[m.component]; }
    const Block& block(const Member& m) const { return net_.block_of(component(m)); }
    bool in_service(const Member& m) const {
        return everything_ || m.in_service < 0 || at_.values.params[m.in_service] > 0.5;
    }
    bool is_fed(const Member& m, const Terminal& t) const { return !component(m).info->ports[t.port].feeders.empty(); }
    std::string port_name(const Member& m, const Terminal& t) const {
        return component(m).path + "." + component(m).info->ports[t.port].name;
    }

    bool phase_open(const Member& m, int phase) const {
        if (everything_) return false;
        const Component& c = component(m);
        int k = 0;  // poles are declared in the order of the phases
        for (const ParamInfo& p : c.info->params)
            if (p.use == ParamUse::pole && k++ == phase)
                return at_.values.params[net_.param_position(c, p.index)] < 0.5;
        return false;
    }
    // Does a component with this ratio of voltages, v_b = ratio v_a, pass phase k on? A single-phase circuit has the phases
    // between which it is tapped from four wires, known by the angle of its voltage.
    bool passes(const Terminal& a, const Terminal& b, Complex ratio, int k) const {
        const Node &from = net_.nodes[a.node], &to = net_.nodes[b.node];
        if (from.is_four_wire() == to.is_four_wire()) return true;
        if ((from.is_four_wire() ? to : from).kind->phase_share < 1.0) return true;
        const Complex turn = from.is_four_wire() ? ratio : 1.0 / ratio;
        const double hours = -std::arg(turn) * 6.0 / M_PI;  // 4 from one phase to the next
        const bool to_neutral = std::abs(turn) < 1.5;
        const int first = static_cast<int>(std::lround((hours + (to_neutral ? 12.0 : 13.0)) / 4.0)) % 3;
        return k == first || (!to_neutral && k == (first + 1) % 3);
    }
    // Joins the nodes of the ports that conduct into each other, with their ratio of voltages.
    void join(const Member& m) {
        const Block& b = block(m);
        const int instance = component(m).instance;
        if (m.terminals.size() < 2) return;
        if (!everything_ && b.can_separate() && b.separates(instance, at_)) return;
        for (std::size_t j = 1; j < m.terminals.size(); ++j) {
            const Terminal& t = m.terminals[j];
            if (is_fed(m, t)) continue;
            for (std::size_t i = 0; i < j; ++i) {
                const Terminal& first = m.terminals[i];
                if (first.circuit != t.circuit || is_fed(m, first)) continue;
                const Complex ratio = b.ratio(instance, t.port, at_.values) / b.ratio(instance, first.port, at_.values);
                if (!sets_.join(first.node, t.node, ratio)) check_loop(m, first, t, ratio);
                for (int k = 0; k < 3; ++k)
                    if (!phase_open(m, k) && passes(first, t, ratio, k)) whole_[k].join(first.node, t.node);
                break;
            }
        }
    }
    // Records a conflict if a component closes a loop whose other path has a different voltage ratio.
    void check_loop(const Member& m, const Terminal& a, const Terminal& b, Complex ratio) {
        if (everything_) return;
        const Complex way = sets_.to_root(b.node) / sets_.to_root(a.node);
        if (agree(net_.nodes[b.node], way, ratio)) return;
        out_.conflicts.push_back(fmt::format(
            "{} closes a loop out of step: from {} to {} the voltage changes by the factor {:.4g} and turns by {:.3g} "
            "degrees through it, by {:.4g} and {:.3g} degrees on the other way; transformers in parallel need the same "
            "ratio and clock number",
            component(m).path, port_name(m, a), port_name(m, b), std::abs(ratio), std::arg(ratio) * 180.0 / M_PI,
            std::abs(way), std::arg(way) * 180.0 / M_PI));
    }

    // Energises the islands of a source's ports.
    void start(const Member& m) {
        for (const Terminal& t : m.terminals) {
            if (!component(m).info->ports[t.port].source) continue;
            if (!everything_ && !block(m).feeds(component(m).instance, -1, t.port, at_)) continue;
            give(m, t, block(m).open_voltage(component(m).instance, t.port, at_.values), true);
        }
    }
    // Energises islands behind a converter whose input is live; returns whether one was added. With `check`, all
    // islands are energised already, and the converter's voltage is compared with that of its island instead.
    bool convert(const Member& m, bool check) {
        bool grown = false;
        const auto& ports = component(m).info->ports;
        for (const Terminal& t : m.terminals)
            for (const int from : ports[t.port].feeders) {
                const auto feeder = std::find_if(m.terminals.begin(), m.terminals.end(),
                                                 [&](const Terminal& other) { return other.port == from; });
                if (feeder == m.terminals.end() || !live(feeder->node)) continue;
                const bool fresh = reference_[sets_.root(t.node)] < 0;
                if (fresh == check) continue;
                if (!everything_ && !block(m).feeds(component(m).instance, from, t.port, at_)) continue;
                Complex v = block(m).open_voltage(component(m).instance, t.port, at_.values);
                if (ports[from].kind == ports[t.port].kind && (v == 0.0 || !net_.nodes[t.node].is_dc())) {
                    // AC to AC: the output is in phase with the input. A converter without a voltage of its own passes
                    // on the voltage of its input.
                    const Complex before = voltage_at(feeder->node);
                    if (v == 0.0)
                        for (int k = 0; k < 3; ++k) join_phase(k, feeder->node, t.node);
                    v = v == 0.0 || before == 0.0 ? before : std::abs(v) * before / std::abs(before);
                }
                give(m, t, v, check);
                grown = true;
                break;
            }
        return grown;
    }
    Complex voltage_at(int node) const { return voltage_[sets_.root(node)] * sets_.to_root(node); }

    // Energises the island of a terminal with the voltage v there; if it is energised already and `check` is set,
    // records a conflict when the voltages disagree.
    void give(const Member& m, const Terminal& t, Complex v, bool check) {
        const int root = sets_.root(t.node);
        if (reference_[root] < 0) {
            reference_[root] = m.component;
            voltage_[root] = v / sets_.to_root(t.node);
            return;
        }
        const Complex there = voltage_at(t.node);
        if (!check || everything_ || v == 0.0 || reference_[root] == m.component || agree(net_.nodes[t.node], v, there))
            return;
        out_.conflicts.push_back(fmt::format(
            "{} and {} are out of step on one bus: {} gives {} where {} gives {}; they may differ by {}. Open a switch "
            "between them, take one out of service, or correct its voltage or angle",
            net_.components[reference_[root]].path, component(m).path, component(m).path, volts(net_.nodes[t.node], v),
            net_.components[reference_[root]].path, volts(net_.nodes[t.node], there),
            net_.nodes[t.node].is_dc()
                ? fmt::format("{:g} %", 100.0 * dc_agreement)
                : fmt::format("{:g} % and {:.0f} degrees", 100.0 * ac_agreement, angle_agreement * 180.0 / M_PI)));
    }

    // Joins what a phase reaches; the joint set may have another root than the one that was fed.
    void join_phase(int phase, int a, int b) {
        const bool fed = arrives(a, phase) || arrives(b, phase);
        whole_[phase].join(a, b);
        if (fed) fed_[phase].insert(whole_[phase].find(a));
    }
    bool arrives(int node, int phase) { return fed_[phase].count(whole_[phase].find(node)) != 0; }
    /// A source feeds it; a single-phase circuit is dead where the phase it is tapped from does not arrive. Where the
    /// voltage collapsed it returns, but what draws there is off.
    bool live(int n) { return supplied(n) && (everything_ || !has_collapsed(n)); }
    bool has_collapsed(int n) const {
        const std::vector<int>& nodes = at_.values.collapsed;
        return std::find(nodes.begin(), nodes.end(), n) != nodes.end();
    }
    bool supplied(int n) {
        const Node& node = net_.nodes[n];
        const bool single = !node.is_dc() && !node.is_four_wire() && !(node.kind->phase_share < 1.0);
        return reference_[sets_.root(n)] >= 0 && (!single || arrives(n, 0) || arrives(n, 1) || arrives(n, 2));
    }
    // Roots in whole_ of the nodes at which the phase arrives.
    std::set<int> fed_roots(int phase) {
        std::set<int> found;
        for (const auto& member : graph_.members_)
            for (const Terminal& t : member.terminals) {
                const PortInfo& port = component(member).info->ports[t.port];
                const bool own = !port.feeders.empty() &&
                                 block(member).open_voltage(component(member).instance, t.port, at_.values) != 0.0;
                if (port.source || own) found.insert(whole_[phase].find(t.node));
            }
        return found;
    }

    Energised result() {
        out_.live.assign(net_.size(), 1.0);
        out_.open.assign(net_.nodes.size(), 0.0);
        std::map<int, ElectricIsland> islands;
        for (const int n : graph_.nodes_) {
            const int root = sets_.root(n);
            out_.live[net_.nodes[n].first] = live(n) ? 1.0 : 0.0;
            if (supplied(n)) {
                const bool found[3] = {arrives(n, 0), arrives(n, 1), arrives(n, 2)};
                out_.open[n] = voltage_at(n);
                mark_open_phases(net_.nodes[n], found, out_.live);
            }
            ElectricIsland& island = islands[root];
            island.nodes.push_back(n);
            island.reference = reference_[root];
        }
        for (auto& [root, island] : islands) out_.islands.push_back(std::move(island));
        return std::move(out_);
    }
};

Energised ElectricGraph::look(const Network& net, const Point& at, bool everything) const {
    return ElectricWalk(*this, net, at, everything).run();
}

Energised ElectricGraph::look_at_all(const Network& net, const Values& values) const {
    return look(net, Point{net.start.data(), net.start.data(), values}, true);
}

void add_electric_graph(Network& net) {
    ElectricGraph graph(net);
    if (graph.empty()) return;
    refuse_bare_loops(net);
    const Energised all = graph.look_at_all(net, net.initial);
    graph.fill(net, all, net.start);
    for (std::size_t n = 0; n < net.nodes.size(); ++n)
        if (const double v = std::abs(all.open[n]); v > 0.0)
            std::fill_n(net.nominal.begin() + net.nodes[n].first, net.nodes[n].kind->pairs.size(), v);
    net.electric = std::make_shared<const ElectricGraph>(std::move(graph));
    refuse_wrong_voltages(net, energise(net, net.start.data(), net.start.data(), net.initial), all);
}

}  // namespace kelvolt
