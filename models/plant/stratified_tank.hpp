#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Stratified tank, or one of its `cells`, from the top (a) down (b): well-mixed layers with conduction between them.
///   M cp dT/dt = H_flow_a + H_flow_b + Q_above + Q_below + UA (T_room - T)
///   Q_above = G (T_above - T) - C_mix max(T - T_above, 0)
///   Q_below = G (T_below - T) + C_mix max(T_below - T, 0)
///   G = 2 k_eff A/(height/cells), A = volume/height
///   dp = dp_nominal (V_flow/V_flow_nominal)^2 rho/rho_nominal
/// T_above and T_below are those between two layers. What is warmer below rises: C_mix, the capacity of the layer over
/// mixing_time, mixes it with what is above (over a band of 0.5 K). n layers smear a front as n well-mixed cells do:
/// its width is about height/sqrt(n). k_eff is the water's conductivity with that of the wall; diffusers that mix more
/// are told by fewer cells. The static head is not modelled. Volume, UA and dp are divided by the number of cells.
struct StratifiedTank {
    static constexpr std::string_view type = "stratified_tank";
    static constexpr std::string_view doc = "Stratified tank of well-mixed layers from top to bottom";
    static constexpr Role role = Role::heat_store;

    template <class P>
    struct Params {
        P volume, height, k_eff, mixing_time, UA, dp_nominal, V_flow_nominal, cells;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::volume, "volume", "m3", "coolant volume", above(0)),
                param(&Params::height, "height", "m", "from the upper to the lower connection", above(0)),
                param(&Params::k_eff, "k_eff", "W/(m K)", "conductivity of coolant and wall along the height (assumed)",
                      above(0), 1.5),
                param(&Params::mixing_time, "mixing_time", "s",
                      "time in which a layer that lies wrongly mixes (assumed)", above(0), 60.0),
                param(&Params::UA, "UA", "W/K", "conductance to the room", from(0), 0.0),
                param(&Params::dp_nominal, "dp_nominal", "Pa", "pressure drop at the rated flow", above(0)),
                param(&Params::V_flow_nominal, "V_flow_nominal", "m3/s", "rated flow", above(0)),
                param(&Params::cells, "cells", "1", "layers (set by the builder)", from(1), 1.0)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        HeatPort<S> above, below, room;
        Unknown<S> m_flow, T;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "upper connection, where it is warm").chain(Chain::forward_in),
                port(&Vars::b, "b", "lower connection, where it is cold").chain(Chain::forward_out),
                port(&Vars::above, "above", "top of the layer: the layer above").chain(Chain::counter_out),
                port(&Vars::below, "below", "bottom of the layer: the layer below").chain(Chain::counter_in),
                port(&Vars::room, "room", "surroundings of the tank: an ambient"),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a down to b", "pressure drop", "Pa"),
                unknown(&Vars::T, "T", "K", 10.0, "temperature of the layer", "energy balance of the layer", "W")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Medium& fluid = *x.a.medium;
        const S T = x.T, m = x.m_flow;
        const NominalPoint<P> rating{p.V_flow_nominal, p.dp_nominal, P(2.0), P(303.15), P(not_given), P(not_given)};
        x.m_flow.residual = x.a.p - x.b.p - nominal_drop(m, S(upstream(x.a.T, x.b.T, m)), fluid, rating) / p.cells;
        const P G = 2.0 * p.k_eff * (p.volume / p.height) / (p.height / p.cells),
                C_mix = filling(fluid, p.volume) / p.cells * fluid.cp(T_filling) / p.mixing_time;
        const S above = G * (x.above.T - T) - C_mix * smooth::ramp(S(T - x.above.T), S(0.5)),
                below = G * (x.below.T - T) + C_mix * smooth::ramp(S(x.below.T - T), S(0.5));
        // the uppermost layer has nothing above, the lowest nothing below: there the temperature is that of the layer
        x.above.Q_flow = x.above.connected ? above : S(x.above.T - T);
        x.below.Q_flow = x.below.connected ? below : S(x.below.T - T);
        const S conducted = (x.above.connected ? above : S(0.0 * above)) + (x.below.connected ? below : S(0.0 * below));
        const S lost = x.room.connected ? S(p.UA / p.cells * (T - x.room.T)) : S(0.0 * (T - x.room.T));
        x.room.Q_flow = x.room.connected ? S(-lost) : S(x.room.T - T);
        x.T.residual = flow_through(x.a, x.b, m, T) + conducted - lost -
                       filling(fluid, p.volume) / p.cells * fluid.cp(T) * x.T.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Medium& fluid = *x.a.medium;
        out.key("T", "K", "temperature of the layer", x.T.value);
        out.value("volume", "m3", "coolant volume", p.volume / p.cells);
        out.coolant(x.a.circuit, fluid, filling(fluid, p.volume) / p.cells, S(x.T), x.T.der);
        out.through(x.a.circuit, x.m_flow.value);
    }
};

}  // namespace kelvolt::models
