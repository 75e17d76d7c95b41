/// Breakers that trip: shared by dc_breaker, ac_breaker, ac1_breaker and ac4_breaker.
#pragma once

#include <fmt/format.h>

#include "models/power/trip.hpp"

namespace kelvolt::models {

/// A switch that opens by its trip unit and stays open.
///   i = (v_a - v_b)/R while closed and not tripped, in every conductor
/// m is the current of the conductor that carries most over the setting I_r. The long-time part trips by one of three
/// laws.
///   thermal: tau dtheta/dt = m^2 - theta, trips at theta = k^2
///   inverse: t = TMS k/(m^alpha - 1) for m > 1
///   curve: t between the tables `earliest` and `latest` of m
/// tau and k^2 of the thermal law follow from no_trip, trip and the times at x_point. Under a current that changes, the
/// laws inverse and curve trip when the integral of dt/t(I) reaches 1; theta is then 1 - exp(-integral). Where the law
/// gives no time, theta recovers with t_reset.
/// The short-time part trips after t_short above short_at I_r, with i2t_below also
///   t = t_short (i2t_below/m)^2
/// below i2t_below I_r; above its pick-up the long-time part counts no more than that pick-up. The instantaneous part trips at once between instant_min and instant_max times I_rated.
/// Each part may be absent. `device` chooses the typical, the earliest or the latest device of the tolerance band for a
/// run in time; the band itself is used for selectivity. The time to open, t_open, belongs to the latest device.
/// The memory is one for all poles: it follows the pole that carries most, so it is not below that of any pole.
/// Earth-fault releases, zone interlocking and the let-through energy of current-limiting breakers are not modelled.
/// Source: IEC 60898-1 and IEC 60947-2 (conventional currents), IEC 60255-151 (inverse law); clauses not verified.
template <template <class> class Port>
struct BreakerOf {
    static constexpr Role role = Role::protection;
    static constexpr bool acts_in_time = true;  ///< a steady state keeps it closed; a limit says that it would trip
    enum class Law { thermal, inverse, curve };
    template <class P>
    struct Params {
        P closed, R, I_rated, Icu, Icw, Icm, I_r, load_max, T, no_trip, trip, t_conventional, x_point, t_point_min,
            t_point_max, TMS, k, alpha, tolerance, t_reset, short_at, short_tolerance, t_short_min, t_short_max,
            i2t_below, instant_min, instant_max, t_open;
        Law law;
        Specimen device;
        const Curve *earliest, *latest;
        static constexpr auto declare() { return std::tuple_cat(switching(), thermal(), inverse(), fast()); }

