/// The DC output of a converter: set point, droop, limit of power and current, no current back.
#pragma once

#include "models/power/loss.hpp"

namespace kelvolt::models {

/// x above 0, 0 below: a parabola over `width`, then width/2 short. C1.
template <class S>
S rounded(const S& x, const S& width) {
    const S zero(0.0), up = select(x > zero, x, zero), over = select(up > width, S(up - width), zero);
    const S within = up - over;
    return within * within / (2.0 * width) + over;
}
/// x above `width`, 0 below 0, a cubic between. C1, exact outside.
template <class S>
S conducting(const S& x, const S& width) {
    const S zero(0.0), up = select(x > zero, x, zero), over = select(up > width, S(up - width), zero);
    const S within = up - over, t = within / width;
    return within * t * (2.0 - t) + over;
}

/// Where a converter stands on its characteristic is one unknown s, the current over rated current that its droop asks
/// for. Voltage and current both follow from it, smooth and one-way:
///   s below 0          no current but a leak of 1e-6 of rated current at twice the voltage (assumed), where s is -1:
///   an
///                      ORing device blocks
///   0 to `limit`       the droop line: i = s I_rated, v = V_open - droop s
///   beyond `limit`     first the power is limited: the current rises as the voltage falls, down to `hold` times that
///                      at the limit; then the current: it rises by 5 % until no voltage is left
/// A limit of current alone (`hold` 1) gives way too: the power it gives then falls with the voltage, and no steady
/// state leads from there to the voltage at which a source of lower set point takes over.
template <class S>
struct DcOutput {
    S V_open;             ///< voltage at no load [V], set-point error included
    S I_rated;            ///< [A]
    S droop;              ///< voltage lost at rated current [V]
    S limit;              ///< current over rated current where the limit begins
    S hold;               ///< voltage over that at the limit, down to which the power is held
    double steep = 10.0;  ///< measure of s below zero, of no meaning for the answer: a search that takes all sources
                          ///< out of service at once is turned back by it; 1 for a source that is idle as a rule

    /// Equation of s at the terminal voltage v; with `on` 0, s = 0 and no current flows. Between, where the input
    /// leaves its window, the voltage gives way as with a droop that grows towards all of V_open.
    S residual(const S& on, const S& v, const S& s) const {
        const S all = V_open / droop, drop = s - (steep - 1.0) * rounded(S(-s), S(0.01));
        return drop * (on + (1.0 - on) * all) - on * (V_open - v) / droop;
    }
    /// Current [A].
    S current(const S& s) const {
        const S past = rounded(S(s - limit), S(0.02 * limit)), fall = droop * past / (V_open - droop * limit);
        const S held = fall - rounded(S(fall - (1.0 - hold)), S(0.01));
        const S given = (conducting(s, S(0.01)) - past) * (1.0 + firmness * fall) / (1.0 - held);
        return I_rated * (given - leak * steep * droop / V_open * rounded(S(-s), S(0.01)));
    }
    /// The same, none while it is off: a search that has s still above 0 must not feed a bus from a dead input.
    S current(const S& on, const S& s) const { return smooth::step(on, 0.0, 0.05) * current(s); }

   private:
    static constexpr double leak = 1e-6, firmness = 0.05;
};

/// Meaning of the parameter `limit_hold` of every converter. Rectifiers of telecom and server plants state a constant
/// power from 57 or 56 V to 48 V (0.84 to 0.86); converters on a board a current limit at 10 % low output (0.9).
inline constexpr std::string_view limit_hold_meaning =
    "voltage over that at the limit, down to which the power is limited; below, the current (assumed)";

/// Where the search for s begins: on the droop line, whatever the voltages are; and its usual size for tolerances.
inline constexpr double droop_start = 0.05, droop_nominal = 0.02;

}  // namespace kelvolt::models
