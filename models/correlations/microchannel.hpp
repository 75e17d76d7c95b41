/// Laminar flow in rectangular channels whose velocity and temperature profiles still develop, and conduction in the
/// finned body around them. d is the hydraulic diameter, L the length from the inlet, a = short side/long side.
#pragma once

#include <numbers>

#include "models/correlations/friction.hpp"
#include "models/correlations/nusselt.hpp"

namespace kelvolt {

/// What the wall holds constant along the channel: its temperature, or the heat flux (constant around the perimeter in
/// temperature, boundary condition H1).
enum class ChannelWall { temperature, flux };
inline constexpr std::string_view channel_wall_names[] = {"temperature", "flux"};

/// Developed laminar flow in a rectangular duct, constant wall temperature:
///   Nu = 7.541 (1 - 2.610 a + 4.970 a^2 - 5.119 a^3 + 2.702 a^4 - 0.548 a^5)
/// Source: Shah & London, Laminar Flow Forced Convection in Ducts, 1978.
template <class A>
Joined<A> Nu_rectangular_T(const A& aspect) {
    using S = Joined<A>;
    const S a(aspect);
    return 7.541 * (1.0 + a * (-2.610 + a * (4.970 + a * (-5.119 + a * (2.702 - 0.548 * a)))));
}

/// Darcy f Re of laminar flow, mean over the length from the inlet, the rise of momentum included:
///   (f Re)^2 = (f Re)_developed^2 + (4 3.44)^2 Re d/L
/// `entry` = d/L, 0 for developed flow.
/// Source: Muzychka & Yovanovich, J. Fluids Eng. 131, 2009, 041105 (within 10 % of data and solutions for ducts of any
/// shape).
template <class R, class A, class E>
Joined<R, A, E> fRe_developing(const R& Re, const A& aspect, const E& entry) {
    using S = Joined<R, A, E>;
    using std::sqrt;
    const S developed = fRe_rectangular(aspect), entrance = (16.0 * 3.44 * 3.44) * (S(Re) * S(entry));
    return sqrt(S(developed * developed + entrance));
}

/// Where a Nusselt number holds: as the mean from the inlet to the length L, or at L alone.
enum class Along { mean, end };

/// Nusselt number h d/k of laminar flow whose profiles develop from the inlet on:
///   Nu = ((C4 F(Pr) G^(1/2))^m + ((C2 C3 (f Re G)^(1/3))^5 + Nu_developed^5)^(m/5))^(1/m)
///   m = 2.27 + 1.65 Pr^(1/3), G = Re Pr d/L, f Re that of Fanning in developed flow
/// wall temperature constant: C3 = 0.409, F = 0.564/(1 + (1.664 Pr^(1/6))^(9/2))^(2/9)
/// wall flux constant: C3 = 0.501, F = 0.886/(1 + (1.909 Pr^(1/6))^(9/2))^(2/9)
/// mean: C2 = 3/2, C4 = 2; at the end: C2 = C4 = 1
/// `graetz` = G, 0 for developed flow. The source refers its numbers to the root of the area, to which the entrance
/// terms are indifferent, and has a developed value of its own for any duct; here it is that of Shah & London.
/// Source: Muzychka & Yovanovich, J. Heat Transfer 126, 2004, 54-61 (simultaneously developing flow, Pr > 0.1).
template <class G, class P, class A>
Joined<G, P, A> Nu_developing(const G& graetz, const P& Pr, const A& aspect, ChannelWall wall, Along along) {
    using S = Joined<G, P, A>;
    using std::cbrt;
    using std::pow;
    const bool flux = wall == ChannelWall::flux, mean = along == Along::mean;
    const S pr(Pr), z = S(graetz) + 1e-9, root = cbrt(pr), sixth = pow(pr, 1.0 / 6.0);
    const S m = 2.27 + 1.65 * root;
    const S F = (flux ? 0.886 : 0.564) / pow(S(1.0 + pow(S((flux ? 1.909 : 1.664) * sixth), 4.5)), 2.0 / 9.0);
    const S both = (mean ? 2.0 : 1.0) * F * pow(z, 0.5);
    const S thermal = (mean ? 1.5 : 1.0) * (flux ? 0.501 : 0.409) * cbrt(S(0.25 * fRe_rectangular(aspect) * z));
    const S developed = flux ? S(Nu_rectangular_H1(aspect)) : S(Nu_rectangular_T(aspect));
    const S boundary = pow(S(pow(thermal, 5.0) + pow(developed, 5.0)), 0.2);
    return pow(S(pow(both, m) + pow(boundary, m)), S(1.0 / m));
}

/// Efficiency of a straight fin of height H and thickness t with an adiabatic tip:
///   eta = tanh(x)/x, x = H sqrt(2 h/(k t))
template <class H, class K, class L, class T>
Joined<H, K, L, T> fin_efficiency(const H& h, const K& k, const L& height, const T& thickness) {
    using S = Joined<H, K, L, T>;
    using std::sqrt;
    using std::tanh;
    const S x = S(height) * sqrt(S(2.0 * S(h) / (S(k) * S(thickness))));
    return tanh(x) / x;
}

/// Temperature of the heated spot from which a spreading resistance counts.
enum class SpotTemperature { mean, maximum };
inline constexpr std::string_view spot_temperature_names[] = {"mean", "maximum"};

/// Resistance [K/W] of a plate of area A_p, thickness t and conductivity k between a concentric spot of area A_s <= A_p
/// on one face and a cooled other face of conductance G [W/K]: conduction across and spreading.
///   eps = sqrt(A_s/A_p), b = sqrt(A_p/pi), tau = t/b, Bi = G/(pi k b), lambda = pi + 1/(sqrt(pi) eps)
///   phi = (tanh(lambda tau) + lambda/Bi)/(1 + lambda/Bi tanh(lambda tau))
///   R = t/(k A_p) + psi/(k sqrt(A_s)), psi = (1 - eps) phi/sqrt(pi) (maximum), (1 - eps)^1.5 phi/2 (mean)
/// Against the exact series for a disk of even flux the mean is within 10 %; the maximum is up to 12 % high for a spot
/// of a tenth of the plate, and up to 45 % high for a large spot on a thin plate that is cooled strongly.
/// Source: Lee, Song, Au & Moran, 4th ASME/JSME Thermal Engineering Joint Conference, 1995 (disks; squares and
/// rectangles by their area).
template <class S>
S spreading_resistance(const S& A_s, const S& A_p, const S& t, const S& k, const S& G, SpotTemperature at) {
    using std::sqrt;
    using std::tanh;
    constexpr double pi = std::numbers::pi;
    const double root_pi = std::sqrt(pi);
    const S eps = sqrt(S(A_s / A_p)), b = sqrt(S(A_p / pi));
    const S lambda = pi + 1.0 / (root_pi * eps), per_Bi = pi * k * b / G;
    const S th = tanh(S(lambda * t / b)), phi = (th + lambda * per_Bi) / (1.0 + lambda * per_Bi * th);
    const S left = 1.0 - eps + 1e-12;
    const S psi = at == SpotTemperature::maximum ? S(left * phi / root_pi) : S(0.5 * left * sqrt(left) * phi);
    return t / (k * A_p) + psi / (k * sqrt(A_s));
}

}  // namespace kelvolt
