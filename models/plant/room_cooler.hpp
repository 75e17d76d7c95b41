#pragma once

#include "models/plant/simple_model.hpp"

namespace kelvolt::models {

/// Cooling of the air of a room, simple model: CRAH or CRAC units and the plant that supplies their cold, described by
/// one ratio of power to heat.
///   Q = Q_nominal powered max((T_air - T_set)/band, 0)
///   P_el = Q max(ratio, (T_outside - T_air)/T_air)
/// Q is taken from `air`; Q + P_el goes to `outside`. At the rated heat the air is `band` above T_set; beyond, Q goes
/// on rising and load_max limits it. The second term in the maximum is the least work that lifts heat to warmer
/// surroundings (Carnot). P_el is taken from the supply. Humidity, air flow and part load are not modelled.
struct RoomCooler {
    static constexpr std::string_view type = "room_cooler";
    static constexpr std::string_view doc = "Cooling of a room's air by electric power per heat (simple model)";
    static constexpr Role role = Role::cooler;

    template <class P>
    struct Params {
        P Q_nominal, T_set, band, ratio, load_max;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::Q_nominal, "Q_nominal", "W", "rated heat", above(0)),
                param(&Params::T_set, "T_set", "K", "air temperature at which it begins to cool", between(250, 350)),
                param(&Params::band, "band", "delta_K", "air above T_set at the rated heat (assumed)", above(0), 2.0),
                param(&Params::ratio, "ratio", "1", "electric power over heat: fans and refrigeration (assumed)",
                      between(0.001, 2), 0.15),
                param(&Params::load_max, "load_max", "1", "largest heat over rating", share_of_rating, 1.0)};
        }
    };
    template <class S>
    struct Vars {
        HeatPort<S> air, outside;
        SignalPort<S> powered, power;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::air, "air", "air of the room"),
                              port(&Vars::outside, "outside", "takes heat and power: an ambient"),
                              port(&Vars::powered, "powered", "1 while its supply is energised").otherwise(1.0),
                              port(&Vars::power, "power", "electric power [W], for its supply").writes(1e4)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S Q = heat(x, p), P_el = Q * work(x, p);
        x.air.Q_flow = Q;
        x.outside.Q_flow = -(Q + P_el);
        x.power.equation = x.power.value - P_el;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S Q = heat(x, p), P_el = Q * work(x, p);
        out.key("Q", "W", "heat taken from the air", Q);
        out.key("P_el", "W", "electric power", P_el);
        out.key("T_air", "K", "air of the room", x.air.T);
        out.at_most("room_cooler_load", "heat over rating", "1", Q / p.Q_nominal, p.load_max, "rating");
        out.power_in(P_el);
        flag_simple(out, "by power per heat alone");
    }

   private:
    template <class S, class P>
    static S heat(const Vars<S>& x, const Params<P>& p) {
        return p.Q_nominal * x.powered.value * smooth::positive(S((x.air.T - p.T_set) / p.band), 1e-3);
    }
    template <class S, class P>
    static S work(const Vars<S>& x, const Params<P>& p) {
        return smooth::max(S((x.outside.T - x.air.T) / x.air.T), p.ratio, 1e-4);
    }
};

}  // namespace kelvolt::models
