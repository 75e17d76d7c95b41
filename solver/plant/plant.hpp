/// A solved point as an engineer sees it: circuits, what coolant carries through groups of components, where heat goes,
/// pumps. Everything follows from the network and from what models declare; no model and no case is known by name. Each
/// component is evaluated once when the view is made, and once more for heat capacities; every question is answered in
/// time linear in what is asked about.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "solver/network/network.hpp"

namespace kelvolt {

/// What one circuit carries through a group of components; SI.
struct Crossing {
    int circuit;
    double m_flow;  ///< kg/s into the group
    double V_flow;  ///< m3/s at T_in, as every volume flow of an element
    double p_in, p_out, T_in, T_out;
    double heat;                           ///< W that its coolant takes up: carried on by the flow, or stored there
    std::vector<int> nodes_in, nodes_out;  ///< in ascending order
};
/// One coolant circuit; SI.
struct CircuitState {
    int number;
    std::string name;  ///< path of what fixes its pressure
    std::string medium;
    bool closed;
    double volume;    ///< m3 of coolant held in components
    double capacity;  ///< J/K of coolant and of what is coupled to it
    double m_flow;    ///< kg/s, the sum of all parallel flows: the most that passes from above to below one level
                      ///< of pressure outside pumps and boundaries, at least the largest flow of a port
    double V_flow;    ///< m3/s at the coldest temperature
    double dp;  ///< Pa, what drives the flow: the rise of running pumps and the difference between boundaries, each
                ///< times its flow, over m_flow; not a number where nothing flows
    double T_low, T_high;  ///< K, over all connections and outlets of elements where coolant flows
    double approach;       ///< K of the exchanger that cools it; not a number without one
};
/// A component that touches two circuits; cells of one chain together.
struct ExchangerState {
    std::string_view path;
    std::vector<int> components;
    int hot = -1;     ///< the circuit it cools; -1 where nothing flows through one of its sides
    double approach;  ///< outlet of that circuit over the inlet of the other [K]
};
/// Where a pump runs; SI, not a number where its model does not say.
struct PumpState {
    std::string path;
    std::string_view service;  ///< the parameter that stops it at 0; empty without one
    double running, speed, V_flow, dp, P_el, efficiency;
    double powered;  ///< as its supply says; 1 where none is joined

    bool on() const { return running > 0.0 && powered > 0.5; }
    /// Whether it is driven: "on", "off", or switched on without a supply.
    std::string_view state() const { return on() ? "on" : running == 0.0 ? "off" : "off, no supply"; }
};
/// Where heat goes; W.
struct HeatBalance {
    double to_liquid = 0.0;    ///< heat that parts other than pumps give to the coolant, stored there or carried on
    double to_air = 0.0;       ///< into fixed surroundings and, from motors, into the room
    double pumps = 0.0;        ///< electric
    double sources = 0.0;      ///< from outside into chips, trays, heaters, and from the electric supply
    double boundary = 0.0;     ///< net enthalpy that leaves with coolant over the boundary
    double from_pumps = 0.0;   ///< into the coolant: their power without what their motors give to the room
    double from_liquid = 0.0;  ///< what the coolant gives up by heat ports: radiators, coolers, walls

    /// All that enters it; what leaves it is `from_liquid` and `boundary`, the rest is stored.
    double into_coolant() const { return to_liquid + from_pumps; }
    /// To the air without passing the coolant.
    double direct_to_air() const { return to_air - from_liquid; }
};
/// Flow through an element between two ports of one circuit, from where it enters; SI.
struct Passage {
    std::string path;
    double V_flow, dp;
    double velocity;     ///< the highest inside; not a number where no model says
    double p_in, p_out;  ///< absolute, where the flow enters and leaves
};

/// Refers to the network and to the numbers of the point: both must outlive it.
class Plant {
   public:
    Plant(const Network& net, const Point& at);

    const Network& network() const { return net_; }
    int size() const { return static_cast<int>(net_.components.size()); }
    Role role(int component) const { return net_.components[component].info->role; }
    bool is_pump(int component) const { return role(component) == Role::pump; }
    bool is_ambient(int component) const { return role(component) == Role::ambient; }
    /// Has it an electric port?
    bool is_wired(int component) const { return wired_[component] != 0; }
    /// Does it fix the pressure of a circuit: a boundary or a vessel?
    bool is_reference(int component) const { return reference_[component] != 0; }

