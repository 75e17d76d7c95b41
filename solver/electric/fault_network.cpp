#include "solver/electric/fault_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kelvolt {

namespace {

using Complex = std::complex<double>;

// Refuses a component that conducts between buses of a network but states nothing for a fault: it would count as open.
void refuse_unstated(const Network& net, std::string_view about) {
    for (const Component& c : net.components) {
        int ports = 0;
        for (const PortInfo& p : c.info->ports) ports += p.kind->electric > 0.0 && p.kind->pairs.size() > 1;
        if (ports < 2 || net.block_of(c).states_short_circuit()) continue;
        throw input_error(fmt::format("{}: {} is a {}, for which no impedance in a fault is stated yet; the currents "
                                      "behind it are not assessed",
                                      about, c.path, c.info->type),
                          c.where);
    }
}

constexpr double insulation = 1e-9;  // S, from every conductor to earth: keeps parts without a source solvable
constexpr double no_path = 1e5;      // ohm: above it only the insulation closes the circuit

int place(int node, Wire wire) { return 3 * node + static_cast<int>(wire); }

}  // namespace

std::vector<FaultPart> fault_parts(const Network& net, const Point& at, const FaultCase& fault,
                                   std::string_view about) {
    refuse_unstated(net, about);
    std::vector<FaultPart> parts;
    for (int c = 0; c < static_cast<int>(net.components.size()); ++c) {
        FaultPart part{c, {}};
        net.block_of(net.components[c]).short_circuit(net.components[c].instance, at, fault, part.equivalent);
        if (!part.equivalent.empty()) parts.push_back(std::move(part));
    }
    return parts;
}

double own_voltage(const Network& net, const Values& values, int component, int port) {
    const Component& c = net.components[component];
    return std::abs(net.block_of(c).open_voltage(c.instance, port, values));
}

FaultNetwork::FaultNetwork(const Network& net, const Point& at, const FaultCase& fault, const std::vector<double>& V_n,
                           double reactance)
    : sets_(0), zero_sets_(0) {
    std::vector<FaultPart> items = fault_parts(net, at, fault, "short circuit");
    number(net, items);
    for (const FaultPart& item : items) add(net, at.values, item, reactance);
    if (fault.corrections)
        for (Source& s : sources_) s.Z *= of_nominal(net, at.values, s, V_n);
    find_driven();
    factor();
    find_zero_unknown();
}

// Part of K_G: nominal voltage of the network over rated voltage of the generator; 1 for other sources.
double FaultNetwork::of_nominal(const Network& net, const Values& values, const Source& s,
                                const std::vector<double>& V_n) {
    const Component& c = net.components[s.component];
    const int rated = c.info->ports[s.port].rated;
    if (s.kind != FaultSource::Kind::generator || rated < 0 || !(V_n[s.node] > 0.0)) return 1.0;
    return V_n[s.node] / values.params[net.param_position(c, rated)];
}

// Numbers the potentials of all electric nodes and of points inside components; those that ties join have one number.
void FaultNetwork::number(const Network& net, std::vector<FaultPart>& items) {
    const int n = static_cast<int>(net.nodes.size());
    UnionFind joined(3 * n);
    for (const FaultPart& item : items)
        for (const FaultEquivalent::Tie& tie : item.equivalent.ties) {
            const int a = node_of(net, item.component, tie.a), b = node_of(net, item.component, tie.b);
            const auto join = [&](Wire wire) { joined.join(place(a, wire), place(b, wire)); };
            if (tie.phases) join(Wire::phases);
            if (tie.phases && tie.neutral) join(Wire::zero);
            if (tie.neutral) join(Wire::neutral);
        }
    index_.assign(3 * n, -1);
    std::vector<int> of_root(3 * n, -1);
    for (int k = 0; k < 3 * n; ++k) {
        const Node& node = net.nodes[k / 3];
        const bool neutral = k % 3 == static_cast<int>(Wire::neutral);
        if (!(node.kind->electric > 0.0) || (neutral && !node.is_four_wire())) continue;
        int& number = of_root[joined.find(k)];
        if (number < 0) number = size_++;
        index_[k] = number;
    }
    for (FaultPart& item : items) {
        item.inner = size_;
        size_ += item.equivalent.inner_points;
    }
    neutral_of_.assign(size_, -1);
    for (int node = 0; node < n; ++node)
        if (const int u = index_[place(node, Wire::zero)]; u >= 0) neutral_of_[u] = index_[place(node, Wire::neutral)];
    sets_ = UnionFind(size_);
    zero_sets_ = UnionFind(size_);
    zero_unknown_.assign(size_, "");
}

