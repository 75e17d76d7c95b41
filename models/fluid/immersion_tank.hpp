#pragma once

#include "models/correlations/free_convection.hpp"
#include "models/fluid/flow_laws.hpp"
#include "solver/scalar/gravity.hpp"

namespace kelvolt::models {

/// Tank of single-phase immersion cooling, or one of its `cells`: servers in a dielectric fluid that rises past them.
///   a.p - b.p = dp_nominal (V/V_flow_nominal)^exponent + rho(T) g rise
///   M cp dT/dt = H_flow_a + H_flow_b + Q_fluid - m_flow g rise
///   Q_fluid = Nu k/height wetted_area (T_surface - T), Nu^3 = Nu_free^3 + Nu_forced^3
///   C dT_surface/dt = activity power + Q_surface - Q_fluid
///   T_case = T_surface + R_case activity power/sinks
/// T_surface is the temperature at the port `surface`, to which chips can be joined, Q_surface their heat, `power` that
/// of parts not modelled one by one. Nu_free (Churchill & Chu) and Nu_forced (laminar plate at the velocity in
/// `flow_area`) hold for sinks of that height (correlations/free_convection.hpp), properties at the mean of surface
/// and fluid; wetted_area counts fins by their efficiency. The weight of the fluid follows its temperature: with an
/// exchanger above the tank the circuit circulates without a pump (see `pipe`). Power, C, area, volume, rise, dp are
/// divided by the number of cells.
/// Source: Churchill & Chu 1975, Churchill 1977.
struct ImmersionTank {
    static constexpr std::string_view type = "immersion_tank";
    static constexpr std::string_view doc = "Single-phase immersion tank: servers in a dielectric fluid";
    static constexpr Role role = Role::tray;

