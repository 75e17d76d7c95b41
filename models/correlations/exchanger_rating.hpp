/// UA of a counterflow exchanger from one rated point, the inverse of effectiveness_counterflow:
///   UA = Q/dT_lm
///   dT_lm = (a - b)/ln(a/b)
/// a and b are the temperature differences at the two ends, dT_lm is their logarithmic mean.
#pragma once

#include "models/correlations/exchanger.hpp"

namespace kelvolt {

/// Logarithmic mean (a - b)/ln(a/b) of two positive differences; a if they are equal.
template <class A, class B>
Joined<A, B> log_mean(const A& a, const B& b) {
    using S = Joined<A, B>;
    using std::log;
    const S x(a), y(b);
    const S large = select(x > y, x, y), small = select(x > y, y, x);
    return large * detail::mean_decay(S(log(S(large / small))));
}

/// UA [W/K] of the counterflow exchanger that transfers Q [W] from stream 2 to stream 1, with inlet temperatures T2_in
/// and T1_in and capacity flows C2 and C1 [W/K]. The temperature difference must be positive at both ends,
/// T2_in - Q/C2 > T1_in and T2_in > T1_in + Q/C1; otherwise the result is NaN.
template <class Q, class T1, class A, class T2, class B>
Joined<Q, T1, A, T2, B> rated_UA(const Q& heat, const T1& T1_in, const A& C1, const T2& T2_in, const B& C2) {
    using S = Joined<Q, T1, A, T2, B>;
    const S q(heat), t1(T1_in), t2(T2_in);
    return q / log_mean(S(t2 - t1 - q / S(C1)), S(t2 - q / S(C2) - t1));
}

}  // namespace kelvolt
