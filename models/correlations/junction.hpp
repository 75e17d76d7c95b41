/// Loss coefficients of a junction in which a side branch meets a straight run of one bore. All refer to the velocity
/// head rho v^2/2 of the leg that carries the whole flow, and are losses of total pressure; they may be negative, where
/// the faster coolant draws the slower along.
///   q: flow of the branch over the whole flow, psi: area of the run over that of the branch, w = psi q
///   alpha: angle by which the flow of the branch turns from, or into, the direction of the whole flow
///   dividing: side A'(1 + w^2 - 2 w cos alpha), straight tau q^2
///   combining: side A (1 + w^2 - 2 (1 - q)^2 - 2 psi q^2 cos alpha),
///   straight 1 - (1 - q)^2 - (1.4 - q) q^2 sin alpha - 2 K psi q cos alpha
///   psi >= 1/0.35: A' = max(1.1 - 0.7 q, 0.85), A = 1, K = 0.8 q
///   psi below: A' = max(1 - 0.6 q, 0.6), A = max(0.9 (1 - q), 0.55), K = max(0.5, 0.8 q)
///   psi >= 2.5: tau = 0.4; else tau = min(2 (2 q - 1), 0.3 (2 q - 1))
/// The tables of the source step where the larger or smaller of two branches is taken here; corners are rounded over
/// 0.02. Angles above 90 degrees lie outside the source's data.
/// Source: I. E. Idelchik, Handbook of Hydraulic Resistance, 3rd edition, sections 7-15 and 7-16, tables 7-1 to 7-5,
/// diagram 7-20, as in the library FluidDissipation.
#pragma once

#include "models/correlations/scalar.hpp"

namespace kelvolt {

template <class S>
struct JunctionLoss {
    S side, straight;
};

template <class S, class P>
JunctionLoss<S> dividing_loss(const S& q, const P& psi, const P& cos_alpha) {
    const S w = psi * q, back = 2.0 * q - 1.0;
    const bool narrow = value(psi) >= 1.0 / 0.35;
    const S A = narrow ? smooth::max(S(1.1 - 0.7 * q), 0.85, 0.02) : smooth::max(S(1.0 - 0.6 * q), 0.6, 0.02);
    const S tau = value(psi) >= 2.5 ? S(0.4) : smooth::min(S(2.0 * back), S(0.3 * back), 0.02);
    return {A * (1.0 + w * w - 2.0 * w * cos_alpha), tau * q * q};
}

template <class S, class P>
JunctionLoss<S> combining_loss(const S& q, const P& psi, const P& cos_alpha, const P& sin_alpha) {
    const S w = psi * q, rest = (1.0 - q) * (1.0 - q);
    const bool narrow = value(psi) >= 1.0 / 0.35;
    const S A = narrow ? S(1.0) : smooth::max(S(0.9 * (1.0 - q)), 0.55, 0.02);
    const S K = narrow ? S(0.8 * q) : smooth::max(S(0.8 * q), 0.5, 0.02);
    return {A * (1.0 + w * w - 2.0 * rest - 2.0 * psi * q * q * cos_alpha),
            1.0 - rest - (1.4 - q) * q * q * sin_alpha - 2.0 * K * psi * q * cos_alpha};
}

}  // namespace kelvolt
