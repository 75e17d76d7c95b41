#pragma once

#include <fmt/format.h>

#include "models/plant/exchanger_rating.hpp"
#include "models/plant/staging.hpp"

namespace kelvolt::models {

/// Liquid-to-liquid plate heat exchanger, or one of its `cells`: two well-mixed volumes and the plates between them.
///   Q = eps C_min (T2 - T1)
///   1/UA = (s1/f1 + s2/f2 + wall_share)/UA_nominal
///   s1 = (1 - wall_share) primary_share, s2 = (1 - wall_share) (1 - primary_share)
///   f = (k/k_n) (Pr/Pr_n)^(1/3) (Re/Re_n)^flow_exponent, Re ~ m_flow/mu
///   share = r1/(r1 + r2)
///   r1 = (s1/f1 + wall_share/2)/UA_nominal + 1/(2 C1), r2 = (s2/f2 + wall_share/2)/UA_nominal + 1/(2 C2)
///   C_wall dT_wall/dt = G (T2 - T_wall)/(1 - share) - G (T_wall - T1)/share, G = eps C_min
///   M1 cp1 dT_primary/dt = H_flow_primary_a + H_flow_primary_b + G (T_wall - T1)/share
///   M2 cp2 dT_secondary/dt = H_flow_secondary_a + H_flow_secondary_b - G (T2 - T_wall)/(1 - share)
///   dp = dp_primary (V_flow/V_flow_primary)^exponent, secondary likewise
/// 1 is the primary, 2 the secondary; T1 and T2 are the inlet temperatures of a cell. eps(UA, C1, C2) is the
/// effectiveness in counterflow while both sides run as declared (a to b; the chain of cells leads the secondary
/// against the primary) or both run backward, and in parallel flow while one side runs backward. C = cp |m_flow|, C_min
/// is the smaller one; index n is the nominal point. UA, C_wall, the masses M of the filling and dp are divided by the
/// number of cells; dp also depends on the coolant's temperature (nominal_drop in flow_laws.hpp). In steady state the
/// wall drops out, and the result is the exact effectiveness-NTU for any number of cells. UA_nominal is the parameter
/// UA, or follows from one rating in counterflow: Q_nominal at approach_nominal = T_secondary_out - T_primary_in and
/// both flows. Below 0.1 % of its nominal flow a side is taken as mixed (T1 and T2 become the temperatures of the
/// volumes) and its direction fades out; at rest it still exchanges heat with 0.02 % of its nominal capacity flow. Of
/// several `units` in parallel, `running` ones share the flows, the others are shut; all of the above is of one unit,
/// but for the volumes and the plates, where all units stay part of the two volumes. flow_exponent is 0.6 to 0.7 in
/// brazed and gasketed plates (Kumar 1984: 0.66 to 0.73 in turbulent flow, by chevron angle).
/// Source: effectiveness-NTU, Kays & London 1984.
struct PlateExchanger {
    static constexpr std::string_view type = "plate_exchanger";
    static constexpr std::string_view doc =
        "Plate heat exchanger: effectiveness-NTU in counterflow or parallel flow, walls and volumes";
    static constexpr Role role = Role::exchanger;
    enum class By { rating, UA };

