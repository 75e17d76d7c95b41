#pragma once

#include "models/air/air_stream.hpp"
#include "models/correlations/moist_air.hpp"

namespace kelvolt::models {

/// White space of a hall at one pressure: a cold zone in front of the racks and a warm zone behind them, each well
/// mixed, with recirculation from the warm to the cold one, bypass back, humidity and the heat of other equipment.
///   M_cold cp dT_cold/dt = H_supply + H_cold + m_rec h(T) - m_bypass h(T_supply)
///   M cp dT/dt = H_hot + H_ret + m_bypass h(T_supply) - m_rec h(T) + Q_air + m_inf cp (T_outside - T)
///   m_rec = max(recirculation m_racks, m_racks - m_supply), m_bypass = m_supply - m_racks + m_rec
///   M_all dw/dt = m_inf (w_outside - w) + moisture - condensate
/// T, the temperature at the port `air`, is that of the warm zone, from which the units of cooling draw (port `ret`);
/// T_cold is what the racks draw in (port `cold`), where their cooling blows (port `supply`). m_racks leaves at `cold`.
/// `recirculation` is the share of warm air in what the racks draw in: 0 with full containment, 0.1 to 0.3 in open
/// halls. Where the racks draw more than is supplied, the rest can only be warm air, whatever the containment. All four
/// ports have the pressure p of the room: fans and coils lie from `ret` to `supply`, racks from `cold` to `hot`.
/// Heat given to the port `air` (converters, cables, air-cooled parts) warms the warm zone. Outdoor air enters and room
/// air leaves by infiltration; its sensible heat comes by the port `outside`. One humidity ratio w holds for the room;
/// the coils take it and return their condensate by signals.
struct WhiteSpace {
    static constexpr std::string_view type = "white_space";
    static constexpr std::string_view doc = "White space: cold and warm zone, recirculation, bypass, humidity";
    static constexpr Role role = Role::vessel;

