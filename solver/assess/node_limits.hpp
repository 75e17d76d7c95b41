/// Limits that are checked without being asked for, at every connection that holds coolant and for the outlet of every
/// part that heats or cools it, before it mixes: the liquid neither boils nor freezes, its absolute pressure is above
/// zero, its temperature is within its data, and its surfaces are above the dew point of a room whose humidity is
/// given. For each circuit and limit, the connection with the smallest margin is reported.
#pragma once

#include <vector>

#include "solver/network/network.hpp"

namespace kelvolt {

struct NodeCheck {
    CheckValue check;
    int component;  ///< of the first port of the connection
    int first;      ///< unknown: its pressure; the temperature is the next one
    int circuit;
    int outlet = -1;  ///< port: temperature of what the component gives to it, before it mixes
};

class NodeLimits {
   public:
    explicit NodeLimits(const Network& net);

    /// One check per circuit and limit, always in the same order. `dew_point`: the highest one of all rooms [K], NaN if
    /// none is given.
    void look(const Point& at, double dew_point, std::vector<NodeCheck>& out) const;
    /// Temperature of the coolant that a component gives to a port [K].
    static double outlet_temperature(const Network& net, const Component& c, int port, const Point& at);
    /// Connections outside the data of their coolant, one per circuit.
    void flag(const Point& at, std::vector<std::pair<int, ValidityFlag>>& flags) const;

   private:
    struct FluidNode {
        int first;      ///< its pressure; the temperature is the next one
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
    std::vector<Outlet> outlets_;  ///< of parts that exchange heat, ordered by part
    mutable std::vector<double> flows_;
};

}  // namespace kelvolt
