/// Second law: the entropy that a component produces in steady state, -sum over its ports of (m s + Q/T), is never
/// negative. Electric power, shafts and signals carry no entropy. An energy balance closes even for an exchanger whose
/// temperature profiles cross; this check fails there. Surroundings are left out: heat and coolant cross the boundary
/// through them.
#pragma once

#include "solver/network/network.hpp"

namespace kelvolt {

struct EntropyBalance {
    double total = 0.0;  ///< production of all components [W/K]
    /// The component that violates the law most or is closest to it; -1 if none carries heat or coolant.
    int worst = -1;
    double production = 0.0;  ///< its own [W/K]
    double tolerance = 0.0;   ///< what rounding and the fits of the coolant leave undetermined there [W/K]
};

/// For a steady state only: storage of entropy is not modelled.
EntropyBalance entropy_balance(const Network& net, const Point& at);
/// Production of one component, and its tolerance [W/K].
std::pair<double, double> entropy_production(const Network& net, const Component& c, const Point& at);

}  // namespace kelvolt
