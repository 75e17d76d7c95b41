#pragma once

#include "models/power/thevenin.hpp"

namespace kelvolt::models {

/// A generating set: a voltage source behind an impedance.
///   E = V (1 - voltage_dip step) at `angle`, the voltage without load
///   step = (P - P_slow)/P_rated, d P_slow/dt = (P - P_slow)/recovery_time
///   frequency deviation = -frequency_dip step
///   |Z| = z V^2/S_rated, split by X_over_R
/// z is the small impedance that remains effective under voltage regulation (assumed). On four wires (ac4_generator) the
/// impedance of the zero sequence is Z0_over_Z times that, and the star point is earthed through R_ground.
/// Limits: engine power P_max, apparent power S_rated, reactive power from Q_min to Q_max (the capability curve as a
/// rectangle). Losses and fuel are not modelled: power enters the system at the terminals.
/// P_slow is the power to which the engine has adjusted; in a steady state it is P, and `step` is zero. voltage_dip and
/// frequency_dip are the deviations at a step of the whole rated power P_rated (S_rated times 0.8 where not given), as
/// the performance class of ISO 8528-5 bounds them (clause not verified).
/// With something connected to `call` a run in time begins with the set stopped: when `call` is 1 it starts and takes
/// load after start_delay; when `call` is 0 it runs on without load for cool_down, then stops. With start_fails = 1 it
/// does not start, and gives nothing in a steady state either; start_probability is recorded with results. With nothing
/// at `call` it runs at all times, whatever start_delay says.
/// Into a fault, the subtransient reactance is effective instead of z, for the peak with a fictitious resistance.
///   Z_G = K_G (R_a + j X_d2) V^2/S_rated
///   K_G = V_n/V c_max/(1 + X_d2 sin(phi)), phi of the rated power_factor, V_n nominal voltage of the bus
/// Source: Thevenin equivalent of a voltage-regulated machine; IEC 60909-0, 6.6.1 (faults).
template <template <class> class Port>
struct GeneratorOf {
    static constexpr Role role = Role::source;
    static constexpr bool four_wires = is_three_phase<Port<double>>;

