/// Trip laws of protective devices: what breakers and fuses share. A law has a band: the earliest device may trip in the
/// shortest time, the latest has cleared in the longest.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/fluid/flow_laws.hpp"
#include "models/power/branch.hpp"
#include "solver/curve/curve.hpp"

namespace kelvolt::models {

/// Which device of the tolerance band a run in time uses.
enum class Specimen { typical, earliest, latest };

/// Level of a bounded memory at which a device trips: the memory a of a law t(I) is
///   a = 1 - exp(-w), w = integral of dt/t(I)
/// and the device trips at w = 1.
inline constexpr double aged = 0.63212055882855767840;

/// x, y or their geometric mean by the chosen device.
template <class P>
P of_band(Specimen device, const P& earliest, const P& latest) {
    using std::sqrt;
    if (device == Specimen::earliest) return earliest;
    if (device == Specimen::latest) return latest;
    return sqrt(P(earliest * latest));
}

/// Thermal memory of one device: it trips at theta = level.
template <class P>
struct ThermalSetting {
    P level, tau;
};

/// Calibrates the memory to the conventional currents and to a point (x_point, t_point): from cold
///   t(m) = tau ln(m^2/(m^2 - level))
/// The earliest device never trips at no_trip; the latest trips at `trip` in the conventional time.
template <class P, class D>
ThermalSetting<P> thermal_setting(const D& p, Specimen device) {
    using std::exp;
    using std::log;
    const P x2 = p.x_point * p.x_point;
    const auto tau_of = [&](const P& level, const P& t) { return P(t / log(P(x2 / (x2 - level)))); };
    if (device == Specimen::earliest) {
        const P level = p.no_trip * p.no_trip;
        return {level, tau_of(level, p.t_point_min)};
    }
    const P t = of_band(device, P(p.t_point_min), P(p.t_point_max));
    if (device == Specimen::typical) {
        const P level = p.no_trip * p.trip;
        return {level, tau_of(level, t)};
    }
    const P most = p.trip * p.trip, level = most * (1.0 - exp(P(-p.t_conventional / tau_of(most, t))));
    return {level, tau_of(level, t)};
}

/// Time of a thermal memory at m times the setting [s], after a steady current of `before` times; infinite where it
/// never trips.
inline double thermal_time(const ThermalSetting<double>& s, double m, double before) {
    if (m * m <= s.level) return infinite;
    return before * before < s.level ? s.tau * std::log((m * m - before * before) / (m * m - s.level)) : 0.0;
}

/// Time of a relay of IEC 60255-151 at m times the setting [s]:
///   t = TMS k/(m^alpha - 1)
template <class D>
double inverse_time(const D& p, double m) {
    return m > 1.0 ? p.TMS * p.k / (std::pow(m, p.alpha) - 1.0) : infinite;
}

/// 1/t of a curve t(x) in a table, 0 below its first point.
template <class S>
S rate_of(const Curve& curve, const S& x) {
    return select(x > S(curve.lo()), S(1.0 / curve(x)), S(0.0));
}
inline double time_of(const Curve& curve, double x) { return x > curve.lo() ? curve(x) : infinite; }

/// 1/t of the chosen device between two curves; typical is the geometric mean of times, from the mean of their first
/// points on.
template <class S>
S rate_of(const Curve& earliest, const Curve& latest, Specimen device, const S& x) {
    using std::sqrt;
    if (device == Specimen::earliest) return rate_of(earliest, x);
    if (device == Specimen::latest) return rate_of(latest, x);
    const double first = std::sqrt(earliest.lo() * latest.lo());
    return select(x > S(first), S(1.0 / sqrt(S(earliest(x) * latest(x)))), S(0.0));
}

/// Equation of a bounded memory that ages with `rate` and, where this is zero, recovers with the time constant t_reset.
template <class S, class P>
void age(Unknown<S>& a, const S& rate, const P& t_reset) {
    const S back = select(rate > S(0.0), S(0.0), S(1.0 / t_reset));
    a.residual = a.der - rate * (1.0 - a.value) + back * a.value;
}

/// Why two curves are no band; empty if they are one.
inline std::string band_problem(const Curve* earliest, const Curve* latest) {
    if (!earliest || !latest) return "needs both curves, `earliest` and `latest`";
    for (const Curve* c : {earliest, latest}) {
        if (c->kind() != Curve::Kind::table) return "the curves `earliest` and `latest` must be tables of points";
        if (*std::min_element(c->y().begin(), c->y().end()) <= 0.0) return "times of a trip curve must be above 0 s";
        if (c->lo() <= 0.0) return "currents of a trip curve must be above 0";
    }
    if (latest->lo() < earliest->lo())
        return "the curve `latest` begins at a lower current than `earliest`: are they exchanged?";
    for (const double x : latest->x())
        if (earliest->covers(x) && (*earliest)(x) > (*latest)(x) * (1.0 + 1e-9))
            return "the curve `earliest` lies above `latest`: are they exchanged?";
    return {};
}

}  // namespace kelvolt::models