    template <class P>
    struct Params {
        P p, volume, cold_share, recirculation, infiltration, T_dew_outside, moisture, T_cold_max, T_dew_max;
        const Medium* fluid;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::p, "p", "Pa_abs", "pressure of the room", between(6e4, 1.2e5), 101325.0),
                param(&Params::volume, "volume", "m3", "air in the hall", above(0)),
                param(&Params::cold_share, "cold_share", "1", "share of it in front of the racks (assumed)",
                      between(0.05, 0.95), 0.4),
                param(&Params::recirculation, "recirculation", "1",
                      "share of warm air in what the racks draw in, at least (assumed)", between(0, 0.9), 0.1),
                param(&Params::infiltration, "infiltration", "m3/s", "outdoor air that enters (assumed)", above(0),
                      0.02),
                param(&Params::T_dew_outside, "T_dew_outside", "K", "dew point of the outdoor air", between(230, 310),
                      283.15),
                param(&Params::moisture, "moisture", "kg/s", "water given to the air: humidifier, people", from(0),
                      0.0),
                param(&Params::T_cold_max, "T_cold_max", "K", "limit of the air that racks draw in", above(0),
                      not_given),
                param(&Params::T_dew_max, "T_dew_max", "K", "limit of the room's dew point", above(0), not_given),
                kelvolt::medium(&Params::fluid, "medium", "the air")};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> supply, cold, hot, ret;
        HeatPort<S> air, outside;
        SignalPort<S> condensate, w_room;
        Unknown<S> m_supply, m_cold, m_hot, m_ret, T_cold, w;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::supply, "supply", "where cooled air enters").reference(Reference::vessel),
                port(&Vars::cold, "cold", "where racks draw air"),
                port(&Vars::hot, "hot", "where racks give it back"),
                port(&Vars::ret, "ret", "where the cooling draws air"),
                port(&Vars::air, "air", "air of the warm zone, for heat of other equipment"),
                port(&Vars::outside, "outside", "outdoor air at its dry bulb: an ambient"),
                port(&Vars::condensate, "condensate", "water that coils take [kg/s]").otherwise(0.0),
                port(&Vars::w_room, "w", "humidity ratio of the room").writes(0.01),
                unknown(&Vars::m_supply, "m_supply", "kg/s", 0.1, "air supplied", "pressure of the room", "Pa")
                    .start(0.0),
                unknown(&Vars::m_cold, "m_cold", "kg/s", 0.1, "air to the racks, negative", "pressure of the room",
                        "Pa")
                    .start(0.0),
                unknown(&Vars::m_hot, "m_hot", "kg/s", 0.1, "air from the racks", "pressure of the room", "Pa")
                    .start(0.0),
                unknown(&Vars::m_ret, "m_ret", "kg/s", 0.1, "air to the cooling, negative", "pressure of the room",
                        "Pa")
                    .start(0.0),
                unknown(&Vars::T_cold, "T_cold", "K", 10.0, "air that racks draw in", "energy balance of the cold zone",
                        "W"),
                unknown(&Vars::w, "w_room", "1", 0.01, "humidity ratio, water per dry air", "water balance", "kg/s")
                    .start(0.008)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Medium& air = *x.supply.medium;
        const Zones<S> z = zones(x, p);
        x.m_supply.residual = x.supply.p - p.p;
        x.m_cold.residual = x.cold.p - p.p;
        x.m_hot.residual = x.hot.p - p.p;
        x.m_ret.residual = x.ret.p - p.p;
        const S H_cold = enters(x.supply, S(x.m_supply), S(x.T_cold)) + enters(x.cold, S(x.m_cold), S(x.T_cold));
        const S H_warm = enters(x.hot, S(x.m_hot), x.air.T) + enters(x.ret, S(x.m_ret), x.air.T);
        const S between = z.recirculated * z.h - z.bypass * z.h_supply, infiltrated = infiltration(x, p);
        const P M = filling(air, p.volume);
        x.T_cold.residual = H_cold + between - p.cold_share * M * air.cp(S(x.T_cold)) * x.T_cold.der;
        x.air.Q_flow = (1.0 - p.cold_share) * M * air.cp(x.air.T) * x.air.T_der -
                       (H_warm - between + infiltrated - z.surplus * z.h);
        x.outside.Q_flow = x.outside.connected ? infiltrated : S(x.outside.T - x.air.T);
        const P w_outside = moist_air::saturated_humidity_ratio(p.T_dew_outside, p.p);
        x.w.residual =
            (filling(air, p.infiltration) * (w_outside - x.w.value) + p.moisture - x.condensate.value) - M * x.w.der;
        x.w_room.equation = x.w_room.value - x.w.value;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        using namespace moist_air;
        const Medium& air = *x.supply.medium;
        const Zones<S> z = zones(x, p);
        const S p_w = vapour_pressure(smooth::max(S(x.w), 1e-6, 1e-7), S(p.p)), T_dew = dew_point(p_w);
        const P M = filling(air, p.volume);
        out.key("T_cold", "K", "air that racks draw in", x.T_cold.value);
        out.key("T_warm", "K", "air that the cooling draws in", x.air.T);
        out.key("recirculated", "1", "share of warm air in what the racks draw in",
                z.recirculated / smooth::abs(S(x.m_cold), 1e-3));
        out.value("bypass", "1", "share of the supply that reaches no rack",
                  z.bypass / smooth::abs(S(x.m_supply), 1e-3));
        out.value("V_flow_supply", "m3/s", "air supplied", x.m_supply.value / air.rho(x.supply.T));
        out.value("V_flow_racks", "m3/s", "air that racks draw in", -x.m_cold.value / air.rho(S(x.T_cold)));
        out.key("T_dew", "K", "dew point of the room", T_dew);
        out.value("RH", "1", "relative humidity of the air that racks draw in", p_w / saturation_pressure(S(x.T_cold)));
        out.at_most("rack_inlet_air", "air that racks draw in", "K", x.T_cold.value, p.T_cold_max, "T_cold_max");
        out.at_most("room_dew_point", "dew point of the room", "K", T_dew, p.T_dew_max, "T_dew_max");
        out.power_in(-z.surplus * z.h);
        out.mass_in(x.supply.circuit, -z.surplus);
        out.coolant(x.supply.circuit, air, p.cold_share * M, S(x.T_cold), x.T_cold.der);
        out.coolant(x.supply.circuit, air, (1.0 - p.cold_share) * M, x.air.T, x.air.T_der);
        out.through(x.supply.circuit, x.m_supply.value);
        out.through(x.supply.circuit, x.m_cold.value);
    }

   private:
    template <class S>
    struct Zones {
        S recirculated, bypass, surplus, h, h_supply;  ///< kg/s; surplus leaves the room; J/kg of warm and supplied air
    };
    template <class S, class P>
    static Zones<S> zones(const Vars<S>& x, const Params<P>& p) {
        const S net = x.m_supply.value + x.m_cold.value;  // what the racks leave of the supply
        Zones<S> z;
        z.recirculated = smooth::max(S(p.recirculation * smooth::abs(S(x.m_cold), m_flow_rest)), S(-net), 1e-4);
        z.bypass = net + z.recirculated;
        z.surplus = net + x.m_hot.value + x.m_ret.value;
        const S m = x.m_supply, forward = 0.5 + 0.5 * m / smooth::abs(m, m_flow_rest);
        const S T_supply = x.T_cold.value + forward * (x.supply.T - x.T_cold.value);
        z.h = x.supply.medium->h(x.air.T, S(p.p)), z.h_supply = x.supply.medium->h(T_supply, S(p.p));
        return z;
    }
    // flow m into the room: with the state of the node, or backward with that of its zone
    template <class S>
    static S enters(FluidPort<S>& at, const S& m, const S& T) {
        const auto part = smooth::split(m, m_flow_rest);
        at.m_flow = m;
        at.H_flow = part.forward * at.h() + part.backward * at.medium->h(T, at.p);
        return at.H_flow;
    }
    template <class S, class P>
    static S infiltration(const Vars<S>& x, const Params<P>& p) {
        const Medium& air = *x.supply.medium;
        return filling(air, p.infiltration) * air.cp(T_filling) *
               (x.outside.connected ? S(x.outside.T - x.air.T) : S(0.0 * (x.outside.T - x.air.T)));
    }
};

}  // namespace kelvolt::models
