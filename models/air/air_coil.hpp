#pragma once

#include <fmt/format.h>

#include "models/air/air_stream.hpp"
#include "models/correlations/crossflow_rating.hpp"
#include "models/correlations/exchanger_rating.hpp"
#include "models/correlations/moist_air.hpp"
#include "models/plant/exchanger_rating.hpp"

namespace kelvolt::models {

/// Finned coil between a coolant and air, dry or wet: rear door, liquid-to-air CDU, CRAH. Of `units` equal ones.
///   Q = eps(UA, C, R C_air) min(C, R C_air) (T_air_in - T_in)
///   1/UA = 1/(R UA_air) + 1/UA_coolant
///   R C_air beta (T_air_in - T_surface) = Q, beta = 1 - exp(-UA_air/C_air)
///   R = 1 + h_fg max(w - w_s(T_surface), 0)/((1 + w) cp_air (T_air_in - T_surface))
///   condensate = (1 - 1/R) Q/h_fg, h_fg = 2501 kJ/kg - 2.326 kJ/(kg K) t_surface
///   UA_air = UA_nominal/air_share (V_air/V_flow_air)^air_exponent
///   UA_coolant = UA_nominal/(1 - air_share) f, f = (k/k_n) (Pr/Pr_n)^(1/3) (Re/Re_n)^flow_exponent
///   dp = dp_nominal (V/V_nominal)^exponent on each side
/// R is the total heat over the sensible heat of the air, which goes along a straight line towards saturated air at the
/// temperature of the surface, T_surface (bypass factor 1 - beta, Lewis number 1). Without condensation R is 1 and
/// what remains is the effectiveness-NTU of a dry coil. A wet coil is a dry one whose air has R times the heat capacity
/// and R times the film, so that neither stream passes the inlet temperature of the other. eps is the effectiveness in
/// counterflow, as coils of four rows and more approach it, or in crossflow, both unmixed. UA_nominal is given, or
/// follows from a dry rating: Q_nominal at T_air_nominal, T_nominal and both flows; below zero for a coil that warms
/// air. w is the humidity ratio of the air, of a white_space or constant; without it the coil is dry. w_s is that of
/// saturation at p_air. The heat of condensation enters with the vapour, which is no part of the stream: it counts as
/// power from outside. The mass of the condensate, its heat content and the larger pressure drop of wet fins are
/// neglected. The coil stores no heat.
/// Source: effectiveness-NTU, Kays & London 1984; wet coils as equivalent dry ones, Braun, Klein & Mitchell 1989.
struct AirCoil {
    static constexpr std::string_view type = "air_coil";
    static constexpr std::string_view doc =
        "Coil between coolant and air, with condensation: rear door, CRAH, liquid-to-air CDU";
    static constexpr Role role = Role::exchanger;
    enum class By { rating, UA };
    enum class Arrangement { crossflow, counterflow };

