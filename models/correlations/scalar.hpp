/// Joined<A, B, ...>: the scalar type of a result computed from arguments of different scalar types. Unknowns may be
/// duals while parameters are plain numbers, or the reverse.
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

/// Evaluates f(args...) with derivatives with respect to its arguments only, then applies the chain rule to the
/// derivatives that the arguments carry. An expensive function of two arguments thus computes two derivatives instead
/// of, say, ten, and adds two edges to a tape. Arguments that are plain numbers stay so; all others must have the same
/// scalar type.
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

/// The same for a function f that also uses model parameters of scalar type P by capture. `through` would lose the
/// derivatives with respect to these, so if P carries derivatives, f is called directly.
template <class P, class F, class S, class... More>
S with_few_derivatives(const F& f, const S& first, const More&... more) {
    if constexpr (is_number<P> && !std::is_same_v<S, Pattern>)
        return through(f, first, more...);
    else
        return f(first, more...);
}

}  // namespace kelvolt
