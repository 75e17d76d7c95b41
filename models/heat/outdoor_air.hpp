#pragma once

#include <fmt/format.h>

#include "models/correlations/moist_air.hpp"
#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Outdoor air of fixed state that takes any heat: at its dry bulb from dry surfaces, at its wet bulb from wetted ones.
///   T_dry_bulb = T
///   T_wet_bulb: w(T, T_wet_bulb, p) = w, w from RH, T_wet_bulb or T_dew
///   p = p, or that of the standard atmosphere at `altitude`
/// The relations are those of correlations/moist_air.hpp. The air holds no more water than at saturation: a T_wet_bulb
/// or T_dew above T, which a profile of T may bring about, counts as T. Heat that enters has left the system.
/// Source: ASHRAE Handbook, Fundamentals 2017, chapter 1.
struct OutdoorAir {
    static constexpr std::string_view type = "outdoor_air";
    static constexpr std::string_view doc = "Outdoor air: dry bulb, wet bulb and pressure of a site";
    static constexpr Role role = Role::ambient;
    static constexpr bool surroundings = true;

    enum class By { as_given, RH, T_wet_bulb, T_dew };

    template <class P>
    struct Params {
        P T, RH, T_wet_bulb, T_dew, altitude, p;
        By by;
        static constexpr auto declare() {
            return std::tuple{
                choice(&Params::by, "by", "quantity that states the humidity; as_given: the only one that is given",
                       {"as_given", "RH", "T_wet_bulb", "T_dew"}),
                param(&Params::T, "T", "K", "dry bulb", between(180, 340)),
                param(&Params::RH, "RH", "1", "relative humidity", between(0.001, 1), not_given),
                param(&Params::T_wet_bulb, "T_wet_bulb", "K", "wet bulb; instead of RH", between(180, 340), not_given),
                param(&Params::T_dew, "T_dew", "K", "dew point; instead of RH", between(180, 340), not_given),
                param(&Params::altitude, "altitude", "m", "height above the sea", between(-500, 6000), 0.0),
                param(&Params::p, "p", "Pa_abs", "pressure of the air; instead of altitude", between(4e4, 1.2e5),
                      not_given)};
        }
    };
    template <class S>
    struct Vars {
        HeatPort<S> dry_bulb, wet_bulb;
        SignalPort<S> T_dry_bulb, T_wet_bulb, p_air;
        Unknown<S> Q_dry, Q_wet;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::dry_bulb, "dry_bulb", "where heat enters the air from dry surfaces"),
                port(&Vars::wet_bulb, "wet_bulb", "where heat enters the air by evaporation"),
                port(&Vars::T_dry_bulb, "T_dry_bulb", "dry bulb [K]").writes_temperature(),
                port(&Vars::T_wet_bulb, "T_wet_bulb", "wet bulb [K]").writes_temperature(),
                port(&Vars::p_air, "p_air", "pressure [Pa]").writes(1e5),
                unknown(&Vars::Q_dry, "Q_dry", "W", 100.0, "heat into the air from dry surfaces", "fixed dry bulb", "K")
                    .start(0.0),
                unknown(&Vars::Q_wet, "Q_wet", "W", 100.0, "heat into the air by evaporation", "fixed wet bulb", "K")
                    .start(0.0)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const State<P> air = state(p);
        x.dry_bulb.Q_flow = x.Q_dry;
        x.wet_bulb.Q_flow = x.Q_wet;
        x.Q_dry.residual = x.dry_bulb.T - p.T;
        x.Q_wet.residual = x.wet_bulb.T - air.T_wet_bulb;
        x.T_dry_bulb.equation = x.T_dry_bulb.value - p.T;
        x.T_wet_bulb.equation = x.T_wet_bulb.value - air.T_wet_bulb;
        x.p_air.equation = x.p_air.value - air.p;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        using namespace moist_air;
        const State<P> air = state(p);
        const P p_w = vapour_pressure(air.w, air.p);
        out.key("T_wet_bulb", "K", "wet bulb", air.T_wet_bulb);
        out.value("T_dew", "K", "dew point of the air", dew_point(p_w));
        out.value("RH", "1", "relative humidity", p_w / saturation_pressure(p.T));
        out.value("w", "1", "water per dry air by mass", air.w);
        out.value("p_air", "Pa_abs", "pressure", air.p);
        out.power_in(-(x.Q_dry.value + x.Q_wet.value));
    }
    static std::string problem(const Params<double>& p) {
        const int stated = given(p.RH) + given(p.T_wet_bulb) + given(p.T_dew);
        if (p.by == By::as_given && stated > 1)
            return "RH, T_wet_bulb and T_dew state the humidity more than once; give one of them, or say which by `by`";
        const bool known = p.by == By::RH           ? given(p.RH)
                           : p.by == By::T_wet_bulb ? given(p.T_wet_bulb)
                           : p.by == By::T_dew      ? given(p.T_dew)
                                                    : stated == 1;
        if (!known) return "the humidity of the air is not given; give one of RH, T_wet_bulb and T_dew";
        return {};
    }

   private:
    template <class P>
    struct State {
        P p, w, T_wet_bulb;
    };
    template <class P>
    static bool stated_by(const Params<P>& p, By by, const P& x) {
        return p.by == by || (p.by == By::as_given && given(x));
    }
    template <class P>
    static P at_most(const P& T, const P& T_dry_bulb) {
        return select(T < T_dry_bulb, T, T_dry_bulb);
    }
    template <class P>
    static State<P> state(const Params<P>& p) {
        using namespace moist_air;
        const P pressure = given(p.p) ? p.p : P(standard_pressure(p.altitude));
        if (stated_by(p, By::T_wet_bulb, p.T_wet_bulb)) {
            const P T_wb = at_most(p.T_wet_bulb, p.T), w = humidity_ratio_at_wet_bulb(p.T, T_wb, pressure);
            return {pressure, P(smooth::max(w, 1e-7, 1e-7)), T_wb};
        }
        const P p_w =
            given(p.T_dew) ? P(saturation_pressure(at_most(p.T_dew, p.T))) : P(p.RH * saturation_pressure(p.T));
        const P w = humidity_ratio(p_w, pressure);
        return {pressure, w, P(wet_bulb(p.T, w, pressure))};
    }
};

}  // namespace kelvolt::models
