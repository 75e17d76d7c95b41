/// C1 (mostly C-infinity) stand-ins for the kinks of the field: |x|, max, min, step, upwinding.
/// Each states its largest error. `width` is in the units of x; it belongs to the quantity, so the caller passes it.
/// Both arms of everything are finite everywhere. Scalars S: double, Dual<N>, Pattern.
#pragma once

#include <cmath>

#include "solver/scalar/dual.hpp"
#include "solver/scalar/pattern.hpp"

namespace kelvolt::smooth {

using std::exp;
using std::log1p;
using std::pow;
using std::sqrt;

/// |x| as sqrt(x^2 + width^2). Error: 0 to +width, largest at 0; below width^2/(2|x|) elsewhere.
template <class S>
S abs(const S& x, double width) {
    return sqrt(x * x + width * width);
}

/// max(x, 0) as (x + |x|)/2. Always positive; error 0 to +width/2, largest at 0.
template <class S>
S positive(const S& x, double width) {
    return 0.5 * (x + abs(x, width));
}

/// The larger of two. Error 0 to +width/2, largest where they are equal.
template <class S, class B>
S max(const S& a, const B& b, double width) {
    return b + positive(S(a - b), width);
}

/// The smaller of two. Error -width/2 to 0, largest where they are equal.
template <class S, class B>
S min(const S& a, const B& b, double width) {
    return b - positive(S(b - a), width);
}

/// 0 below `from`, 1 above `to`, C2 in between (quintic). Exact outside the band.
template <class S>
S step(const S& x, double from, double to) {
    const S t = (x - from) / (to - from);
    const S inside = t * t * t * (10.0 + t * (6.0 * t - 15.0));
    return select(t < S(0.0), S(0.0), select(t > S(1.0), S(1.0), inside));
}

/// Between `low(x)` and `high(x)` across a band [from, to]; exact outside it.
template <class S>
S blend(const S& x, double from, double to, const S& low, const S& high) {
    const S w = step(x, from, to);
    return low + w * (high - low);
}

/// The part of a flow that runs forward (x >= 0) and the part that runs backward (<= 0); they add to x exactly.
/// At rest width/2 is exchanged both ways: with width 1e-6 kg/s and cp 4 kJ/kgK that is 2 mW per kelvin.
template <class S>
struct Split {
    S forward, backward;
};
template <class S>
Split<S> split(const S& x, double width) {
    const S size = abs(x, width);
    return {0.5 * (x + size), 0.5 * (x - size)};
}

}  // namespace kelvolt::smooth
