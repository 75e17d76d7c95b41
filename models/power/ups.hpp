#pragma once

#include <complex>

#include "models/fluid/flow_laws.hpp"
#include "models/power/loss.hpp"

namespace kelvolt::models {

/// Uninterruptible power supply: a voltage E behind a resistance R.
///   v_out = E - R i_out, R = regulation V_out^2/P_rated
///   double_conversion: E = V_out, P_in = P_out + P_rated loss(P_out/P_rated)
///   eco, bypass: E = v_in, P_in = P_out + P_rated loss_eco(P_out/P_rated), Q_in = Q_out
///   autonomy = battery_energy/(P_out + loss)
/// In double conversion, E is in phase with the input (positive sequence; without input at the angle 0), the UPS
/// supplies the reactive power of the load, and its input has `power_factor`. Without the curve loss_eco, `loss` holds
/// in every mode. `on_bypass` = 1 selects bypass in any mode.
/// As the input falls from V_in_min to 0.9 V_in_min the battery supplies load and loss: in a run in time where
/// battery_energy is given, until it is empty; in a steady state where `on_battery` = 1. Else it turns off.
///   d charge/dt = (P_charge - P_battery)/battery_energy
/// After its return the mains take over within `walk_in` (double conversion). A battery that is not full charges with
/// P_charge over efficiency_charge, less within the last 1 %; an empty one takes part again from 2 % on.
/// `discharging` is the share of the load that the battery supplies; it and `state_of_charge` are signals for controllers.
/// Into a fault it gives at most fault_current for fault_time; on bypass, and for the largest currents also in double
/// conversion (fault_bypass), the mains feed the fault instead. For harmonics its output is R + j X_out V_out^2/S_rated
/// at the frequency of the supply, on bypass R in series with the mains.
/// On four wires all phases of the input have the same admittance.
/// The share `to_air` of the loss goes to `air`, the rest to `heat`.
template <template <class> class Ac>
struct UpsOf {
    static constexpr Role role = Role::converter;
    enum class Mode { double_conversion, eco, bypass };
    template <class P>
    struct Params : InputData<P> {
        P P_rated, S_rated, in_service, on_bypass, on_battery, V_out, regulation, battery_energy, autonomy_min,
            fault_current, fault_time, fault_bypass, X_out, to_air, load_max, charge_start, P_charge, efficiency_charge,
            walk_in;
        Mode mode;
        const Curve *loss, *loss_eco;
        static constexpr auto declare() {
            return std::tuple_cat(
                std::tuple{
                    param(&Params::P_rated, "P_rated", "W", "rated output", above(0)).rating(),
                    param(&Params::S_rated, "S_rated", "VA", "rated apparent power; P_rated where not given", above(0),
                          not_given)
                        .rating(),
                    param(&Params::in_service, "in_service", "1", "1: in service, 0: out", between(0, 1), 1.0)
                        .service(),
                    param(&Params::on_bypass, "on_bypass", "1", "1: on its static bypass", between(0, 1), 0.0),
                    param(&Params::on_battery, "on_battery", "1",
                          "1: in a steady state the battery carries the load while the input is out", between(0, 1),
                          0.0),
                    param(&Params::V_out, "V_out", "V",
                          "output voltage at no load, line to line; one phase: to its return", above(0)),
                    param(&Params::regulation, "regulation", "1", "voltage lost at rated load over V_out (assumed)",
                          share_of_whole, 0.005),
                    param(&Params::battery_energy, "battery_energy", "J", "energy of the battery at the inverter",
                          from(0), not_given),
                    param(&Params::autonomy_min, "autonomy_min", "s", "least time on battery", from(0), not_given),
                    param(&Params::fault_current, "fault_current", "1",
                          "current of the inverter into a fault over rated current (assumed; makers state 2 to 3)",
                          between(0.5, 10), 2.0),
                    param(&Params::fault_time, "fault_time", "s", "for which it gives fault_current (assumed)",
                          above(0), 0.1),
                    param(&Params::fault_bypass, "fault_bypass", "1",
                          "1: in double conversion, a fault behind it is fed by the static bypass too while the mains "
                          "are live; 0: never (assumed)",
                          between(0, 1), 1.0),
                    param(&Params::X_out, "X_out", "1",
                          "reactance of the output over V_out^2/S_rated, for harmonics while the inverter feeds "
                          "(assumed 0.02, of a range of 0.01 to 0.1)",
                          between(0, 1), 0.02),
                    param(&Params::to_air, "to_air", "1", "share of the loss that goes to `air`", between(0, 1), 0.0),
                    param(&Params::load_max, "load_max", "1", "largest load over rating", share_of_rating, 1.0),
                    param(&Params::charge_start, "charge_start", "1", "state of charge at the begin of a run",
                          between(0, 1), 1.0),
                    param(&Params::P_charge, "P_charge", "W", "power that recharges the battery", from(0), 0.0),
                    param(&Params::efficiency_charge, "efficiency_charge", "1",
                          "power into the battery over power taken for it (assumed)", Range{0.1, 1.0, false, false},
                          0.95),
                    param(&Params::walk_in, "walk_in", "s",
                          "time in which the mains take over again after their return (assumed)", above(0), 10.0),
                    choice(&Params::mode, "mode", "how the load is fed", {"double_conversion", "eco", "bypass"}),
                    curve(&Params::loss, "loss", "1", "1", "loss over rating against load over rating"),
                    optional_curve(&Params::loss_eco, "loss_eco", "1", "1", "the same in eco mode and on bypass")},
                InputData<P>::input(0.99));
        }
    };
    template <class S>
    struct Vars {
        Ac<S> in, out;
        HeatPort<S> heat, air;
        SignalPort<S> discharging, state_of_charge;
        Unknown<S> charge, walk;
        Discrete ready, empty;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::in, "in", "mains").rated("V_in"),
                port(&Vars::out, "out", "load").fed_by("in").source(),
                port(&Vars::heat, "heat", "takes the loss: room or coolant"),
                port(&Vars::air, "air", "takes the share `to_air` of the loss"),
                port(&Vars::discharging, "discharging", "share of the load that the battery supplies").writes(),
                port(&Vars::state_of_charge, "state_of_charge", "state of charge of the battery").writes(),
                unknown(&Vars::charge, "charge", "1", 0.01, "state of charge, as a share of battery_energy",
                        "energy balance of the battery", "1/s")
                    .start(1.0)
                    .electric()
                    .store(),
                unknown(&Vars::walk, "walk", "1", 1.0, "share of the load that the mains carry while they are there",
                        "walk-in", "1/s")
                    .start(1.0)
                    .electric()
                    .store(),
                discrete(&Vars::ready, "ready", 0.0, "0: no battery in reserve, 1: battery in reserve"),
                discrete(&Vars::empty, "empty", 0.0, "0: the battery can carry load, 1: the battery is empty")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S mains = input_share(x.in, S(p.V_in_min)), bypass = mains * on_bypass(p);
        energise(x, p, S(p.in_service * (mains + (1.0 - mains) * carried(x, p))), bypass);
        const State<S> s = state(x, p);
        const S P_in = s.from_mains * s.P_all + s.P_stored / p.efficiency_charge;
        const bool limited = given(p.battery_energy) && value(p.battery_energy) > 0.0;
        x.discharging.equation = x.discharging.value - p.in_service * (1.0 - s.from_mains);
        x.state_of_charge.equation = x.state_of_charge.value - x.charge;
        const P energy = limited ? p.battery_energy : P(1.0);
        x.charge.stores(S((limited ? 1.0 : 0.0) * (s.P_stored - battery(s)) / energy), S(p.charge_start));
        // an empty battery carries nothing, so there is nothing to walk in from
        const S up = x.empty > 0.5 ? S((1.0 - x.walk) / walk_out)
                                   : S(smooth::min(S(1.0), S((1.0 - x.walk) / walk_end), 0.05) / p.walk_in);
        x.walk.stores(S(mains * up - (1.0 - mains) * x.walk / walk_out), S(1.0));
        draw(x.in, P_in, S(bypass * s.Q_out + (1.0 - bypass) * P_in * tangent_of(p.power_factor)), S(0.5 * p.V_in_min));
        add_insulation(x.in);
        add_insulation(x.out);
        place_heat(x.heat, x.air, lost(x, s), p.to_air);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const State<S> s = state(x, p);
        const WorstPhase<S> worst = worst_phase_out(x.out);
        const S none(not_given), loss = lost(x, s), load = worst.P / p.P_rated;
        const S apparent = worst.S_apparent / (given(p.S_rated) ? p.S_rated : p.P_rated);
        report_conversion(out, power_into(x.in), s.P_out, loss, select(apparent > load, apparent, load),
                          heat_outside(x.heat, x.air, loss));
        out.value("Q_out", "W", "reactive power given [var]", s.Q_out);
        out.key("P_battery", "W", "power from the battery", battery(s));
        const S wanted = smooth::max(s.P_all, S(1e-3 * p.P_rated), 1.0);
        const S time = given(p.battery_energy) ? S(p.battery_energy / wanted) : S(0.0);
        out.value("autonomy", "s", "time on a full battery at this load (0: no battery stated)", time);
        out.value("time_left", "s", "time on the battery as it is charged, at this load", S(x.charge * time));
        const bool carries = value(battery(s)) > 0.5 || x.empty > 0.5;
        out.at_least("store_charge", "state of charge of a battery that is needed", "1", S(x.charge),
                     carries && given(p.battery_energy) ? S(1e-6) : none, "below it is empty");
        out.at_most("ups_load", "load over rating", "1", load, p.load_max, "rating");
        out.at_most("ups_apparent_load", "apparent power over rated apparent power", "1", apparent, p.load_max,
                    given(p.S_rated) ? "S_rated" : "P_rated, as no S_rated is given");
        out.at_least("ups_reverse_power", "power given; below zero the load gives power back", "W", s.P_out,
                     S(-1e-3 * p.P_rated), "its inverter gives power and takes none");
        out.at_least("ups_autonomy", "time on battery", "s", time, given(p.battery_energy) ? S(p.autonomy_min) : none,
                     "autonomy_min");
        report_input_window(out, "ups_input_min", "ups_input_max", x.in, p.V_in_min, p.V_in_max, x.in.live > 0.0);
        if (x.charge.at_rest || !given(p.battery_energy))
            out.power_in(battery(s) - s.P_stored);
        else
            out.stored(p.battery_energy * x.charge);
    }
    static bool feeds(const Vars<double>& x, const Params<double>& p, int from, int) {
        return p.in_service > 0.5 && (from >= 0 || carried(x, p) > 0.5);
    }
    static void begin(Vars<double>& x, const Params<double>& p) {
        x.ready.value = given(p.battery_energy) && p.battery_energy > 0.0 && p.charge_start > 0.0 ? 1.0 : 0.0;
    }
    static constexpr int root_count = 2;
    static void roots(Vars<double>& x, const Params<double>& p, double* g) {
        const bool empty = x.empty > 0.5;
        g[0] = !empty && given(p.battery_energy) && x.discharging.value > 0.0 ? -x.charge : -1.0;
        g[1] = empty ? x.charge - charge_back : -1.0;
    }
    static bool update(Vars<double>& x, const Params<double>&, int which) {
        x.empty.value = which == 0 ? 1.0 : 0.0;
        if (which == 1) x.ready.value = 1.0;
        return true;
    }
    static void short_circuit(const Vars<double>& x, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (p.in_service < 0.5 || !(x.in.live > 0.0 || carried(x, p) > 0.5)) return;
        constexpr bool four_wires = phases == 3;
        const double I = (given(p.S_rated) ? p.S_rated : p.P_rated) / (Ac<double>::kind().electric * phases) /
                         (p.V_out / line_over_phase<Ac<double>>);
        const bool mains = x.in.live > 0.0, passing = mains && on_bypass(p) > 0.5;
        const double base = p.V_out * p.V_out / (given(p.S_rated) ? p.S_rated : p.P_rated), R = p.regulation * base;
        if constexpr (four_wires) out.tie_neutral(0, 1);
        if (passing || (mains && fault.maximum && p.fault_bypass > 0.5 && !fault.harmonics)) {
            if (fault.maximum && !fault.harmonics) return out.tie(0, 1);
            out.branch(R, 0, 1);
            out.zero(R, 0, 1);
            return;
        }
        FaultSource inverter{FaultSource::Kind::converter, 1, I};
        inverter.I_limit = p.fault_current * I, inverter.duration = p.fault_time;
        const std::complex<double> Z(R, fault.harmonics ? p.X_out * base : 0.0);
        out.source(Z, inverter);
        out.zero_to_neutral(Z, 1);
    }
    static NeutralPath neutral(const Params<double>&, int port) {
        return port == 1 ? NeutralPath::closed : NeutralPath::through;
    }
    static std::complex<double> open_voltage(const Params<double>& p, int) {
        return p.V_out / line_over_phase<Ac<double>>;
    }
    static std::string problem(const Params<double>& p) {
        if (std::string input = p.input_problem(); !input.empty()) return input;
        if (p.S_rated < p.P_rated)
            return "S_rated, the apparent power, cannot be below P_rated, the active power in it";
        if (given(p.autonomy_min) && !given(p.battery_energy)) return "autonomy_min needs battery_energy";
        const std::string eco = p.loss_eco ? loss_problem(*p.loss_eco, "loss_eco") : std::string();
        return eco.empty() ? loss_problem(*p.loss) : eco;
    }