    template <class P>
    struct Params {
        P UA, Q_nominal, T_air_nominal, T_nominal, V_flow_nominal, V_flow_air, dp_nominal, dp_air, exponent,
            exponent_air, air_share, air_exponent, flow_exponent, units, T_air_out_max, dew_margin, Q_max;
        By by;
        Arrangement arrangement;
        static constexpr auto declare() {
            return std::tuple{
                choice(&Params::by, "by", "data from which the nominal UA follows", {"rating", "UA"}),
                choice(&Params::arrangement, "arrangement", "how air and coolant pass each other",
                       {"crossflow", "counterflow"}),
                param(&Params::UA, "UA", "W/K", "dry conductance at both nominal flows, for by: UA", above(0),
                      not_given),
                param(&Params::Q_nominal, "Q_nominal", "W",
                      "rated heat, dry; the air is warmed where T_nominal is above", above(0), not_given),
                param(&Params::T_air_nominal, "T_air_nominal", "K", "air that enters at the rating", between(250, 400)),
                param(&Params::T_nominal, "T_nominal", "K", "coolant that enters at the rating", between(250, 400)),
                param(&Params::V_flow_nominal, "V_flow_nominal", "m3/s", "rated coolant flow", above(0)),
                param(&Params::V_flow_air, "V_flow_air", "m3/s", "rated air flow, at T_air_nominal", above(0)),
                param(&Params::dp_nominal, "dp_nominal", "Pa", "pressure drop of the coolant at its rated flow",
                      above(0)),
                param(&Params::dp_air, "dp_air", "Pa", "pressure drop of the air at its rated flow", above(0)),
                param(&Params::exponent, "exponent", "1", "n in dp ~ V^n of the coolant", between(1, 2.2), 1.85),
                param(&Params::exponent_air, "exponent_air", "1", "n in dp ~ V^n of the air (assumed)", between(1, 2.2),
                      1.7),
                param(&Params::air_share, "air_share", "1",
                      "share of the air's film in the nominal resistance (assumed)", between(0.05, 0.95), 0.75),
                param(&Params::air_exponent, "air_exponent", "1", "n in the air's film ~ flow^n (assumed)",
                      between(0.1, 1), 0.5),
                param(&Params::flow_exponent, "flow_exponent", "1", "n in the coolant's film ~ Re^n (assumed)",
                      between(0, 1), 0.8),
                param(&Params::units, "units", "1", "equal coils in parallel", from(1), 1.0).counts(),
                param(&Params::T_air_out_max, "T_air_out_max", "K", "limit of the air that leaves", above(0),
                      not_given),
                param(&Params::dew_margin, "dew_margin", "delta_K",
                      "least distance of the coolant that enters from the dew point, for a coil without a drain",
                      from(0), not_given),
                param(&Params::Q_max, "Q_max", "W", "rated capacity of one coil", above(0), not_given)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b, air_a, air_b;
        SignalPort<S> w, p_air, condensate;
        Unknown<S> m_flow, m_air, T_surface;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "coolant that enters"),
                port(&Vars::b, "b", "coolant that leaves"),
                port(&Vars::air_a, "air_a", "air that enters").circuit(1),
                port(&Vars::air_b, "air_b", "air that leaves").circuit(1),
                port(&Vars::w, "w", "humidity ratio of the air, water per dry air").otherwise(0.0),
                port(&Vars::p_air, "p_air", "pressure of the air [Pa]").otherwise(moist_air::p_standard),
                port(&Vars::condensate, "condensate", "water that condenses, all coils [kg/s]").writes(1e-3),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "coolant flow from a to b", "pressure drop", "Pa"),
                unknown(&Vars::m_air, "m_air", "kg/s", 0.1, "air flow from air_a to air_b", "pressure drop of the air",
                        "Pa"),
                unknown(&Vars::T_surface, "T_surface", "K", 10.0, "mean surface of the fins",
                        "heat from the air to the surface", "K")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const State<S> s = state(x, p);
        const NominalPoint<P> liquid{p.V_flow_nominal, p.dp_nominal, p.exponent,
                                     p.T_nominal,      P(not_given), P(not_given)};
        const NominalPoint<P> gas{p.V_flow_air, p.dp_air, p.exponent_air, p.T_air_nominal, P(not_given), P(not_given)};
        x.m_flow.residual = x.a.p - x.b.p - nominal_drop(S(x.m_flow / p.units), s.T_in, *x.a.medium, liquid);
        x.m_air.residual = x.air_a.p - x.air_b.p - nominal_drop(S(x.m_air / p.units), s.T_air_in, *x.air_a.medium, gas);
        x.T_surface.residual = s.T_air_in - x.T_surface.value - s.Q / (s.R * s.C_air * s.beta);
        warm_flow(x.a, x.b, S(x.m_flow), s.Q);
        warm_flow(x.air_a, x.air_b, S(x.m_air), S(-s.Q / s.R));
        x.condensate.equation = x.condensate.value - s.condensate;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const State<S> s = state(x, p);
        const S T_out = own_outlet(x.a, x.b, S(x.m_flow), S(s.T_in + s.Q / s.C)),
                T_air_out = own_outlet(x.air_a, x.air_b, S(x.m_air), S(s.T_air_in - s.Q / (s.R * s.C_air)));
        const S T_dew = moist_air::dew_point(moist_air::vapour_pressure(smooth::max(s.w, 1e-6, 1e-7), s.p));
        out.key("Q", "W", "heat into the coolant", s.Q);
        out.key("Q_sensible", "W", "heat by which the air becomes colder", s.Q / s.R);
        out.key("condensate", "kg/s", "water that condenses", s.condensate);
        out.key("T_air_out", "K", "air as it leaves, before it mixes with other air", T_air_out);
        out.value("T_air_in", "K", "air that enters", s.T_air_in);
        out.value("T_out", "K", "coolant as it leaves, before it mixes with other flows", T_out);
        out.value("SHR", "1", "sensible heat ratio: sensible over total heat", 1.0 / s.R);
        out.value("w_out", "1", "humidity ratio of the air that leaves",
                  s.w - s.condensate * (1.0 + s.w) / smooth::abs(S(x.m_air), m_flow_rest));
        out.value("UA", "W/K", "conductance of all coils, wet where wet", s.UA);
        out.value("V_flow_air", "m3/s", "air flow of all coils, at its inlet",
                  x.m_air.value / x.air_a.medium->rho(s.T_air_in));
        out.value("dp_air", "Pa", "pressure drop of the air", x.air_a.p - x.air_b.p);
        out.value("dp", "Pa", "pressure drop of the coolant", x.a.p - x.b.p);
        out.power_in(s.Q - s.Q / s.R);
        out.at_most("coil_capacity", "heat exchanged", "W", smooth::abs(s.Q, 0.0), p.units * p.Q_max, "rated capacity");
        out.at_most("coil_air_out", "air that leaves the coil", "K", T_air_out, p.T_air_out_max, "T_air_out_max");
        out.at_least("coil_dew_point", "coolant that enters the coil", "K", s.T_in, S(T_dew + p.dew_margin),
                     "dew point of the air and dew_margin");
        out.through(x.a.circuit, x.m_flow.value);
        out.through(x.air_a.circuit, x.m_air.value);
        if (value(s.R) > 1.0 + 1e-6)
            out.within("surface of the wet coil", "K", x.T_surface.value, 273.15, 343.15, "water condenses, not ice");
    }
    /// Checks the rating; with the properties of both fluids, where they are known.
    static std::string problem(const Params<double>& p, const Medium* const* at) {
        if (p.by == By::UA && !given(p.UA)) return "by: UA needs UA (or by: rating and Q_nominal)";
        if (p.by == By::rating && !given(p.Q_nominal)) return "by: rating needs Q_nominal (or by: UA and UA)";
        if (p.by == By::UA || !at[0] || !at[2]) return {};
        const Nominal<double> n = nominal(*at[0], *at[2], p);
        const double most = std::min(n.C, n.C_air) * std::abs(p.T_air_nominal - p.T_nominal);
        if (p.Q_nominal < 0.995 * most) return {};
        return fmt::format(
            "the rating is impossible: Q_nominal = {:.4g} kW, but between {:.1f} degC of air and {:.1f} degC of "
            "coolant "
            "{} carries less than {:.4g} kW; give a larger flow or temperature difference",
            p.Q_nominal / 1e3, p.T_air_nominal - 273.15, p.T_nominal - 273.15,
            n.C < n.C_air ? "V_flow_nominal" : "V_flow_air", most / 1e3);
    }

