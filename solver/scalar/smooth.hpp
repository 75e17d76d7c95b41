/// Smooth (C1, mostly C-infinity) replacements for functions with kinks: |x|, max, min, step, upwinding.
/// Each states its largest error. `width` is in the units of x and depends on the quantity, so the caller gives it. All
/// intermediate results are finite for all x. Scalars S: double, Dual<N>, Pattern.
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

/// max(x, 0): 0 below 0, a parabola up to `width`, x - width/2 above. Error at most width/2, above the band.
template <class S>
S ramp(const S& x, const S& width) {
    const S zero(0.0), up = select(x > zero, x, zero), over = select(up > width, S(up - width), zero);
    const S within = up - over;
    return within * within / (2.0 * width) + over;
}

/// max(x, 0): 0 below 0, a cubic up to `width`, exactly x above.
template <class S>
S exact_ramp(const S& x, const S& width) {
    const S zero(0.0), up = select(x > zero, x, zero), over = select(up > width, S(up - width), zero);
    const S within = up - over, t = within / width;
    return within * t * (2.0 - t) + over;
}

/// x > 0 as a divisor: x above `floor`, (floor + x^2/floor)/2 below, which stays above floor/2.
template <class S>
S divisor(const S& x, const S& floor) {
    return select(x > floor, x, S(0.5 * (floor + x * x / floor)));
}

/// x limited to low..high. C1; exact except for an error of up to `width`/2 at the limits.
template <class S, class L, class H>
S limited(const S& x, const L& low, const H& high, double width) {
    return min(S(max(x, low, width)), high, width);
}

/// x inside [low, high]; outside, it becomes constant half a band beyond the limit. C1, exact inside.
template <class S>
S held(const S& x, double low, double high, double band) {
    const S zero(0.0), rest(band);
    const S above = select(x > S(high), S(x - high), zero), below = select(x < S(low), S(low - x), zero);
    const S a = select(above > rest, rest, above), b = select(below > rest, rest, below);
    return x - above + below + a * (1.0 - a / (2.0 * band)) - b * (1.0 - b / (2.0 * band));
}

/// x above `low`; constant low - band/2 where x < low - band; a parabola between (continuous slope).
template <class S>
S kept_above(const S& x, const S& low, const S& band) {
    const S zero(0.0), below = low - x;
    const S under = select(below > zero, below, zero), b = select(under < band, under, band);
    return x + under - b + b * b * (0.5 / band);
}

/// 0 below `from`, 1 above `to`, C2 in between (quintic). Exact outside the band.
template <class S>
S step(const S& x, double from, double to) {
    const S t = (x - from) / (to - from);
    const S inside = t * t * t * (10.0 + t * (6.0 * t - 15.0));
    return select(t < S(0.0), S(0.0), select(t > S(1.0), S(1.0), inside));
}

/// Changes from `low(x)` to `high(x)` across the band [from, to]; exact outside it.
template <class S>
S blend(const S& x, double from, double to, const S& low, const S& high) {
    const S w = step(x, from, to);
    return low + w * (high - low);
}

/// The forward part of a flow (>= 0) and its backward part (<= 0); their sum is exactly x. At rest width/2 flows in
/// both directions: with a width of 1e-6 kg/s and cp = 4 kJ/(kg K) that is 2 mW per kelvin.
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
