/// Voltages and currents at multiples of the frequency of the supply: a linear network of what the models state for
/// harmonics (`short_circuit` with FaultCase::harmonics), fed by the currents that loads draw.
#pragma once

#include <Eigen/SparseLU>
#include <array>
#include <complex>
#include <string>
#include <vector>

#include "solver/electric/fault_network.hpp"

namespace kelvolt {

/// Current that a component draws at one of its ports [A], by phase; single-phase ports have the first alone.
struct HarmonicCurrent {
    int component, port;
    std::array<std::complex<double>, 3> I;
};

/// RMS magnitudes at one order.
struct HarmonicFlow {
    /// Per node: phases against the neutral, neutral against earth [V].
    std::vector<std::array<double, 4>> V;
    /// Per electric port, as HarmonicNetwork::ports: current of the phases and of the neutral into the component [A].
    std::vector<std::array<double, 4>> I;
    std::vector<double> V_zero;  ///< per node: zero sequence of the phases against the neutral [V]
    std::vector<int> blocked;    ///< nodes whose zero-sequence current has no way back; it is left out
};

/// The network of positive, negative and zero sequence and of neutrals. All parts are symmetrical between phases, so
/// unequal loads are solved exactly as the sum of their sequences; transformers turn the positive sequence by their
/// vector group and the negative sequence by as much in the other direction. R does not depend on frequency. Loads are
/// currents and no impedances, but for motors that they state; no-load branches of transformers are left out.
class HarmonicNetwork {
   public:
    using Complex = std::complex<double>;
    /// Keeps references to the network and to the values of the point. Error(input): see fault_parts.
    HarmonicNetwork(const Network& net, const Point& at);

    struct Port {
        int component, port, node;
    };
    /// Ports of alternating current.
    const std::vector<Port>& ports() const { return ports_; }
    /// What would have to be stated so that the zero-sequence voltage at a node is known; empty where it is.
    const std::string& zero_unknown(int node) const { return zero_unknown_[node]; }

    /// Does the component conduct harmonics through this port, as lines, capacitors or a UPS on bypass do? What does not
    /// may draw a current of its own there; directly connected motors do not count.
    bool conducts(int component, int port) const { return conducts_[port_of(component, port)] != 0; }

    /// Sets the order; it may be any positive number. Error(topology) where the network has no solution.
    void set_order(double h);
    /// Flow at the order that was set. alpha 0: currents add as phasors. Else those of different loads add as
    ///   I = (sum of I_k^alpha)^(1/alpha)   (IEC 61000-3-6)
    /// The phases of one load keep their angles, and loads of a single phase at one bus, or tapped from it, keep the
    /// angles between the phases: three of them give what one load on three phases gives.
    HarmonicFlow flow(const std::vector<HarmonicCurrent>& drawn, double alpha) const;
    /// Impedance of the positive sequence (single-phase nodes: between the conductors) seen from a node [ohm].
    Complex impedance(int node) const;

   private:
    using Vector = Eigen::VectorXcd;
    enum Part { positive, negative, zero, neutral };
    struct Term {
        int unknown;  ///< -1: reference
        int port;     ///< number in ports_; -1: a point inside a component
        Part part;
        Complex factor;
    };
    struct Stamp {
        Complex Z;
        double X_C, weight;
        bool assumed;  ///< stands for a zero sequence that is not stated
        std::vector<Term> terms;
        Complex at(double h) const { return {Z.real(), h * Z.imag() - X_C / h}; }
    };
    struct Tap {
        int component, from_port, to_port;
        std::vector<Term> terms;  ///< of the voltage between its conductors at `from`
        int to;                   ///< unknown of its single-phase node
    };
    const Network& net_;
    const Values& values_;
    std::vector<Port> ports_;
    std::vector<int> first_port_, number_;  ///< per component; per port of any kind: its number in ports_, else -1
    std::vector<int> index_;                ///< [4 node + part] -> unknown; -1: the reference
    int size_ = 0, first_inner_ = 0;        ///< first_inner_: of the points inside the component that is being added
    std::vector<Stamp> stamps_;
    std::vector<Tap> taps_;
    std::vector<std::string> zero_unknown_;
    std::vector<char> conducts_;   ///< per port
    std::vector<char> zero_path_;  ///< per node: zero-sequence current has a way back
    double h_ = 1.0;
    Eigen::SparseLU<Eigen::SparseMatrix<Complex>> lu_;

    void number();
    bool three_phase(int node) const { return net_.nodes[node].kind->phase_share < 1.0; }
    int port_of(int component, int port) const { return number_[first_port_[component] + port]; }
    Term term(int component, int port, Part part, Complex factor) const;
    void add(const FaultPart& part);
    void add_branch(int component, const FaultBranch& branch, bool as_zero);
    void find_unknown(const FaultPart& part, UnionFind& all, UnionFind& along);
    void add_tap(int component, const FaultEquivalent::Tap& tap);
    void find_sets(const std::vector<FaultPart>& parts);
    /// The currents, without a zero sequence where it has no way back.
    std::vector<HarmonicCurrent> flowing(const std::vector<HarmonicCurrent>& drawn, std::vector<int>& blocked) const;
    Vector rhs(const std::vector<HarmonicCurrent>& drawn) const;
    /// Sequences and neutral (by Part) at every node and every port; they are linear in the currents drawn.
    struct Parts {
        std::vector<std::array<Complex, 4>> V, I;
    };
    Parts parts(const std::vector<HarmonicCurrent>& drawn) const;
    /// Adds the magnitudes of all phases and neutrals to the power alpha.
    void accumulate(const Parts& parts, double alpha, HarmonicFlow& sum) const;
    void find_circuits();
    /// Loads whose currents have one pattern of phases at one place, added to one.
    struct Pattern;
    std::vector<Pattern> patterns(const std::vector<HarmonicCurrent>& stated, const std::vector<HarmonicCurrent>& drawn,
                                  double alpha) const;
    void add_by_law(const std::vector<Pattern>& patterns, double alpha, HarmonicFlow& sum) const;
    /// A single-phase circuit: the bus from which it is tapped, and the angle of its voltage there in steps of 30 degrees.
    struct Circuit {
        int bus, angle;
    };
    std::vector<Circuit> circuit_;  ///< per node; bus: the node itself where it is not tapped
};

}  // namespace kelvolt
