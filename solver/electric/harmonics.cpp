#include "solver/electric/harmonics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace kelvolt {

namespace {

using Complex = HarmonicNetwork::Complex;
constexpr double leak = 1e-9;   // S, from every conductor to earth: keeps parts without a source solvable
constexpr double joint = 1e-6;  // ohm, of ports joined without impedance: their current is wanted, too
const Complex third = std::polar(1.0, 2.0943951023931953);  // a third of a turn

/// Phase k of three sequences.
Complex phase(int k, Complex positive, Complex negative, Complex zero) {
    const Complex turn = k == 0 ? Complex(1.0) : k == 1 ? std::conj(third) : third;
    return positive * turn + negative * std::conj(turn) + zero;
}
/// Positive, negative and zero sequence of three phases.
std::array<Complex, 3> sequences(const std::array<Complex, 3>& I) {
    const Complex a = third, a2 = std::conj(third);
    return {(I[0] + a * I[1] + a2 * I[2]) / 3.0, (I[0] + a2 * I[1] + a * I[2]) / 3.0, (I[0] + I[1] + I[2]) / 3.0};
}

bool all_phases(const std::array<Complex, 3>& I) {
    const auto [least, most] = std::minmax({std::abs(I[0]), std::abs(I[1]), std::abs(I[2])});
    return least > 1e-6 * most;
}

/// One current for several at a node: magnitudes added by the exponent, each phase at the angle of the sum of phasors
/// there, or of the largest one where they cancel. So their order does not matter, and equal phases stay symmetric.
HarmonicCurrent together(const std::vector<HarmonicCurrent>& members, double power) {
    HarmonicCurrent one = members.front();
    for (int k = 0; k < 3; ++k) {
        Complex phasor = 0.0, largest = 0.0;
        double sum = 0.0;
        for (const HarmonicCurrent& d : members) {
            phasor += d.I[k], sum += std::pow(std::abs(d.I[k]), power);
            if (std::abs(d.I[k]) > std::abs(largest)) largest = d.I[k];
        }
        const Complex along = std::abs(phasor) > 1e-9 * std::abs(largest) ? phasor : largest;
        one.I[k] = sum > 0.0 ? std::polar(std::pow(sum, 1.0 / power), std::arg(along)) : 0.0;
    }
    return one;
}

}  // namespace

HarmonicNetwork::HarmonicNetwork(const Network& net, const Point& at) : net_(net), values_(at.values) {
    FaultCase fault;
    fault.corrections = false;
    fault.harmonics = true;
    const std::vector<FaultPart> parts = fault_parts(net, at, fault, "harmonics");
    number();
    for (const FaultPart& part : parts) add(part);
    find_sets(parts);
}

// Numbers the potentials of all nodes of alternating current and lists the ports there.
void HarmonicNetwork::number() {
    index_.assign(4 * net_.nodes.size(), -1);
    for (int n = 0; n < static_cast<int>(net_.nodes.size()); ++n) {
        const Node& node = net_.nodes[n];
        if (!(node.kind->electric > 0.0) || node.is_dc()) continue;
        index_[4 * n + positive] = size_++;
        if (!three_phase(n)) continue;
        index_[4 * n + negative] = size_++;
        index_[4 * n + zero] = size_++;
        if (node.is_four_wire()) index_[4 * n + neutral] = size_++;
    }
    for (int c = 0; c < static_cast<int>(net_.components.size()); ++c) {
        first_port_.push_back(static_cast<int>(number_.size()));
        const auto& declared = net_.components[c].info->ports;
        for (int p = 0; p < static_cast<int>(declared.size()); ++p) {
            const int node = declared[p].kind->electric > 0.0 ? node_of(net_, c, p) : -1;
            const bool ac = node >= 0 && index_[4 * node + positive] >= 0;
            number_.push_back(ac ? static_cast<int>(ports_.size()) : -1);
            if (ac) ports_.push_back({c, p, node});
        }
    }
    zero_unknown_.assign(net_.nodes.size(), "");
    conducts_.assign(ports_.size(), 0);
}

HarmonicNetwork::Term HarmonicNetwork::term(int component, int port, Part part, Complex factor) const {
    const int number = port_of(component, port);
    return {index_[4 * ports_[number].node + part], number, part, factor};
}

