/// Saturation pressure of water:
///   ln(p/p_c) = (T_c/T) sum a_i x^(n_i)
///   x = 1 - T/T_c
/// Within 0.1 % from the triple point to the critical point. It is used down to -20 degC (over liquid, not over ice),
/// where it lies within 1 % of data for supercooled water.
/// Source: IAPWS SR1-86 (1992); Wagner & Pruss, J. Phys. Chem. Ref. Data 22 (1993) 783.
#pragma once

#include <cmath>

#include "models/correlations/scalar.hpp"

namespace kelvolt {

/// Absolute saturation pressure [Pa] at T [K]; above the critical temperature, that of the critical point.
template <class S>
S water_saturation_pressure(const S& T) {
    using std::exp, std::sqrt;
    constexpr double T_c = 647.096, p_c = 22.064e6;
    const S below = select(T < S(T_c - 1e-3), T, S(T_c - 1e-3));
    const S x = 1.0 - below / T_c, root = sqrt(x), x3 = x * x * x;
    const S sum = x * (-7.85951783 + 1.84408259 * root) + x3 * (-11.7866497 + 22.6807411 * root - 15.9618719 * x) +
                  1.80122502 * x3 * x3 * x * root;
    return p_c * exp(S(T_c / below * sum));
}

/// Boiling temperature of water [K] at the absolute pressure p [Pa].
inline double water_saturation_temperature(double p) {
    double T = 373.0;
    for (int k = 0; k < 30; ++k) {
        const double f = std::log(water_saturation_pressure(T) / p),
                     step = f * T * T / 5000.0;  // d ln p/dT ~ 5000 K/T^2
        T -= step;
        if (std::abs(step) < 1e-9) break;
    }
    return T;
}

}  // namespace kelvolt
