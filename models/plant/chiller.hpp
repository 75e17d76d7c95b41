#pragma once

#include <fmt/format.h>

#include "models/fluid/flow_laws.hpp"
#include "models/plant/exchanger_rating.hpp"
#include "models/plant/simple_model.hpp"
#include "solver/curve/curve.hpp"

namespace kelvolt::models {

/// Chiller, simple model: cools the coolant that enters at a to T_set as far as its capacity allows, and rejects that
/// heat and its own power to `outside`.
///   Q = min(C max(T_in - T_set, 0), Q_max powered), C = cp |m_flow|
///   T_out = T_in - Q/C
///   P_el = Q max(1/COP, T_outside/T_out - 1) + P_base powered
///   COP = cop(T_outside), at least 0.5, where the curve is given
///   COP = carnot_share T_out/max(T_outside + lift - T_out, 5 K) otherwise
///   dp = dp_nominal (V_flow/V_flow_nominal)^2 rho/rho_nominal
/// rho_nominal is the density at T_set. cp is taken at the mean of T_in and T_set, `lift` is the condensing temperature
/// above that of the outdoor air. The second term in the maximum is Carnot's limit; a COP above it violates the limit
/// `chiller_carnot`. Where both arguments of the first law are equal, Q is low by 0.1 %. With reversed flow the same
/// holds from b to a.
/// Part-load curves, limits of the compressor and the delay of a restart are not modelled.
struct Chiller {
    static constexpr std::string_view type = "chiller";
    static constexpr std::string_view doc = "Chiller by capacity and COP (simple model)";
    static constexpr Role role = Role::chiller;

    template <class P>
    struct Params {
        P Q_max, T_set, carnot_share, lift, P_base, V_flow_nominal, dp_nominal;
        const Curve* cop;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::Q_max, "Q_max", "W", "cooling capacity", above(0)),
                param(&Params::T_set, "T_set", "K", "temperature wanted at b", above(0)),
                param(&Params::carnot_share, "carnot_share", "1", "COP over that of Carnot (assumed)", between(0.05, 1),
                      0.5),
                param(&Params::lift, "lift", "delta_K", "condenser above the outdoor air (assumed)", from(0), 12.0),
                param(&Params::P_base, "P_base", "W", "controls and condenser fans while powered", from(0), 0.0),
                param(&Params::V_flow_nominal, "V_flow_nominal", "m3/s", "rated coolant flow", above(0)),
                param(&Params::dp_nominal, "dp_nominal", "Pa", "pressure drop at rated flow", above(0)),
                optional_curve(&Params::cop, "cop", "K", "1", "COP against outdoor temperature")};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        HeatPort<S> outside;
        SignalPort<S> powered, power;
        Unknown<S> m_flow;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "warm coolant"),
                port(&Vars::b, "b", "cooled coolant"),
                port(&Vars::outside, "outside", "outdoor air: an ambient"),
                port(&Vars::powered, "powered", "1 while its supply is energised").otherwise(1.0),
                port(&Vars::power, "power", "electric power [W], for its supply").writes(1e4),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure drop", "Pa")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Work<S> w = work(x, p);
        const NominalPoint<P> rating{p.V_flow_nominal, p.dp_nominal, P(2.0), p.T_set, P(not_given), P(not_given)};
        cool(x, x.outside, rating, w.Q, w.P_el, S(1.0));
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Work<S> w = work(x, p);
        out.key("Q", "W", "heat taken from the coolant", w.Q);
        out.key("P_el", "W", "electric power", w.P_el);
        out.value("COP", "1", "heat over power, base load left out", 1.0 / w.power_share);
        out.value("T_out", "K", "coolant as it leaves, before it mixes with other flows",
                  own_outlet(x.a, x.b, S(x.m_flow), w.T_out));
        out.at_most("chiller_capacity", "heat taken from the coolant", "W", w.Q, 0.999 * p.Q_max, "capacity");
        // compares 1/COP, which stays finite where the air is colder than the coolant and no work is needed
        out.at_least("chiller_carnot", "power over heat before Carnot's limit is applied", "1",
                     stated_share(x, p, w.T_out), least_share(x, w.T_out), "Carnot");
        out.power_in(w.P_el);
        out.through(x.a.circuit, x.m_flow.value);
        flag_simple(out, "by capacity and COP alone");
    }
    /// The rating must not require coolant that boils, nor the curve exceed Carnot's COP where the air is warmer than
    /// T_set.
    static std::string problem(const Params<double>& p, const Medium* const* at) {
        if (const Medium* fluid = at[0]) {
            const double C = fluid->rho(p.T_set) * fluid->cp(p.T_set) * p.V_flow_nominal;
            std::string problem =
                liquid_problem(*fluid, "Q_max", "V_flow_nominal", p.V_flow_nominal, "T_set", p.T_set, p.Q_max, C);
            if (!problem.empty()) return problem;
        }
        // without a finite range there is nothing to check here; the limit chiller_carnot checks each solution
        if (!p.cop || !std::isfinite(p.cop->lo()) || !std::isfinite(p.cop->hi())) return {};
        const double lo = p.cop->lo(), hi = p.cop->hi();
        for (int k = 0; k <= 20; ++k) {
            const double T = lo + (hi - lo) * k / 20.0, COP = (*p.cop)(T);
            if (T > p.T_set && COP > p.T_set / (T - p.T_set))
                return fmt::format(
                    "the rating is impossible: cop = {:.4g} at {:.1f} degC outdoors lies above that of Carnot to "
                    "T_set = {:.1f} degC, {:.4g}; correct cop or T_set",
                    COP, T - 273.15, p.T_set - 273.15, p.T_set / (T - p.T_set));
        }
        return {};
    }

   private:
    template <class S>
    struct Work {
        S Q, T_out, power_share, P_el;  ///< power_share: power over heat
    };
    template <class S, class P>
    static S stated_share(const Vars<S>& x, const Params<P>& p, const S& T_out) {
        if (p.cop) return 1.0 / smooth::max(S((*p.cop)(S(x.outside.T))), 0.5, 1e-3);
        return smooth::max(S(x.outside.T + p.lift - T_out), 5.0, 0.1) / (p.carnot_share * T_out);
    }
    template <class S>
    static S least_share(const Vars<S>& x, const S& T_out) {
        return x.outside.T / T_out - 1.0;
    }
    template <class S, class P>
    static Work<S> work(const Vars<S>& x, const Params<P>& p) {
        const S T_in = upstream(x.a.T, x.b.T, S(x.m_flow));
        const S C = carried_capacity(S(x.m_flow), S(x.a.medium->cp(S(0.5 * (T_in + p.T_set)))));
        const S wanted = C * smooth::positive(S(T_in - p.T_set), 1e-3);
        const S Q = lesser(wanted, S(p.Q_max * x.powered.value), 1e-12 * value(p.Q_max)), T_out = T_in - Q / C;
        const S power_share = smooth::max(stated_share(x, p, T_out), least_share(x, T_out), 1e-4);
        return {Q, T_out, power_share, S(Q * power_share + p.P_base * x.powered.value)};
    }
};

}  // namespace kelvolt::models
