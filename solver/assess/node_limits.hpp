/// Limits that nobody has to ask for, at every connection that holds coolant and of what leaves every part that heats
/// or cools it, before it mixes: the liquid neither boils nor freezes, its absolute pressure is one, its data cover it,
/// and its surfaces stay above the dew point of a room whose humidity is given. Per circuit and limit the connection
/// with the least margin stands for all.
#pragma once

#include <vector>

#include "solver/network/network.hpp"

namespace kelvolt {

struct NodeCheck {
    CheckValue check;
    int component;  ///< of the first port of the connection
    int first;      ///< unknown: its pressure; the temperature follows
    int circuit;
    int outlet = -1;  ///< port: the temperature is that of what the component gives to it, before it mixes
};

class NodeLimits {
   public:
    explicit NodeLimits(const Network& net);

    /// One check per circuit and limit, always in the same order.
    /// `dew_point`: of the dampest room [K], not a number where none is given.
    void look(const Point& at, double dew_point, std::vector<NodeCheck>& out) const;
    /// Temperature of what a component gives to a port [K].
    static double outlet_temperature(const Network& net, const Component& c, int port, const Point& at);
    /// Connections outside the data of their coolant, one a circuit.
    void flag(const Point& at, std::vector<std::pair<int, ValidityFlag>>& flags) const;

   private:
    struct FluidNode {
        int first;      ///< its pressure; the temperature follows
        int component;  ///< of its first port
    };
    struct Outlet {
        int component, port, circuit;
    };
    struct OfCircuit {
        const Medium* medium;
        MediumLimits limits;
        std::vector<FluidNode> nodes;
    };
    void look_at_outlets(const Point& at, std::vector<NodeCheck>& out) const;

    const Network& net_;
    std::vector<OfCircuit> circuits_;
    std::vector<Outlet> outlets_;  ///< of parts that exchange heat, part after part
    mutable std::vector<double> flows_;
};

}  // namespace kelvolt