void HarmonicNetwork::add(const FaultPart& part) {
    const auto ac = [&](int port) { return port_of(part.component, port) >= 0; };
    const FaultEquivalent& e = part.equivalent;
    first_inner_ = size_;
    size_ += 2 * e.inner_points;
    for (const FaultBranch& b : e.branches) {
        const bool inside = b.terms[0].wire == Wire::inner;
        if (!inside && (b.terms[0].port < 0 || !ac(b.terms[0].port))) continue;
        add_branch(part.component, b, false);
        const bool motor = b.source >= 0 && e.sources[b.source].kind == FaultSource::Kind::motor;
        for (const FaultBranch::Term& t : b.terms)
            if (t.port >= 0 && t.wire == Wire::phases && !motor) conducts_[port_of(part.component, t.port)] = 1;
    }
    // A line or source that states no zero sequence: its positive sequence stands for it, so that currents have a way.
    for (const FaultEquivalent::Unknown& u : e.unknown_zero) {
        const auto own = std::find_if(e.branches.begin(), e.branches.end(), [&](const FaultBranch& b) {
            return b.terms[0].wire == Wire::phases && b.terms[0].port == u.a && b.terms[1].port == u.b;
        });
        if (own != e.branches.end() && ac(u.a)) add_branch(part.component, *own, true);
    }
    for (const FaultEquivalent::Tie& tie : e.ties) {
        if (!ac(tie.a)) continue;
        const auto join = [&](Wire wire) {
            FaultBranch b{joint, {{{tie.a, wire, 1.0}, {tie.b, wire, -1.0}}}, wire == Wire::zero ? 3.0 : 1.0, -1, 0.0};
            add_branch(part.component, b, false);
        };
        if (tie.phases) join(Wire::phases);
        if (tie.phases && tie.neutral) join(Wire::zero);
        if (tie.neutral) join(Wire::neutral);
        if (tie.phases) conducts_[port_of(part.component, tie.a)] = conducts_[port_of(part.component, tie.b)] = 1;
    }
    for (const FaultEquivalent::Tap& tap : e.taps) add_tap(part.component, tap);
}

// A branch of the positive sequence holds for the negative one, too, with the vector group turned back; as_zero: it
// stands for the zero sequence that is not stated.
void HarmonicNetwork::add_branch(int component, const FaultBranch& branch, bool as_zero) {
    const Component& c = net_.components[component];
    const auto ratio = [&](int port) {
        const Complex r = net_.block_of(c).ratio(c.instance, port, values_);
        return r / std::abs(r);
    };
    // the vector group: how far the other end of the branch is turned against its first port; points inside are turned
    // as the port of ratio 1
    Complex turn = 1.0;
    const FaultBranch::Term& head = branch.terms[0];
    const bool inside = head.wire == Wire::inner, phases = head.wire == Wire::phases;
    const bool three = inside || three_phase(ports_[port_of(component, head.port)].node);
    for (const FaultBranch::Term& t : branch.terms)
        if (!inside && t.port >= 0 && (t.wire == Wire::inner || t.port != head.port))
            turn = (t.wire == Wire::inner ? Complex(1.0) : ratio(t.port)) / ratio(head.port);
    const double reversed = (turn * turn * turn).real() < -0.5 ? -1.0 : 1.0;  // a winding in reverse, as of YNyn6
    for (const Part part : {positive, negative}) {
        if (phases && part == negative && (as_zero || !three)) continue;
        Stamp stamp{branch.Z, branch.X_C, phases && three ? 3.0 : branch.weight, as_zero, {}};
        for (const FaultBranch::Term& t : branch.terms) {
            if (t.port < 0) continue;
            if (t.wire == Wire::inner) {
                const int point = first_inner_ + 2 * t.port + (phases && part == negative ? 1 : 0);
                stamp.terms.push_back({point, -1, phases ? part : zero, t.factor * (phases ? 1.0 : reversed)});
                continue;
            }
            const Part wire = t.wire == Wire::neutral ? neutral : t.wire == Wire::zero || as_zero ? zero : part;
            Complex factor = t.factor;
            if (t.port == head.port)
                factor *= wire == positive ? turn : wire == negative ? std::conj(turn) : Complex(1.0);
            else if (wire == zero || wire == neutral)
                factor *= reversed;
            stamp.terms.push_back(term(component, t.port, wire, factor));
        }
        stamps_.push_back(std::move(stamp));
        if (!phases || as_zero) break;
    }
}

