/// Fuses: shared by dc_fuse, ac_fuse, ac1_fuse and ac4_fuse.
#pragma once

#include <fmt/format.h>

#include "models/power/trip.hpp"

namespace kelvolt::models {

/// A fuse: it conducts until it has melted.
///   i = (v_a - v_b)/R until it melts, in every conductor
/// `earliest` is the shortest pre-arcing time over the current, `latest` the longest operating time, tables that are
/// best given as log_table. Below the first point of a table it never melts. Under a current that changes it melts when
/// the integral of dt/t(I) reaches 1 (virtual ageing)
///   theta = 1 - exp(-integral of dt/t(I))
/// Below the first point theta recovers with t_cool. Where t ~ 1/I^2 this is the sum of I^2 t. `device` chooses the
/// typical, the earliest or the latest fuse of the band for a run in time.
/// The memory is one for all poles: it follows the pole that carries most; all poles open together.
/// Source: IEC 60269-1 (gates of the band; clause not verified).
template <template <class> class Port>
struct FuseOf {
    static constexpr Role role = Role::protection;
    static constexpr bool acts_in_time = true;  ///< a steady state keeps it whole; a limit says that it would melt
    template <class P>
    struct Params {
        P closed, R, I_rated, Icu, load_max, T, t_cool;
        Specimen device;
        const Curve *earliest, *latest;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::closed, "closed", "1", "1: in place, 0: taken out", between(0, 1), 1.0).closes(),
                param(&Params::R, "R", "ohm", "resistance (assumed 0.2 mohm)", above(0), 2e-4),
                param(&Params::I_rated, "I_rated", "A", "rated current", above(0)).rating(),
                param(&Params::Icu, "Icu", "A", breaking_capacity_meaning, above(0), not_given),
                param(&Params::load_max, "load_max", "1", "continuous current over rated (assumed)", share_of_rating,
                      1.0),
                param(&Params::T, "T", "K", "temperature if the heat port is not connected", above(0), 293.15),
                param(&Params::t_cool, "t_cool", "s", "time constant with which it cools (assumed)", above(0), 300.0),
                choice(&Params::device, "device", "device of the tolerance band that a run in time uses",
                       {"typical", "earliest", "latest"}),
                curve(&Params::earliest, "earliest", "A", "s", "shortest pre-arcing time over current"),
                curve(&Params::latest, "latest", "A", "s", "longest operating time over current")};
        }
    };
    template <class S>
    struct Vars {
        Port<S> a, b;
        HeatPort<S> heat;
        Unknown<S> theta;
        Discrete tripped;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "one side"), port(&Vars::b, "b", "other side"),
                port(&Vars::heat, "heat", "takes the loss"),
                unknown(&Vars::theta, "theta", "1", 1.0, "memory of the fuse, melts at 0.632", "trip memory", "1/s")
                    .start(0),
                discrete(&Vars::tripped, "tripped", 0.0, "1: it has melted")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const P G = (x.tripped.value > 0.5 ? 0.0 : 1.0) * p.closed / p.R;
        contact<S>(x, p.T, [&](int) { return G; });
        age(x.theta, rate_of(*p.earliest, *p.latest, p.device, S(current_of(x.a))), p.t_cool);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S I = report_contact<S>(out, x), theta = select(x.theta.value > S(0.0), x.theta.value, S(0.0));
        out.value("loading", "1", "current over rated current", S(I / p.I_rated));
        out.key("trip_share", "1", "memory over that at which it melts", S(theta / aged));
        out.key("open_by_trip", "1", "1: it has melted", S(x.tripped.value));
        out.at_most("fuse_load", "current", "A", I, p.load_max * p.I_rated, "rated current times load_max");
        out.at_most("fuse_thermal", "memory over that at which it melts", "1", S(theta / aged), 1.0,
                    "does not melt in time");
        out.at_most("fuse_tripped", "melted", "1", S(x.tripped.value), 0.5, "stays closed");
    }

    static constexpr int root_count = 1;
    static void roots(const Vars<double>& x, const Params<double>&, double* g) {
        g[0] = x.tripped > 0.5 ? -1.0 : x.theta / aged - 1.0;
    }
    static bool update(Vars<double>& x, const Params<double>&, int which) {
        constexpr double located = -1e-3;  // a located root is zero within the accuracy of its location
        if (which < 0 || x.tripped > 0.5 || x.theta / aged - 1.0 < located) return false;
        x.tripped.value = 1.0;
        return true;
    }
    /// Text of the event: the current is that before it melts.
    static std::string change(Vars<double> x, const Params<double>& p) {
        x.tripped.value = 0.0;
        equations(x, p);
        const double I = current_of(x.a);
        return fmt::format("melts at {:.5g} A, {:.4g} times its rated current of {:g} A", I, I / p.I_rated, p.I_rated);
    }
    static TripTimes trip_times(const Params<double>& p, double I, double) {
        return {time_of(*p.earliest, I), time_of(*p.latest, I)};
    }
    static void short_circuit(const Vars<double>& x, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (!separates(x, p)) fault_contact(out, fault, p.R, 0, 1, is_three_phase<Port<double>>);
    }
    static bool separates(const Vars<double>& x, const Params<double>& p) { return p.closed < 0.5 || x.tripped > 0.5; }
    static std::string problem(const Params<double>& p) {
        const std::string why = band_problem(p.earliest, p.latest);
        return why.empty() ? why : "fuse: " + why;
    }
};

struct AcFuse : FuseOf<AcPort> {
    static constexpr std::string_view type = "ac_fuse";
    static constexpr std::string_view doc = "Fuses of three phases in balance";
};
struct Ac1Fuse : FuseOf<Ac1Port> {
    static constexpr std::string_view type = "ac1_fuse";
    static constexpr std::string_view doc = "Fuse, single-phase";
};
struct Ac4Fuse : FuseOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_fuse";
    static constexpr std::string_view doc = "Fuses, four wires";
};
struct DcFuse : FuseOf<DcPort> {
    static constexpr std::string_view type = "dc_fuse";
    static constexpr std::string_view doc = "Fuse for direct current";
};

}  // namespace kelvolt::models
