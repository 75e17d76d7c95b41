/// The argument of a rising function at a given value, for any scalar: found by Newton's method with bisection on
/// numbers; its derivatives follow from those of the function (theorem of implicit functions).
#pragma once

#include "models/correlations/scalar.hpp"

namespace kelvolt {

namespace detail {

/// The root of f within lo..hi, where f rises through zero; the end nearest to zero if there is none.
template <class F>
double rising_root(const F& f, double lo, double hi) {
    double x = 0.5 * (lo + hi);
    for (int k = 0; k < 80; ++k) {
        const auto y = f(Dual<1>::seeded(x, 0));
        (y.v > 0.0 ? hi : lo) = x;
        const double newton = x - y.v / y.d[0], next = newton > lo && newton < hi ? newton : 0.5 * (lo + hi);
        const bool done = std::abs(next - x) <= 1e-13 * (std::abs(lo) + std::abs(hi));
        x = next;
        if (done) break;
    }
    return x;
}

}  // namespace detail

/// x within lo..hi with f(x, args...) = 0; f rises with x. `f` takes x and the arguments in any scalars.
template <class F, class... A>
Joined<A...> inverse(const F& f, double lo, double hi, const A&... args) {
    using S = Joined<A...>;
    if constexpr (std::is_same_v<S, Pattern>) {
        S sum(0.0);
        ((sum += S(args)), ...);
        return sum;
    } else {
        const double x = detail::rising_root([&](const auto& at) { return f(at, value(args)...); }, lo, hi);
        if constexpr (is_number<S>) {
            return x;
        } else {
            const double slope = f(Dual<1>::seeded(x, 0), value(args)...).d[0];
            const S at_root = f(S(x), S(args)...);
            return S(x) - (at_root - value(at_root)) / slope;
        }
    }
}

}  // namespace kelvolt