// A tap has the voltage between two conductors of its three-phase node, without loss; its current is an unknown.
void HarmonicNetwork::add_tap(int component, const FaultEquivalent::Tap& tap) {
    const Component& c = net_.components[component];
    const Complex turn = net_.block_of(c).ratio(c.instance, tap.to, values_);
    Tap made{component, port_of(component, tap.from), port_of(component, tap.to), {}, 0};
    made.terms.push_back(term(component, tap.from, positive, turn));
    made.terms.push_back(term(component, tap.from, negative, std::conj(turn)));
    if (!tap.between_phases) {
        made.terms.push_back(term(component, tap.from, zero, 1.0));
        made.terms.push_back(term(component, tap.from, neutral, -1.0));
    }
    made.to = index_[4 * ports_[made.to_port].node + positive];
    conducts_[made.from_port] = conducts_[made.to_port] = 1;
    taps_.push_back(std::move(made));
}

// Where zero-sequence current has a way back to the neutral, and where the zero sequence is not known.
void HarmonicNetwork::find_sets(const std::vector<FaultPart>& parts) {
    UnionFind all(size_ + 1), stated(size_ + 1), along(size_ + 1);  // the last: the reference
    const auto place = [this](int unknown) { return unknown < 0 ? size_ : unknown; };
    for (const Stamp& s : stamps_) {
        if (s.X_C != 0.0) continue;
        const int first = place(s.terms[0].unknown);
        for (const Term& t : s.terms) {
            all.join(first, place(t.unknown));
            if (!s.assumed) stated.join(first, place(t.unknown));
        }
        if (s.terms.size() == 1) all.join(first, size_);
        if (s.terms.size() == 1 && !s.assumed) stated.join(first, size_);
        if (s.terms.size() == 2 && s.terms[0].part == zero && s.terms[1].part == zero && !s.assumed)
            along.join(first, place(s.terms[1].unknown));
    }
    zero_path_.assign(net_.nodes.size(), 0);
    for (std::size_t n = 0; n < net_.nodes.size(); ++n)
        if (index_[4 * n + zero] >= 0)
            zero_path_[n] = all.find(index_[4 * n + zero]) == all.find(place(index_[4 * n + neutral]));
    for (const FaultPart& part : parts) find_unknown(part, stated, along);
}

// A source that states no zero sequence leaves all that it conducts to unknown; a line that end which has no other way
// to its neutral, and both where both have one or none.
void HarmonicNetwork::find_unknown(const FaultPart& part, UnionFind& stated, UnionFind& along) {
    const auto place_of = [&](int port, Part wire) {
        const int u = index_[4 * ports_[port_of(part.component, port)].node + wire];
        return u < 0 ? size_ : u;
    };
    const auto path = [&](int port) {
        return stated.find(place_of(port, zero)) == stated.find(place_of(port, neutral));
    };
    for (const FaultEquivalent::Unknown& u : part.equivalent.unknown_zero) {
        if (port_of(part.component, u.a) < 0) continue;
        const auto note = [&](int port) {
            for (std::size_t n = 0; n < net_.nodes.size(); ++n)
                if (const int here = index_[4 * n + zero];
                    here >= 0 && zero_unknown_[n].empty() && along.find(here) == along.find(place_of(port, zero)))
                    zero_unknown_[n] = fmt::format("{} states no {}", net_.components[part.component].path, u.what);
        };
        const bool a = u.b >= 0 && path(u.a), b = u.b >= 0 && path(u.b);
        if (a == b || b) note(u.a);
        if (u.b >= 0 && (a == b || a)) note(u.b);
    }
}

