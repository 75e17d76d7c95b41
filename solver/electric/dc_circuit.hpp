/// The circuits that feed short circuits on DC buses, with inductances and capacitors, for the current in time. They
/// follow from what models state in `short_circuit`; they are solved in python/kelvolt/power/dc_faults.py.
#pragma once

#include <string>
#include <vector>

#include "solver/model/fault.hpp"
#include "solver/network/network.hpp"

namespace kelvolt {

/// DC buses that conduct into each other. Points are numbered from 0; those that closed contacts join are one.
struct DcCircuit {
    struct Line {
        int component, a, b;  ///< points
        double R, L;          ///< [ohm], [H]
    };
    struct Source {
        int component, at;
        FaultSource::Kind kind;
        double E, R, L;   ///< its voltage without load, behind R and L
        double I_limit;   ///< converter: largest current [A]; else infinite
        double duration;  ///< for how long it gives that current [s]
    };
    struct Capacitor {
        int component, at;
        double C, R;  ///< [F], [ohm]
    };
    std::vector<int> nodes;  ///< of the network
    std::vector<int> point;  ///< of each of these nodes
    int points = 0;
    double V = 0.0;  ///< highest voltage without load of its nodes and sources [V]
    std::vector<Line> lines;
    std::vector<Source> sources;
    std::vector<Capacitor> capacitors;
    std::vector<std::pair<int, std::string>> missing;  ///< component, and the parameters that it would have to state
};

/// The circuits of all DC buses, for the largest currents. The state of switches and sources is that of `at`.
std::vector<DcCircuit> dc_circuits(const Network& net, const Point& at);

}  // namespace kelvolt
