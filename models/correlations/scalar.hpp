/// The scalar that comes out when quantities of different scalars meet: unknowns may be duals while parameters are
/// numbers, or the reverse.
#pragma once

#include <cmath>
#include <tuple>
#include <type_traits>
#include <utility>

#include "solver/scalar/dual.hpp"
#include "solver/scalar/pattern.hpp"
#include "solver/scalar/smooth.hpp"

namespace kelvolt {

template <class... A>
using Joined = std::decay_t<decltype((0.0 + ... + std::declval<const A&>()))>;

/// f(args...) with derivatives taken by its few arguments and chained to however many variables the scalar carries: an
/// expensive function of two arguments costs two derivatives inside, not ten, and leaves two edges on a tape. Numbers
/// among the arguments stay numbers; the others are of one scalar.
template <class F, class... Args>
Joined<Args...> through(const F& f, const Args&... args) {
    using S = Joined<Args...>;
    if constexpr (is_number<S>) {
        return f(args...);
    } else {
        if ((is_constant(args) && ...)) return S(f(value(args)...));
        using Inside = Dual<(int(!is_number<Args>) + ...), ValueOf<S>>;
        int slot = 0;
        const auto seeded = [&]<class X>(const X& x) {
            if constexpr (is_number<X>)
                return x;
            else
                return Inside::seeded(value(x), slot++);
        };
        const Inside y = std::apply(f, std::tuple{seeded(args)...});
        slot = 0;
        S result(y.v);
        const auto chain = [&]<class X>(const X& x) {
            if constexpr (!is_number<X>) add_chained(result, y.d[slot++], x);
        };
        (chain(args), ...);
        return result;
    }
}

/// The same where f also takes parameters P from around it: with derivatives by those it is called as it stands.
template <class P, class F, class S, class... More>
S narrowed(const F& f, const S& first, const More&... more) {
    if constexpr (is_number<P> && !std::is_same_v<S, Pattern>)
        return through(f, first, more...);
    else
        return f(first, more...);
}

}  // namespace kelvolt
