#pragma once

#include <fmt/format.h>

#include "models/media/vapour.hpp"
#include "models/plant/pump_curve.hpp"
#include "solver/scalar/gravity.hpp"

namespace kelvolt::models {

/// Centrifugal pump with motor, variable-speed drive and inertia. dp and P_fluid follow from the curves by the affinity
/// laws (pump_curve.hpp); n is speed over nominal.
///   driven: dn/dt = (n_set - n)/tau_drive
///   n_set = speed speed_signal, within n_min and n_max
///   tripped: inertia speed_nominal^2 dn/dt = -(P_fluid + P_friction n^2)/n
///   P_shaft = P_fluid + P_friction n^2 + inertia speed_nominal^2 n dn/dt
///   P_el = running powered max(P_shaft, 0)/efficiency_motor, or
///   P_el = running powered (P + P_motor motor_loss(P/P_motor)), P = max(P_shaft, 0), where motor_loss is given
///   P_waste = P_el - P_fluid - inertia speed_nominal^2 n dn/dt
///   C_motor dT_motor/dt = (1 - to_coolant) P_waste - G_room (T_motor - T_room) - G_motor (T_motor - T_joined)
///   p_in >= p_v(T_in) + rho g n^2 NPSH_required(V_flow/n)
///   p_in >= p_v(T_in) + NPSH_margin, where the curve NPSH_required is not given
/// The pump is driven while running powered = 1 and tripped while it is 0. A tripped pump coasts down and then resists
/// flow as Kv_stopped states; the flow does not turn it. efficiency_motor and motor_loss include the drive, unless a
/// supply with losses of its own (`ac_drive`) feeds the pump: then they are those of the motor alone, or the drive
/// would count twice. motor_loss states part load, as the loss points of IEC 61800-9-2 do: loss over P_motor against
/// load over P_motor. Where the curve `power` is given too, its shaft power still is power times efficiency_motor. P_el
/// is never negative: braking power becomes heat. The coolant takes P_fluid and the share to_coolant of P_waste
/// (bearing friction included). The rest warms the motor, which gives it to the room and, where the port `motor` is
/// connected, to that port at T_joined. A supply from the power network reads `power` and writes `powered`; without
/// one, the power comes from outside.
/// A controller that demands more than n_max breaks the limit `pump_speed`. A demand that is a constant of the case has
/// no such limit; beyond n_min and n_max it is flagged.
/// Checked always, whether or not limits are given: flow backward through a running pump (more than 1 % of the last
/// flow of the curve) and cavitation (the last two laws, p_v the vapour pressure).
/// Source: affinity laws.
struct Pump {
    static constexpr std::string_view type = "pump";
    static constexpr std::string_view doc = "Centrifugal pump with curve, motor, variable-speed drive and coast-down";
    static constexpr Role role = Role::pump;