    // ports of all components run through in order
    std::span<const int> fluid_ports(int component) const { return range(fluid_ports_, first_fluid_, component); }
    int first_port(int component) const { return first_port_[component]; }
    int port_component(int port) const { return port_component_[port]; }
    int port_node(int port) const { return port_node_[port]; }
    const std::vector<double>& first_flow() const { return first_flow_; }  ///< into each port [kg/s, W, A]
    /// The first potential of a node: pressure, temperature of a heat node, voltage, signal.
    double first_potential(int node) const { return at_.y[net_.nodes[node].first]; }
    /// Temperature of a fluid node [K].
    double temperature(int node) const { return at_.y[net_.nodes[node].first + 1]; }

    /// Of a circuit's coolant at T [kg/m3].
    double density_at(int circuit, double T) const;

    /// Circuits that a component touches, in ascending order.
    int circuit_count(int component) const { return first_side_[component + 1] - first_side_[component]; }
    int circuit_of(int component, int k = 0) const { return sides_[first_side_[component] + k].circuit; }
    /// Components that touch a circuit, in ascending order.
    std::vector<std::vector<int>> components_of_circuits() const;

    const std::vector<double>& power() const { return power_; }  ///< per component: W that enters from outside
    /// Outputs of a component in the order of its model.
    const double* outputs(int component) const { return outputs_.data() + first_output_[component]; }
    // by name; not a number where the model has none of that name
    double output(int component, std::string_view name) const;
    double parameter(int component, std::string_view name) const;
    /// Components whose model has an output of that name.
    std::vector<int> having_output(std::string_view name) const;

    /// What each circuit carries through a group, from the flows at nodes shared with others.
    std::vector<Crossing> crossings(std::span<const int> group) const;
    /// Mass flow into a group at each node of a circuit [kg/s], in ascending order of the nodes.
    std::vector<std::pair<int, double>> net_flows(std::span<const int> group, int circuit) const;

    std::vector<CircuitState> circuits() const;
    /// The circuit that takes most heat from chips and trays; -1 without any.
    int main_circuit() const;
    std::vector<ExchangerState> exchangers() const;
    HeatBalance balance() const;
    std::vector<PumpState> pumps() const;
    /// Elements with two fluid ports in one circuit, cells of one chain together, pumps left out (`pumps` has them),
    /// largest pressure drop first.
    std::vector<Passage> passages() const;

   private:
    /// What a component holds of the coolant of one circuit.
    struct Side {
        int circuit;
        Tally::Mass mass;
    };
    /// Which circuit components and nodes of heat are coupled to; -1: none. Surroundings couple nothing.
    struct Coupling {
        std::vector<int> component, node;
    };

    static std::span<const int> range(const std::vector<int>& all, const std::vector<int>& first, int k) {
        return {all.data() + first[k], all.data() + first[k + 1]};
    }
    void number_ports();
    void find_sides();
    void look();

    double heat_to_coolant(int component) const;
    /// What the coolant takes from a component and what it gives up there by a heat port [W].
    std::pair<double, double> heat_taken(int component) const;
    Crossing crossing(int circuit, std::span<const std::pair<int, double>> nodes, double carried, double warming) const;
    /// Per circuit: the most that passes from above to below one level of pressure outside pumps and boundaries [kg/s].
    std::vector<double> flows_across_levels() const;
    /// Per circuit: the sum of m_flow dp of its running pumps and boundaries [kg/s Pa].
    std::vector<double> driving() const;
    /// Sets T_low and T_high, which begin as infinities, from m_flow.
    void find_temperatures(std::vector<CircuitState>& circuits) const;
    Coupling couple() const;
    /// J/K of everything coupled to each circuit: how much more energy it holds when it is 1 K warmer.
    std::vector<double> capacities() const;
    std::optional<Passage> passage(std::string_view path, std::span<const int> cells) const;

    const Network& net_;
    const Point at_;
    std::vector<int> first_port_, port_component_, port_node_;
    std::vector<int> first_fluid_, fluid_ports_;
    std::vector<int> first_side_;
    std::vector<Side> sides_;
    std::vector<char> reference_, heat_port_, wired_;
    std::vector<int> feeders_;  ///< per node: fluid ports that pour into it
    std::vector<double> first_flow_, second_flow_, power_, stored_, outputs_;
    std::vector<std::size_t> first_output_;
};

}  // namespace kelvolt
