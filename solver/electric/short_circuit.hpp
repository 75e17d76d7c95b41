/// Short-circuit currents at every electric bus by the method of the equivalent voltage source at the fault location
/// (IEC 60909-0:2016). The models state their impedances (Block::short_circuit); here they become networks of the
/// positive and zero sequence, which are factored once and solved for every bus.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "solver/network/network.hpp"

namespace kelvolt {

struct FaultOptions {
    double lv_tolerance = 0.10;  ///< of low voltage: 0.06 or 0.10 (table 1 of the standard)
    bool corrections = true;     ///< with the correction factors K_T and K_G, and c in the impedance of the grid
    double t_min = 0.1;          ///< shortest time to the opening of contacts, for Ib [s]
};

/// Current that a source gives into a fault, at the voltage of the fault [A].
struct FaultShare {
    int component;
    double I;
};

/// One kind of fault at one bus; RMS currents in A. NaN: not assessed, `reason` says why.
struct BusFault {
    enum class Kind { three_phase, two_phase, one_phase, dc };
    int node = -1;
    Kind kind = Kind::three_phase;
    double V_n = NAN;                           ///< nominal voltage; line to line where there are three phases [V]
    bool stated = false;                        ///< V_n is stated by a bus component; else the voltage without load
    double c_max = NAN, c_min = NAN;            ///< voltage factors
    double Ik_max = NAN, ip = NAN;              ///< largest initial current and its peak
    double Ib = NAN, Ik = NAN;                  ///< breaking current at t_min, steady current
    double Ik_min = NAN;                        ///< smallest initial current
    double R = NAN, X = NAN, kappa = NAN;       ///< impedance of the fault for the largest current [ohm], factor of ip
    bool limited = false, limited_min = false;  ///< the largest, the smallest current is the limit of converters
    double lasts = INFINITY;                    ///< time for which converters that alone feed the bus give it [s]
    std::vector<FaultShare> shares;             ///< of the largest current, the largest first
    std::string reason;
};

/// All faults at all electric buses, in the order of the nodes. The state of switches and sources is that of `at`.
std::vector<BusFault> short_circuits(const Network& net, const Point& at, const FaultOptions& options = {});

}  // namespace kelvolt
