#pragma once

#include "models/correlations/well_mixed.hpp"
#include "models/ports.hpp"
#include "models/silicon/plate_resistance.hpp"
#include "solver/curve/curve.hpp"

namespace kelvolt::models {

/// Coolant side of a cold plate, or one of its `cells`: heat flows from `base`, at one temperature for all cells, into
/// the coolant.
///   Q_flow = (1 - exp(-UA/(m_flow cp))) m_flow cp (T_base - T_in)
///   dp = dp(V_flow) (mu/mu_test)^viscosity_exponent, where the curve dp is given
///   dp = dp_nominal |V_flow/V_flow_nominal|^exponent (mu/mu_test)^viscosity_exponent otherwise
///   UA = UA_test, for scale: none
///   UA = 1/(R_solid + (1/UA_test - R_solid) k_test/k), for scale: conductivity
/// The laws are those of the whole plate. UA_test is derived from the measured resistance R(V_flow)
/// (plate_resistance.hpp); with the coolant of the test the model reproduces R(V_flow). It does so for any number of
/// cells while UA/(m_flow cp) of one cell is below 3 (correlations/well_mixed.hpp). dp is odd in the flow. The metal's
/// heat capacity C is at the temperature of the base, the coolant of a cell is well mixed.
/// Loop data of OCP follow the exponent 1.85.
struct ColdPlate {
    static constexpr std::string_view type = "cold_plate";
    static constexpr std::string_view doc = "Cold plate given by its resistance and pressure drop against flow";
    static constexpr Role role = Role::cold_plate;
    static constexpr bool in_lanes = true;

    template <class P>
    struct Params {
        P rho_cp_test, V_flow_low, R_solid, k_test, dp_nominal, V_flow_nominal, exponent, viscosity_exponent, mu_test;
        P volume, C, V_flow_min, dp_max, cells;
        const Curve *R, *dp;
        Convention convention;
        FilmScale scale;
        static constexpr auto declare() {
            return std::tuple{
                curve(&Params::R, "R", "m3/s", "K/W",
                      "resistance of the whole plate against its flow, in the test's coolant"),
                choice(&Params::convention, "convention", "temperatures between which R was measured",
                       convention_names),
                param(&Params::rho_cp_test, "rho_cp_test", "J/(m3 K)", "volumetric heat capacity of the test's coolant",
                      above(0)),
                param(&Params::V_flow_low, "V_flow_low", "m3/s",
                      "flow below which UA is held; R's first flow unless given", above(0), not_given),
                choice(&Params::scale, "scale", "how the film follows the actual coolant's conductivity",
                       film_scale_names),
                param(&Params::R_solid, "R_solid", "K/W", "part of 1/UA in the solid, for scale: conductivity", from(0),
                      0.0),
                param(&Params::k_test, "k_test", "W/(m K)",
                      "conductivity of the test's coolant, for scale: conductivity", above(0), not_given),
                optional_curve(&Params::dp, "dp", "m3/s", "Pa", "pressure drop against flow; or give dp_nominal"),
                param(&Params::dp_nominal, "dp_nominal", "Pa", "pressure drop at V_flow_nominal", above(0), not_given),
                param(&Params::V_flow_nominal, "V_flow_nominal", "m3/s", "flow at dp_nominal", above(0), not_given),
                param(&Params::exponent, "exponent", "1", "of flow in the pressure drop (OCP loop data: 1.85)",
                      between(1, 2), 1.85),
                param(&Params::viscosity_exponent, "viscosity_exponent", "1", "of mu/mu_test in the pressure drop",
                      between(0, 1), 0.0),
                param(&Params::mu_test, "mu_test", "Pa s", "viscosity in the dp test (default: water at 20 degC)",
                      above(0), 1.002e-3),
                param(&Params::volume, "volume", "m3", "coolant volume", above(0)),
                param(&Params::C, "C", "J/K", "heat capacity of the metal, at the base temperature", above(0)),
                param(&Params::V_flow_min, "V_flow_min", "m3/s", "required flow", above(0), not_given),
                param(&Params::dp_max, "dp_max", "Pa", "allowed pressure drop", above(0), not_given),
                param(&Params::cells, "cells", "1", "cells the plate is divided into (set by the builder)", from(1),
                      1.0)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        HeatPort<S> base;
        Unknown<S> m_flow, T;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "inlet").chain(Chain::forward_in),
                port(&Vars::b, "b", "outlet").chain(Chain::forward_out),
                port(&Vars::base, "base", "face on the chip's case"),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.02, "mass flow from a to b", "pressure drop", "Pa"),
                unknown(&Vars::T, "T", "K", 10.0, "coolant temperature", "energy balance", "W")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Medium& fluid = *x.a.medium;
        const S &m = x.m_flow, &T = x.T, V = m / fluid.rho(T);
        const P per_cell = 1.0 / p.cells;
        const auto loss = [&](const auto& V, const auto& T) { return drop(V, T, fluid, p) * per_cell; };
        const auto G = [&](const auto& m, const auto& V, const auto& T) {
            const auto UA = conductance(V, T, fluid, p) * per_cell;
            return well_mixed_conductance(UA, smooth::abs(m, m_flow_rest) * fluid.cp(T));
        };
        x.m_flow.residual = x.a.p - x.b.p - with_few_derivatives<P>(loss, V, T);
        const S Q = with_few_derivatives<P>(G, m, V, T) * (x.base.T - T);
        x.base.Q_flow = Q + p.C * per_cell * x.base.T_der;
        x.T.residual = flow_through(x.a, x.b, m, T) + Q - filling(fluid, p.volume) * per_cell * fluid.cp(T) * x.T.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        using std::expm1;
        const Medium& fluid = *x.a.medium;
        const S m = x.m_flow, T = x.T, V = m / fluid.rho(T), size = smooth::abs(V, 0.0);
        const S UA = conductance(V, T, fluid, p), capacity = smooth::abs(m, m_flow_rest) * fluid.cp(T);
        out.key("dp", "Pa", "pressure drop from a to b", x.a.p - x.b.p);
        const S V_in = m / fluid.rho(upstream(x.a.T, x.b.T, m));
        out.key("V_flow", "m3/s", "volume flow from a to b, at the inlet", V_in);
        out.key("Q_flow", "W", "heat from the base into the coolant", x.base.Q_flow - p.C / p.cells * x.base.T_der);
        out.value("R_effective", "K/W", "base to inlet, whole plate", -1.0 / (capacity * expm1(S(-UA / capacity))));
        out.value("UA", "W/K", "conductance of the whole plate", UA);
        out.value("volume", "m3", "coolant volume", p.volume / p.cells);
        out.at_least("required_flow", "flow", "m3/s", V_in, p.V_flow_min, "V_flow_min");
        out.at_most("plate_dp", "pressure drop", "Pa", smooth::abs(drop(V, T, fluid, p), 0.0), p.dp_max, "dp_max");
        out.within("flow in the resistance curve", "m3/s", size, p.R->lo(), p.R->hi(), p.R->source);
        out.within("coolant temperature", "K", T, fluid.T_min, fluid.T_max, fluid.source, fluid.beyond(T));
        out.coolant(x.a.circuit, fluid, filling(fluid, p.volume) / p.cells, T, x.T.der);
        out.stored(p.C / p.cells * (x.base.T - 273.15));
        out.through(x.a.circuit, m);
    }
    static std::string problem(const Params<double>& p) {
        if (const std::string wrong = p.dp ? drop_problem(*p.dp, "dp") : ""; !wrong.empty()) return wrong;
        if (!p.dp && (std::isnan(p.dp_nominal) || std::isnan(p.V_flow_nominal)))
            return "give the pressure drop as curve `dp`, or as dp_nominal with V_flow_nominal";
        if (p.scale == FilmScale::conductivity && std::isnan(p.k_test)) return "scale: conductivity needs k_test";
        return resistance_problem(resistance(p));
    }

