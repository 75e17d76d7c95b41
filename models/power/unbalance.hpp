/// Unbalance of three phases. There are two definitions, which can differ by a factor of several on the same bus, so
/// each has its own name.
#pragma once

#include "models/power/phasor.hpp"

namespace kelvolt::models {

/// Largest deviation of three magnitudes from their mean, divided by the mean. For line-to-line voltages this is the
/// voltage unbalance of NEMA MG 1 (14.36) and ANSI C84.1 (annex on unbalance); for phase currents it is the usual
/// measure at a PDU.
template <class S>
S deviation_from_mean(const S& a, const S& b, const S& c) {
    const S mean = (a + b + c) / 3.0 + 1e-12;
    const auto off = [&](const S& x) { return smooth::abs(S(x - mean), 1e-12); };
    const S one = off(a), two = off(b), three = off(c);
    const S larger = select(one > two, one, two);
    return select(larger > three, larger, three) / mean;
}
/// Magnitude of the negative sequence of three phasors divided by that of the positive sequence: for voltages the
/// unbalance of IEC 61000-3-13 and EN 50160. The zero sequence, and so a shift of the neutral, has no effect on it.
template <class S>
S negative_over_positive(const Phasor<S>& a, const Phasor<S>& b, const Phasor<S>& c) {
    const Phasor<double> third = clock_phasor<double>(4), two_thirds = clock_phasor<double>(8);
    const S negative = magnitude(a + times(two_thirds, b) + times(third, c));
    return negative / (magnitude(a + times(third, b) + times(two_thirds, c)) + 1e-9);
}

/// Both measures for the voltages of conductors a, b, c. `lines`: deviation_from_mean of the line-to-line voltages.
template <class S>
struct VoltageUnbalance {
    S lines, V2_over_V1;
};
template <class S>
VoltageUnbalance<S> voltage_unbalance(const Phasor<S>& a, const Phasor<S>& b, const Phasor<S>& c) {
    return {deviation_from_mean(magnitude(a - b), magnitude(b - c), magnitude(c - a)), negative_over_positive(a, b, c)};
}
/// Both measures for the currents of phases a, b, c. `phases`: deviation_from_mean of their magnitudes.
template <class S>
struct CurrentUnbalance {
    S phases, I2_over_I1;
};
template <class S>
CurrentUnbalance<S> current_unbalance(const Phasor<S>& a, const Phasor<S>& b, const Phasor<S>& c) {
    return {deviation_from_mean(magnitude(a), magnitude(b), magnitude(c)), negative_over_positive(a, b, c)};
}

}  // namespace kelvolt::models
