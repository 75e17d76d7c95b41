/// Pressure-drop laws shared by several fluid models. All are odd in the flow, strictly increasing, and have a finite
/// slope at zero flow.
#pragma once

#include "models/correlations/valve.hpp"
#include "models/ports.hpp"

namespace kelvolt::models {

/// True when an optional number was given.
template <class P>
bool given(const P& x) {
    return !std::isnan(value(x));
}

/// Mass flow [kg/s] of a boundary that states either V_flow at temperature T or m_flow.
template <class P, class Params>
P given_mass_flow(const Medium& fluid, const P& T, const Params& p) {
    return select(is_nan(value(p.m_flow)), P(fluid.rho(T) * p.V_flow), p.m_flow);
}
/// Fault in these two parameters, for `problem` of a boundary that holds a flow; empty if there is none.
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

/// Density of the water that flow coefficients refer to [kg/m3] (IEC 60534-1; the same for Kv and Cv here).
inline constexpr double rho_coefficient = 1000.0;

/// Pressure drop [Pa] of a flow coefficient Kv [m3/s/Pa^0.5]:
///   V_flow = Kv sqrt(1000 dp/rho)
/// Linear in the flow below about 1 Pa; above, dp is too high by the relative error (1 Pa)/(2 dp).
template <class S, class P>
S coefficient_drop(const S& m_flow, const S& rho, const P& Kv) {
    using std::sqrt;
    const S root_dp = m_flow / (sqrt(rho) * Kv * std::sqrt(rho_coefficient));
    return valve_drop(root_dp, 1.0, 1.0, 1.0);
}

/// Rated point of a pressure drop: flow, pressure drop, exponent of the flow and the coolant of the rating.
template <class P>
struct NominalPoint {
    P V_flow, dp, exponent;
    P T, rho,
        mu;  ///< coolant of the rating; rho and mu not given (NaN): those of the circuit's coolant at T
};

/// Pressure drop [Pa] from a rated point, carried to other flows and coolants:
///   dp = dp_nominal (V/V_nominal)^n (rho/rho_nominal)^(n - 1) (mu/mu_nominal)^(2 - n)
/// This holds for any friction factor proportional to Re^(n - 2). It is odd in the flow V.
/// Below about 0.1 % of the nominal flow the law is linear; relative error (n - 1)/2 (0.001 V_nominal/V)^2.
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
