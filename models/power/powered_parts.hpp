#pragma once

#include "models/power/loss.hpp"

namespace kelvolt::models {

/// Parts of a tray on a DC bus of voltage v: memory, drives, network cards, fans, controllers.
///   v >= V_min: P = power activity
///   v < V_min: P falls approximately with the square of the voltage
///   dead bus: P = 0
/// All of the power becomes heat at `heat`.
struct PoweredParts {
    static constexpr std::string_view type = "powered_parts";
    static constexpr std::string_view doc = "Parts that draw from a DC bus and give all of it as heat";
    static constexpr Role role = Role::load;

    template <class P>
    struct Params {
        P power, activity, V_min, in_service;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::power, "power", "W", "electric power", from(0)),
                param(&Params::activity, "activity", "1", "share of `power` drawn; may follow a profile", from(0), 1.0),
                param(&Params::V_min, "V_min", "V", "voltage below which they draw less than their full power",
                      above(0)),
                param(&Params::in_service, "in_service", "1", "1: on, 0: off", between(0, 1), 1.0).service()};
        }
    };
    template <class S>
    struct Vars {
        DcPort<S> supply;
        HeatPort<S> heat;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::supply, "supply", "bus it draws from").draws(),
                              port(&Vars::heat, "heat", "takes the heat")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        draw(x.supply, S(p.in_service * x.supply.load * p.power * p.activity), S(0.0), S(p.V_min));
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
        report_fed(out, x.supply, value(p.in_service * p.power * p.activity) > 0.0);
        if (!x.heat.connected) out.power_in(-P_in);
    }
};

}  // namespace kelvolt::models
