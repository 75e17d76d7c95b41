/// Nominal point of a plate exchanger, from UA or from its rating, and the heat transfer of one side at other flows.
#pragma once

#include <fmt/format.h>

#include "models/correlations/exchanger_rating.hpp"
#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// One side at the nominal point.
template <class P>
struct NominalSide {
    P m_flow, C, T;  ///< kg/s, W/K, mean temperature [K]
};
template <class P>
struct NominalExchange {
    P UA;
    NominalSide<P> primary, secondary;
};

/// One side from its volume flow at T_at: the density is that at T_at, cp that at the mean of T_at and the temperature
/// at the other end, which differs by Q/C.
template <class P>
NominalSide<P> nominal_side(const Medium& fluid, const P& V_flow, const P& T_at, const P& Q) {
    const P m = fluid.rho(T_at) * V_flow, guess = T_at + 0.5 * Q / (m * fluid.cp(T_at)),
            mean = T_at + 0.5 * Q / (m * fluid.cp(guess));
    return {m, P(m * fluid.cp(mean)), mean};
}

/// Why a rated flow cannot carry the rated heat: with `Q` it would pass from T to T + Q/C, out of the range in which the
/// coolant is a liquid. Q is negative where T is the warmer end. Empty if it can. T itself is not judged here: each
/// state is, by the limits of its nodes.
inline std::string liquid_problem(const Medium& fluid, std::string_view heat, std::string_view flow, double V_flow,
                                  std::string_view from, double T, double Q, double C) {
    const double other = T + Q / C;
    if (other >= fluid.hold_min && other <= fluid.hold_max) return {};
    const bool hot = other > fluid.hold_max;
    const double end = hot ? fluid.hold_max : fluid.hold_min, most = C * std::max(Q > 0.0 ? end - T : T - end, 0.0);
    return fmt::format(
        "the rating is impossible: {} = {:.4g} kW takes {} = {:.4g} L/min of {} from {} = {:.1f} to {:.1f} degC, "
        "and {} is no liquid {} {:.1f} degC: that flow carries at most {:.4g} kW; give a larger {} or a smaller {}",
        heat, std::abs(Q) / 1e3, flow, V_flow * 6e4, fluid.name, from, T - 273.15, other - 273.15, fluid.name,
        hot ? "above" : "below", end - 273.15, most / 1e3, flow, heat);
}

/// hA of one side over its nominal value:
///   hA ~ k Pr^(1/3) (m_flow/mu)^n = k^(2/3) cp^(1/3) mu^(1/3 - n) m_flow^n
/// Near zero flow, |m_flow| is smoothed; at rest 1e-3 of the nominal flow counts.
template <class S, class P>
S film_over_nominal(const S& m_flow, const S& T, const Medium& fluid, const NominalSide<P>& at, const P& n) {
    using std::exp;
    using std::log;
    const S mass = m_flow / at.m_flow, k = fluid.k(T) / fluid.k(at.T), cp = fluid.cp(T) / fluid.cp(at.T);
    const S log_mu = fluid.log_mu(T) - fluid.log_mu(at.T);
    return exp(S(0.5 * n * log(S(mass * mass + 1e-3 * 1e-3)) + log(S(k * k * cp)) / 3.0 + (1.0 / 3.0 - n) * log_mu));
}

}  // namespace kelvolt::models
