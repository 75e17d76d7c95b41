/// Crossflow of two unmixed streams: conductance at any capacity flows, and UA from one rated point.
#pragma once

#include "models/correlations/exchanger.hpp"
#include "models/correlations/inverse.hpp"

namespace kelvolt {

/// G = Q/(T_a_in - T_b_in) [W/K] at capacity flows above zero, by effectiveness_crossflow. Symmetric in a and b, also
/// in the slopes, so that the choice of the smaller flow leaves no kink.
template <class U, class A, class B>
Joined<U, A, B> crossflow_conductance(const U& UA, const A& C_a, const B& C_b) {
    using S = Joined<U, A, B>;
    const S a(C_a), b(C_b), small = select(a < b, a, b), large = select(a < b, b, a);
    return small * effectiveness_crossflow(S(S(UA) / small), S(small / large));
}

/// UA [W/K] with which the conductance is G, which lies below the smaller capacity flow.
template <class G, class A, class B>
Joined<G, A, B> rated_UA_crossflow(const G& conductance, const A& C_a, const B& C_b) {
    using S = Joined<G, A, B>;
    const S a(C_a), b(C_b), small = select(a < b, a, b);
    const auto excess = [](const auto& NTU, const auto& G_wanted, const auto& C_1, const auto& C_2, const auto& C_min) {
        return crossflow_conductance(NTU * C_min, C_1, C_2) - G_wanted;
    };
    return small * inverse(excess, 1e-6, 60.0, S(conductance), a, b, small);
}

}  // namespace kelvolt
