/// Moist air by the relations of the ASHRAE Handbook, from temperature T [K], humidity ratio w [kg of vapour per kg of
/// dry air] and absolute pressure p [Pa]:
///   ln p_ws = C1/T + C2 + C3 T + C4 T^2 + C5 T^3 + C6 T^4 + C7 ln T over ice, below 273.16 K
///   ln p_ws = C8/T + C9 + C10 T + C11 T^2 + C12 T^3 + C13 ln T over water
///   w = 0.621945 p_w/(p - p_w)
///   h = 1006 t + w (2501000 + 1860 t), t in degC, per kg of dry air
///   v = 287.042 T (1 + 1.607858 w)/p, per kg of dry air
///   w (2501 + 1.86 t - 4.186 t_wb) = (2501 - 2.326 t_wb) w_s(t_wb) - 1.006 (t - t_wb) above 0 degC of wet bulb
///   w (2830 + 1.86 t - 2.1 t_wb) = (2830 - 0.24 t_wb) w_s(t_wb) - 1.006 (t - t_wb) below
///   p = 101325 (1 - 2.25577e-5 altitude)^5.2559
/// Near boiling w has no bound: from p_w/p = 0.7 on it continues along its tangent, which is flagged where it matters.
/// Source: ASHRAE Handbook, Fundamentals 2017, chapter 1 (Hyland & Wexler 1983 for p_ws), in SI.
#pragma once

#include "models/correlations/inverse.hpp"

namespace kelvolt::moist_air {

inline constexpr double zero_C = 273.15, triple_point = 273.16, p_standard = 101325.0;
inline constexpr double R_dry_air = 287.042;                    ///< J/(kg K)
inline constexpr double mole_mass_ratio = 0.621945;             ///< water over dry air
inline constexpr double cp_dry_air = 1006.0;                    ///< J/(kg K)
inline constexpr double cp_vapour = 1860.0, h_vapour = 2501e3;  ///< J/(kg K), J/kg at 0 degC

/// Pressure of the standard atmosphere [Pa] at an altitude [m].
template <class S>
S standard_pressure(const S& altitude) {
    using std::pow;
    return p_standard * pow(S(1.0 - 2.25577e-5 * altitude), 5.2559);
}

/// Saturation pressure of water vapour [Pa], over ice below the triple point. Fitted from 173.15 to 473.15 K.
template <class S>
S saturation_pressure(const S& T) {
    using std::exp, std::log;
    const S log_T = log(T);
    const S ice = -5.6745359e3 / T + 6.3925247 +
                  T * (-9.677843e-3 + T * (6.2215701e-7 + T * (2.0747825e-9 - 9.484024e-13 * T))) + 4.1635019 * log_T;
    const S water =
        -5.8002206e3 / T + 1.3914993 + T * (-4.8640239e-2 + T * (4.1764768e-5 - 1.4452093e-8 * T)) + 6.5459673 * log_T;
    return exp(select(T < S(triple_point), ice, water));
}

/// Humidity ratio at a vapour pressure [Pa].
template <class A, class B>
Joined<A, B> humidity_ratio(const A& p_vapour, const B& p) {
    using S = Joined<A, B>;
    constexpr double steep = 0.7, at = steep / (1.0 - steep), slope = 1.0 / ((1.0 - steep) * (1.0 - steep));
    const S x = S(p_vapour) / S(p), below = select(x < S(steep), x, S(steep));
    return mole_mass_ratio * select(x < S(steep), S(below / (1.0 - below)), S(at + slope * (x - steep)));
}
/// Vapour pressure [Pa] at a humidity ratio.
template <class A, class B>
Joined<A, B> vapour_pressure(const A& w, const B& p) {
    using S = Joined<A, B>;
    return S(p) * S(w) / (mole_mass_ratio + S(w));
}
template <class A, class B>
Joined<A, B> saturated_humidity_ratio(const A& T, const B& p) {
    using S = Joined<A, B>;
    return humidity_ratio(saturation_pressure(S(T)), S(p));
}

/// Enthalpy [J per kg of dry air] above dry air and liquid water at 0 degC.
template <class A, class B>
Joined<A, B> enthalpy(const A& T, const B& w) {
    using S = Joined<A, B>;
    const S t = S(T) - zero_C;
    return cp_dry_air * t + S(w) * (h_vapour + cp_vapour * t);
}
template <class A, class B>
Joined<A, B> saturated_enthalpy(const A& T, const B& p) {
    return enthalpy(T, saturated_humidity_ratio(T, p));
}
/// Temperature [K] at which saturated air has the enthalpy h [J/kg], between 150 and 450 K.
template <class A, class B>
Joined<A, B> saturated_temperature(const A& h, const B& p) {
    const auto excess = [](const auto& T, const auto& at_h, const auto& at_p) {
        return saturated_enthalpy(T, at_p) - at_h;
    };
    return inverse(excess, 150.0, 450.0, h, p);
}

/// Dry air in a volume of moist air [kg/m3].
template <class A, class B, class C>
Joined<A, B, C> dry_density(const A& T, const B& w, const C& p) {
    using S = Joined<A, B, C>;
    return S(p) / (R_dry_air * S(T) * (1.0 + 1.607858 * S(w)));
}
/// Density of moist air [kg/m3].
template <class A, class B, class C>
Joined<A, B, C> density(const A& T, const B& w, const C& p) {
    return (1.0 + Joined<A, B, C>(w)) * dry_density(T, w, p);
}

/// Humidity ratio from dry bulb and wet bulb.
template <class A, class B, class C>
Joined<A, B, C> humidity_ratio_at_wet_bulb(const A& T, const B& T_wet_bulb, const C& p) {
    using S = Joined<A, B, C>;
    const S t = S(T) - zero_C, tw = S(T_wet_bulb) - zero_C, ws = saturated_humidity_ratio(S(T_wet_bulb), S(p));
    const S water = ((2501.0 - 2.326 * tw) * ws - 1.006 * (t - tw)) / (2501.0 + 1.86 * t - 4.186 * tw);
    const S ice = ((2830.0 - 0.24 * tw) * ws - 1.006 * (t - tw)) / (2830.0 + 1.86 * t - 2.1 * tw);
    return select(tw < S(0.0), ice, water);
}
/// Wet-bulb temperature [K] of air of humidity ratio w, from 150 K up to its dry bulb.
template <class A, class B, class C>
Joined<A, B, C> wet_bulb(const A& T, const B& w, const C& p) {
    const auto excess = [](const auto& T_wb, const auto& at_T, const auto& at_w, const auto& at_p) {
        return humidity_ratio_at_wet_bulb(at_T, T_wb, at_p) - at_w;
    };
    return inverse(excess, 150.0, value(T) + 1e-6, T, w, p);
}
/// Dew point [K], or frost point below 0.01 degC, of a vapour pressure [Pa], between 150 and 450 K.
template <class S>
S dew_point(const S& p_vapour) {
    using std::log;
    const auto excess = [](const auto& T, const auto& p) { return log(saturation_pressure(T)) - log(p); };
    return inverse(excess, 150.0, 450.0, p_vapour);
}

}  // namespace kelvolt::moist_air
