#pragma once

#include "models/power/loss.hpp"
#include "models/power/restart.hpp"

namespace kelvolt::models {

/// Parts of a tray on a DC bus of voltage v: memory, drives, network cards, fans, controllers.
///   v >= V_min: P = power activity
///   v < V_min: P falls approximately with the square of the voltage
///   dead bus: P = 0
/// In a run in time parts whose bus was dead for longer than `ride_through` draw nothing until the bus has been live for
/// `restart_delay`, the time to boot.
/// All of the power becomes heat at `heat`.
struct PoweredParts {
    static constexpr std::string_view type = "powered_parts";
    static constexpr std::string_view doc = "Parts that draw from a DC bus and give all of it as heat";
    static constexpr Role role = Role::load;

    template <class P>
    struct Params {
        P power, activity, V_min, in_service, ride_through, restart_delay;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::power, "power", "W", "electric power", from(0)),
                param(&Params::activity, "activity", "1", "share of `power` drawn; may follow a profile", from(0), 1.0),
                param(&Params::V_min, "V_min", "V", "voltage below which they draw less than their full power",
                      above(0)),
                param(&Params::in_service, "in_service", "1", "1: on, 0: off", between(0, 1), 1.0).service(),
                param(&Params::ride_through, "ride_through", "s",
                      "longest gap of the supply after which they go on at once", from(0), 0.0),
                param(&Params::restart_delay, "restart_delay", "s",
                      "from the return of the supply until they draw again", from(0), 0.0)};
        }
    };
    template <class S>
    struct Vars {
        DcPort<S> supply;
        HeatPort<S> heat;
        Discrete phase, due;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::supply, "supply", "bus it draws from").draws(),
                              port(&Vars::heat, "heat", "takes the heat"),
                              discrete(&Vars::phase, "phase", Restart::ready, Restart::phase_meaning),
                              discrete(&Vars::due, "due", never, Restart::due_meaning)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const double running = Restart::runs(x.phase) ? 1.0 : 0.0;
        draw(x.supply, S(running * p.in_service * x.supply.load * p.power * p.activity), S(0.0), S(p.V_min));
        add_insulation(x.supply);
        give_heat(x.heat, power_into(x.supply));
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S P_in = power_into(x.supply);
        out.key("P", "W", "electric power, all of it heat", P_in);
        out.value("v", "V", "supply voltage", x.supply.v);
        out.at_least("parts_voltage", "supply voltage", "V", x.supply.v,
                     x.supply.live > 0.0 ? S(p.V_min) : S(not_given), "V_min");
        report_fed(out, x.supply, value(p.in_service * p.power * p.activity) > 0.0 && !Restart::rides(x.phase));
        if (!x.heat.connected) out.power_in(-P_in);
    }
    static constexpr int root_count = Restart::root_count;
    static void roots(Vars<double>& x, const Params<double>& p, double t, double* g) {
        Restart{x.phase, x.due}.roots(p.restart_delay > 0.0, x.supply.live > 0.0, t, g);
    }
    static bool update(Vars<double>& x, const Params<double>& p, int which, double t) {
        return Restart{x.phase, x.due}.update(x.supply.live > 0.0, p.ride_through, p.restart_delay, which, t);
    }
};

}  // namespace kelvolt::models