void FaultNetwork::add(const Network& net, const Values& values, const FaultPart& item, double reactance) {
    const int first = static_cast<int>(sources_.size());
    for (const FaultSource& s : item.equivalent.sources)
        sources_.push_back({s, item.component, node_of(net, item.component, s.port), 0.0,
                            own_voltage(net, values, item.component, s.port)});
    for (const FaultBranch& b : item.equivalent.branches) {
        const Complex Z(b.Z.real(), reactance * b.Z.imag());
        Stamp stamp{b.weight / Z, {}, false, false};
        stamp.terms.fill({-1, 0.0});
        int before = -1;
        for (std::size_t k = 0; k < b.terms.size(); ++k) {
            const auto& [port, wire, factor] = b.terms[k];
            if (port < 0) continue;
            stamp.zero |= wire == Wire::zero || wire == Wire::neutral;
            stamp.positive |= wire == Wire::phases;
            const int u =
                wire == Wire::inner ? item.inner + port : index_[place(node_of(net, item.component, port), wire)];
            stamp.terms[k] = {u, factor};
            if (u < 0) continue;
            if (before >= 0) (stamp.zero ? zero_sets_ : sets_).join(before, u);
            before = u;
        }
        if (b.source >= 0) {
            sources_[first + b.source].Z = Z;
            continue;  // stamped when it is known what feeds each set of nodes
        }
        stamps_.push_back(stamp);
    }
    for (const FaultEquivalent::Tap& tap : item.equivalent.taps)
        taps_.push_back({item.component, node_of(net, item.component, tap.from), node_of(net, item.component, tap.to),
                         tap.between_phases});
    for (const FaultEquivalent::Unknown& unknown : item.equivalent.unknown_zero) {
        const std::string text = fmt::format("{} states no {}", net.components[item.component].path, unknown.what);
        const auto phases = [&](int port) { return index_[place(node_of(net, item.component, port), Wire::zero)]; };
        if (unknown.b >= 0)
            unknown_lines_.push_back({phases(unknown.a), phases(unknown.b), text});
        else
            zero_unknown_[phases(unknown.a)] = text;
    }
}

// Converters limit their current. Where something else feeds the same nodes, they are current sources beside it; where
// nothing else does, they are sources behind their own impedance whose current is cut off at the limit.
void FaultNetwork::find_driven() {
    driven_.assign(size_, 0);
    fed_.assign(size_, 0);
    for (const Source& s : sources_) fed_[set_of(s.node)] = 1;
    for (const Source& s : sources_)
        if (s.kind != FaultSource::Kind::converter) driven_[set_of(s.node)] = 1;
    for (const Source& s : sources_) {
        if (s.kind == FaultSource::Kind::converter && driven_[set_of(s.node)]) continue;
        Stamp stamp{1.0 / s.Z, {}, false};
        stamp.terms.fill({-1, 0.0});
        stamp.terms[0] = {index_[place(s.node, Wire::phases)], 1.0};
        stamps_.push_back(stamp);
    }
}

// A source without a stated zero sequence leaves all that it conducts to unknown. A line without one leaves that end
// unknown which has no other path, and both where both have one.
void FaultNetwork::find_zero_unknown() {
    const auto note = [this](int u, const std::string& text) {
        if (std::string& known = zero_unknown_[zero_set(u)]; known.empty()) known = text;
    };
    for (int u = 0; u < size_; ++u)
        if (!zero_unknown_[u].empty()) note(u, std::string(zero_unknown_[u]));
    for (const UnknownLine& line : unknown_lines_) {
        const auto path = [this](int u) { return std::isfinite(std::abs(zero_between(u, neutral_of_[u]))); };
        const bool a = path(line.a), b = path(line.b);
        if (a == b || b) note(line.a, line.text);
        if (a == b || a) note(line.b, line.text);
    }
}

void FaultNetwork::drive(const Tap& tap, Complex Z) {
    if (!std::isfinite(std::abs(Z))) return;
    Stamp stamp{1.0 / Z, {}, false};
    stamp.terms.fill({-1, 0.0});
    stamp.terms[0] = {index_[place(tap.to, Wire::phases)], 1.0};
    stamps_.push_back(stamp);
    driven_[set_of(tap.to)] = fed_[set_of(tap.to)] = 1;
}

void FaultNetwork::factor() {
    std::vector<Eigen::Triplet<Complex>> entries;
    for (int u = 0; u < size_; ++u) entries.emplace_back(u, u, insulation);
    for (const Stamp& stamp : stamps_) {
        const bool unfed =
            stamp.positive && std::none_of(stamp.terms.begin(), stamp.terms.end(),
                                           [this](const auto& t) { return t.first >= 0 && fed_[sets_.find(t.first)]; });
        if (unfed) continue;
        for (const auto& [u, a] : stamp.terms)
            for (const auto& [v, b] : stamp.terms)
                if (u >= 0 && v >= 0) entries.emplace_back(u, v, a * b * stamp.Y);
    }
    Eigen::SparseMatrix<Complex> Y(size_, size_);
    Y.setFromTriplets(entries.begin(), entries.end());
    lu_.compute(Y);
    if (size_ > 0 && lu_.info() != Eigen::Success)
        throw topology_error(
            "the network of short-circuit impedances has no solution; an impedance in it is zero or not finite");
}

FaultNetwork::Vector FaultNetwork::solve(const Vector& rhs) const { return lu_.solve(rhs); }

FaultNetwork::Vector FaultNetwork::column(int node) const {
    Vector rhs = Vector::Zero(size_);
    rhs[index_[place(node, Wire::phases)]] = 1.0;
    return solve(rhs);
}

Complex FaultNetwork::zero(int node) const {
    return zero_between(index_[place(node, Wire::zero)], index_[place(node, Wire::neutral)]);
}

Complex FaultNetwork::zero_between(int phases, int neutral) const {
    Vector rhs = Vector::Zero(size_);
    rhs[phases] = 1.0;
    if (neutral >= 0) rhs[neutral] = -1.0;
    const Vector v = solve(rhs);
    const Complex Z = 3.0 * (v[phases] - (neutral >= 0 ? v[neutral] : Complex(0.0)));
    return std::abs(Z) < no_path ? Z : Complex(INFINITY);
}

}  // namespace kelvolt