       private:
        static constexpr auto switching() {
            return std::tuple{
                param(&Params::closed, "closed", "1", "1: closed, 0: open", between(0, 1), 1.0).closes(),
                param(&Params::R, "R", "ohm", "contact resistance (assumed 20 uohm)", above(0), 2e-5),
                param(&Params::I_rated, "I_rated", "A", "rated current of the frame", above(0)).rating(),
                param(&Params::Icu, "Icu", "A", breaking_capacity_meaning, above(0), not_given),
                param(&Params::Icw, "Icw", "A", withstand_meaning, above(0), not_given),
                param(&Params::Icm, "Icm", "A", making_capacity_meaning, above(0), not_given),
                param(&Params::I_r, "I_r", "A", "setting of the long-time part; I_rated where not given", above(0),
                      not_given)
                    .rating(),
                param(&Params::load_max, "load_max", "1", "continuous current over the setting (assumed)",
                      share_of_rating, 1.0),
                param(&Params::T, "T", "K", "temperature if the heat port is not connected", above(0), 293.15),
                choice(&Params::law, "law", "law of the long-time part", {"thermal", "inverse", "curve"}),
                choice(&Params::device, "device", "device of the tolerance band that a run in time uses",
                       {"typical", "earliest", "latest"}),
                optional_curve(&Params::earliest, "earliest", "1", "s",
                               "law curve: shortest time to trip over current by I_r"),
                optional_curve(&Params::latest, "latest", "1", "s",
                               "law curve: longest time to clear over current by I_r")};
        }
        static constexpr auto thermal() {
            return std::tuple{
                param(&Params::no_trip, "no_trip", "1", "conventional non-tripping current over I_r", above(0), 1.05),
                param(&Params::trip, "trip", "1", "conventional tripping current over I_r", above(0), 1.30),
                param(&Params::t_conventional, "t_conventional", "s", "conventional time", above(0), 7200.0),
                param(&Params::x_point, "x_point", "1", "current over I_r of the second point", above(0), 6.0),
                param(&Params::t_point_min, "t_point_min", "s", "shortest time there (assumed)", above(0), 5.0),
                param(&Params::t_point_max, "t_point_max", "s", "longest time there (assumed)", above(0), 20.0)};
        }
        static constexpr auto inverse() {
            return std::tuple{
                param(&Params::TMS, "TMS", "1", "law inverse: time multiplier setting", above(0), 0.1),
                param(&Params::k, "k", "s", "law inverse: constant; 0.14 s is the standard inverse", above(0), 0.14),
                param(&Params::alpha, "alpha", "1", "law inverse: exponent", above(0), 0.02),
                param(&Params::tolerance, "tolerance", "1", "law inverse: tolerance of the time (assumed)",
                      between(0, 0.9), 0.05),
                param(&Params::t_reset, "t_reset", "s", "time constant with which theta recovers (assumed)", above(0),
                      10.0)};
        }
        static constexpr auto fast() {
            return std::tuple{
                param(&Params::short_at, "short_at", "1", "pick-up of the short-time part over I_r", above(0),
                      not_given),
                param(&Params::short_tolerance, "short_tolerance", "1", "tolerance of that pick-up (assumed)",
                      between(0, 0.9), 0.1),
                param(&Params::t_short_min, "t_short_min", "s", "shortest short-time delay (assumed)", above(0), 0.08),
                param(&Params::t_short_max, "t_short_max", "s", "longest short-time delay (assumed)", above(0), 0.14),
                param(&Params::i2t_below, "i2t_below", "1",
                      "current over I_r below which the delay keeps I^2 t; 0: the delay is constant", from(0), 0.0),
                param(&Params::instant_min, "instant_min", "1", "current over I_rated that never trips at once",
                      above(0), not_given),
                param(&Params::instant_max, "instant_max", "1", "current over I_rated that always trips at once",
                      above(0), not_given),
                param(&Params::t_open, "t_open", "s", "longest time to open and clear (assumed)", from(0), 0.05)};
        }
    };
    template <class S>
    struct Vars {
        Port<S> a, b;
        HeatPort<S> heat;
        Unknown<S> theta, delay;
        Discrete tripped;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "one side"),
                port(&Vars::b, "b", "other side"),
                port(&Vars::heat, "heat", "takes the loss"),
                unknown(&Vars::theta, "theta", "1", 1.0, "memory of the long-time part", "trip memory", "1/s").start(0),
                unknown(&Vars::delay, "delay", "1", 1.0, "memory of the short-time part, trips at 0.632", "trip delay",
                        "1/s")
                    .start(0),
                discrete(&Vars::tripped, "tripped", 0.0,
                         "0: not tripped; tripped by 1: the long-time part, 2: the short-time part, 3: at once")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const P G = (x.tripped.value > 0.5 ? 0.0 : 1.0) * p.closed / p.R;
        contact<S>(x, p.T, [&](int) { return G; });
        const S m = current_of(x.a) / setting(p);
        remember(x, p, S(long_time(p, m)));
        const S above = select(m > S(1.0), m, S(1.0)),
                stretch = select(above < S(p.i2t_below), S((p.i2t_below / above) * (p.i2t_below / above)), S(1.0));
        const P t_short = of_band(p.device, p.t_short_min, p.t_short_max);
        const S on = select(m > S(p.short_at * (1.0 + shift(p.device) * p.short_tolerance)), S(1.0), S(0.0));
        x.delay.residual = x.delay.der - (on - x.delay.value) / (t_short * stretch);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        using std::exp;
        using std::sqrt;
        const S I = report_contact<S>(out, x), theta = select(x.theta.value > S(0.0), x.theta.value, S(0.0));
        const P I_r = setting(p);
        const bool thermal = p.law == Law::thermal;
        out.value("loading", "1", "current over the setting", S(I / I_r));
        out.value("I_rms", "A", "thermal law: RMS current over the memory of the trip unit; else the current",
                  thermal ? S(I_r * sqrt(S(theta + 1e-12))) : I);
        out.key("trip_share", "1", "memory over that at which the chosen device trips", S(theta / level(p)));
        out.key("open_by_trip", "1", "as `tripped`: 0: not tripped", S(x.tripped.value));
        out.at_most("breaker_load", "current", "A", I, p.load_max * I_r,
                    "setting times load_max (NEC 210.20(A), 215.3: 0.8; clause not verified)");
        out.at_most("breaker_thermal", "trip memory over that of the earliest device", "1",
                    S(theta / (thermal ? P(p.no_trip * p.no_trip) : P(1.0 - exp(P(p.tolerance - 1.0))))), 1.0,
                    "does not trip in time: conventional non-tripping current");
        out.at_most("breaker_short_time", "current", "A", I, p.short_at * (1.0 - p.short_tolerance) * I_r,
                    "pick-up of the short-time part less its tolerance");
        out.at_most("breaker_instantaneous", "current", "A", I, p.instant_min * p.I_rated,
                    "current that never trips at once");
        out.at_most("breaker_tripped", "tripped", "1", S(x.tripped.value), 0.5, "stays closed");
    }

