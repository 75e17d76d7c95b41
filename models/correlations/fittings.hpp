/// Loss coefficients K of fittings:
///   dp = K rho v|v|/2, v the velocity in the stated bore
/// Source: Crane, Flow of Fluids, Technical Paper 410.
#pragma once

#include <numbers>

#include "models/correlations/scalar.hpp"

namespace kelvolt {

inline constexpr double K_exit = 1.0;  ///< pipe exit into a large volume, any edge

/// Sudden expansion (Borda-Carnot), referred to the small bore:
///   K = (1 - (d_small/d_large)^2)^2
template <class A, class B>
Joined<A, B> K_sharp_expansion(const A& d_small, const B& d_large) {
    using S = Joined<A, B>;
    const S beta = S(d_small) / S(d_large), left = 1.0 - beta * beta;
    return left * left;
}

/// Sudden contraction, referred to the small bore:
///   K = 0.5 (1 - (d_small/d_large)^2)
template <class A, class B>
Joined<A, B> K_sharp_contraction(const A& d_small, const B& d_large) {
    using S = Joined<A, B>;
    const S beta = S(d_small) / S(d_large);
    return 0.5 * (1.0 - beta * beta);
}

/// Loss coefficient, referred to a bore of area A, of a device with the flow coefficient Av [m2] (m_flow = Av sqrt(rho
/// dp)):
///   K = 2 (A/Av)^2
template <class A, class D>
Joined<A, D> K_of_flow_coefficient(const A& Av, const D& diameter) {
    using S = Joined<A, D>;
    const S ratio = S(diameter) * S(diameter) * (std::numbers::pi / 4.0) / S(Av);
    return 2.0 * ratio * ratio;
}

/// Flow coefficient [m2] of a loss coefficient K referred to a bore of area A; the inverse of the above:
///   Av = A sqrt(2/K)
template <class K, class D>
Joined<K, D> flow_coefficient_of_K(const K& loss, const D& diameter) {
    using S = Joined<K, D>;
    using std::sqrt;
    return S(diameter) * S(diameter) * (std::numbers::pi / 4.0) * sqrt(S(2.0 / S(loss)));
}

}  // namespace kelvolt