   private:
    template <class P>
    struct Nominal {
        NominalSide<P> liquid;
        P C, C_air;
    };
    template <class S>
    struct State {
        S T_in, T_air_in, C, C_air, UA, beta, R, Q, w, p, condensate;  ///< of all coils
    };
    template <class P>
    static Nominal<P> nominal(const Medium& liquid, const Medium& air, const Params<P>& p) {
        const P m = liquid.rho(p.T_nominal) * p.V_flow_nominal, C = m * liquid.cp(p.T_nominal);
        return {{m, C, p.T_nominal}, C, P(air.rho(p.T_air_nominal) * air.cp(p.T_air_nominal) * p.V_flow_air)};
    }
    template <class P>
    static P UA_nominal(const Nominal<P>& n, const Params<P>& p) {
        if (p.by == By::UA) return p.UA;
        const P ITD = smooth::abs(P(p.T_air_nominal - p.T_nominal), 1e-9);
        if (p.arrangement == Arrangement::crossflow) return rated_UA_crossflow(P(p.Q_nominal / ITD), n.C, n.C_air);
        return rated_UA(p.Q_nominal, P(0.0), n.C, ITD, n.C_air);
    }
    template <class S, class P>
    static State<S> state(const Vars<S>& x, const Params<P>& p) {
        using namespace moist_air;
        using std::expm1, std::pow;
        const Medium &liquid = *x.a.medium, &air = *x.air_a.medium;
        State<S> s;
        s.T_in = upstream(x.a.T, x.b.T, S(x.m_flow));
        s.T_air_in = upstream(x.air_a.T, x.air_b.T, S(x.m_air));
        s.C = carried_capacity(S(x.m_flow), mean_cp(liquid, s.T_in, s.T_air_in));
        s.C_air = carried_capacity(S(x.m_air), mean_cp(air, s.T_air_in, s.T_in));
        const Nominal<P> n = nominal(liquid, air, p);
        const P UA_n = UA_nominal(n, p);
        const S V_air = x.m_air / (p.units * air.rho(s.T_air_in));
        const S UA_air = p.units * UA_n / p.air_share * pow(flow_ratio(V_air, p.V_flow_air, 1e-3), S(p.air_exponent));
        const S UA_liquid = p.units * UA_n / (1.0 - p.air_share) *
                            film_over_nominal(S(x.m_flow / p.units), s.T_in, liquid, n.liquid, p.flow_exponent);
        s.beta = -expm1(S(-UA_air / s.C_air));
        s.p = smooth::kept_above(S(x.p_air.value), S(3e4), S(1e3));
        const S h_fg = h_vapour - 2326.0 * (x.T_surface.value - zero_C);
        s.R = total_over_sensible(x, s, h_fg);
        s.UA = 1.0 / (1.0 / (s.R * UA_air) + 1.0 / UA_liquid);
        const S wet_air = s.R * s.C_air;
        const S G = p.arrangement == Arrangement::crossflow ? S(crossflow_conductance(s.UA, s.C, wet_air))
                                                            : S(counterflow_conductance(s.UA, s.C, wet_air, 0.0));
        s.Q = G * (s.T_air_in - s.T_in);
        s.condensate = (1.0 - 1.0 / s.R) * s.Q / h_fg;
        return s;
    }
    // sets s.w: the air holds no more water than at saturation
    template <class S>
    static S total_over_sensible(const Vars<S>& x, State<S>& s, const S& h_fg) {
        using namespace moist_air;
        constexpr double narrow = 1e-6, least = 0.1;  // of w; kelvin
        s.w = smooth::min(S(x.w.value), saturated_humidity_ratio(s.T_air_in, s.p), narrow);
        const S excess = s.w - saturated_humidity_ratio(S(x.T_surface), s.p);
        const S drop = smooth::kept_above(S(s.T_air_in - x.T_surface.value), S(least), S(least));
        const S cp = x.air_a.medium->cp(s.T_air_in);
        // exactly dry below saturation, so that w = 0 leaves no trace
        return 1.0 + h_fg * smooth::exact_ramp(excess, S(1e-5)) / ((1.0 + s.w) * cp * drop);
    }
};

}  // namespace kelvolt::models
