/// A voltage source behind an impedance, balanced or on four wires: shared by utility and generator.
#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/power/branch.hpp"

namespace kelvolt::models {

/// Impedance R + jX [ohm] of magnitude `size` with the ratio X/R.
template <class P>
Phasor<P> impedance(const P& size, const P& X_over_R) {
    using std::sqrt;
    const P R = size / sqrt(P(1.0 + X_over_R * X_over_R));
    return {R, R * X_over_R};
}

/// Current into the network, with E the phasor of phase a:
///   i = share (E - v)/Z
template <class S, class Q, class P>
void supply(AcPort<S>& a, const Phasor<Q>& E, const Phasor<P>& Z, const P& share) {
    const Phasor<P> Y = share * inverse(Z);
    const Phasor<S> drop{E.re - a.v_re, E.im - a.v_im};
    add_current(a, -times(Y, drop));
}
/// The same on four wires, with Z in the positive and negative sequence and Z0 in the zero sequence:
///   i_k = share (d_k/Z + y_m (d_a + d_b + d_c)), y_m = (1/Z0 - 1/Z)/3
/// d_k is the voltage drop of phase k over the impedance. The star point is the neutral, earthed by G_ground.
template <class S, class Q, class P>
void supply(Ac4Port<S>& a, const Phasor<Q>& E, const Phasor<P>& Z, const Phasor<P>& Z0, const P& share,
            const P& G_ground) {
    const Phasor<P> Y = share * inverse(Z), Y_m = (1.0 / 3.0) * (share * inverse(Z0) - Y);
    Phasor<S> drop[3], sum, neutral;
    for (int k = 0; k < 3; ++k) {
        const Phasor<Q> emf = times(E, clock_phasor<double>(-4 * k));
        drop[k] = Phasor<S>{S(emf.re), S(emf.im)} + voltage_of(a, 3) - voltage_of(a, k);
        sum = sum + drop[k];
    }
    for (int k = 0; k < 3; ++k) {
        const Phasor<S> i = times(Y, drop[k]) + times(Y_m, sum);
        add_current(a, k, -i);
        neutral = neutral + i;
    }
    add_current(a, 3, neutral);
    a.i_re[3] += G_ground * a.v_re[3];
    a.i_im[3] += G_ground * a.v_im[3];
}

/// Phasor of phase a to neutral for a line-to-line voltage V at an angle [rad].
template <class P>
Phasor<P> star_voltage(const P& V, const P& angle) {
    using std::cos;
    using std::sin;
    return {V / sqrt3 * cos(angle), V / sqrt3 * sin(angle)};
}

/// Impedance of magnitude `size` [ohm] with the ratio X/R, as a number.
inline std::complex<double> fault_impedance(double size, double X_over_R) {
    const Phasor<double> Z = impedance(size, X_over_R);
    return {Z.re, Z.im};
}
/// Zero sequence of a source with the impedance Z: star point on the neutral, earthed through R_ground. Of a balanced
/// source it is known where Z0_over_Z is given.
template <bool four_wires>
void fault_star(FaultEquivalent& out, std::complex<double> Z_0, double R_ground) {
    if (std::isnan(Z_0.real())) return out.zero_not_stated("Z0_over_Z", 0);
    out.zero_to_neutral(Z_0, 0);
    if constexpr (four_wires) out.earth(R_ground, 0);
}
/// Declares Z0_over_Z of a balanced source, which only faults to earth or neutral use.
template <class Params, class P>
constexpr auto balanced_zero_sequence(P Params::*member) {
    return param(member, "Z0_over_Z", "1",
                 "zero-sequence over positive-sequence impedance, for faults of one phase; not given: not assessed",
                 above(0), not_given);
}

/// Power factor; 0 at no load.
template <class S>
S power_factor_of(const S& P, const S& Q) {
    using std::sqrt;
    return P / sqrt(S(P * P + Q * Q + 1e-12));
}

}  // namespace kelvolt::models
