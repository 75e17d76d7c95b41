/// PI law shared by all controllers: position form, output limits, anti-windup by back-calculation, bumpless change to
/// and from manual.
#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Acting reverse: the output rises when the measurement is too low (speed against flow). Direct: when it is too high
/// (cooling valve).
enum class Action { reverse, direct };

/// x limited to low..high. C1: exact between the limits except for the last `band`/2 at either end, constant from
/// `band`/2 outside; the largest error is band/8, at the limits. Unlike smooth::clamp it is exact inside, so a
/// controller that does not saturate has no offset.
template <class S, class L, class H>
S hold_between(const S& x, const L& low, const H& high, const S& band) {
    const S zero(0.0);
    const S past = x - high + 0.5 * band, short_of = low + 0.5 * band - x;
    const S over = select(past > zero, past, zero), under = select(short_of > zero, short_of, zero);
    const S a = select(over < band, over, band), b = select(under < band, under, band);
    return x - over + a - a * a / (2.0 * band) + under - b + b * b / (2.0 * band);
}

/// Settings of a PI controller. `Kp` is output per error, Ti = Kp/Ki, both in the units of the controller that uses
/// them.
template <class P>
struct PiSettings {
    P Kp, Ti, u_min, u_max, automatic, manual;
};
template <class S>
struct PiStep {
    S output, rate;  ///< the output, and d(share)/dt of the integral [1/s]
};

/// One evaluation of the PI law. I is the integral part as a share of the output range, e the error (positive: more
/// output).
///   v = u_min + I (u_max - u_min) + automatic Kp e
///   u = hold(v)
///   (u_max - u_min) dI/dt = (automatic Kp e + u - v)/Ti
/// Steady: e = 0, or u is at a limit and v - u = Kp e.
/// With automatic = 0, u = hold(manual), and I follows until v = u; after the change back the output continues from
/// there. hold() limits to u_min..u_max (hold_between, with a band of 2 % of the range).
template <class S, class P>
PiStep<S> pi_step(const S& share, const S& error, const PiSettings<P>& c) {
    const S span = c.u_max - c.u_min, band = 0.02 * span;
    const S proportional = c.automatic * c.Kp * error;
    const S v = c.u_min + share * span + proportional;
    const S wanted = c.automatic * v + (1.0 - c.automatic) * c.manual;
    const S u = hold_between(wanted, c.u_min, c.u_max, band);
    return {u, S((proportional + u - v) / (c.Ti * span))};
}

}  // namespace kelvolt::models