   private:
    static constexpr int phases = phases_of<Ac<double>>;
    template <class S>
    struct State {
        S P_out, Q_out, P_all, from_mains;  ///< output; P_all: output and loss; share of P_all taken from the mains
        S P_stored;                         ///< into the battery
    };
    template <class S>
    static S battery(const State<S>& s) {
        return (1.0 - s.from_mains) * s.P_all;
    }
    static constexpr double charge_back = 0.02;  // an empty battery takes part again above this charge
    static constexpr double walk_end = 0.02;     // remaining share over which the walk-in slows down
    static constexpr double walk_out = 0.05;     // time constant with which the battery takes over [s] (assumed)
    /// 1 while the battery can carry the load.
    template <class S, class P>
    static P carried(const Vars<S>& x, const Params<P>& p) {
        return (1.0 - x.empty.value) * (x.ready > 0.5 ? P(1.0) : p.on_battery);
    }
    template <class P>
    static P on_bypass(const Params<P>& p) {
        return p.mode == Mode::double_conversion ? p.on_bypass : P(1.0);
    }
    template <class S>
    static S lost(Vars<S>& x, const State<S>& s) {
        return power_into(x.in) + power_into(x.out) + battery(s) - s.P_stored;
    }
    // unit phasor in the direction of the input voltage: of phase a, or of the positive sequence
    template <class S, class P>
    static Phasor<S> direction(Vars<S>& x, const Params<P>& p) {
        using std::sqrt;
        if (!(x.in.live > 0.0)) return {S(1.0), S(0.0)};
        Phasor<S> sum;
        for (int k = 0; k < phases; ++k) sum = sum + times(clock_phasor<double>(4 * k), phase_voltage(x.in, k));
        const S size = sqrt(smooth::divisor(sum.squared(), S(0.01 / 3.0 * p.V_in_min * p.V_in_min)));
        return S(1.0 / size) * sum;
    }

