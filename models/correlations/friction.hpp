/// Darcy friction factor of round ducts (or by hydraulic diameter), and the pressure drop.
///   Re = 4 |m_flow|/(pi d mu), eps = roughness/d
///   churchill: f = 8 ((8/Re)^12 + (A + B)^-1.5)^(1/12), all Re
///   A = (-2.457 ln((7/Re)^0.9 + 0.27 eps))^16, B = (37530/Re)^16
///   colebrook: 1/sqrt(f) = -2 log10(eps/3.7 + 2.51/(Re sqrt(f)))
///   haaland: 1/sqrt(f) = -1.8 log10((eps/3.7)^1.11 + 6.9/Re)
///   swamee_jain: f = 0.25/log10(eps/3.7 + 5.74/Re^0.9)^2
/// Colebrook's equation is solved to 1e-12; Haaland's is within 2 % of it. Swamee & Jain's holds for 5e3 < Re < 1e8 and
/// eps < 0.01. The last three laws hold above Re = 4000. Below Re = 2000 they are replaced by f = 64/Re, and between by
/// a C2 step in f Re (a convention of this program, since no law is agreed for the transition).
/// Valid for 0 <= eps <= 0.05.
/// fixed: f as given, at every Re
/// hazen_williams: dp = 10.667 rho g L C^-1.852 d^-4.871 V |V|^0.852 in SI units, for water near 15 degC (`duct_drop`)
/// |Re| is smoothed to sqrt(Re^2 + 1), so that the pressure drop is smooth and strictly increasing through zero flow;
/// the relative error of the fitting loss is 1/(2 Re^2).
/// Source: Churchill, Chem. Eng. 84(24), 1977, 91-92; Colebrook, J. Inst. Civ. Eng. 11, 1939; Haaland, J. Fluids Eng.
/// 105, 1983; Swamee & Jain, J. Hydraul. Div. 102, 1976; Hazen-Williams with the constants of EPANET 2.2 (4.727 in
/// feet, exponents 1.852 and 4.871); two-K method of fittings: Hooper, Chem. Eng. 88(17), 1981, 96-100.
#pragma once

#include <numbers>
#include <string_view>

#include "models/correlations/scalar.hpp"
#include "solver/scalar/gravity.hpp"

