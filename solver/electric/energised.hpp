/// Finds which electric buses are energised and their voltage without load, by a walk over the graph and without
/// solving equations. Buses that no source feeds are dead and stay at zero volts.
#pragma once

#include <complex>
#include <map>

#include "solver/network/network.hpp"

namespace kelvolt {

using Complex = std::complex<double>;

/// Electric buses connected by lines, closed switches and transformers (converters separate islands).
struct ElectricIsland {
    std::vector<int> nodes;
    int reference = -1;  ///< component that sets its voltage and angle; -1: dead
};

/// Which parts of the electric network are energised at one set of values.
struct Energised {
    std::vector<double> live;                ///< as Values::live
    std::vector<std::complex<double>> open;  ///< per node: voltage without load (AC: phase a) [V]; 0 where dead
    std::vector<ElectricIsland> islands;     ///< in the order of their first node
    std::vector<std::string> conflicts;      ///< sources and loops whose voltages disagree, a message for each
};

/// Sources on the same AC island may differ by this share of the voltage and by this angle [rad]; sources on the same
/// DC bus by this share of the voltage.
inline constexpr double ac_agreement = 0.2, angle_agreement = 0.26, dc_agreement = 0.5;
/// An energised bus below this share of its voltage without load counts as collapsed: there is no power flow.
inline constexpr double collapse = 0.1;

/// The node of a port.
int node_of(const Network& net, const Component& c, int port);

/// The electric network's buses and components, found once when the network is built.
class ElectricGraph {
   public:
    explicit ElectricGraph(const Network& net);

    bool empty() const { return members_.empty(); }
    Energised look(const Network& net, const Point& at) const { return look(net, at, false); }
    /// The same as if every switch were closed and every component in service. This gives a nominal voltage for buses
    /// that are dead at first.
    Energised look_at_all(const Network& net, const Values& values) const;

    /// Collects all numbers that the result of `look` may depend on: while they are unchanged, so is the result.
    void gather(const Point& at, std::vector<double>& numbers) const;

    /// Sets every electric node in y to its voltage without load, and the currents of components on dead nodes to zero.
    void fill(const Network& net, const Energised& state, std::vector<double>& y) const;
    /// Sets dead nodes to zero volts and the currents of components on them to zero, and live nodes below 0.3 times
    /// their voltage without load to that voltage; other nodes keep their values.
    void adapt(const Network& net, const Energised& state, std::vector<double>& y) const;
    /// The live node with the lowest ratio of voltage to voltage without load, and this ratio; -1 when none is live.
    std::pair<int, double> weakest(const Network& net, const Energised& state, const std::vector<double>& y) const;
    struct Fall {
        int node;      ///< -1 when no node is live
        double share;  ///< its voltage over that without load
        double fall;   ///< by how much that share fell
    };
    /// The live node whose ratio of voltage to voltage without load fell most between the states `before` and y.
    Fall falling(const Network& net, const Energised& state, const std::vector<double>& before,
                 const std::vector<double>& y) const;
    /// The node of a converter's output or a source; -1 for another component.
    int output(int component) const;
    /// Name of a port at the node, for messages.
    static std::string name(const Network& net, int node);
    /// End of a message about a bus without voltage. If the current of its neutral has no return path, names the
    /// transformers that block it; else empty.
    static std::string neutral_cause(const Network& net, int node);
    /// Sets nodes that are dead by Values::live to zero volts and the currents of components on them to zero.
    void put_out(const Network& net, const Values& values, std::vector<double>& y) const;
    /// Is every live node above `collapse` times its nominal voltage?
    bool stands(const Network& net, const Values& values, const std::vector<double>& y) const;

   private:
    struct Terminal {
        int node, port, circuit;
    };
    struct Member {
        int component, output;      ///< output: node of a port that is a source or a converter's output; else -1
        std::ptrdiff_t in_service;  ///< position in Values::params, -1 when it has none
        std::vector<Terminal> terminals;
        bool feeds() const { return output >= 0; }
    };
    Energised look(const Network& net, const Point& at, bool everything) const;
    /// Sets the currents to zero of components whose nodes are all dead and of converters without a live input.
    void rest_dead(const Network& net, const std::vector<double>& live, std::vector<double>& y) const;
    friend class ElectricWalk;

    void note_decisive(const Network& net, const Member& member, std::map<int, bool>& turning);

    std::vector<Member> members_;
    std::vector<int> nodes_;
    std::vector<std::size_t> params_, discretes_, unknowns_;  ///< positions of the numbers that `gather` collects
};

/// Buses that became dead or live together: the first component at them, and a message about all of them.
struct BusChange {
    std::string component, text;
};
/// Messages about changes since `before` (as Values::live; empty: everything was live): "board_b, busway_b and 3 more:
/// dead, nothing feeds them" for every island that became dead, "...: live again" for one that became live.
std::vector<BusChange> describe_changes(const Network& net, const Energised& state,
                                        const std::vector<double>& before = {});

/// Refuses a loop of components without impedance, and a component for another voltage than that of its bus.
void refuse_bare_loops(const Network& net);
void refuse_wrong_voltages(const Network& net, const Energised& now, const Energised& all);

/// Builds the electric graph of a network. The voltage without load of every bus (0.8 V at a die, 34.5 kV at the
/// utility) becomes its nominal value and its start. Throws Error(topology) for a loop without impedance,
/// Error(out_of_step) where sources or loops disagree.
void add_electric_graph(Network& net);

/// Sets Values::live from the values and the state. Throws Error(out_of_step) where sources disagree.
Energised energise(const Network& net, const double* y, const double* yp, Values& values);

}  // namespace kelvolt
