/// Which electric buses are energised, and at what voltage they would stand without load: a walk over the graph, no
/// solve. Buses that nothing feeds are dead and stay at zero volts.
#pragma once

#include <complex>
#include <map>

#include "solver/network/network.hpp"

namespace kelvolt {

/// Electric buses that conduct into each other.
struct ElectricIsland {
    std::vector<int> nodes;
    int reference = -1;  ///< component whose voltage and angle it takes; -1: dead
};

/// The state of the electric network at one set of values.
struct Energised {
    std::vector<double> live;                ///< as Values::live
    std::vector<std::complex<double>> open;  ///< per node: voltage without load, of phase a; 0 where dead
    std::vector<ElectricIsland> islands;     ///< in the order of their first node
    std::vector<std::string> conflicts;      ///< sources and loops that do not agree, each a sentence
};

/// Sources that meet on an AC island may differ by this share of the voltage, and by this angle [rad]; sources on a DC
/// bus by this share.
inline constexpr double ac_agreement = 0.2, angle_agreement = 0.26, dc_agreement = 0.5;
/// A live bus below this share of its voltage without load has collapsed: no power flow.
inline constexpr double collapse = 0.1;

/// The electric network's buses and components, found once when the network is built.
class ElectricGraph {
   public:
    explicit ElectricGraph(const Network& net);

    bool empty() const { return members_.empty(); }
    Energised look(const Network& net, const Point& at) const { return look(net, at, false); }
    /// As if every switch were closed and everything in service: the scale of buses that are dead at first.
    Energised look_at_all(const Network& net, const Values& values) const;

    /// All numbers that `look` may depend on: while these are the same, so is what it finds.
    void gather(const Point& at, std::vector<double>& numbers) const;

    /// Puts every electric node at its voltage without load, and what stands on dead nodes alone at rest.
    void fill(const Network& net, const Energised& state, std::vector<double>& y) const;
    /// Puts dead nodes at zero volts and what stands on them alone at rest, and live ones that stand near zero at their
    /// voltage without load.
    void adapt(const Network& net, const Energised& state, std::vector<double>& y) const;
    /// The live node with the least voltage over that without load, and this ratio; -1 when none is live.
    std::pair<int, double> weakest(const Network& net, const Energised& state, const std::vector<double>& y) const;
    /// The live node that lost most of its voltage without load from one state to the next, and its share of it in
    /// the second; -1 when none is live.
    std::pair<int, double> falling(const Network& net, const Energised& state, const std::vector<double>& before,
                                   const std::vector<double>& y) const;
    /// A port of the node, for messages.
    static std::string name(const Network& net, int node);
    /// For the end of a message about a bus without voltage: which transformers block the current of its neutral, where
    /// nothing is a way back for it; else empty.
    static std::string neutral_cause(const Network& net, int node);
    /// Puts dead nodes at zero volts and what stands on them alone at rest, by the `live` of the values alone.
    void put_out(const Network& net, const Values& values, std::vector<double>& y) const;
    /// Does every live node stand above `collapse` times its nominal voltage?
    bool stands(const Network& net, const Values& values, const std::vector<double>& y) const;

   private:
    struct Terminal {
        int node, port, circuit;
    };
    struct Member {
        int component;
        std::ptrdiff_t in_service;  ///< position in Values::params, -1 when it has none
        std::vector<Terminal> terminals;
        bool feeds;  ///< a port is a source or fed
    };
    Energised look(const Network& net, const Point& at, bool everything) const;
    /// Puts components with dead nodes alone, and converters without a live input, at rest: no current.
    void rest_dead(const Network& net, const std::vector<double>& live, std::vector<double>& y) const;
    friend class ElectricWalk;

    void note_decisive(const Network& net, const Member& member, std::map<int, bool>& turning);

    std::vector<Member> members_;
    std::vector<int> nodes_;
    std::vector<std::size_t> params_, discretes_, unknowns_;  ///< positions of the numbers that decide
};

/// Buses that went dead or live together: the first component at them, and what is said of all.
struct BusChange {
    std::string component, text;
};
/// "board_b, busway_b and 3 more: dead, nothing feeds them", for every island that went dead where `before` (as
/// Values::live; empty: everything was live) was not; "... : live again" for the reverse.
std::vector<BusChange> describe_changes(const Network& net, const Energised& state,
                                        const std::vector<double>& before = {});

/// Gives a network its graph and every bus the size of its voltage without load (0.8 V at a die, 34.5 kV at the
/// utility) as nominal and start. Throws Error(topology) for a loop without impedance, Error(out_of_step).
void add_electric_graph(Network& net);

/// Sets Values::live as the values and the state leave it. Throws Error(out_of_step) where sources do not agree.
Energised energise(const Network& net, const double* y, const double* yp, Values& values);

}  // namespace kelvolt