namespace kelvolt {

enum class Friction { churchill, colebrook, haaland, swamee_jain, hazen_williams, fixed };
inline constexpr std::string_view friction_names[] = {"churchill",   "colebrook",      "haaland",
                                                      "swamee_jain", "hazen_williams", "fixed"};

inline constexpr double Re_laminar = 2000.0;    ///< friction is laminar below
inline constexpr double Re_turbulent = 4000.0;  ///< and turbulent above

namespace detail {

using std::cbrt;
using std::exp;
using std::log;
using std::pow;
using std::sqrt;

template <class S>
S log10_of(const S& x) {
    return log(x) * std::numbers::log10e;
}

/// Churchill's law as f Re = 64 (1 + t^12)^(1/12), t = (Re/8) (A + B)^(-1/8). In this form no power of Re overflows; in
/// laminar flow t goes to 0.
inline constexpr double log_of_7 = 1.945910149055313;
/// Churchill's law in a form in which no power of Re overflows:
///   f Re = 64 (1 + t^12)^(1/12), t = (Re/8) (A + B)^(-1/8)
/// In laminar flow t goes to 0.
template <class S>
S churchill_fRe(const S& Re, const S& eps) {
    const S a = -2.457 * log(S(exp(S(0.9 * (log_of_7 - log(Re)))) + 0.27 * eps)), r = Re / 37530.0;
    const S ar = a * r, ar2 = ar * ar, ar4 = ar2 * ar2, ar8 = ar4 * ar4;
    const S u = 0.125 * Re * (r * r), u2 = u * u, t4 = u2 * u2 / sqrt(S(ar8 * ar8 + 1.0));
    return 64.0 * exp(S(log(S(t4 * t4 * t4 + 1.0)) * (1.0 / 12.0)));
}

template <class S>
S haaland(const S& Re, const S& eps) {
    const S x = -1.8 * log10_of(S(pow(S(eps / 3.7 + 1e-12), 1.11) + 6.9 / Re));
    return 1.0 / (x * x);
}

template <class S>
S swamee_jain(const S& Re, const S& eps) {
    const S x = log10_of(S(eps / 3.7 + 5.74 / pow(Re, 0.9)));
    return 0.25 / (x * x);
}

/// Newton's method for x = 1/sqrt(f), starting from Haaland's value: three steps on plain numbers, then one with
/// derivatives, which are exact once x has converged.
template <class S>
S colebrook(const S& Re, const S& eps) {
    using V = ValueOf<S>;
    const V Re0 = value(Re), eps0 = value(eps);
    V x = 1.0 / sqrt(haaland(Re0, eps0)), slope = 1.0;
    for (int i = 0; i < 3; ++i) {
        const V inner = eps0 / 3.7 + 2.51 * x / Re0;
        slope = 1.0 + 2.0 * std::numbers::log10e * 2.51 / (Re0 * inner);
        x -= (x + 2.0 * log10_of(inner)) / slope;
    }
    const S residual = x + 2.0 * log10_of(S(eps / 3.7 + 2.51 * x / Re));
    const S root = x - residual / slope;
    return 1.0 / (root * root);
}

/// f Re: 64 in laminar flow, a turbulent law above, blended between. The turbulent law is evaluated at Re >= 2000 only.
template <class S, class Law>
S joined_fRe(const S& Re, const S& eps, const Law& law) {
    const S floored = select(Re > S(Re_laminar), Re, S(Re_laminar));
    return smooth::blend(Re, Re_laminar, Re_turbulent, S(64.0), S(floored * law(floored, eps)));
}

/// f Re for Re > 0.
template <class S>
S friction_Re_of(const S& Re, const S& eps, Friction law) {
    switch (law) {
        case Friction::colebrook:
            return joined_fRe(Re, eps, [](const S& r, const S& e) { return colebrook(r, e); });
        case Friction::haaland:
            return joined_fRe(Re, eps, [](const S& r, const S& e) { return haaland(r, e); });
        case Friction::swamee_jain:
            return joined_fRe(Re, eps, [](const S& r, const S& e) { return swamee_jain(r, e); });
        case Friction::churchill:
        case Friction::hazen_williams:  // these two do not follow from Re and roughness (duct_drop)
        case Friction::fixed:
            break;
    }
    return churchill_fRe(Re, eps);
}

/// The same for scalars with many derivatives, which are chained through the two arguments only (see `through`).
template <class S, class E>
Joined<S, E> friction_Re(const S& Re, const E& eps, Friction law) {
    return through([law]<class R>(const R& r, const auto& e) { return friction_Re_of(r, R(e), law); }, Re, eps);
}

}  // namespace detail

/// Darcy friction factor for Re > 0; `eps` is roughness over diameter.
template <class R, class E>
Joined<R, E> friction_factor(const R& Re, const E& eps, Friction law) {
    using S = Joined<R, E>;
    const S r(Re);
    return detail::friction_Re(r, Joined<E>(eps), law) / r;
}

/// Pressure drop from a to b [Pa]:
///   dp = f (L/d) rho v|v|/2 + K rho v|v|/2
/// Odd and strictly increasing in m_flow; the friction part goes to 32 mu L v/d^2 at low flow.
template <class M, class R, class V, class L, class D, class E, class K>
Joined<M, R, V, L, D, E, K> friction_drop(const M& m_flow, const R& rho, const V& mu, const L& length,
                                          const D& diameter, const E& roughness, const K& minor_loss, Friction law) {
    using S = Joined<M, R, V, L, D, E, K>;
    const Joined<M> m(m_flow);  // each factor keeps its own scalar type, so plain numbers carry no derivatives
    const Joined<V> viscosity(mu);
    const Joined<D> per_d = 1.0 / Joined<D>(diameter), per_bore = (4.0 / std::numbers::pi) * per_d;
    const S Re = smooth::abs(Joined<M, V, D>(m * per_bore / viscosity), 1.0);
    const S fRe = detail::friction_Re(Re, Joined<D, E>(Joined<E>(roughness) * per_d), law);
    const Joined<M, R, V, D> viscous = m * viscosity / Joined<R>(rho) * (0.5 * per_bore * per_d * per_d);  // mu v/(2 d)
    return viscous * (fRe * (Joined<L>(length) * per_d) + Re * Joined<K>(minor_loss));
}

/// A straight duct with its fittings, and what states its friction.
template <class P>
struct Duct {
    P length, diameter, roughness;
    P K, K_laminar;  ///< of the fittings: K + K_laminar/Re
    P f, C;          ///< of the laws fixed and hazen_williams
    Friction law;
};

/// Pressure drop from a to b [Pa] by the law that the duct states:
///   dp = (f L/d + K + K_laminar/Re) rho v|v|/2
/// Odd and strictly increasing in m_flow. By Hazen-Williams the velocity is smoothed over 1 mm/s.
template <class M, class R, class V, class P>
Joined<M, R, V, P> duct_drop(const M& m_flow, const R& rho, const V& mu, const Duct<P>& duct) {
    using S = Joined<M, R, V, P>;
    using std::pow;
    const P per_d = 1.0 / duct.diameter, area = (0.25 * std::numbers::pi) * duct.diameter * duct.diameter;
    const S v = m_flow / (rho * area), slow = 0.5 * mu * v * per_d;
    const S fittings = slow * (smooth::abs(S(m_flow * duct.diameter / (area * mu)), 1.0) * duct.K + duct.K_laminar);
    if (duct.law == Friction::fixed)
        return fittings +
               slow * smooth::abs(S(m_flow * duct.diameter / (area * mu)), 1.0) * duct.f * duct.length * per_d;
    if (duct.law == Friction::hazen_williams) {
        constexpr double rest = 1e-3;
        const P per_rho =
            10.667 * gravity * duct.length * pow(duct.C, -1.852) * pow(duct.diameter, -4.871) * pow(area, 1.852);
        return fittings + rho * per_rho * v * pow(S(v * v + rest * rest), 0.426);
    }
    return friction_drop(m_flow, rho, mu, duct.length, duct.diameter, duct.roughness, duct.K, duct.law) +
           slow * duct.K_laminar;
}

}  // namespace kelvolt
