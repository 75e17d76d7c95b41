/// Entropy beside energy: what a component at rest produces is never negative, -sum over its ports of (m s + Q/T) >= 0;
/// electric power, shafts and signals carry none. A balance of energy closes on an exchanger whose streams cross; this
/// does not. Surroundings are left out: what crosses the boundary through them comes from elsewhere.
#pragma once

#include "solver/network/network.hpp"

namespace kelvolt {

struct EntropyBalance {
    double total = 0.0;  ///< production of all components [W/K]
    /// The component that breaks the law most, or comes nearest to it; -1 where none carries heat or coolant.
    int worst = -1;
    double production = 0.0;  ///< its own [W/K]
    double tolerance = 0.0;   ///< what rounding and the fits of the coolant leave open there [W/K]
};

/// Of a steady state: stored entropy is not followed.
EntropyBalance entropy_balance(const Network& net, const Point& at);
/// Production of one component, and its tolerance [W/K].
std::pair<double, double> entropy_production(const Network& net, const Component& c, const Point& at);

}  // namespace kelvolt