    static constexpr int root_count = 3;
    static void roots(const Vars<double>& x, const Params<double>& p, double* g) {
        g[0] = g[1] = g[2] = -1.0;
        if (x.tripped > 0.5) return;
        g[0] = x.theta / level(p) - 1.0;
        if (given(p.short_at)) g[1] = x.delay / aged - 1.0;
        if (given(p.instant_min)) g[2] = current(x, p) / (p.I_rated * instant(p)) - 1.0;
    }
    static bool update(Vars<double>& x, const Params<double>& p, int which) {
        double g[3];
        roots(x, p, g);
        constexpr double located = -1e-3;  // a located root is zero within the accuracy of its location
        if (which < 0 || x.tripped > 0.5 || g[which] < located) return false;
        x.tripped.value = which + 1.0;
        return true;
    }
    /// Text of the event: the current is that before it opens.
    static std::string change(const Vars<double>& x, const Params<double>& p) {
        const double I = current(x, p);
        const auto times = [&](double setting) { return fmt::format("{:.4g} times", I / setting); };
        if (x.tripped < 1.5)
            return fmt::format("trips by its long-time part at {:.5g} A, {} its setting of {:g} A", I,
                               times(setting(p)), setting(p));
        if (x.tripped < 2.5)
            return fmt::format("trips by its short-time part at {:.5g} A, {} its setting of {:g} A", I,
                               times(setting(p)), setting(p));
        return fmt::format("trips at once at {:.5g} A, {} its rated current of {:g} A", I, times(p.I_rated), p.I_rated);
    }
    static TripTimes trip_times(const Params<double>& p, double I, double before) {
        const double m = I / setting(p), m_long = long_time(p, m), m_before = before / setting(p);
        TripTimes t{infinite, infinite};
        if (p.law == Law::thermal) {
            t = {thermal_time(thermal_setting<double>(p, Specimen::earliest), m_long, m_before),
                 thermal_time(thermal_setting<double>(p, Specimen::latest), m_long, m_before)};
        } else if (p.law == Law::inverse) {
            t = {inverse_time(p, m_long) * (1.0 - p.tolerance), inverse_time(p, m_long) * (1.0 + p.tolerance)};
        } else if (p.earliest && p.latest) {
            t = {time_of(*p.earliest, m_long), time_of(*p.latest, m_long)};
        }
        const double stretch = m < p.i2t_below ? p.i2t_below * p.i2t_below / (m * m) : 1.0;
        if (m > p.short_at * (1.0 - p.short_tolerance)) t.earliest = std::min(t.earliest, p.t_short_min * stretch);
        if (m > p.short_at * (1.0 + p.short_tolerance)) t.latest = std::min(t.latest, p.t_short_max * stretch);
        if (I > p.instant_min * p.I_rated) t.earliest = 0.0;
        if (I > p.instant_max * p.I_rated) t.latest = 0.0;
        t.latest += p.t_open;
        return t;
    }
    static void short_circuit(const Vars<double>& x, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (!separates(x, p)) fault_contact(out, fault, p.R, 0, 1, is_three_phase<Port<double>>);
    }
    static bool separates(const Vars<double>& x, const Params<double>& p) { return p.closed < 0.5 || x.tripped > 0.5; }
    static std::string problem(const Params<double>& p) {
        if (p.I_r > p.I_rated) return "I_r, the setting, is above I_rated, the rated current of the frame";
        if (p.law == Law::curve) {
            if (std::string why = band_problem(p.earliest, p.latest); !why.empty()) return "law: curve: " + why;
        } else if (p.earliest || p.latest) {
            return "the curves `earliest` and `latest` need law: curve";
        }
        if (p.no_trip >= p.trip) return "no_trip must be below trip";
        if (p.x_point <= p.trip) return "x_point, the current of the second point, must be above trip";
        if (p.t_point_min > p.t_point_max) return "t_point_min must not be above t_point_max";
        if (p.t_short_min > p.t_short_max) return "t_short_min must not be above t_short_max";
        if (given(p.instant_min) != given(p.instant_max)) return "instant_min and instant_max belong together";
        if (p.instant_min > p.instant_max) return "instant_min must not be above instant_max";
        return {};
    }

