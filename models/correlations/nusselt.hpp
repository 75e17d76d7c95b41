/// Nusselt numbers of ducts, Nu = h d/k. Re and Pr at the bulk temperature, d the hydraulic diameter, f the Darcy
/// friction factor.
#pragma once

#include "models/correlations/scalar.hpp"

namespace kelvolt {

inline constexpr double Nu_laminar_T = 3.66;         ///< round duct, developed flow, constant wall temperature
inline constexpr double Nu_laminar_q = 48.0 / 11.0;  ///< round duct, developed flow, constant heat flux
inline constexpr double Re_heat_laminar = 2300.0, Re_heat_turbulent = 4000.0;

/// Friction factor of a smooth tube for heat transfer:
///   f = (0.79 ln(Re) - 1.64)^-2
/// Valid for 3000 < Re < 5e6.
/// Source: Petukhov 1970.
template <class S>
S petukhov_friction(const S& Re) {
    using std::log;
    const S x = 0.79 * log(Re) - 1.64;
    return 1.0 / (x * x);
}

/// Gnielinski, turbulent and transitional flow:
///   Nu = (f/8) (Re - 1000) Pr/(1 + 12.7 sqrt(f/8) (Pr^(2/3) - 1))
/// Valid for 3000 < Re < 5e6, 0.5 < Pr < 2000.
/// Source: Gnielinski, Int. Chem. Eng. 16, 1976.
template <class R, class P, class F>
Joined<R, P, F> gnielinski(const R& Re, const P& Pr, const F& f) {
    using S = Joined<R, P, F>;
    using std::cbrt;
    using std::sqrt;
    const S pr(Pr), f8 = S(f) / 8.0, root = cbrt(pr);
    return f8 * (S(Re) - 1000.0) * pr / (1.0 + 12.7 * sqrt(f8) * (root * root - 1.0));
}

/// Petukhov, Kirillov & Popov, turbulent flow:
///   Nu = (f/8) Re Pr/(C + 12.7 sqrt(f/8) (Pr^(2/3) - 1))
///   C = 1.07 + 900/Re - 0.63/(1 + 10 Pr)
/// Valid for 4000 < Re < 5e6.
template <class R, class P, class F>
Joined<R, P, F> petukhov_kirillov_popov(const R& Re, const P& Pr, const F& f) {
    using S = Joined<R, P, F>;
    using std::pow;
    using std::sqrt;
    const S re(Re), pr(Pr), f8 = S(f) / 8.0, C = 1.07 + 900.0 / re - 0.63 / (1.0 + 10.0 * pr);
    return f8 * re * pr / (C + 12.7 * sqrt(f8) * (pow(pr, 2.0 / 3.0) - 1.0));
}

/// Mean over the length L for thermally developing laminar flow in a round duct, constant wall temperature, developed
/// velocity profile:
///   Nu = 3.66 + 0.0668 Gz/(1 + 0.04 Gz^(2/3))
///   Gz = Re Pr d/L
/// Source: Hausen 1943.
template <class G>
Joined<G> hausen(const G& graetz) {
    using S = Joined<G>;
    using std::pow;
    const S gz(graetz);
    return Nu_laminar_T + 0.0668 * gz / (1.0 + 0.04 * pow(S(gz * gz + 1e-9), 1.0 / 3.0));
}

/// Nusselt number for all Re of either sign, zero included:
///   Re < 2300: Nu = laminar
///   Re > 4000: Nu of Gnielinski, with the friction factor of a smooth tube
/// Between, a C2 step leads from one to the other.
template <class R, class P, class L>
Joined<R, P, L> nusselt(const R& Re, const P& Pr, const L& laminar) {
    using S = Joined<R, P, L>;
    const S re = smooth::abs(S(Re), 1.0), start(Re_heat_laminar);
    const S floored = select(re > start, re, start);
    return smooth::blend(re, Re_heat_laminar, Re_heat_turbulent, S(laminar),
                         S(gnielinski(floored, S(Pr), petukhov_friction(floored))));
}

/// Developed laminar flow in a rectangular duct; heat flux constant along the duct, temperature constant around its
/// perimeter (boundary condition H1). a = short side/long side, 0 to 1.
///   Nu = 8.235 (1 - 2.0421 a + 3.0853 a^2 - 2.4765 a^3 + 1.0578 a^4 - 0.1861 a^5)
/// Source: Shah & London, Laminar Flow Forced Convection in Ducts, 1978.
template <class A>
Joined<A> Nu_rectangular_H1(const A& aspect) {
    using S = Joined<A>;
    const S a(aspect);
    return 8.235 * (1.0 + a * (-2.0421 + a * (3.0853 + a * (-2.4765 + a * (1.0578 - 0.1861 * a)))));
}

/// Darcy f Re of the same duct (four times Fanning's):
///   f Re = 96 (1 - 1.3553 a + 1.9467 a^2 - 1.7012 a^3 + 0.9564 a^4 - 0.2537 a^5)
/// 56.9 for a square, 96 between parallel plates.
/// Source: as Nu_rectangular_H1.
template <class A>
Joined<A> fRe_rectangular(const A& aspect) {
    using S = Joined<A>;
    const S a(aspect);
    return 96.0 * (1.0 + a * (-1.3553 + a * (1.9467 + a * (-1.7012 + a * (0.9564 - 0.2537 * a)))));
}

}  // namespace kelvolt