void HarmonicNetwork::set_order(double h) {
    h_ = h;
    const int n = size_ + static_cast<int>(taps_.size());
    std::vector<Eigen::Triplet<Complex>> entries;
    for (int u = 0; u < size_; ++u) entries.emplace_back(u, u, leak);
    for (const Stamp& s : stamps_) {
        const Complex Z = s.at(h), Y = s.weight / (std::abs(Z) < FaultEquivalent::none ? FaultEquivalent::none : Z);
        for (const Term& a : s.terms)
            for (const Term& b : s.terms)
                if (a.unknown >= 0 && b.unknown >= 0)
                    entries.emplace_back(a.unknown, b.unknown, std::conj(a.factor) * b.factor * Y);
    }
    for (std::size_t k = 0; k < taps_.size(); ++k) {
        const int own = size_ + static_cast<int>(k);
        const auto couple = [&](int unknown, Complex factor) {
            if (unknown < 0) return;
            entries.emplace_back(own, unknown, factor);
            entries.emplace_back(unknown, own, std::conj(factor));
        };
        for (const Term& t : taps_[k].terms) couple(t.unknown, t.factor);
        couple(taps_[k].to, -1.0);
    }
    Eigen::SparseMatrix<Complex> Y(n, n);
    Y.setFromTriplets(entries.begin(), entries.end());
    lu_.compute(Y);
    if (n > 0 && lu_.info() != Eigen::Success)
        throw topology_error(
            fmt::format("harmonics: the network has no solution at order {:g}; an impedance in it is "
                        "zero or not finite",
                        h));
}

HarmonicNetwork::Vector HarmonicNetwork::rhs(const std::vector<HarmonicCurrent>& drawn) const {
    Vector b = Vector::Zero(size_ + static_cast<int>(taps_.size()));
    for (const HarmonicCurrent& d : drawn) {
        const int n = ports_[port_of(d.component, d.port)].node;
        if (!three_phase(n)) {
            b[index_[4 * n + positive]] -= d.I[0];
            continue;
        }
        const auto I = sequences(d.I);
        b[index_[4 * n + positive]] -= 3.0 * I[0];
        b[index_[4 * n + negative]] -= 3.0 * I[1];
        b[index_[4 * n + zero]] -= 3.0 * I[2];
        if (const int u = index_[4 * n + neutral]; u >= 0) b[u] += 3.0 * I[2];
    }
    return b;
}

void HarmonicNetwork::read(const Vector& x, std::vector<std::array<Complex, 4>>& V,
                           std::vector<std::array<Complex, 4>>& I, std::vector<Complex>& V_zero) const {
    V.assign(net_.nodes.size(), {}), I.assign(ports_.size(), {}), V_zero.assign(net_.nodes.size(), 0.0);
    const auto value = [&](int unknown) { return unknown < 0 ? Complex(0.0) : x[unknown]; };
    for (int n = 0; n < static_cast<int>(V.size()); ++n) {
        if (index_[4 * n] < 0) continue;
        if (!three_phase(n)) {
            V[n][0] = x[index_[4 * n]];
            continue;
        }
        V[n][3] = value(index_[4 * n + neutral]);
        V_zero[n] = x[index_[4 * n + zero]] - V[n][3];
        for (int k = 0; k < 3; ++k) V[n][k] = phase(k, x[index_[4 * n]], x[index_[4 * n + negative]], V_zero[n]);
    }
    std::vector<std::array<Complex, 4>> parts(ports_.size());  // by Part
    for (const Stamp& s : stamps_) {
        Complex U = 0.0;
        for (const Term& t : s.terms) U += t.factor * value(t.unknown);
        const Complex Z = s.at(h_), i = U / (std::abs(Z) < FaultEquivalent::none ? Complex(FaultEquivalent::none) : Z);
        for (const Term& t : s.terms)
            if (t.port >= 0) parts[t.port][t.part] += std::conj(t.factor) * i * (t.part == neutral ? s.weight : 1.0);
    }
    for (std::size_t k = 0; k < taps_.size(); ++k) {
        const Complex i = x[size_ + static_cast<int>(k)];
        for (const Term& t : taps_[k].terms)
            parts[t.port][t.part] += std::conj(t.factor) * i / (t.part == neutral ? 1.0 : 3.0);
        parts[taps_[k].to_port][positive] -= i;
    }
    for (std::size_t p = 0; p < ports_.size(); ++p) {
        if (!three_phase(ports_[p].node)) {
            I[p][0] = parts[p][positive];
            continue;
        }
        for (int k = 0; k < 3; ++k) I[p][k] = phase(k, parts[p][positive], parts[p][negative], parts[p][zero]);
        // a balanced port has no neutral of its own: the zero sequence comes back beside it
        I[p][3] = net_.nodes[ports_[p].node].is_four_wire() ? parts[p][neutral] : -3.0 * parts[p][zero];
    }
}

