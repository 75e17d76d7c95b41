#pragma once

#include "models/correlations/friction.hpp"
#include "models/correlations/nusselt.hpp"
#include "models/correlations/well_mixed.hpp"
#include "models/ports.hpp"

namespace kelvolt::models {

/// Pipe or hose, or one of its `cells`, filled with coolant that is well mixed at the bulk temperature T.
///   dp = (f(Re, eps) L/d + K + K_laminar/Re) rho v|v|/2 + rho(T) g rise
///   M cp dT/dt = H_flow_a + H_flow_b + Q_flow - m_flow g rise
///   Q_flow = G (T_wall - T), G = U_i A (exp(x) - 1)/x, x = U_i A/(|m_flow| cp)
///   heat film: U_i = Nu k/d
///   heat overall: U_i = U
/// L is length, d the (hydraulic) diameter, v the velocity in `area` or pi d^2/4, K minor_loss, K_laminar
/// minor_loss_laminar, rise the height of b above a, eps roughness/diameter, A the inner surface and M the mass of the
/// filling, each of one cell. The weight of the coolant follows its temperature, so that warm coolant rises and a
/// circuit can circulate without a pump; what the coolant gains in height leaves its energy balance. The friction law f
/// is a choice (correlations/friction.hpp). Nu is Gnielinski's in turbulent and 48/11 in laminar flow
/// (correlations/nusselt.hpp). The form of G makes cells in series add up to plug flow (correlations/well_mixed.hpp).
/// The flow is taken as fully developed.
struct Pipe {
    static constexpr std::string_view type = "pipe";
    static constexpr std::string_view doc = "Pipe or hose with friction, fittings, volume and heat to its wall";
    static constexpr Role role = Role::pipe;
    static constexpr bool in_lanes = true;
    enum class Heat { film, overall };

    template <class P>
    struct Params {
        P length, diameter, area, roughness, minor_loss, minor_loss_laminar, rise, f, C, U, velocity_max, cells;
        Friction friction;
        Heat heat;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::length, "length", "m", "flow length", above(0)),
                param(&Params::diameter, "diameter", "m", "inner (hydraulic) diameter", above(0)),
                param(&Params::area, "area", "m2", "flow area of a bundle or annulus; else that of the diameter",
                      above(0), not_given),
                param(&Params::roughness, "roughness", "m", "wall roughness", from(0), 1.5e-6),
                param(&Params::minor_loss, "minor_loss", "1", "sum of the K of fittings", from(0), 0.0),
                param(&Params::minor_loss_laminar, "minor_loss_laminar", "1",
                      "sum of the K Re of fittings in slow flow (two-K method)", from(0), 0.0),
                param(&Params::rise, "rise", "m", "height of b above a", between(-1000, 1000), 0.0),
                param(&Params::f, "f", "1", "Darcy friction factor, for friction: fixed", above(0), 0.02),
                param(&Params::C, "C", "1", "coefficient, for friction: hazen_williams", between(20, 200), 130.0),
                param(&Params::U, "U", "W/(m2 K)", "overall coefficient on the inner surface, for heat: overall",
                      from(0), 0.0),
                param(&Params::velocity_max, "velocity_max", "m/s", "limit of the mean velocity", above(0), not_given),
                param(&Params::cells, "cells", "1", "cells the pipe is divided into (set by the builder)", from(1),
                      1.0),
                choice(&Params::friction, "friction", "friction law", friction_names),
                choice(&Params::heat, "heat", "how heat reaches the wall", {"film", "overall"})};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        HeatPort<S> wall;
        Unknown<S> m_flow, T;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "inlet").chain(Chain::forward_in),
                port(&Vars::b, "b", "outlet").chain(Chain::forward_out), port(&Vars::wall, "wall", "inner surface"),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure drop", "Pa"),
                unknown(&Vars::T, "T", "K", 10.0, "bulk temperature", "energy balance", "W")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Medium& fluid = *x.a.medium;
        const S &m = x.m_flow, &T = x.T;
        const P per_cell = 1.0 / p.cells, lifted = gravity * p.rise * per_cell;
        const Duct<P> duct{p.length * per_cell,
                           p.diameter,
                           p.roughness,
                           p.minor_loss * per_cell,
                           p.minor_loss_laminar * per_cell,
                           p.f,
                           p.C,
                           p.friction};
        const P share = 0.25 * pi * p.diameter * p.diameter / flow_area(p);  // of one bore in the flow area
        const auto drop = [&](const auto& m, const auto& T) {
            const auto rho = fluid.rho(T);
            return duct_drop(m * share, rho, fluid.mu(T), duct) + rho * lifted;
        };
        x.m_flow.residual = x.a.p - x.b.p - with_few_derivatives<P>(drop, m, T);
        // a wall to which nothing is connected has the coolant's temperature, whatever the conductance
        const S G = x.wall.connected ? wall_conductance(m, T, fluid, p) : S(1.0);
        x.wall.Q_flow = G * (x.wall.T - T);
        const P V = volume(p);
        x.T.residual =
            flow_through(x.a, x.b, m, T) + x.wall.Q_flow - m * lifted - filling(fluid, V) * fluid.cp(T) * x.T.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Medium& fluid = *x.a.medium;
        const S m = x.m_flow, rho = fluid.rho(S(x.T));
        const S v = m / (rho * flow_area(p));
        const P V = volume(p);
        out.key("dp", "Pa", "pressure drop from a to b", x.a.p - x.b.p);
        out.value("velocity", "m/s", "mean velocity", v);
        out.value("Re", "1", "Reynolds number", rho * v * p.diameter / fluid.mu(S(x.T)));
        out.value("volume", "m3", "coolant volume", V);
        out.value("rise", "m", "height of b above a", p.rise / p.cells);
        out.power_in(-m * gravity * p.rise / p.cells);
        out.at_most("velocity", "mean velocity", "m/s", smooth::abs(v, 0.0), p.velocity_max, "design rule");
        out.within("coolant temperature", "K", x.T, fluid.T_min, fluid.T_max, fluid.source, fluid.beyond(S(x.T)));
        out.coolant(x.a.circuit, fluid, filling(fluid, V), x.T.value, x.T.der);
        out.through(x.a.circuit, m);
    }

   private:
    template <class P>
    static P flow_area(const Params<P>& p) {
        return select(is_nan(value(p.area)), P(0.25 * pi * p.diameter * p.diameter), p.area);
    }
    template <class P>
    static P volume(const Params<P>& p) {
        return flow_area(p) * p.length / p.cells;
    }
    // conductance between the wall and the mixed coolant of one cell [W/K]
    template <class S, class P>
    static S wall_conductance(const S& m, const S& T, const Medium& fluid, const Params<P>& p) {
        const P area = 4.0 * volume(p) / p.diameter;  // of the wall
        const S size = smooth::abs(m, m_flow_rest);
        if (p.heat == Heat::overall) return well_mixed_conductance(S(p.U * area), S(size * fluid.cp(T)));
        const S Re = size * p.diameter / (flow_area(p) * fluid.mu(T));
        const S film = nusselt(Re, S(fluid.Pr(T)), Nu_laminar_q) * fluid.k(T) / p.diameter;
        return well_mixed_conductance(S(film * area), S(size * fluid.cp(T)));
    }
};

}  // namespace kelvolt::models
