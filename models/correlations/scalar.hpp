/// The scalar that comes out when quantities of different scalars meet: unknowns may be duals while parameters are
/// numbers, or the reverse.
#pragma once

#include <array>
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
/// expensive function of two arguments costs two derivatives inside, not ten. All arguments are of one scalar S.
template <class F, class S, class... More>
S through(const F& f, const S& first, const More&... more) {
    if constexpr (is_number<S>) {
        return f(first, more...);
    } else {
        constexpr int n = 1 + int(sizeof...(More));
        using Inside = Dual<n, ValueOf<S>>;
        int slot = 0;
        const std::array<Inside, n> inside{Inside::seeded(value(first), slot++),
                                           Inside::seeded(value(more), slot++)...};
        const Inside y = std::apply(f, inside);
        slot = 0;
        S result = chained(y.v, y.d[slot++], first);
        (add_chained(result, y.d[slot++], more), ...);
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
