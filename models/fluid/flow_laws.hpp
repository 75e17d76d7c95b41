/// Pressure-drop laws that several fluid models share. All are odd in the flow, strictly rising, and finite at rest.
#pragma once

#include "models/correlations/valve.hpp"
#include "models/ports.hpp"

namespace kelvolt::models {

/// True when an optional number was given.
template <class P>
bool given(const P& x) {
    return !std::isnan(value(x));
}

/// Mass flow of a boundary [kg/s] that states V_flow at T or m_flow.
template <class P, class Params>
P given_mass_flow(const Medium& fluid, const P& T, const Params& p) {
    return select(is_nan(value(p.m_flow)), P(fluid.rho(T) * p.V_flow), p.m_flow);
}
/// For a boundary's `problem`, where it holds a flow.
template <class Params>
std::string flow_problem(const Params& p) {
    if (given(p.V_flow) && given(p.m_flow)) return "V_flow and m_flow are both given; give one of them";
    if (!given(p.V_flow) && !given(p.m_flow)) return "mode: flow needs V_flow or m_flow, the supplied flow";
    return {};
}

/// The larger of two reported values (never inside equations).
template <class S>
S larger(const S& a, const S& b) {
    return select(a > b, a, b);
}

/// x between two limits, the lower one first; C1, exact but for `width`/2 at the limits.
template <class S, class L, class H>
S limited(const S& x, const L& low, const H& high, double width) {
    return smooth::min(S(smooth::max(x, low, width)), high, width);
}

/// x inside [low, high]; outside it comes to rest half a band beyond the end. C1, exact inside.
template <class S>
S held(const S& x, double low, double high, double band) {
    const S zero(0.0), rest(band);
    const S above = select(x > S(high), S(x - high), zero), below = select(x < S(low), S(low - x), zero);
    const S a = select(above > rest, rest, above), b = select(below > rest, rest, below);
    return x - above + below + a * (1.0 - a / (2.0 * band)) - b * (1.0 - b / (2.0 * band));
}

/// Density of the water that flow coefficients refer to [kg/m3] (IEC 60534-1; the same for Kv and Cv here).
inline constexpr double rho_coefficient = 1000.0;

/// Flow coefficient: V_flow = Kv sqrt(dp 1000/rho), Kv in m3/s/Pa^0.5. Laminar below about 1 Pa: dp is high by 1 Pa/(2
/// dp), relative.
template <class S, class P>
S coefficient_drop(const S& m_flow, const S& rho, const P& Kv) {
    using std::sqrt;
    const S root_dp = m_flow / (sqrt(rho) * Kv * std::sqrt(rho_coefficient));
    return valve_drop(root_dp, 1.0, 1.0, 1.0);
}

/// A rated point and how the drop follows flow and coolant.
template <class P>
struct NominalPoint {
    P V_flow, dp, exponent;
    P T, rho,
        mu;  ///< coolant of the rating; rho and mu may be not given, then they are those of the circuit's coolant at T
};

/// dp = dp_nominal (V/V_nominal)^n (rho/rho_nominal)^(n-1) (mu/mu_nominal)^(2-n): the law of any friction factor ~
/// Re^(n-2). Below about 0.1 % of the nominal flow the law is linear; relative error (n-1)/2 (0.001 V_nominal/V)^2.
template <class S, class P>
S nominal_drop(const S& m_flow, const S& T, const Medium& fluid, const NominalPoint<P>& at) {
    using std::exp;
    using std::log;
    constexpr double rest = 1e-3;
    const S rho = fluid.rho(T), x = m_flow / (rho * at.V_flow), n(at.exponent);
    const S dense = rho / select(is_nan(value(at.rho)), S(fluid.rho(at.T)), S(at.rho));
    const S thick = fluid.log_mu(T) - select(is_nan(value(at.mu)), S(fluid.log_mu(at.T)), S(log(at.mu)));
    const S power = 0.5 * (n - 1.0) * log(S(dense * dense * (x * x + rest * rest))) + (2.0 - n) * thick;
    return at.dp * x * exp(power);
}

}  // namespace kelvolt::models
