#include "models/media/medium.hpp"

#include <cmath>

#include "models/correlations/water_saturation.hpp"

namespace kelvolt {

double Medium::p_v(double T) const {
    return water_activity > 0.0 ? water_activity * water_saturation_pressure(T) : std::nan("");
}

// Gauss-Legendre quadrature with five points over steps of at most 50 K, on which cp/T is nearly linear
double Medium::s(double T) const {
    constexpr double node[] = {0.0, 0.5384693101056831, 0.9061798459386640};
    constexpr double weight[] = {0.5688888888888889, 0.4786286704993665, 0.2369268850561891};
    const double from = T_zero_enthalpy;
    const int steps = 1 + static_cast<int>(std::abs(T - from) / 50.0);
    const double half = 0.5 * (T - from) / steps;
    const auto slope = [this](double x) { return cp(x) / x; };
    double sum = 0.0;
    for (int k = 0; k < steps; ++k) {
        const double middle = from + (2 * k + 1) * half;
        sum += weight[0] * slope(middle);
        for (int i = 1; i < 3; ++i)
            sum += weight[i] * (slope(middle - node[i] * half) + slope(middle + node[i] * half));
    }
    return half * sum;
}

}  // namespace kelvolt
