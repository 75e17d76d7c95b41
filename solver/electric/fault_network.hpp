/// The networks of the positive and the zero sequence for one case of a short circuit, factored.
#pragma once

#include <Eigen/SparseLU>

#include "solver/electric/energised.hpp"
#include "solver/model/fault.hpp"
#include "solver/network/network.hpp"
#include "solver/network/union_find.hpp"

namespace kelvolt {

/// What one component states.
struct FaultPart {
    int component;
    FaultEquivalent equivalent;
    int inner = 0;  ///< unknown of its first point inside
};
/// What all components state for a fault or for harmonics, those that state nothing left out. Error(input) for one that
/// conducts between buses and has no such statement: it would count as open. `about` begins the message.
std::vector<FaultPart> fault_parts(const Network& net, const Point& at, const FaultCase& fault, std::string_view about);
/// The voltage without load that a component states for a port [V]; 0 where it states none.
double own_voltage(const Network& net, const Values& values, int component, int port);
/// The node of a port.
inline int node_of(const Network& net, int component, int port) {
    return node_of(net, net.components[component], port);
}

class FaultNetwork {
   public:
    using Complex = std::complex<double>;
    using Vector = Eigen::VectorXcd;

    /// A source with its place in the network.
    struct Source : FaultSource {
        int component, node;
        Complex Z;
        double E;  ///< its own voltage without load [V]; 0: that of its bus
    };
    /// A single-phase circuit at a tap: a source whose impedance is that of the fault at the tap.
    struct Tap {
        int component, from, to;  ///< nodes
        bool between_phases;
    };

    /// V_n: nominal voltage per node, for K_G. `reactance`: factor on all reactances (method C of the standard for the
    /// peak: 0.4).
    FaultNetwork(const Network& net, const Point& at, const FaultCase& fault, const std::vector<double>& V_n,
                 double reactance);

    /// Voltages of the positive sequence for a unit current into the node.
    Vector column(int node) const;
    Complex at(const Vector& column, int node) const { return column[index_[3 * node]]; }
    /// Impedance of the zero sequence between the phases and the neutral of a node; infinite where there is no path.
    Complex zero(int node) const;
    /// What would have to be stated so that the zero sequence at a node is known; empty where it is.
    const std::string& zero_unknown(int node) const { return zero_unknown_[zero_set(index_[3 * node + 1])]; }

    /// Number of the set of nodes that conduct into each other.
    int set_of(int node) const { return sets_.find(index_[3 * node]); }
    /// Only converters feed this set of nodes, or nothing.
    bool limited(int node) const { return !driven_[set_of(node)]; }
    const std::vector<Source>& sources() const { return sources_; }
    const std::vector<Tap>& taps() const { return taps_; }
    /// Makes a tap a source of impedance Z (infinite: none) at its single-phase side.
    void drive(const Tap& tap, Complex Z);
    /// Parts of the positive sequence that nothing feeds are left out: their buses see the insulation alone.
    void factor();

   private:
    struct Stamp {
        Complex Y;
        std::array<std::pair<int, double>, 4> terms;  ///< unknown (-1: reference) and factor
        bool zero;
        bool positive = true;  ///< has a term in the phases
    };
    /// A line whose zero sequence is not stated, between two unknowns.
    struct UnknownLine {
        int a, b;
        std::string text;
    };
    int zero_set(int unknown) const { return zero_sets_.find(unknown); }
    void find_zero_unknown();
    Complex zero_between(int phases, int neutral) const;
    void number(const Network& net, std::vector<FaultPart>& items);
    void add(const Network& net, const Values& values, const FaultPart& item, double reactance);
    void find_driven();
    static double of_nominal(const Network& net, const Values& values, const Source& s, const std::vector<double>& V_n);
    Vector solve(const Vector& rhs) const;

    std::vector<int> index_;  ///< [3 * node + wire] -> unknown; neutral of a node without one: -1
    int size_ = 0;
    std::vector<Stamp> stamps_;
    std::vector<Source> sources_;
    std::vector<Tap> taps_;
    mutable UnionFind sets_, zero_sets_;
    std::vector<char> driven_;               ///< per set: by something else than converters
    std::vector<char> fed_;                  ///< per set: by anything
    std::vector<std::string> zero_unknown_;  ///< per set of the zero sequence
    std::vector<UnknownLine> unknown_lines_;
    std::vector<int> neutral_of_;  ///< of an unknown of the zero sequence; -1: the reference
    Eigen::SparseLU<Eigen::SparseMatrix<Complex>> lu_;
};

}  // namespace kelvolt
