#pragma once

#include <fmt/format.h>

#include "models/air/air_stream.hpp"
#include "models/plant/pump_curve.hpp"

namespace kelvolt::models {

/// Fan or fan wall in a network of air, by its curve and the affinity laws.
///   dp = r n^2 f(x), P_el = r n^3 P(x) of each of `units` in parallel
///   x = V_flow/n, V_flow = m_flow/(units rho), r = rho/rho_nominal
///   n = speed speed_signal powered, within 0 and 1
/// f is the curve of pressure rise, P the electric power at nominal speed or dp V_flow/efficiency. Outside its curve
/// (backward, beyond the last flow) and when stopped, the fan is a resistance, as a pump is (plant/pump_curve.hpp).
/// P_el is at least dp V_flow, and all of it warms the air: the motor stands in the stream. The speed follows its signal
/// at once.
struct AirFan {
    static constexpr std::string_view type = "air_fan";
    static constexpr std::string_view doc = "Fan in a network of air: curve, affinity laws and power";
    static constexpr Role role = Role::fan;

    template <class P>
    struct Params {
        P speed, efficiency, deadhead_share, rho_nominal, units;
        const Curve *dp, *power, *efficiency_curve;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::efficiency, "efficiency", "1",
                      "pressure rise times flow over electric power, if no curve is given", between(0.01, 1),
                      not_given),
                param(&Params::speed, "speed", "1", "speed over nominal; multiplies `speed_signal`", between(0, 1),
                      1.0),
                param(&Params::deadhead_share, "deadhead_share", "1",
                      "power at zero flow over that at half the curve, where `efficiency` gives it (assumed)",
                      between(0, 2), 0.7),
                param(&Params::rho_nominal, "rho_nominal", "kg/m3", "density the curves hold for", above(0), 1.2),
                param(&Params::units, "units", "1", "equal fans in parallel", from(1), 1.0).counts(),
                curve(&Params::dp, "dp", "m3/s", "Pa", "pressure rise against flow at nominal speed, from zero flow"),
                optional_curve(&Params::power, "power", "m3/s", "W", "electric power at nominal speed"),
                optional_curve(&Params::efficiency_curve, "efficiency_curve", "m3/s", "1",
                               "pressure rise times flow over electric power, against flow")};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        SignalPort<S> speed_signal, powered, power;
        Unknown<S> m_flow;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "suction"),
                port(&Vars::b, "b", "discharge"),
                port(&Vars::speed_signal, "speed_signal", "speed from a controller").otherwise(1.0),
                port(&Vars::powered, "powered", "1 while its supply is energised").otherwise(1.0),
                port(&Vars::power, "power", "electric power [W], for its supply").writes(1000.0),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure rise", "Pa")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Work<S> w = work(x, p);
        x.m_flow.residual = x.a.p - x.b.p + w.dp;
        x.power.equation = x.power.value - w.P_el;
        warm_flow(x.a, x.b, S(x.m_flow), w.P_el);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Work<S> w = work(x, p);
        const S rise = x.b.p - x.a.p, V = p.units * w.V;
        out.key("V_flow", "m3/s", "air flow of all units, at the mean of the temperatures at both ports", V);
        out.key("dp", "Pa", "pressure rise", rise);
        out.key("P_el", "W", "electric power of all units", w.P_el);
        out.value("n", "1", "speed over nominal", w.n);
        out.value("efficiency", "1", "pressure rise times flow over electric power",
                  rise * V / smooth::max(w.P_el, 1e-3, 1e-3));
        out.power_in(w.P_el);
        out.through(x.a.circuit, x.m_flow.value);
        const S demand = settled_demand(S(p.speed * x.speed_signal.value), 0.0, 1.0);
        if (value(x.powered.value) > 0.5) {
            out.within("demanded speed", "1", demand, 0.0, 1.0, "range of the fan; correct speed or its signal",
                       "it holds the nearest end");
            const double end = p.dp->hi() * std::max(value(w.n), 0.02);
            out.within("flow of each fan", "m3/s", w.V, 0.0, end, "its curve at this speed", "a resistance");
        }
    }
    static std::string problem(const Params<double>& p) {
        if (!p.power && !p.efficiency_curve && !given(p.efficiency))
            return "the fan's power is not known; give efficiency, efficiency_curve or power (electric, against flow)";
        if (!std::isfinite(p.dp->hi()) || p.dp->line(0.0) <= 0.0)
            return "dp must end at a flow and be positive at zero flow: {points: [[flow, rise], ...], x: m3/h, y: Pa}";
        const double end = p.dp->hi();
        for (int k = 1; p.power && k < 20; ++k) {
            const double V = end * k / 20.0, work = p.dp->line(V) * V;
            if (work > (*p.power)(V))
                return fmt::format(
                    "the rating is impossible: at {:.4g} m3/h dp times flow is {:.4g} W, more than the electric power "
                    "of {:.4g} W; correct dp or power",
                    V * 3600.0, work, (*p.power)(V));
        }
        return {};
    }

   private:
    template <class S>
    struct Work {
        S n, V, dp, P_el;
    };
    template <class S, class P>
    static Work<S> work(const Vars<S>& x, const Params<P>& p) {
        const PumpData<P> data{p.dp,   p.power,          p.efficiency_curve, p.efficiency, P(1.0),
                               P(0.0), p.deadhead_share, P(not_given),       p.rho_nominal};
        const S n = fan_speed<S>(x, p), rho = x.a.medium->rho(S(0.5 * (x.a.T + x.b.T)));
        const S V = x.m_flow / (rho * p.units);
        const PumpPoint<S> at = pump_point(n, V, rho, data, fan_rest);
        return {n, V, at.dp, S(p.units * at.P_fluid)};
    }
};

}  // namespace kelvolt::models
