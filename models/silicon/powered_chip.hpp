#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/power/port_power.hpp"
#include "models/power/restart.hpp"
#include "models/silicon/chip.hpp"

namespace kelvolt::models {

/// The package of chip.hpp supplied by a DC bus of voltage v (the output of a regulator).
///   v >= V_min: P = P(T_die), as in chip.hpp
///   v < V_min: P falls approximately with the square of the voltage, so that the current stays finite
///   dead bus: P = 0
/// In a run in time a package whose bus was dead for longer than `ride_through` draws nothing until the bus has been
/// live for `restart_delay`, the time to boot.
/// From T_throttle on its logic draws less: the share falls from 1 to throttle_min within throttle_band. At T_shutdown it
/// switches itself off in a run in time, and stays off while its bus is live.
/// Leakage depends on the die temperature. Supply current, losses of the converters before it and coolant temperatures
/// are therefore solved together.
struct PoweredChip {
    static constexpr std::string_view type = "powered_chip";
    static constexpr std::string_view doc = "Chip package that draws its power, leakage included, from a DC bus";
    static constexpr Role role = Role::chip;

    template <class P>
    struct Params : Chip::Params<P> {
        P V_min, ride_through, restart_delay, T_throttle, throttle_band, throttle_min, T_shutdown;
        static constexpr auto declare() {
            return std::tuple_cat(
                Chip::Params<P>::declare(),
                std::tuple{param(&Params::V_min, "V_min", "V", "voltage below which it draws less than its full power",
                                 above(0), 0.5),
                           param(&Params::ride_through, "ride_through", "s",
                                 "longest gap of the supply after which it goes on at once", from(0), 0.0),
                           param(&Params::restart_delay, "restart_delay", "s",
                                 "from the return of the supply until it draws again", from(0), 0.0),
                           param(&Params::T_throttle, "T_throttle", "K", "die temperature above which it throttles",
                                 above(0), not_given),
                           param(&Params::throttle_band, "throttle_band", "delta_K",
                                 "rise within which the share falls to throttle_min (assumed)", above(0), 5.0),
                           param(&Params::throttle_min, "throttle_min", "1",
                                 "least share of the logic's power (assumed)", between(0, 1), 0.3),
                           param(&Params::T_shutdown, "T_shutdown", "K", "die temperature at which it switches off",
                                 above(0), not_given)});
        }
    };
    template <class S>
    struct Vars : Chip::Vars<S> {
        DcPort<S> supply;
        Discrete phase, due;
        static constexpr auto declare() {
            return std::tuple_cat(Chip::Vars<S>::declare(),
                                  std::tuple{port(&Vars::supply, "supply", "bus of its regulator").draws(),
                                             discrete(&Vars::phase, "phase", Restart::ready, Restart::phase_meaning),
                                             discrete(&Vars::due, "due", never, Restart::due_meaning)});
        }
    };

    template <class S, class P>
    static S on(const Vars<S>& x, const Params<P>& p) {
        const S v2 = x.supply.v * x.supply.v;
        return running(x) * x.supply.load * (v2 / smooth::divisor(v2, S(p.V_min * p.V_min)));
    }
    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        Chip::warm(x, p, on(x, p), slow(x, p));
        draw(x.supply, S(running(x) * x.supply.load * Chip::wanted(x, p, slow(x, p))), S(0.0), S(p.V_min));
        add_insulation(x.supply);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        Chip::report(x, p, out, on(x, p), slow(x, p));
        const S insulation = G_insulation * x.supply.v * x.supply.v;
        out.value("i", "A", "current of the package", x.supply.i);
        out.at_least("chip_voltage", "supply voltage", "V", x.supply.v, x.supply.live > 0.0 ? S(p.V_min) : S(not_given),
                     "V_min");
        out.key("throttled", "1", "share of the logic's power left by its own throttle; 0 while it is off",
                S(running(x) * slow(x, p)));
        out.at_most("chip_throttle", "die temperature", "K", S(x.T_die), p.T_throttle,
                    "T_throttle: above it the package draws less than is asked of it");
        out.at_most("shutdown_temperature", "die temperature", "K", S(x.T_die), p.T_shutdown, "T_shutdown");
        // at the instant of the event the temperature equals T_shutdown within rounding, so the event has a limit of its own
        out.at_most("switched_off", "switched off by its temperature", "1",
                    S(x.phase == Restart::shut_down ? 1.0 : 0.0), given(p.T_shutdown) ? 0.5 : not_given,
                    "goes on working");
        report_fed(out, x.supply, value(Chip::wanted(x, p)) > 0.0 && !Restart::rides(x.phase));
        out.power_in(-insulation);
    }
    static constexpr int root_count = Restart::root_count + 1;
    static void roots(Vars<double>& x, const Params<double>& p, double t, double* g) {
        Restart{x.phase, x.due}.roots(p.restart_delay > 0.0, x.supply.live > 0.0, t, g);
        g[2] = given(p.T_shutdown) && Restart::runs(x.phase) ? x.T_die - p.T_shutdown : -1.0;
    }
    static bool update(Vars<double>& x, const Params<double>& p, int which, double t) {
        if (which == 2) {
            x.phase.value = Restart::shut_down, x.due.value = never;
            return true;
        }
        return Restart{x.phase, x.due}.update(x.supply.live > 0.0, p.ride_through, p.restart_delay, which, t);
    }

   private:
    /// Share of the logic's power that its own throttle leaves.
    template <class S, class P>
    static S slow(const Vars<S>& x, const Params<P>& p) {
        if (!given(p.T_throttle)) return S(1.0);
        return 1.0 - (1.0 - p.throttle_min) * smooth::step(S((x.T_die - p.T_throttle) / p.throttle_band), 0.0, 1.0);
    }
    template <class S>
    static double running(const Vars<S>& x) {
        return Restart::runs(x.phase) ? 1.0 : 0.0;
    }
};

}  // namespace kelvolt::models