    template <class S, class P>
    static void energise(Vars<S>& x, const Params<P>& p, const S& on, const S& bypass) {
        const P V = p.V_out / line_over_phase<Ac<S>>;
        const S G = on * p.P_rated / (phases * Ac<S>::kind().electric * p.regulation * V * V);
        const Phasor<S> a = S(V) * direction(x, p);
        for (int k = 0; k < phases; ++k) {
            const Phasor<S> own = times(clock_phasor<double>(-4 * k), a);
            const Phasor<S> target = own + bypass * (phase_voltage(x.in, k) - own);
            add_phase_current(x.out, k, G * (phase_voltage(x.out, k) - target));
        }
        if constexpr (phases == 3)  // the neutrals of input and output are connected
            for (int part = 0; part < 2; ++part) {
                const S i = neutral_link * (x.in.potential(6 + part) - x.out.potential(6 + part));
                x.in.flow(6 + part) += i;
                x.out.flow(6 + part) -= i;
            }
    }
    static constexpr double neutral_link = 1e3;  // conductance between the neutrals [S]

    template <class S, class P>
    static State<S> state(Vars<S>& x, const Params<P>& p) {
        State<S> s{S(0.0), S(0.0), S(0.0), S(0.0), S(0.0)};
        const double weight = Ac<S>::kind().electric;
        for (int k = 0; k < phases; ++k) {
            const Phasor<S> out = times(phase_voltage(x.out, k), phase_current(x.out, k).conjugate());
            s.P_out -= weight * out.re;
            s.Q_out -= weight * out.im;
        }
        const S mains = input_share(x.in, S(p.V_in_min)), bypass = mains * on_bypass(p);
        const P held = carried(x, p);
        const S walked = bypass + (1.0 - bypass) * x.walk, walking = mains * (1.0 - (1.0 - walked) * held);
        s.from_mains = walking + (1.0 - mains) * (1.0 - held);
        s.P_stored = p.in_service * walking * p.P_charge * smooth::step(S(1.0 - x.charge), 0.0, 0.01);
        const S load = s.P_out / p.P_rated, usual = S((*p.loss)(load));
        const S eco = p.loss_eco ? S((*p.loss_eco)(load)) : usual;
        const S on = p.in_service * (mains + (1.0 - mains) * held);
        s.P_all = s.P_out + on * p.P_rated * (usual + bypass * (eco - usual));
        return s;
    }
};

struct AcUps : UpsOf<AcPort> {
    static constexpr std::string_view type = "ac_ups";
    static constexpr std::string_view former = "ups";
    static constexpr std::string_view doc =
        "Uninterruptible supply, balanced three-phase: double conversion, eco, bypass";
};
struct Ac1Ups : UpsOf<Ac1Port> {
    static constexpr std::string_view type = "ac1_ups";
    static constexpr std::string_view former = "ups1";
    static constexpr std::string_view doc = "Single-phase uninterruptible supply: double conversion, eco, bypass";
};
struct Ac4Ups : UpsOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_ups";
    static constexpr std::string_view former = "ups3";
    static constexpr std::string_view doc = "Uninterruptible supply on four wires: double conversion, eco, bypass";
};

}  // namespace kelvolt::models