    template <class P>
    struct Params {
        P UA, Q_nominal, approach_nominal, T_nominal, V_flow_primary, V_flow_secondary, wall_share, primary_share,
            flow_exponent, dp_primary, dp_secondary, exponent, volume_primary, volume_secondary, C_wall, Q_max,
            approach_max, units, cells;
        By by;
        static constexpr auto declare() {
            return std::tuple{
                choice(&Params::by, "by", "data from which the nominal UA follows", {"rating", "UA"}),
                param(&Params::UA, "UA", "W/K", "overall conductance at the nominal flows, for by: UA", above(0),
                      not_given),
                param(&Params::Q_nominal, "Q_nominal", "W", "rated heat", above(0), not_given),
                param(&Params::approach_nominal, "approach_nominal", "delta_K",
                      "rated secondary supply over primary supply", above(0), not_given),
                param(&Params::T_nominal, "T_nominal", "K", "secondary supply temperature of the rating (assumed)",
                      between(250, 400), 313.15),
                param(&Params::V_flow_primary, "V_flow_primary", "m3/s", "nominal primary flow", above(0)),
                param(&Params::V_flow_secondary, "V_flow_secondary", "m3/s", "nominal secondary flow", above(0)),
                param(&Params::wall_share, "wall_share", "1", "share of the plates in the nominal resistance (assumed)",
                      between(0, 0.9), 0.1),
                param(&Params::primary_share, "primary_share", "1", "primary's share of the film resistances (assumed)",
                      between(0.05, 0.95), 0.5),
                param(&Params::flow_exponent, "flow_exponent", "1", "n in h ~ Re^n: 0.6 to 0.7 in plates (assumed)",
                      between(0, 1), 0.65),
                param(&Params::dp_primary, "dp_primary", "Pa", "primary pressure drop at its nominal flow", above(0)),
                param(&Params::dp_secondary, "dp_secondary", "Pa", "secondary pressure drop at its nominal flow",
                      above(0)),
                param(&Params::exponent, "exponent", "1", "n in dp ~ V^n (assumed)", between(1, 2.2), 1.85),
                param(&Params::volume_primary, "volume_primary", "m3", "primary coolant volume", above(0)),
                param(&Params::volume_secondary, "volume_secondary", "m3", "secondary coolant volume", above(0)),
                param(&Params::C_wall, "C_wall", "J/K", "heat capacity of the plates", above(0)),
                param(&Params::Q_max, "Q_max", "W", "rated capacity", above(0), not_given),
                param(&Params::approach_max, "approach_max", "delta_K", "largest approach", above(0), not_given),
                param(&Params::units, "units", "1", "equal exchangers in parallel", between(1, 1000), 1.0).counts(),
                param(&Params::cells, "cells", "1", "cells the exchanger is divided into (set by the builder)", from(1),
                      1.0)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> primary_a, primary_b, secondary_a, secondary_b;
        SignalPort<S> running;
        Unknown<S> m_primary, m_secondary, T_primary, T_secondary, T_wall;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::primary_a, "primary_a", "primary inlet").chain(Chain::forward_in),
                port(&Vars::primary_b, "primary_b", "primary outlet").chain(Chain::forward_out),
                port(&Vars::secondary_a, "secondary_a", "secondary inlet").circuit(1).chain(Chain::counter_in),
                port(&Vars::secondary_b, "secondary_b", "secondary outlet").circuit(1).chain(Chain::counter_out),
                port(&Vars::running, "running", "exchangers that run, from a stager").otherwise(all_units),
                unknown(&Vars::m_primary, "m_primary", "kg/s", 0.1, "primary flow from a to b", "primary pressure drop",
                        "Pa"),
                unknown(&Vars::m_secondary, "m_secondary", "kg/s", 0.1, "secondary flow from a to b",
                        "secondary pressure drop", "Pa"),
                unknown(&Vars::T_primary, "T_primary", "K", 10.0, "primary coolant", "energy balance of the primary",
                        "W"),
                unknown(&Vars::T_secondary, "T_secondary", "K", 10.0, "secondary coolant",
                        "energy balance of the secondary", "W"),
                unknown(&Vars::T_wall, "T_wall", "K", 10.0, "plates", "energy balance of the plates", "W")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Medium &one = *x.primary_a.medium, &two = *x.secondary_a.medium;
        const S m1 = x.m_primary, m2 = x.m_secondary, T1 = x.T_primary, T2 = x.T_secondary;
        const Exchange<S, P> e = exchange(x, p);
        const NominalPoint<P> drop1{p.V_flow_primary,    p.dp_primary, p.exponent,
                                    e.nominal.primary.T, P(not_given), P(not_given)};
        const NominalPoint<P> drop2{p.V_flow_secondary,    p.dp_secondary, p.exponent,
                                    e.nominal.secondary.T, P(not_given),   P(not_given)};
        x.m_primary.residual = x.primary_a.p - x.primary_b.p - nominal_drop(S(m1 / e.units), T1, one, drop1) / p.cells;
        x.m_secondary.residual =
            x.secondary_a.p - x.secondary_b.p - nominal_drop(S(m2 / e.units), T2, two, drop2) / p.cells;
        const S in = e.G / (1.0 - e.share_primary) * (e.T2 - x.T_wall.value),
                out = e.G / e.share_primary * (x.T_wall.value - e.T1);
        const P M1 = filling(one, part(p.volume_primary, p)), M2 = filling(two, part(p.volume_secondary, p));
        x.T_primary.residual = flow_through(x.primary_a, x.primary_b, m1, T1) + out - M1 * one.cp(T1) * x.T_primary.der;
        x.T_secondary.residual =
            flow_through(x.secondary_a, x.secondary_b, m2, T2) - in - M2 * two.cp(T2) * x.T_secondary.der;
        x.T_wall.residual = in - out - part(p.C_wall, p) * x.T_wall.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Medium &one = *x.primary_a.medium, &two = *x.secondary_a.medium;
        const Exchange<S, P> e = exchange(x, p);
        const S Q = e.G / e.share_primary * (x.T_wall.value - e.T1), approach = x.T_secondary.value - e.T1;
        out.key("Q_flow", "W", "heat into the primary", Q);
        out.key("approach", "delta_K", "secondary outlet over primary inlet (of the first cell, when divided)",
                approach);
        out.key("eps", "1", "effectiveness", e.G / select(e.C1 < e.C2, e.C1, e.C2));
        out.key("UA", "W/K", "overall conductance", e.UA);
        out.key("dp_primary", "Pa", "primary pressure drop", x.primary_a.p - x.primary_b.p);
        out.key("dp_secondary", "Pa", "secondary pressure drop", x.secondary_a.p - x.secondary_b.p);
        out.value("UA_nominal", "W/K", "overall conductance at the nominal point", S(e.nominal.UA));
        out.value("volume", "m3", "coolant volume, both sides", S(part(P(p.volume_primary + p.volume_secondary), p)));
        // one of several cells has neither the heat nor the approach of the whole: no limit is checked
        const double undivided = value(p.cells) < 1.5 ? 1.0 : not_given;
        out.value("units_running", "1", "exchangers that run", e.units);
        out.at_most("exchanger_capacity", "heat exchanged", "W", smooth::abs(Q, 0.0), undivided * e.units * p.Q_max,
                    "rated capacity");
        // with a throttled primary the approach follows from a set point: the limit is checked near the rated flow only
        const S V_primary = x.m_primary.value / x.primary_a.medium->rho(x.primary_a.T);
        const double rated =
            std::abs(value(V_primary)) > 0.95 * value(e.units) * value(p.V_flow_primary) ? undivided : not_given;
        out.at_most("exchanger_approach", "approach", "delta_K", approach, P(rated * p.approach_max), "rated approach");
        out.within("primary temperature", "K", x.T_primary.value, one.T_min, one.T_max, one.source,
                   one.beyond(x.T_primary.value));
        out.within("secondary temperature", "K", x.T_secondary.value, two.T_min, two.T_max, two.source,
                   two.beyond(x.T_secondary.value));
        out.coolant(x.primary_a.circuit, one, filling(one, part(p.volume_primary, p)), x.T_primary.value,
                    x.T_primary.der);
        out.coolant(x.secondary_a.circuit, two, filling(two, part(p.volume_secondary, p)), x.T_secondary.value,
                    x.T_secondary.der);
        out.stored(part(p.C_wall, p) * (x.T_wall.value - 273.15));
        out.through(x.primary_a.circuit, x.m_primary.value);
        out.through(x.secondary_a.circuit, x.m_secondary.value);
    }
    /// Checks the rating; with the properties of both coolants, where they are known.
    static std::string problem(const Params<double>& p, const Medium* const* at_ports) {
        const Medium *one = at_ports[0], *two = at_ports[2];
        if (p.by == By::UA && !given(p.UA)) return "by: UA needs UA (or by: rating, Q_nominal and approach_nominal)";
        if (p.by == By::rating && !(given(p.Q_nominal) && given(p.approach_nominal)))
            return "by: rating needs Q_nominal and approach_nominal (or by: UA and UA)";
        if (p.by == By::UA || !one || !two) return {};
        const auto at = rated_sides(*one, *two, p);
        const double T1_in = p.T_nominal - p.approach_nominal, T1_out = T1_in + p.Q_nominal / at[0].C,
                     T2_in = p.T_nominal + p.Q_nominal / at[1].C;
        if (!(T1_in > one->hold_min))
            return fmt::format(
                "the rating is impossible: T_nominal less approach_nominal makes the primary enter at {:.1f} degC, "
                "where {} is no liquid (below {:.1f} degC); give a smaller approach_nominal",
                T1_in - 273.15, one->name, one->hold_min - 273.15);
        for (const std::string& problem :
             {liquid_problem(*two, "Q_nominal", "V_flow_secondary", p.V_flow_secondary, "T_nominal", p.T_nominal,
                             p.Q_nominal, at[1].C),
              liquid_problem(*one, "Q_nominal", "V_flow_primary", p.V_flow_primary, "T_nominal less approach_nominal",
                             T1_in, p.Q_nominal, at[0].C)})
            if (!problem.empty()) return problem;
        if (T1_out < T2_in) return {};
        return fmt::format(
            "the rating is impossible: Q_nominal warms V_flow_primary from {:.1f} to T1_out = {:.1f} degC, above the "
            "T2_in = {:.1f} degC at which V_flow_secondary enters; give a larger V_flow_primary or approach_nominal",
            T1_in - 273.15, T1_out - 273.15, T2_in - 273.15);
    }

