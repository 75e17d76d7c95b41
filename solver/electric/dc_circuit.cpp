#include "solver/electric/dc_circuit.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "solver/electric/energised.hpp"
#include "solver/electric/fault_network.hpp"
#include "solver/network/union_find.hpp"

namespace kelvolt {

namespace {

/// What the components with a DC port are in a fault.
std::vector<FaultPart> parts_of(const Network& net, const Point& at) {
    const FaultCase largest{true, false, 0.10, true};
    std::vector<FaultPart> parts;
    for (int c = 0; c < static_cast<int>(net.components.size()); ++c) {
        const Component& component = net.components[c];
        const auto& ports = component.info->ports;
        if (std::none_of(ports.begin(), ports.end(),
                         [](const PortInfo& p) { return p.kind->electric > 0.0 && p.kind->pairs.size() == 1; }))
            continue;
        FaultPart part{c, {}};
        net.block_of(component).short_circuit(component.instance, at, largest, part.equivalent);
        if (!part.equivalent.empty()) parts.push_back(std::move(part));
    }
    return parts;
}

class Builder {
   public:
    Builder(const Network& net, const Point& at)
        : net_(net),
          values_(at.values),
          parts_(parts_of(net, at)),
          open_(net.electric->look(net, at).open),
          points_(static_cast<int>(net.nodes.size())),
          circuits_(static_cast<int>(net.nodes.size())) {}

    std::vector<DcCircuit> build() {
        for (const FaultPart& part : parts_) {
            for (const FaultEquivalent::Tie& t : part.equivalent.ties)
                if (is_dc(part, t.a) && is_dc(part, t.b)) {
                    points_.join(node(part, t.a), node(part, t.b));
                    circuits_.join(node(part, t.a), node(part, t.b));
                }
            for (const FaultBranch& b : part.equivalent.branches)
                if (is_line(part, b)) circuits_.join(node(part, b.terms[0].port), node(part, b.terms[1].port));
        }
        for (int n = 0; n < static_cast<int>(net_.nodes.size()); ++n)
            if (net_.nodes[n].is_dc()) add_node(n);
        for (const FaultPart& part : parts_) add(part);
        for (DcCircuit& c : found_) {
            for (const DcCircuit::Source& s : c.sources) c.V = std::max(c.V, s.E);
            for (DcCircuit::Source& s : c.sources)
                if (s.E == 0.0) s.E = c.V;
        }
        return std::move(found_);
    }

   private:
    const Network& net_;
    const Values& values_;
    const std::vector<FaultPart> parts_;
    const std::vector<std::complex<double>> open_;
    UnionFind points_, circuits_;
    std::vector<DcCircuit> found_;
    std::map<int, int> of_circuit_, of_point_;  // representative node -> number

    int node(const FaultPart& part, int port) const { return node_of(net_, part.component, port); }
    bool is_dc(const FaultPart& part, int port) const { return net_.nodes[node(part, port)].is_dc(); }
    bool is_line(const FaultPart& part, const FaultBranch& b) const {
        return b.source < 0 && b.terms[1].port >= 0 && is_dc(part, b.terms[0].port);
    }
    void add_node(int n) {
        const auto [circuit, is_new] = of_circuit_.try_emplace(circuits_.find(n), static_cast<int>(found_.size()));
        if (is_new) found_.emplace_back();
        DcCircuit& c = found_[circuit->second];
        const auto [point, first] = of_point_.try_emplace(points_.find(n), c.points);
        c.points += first;
        c.nodes.push_back(n);
        c.point.push_back(point->second);
        c.V = std::max(c.V, std::abs(open_[n]));
    }
    DcCircuit& circuit_of(int n) { return found_[of_circuit_.at(circuits_.find(n))]; }
    int point(const FaultPart& part, int port) { return of_point_.at(points_.find(node(part, port))); }

    void add(const FaultPart& part) {
        for (const FaultBranch& b : part.equivalent.branches) {
            if (!is_dc(part, b.terms[0].port)) continue;
            DcCircuit& c = circuit_of(node(part, b.terms[0].port));
            if (std::isnan(b.L)) c.missing.emplace_back(part.component, "L");
            if (b.source < 0) {
                c.lines.push_back(
                    {part.component, point(part, b.terms[0].port), point(part, b.terms[1].port), b.Z.real(), b.L});
                continue;
            }
            const FaultSource& s = part.equivalent.sources[b.source];
            const double E = own_voltage(net_, values_, part.component, s.port);
            c.sources.push_back(
                {part.component, point(part, s.port), s.kind, E, b.Z.real(), b.L, s.I_limit, s.duration});
        }
        for (const FaultEquivalent::Capacitor& k : part.equivalent.capacitors) {
            if (!is_dc(part, k.port)) continue;
            DcCircuit& c = circuit_of(node(part, k.port));
            if (std::isnan(k.C) || (k.C > 0.0 && std::isnan(k.R)))
                c.missing.emplace_back(part.component, std::string(k.what));
            else if (k.C > 0.0)
                c.capacitors.push_back({part.component, point(part, k.port), k.C, k.R});
        }
    }
};

}  // namespace

std::vector<DcCircuit> dc_circuits(const Network& net, const Point& at) {
    return net.electric ? Builder(net, at).build() : std::vector<DcCircuit>();
}

}  // namespace kelvolt