    template <class P>
    struct Params {
        P running, speed, n_min, n_max, tau_drive, inertia, speed_nominal, efficiency, efficiency_motor, P_motor,
            P_friction, deadhead_share, Kv_stopped, rho_nominal, to_coolant, C_motor, G_room, T_room, G_motor,
            V_flow_min, p_in_min, NPSH_margin;
        const Curve *dp, *power, *efficiency_curve, *NPSH_required, *motor_loss;
        static constexpr auto declare() {
            return std::tuple{
                curve(&Params::dp, "dp", "m3/s", "Pa", "pressure rise against flow at nominal speed, from zero flow"),
                optional_curve(&Params::power, "power", "m3/s", "W", "electric power at nominal speed"),
                optional_curve(&Params::efficiency_curve, "efficiency_curve", "m3/s", "1",
                               "hydraulic efficiency at nominal speed"),
                optional_curve(&Params::NPSH_required, "NPSH_required", "m3/s", "m",
                               "net positive suction head required at nominal speed"),
                optional_curve(&Params::motor_loss, "motor_loss", "1", "1",
                               "loss of motor and drive over P_motor against shaft power over P_motor"),
                param(&Params::efficiency, "efficiency", "1", "constant hydraulic efficiency", between(0.01, 1),
                      not_given),
                param(&Params::efficiency_motor, "efficiency_motor", "1", "efficiency of motor and drive (assumed)",
                      between(0.05, 1), 0.85),
                param(&Params::P_motor, "P_motor", "W", "rated shaft power of the motor, for motor_loss", above(0),
                      not_given),
                param(&Params::running, "running", "1", "1: driven, 0: tripped or off", between(0, 1), 1.0).service(),
                param(&Params::speed, "speed", "1", "demanded speed; multiplies `speed_signal`", from(0), 1.0),
                param(&Params::n_min, "n_min", "1", "least speed of the drive (assumed)", from(0), 0.2),
                param(&Params::n_max, "n_max", "1", "largest speed of the drive", above(0), 1.0),
                param(&Params::tau_drive, "tau_drive", "s", "time constant of the drive (assumed)", above(0), 1.0),
                param(&Params::inertia, "inertia", "kg m2", "moment of inertia of rotor and wheel (assumed)", above(0),
                      3e-3),
                param(&Params::speed_nominal, "speed_nominal", "rad/s", "nominal shaft speed (assumed)", above(0),
                      300.0),
                param(&Params::P_friction, "P_friction", "W", "bearing friction at nominal speed (assumed)", from(0),
                      10.0),
                param(&Params::deadhead_share, "deadhead_share", "1",
                      "power at zero flow over that at half the curve (assumed)", between(0.05, 2), 0.5),
                param(&Params::Kv_stopped, "Kv_stopped", "m3/s/Pa^0.5", "flow coefficient when stopped, both ways",
                      above(0), not_given),
                param(&Params::rho_nominal, "rho_nominal", "kg/m3", "density the curves hold for", above(0), 998.2),
                param(&Params::to_coolant, "to_coolant", "1",
                      "share of the motor's waste heat into the coolant (assumed)", between(0, 1), 0.0),
                param(&Params::C_motor, "C_motor", "J/K", "heat capacity of the motor (assumed)", above(0), 5000.0),
                param(&Params::G_room, "G_room", "W/K", "conductance from the motor to the room (assumed)", from(0),
                      10.0),
                param(&Params::T_room, "T_room", "K", "room temperature (assumed)", between(200, 400), 298.15),
                param(&Params::G_motor, "G_motor", "W/K", "conductance from the motor to the port `motor` (assumed)",
                      above(0), 10.0),
                param(&Params::V_flow_min, "V_flow_min", "m3/s", "least continuous flow at nominal speed", from(0),
                      not_given),
                param(&Params::p_in_min, "p_in_min", "Pa_abs", "least inlet pressure", above(0), not_given),
                param(&Params::NPSH_margin, "NPSH_margin", "Pa",
                      "inlet above vapour pressure, without NPSH_required (assumed: 2 m of water)", from(0), 2e4)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        HeatPort<S> motor;
        SignalPort<S> speed_signal, powered, power;
        Unknown<S> m_flow, n, T_motor;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "suction"),
                port(&Vars::b, "b", "discharge"),
                port(&Vars::motor, "motor", "where the motor's heat goes, beside the room"),
                port(&Vars::speed_signal, "speed_signal", "demanded speed from a controller").otherwise(1.0),
                port(&Vars::powered, "powered", "1 while its supply is energised; multiplies `running`").otherwise(1.0),
                port(&Vars::power, "power", "electric power [W], for its supply").writes(1000.0),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure rise", "Pa"),
                unknown(&Vars::n, "n", "1", 1.0, "speed over nominal", "shaft speed", "1/s"),
                unknown(&Vars::T_motor, "T_motor", "K", 10.0, "motor temperature", "energy balance of the motor", "W")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S m = x.m_flow;
        const Work<S> w = work(x, p);
        x.m_flow.residual = x.a.p - x.b.p + w.at.dp;
        x.n.residual = w.n_rate - x.n.der;
        x.power.equation = x.power.value - w.P_el;
        pass_through(x.a, x.b, m, S(w.at.P_fluid + p.to_coolant * w.waste));
        x.motor.Q_flow = p.G_motor * (x.motor.T - x.T_motor.value);
        x.T_motor.residual =
            (1.0 - p.to_coolant) * w.waste + x.motor.Q_flow - to_room(x, p) - p.C_motor * x.T_motor.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Work<S> w = work(x, p);
        const S n = x.n, rise = x.b.p - x.a.p, nowhere(not_given);
        const bool turns = value(n) > 0.05;
        out.key("V_flow", "m3/s", "flow, at the mean of the temperatures at both ports", w.V_flow);
        out.key("dp", "Pa", "pressure rise", rise);
        out.key("P_el", "W", "electric power", w.P_el);
        out.key("efficiency", "1", "pressure rise times flow over electric power",
                rise * w.V_flow / smooth::max(w.P_el, 1e-3, 1e-3));
        out.value("V_flow_at_nominal", "m3/s", "flow over speed: position on the curve", w.at.x);
        out.at_most("pump_runout", "pump flow", "m3/s", w.V_flow, select(turns, S(n * p.dp->hi()), nowhere),
                    "end of the pump curve");
        out.at_least("pump_min_flow", "pump flow", "m3/s", w.V_flow, select(turns, S(n * p.V_flow_min), nowhere),
                     "minimum flow");
        // a smaller reverse flow is the leak of a check valve behind it; a pump that coasts down is not checked
        const bool driven = turns && runs(x, p);
        out.at_least("pump_reverse_flow", "pump flow", "m3/s", w.V_flow, driven ? -0.01 * p.dp->hi() : not_given,
                     "no flow backwards while it runs");
        out.at_least("pump_suction", "inlet pressure", "Pa_abs", x.a.p, p.p_in_min, "least inlet pressure");
        out.at_least("pump_npsh", "inlet pressure", "Pa_abs", x.a.p,
                     vapour_pressure_at(*x.a.medium, x.a.T) + suction_needed(x, p, w.at.x),
                     p.NPSH_required ? "vapour pressure and NPSH required" : "vapour pressure and NPSH_margin");
        report_demand(x, p, out);
        // an efficiency above 1 is a fault in the data; the shaft power is then the hydraulic power
        const PumpData<P> data = data_of(p);
        const S x_on_curve = smooth::limited(w.at.x, 0.0, p.dp->hi(), 1e-9 * p.dp->hi());
        if (turns)
            out.within("hydraulic over shaft power", "1",
                       data.hydraulic_power(x_on_curve) / data.stated_power(x_on_curve), 0.0, 1.0,
                       "power or efficiency of the pump", "held at 1");
        if (turns) out.within("flow over speed", "m3/s", w.at.x, 0.0, p.dp->hi(), p.dp->source);
        out.power_in(w.P_el);
        out.power_in(-to_room(x, p));
        out.stored(0.5 * kinetic(p) * n * n + p.C_motor * (x.T_motor.value - 273.15));
        out.through(x.a.circuit, x.m_flow.value);
    }
    static std::string problem(const Params<double>& p) {
        if (!p.power && !p.efficiency_curve && !given(p.efficiency))
            return "the pump's power is not known; give efficiency, efficiency_curve or power (electric, against flow)";
        if (!std::isfinite(p.dp->hi()) || p.dp->line(0.0) <= 0.0)
            return "dp must end at a flow and be positive at zero flow: {points: [[flow, rise], ...], x: L/min, y: "
                   "kPa}, or {parabola: [a, b, c], x: L/min, y: kPa, covers: [0 L/min, last flow]} of a + b x + c x^2";
        if (p.n_min > p.n_max) return "n_min lies above n_max";
        if (p.motor_loss && !given(p.P_motor)) return "motor_loss needs P_motor, the rated shaft power";
        return work_problem(p);
    }
    /// Flows from which to search for further steady states, at the present speed. Only for a curve that does not fall
    /// everywhere: with a maximum inside, the same pressure rise belongs to two flows.
    static std::vector<double> other_starts(const Vars<double>& x, const Params<double>& p) {
        constexpr int places = 8, steps = 64;
        const double end = p.dp->hi();
        bool falls = true;
        for (int k = 0; k < steps; ++k) falls &= p.dp->line(end * (k + 1) / steps) < p.dp->line(end * k / steps);
        std::vector<double> flows;
        if (falls || !(x.n.value > 0.05)) return {};
        const double at_end = x.a.medium->rho(x.a.T) * x.n.value * end;
        for (int k = 0; k < places; ++k) flows.push_back(at_end * (k + 0.5) / places);
        for (const double backwards : {-0.02, -0.2, -0.6}) flows.push_back(at_end * backwards);
        return flows;
    }