    template <class P>
    struct Params {
        P power, activity, sinks, R_case, wetted_area, height, flow_area, C, volume, rise, dp_nominal, V_flow_nominal,
            exponent, T_nominal, T_case_max, T_out_max, cells;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::power, "power", "W", "heat of the servers", from(0)),
                param(&Params::activity, "activity", "1", "share of it that is on", from(0), 1.0),
                param(&Params::sinks, "sinks", "1", "sinks that share the power", from(1), 1.0),
                param(&Params::R_case, "R_case", "K/W", "case of a part to the surface of its sink (assumed)", from(0),
                      0.02),
                param(&Params::wetted_area, "wetted_area", "m2", "surface of all sinks and boards, fins by efficiency",
                      above(0)),
                param(&Params::height, "height", "m", "height of a sink along the flow", above(0)),
                param(&Params::flow_area, "flow_area", "m2", "free area of the tank across the flow", above(0)),
                param(&Params::C, "C", "J/K", "heat capacity of the servers", above(0)),
                param(&Params::volume, "volume", "m3", "fluid in the tank", above(0)),
                param(&Params::rise, "rise", "m", "height of b above a", between(-100, 100), 0.0),
                param(&Params::dp_nominal, "dp_nominal", "Pa", "pressure drop at the nominal flow, without weight",
                      above(0)),
                param(&Params::V_flow_nominal, "V_flow_nominal", "m3/s", "nominal flow", above(0)),
                param(&Params::exponent, "exponent", "1", "n in dp ~ V^n; 1 in slow flow between boards",
                      between(1, 2.2), 1.3),
                param(&Params::T_nominal, "T_nominal", "K", "fluid temperature of the nominal point", between(250, 400),
                      313.15),
                param(&Params::T_case_max, "T_case_max", "K", "limit of the hottest case", above(0), not_given),
                param(&Params::T_out_max, "T_out_max", "K", "limit of the fluid", above(0), not_given),
                param(&Params::cells, "cells", "1", "cells the tank is divided into (set by the builder)", from(1),
                      1.0)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        HeatPort<S> surface;
        Unknown<S> m_flow, T;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "cold fluid, at the bottom").chain(Chain::forward_in),
                port(&Vars::b, "b", "warm fluid, at the top").chain(Chain::forward_out),
                port(&Vars::surface, "surface", "surface of the sinks, for chips"),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure drop", "Pa"),
                unknown(&Vars::T, "T", "K", 10.0, "fluid in the tank", "energy balance of the fluid", "W")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Medium& fluid = *x.a.medium;
        const S m = x.m_flow, T = x.T;
        const P lifted = gravity * p.rise / p.cells;
        const NominalPoint<P> drop{p.V_flow_nominal, p.dp_nominal, p.exponent, p.T_nominal, P(not_given), P(not_given)};
        x.m_flow.residual = x.a.p - x.b.p - nominal_drop(m, T, fluid, drop) / p.cells - fluid.rho(T) * lifted;
        const S Q = nusselt_number(x, p) * fluid.k(mean(x)) / p.height * (p.wetted_area / p.cells) * (x.surface.T - T);
        x.surface.Q_flow = Q + p.C / p.cells * x.surface.T_der - p.activity * p.power / p.cells;
        x.T.residual =
            flow_through(x.a, x.b, m, T) + Q - m * lifted - filling(fluid, p.volume) / p.cells * fluid.cp(T) * x.T.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Medium& fluid = *x.a.medium;
        const S T_case = x.surface.T + p.R_case * p.activity * p.power / p.sinks;
        const S Nu = nusselt_number(x, p), M(filling(fluid, p.volume) / p.cells);
        out.key("T_case", "K", "case of the parts", T_case);
        out.key("T_surface", "K", "surface of the sinks", x.surface.T);
        out.key("V_flow", "m3/s", "flow through the tank", x.m_flow.value / fluid.rho(S(x.T)));
        out.value("Nu", "1", "mean Nusselt number of the sinks", Nu);
        out.value("h", "W/(m2 K)", "heat transfer coefficient", Nu * fluid.k(mean(x)) / p.height);
        out.value("dp", "Pa", "pressure drop from a to b, with the weight of the fluid", x.a.p - x.b.p);
        out.value("volume", "m3", "fluid in the tank", p.volume / p.cells);
        out.value("rise", "m", "height of b above a", p.rise / p.cells);
        out.power_in(p.activity * p.power / p.cells - x.m_flow.value * gravity * p.rise / p.cells);
        out.at_most("immersed_case", "case of the parts", "K", T_case, p.T_case_max, "T_case_max");
        out.at_most("immersion_fluid", "fluid in the tank", "K", x.T.value, p.T_out_max, "T_out_max");
        out.within("fluid temperature", "K", x.T.value, fluid.T_min, fluid.T_max, fluid.source,
                   fluid.beyond(x.T.value));
        out.within("Reynolds number along the sinks", "1", reynolds(x, p), 0.0, 5e5, "laminar boundary layer");
        out.stored(p.C / p.cells * (x.surface.T - 273.15));
        out.coolant(x.a.circuit, fluid, M, S(x.T), x.T.der);
        out.through(x.a.circuit, x.m_flow.value);
    }

   private:
    template <class S>
    static S mean(const Vars<S>& x) {
        return 0.5 * (x.surface.T + x.T.value);
    }
    template <class S, class P>
    static S reynolds(const Vars<S>& x, const Params<P>& p) {
        return smooth::abs(S(x.m_flow), m_flow_rest) * p.height / (p.flow_area * x.a.medium->mu(mean(x)));
    }
    template <class S, class P>
    static S nusselt_number(const Vars<S>& x, const Params<P>& p) {
        const Medium& fluid = *x.a.medium;
        const S T = mean(x), rho = fluid.rho(T), mu = fluid.mu(T), Pr = fluid.Pr(T);
        // beta dT = (rho(T_fluid) - rho(T_surface))/rho
        const S lighter = fluid.rho(S(x.T)) - fluid.rho(x.surface.T);
        const S Ra = gravity * rho * lighter * p.height * p.height * p.height * Pr / (mu * mu);
        return mixed_convection(churchill_chu(Ra, Pr), laminar_plate(reynolds(x, p), Pr));
    }
};

}  // namespace kelvolt::models
