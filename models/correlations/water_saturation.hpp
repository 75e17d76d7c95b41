/// Saturation pressure of water, IAPWS SR1-86 (1992): ln(p/p_c) = (T_c/T) sum a_i x^(n_i), x = 1 - T/T_c.
/// Wagner & Pruss, J. Phys. Chem. Ref. Data 22 (1993) 783. From the triple point to the critical point within 0.1 %; it
/// is used down to -20 degC (liquid, not ice), where it lies within 1 % of supercooled data.
#pragma once

#include <cmath>

namespace kelvolt {

/// Absolute pressure [Pa] at T [K]; above the critical point that of the critical point.
inline double water_saturation_pressure(double T) {
    constexpr double T_c = 647.096, p_c = 22.064e6;
    if (T >= T_c) return p_c;
    const double x = 1.0 - T / T_c, root = std::sqrt(x), x3 = x * x * x;
    const double sum = x * (-7.85951783 + 1.84408259 * root) + x3 * (-11.7866497 + 22.6807411 * root - 15.9618719 * x) +
                       1.80122502 * x3 * x3 * x * root;
    return p_c * std::exp(T_c / T * sum);
}

/// Temperature [K] at which water boils at p [Pa].
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