std::vector<HarmonicCurrent> HarmonicNetwork::flowing(const std::vector<HarmonicCurrent>& drawn,
                                                      std::vector<int>& blocked) const {
    std::vector<HarmonicCurrent> made = drawn;
    for (HarmonicCurrent& d : made) {
        const int n = ports_[port_of(d.component, d.port)].node;
        const Component& c = net_.components[d.component];
        const bool between_phases = net_.block_of(c).neutral(c.instance, d.port) == NeutralPath::blocked;
        if (!three_phase(n) || (zero_path_[n] && !between_phases)) continue;
        const auto sequence = sequences(d.I);
        for (Complex& I : d.I) I -= sequence[2];
        const double others = std::abs(sequence[0]) + std::abs(sequence[1]);
        if (!between_phases && std::abs(sequence[2]) > 1e-9 * others) blocked.push_back(n);
    }
    return made;
}

HarmonicFlow HarmonicNetwork::flow(const std::vector<HarmonicCurrent>& stated, double alpha) const {
    HarmonicFlow found;
    const std::vector<HarmonicCurrent> drawn = flowing(stated, found.blocked);
    // Currents that flow together. With alpha those of the three-phase loads at a node, and those of the loads there
    // that leave phases out: single-phase loads on three phases are one set, whose currents cancel in the neutral.
    std::map<std::pair<int, bool>, std::vector<HarmonicCurrent>> groups;
    for (const HarmonicCurrent& d : drawn)
        groups[alpha > 0.0 ? std::pair(ports_[port_of(d.component, d.port)].node, all_phases(d.I))
                           : std::pair(0, false)]
            .push_back(d);
    found.V.assign(net_.nodes.size(), {}), found.I.assign(ports_.size(), {});
    found.V_zero.assign(net_.nodes.size(), 0.0);
    const double power = alpha > 0.0 ? alpha : 1.0;
    std::vector<std::array<Complex, 4>> V, I;
    std::vector<Complex> V_zero;
    for (auto& [node, members] : groups) {
        if (alpha > 0.0) members = {together(members, power)};
        read(lu_.solve(rhs(members)), V, I, V_zero);
        for (std::size_t n = 0; n < V.size(); ++n) {
            for (int k = 0; k < 4; ++k) found.V[n][k] += std::pow(std::abs(V[n][k]), power);
            found.V_zero[n] += std::pow(std::abs(V_zero[n]), power);
        }
        for (std::size_t p = 0; p < I.size(); ++p)
            for (int k = 0; k < 4; ++k) found.I[p][k] += std::pow(std::abs(I[p][k]), power);
    }
    const auto root = [power](double& x) { x = std::pow(x, 1.0 / power); };
    for (auto& v : found.V) std::for_each(v.begin(), v.end(), root);
    for (auto& i : found.I) std::for_each(i.begin(), i.end(), root);
    std::for_each(found.V_zero.begin(), found.V_zero.end(), root);
    for (const HarmonicCurrent& d : drawn) {  // what loads draw themselves
        auto& own = found.I[port_of(d.component, d.port)];
        for (int k = 0; k < 3; ++k) own[k] = std::abs(d.I[k]);
        const int n = ports_[port_of(d.component, d.port)].node;
        own[3] = three_phase(n) ? std::abs(d.I[0] + d.I[1] + d.I[2]) : 0.0;
    }
    return found;
}

Complex HarmonicNetwork::impedance(int node) const {
    Vector b = Vector::Zero(size_ + static_cast<int>(taps_.size()));
    const int u = index_[4 * node + positive];
    b[u] = three_phase(node) ? 3.0 : 1.0;
    return Vector(lu_.solve(b))[u];
}

}  // namespace kelvolt
