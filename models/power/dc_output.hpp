/// The DC output of a converter: set point, droop, limits of power and current, no reverse current.
#pragma once

#include "models/power/dc_capacitor.hpp"
#include "models/power/loss.hpp"

namespace kelvolt::models {

/// The position of a converter on its characteristic is one unknown s: the current, relative to the rated current, that
/// the droop line has at the terminal voltage. Voltage and current are smooth functions of s:
///   s < 0: v > V_open, i = -1e-6 I_rated (v - V_open)/V_open
///   0 < s < limit: v = V_open - droop s, i = s I_rated
///   s > limit: v = V_open - droop s, v i constant for v > hold V_limit, i constant below
/// V_limit = V_open - droop limit is the voltage where the limit begins. For s < 0 an ORing device blocks; its reverse
/// leakage is assumed. Beyond the limit, power and current rise by up to 5 % until v = 0.
/// With hold = 1 only the current is limited. The power then falls with the voltage, and no steady state connects the
/// limit with the lower voltage at which another source (a battery shelf) takes over.
template <class S>
struct DcOutput {
    S V_open;   ///< voltage at no load [V], set-point error included
    S I_rated;  ///< [A]
    S droop;    ///< voltage lost at rated current [V]
    S limit;    ///< current over rated current where the limit begins
    S hold;     ///< voltage over that at the limit, down to which the power is held
    /// Slope of v over s for s < 0, as a multiple of the droop. It does not change the solution, only the scale of s.
    /// A steep slope helps Newton's iteration back when a step has taken all sources of a bus to s < 0 at once; 1 for
    /// a source that is normally idle.
    double steep = 10.0;

    /// Residual of the equation for s at the terminal voltage v. on = 1: the characteristic above; on = 0: s = 0.
    /// Between, where the input voltage leaves its window, the droop is replaced by droop + V_open (1 - on)/on.
    S residual(const S& on, const S& v, const S& s) const {
        const S all = V_open / droop, drop = s - (steep - 1.0) * smooth::ramp(S(-s), S(0.01));
        return drop * (on + (1.0 - on) * all) - on * (V_open - v) / droop;
    }
    /// Output current [A].
    S current(const S& s) const {
        const S past = smooth::ramp(S(s - limit), S(0.02 * limit)), fall = droop * past / (V_open - droop * limit);
        const S held = fall - smooth::ramp(S(fall - (1.0 - hold)), S(0.01));
        const S given = (smooth::exact_ramp(s, S(0.01)) - past) * (1.0 + firmness * fall) / (1.0 - held);
        return I_rated * (given - leak * steep * droop / V_open * smooth::ramp(S(-s), S(0.01)));
    }
    /// The same, but zero while the converter is off, even if Newton's iteration still has s > 0.
    S current(const S& on, const S& s) const { return smooth::step(on, 0.0, 0.05) * current(s); }

    /// Output current into a short circuit [A].
    S bolted() const { return I_rated * limit * (1.0 + firmness) / hold; }

   private:
    static constexpr double leak = 1e-6, firmness = 0.05;
};

/// A limited DC output in a fault: a source of its largest current behind its droop.
inline void fault_output(FaultEquivalent& out, const DcOutput<double>& source, int port) {
    FaultSource s{FaultSource::Kind::converter, port, source.I_rated};
    s.I_limit = source.bolted();
    out.source(source.droop / source.I_rated, s);
}

/// Description of the parameter `limit_hold` of every converter. Data sheets of rectifiers in telecom and server plants
/// state constant power from 57 or 56 V down to 48 V (0.84 to 0.86); those of converters on a board state the current
/// limit at 10 % low output voltage (0.9).
inline constexpr std::string_view limit_hold_meaning =
    "voltage over that at the limit, down to which the power is limited; below, the current (assumed)";

/// Start value of s for Newton's iteration, on the droop line; nominal value of s, which scales tolerances.
inline constexpr double droop_start = 0.05, droop_nominal = 0.02;

}  // namespace kelvolt::models
