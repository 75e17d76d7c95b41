/// Heat transfer of vertical surfaces in free and forced flow: mean Nusselt numbers over the height L. Properties at the
/// mean of surface and fluid.
#pragma once

#include "models/correlations/scalar.hpp"

namespace kelvolt {

/// Free convection on a vertical surface, laminar and turbulent:
///   Nu = (0.825 + 0.387 Ra^(1/6)/(1 + (0.492/Pr)^(9/16))^(8/27))^2
/// Ra = g beta dT L^3/(nu a), up to 1e12. Near Ra = 0 the power is smoothed over Ra of about 1.
/// Source: Churchill & Chu 1975.
template <class R, class P>
Joined<R, P> churchill_chu(const R& Ra, const P& Pr) {
    using S = Joined<R, P>;
    using std::pow;
    const S ra(Ra), fluid = pow(S(1.0 + pow(S(0.492 / S(Pr)), 9.0 / 16.0)), 8.0 / 27.0);
    const S root = 0.825 + 0.387 * pow(S(ra * ra + 1.0), 1.0 / 12.0) / fluid;
    return root * root;
}

/// Laminar boundary layer along a plate: Nu = 0.664 Re^(1/2) Pr^(1/3), Re below 5e5; smoothed below Re of about 0.1.
/// Source: Pohlhausen 1921.
template <class R, class P>
Joined<R, P> laminar_plate(const R& Re, const P& Pr) {
    using S = Joined<R, P>;
    using std::cbrt;
    using std::pow;
    const S re(Re);
    return 0.664 * pow(S(re * re + 0.01), 0.25) * cbrt(S(Pr));
}

/// Both at once in the same direction: Nu^3 = Nu_free^3 + Nu_forced^3. Source: Churchill 1977.
template <class A, class B>
Joined<A, B> mixed_convection(const A& Nu_free, const B& Nu_forced) {
    using S = Joined<A, B>;
    using std::cbrt;
    const S a(Nu_free), b(Nu_forced);
    return cbrt(S(a * a * a + b * b * b));
}

}  // namespace kelvolt