   private:
    template <class S, class P>
    struct Exchange {
        NominalExchange<P> nominal;
        S units, UA, C1, C2, G, share_primary, T1, T2;  ///< T1, T2: inlets of the cell while it flows, else its volumes
    };
    // mean temperatures of the primary and the secondary; by UA both sides are taken at T_nominal
    template <class P>
    static std::array<NominalSide<P>, 2> rated_sides(const Medium& one, const Medium& two, const Params<P>& p) {
        const P Q = p.by == By::rating ? p.Q_nominal : P(0.0),
                T1 = p.by == By::rating ? P(p.T_nominal - p.approach_nominal) : p.T_nominal;
        return {nominal_side(one, p.V_flow_primary, T1, Q), nominal_side(two, p.V_flow_secondary, p.T_nominal, Q)};
    }
    template <class P>
    static NominalExchange<P> nominal(const Medium& one, const Medium& two, const Params<P>& p) {
        const auto [side1, side2] = rated_sides(one, two, p);
        if (p.by == By::UA) return {p.UA, side1, side2};
        const P Q = p.Q_nominal, T1 = p.T_nominal - p.approach_nominal, T2 = p.T_nominal + p.Q_nominal / side2.C;
        return {rated_UA(Q, T1, side1.C, T2, side2.C), side1, side2};
    }
    // 0 at rest, 1 above 0.1 % of nominal flow
    template <class S, class P>
    static S flowing(const S& m, const NominalSide<P>& at) {
        const S mass = m / at.m_flow;
        return smooth::step(S(mass * mass), 0.0, 1e-6);
    }
    // 1 forwards, -1 backwards, exact beyond 0.1 % of nominal flow
    template <class S, class P>
    static S direction(const S& m, const NominalSide<P>& at) {
        return 2.0 * smooth::step(S(m / at.m_flow), -1e-3, 1e-3) - 1.0;
    }
    template <class S, class P>
    static S capacity_flow(const S& m, const S& cp, const S& flow, const NominalSide<P>& at) {
        using std::sqrt;
        const S C = m * cp, still = 2e-4 * at.C;
        return sqrt(S(C * C + (1.0 - flow) * still * still));
    }
    // what all units hold, in one of the cells
    template <class P>
    static P part(const P& of_one, const Params<P>& p) {
        return p.units * of_one / p.cells;
    }
    template <class S, class P>
    static Exchange<S, P> exchange(const Vars<S>& x, const Params<P>& p) {
        const Medium &one = *x.primary_a.medium, &two = *x.secondary_a.medium;
        const S m1 = x.m_primary, m2 = x.m_secondary, T1 = x.T_primary, T2 = x.T_secondary;
        const S in1 = upstream(x.primary_a.T, x.primary_b.T, m1), in2 = upstream(x.secondary_a.T, x.secondary_b.T, m2);
        const S mean1 = 0.5 * (in1 + T1), mean2 = 0.5 * (in2 + T2);
        const NominalExchange<P> at = nominal(one, two, p);
        const S units = running_units(S(x.running.value), p.units), each1 = m1 / units, each2 = m2 / units;
        const P films = 1.0 - p.wall_share;
        const S R1 = films * p.primary_share / film_over_nominal(each1, mean1, one, at.primary, p.flow_exponent);
        const S R2 =
            films * (1.0 - p.primary_share) / film_over_nominal(each2, mean2, two, at.secondary, p.flow_exponent);
        const S R = R1 + R2 + p.wall_share, UA = units * at.UA / R / p.cells;
        const S flow1 = flowing(each1, at.primary), flow2 = flowing(each2, at.secondary);
        const S C1 = capacity_flow(m1, S(one.cp(mean1)), flow1, at.primary),
                C2 = capacity_flow(m2, S(two.cp(mean2)), flow2, at.secondary);
        // resistance between the inlet of a side and the plates: film, half of the plates, and that of the capacity
        // flow; so the plates follow the side that flows when the other one is at rest
        const S r1 = (R1 + 0.5 * p.wall_share) / (R * UA) + 0.5 / C1,
                r2 = (R2 + 0.5 * p.wall_share) / (R * UA) + 0.5 / C2;
        const S against = 0.5 + 0.5 * direction(each1, at.primary) * direction(each2, at.secondary);
        const S counter = counterflow_conductance(UA, C1, C2, 0.0), parallel = parallel_conductance(UA, C1, C2, 0.0);
        return {at,
                units,
                UA,
                C1,
                C2,
                S(parallel + against * (counter - parallel)),
                S(r1 / (r1 + r2)),
                S(T1 + flow1 * (in1 - T1)),
                S(T2 + flow2 * (in2 - T2))};
    }
};

}  // namespace kelvolt::models
