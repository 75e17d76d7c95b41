/// Converts a measured plate resistance R(V_flow) to the conductance UA of the plate, also for another coolant.
///   C = V_flow rho_cp_test
///   case_to_inlet: R = (T_case - T_in)/Q, eps = 1/(R C)
///   case_to_mean: R = (T_case - (T_in + T_out)/2)/Q, eps = 1/(R C + 1/2)
///   UA = -ln(1 - eps) C
/// eps is the effectiveness in the test. Both conventions are exact for a base of uniform temperature. Below the lowest
/// flow V_low of the data, UA is held constant: the flow used approaches 0.95 V_low smoothly. Above eps = 0.98 almost
/// all of R is due to the heat capacity of the flow, so R does not determine UA. Such data are refused, and eps is
/// limited smoothly to 0.99.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "models/correlations/scalar.hpp"
#include "solver/curve/curve.hpp"

namespace kelvolt::models {

enum class Convention { case_to_inlet, case_to_mean };
inline constexpr std::string_view convention_names[] = {"case_to_inlet", "case_to_mean"};
enum class FilmScale { none, conductivity };
inline constexpr std::string_view film_scale_names[] = {"none", "conductivity"};

inline constexpr double eps_highest = 0.98;

template <class P>
struct PlateResistance {
    const Curve* R;
    Convention convention;
    P rho_cp_test;  ///< of the test's coolant [J/(m3 K)]
    P V_flow_low;   ///< lowest flow of the data [m3/s]; NaN: that of the curve
    P R_solid;      ///< part of 1/UA due to conduction in the solid, not to the coolant film [K/W]
};

/// Flow below which UA is held constant: as given; else the first flow of the curve; for a constant R the flow with
/// eps = 0.8.
template <class P>
P lowest_flow(const PlateResistance<P>& plate) {
    const double half = plate.convention == Convention::case_to_mean ? 0.5 : 0.0;
    const P otherwise = plate.R->lo() > 0 ? P(plate.R->lo()) : P((1.25 - half) / ((*plate.R)(0.0) * plate.rho_cp_test));
    return select(is_nan(value(plate.V_flow_low)), otherwise, plate.V_flow_low);
}

/// Effectiveness in the test at flow V > 0, from the data.
template <class S, class P>
S test_effectiveness(const S& V, const PlateResistance<P>& plate) {
    const S C = plate.rho_cp_test * V, R = (*plate.R)(V) + 1e-12;
    return plate.convention == Convention::case_to_inlet ? S(1.0 / (R * C)) : S(1.0 / (R * C + 0.5));
}

/// UA of the whole plate in the test's coolant [W/K] at flow V of either sign.
template <class S, class P>
S plate_conductance(const S& V, const PlateResistance<P>& plate) {
    const auto UA = [&]<class X>(const X& V, const auto& rho_cp, const auto& V_low) {
        using std::log;
        using std::sqrt;
        const PlateResistance<Joined<decltype(rho_cp)>> in{plate.R, plate.convention, rho_cp, V_low, {}};
        const X low(lowest_flow(in)), size = sqrt(X(V * V + 1e-8 * low * low));
        const X held = smooth::kept_above(size, low, X(0.1 * low));
        const X eps = -smooth::kept_above(X(-test_effectiveness(held, in)), X(-eps_highest), X(0.02));
        return X(-log(X(1.0 - eps)) * in.rho_cp_test * held);
    };
    return through(UA, V, plate.rho_cp_test, plate.V_flow_low);
}

/// UA [W/K] for another coolant: the resistance of the film, 1/UA - R_solid, is multiplied by k_ratio = k_test/k.
/// The film is at least 4 % of 1/UA, so that UA stays finite beyond the data.
template <class S, class P>
S film_scaled(const S& UA, const P& R_solid, const S& k_ratio) {
    const auto scaled = []<class X>(const X& UA, const auto& R_solid, const X& k_ratio) {
        const X solid = R_solid * UA, film = smooth::kept_above(X(1.0 - solid), X(0.05), X(0.02));  // shares of 1/UA
        return X(UA / (solid + film * k_ratio));
    };
    return through(scaled, UA, R_solid, k_ratio);
}

/// Message about faults in the data over the range of flows they cover; empty when there are none.
inline std::string resistance_problem(const PlateResistance<double>& plate) {
    if (std::isnan(plate.V_flow_low) && !(plate.R->lo() > 0) && plate.R->kind() != Curve::Kind::constant)
        return "R covers flows down to zero, where no plate has a finite resistance to the inlet; give V_flow_low, its "
               "lowest flow";
    const double low = lowest_flow(plate), high = std::isfinite(plate.R->hi()) ? plate.R->hi() : 10.0 * low;
    for (int i = 0; i <= 100; ++i) {
        const double V = low * std::pow(high / low, 0.01 * i), R = (*plate.R)(V), eps = test_effectiveness(V, plate);
        if (!(R > 0)) return fmt::format("R is {:g} K/W at {:g} m3/s; a resistance is above 0", R, V);
        if (eps > eps_highest)
            return fmt::format(
                "R = {:g} K/W at {:g} m3/s means an effectiveness of {:.3f} (at most {} can be told from the flow's "
                "own heat capacity); "
                "check `convention`, rho_cp_test and the units of the curve",
                R, V, eps, eps_highest);
        if (plate.R_solid > 0.95 / plate_conductance(V, plate))
            return fmt::format("R_solid = {:g} K/W leaves less than 5 % of 1/UA = {:g} K/W at {:g} m3/s to the film",
                               plate.R_solid, 1.0 / plate_conductance(V, plate), V);
    }
    return "";
}

}  // namespace kelvolt::models
