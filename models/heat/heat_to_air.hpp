#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Parts without a cold plate (memory, drives, network cards, fans, converters): all their electric power leaves as
/// heat to the air, through the heat port `air` (an `ambient`: the room).
///   Q_flow = -power activity
/// Their heat capacity, and with it a delay of seconds to minutes, is neglected.
struct HeatToAir {
    static constexpr std::string_view type = "heat_to_air";
    static constexpr std::string_view doc = "Air-cooled remainder: electric power that leaves as heat to the air";
    static constexpr Role role = Role::conductor;
    static constexpr bool in_lanes = true;

    template <class P>
    struct Params {
        P power, activity;
        static constexpr auto declare() {
            return std::tuple{param(&Params::power, "power", "W", "electric power of the air-cooled parts", from(0)),
                              param(&Params::activity, "activity", "1", "share of `power` drawn; may follow a profile",
                                    from(0), 1.0)};
        }
    };
    template <class S>
    struct Vars {
        HeatPort<S> air;
        static constexpr auto declare() { return std::tuple{port(&Vars::air, "air", "the air that takes the heat")}; }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.air.Q_flow = -S(p.power * p.activity);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("Q_to_air", "W", "heat to the air", -x.air.Q_flow);
        out.power_in(-x.air.Q_flow);
    }
};

}  // namespace kelvolt::models