   private:
    template <class P>
    static PlateResistance<P> resistance(const Params<P>& p) {
        return {p.R, p.convention, p.rho_cp_test, p.V_flow_low, p.R_solid};
    }
    // UA of the whole plate with the actual coolant [W/K]
    template <class S, class P>
    static S conductance(const S& V, const S& T, const Medium& fluid, const Params<P>& p) {
        const S UA = plate_conductance(V, resistance(p));
        return p.scale == FilmScale::none ? UA : film_scaled(UA, p.R_solid, S(p.k_test / fluid.k(T)));
    }
    // pressure drop of the whole plate [Pa]
    template <class S, class P>
    static S drop(const S& V, const S& T, const Medium& fluid, const Params<P>& p) {
        using std::exp;
        using std::log;
        // With viscosity_exponent 0 the factor is 1 and mu need not be evaluated, unless the exponent is a Dual and its
        // derivative is needed.
        S log_viscous(0.0);
        if (!is_number<P> || !all_zero(value(p.viscosity_exponent)))
            log_viscous = p.viscosity_exponent * (fluid.log_mu(T) - log(p.mu_test));
        if (p.dp) return p.dp->odd(V) * exp(log_viscous);
        // |r| is smoothed to sqrt(r^2 + 1e-4), scaled to be exact at r = 1; this gives a finite, laminar-like slope at
        // zero flow
        const S r = V / p.V_flow_nominal;
        const S size = (r * r + 1e-4) * (1.0 / (1.0 + 1e-4));
        return p.dp_nominal * r * exp(S(0.5 * (p.exponent - 1.0) * log(size) + log_viscous));
    }
};

}  // namespace kelvolt::models
