#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/media/vapour.hpp"
#include "solver/scalar/gravity.hpp"

namespace kelvolt::models {

/// A pump of constant speed described by its duty point alone, for use where no curve is known.
///   dp = r (on dp_shut - k V|V|), on = running powered
///   dp_shut = shut_off dp_duty
///   k = (dp_shut - dp_duty)/V_duty^2
///   P_el = on r P_duty (idle_share + (1 - idle_share) |V|/V_duty), at least on dp V
///   P_duty = dp_duty V_duty/efficiency
///   heat to the room = on (1 - to_coolant) (P_el - dp V)
/// V is the flow, r the density over rho_nominal. The rest of P_el warms the coolant: the work dp V and the share
/// `to_coolant` of the loss. The pump starts and stops at once; stopped, it is the resistance k. For a pump with a
/// curve, a drive or coast-down use `pump`. Checked always: flow backward through a running pump (more than 1 % of
/// V_duty), and an inlet pressure of less than NPSH_margin above the vapour pressure; where NPSH_duty is given, of less
/// than rho g NPSH_duty above it, times (V/V_duty)^2 beyond the duty point (assumed) and nothing while stopped.
/// Source: parabola through shut-off and duty point, power linear in flow; the usual shape of radial pumps.
struct DutyPump {
    static constexpr std::string_view type = "duty_pump";
    static constexpr std::string_view doc = "Pump of constant speed by its duty point";
    static constexpr Role role = Role::pump;

    template <class P>
    struct Params {
        P V_duty, dp_duty, efficiency, shut_off, idle_share, running, to_coolant, rho_nominal, NPSH_margin, NPSH_duty,
            V_flow_max;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::V_duty, "V_duty", "m3/s", "flow at the duty point", above(0)),
                param(&Params::dp_duty, "dp_duty", "Pa", "pressure rise at the duty point", above(0)),
                param(&Params::efficiency, "efficiency", "1", "work over electric power at the duty point (assumed)",
                      between(0.01, 1), 0.5),
                param(&Params::shut_off, "shut_off", "1", "pressure rise at zero flow over that at duty (assumed)",
                      Range{1.0, 4.0, true, false}, 1.25),
                param(&Params::idle_share, "idle_share", "1", "power at zero flow over that at duty (assumed)",
                      between(0.05, 1), 0.5),
                param(&Params::running, "running", "1", "1: driven, 0: tripped or off", between(0, 1), 1.0).service(),
                param(&Params::to_coolant, "to_coolant", "1",
                      "share of the loss that warms the coolant; wet rotor 1 (assumed)", between(0, 1), 0.5),
                param(&Params::rho_nominal, "rho_nominal", "kg/m3", "density of the rating", above(0), 998.2),
                param(&Params::NPSH_margin, "NPSH_margin", "Pa", "inlet above vapour pressure (assumed: 2 m of water)",
                      from(0), 2e4),
                param(&Params::NPSH_duty, "NPSH_duty", "m", "net positive suction head required at the duty point",
                      from(0), not_given),
                param(&Params::V_flow_max, "V_flow_max", "m3/s", "largest flow allowed", above(0), not_given)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        SignalPort<S> powered, power;
        Unknown<S> m_flow;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "suction"), port(&Vars::b, "b", "discharge"),
                port(&Vars::powered, "powered", "1 while its supply is energised: it runs only then").otherwise(1.0),
                port(&Vars::power, "power", "electric power [W], for its supply").writes(1000.0),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure rise", "Pa")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Work<S> w = work(x, p);
        x.m_flow.residual = x.a.p - x.b.p + w.dp;
        x.power.equation = x.power.value - w.P_el;
        pass_through(x.a, x.b, S(x.m_flow), S(w.P_el - to_room(w, p)));
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Work<S> w = work(x, p);
        const S rise = x.b.p - x.a.p;
        const bool driven = value(p.running) * value(x.powered.value) > 0.5;
        out.key("V_flow", "m3/s", "flow, at the mean of the temperatures at both ports", w.V);
        out.key("dp", "Pa", "pressure rise", rise);
        out.key("P_el", "W", "electric power", w.P_el);
        out.key("efficiency", "1", "pressure rise times flow over electric power",
                driven ? S(rise * w.V / smooth::max(w.P_el, 1e-3, 1e-3)) : S(0.0));
        out.at_most("pump_runout", "pump flow", "m3/s", w.V, driven ? S(p.V_flow_max) : S(not_given), "V_flow_max");
        out.at_least("pump_reverse_flow", "pump flow", "m3/s", w.V, driven ? S(-0.01 * p.V_duty) : S(not_given),
                     "no flow backwards while it runs");
        const bool known = !std::isnan(value(p.NPSH_duty));
        out.at_least("pump_npsh", "inlet pressure", "Pa_abs", x.a.p,
                     vapour_pressure_at(*x.a.medium, x.a.T) + (known ? suction_needed(x, w, p) : S(p.NPSH_margin)),
                     known ? "vapour pressure and NPSH required" : "vapour pressure and NPSH_margin");
        out.power_in(w.P_el - to_room(w, p));
        out.through(x.a.circuit, x.m_flow.value);
    }

   private:
    template <class S>
    struct Work {
        S V, dp, P_el, on;
    };
    template <class S, class P>
    static S suction_needed(const Vars<S>& x, const Work<S>& w, const Params<P>& p) {
        const S share = larger(S(w.V / p.V_duty), S(1.0));
        return w.on * x.a.medium->rho(x.a.T) * gravity * p.NPSH_duty * share * share;
    }
    template <class S, class P>
    static Work<S> work(const Vars<S>& x, const Params<P>& p) {
        const S rho = x.a.medium->rho(S(0.5 * (x.a.T + x.b.T))), V = x.m_flow / rho, on = p.running * x.powered.value;
        const S r = rho / p.rho_nominal, size = smooth::abs(S(V / p.V_duty), 1e-3);
        const S dp = r * p.dp_duty * (on * p.shut_off - (p.shut_off - 1.0) * size * V / p.V_duty);
        const S stated = on * r * p.dp_duty * p.V_duty / p.efficiency * (p.idle_share + (1.0 - p.idle_share) * size);
        const double small = 1e-6 * value(p.dp_duty) * value(p.V_duty);
        return {V, dp, smooth::max(stated, S(on * dp * V), small), on};
    }
    /// Heat that leaves the system [W]. There is none while stopped: the work lost by the coolant stays in it as heat.
    template <class S, class P>
    static S to_room(const Work<S>& w, const Params<P>& p) {
        return (1.0 - p.to_coolant) * w.on * (w.P_el - w.dp * w.V);
    }
};

}  // namespace kelvolt::models
