/// Two-stream heat exchangers by the effectiveness-NTU method, and the dependence of UA on the flows.
///   C = m_flow cp [W/K]
///   NTU = UA/C_min
///   Cr = C_min/C_max
///   effectiveness = Q/(C_min (T_hot_in - T_cold_in))
/// The functions `..._conductance` give G = Q/(T_a_in - T_b_in) = C_min * effectiveness directly from both capacity
/// flows, without a case distinction by which one is smaller.
/// Source: Kays & London, Compact Heat Exchangers, 1984.
#pragma once

#include "models/correlations/scalar.hpp"

namespace kelvolt {

namespace detail {

/// y coth y: 1 at y = 0, |y| for large |y|. Below |y| = 0.1 a series (error 4e-15), since the quotient loses digits.
template <class S>
S y_coth_y(const S& y) {
    using std::tanh;
    const S y2 = y * y;
    const S series = 1.0 + y2 * (1.0 / 3 - y2 * (1.0 / 45 - y2 * (2.0 / 945 - y2 * (1.0 / 4725 - y2 * (2.0 / 93555)))));
    const S safe = select(y2 > S(0.01), y, S(1.0));
    return select(y2 > S(0.01), S(safe / tanh(safe)), series);
}

/// (1 - exp(-x))/x for x >= 0; 1 at x = 0.
template <class S>
S mean_decay(const S& x) {
    using std::expm1;
    const S series = 1.0 - x * (0.5 - x * (1.0 / 6 - x * (1.0 / 24 - x * (1.0 / 120 - x * (1.0 / 720 - x / 5040.0)))));
    const S safe = select(x > S(0.02), x, S(1.0));
    return select(x > S(0.02), S(-expm1(S(-safe)) / safe), series);
}

/// See effectiveness_crossflow.
template <class S>
S crossflow(const S& given, const S& Cr) {
    using std::exp;
    using std::expm1;
    using std::sqrt;
    const S zero(0.0), rest(10.0);
    const S above = select(given > S(15.0), S(given - 15.0), zero), slowed = select(above > rest, rest, above);
    const S lost = above - slowed * (1.0 - slowed / 20.0), n = given - lost, b = n * Cr;
    S term_n = exp(S(-n)), term_b = exp(S(-b));  // e^-x x^m/m!, the second divided by b from m = 1 on
    S P_n = -expm1(S(-n)), P_b = detail::mean_decay(b), sum = P_n * P_b;
    for (int m = 1; m < 64; ++m) {
        term_n = term_n * n / double(m);
        term_b = m == 1 ? term_b : S(term_b * b / double(m));
        P_n = P_n - term_n;
        P_b = P_b - term_b;
        sum = sum + P_n * P_b;
    }
    return 1.0 - (1.0 - sum) * sqrt(S(1.0 - lost / (15.0 + above)));
}

}  // namespace detail

/// Counterflow, 0 <= Cr <= 1:
///   effectiveness = NTU/(NTU (1 + Cr)/2 + y coth(y))
///   y = NTU (1 - Cr)/2
/// Equal to (1 - exp(-x))/(1 - Cr exp(-x)) with x = NTU (1 - Cr), but without a singularity at Cr = 1.
template <class N, class R>
Joined<N, R> effectiveness_counterflow(const N& NTU, const R& Cr) {
    using S = Joined<N, R>;
    const S n(NTU), r(Cr);
    return n / (0.5 * n * (1.0 + r) + detail::y_coth_y(S(0.5 * n * (1.0 - r))));
}

/// Parallel flow:
///   effectiveness = (1 - exp(-NTU (1 + Cr)))/(1 + Cr)
template <class N, class R>
Joined<N, R> effectiveness_parallel(const N& NTU, const R& Cr) {
    using S = Joined<N, R>;
    using std::expm1;
    const S both = 1.0 + S(Cr);
    return -expm1(S(-S(NTU) * both)) / both;
}

/// Crossflow, both streams unmixed, exact series:
///   effectiveness = sum over n >= 1 of P_n(NTU) P_n(b)/b, b = Cr NTU
///   P_n(x) = 1 - exp(-x) sum over m < n of x^m/m!
/// 64 terms are accurate up to NTU 20. Above NTU 15 the series is evaluated at an argument N that approaches 20, and 1
/// - effectiveness is multiplied by sqrt(N/NTU), its behaviour at Cr = 1. The error is below 0.5 % at NTU 25; the
/// result is low by up to 2 % at NTU 100.
/// Source: Mason 1955.
template <class N, class R>
Joined<N, R> effectiveness_crossflow(const N& NTU, const R& Cr) {
    using S = Joined<N, R>;
    return through([](const auto& n, const auto& r) { return detail::crossflow(n, r); }, S(NTU), S(Cr));
}

/// Conductance of a counterflow exchanger [W/K]:
///   G = 1/((1/C_a + 1/C_b)/2 + y coth(y)/UA)
///   y = UA (1/C_a - 1/C_b)/2
/// Symmetric in a and b and smooth where C_a = C_b. Capacity flows may have either sign or be zero: |C| is smoothed to
/// sqrt(C^2 + C_small^2), so without flow G is at most C_small.
template <class U, class A, class B>
Joined<U, A, B> counterflow_conductance(const U& UA, const A& C_a, const B& C_b, double C_small) {
    using S = Joined<U, A, B>;
    const S ua(UA), a = 1.0 / smooth::abs(S(C_a), C_small), b = 1.0 / smooth::abs(S(C_b), C_small);
    return ua / (0.5 * ua * (a + b) + detail::y_coth_y(S(0.5 * ua * (a - b))));
}

/// Conductance of a parallel-flow exchanger [W/K], capacity flows as above:
///   G = (1 - exp(-UA (1/C_a + 1/C_b)))/(1/C_a + 1/C_b)
template <class U, class A, class B>
Joined<U, A, B> parallel_conductance(const U& UA, const A& C_a, const B& C_b, double C_small) {
    using S = Joined<U, A, B>;
    using std::expm1;
    const S both = 1.0 / smooth::abs(S(C_a), C_small) + 1.0 / smooth::abs(S(C_b), C_small);
    return -expm1(S(-S(UA) * both)) / both;
}

/// Heat transfer coefficient h relative to its nominal value, from Nu ~ Re^n Pr^(1/3):
///   h/h_nominal = (k/k_n) (Pr/Pr_n)^(1/3) (Re/Re_n)^n, Re ~ m_flow/mu
/// Index n on a property is its nominal value. The exponent n is 0.8 in turbulent tubes, 0.6 to 0.7 in brazed plates.
/// |m_flow| is smoothed to sqrt(m_flow^2 + m_small^2), so without flow the factor (Re/Re_n)^n remains about
/// (m_small/m_flow_nominal)^n.
template <class M, class F, class G>
auto film_ratio(const M& m_flow, const F& fluid, double m_flow_nominal, const G& nominal, double n, double m_small) {
    using S = Joined<M, decltype(fluid.k), decltype(nominal.k)>;
    using std::pow;
    const S mass = smooth::abs(S(m_flow), m_small) / m_flow_nominal;
    const S Re = mass * S(nominal.mu) / S(fluid.mu), Pr = S(fluid.Pr()) / S(nominal.Pr());
    return S(S(fluid.k) / S(nominal.k) * pow(Pr, 1.0 / 3.0) * pow(Re, n));
}

/// UA [W/K] from its nominal value and the film_ratio of both sides:
///   1/UA = (share_a/ratio_a + share_b/ratio_b + share_wall)/UA_nominal
///   share_wall = 1 - share_a - share_b
/// `share_a` and `share_b` are the shares of the films in the nominal resistance.
template <class U, class A, class B>
Joined<U, A, B> scaled_UA(const U& UA_nominal, const A& ratio_a, const B& ratio_b, double share_a, double share_b) {
    using S = Joined<U, A, B>;
    return S(UA_nominal) / (share_a / S(ratio_a) + share_b / S(ratio_b) + (1.0 - share_a - share_b));
}

/// Share of the film on side a in the nominal resistance, with r = hA_a/hA_b at the nominal point:
///   share_a = (1 - wall_share)/(1 + r)
template <class R, class W>
Joined<R, W> film_share_a(const R& r, const W& wall_share) {
    using S = Joined<R, W>;
    return (1.0 - S(wall_share)) / (1.0 + S(r));
}

}  // namespace kelvolt