   private:
    template <class P>
    static P setting(const Params<P>& p) {
        return otherwise(p.I_r, p.I_rated);
    }
    /// Current over I_r that the long-time part counts: at most the pick-up of the short-time part, if there is one.
    template <class S, class P>
    static S long_time(const Params<P>& p, const S& m) {
        const S most = S(p.short_at * (1.0 + p.short_tolerance));
        return select(m > most, most, m);
    }
    static constexpr double shift(Specimen device) {
        return device == Specimen::earliest ? -1.0 : device == Specimen::latest ? 1.0 : 0.0;
    }
    static double instant(const Params<double>& p) { return of_band(p.device, p.instant_min, p.instant_max); }
    /// theta at which the chosen device trips.
    template <class P>
    static P level(const Params<P>& p) {
        if (p.law == Law::thermal) return thermal_setting<P>(p, p.device).level;
        return P(aged);
    }
    template <class S, class P>
    static void remember(Vars<S>& x, const Params<P>& p, const S& m) {
        using std::pow;
        if (p.law == Law::thermal) {
            x.theta.residual = x.theta.der - (m * m - x.theta.value) / thermal_setting<P>(p, p.device).tau;
        } else if (p.law == Law::inverse || !p.earliest || !p.latest) {
            const S above = select(m > S(1.0), m, S(1.0));
            const P t = p.TMS * p.k * (1.0 + shift(p.device) * p.tolerance);
            age(x.theta, S((pow(above, S(p.alpha)) - 1.0) / t), p.t_reset);
        } else {
            age(x.theta, rate_of(*p.earliest, *p.latest, p.device, m), p.t_reset);
        }
    }
    /// The current that flows, or flowed before it tripped.
    static double current(Vars<double> x, const Params<double>& p) {
        x.tripped.value = 0.0;
        equations(x, p);
        return current_of(x.a);
    }
};

struct AcBreaker : BreakerOf<AcPort> {
    static constexpr std::string_view type = "ac_breaker";
    static constexpr std::string_view doc = "Breaker with trip unit, three phases in balance";
};
struct Ac1Breaker : BreakerOf<Ac1Port> {
    static constexpr std::string_view type = "ac1_breaker";
    static constexpr std::string_view doc = "Breaker with trip unit, single-phase";
};
struct Ac4Breaker : BreakerOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_breaker";
    static constexpr std::string_view doc = "Breaker with trip unit, four poles";
};
struct DcBreaker : BreakerOf<DcPort> {
    static constexpr std::string_view type = "dc_breaker";
    static constexpr std::string_view doc = "Breaker with trip unit, DC";
};

}  // namespace kelvolt::models