   private:
    static bool runs(const auto& x, const auto& p) { return value(p.running) * value(x.powered.value) > 0.5; }
    // A controller may ask for more than the drive gives; a constant of the case can be corrected, so it is flagged.
    template <class S, class P>
    static void report_demand(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const double lo = value(p.n_min), hi = value(p.n_max);
        const S demand = settled_demand(S(p.speed * x.speed_signal.value), lo, hi);
        const bool on = runs(x, p), decided = x.speed_signal.connected;
        out.at_most(
            "pump_speed", "demanded speed over nominal", "1", demand, on && decided ? S(p.n_max) : S(not_given),
            decided ? "range of the drive" : "none: the demand is a constant; see the warning, if it is outside");
        if (on && (!decided || value(demand) < lo))
            out.within("demanded speed", "1", demand, value(p.n_min), value(p.n_max),
                       "n_min and n_max of its drive; correct speed, or the range", "the drive holds the nearest end");
    }
    /// Electric power for a shaft power.
    template <class S, class P>
    static S electric(const S& shaft, const Params<P>& p) {
        if (!p.motor_loss) return shaft / p.efficiency_motor;
        return shaft + p.P_motor * S((*p.motor_loss)(S(shaft / p.P_motor)));
    }
    /// Fault where the hydraulic power at a point of the curve exceeds the power that the data give for it.
    static std::string work_problem(const Params<double>& p) {
        const double end = p.dp->hi();
        for (int k = 1; k < 20; ++k) {
            const double V = end * k / 20.0, hydraulic = p.dp->line(V) * V;
            const auto at = [&] { return fmt::format("at {:.4g} L/min", V * 6e4); };
            if (p.power && hydraulic > (*p.power)(V))
                return fmt::format(
                    "the rating is impossible: {} dp times flow is {:.4g} W, more than the electric power of {:.4g} W; "
                    "correct dp or power",
                    at(), hydraulic, (*p.power)(V));
            if (!p.power && p.efficiency_curve && (*p.efficiency_curve)(V) > 1.0)
                return fmt::format(
                    "the rating is impossible: {} efficiency_curve is {:.4g}, above 1; a percentage is written 60 %",
                    at(), (*p.efficiency_curve)(V));
        }
        return {};
    }
    template <class S>
    struct Work {
        PumpPoint<S> at;
        S V_flow, n_rate, P_el, waste;
    };
    template <class P>
    static P kinetic(const Params<P>& p) {
        return p.inertia * p.speed_nominal * p.speed_nominal;
    }
    // required inlet pressure above the vapour pressure [Pa]; by the curve it is zero for a stopped pump
    template <class S, class P>
    static S suction_needed(const Vars<S>& x, const Params<P>& p, const S& V_at_nominal) {
        if (!p.NPSH_required) return S(p.NPSH_margin);
        return x.a.medium->rho(x.a.T) * gravity * x.n.value * x.n.value * S((*p.NPSH_required)(V_at_nominal));
    }
    template <class S, class P>
    static S to_room(const Vars<S>& x, const Params<P>& p) {
        return p.G_room * (x.T_motor.value - p.T_room);
    }
    template <class P>
    static PumpData<P> data_of(const Params<P>& p) {
        return {p.dp,         p.power,          p.efficiency_curve, p.efficiency, p.efficiency_motor,
                p.P_friction, p.deadhead_share, p.Kv_stopped,       p.rho_nominal};
    }
    template <class S, class P>
    static Work<S> work(const Vars<S>& x, const Params<P>& p) {
        const PumpData<P> data = data_of(p);
        // density at the mean temperature: with that upstream, the head would jump where the flow reverses
        const S m = x.m_flow, n = x.n, rho = x.a.medium->rho(S(0.5 * (x.a.T + x.b.T))), V_flow = m / rho;
        const PumpPoint<S> at = pump_point(n, V_flow, rho, data);
        const S n_set = smooth::limited(S(p.speed * x.speed_signal.value), p.n_min, p.n_max, 1e-5);
        const S driven = (n_set - n) / p.tau_drive, coasting = -(at.torque + p.P_friction * n) / kinetic(p);
        const S running = p.running * x.powered.value;
        const S n_rate = running * driven + (1.0 - running) * coasting, accelerating = kinetic(p) * n * n_rate;
        const S shaft = at.P_fluid + p.P_friction * n * n + accelerating;
        const S P_el = running * electric(smooth::positive(shaft, 1e-4 * data.dp_shut() * data.V_end()), p);
        return {at, V_flow, n_rate, P_el, S(P_el - at.P_fluid - accelerating)};
    }
};

}  // namespace kelvolt::models
