/// Complex numbers over any scalar type, and the voltages and currents of AC ports as complex numbers.
#pragma once

#include <complex>
#include <numbers>
#include <type_traits>

#include "models/ports.hpp"
#include "solver/model/fault.hpp"

namespace kelvolt::models {

using std::numbers::sqrt3;

template <class S>
struct Phasor {
    S re{0.0}, im{0.0};

    friend Phasor operator+(const Phasor& a, const Phasor& b) { return {a.re + b.re, a.im + b.im}; }
    friend Phasor operator-(const Phasor& a, const Phasor& b) { return {a.re - b.re, a.im - b.im}; }
    friend Phasor operator-(const Phasor& a) { return {-a.re, -a.im}; }
    template <class F>
    friend auto operator*(const F& factor,
                          const Phasor& a) requires(std::is_same_v<F, S> || std::is_same_v<F, double>) {
        return Phasor{factor * a.re, factor * a.im};
    }
    S squared() const { return re * re + im * im; }
    Phasor conjugate() const { return {re, -im}; }
};

/// Product of complex numbers whose scalar types may differ (an admittance from parameters, a voltage of unknowns).
template <class A, class B>
auto times(const Phasor<A>& a, const Phasor<B>& b) {
    using S = std::decay_t<decltype(a.re * b.re)>;
    return Phasor<S>{S(a.re * b.re - a.im * b.im), S(a.re * b.im + a.im * b.re)};
}
template <class S>
Phasor<S> inverse(const Phasor<S>& z) {
    const S d = z.squared();
    return {z.re / d, -z.im / d};
}
/// e^(j 30 deg clock): the phase displacement of a transformer's clock number (IEC 60076-1); 4 is 120 degrees.
template <class S>
Phasor<S> clock_phasor(int clock) {
    constexpr double h = 0.5 * sqrt3, c[12] = {1, h, 0.5, 0, -0.5, -h, -1, -h, -0.5, 0, 0.5, h};
    const int k = ((clock % 12) + 12) % 12;
    return {S(c[k]), S(c[(k + 9) % 12])};
}

template <class S>
Phasor<S> voltage_of(const PhasorPort<S>& a) {
    return {a.v_re, a.v_im};
}
/// Voltage of conductor k: 0 to 2 the phases a, b, c; 3 the neutral.
template <class S>
Phasor<S> voltage_of(const Ac4Port<S>& a, int k) {
    return {a.v_re[k], a.v_im[k]};
}
/// Adds a current into the component.
template <class S>
void add_current(PhasorPort<S>& a, const Phasor<S>& i) {
    a.i_re += i.re;
    a.i_im += i.im;
}
/// The same at conductor k of four wires.
template <class S>
void add_current(Ac4Port<S>& a, int k, const Phasor<S>& i) {
    a.i_re[k] += i.re;
    a.i_im[k] += i.im;
}
/// Magnitude, with a finite slope at zero.
template <class S>
S magnitude(const Phasor<S>& a) {
    using std::sqrt;
    return sqrt(S(a.squared() + 1e-18));
}

}  // namespace kelvolt::models