    template <class P>
    struct Params {
        P V, S_rated, z, X_over_R, angle, P_max, Q_min, Q_max, X_d2, R_a, power_factor, I_sustained, Z0_over_Z,
            R_ground, in_service, P_rated, start_delay, cool_down, start_fails, start_probability, recovery_time,
            voltage_dip, frequency_dip, step_max, voltage_dip_max, frequency_dip_max;
        static constexpr auto common() {
            return std::tuple{
                param(&Params::V, "V", "V", "regulated voltage, line to line", above(0)),
                param(&Params::S_rated, "S_rated", "VA", "rated apparent power", above(0)).rating(),
                param(&Params::z, "z", "1", "impedance behind the regulated voltage, per unit (assumed)",
                      between(1e-4, 3), 0.02),
                param(&Params::X_over_R, "X_over_R", "1", "reactance over resistance (assumed)", from(0), 10.0),
                param(&Params::angle, "angle", "rad", "phase angle at no load", between(-2 * pi, 2 * pi), 0.0),
                param(&Params::P_max, "P_max", "W", "engine limit", above(0), not_given),
                param(&Params::Q_min, "Q_min", "var", "reactive power it can absorb, negative", any(), not_given),
                param(&Params::Q_max, "Q_max", "var", "reactive power it can give", any(), not_given),
                param(&Params::X_d2, "X_d2", "1", "subtransient reactance, saturated, per unit; for faults (assumed)",
                      between(0.01, 1), 0.12),
                param(&Params::R_a, "R_a", "1", "resistance of the stator, per unit; for faults (assumed)",
                      between(0, 0.5), 0.01),
                param(&Params::power_factor, "power_factor", "1", "rated power factor; for K_G (assumed)",
                      between(0.05, 1), 0.8),
                param(&Params::I_sustained, "I_sustained", "1",
                      "sustained short-circuit current over rated current, by its excitation", above(0), not_given),
                param(&Params::in_service, "in_service", "1", "1: connected to the bus, 0: stopped", between(0, 1), 1.0)
                    .service(),
                param(&Params::P_rated, "P_rated", "W", "rated active power; 0.8 S_rated where not given", above(0),
                      not_given),
                param(&Params::start_delay, "start_delay", "s", "from the call until it takes load (assumed)", from(0),
                      10.0),
                param(&Params::cool_down, "cool_down", "s", "time it runs on without load (assumed)", from(0), 300.0),
                param(&Params::start_fails, "start_fails", "1", "1: it does not start", between(0, 1), 0.0),
                param(&Params::start_probability, "start_probability", "1", "probability that it starts (assumed)",
                      between(0, 1), 0.99),
                param(&Params::recovery_time, "recovery_time", "s",
                      "time constant of the engine after a step of load (assumed)", above(0), 2.0),
                param(&Params::voltage_dip, "voltage_dip", "1",
                      "fall of the voltage at a step of the whole rated power (assumed)", between(0, 1), 0.0),
                param(&Params::frequency_dip, "frequency_dip", "1",
                      "fall of the frequency at a step of the whole rated power (assumed)", between(0, 1), 0.0),
                param(&Params::step_max, "step_max", "1", "largest step of load over rated power", above(0), not_given),
                param(&Params::voltage_dip_max, "voltage_dip_max", "1", "largest fall of the voltage", above(0),
                      not_given),
                param(&Params::frequency_dip_max, "frequency_dip_max", "1", "largest fall of the frequency", above(0),
                      not_given)};
        }
        static constexpr auto declare() {
            if constexpr (four_wires)
                return std::tuple_cat(
                    common(),
                    std::tuple{
                        param(&Params::Z0_over_Z, "Z0_over_Z", "1",
                              "zero-sequence over positive-sequence impedance (assumed)", above(0), 1.0),
                        param(&Params::R_ground, "R_ground", "ohm", "star point to earth (assumed)", above(0), 0.01)});
            else
                return std::tuple_cat(common(), std::tuple{balanced_zero_sequence(&Params::Z0_over_Z)});
        }
    };
    template <class S>
    struct Vars {
        Port<S> bus;
        SignalPort<S> call;
        Unknown<S> P_slow, step;
        Discrete phase, due;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::bus, "bus", "terminals").source().rated("V"),
                port(&Vars::call, "call", "1: it shall run, from a transfer switch").otherwise(1.0),
                unknown(&Vars::P_slow, "P_slow", "W", 1e5, "power to which the engine has adjusted",
                        "response of the engine", "W/s")
                    .start(0.0)
                    .electric(),
                unknown(&Vars::step, "step", "1", 0.1, "load beyond P_slow over P_rated", "step of load", "1")
                    .start(0.0)
                    .electric(),
                discrete(&Vars::phase, "phase", running, "0: stopped, 1: starting, 2: running, 3: cooling"),
                discrete(&Vars::due, "due", never, "end of the phase [s]")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const P on = p.in_service * (runs(x, p) ? 1.0 : 0.0);
        const S dip = 1.0 - p.voltage_dip * x.step;
        const Phasor<P> E = star_voltage(p.V, p.angle), Z = impedance(P(p.z * p.V * p.V / p.S_rated), p.X_over_R);
        if constexpr (four_wires)
            supply(x.bus, Phasor<S>{S(dip * E.re), S(dip * E.im)}, Z, p.Z0_over_Z * Z, on, P(1.0 / p.R_ground));
        else
            supply(x.bus, Phasor<S>{S(dip * E.re), S(dip * E.im)}, Z, on);
        add_insulation(x.bus);
        const S beyond = -power_into(x.bus) - x.P_slow;
        x.step.residual = x.step - beyond / rated_power(p);
        x.P_slow.residual = beyond / p.recovery_time - x.P_slow.der;
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S P_out = -power_into(x.bus), Q = -reactive_into(x.bus);
        const S S_out = worst_phase_out(x.bus).S_apparent;
        out.key("P", "W", "power delivered", P_out);
        out.key("Q", "var", "reactive power delivered", Q);
        out.value("loading", "1", "apparent power over rating, of the phase that carries most", S_out / p.S_rated);
        out.value("power_factor", "1", "active over apparent power", power_factor_of(P_out, Q));
        out.value("v", "V", "voltage at the terminals, phase to neutral", voltage(x.bus));
        const S none(not_given);
        const bool carries = runs(x, p) && value(p.in_service) > 0.5;
        out.value("frequency_deviation", "1", "deviation of the frequency over rated", -p.frequency_dip * x.step);
        out.at_most("generator_step", "step of load over rated power", "1", S(x.step), carries ? S(p.step_max) : none,
                    "step_max of the generator");
        out.at_most("generator_voltage_dip", "fall of the voltage at a step", "1", p.voltage_dip * x.step,
                    carries && value(p.voltage_dip) > 0.0 ? S(p.voltage_dip_max) : none, "voltage_dip_max");
        out.at_most("generator_frequency_dip", "fall of the frequency at a step", "1", p.frequency_dip * x.step,
                    carries && value(p.frequency_dip) > 0.0 ? S(p.frequency_dip_max) : none, "frequency_dip_max");
        out.at_most("generator_load", "apparent power", "VA", S_out, p.S_rated, "rating of the generator");
        out.at_most("engine_power", "power delivered", "W", P_out, p.P_max, "engine limit");
        out.at_least("absorbed_reactive_power", "reactive power delivered", "var", Q, p.Q_min, "capability curve");
        out.at_most("reactive_power", "reactive power delivered", "var", Q, p.Q_max, "capability curve");
        out.power_in(P_out);
    }
    static bool feeds(const Vars<double>& x, const Params<double>& p, int, int) {
        return p.in_service > 0.5 && runs(x, p);
    }
    static void begin(Vars<double>& x, const Params<double>& p) {
        x.phase.value = x.call.value > 0.5 && p.start_fails < 0.5 ? running : stopped;
    }
    static constexpr int root_count = 2;
    /// The call comes or goes; the phase ends.
    static void roots(const Vars<double>& x, const Params<double>& p, double t, double* g) {
        const bool called = x.call.value > 0.5, up = x.phase == starting || x.phase == running;
        g[0] = called != up && !(called && p.start_fails > 0.5) ? 1.0 : -1.0;
        g[1] = x.phase == starting || x.phase == cooling ? passed(t, x.due) : -1.0;
    }
    static bool update(Vars<double>& x, const Params<double>& p, int which, double t) {
        const auto go = [&](double phase, double end) { x.phase.value = phase, x.due.value = end; };
        const double before = x.phase;
        if (which == 1)
            go(before == starting ? running : stopped, never);
        else if (x.call.value > 0.5)
            before == cooling ? go(running, never) : go(starting, t + p.start_delay);
        else
            before == running ? go(cooling, t + p.cool_down) : go(stopped, never);
        return true;
    }
    static NeutralPath neutral(const Params<double>&, int) { return NeutralPath::closed; }
    static void short_circuit(const Vars<double>& x, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (p.in_service < 0.5 || !runs(x, p)) return;
        const double base = p.V * p.V / p.S_rated, X = p.X_d2 * base;
        const double fictitious = p.V <= 1000.0 ? 0.15 : p.S_rated < 100e6 ? 0.07 : 0.05;
        const double K = fault.c_max(p.V) / (1.0 + p.X_d2 * std::sqrt(1.0 - p.power_factor * p.power_factor));
        const std::complex<double> Z =
            (fault.corrections ? K : 1.0) * std::complex<double>(fault.peak ? fictitious * X : p.R_a * base, X);
        out.source(Z, {FaultSource::Kind::generator, 0, p.S_rated / (sqrt3 * p.V), p.I_sustained});
        fault_star<four_wires>(out, p.Z0_over_Z * Z, p.R_ground);
    }
    static std::complex<double> open_voltage(const Params<double>& p, int) { return std::polar(p.V / sqrt3, p.angle); }
    static std::string problem(const Params<double>& p) {
        if (p.Q_min >= p.Q_max) return "Q_min must lie below Q_max";
        return {};
    }

   private:
    /// Does it give power? One that fails to start does not, in a steady state either.
    template <class S, class P>
    static bool runs(const Vars<S>& x, const Params<P>& p) {
        return x.phase > 1.5 && value(p.start_fails) < 0.5;
    }
    static constexpr double stopped = 0.0, starting = 1.0, running = 2.0, cooling = 3.0;
    template <class P>
    static P rated_power(const Params<P>& p) {
        return otherwise(p.P_rated, P(0.8 * p.S_rated));
    }
};

struct AcGenerator : GeneratorOf<AcPort> {
    static constexpr std::string_view type = "ac_generator";
    static constexpr std::string_view former = "generator";
    static constexpr std::string_view doc = "Generating set, three phases in balance, steady";
};
struct Ac4Generator : GeneratorOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_generator";
    static constexpr std::string_view former = "generator3";
    static constexpr std::string_view doc = "Generating set on four wires, star point earthed, steady";
};

}  // namespace kelvolt::models
