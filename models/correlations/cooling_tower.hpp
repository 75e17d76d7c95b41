/// Approach of open cooling towers by the YorkCalc fit, a polynomial in range, wet bulb and the ratio of water to air:
///   approach = sum over i, j, k of c_ijk t_wb^i range^j ratio^k, i, j, k = 0, 1, 2
///   ratio = (m_water/m_water_nominal)/(m_air/m_air_nominal)
/// Temperatures in degC and K. Fitted for wet bulbs of -34.4 to 26.7 degC, ranges of 1.1 to 22.2 K, approaches of 1.1
/// to 40 K, water flows of 0.75 to 1.25 and ratios up to 8. Outside, arguments are held at these bounds.
/// Source: YorkCalc, in the EnergyPlus Engineering Reference (CoolingTower:VariableSpeed) and Buildings.Fluid.
#pragma once

#include "models/correlations/inverse.hpp"

namespace kelvolt::york {

inline constexpr double T_wet_bulb_min = 273.15 - 34.4, T_wet_bulb_max = 273.15 + 26.7, range_min = 1.1,
                        range_max = 22.2, approach_min = 1.1, approach_max = 40.0, flow_min = 0.75, flow_max = 1.25,
                        ratio_max = 8.0;

/// Approach [K] of the fit at a wet bulb [K], range [K] and ratio of water to air.
template <class A, class B, class C>
Joined<A, B, C> approach(const A& T_wet_bulb, const B& range, const C& ratio) {
    using S = Joined<A, B, C>;
    // c[k][j][i]: powers of the ratio, the range and the wet bulb
    constexpr double c[3][3][3] = {{{-0.359741205, -0.055053608, 0.0023850432},
                                    {0.173926877, -0.0248473764, 0.00048430224},
                                    {-0.005589849456, 0.0005770079712, -0.00001342427256}},
                                   {{2.84765801111111, -0.121765149, 0.0014599242},
                                    {1.680428651, -0.0166920786, -0.0007190532},
                                    {-0.025485194448, 0.0000487491696, 0.00002719234152}},
                                   {{-0.0653766255555556, -0.002278167, 0.0002500254},
                                    {-0.0910565458, 0.00318176316, 0.000038621772},
                                    {-0.0034285382352, 0.00000856589904, -0.000001516821552}}};
    const S t = smooth::held(S(T_wet_bulb), T_wet_bulb_min, T_wet_bulb_max, 0.1) - 273.15,
            r = smooth::held(S(range), range_min, range_max, 0.1), x = smooth::held(S(ratio), 0.02, ratio_max, 0.01);
    S sum(0.0);
    for (int k = 2; k >= 0; --k) {
        S row(0.0);
        for (int j = 2; j >= 0; --j) row = row * r + (c[k][j][0] + t * (c[k][j][1] + t * c[k][j][2]));
        sum = sum * x + row;
    }
    return smooth::max(sum, 0.1, 0.1);
}

/// Range [K], not below zero, at which range and `scale` times the approach add up to T_in - T_wet_bulb.
template <class A, class B, class C, class D>
Joined<A, B, C, D> range(const A& T_in, const B& T_wet_bulb, const C& ratio, const D& scale) {
    using S = Joined<A, B, C, D>;
    const auto excess = [](const auto& at, const auto& T, const auto& T_wb, const auto& x, const auto& by) {
        return at + by * approach(T_wb, at, x) - (T - T_wb);
    };
    const double most = std::abs(value(S(T_in)) - value(S(T_wet_bulb))) + 1.0, least = -1e3 * value(S(scale));
    return smooth::exact_ramp(inverse(excess, least, most, T_in, T_wet_bulb, ratio, scale), S(0.1));
}

}  // namespace kelvolt::york
