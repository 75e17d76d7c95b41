/// The PI law that every controller here shares: position form, limits, anti-windup by back-calculation, bumpless
/// change to manual.
#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Acting reverse: the output rises when the measurement is too low (speed against flow). Direct: when it is too high
/// (cooling valve).
enum class Action { reverse, direct };

/// x held between `low` and `high`: exact between them but for the last `band`/2 at either end, at rest from `band`/2
/// outside. C1. Largest error band/8, at the ends. Unlike smooth::clamp it leaves an unsaturated controller without
/// offset.
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

/// With I the integral as a share of the output range, e the error (positive: more output), v = u_min + I (u_max -
/// u_min) + Kp e:
///   u = hold(v);  (u_max - u_min) dI/dt = Kp e/Ti + (u - v)/Ti.  Steady: e = 0, or u at a limit and v - u = Kp e
///   beyond it.
/// automatic = 0: u = hold(manual), and I follows so that v -> u; switched back, the output goes on from where it was.
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
