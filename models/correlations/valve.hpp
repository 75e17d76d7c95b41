/// Valves, orifices and couplings given by a flow coefficient.
///   m_flow = Av sqrt(rho dp)
///   Av = Kv sqrt(1000/1e5)/3600
///   Kv = 0.864978 Cv
/// dp in Pa, Av in m2, Kv in m3/h of water at 1 bar, Cv in US gal/min of water at 1 psi.
/// m|m| is smoothed to m sqrt(m^2 + m_small^2): the slope of dp at zero flow is m_small/(rho Av^2), its relative error
/// elsewhere is (m_small/m)^2/2.
/// Source: IEC 60534-1.
#pragma once

#include <string_view>

#include "models/correlations/scalar.hpp"

namespace kelvolt {

inline constexpr double Av_per_Kv = 0.1 / 3600.0;  ///< m2 per (m3/h)/bar^0.5
/// m2 per (m3/s)/Pa^0.5, for Kv and Cv in SI units: sqrt(1000 kg/m3).
inline constexpr double Av_per_Kv_SI = 31.622776601683793;
inline constexpr double Kv_per_Cv = 0.8649776554423;  ///< from the definitions of US gallon, inch and pound-force
inline constexpr double Av_per_Cv = Av_per_Kv * Kv_per_Cv;

enum class Characteristic { linear, equal_percentage };
inline constexpr std::string_view characteristic_names[] = {"linear", "equal_percentage"};

/// Relative flow coefficient phi = Av/Av_open of a valve at the opening x, limited to 0..1:
///   linear: phi = leak + (1 - leak) x
///   equal_percentage: phi = R^(x - 1)
/// R is the rangeability (usually 30 to 50). Below 5 % opening, equal_percentage is blended by a C2 step into a
/// straight line that starts at `leak`. `leak` > 0 is the relative flow coefficient of the closed valve (about 1e-4 for
/// IEC 60534-4 class IV). Strictly increasing for 0 < leak < 1/R.
/// Source: IEC 60534-2-4.
template <class X, class R, class L>
Joined<X, R, L> relative_opening(const X& opening, const R& rangeability, const L& leak, Characteristic kind) {
    using S = Joined<X, R, L>;
    using std::pow;
    constexpr double join = 0.05;
    const S given(opening), l(leak), zero(0.0), one(1.0);
    const S above = select(given > zero, given, zero);
    const S x = select(above < one, above, one);
    if (kind == Characteristic::linear) return l + (1.0 - l) * x;
    const S law = pow(S(rangeability), S(x - 1.0)), at_join = pow(S(rangeability), S(join - 1.0));
    return smooth::blend(x, 0.0, join, S(l + (at_join - l) * x / join), law);
}

/// Pressure drop [Pa] for a mass flow; odd, strictly increasing.
template <class M, class R, class A>
Joined<M, R, A> valve_drop(const M& m_flow, const R& rho, const A& Av, double m_small) {
    using S = Joined<M, R, A>;
    const S m(m_flow), a(Av);
    return m * smooth::abs(m, m_small) / (S(rho) * a * a);
}

/// Mass flow for a pressure drop; the exact inverse of valve_drop.
template <class P, class R, class A>
Joined<P, R, A> valve_flow(const P& dp, const R& rho, const A& Av, double m_small) {
    using S = Joined<P, R, A>;
    using std::sqrt;
    const S a(Av), q = S(dp) * S(rho) * a * a;  // m sqrt(m^2 + m_small^2)
    const double w2 = m_small * m_small;
    return q / sqrt(S(0.5 * (w2 + sqrt(S(w2 * w2 + 4.0 * q * q)))));
}

}  // namespace kelvolt
