#pragma once

#include "models/power/branch.hpp"
#include "models/power/loss.hpp"

namespace kelvolt::models {

/// Static or automatic transfer switch: connects `out` to the preferred input while that is live, else to the other
/// one, never to both (break before make).
///   i = (v_in - v_out)/R, in every pole of the input in use, neutral included
/// In a run in time it leaves an input `delay` after that died, and stays open for `break_time`; it returns to the
/// preferred input when that has been live for `return_delay`. Without delay and break time it changes at once, as in a
/// steady state. `call` is 1 while the preferred input is dead: it starts a generator.
/// A transfer between two live inputs is checked against phase_window, their difference in phase.
/// The loss goes to `heat`.
template <template <class> class Port>
struct TransferSwitchOf {
    static constexpr Role role = Role::switching;
    template <class P>
    struct Params {
        P preferred, in_service, R, I_max, Icu, Icw, Icm, delay, break_time, return_delay, phase_window;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::preferred, "preferred", "1", "input used while it is live, 1 or 2", between(1, 2), 1.0),
                param(&Params::in_service, "in_service", "1", "1: in service, 0: open", between(0, 1), 1.0).service(),
                param(&Params::R, "R", "ohm", "resistance of a closed pole (assumed)", above(0), 5e-4),
                param(&Params::I_max, "I_max", "A", "rated current", above(0), not_given).rating(),
                param(&Params::Icu, "Icu", "A", breaking_capacity_meaning, above(0), not_given),
                param(&Params::Icw, "Icw", "A", withstand_meaning, above(0), not_given),
                param(&Params::Icm, "Icm", "A", making_capacity_meaning, above(0), not_given),
                param(&Params::delay, "delay", "s", "from the loss of an input until it is left", from(0), 0.0),
                param(&Params::break_time, "break_time", "s", "time open during a transfer", from(0), 0.0),
                param(&Params::return_delay, "return_delay", "s",
                      "time for which the preferred input is live before it is used again", from(0), 0.0),
                param(&Params::phase_window, "phase_window", "rad",
                      "largest phase difference of the inputs at a transfer", between(0, pi), not_given)};
        }
    };
    template <class S>
    struct Vars {
        Port<S> in_1, in_2, out;
        HeatPort<S> heat;
        SignalPort<S> call;
        Discrete position, target, due, in_time;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::in_1, "in_1", "input 1").circuit(1),
                port(&Vars::in_2, "in_2", "input 2").circuit(2),
                port(&Vars::out, "out", "load").fed_by("in_1", "in_2"),
                port(&Vars::heat, "heat", "takes the loss"),
                port(&Vars::call, "call", "1 while the preferred input is dead").writes(),
                discrete(&Vars::position, "position", 0.0, "0: open, 1: on input 1, 2: on input 2"),
                discrete(&Vars::target, "target", 0.0,
                         "0: no transfer, 1: transfers to input 1, 2: transfers to input 2"),
                discrete(&Vars::due, "due", never, "time of the next step of the transfer [s]"),
                discrete(&Vars::in_time, "in_time", 0.0, "1 in a run with delays, 0: it changes at once")};
        }
    };

    /// The input in use: 1 or 2; 0: open.
    template <class S, class P>
    static int taken(const Vars<S>& x, const Params<P>& p) {
        if (value(p.in_service) < 0.5) return 0;
        return x.in_time > 0.5 ? static_cast<int>(x.position) : wanted(x, p);
    }
    /// The input that should be in use: 1 or 2; 0: both are dead.
    template <class S, class P>
    static int wanted(const Vars<S>& x, const Params<P>& p) {
        const int first = preferred(p);
        return live(x, first) ? first : live(x, 3 - first) ? 3 - first : 0;
    }
    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const int input = taken(x, p);
        const P G[2] = {(input == 1 ? 1.0 : 0.0) / p.R, (input == 2 ? 1.0 : 0.0) / p.R};
        for (int k = 0; k < Port<S>::size; ++k) {
            const S i_1 = G[0] * (x.in_1.potential(k) - x.out.potential(k));
            const S i_2 = G[1] * (x.in_2.potential(k) - x.out.potential(k));
            x.in_1.flow(k) = i_1;
            x.in_2.flow(k) = i_2;
            x.out.flow(k) = -(i_1 + i_2);
        }
        add_insulation(x.in_1);
        add_insulation(x.in_2);
        add_insulation(x.out);
        give_heat(x.heat, lost(x));
        x.call.equation = x.call.value - (live(x, preferred(p)) ? 0.0 : 1.0);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S I = current_of(x.out);
        out.key("taken", "1", "input that is closed, 0: none", S(double(taken(x, p))));
        out.key("I", "A", "current of the conductor that carries most", I);
        out.key("loss", "W", "loss, all of it heat", lost(x));
        out.at_most("transfer_switch_current", "current", "A", I, p.I_max, "rated current");
        const bool both = x.in_1.live > 0.0 && x.in_2.live > 0.0;
        out.at_most("transfer_phase", "phase difference of the inputs", "rad", phase_difference(x),
                    both ? S(p.phase_window) : S(not_given), "phase_window of the transfer switch");
        if (!x.heat.connected) out.power_in(-lost(x));
    }
    static bool feeds(const Vars<double>& x, const Params<double>& p, int from, int) {
        return p.in_service > 0.5 && (x.in_time < 0.5 || from + 1 == static_cast<int>(x.position));
    }
    static void begin(Vars<double>& x, const Params<double>& p) {
        x.in_time.value = p.delay + p.break_time + p.return_delay > 0.0 ? 1.0 : 0.0;
        x.position.value = wanted(x, p);
        x.target.value = 0.0, x.due.value = never;
    }
    static constexpr int root_count = 3;
    /// A transfer is to begin; it is no longer wanted; its next step is due.
    static void roots(const Vars<double>& x, const Params<double>& p, double t, double* g) {
        const int to = wanted(x, p), target = static_cast<int>(x.target);
        const bool on = x.in_time > 0.5, open = x.position < 0.5;
        g[0] = on && target == 0 && to != 0 && to != static_cast<int>(x.position) ? 1.0 : -1.0;
        g[1] = on && target != 0 && !open && to != target ? 1.0 : -1.0;
        g[2] = on && target != 0 ? passed(t, x.due) : -1.0;
    }
    static bool update(Vars<double>& x, const Params<double>& p, int which, double t) {
        if (which == 0) {
            const int to = wanted(x, p), now = static_cast<int>(x.position);
            x.target.value = to;
            x.due.value = t + (now == 0 ? 0.0 : live(x, now) ? p.return_delay : p.delay);
        } else if (which == 1) {
            x.target.value = 0.0, x.due.value = never;
        } else if (x.position > 0.5) {
            x.position.value = 0.0, x.due.value = t + p.break_time;
        } else {
            const int to = wanted(x, p);  // the target itself may have died while the switch was open
            x.position.value = to, x.target.value = 0.0, x.due.value = never;
        }
        return true;
    }
    static void short_circuit(const Vars<double>& x, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (const int input = taken(x, p); input > 0)
            fault_contact(out, fault, p.R, input - 1, 2, is_three_phase<Port<double>>);
    }

   private:
    template <class P>
    static int preferred(const Params<P>& p) {
        return value(p.preferred) < 1.5 ? 1 : 2;
    }
    template <class S>
    static bool live(const Vars<S>& x, int input) {
        return (input == 1 ? x.in_1.live : x.in_2.live) > 0.0;
    }
    template <class S>
    static S phase_difference(Vars<S>& x) {
        if constexpr (is_dc<Port<S>>) {
            return S(0.0);
        } else {
            using std::atan;
            const Phasor<S> a = phase_voltage(x.in_1, 0), b = phase_voltage(x.in_2, 0), turn = times(a, b.conjugate());
            const S beside = magnitude(turn) + turn.re + 1e-9;  // tangent of half the angle: im/(|turn| + re)
            return 2.0 * atan(smooth::abs(S(turn.im), 1e-9) / beside);
        }
    }
    template <class S>
    static S lost(Vars<S>& x) {
        return power_into(x.in_1) + power_into(x.in_2) + power_into(x.out);
    }
};

struct AcTransferSwitch : TransferSwitchOf<AcPort> {
    static constexpr std::string_view type = "ac_transfer_switch";
    static constexpr std::string_view former = "transfer_switch";
    static constexpr std::string_view doc = "Static or automatic transfer switch, balanced three-phase";
};
struct Ac1TransferSwitch : TransferSwitchOf<Ac1Port> {
    static constexpr std::string_view type = "ac1_transfer_switch";
    static constexpr std::string_view former = "transfer_switch1";
    static constexpr std::string_view doc = "Static or automatic transfer switch, single-phase";
};
struct Ac4TransferSwitch : TransferSwitchOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_transfer_switch";
    static constexpr std::string_view former = "transfer_switch3";
    static constexpr std::string_view doc = "Static or automatic transfer switch, four poles";
};
struct DcTransferSwitch : TransferSwitchOf<DcPort> {
    static constexpr std::string_view type = "dc_transfer_switch";
    static constexpr std::string_view former = "transfer_switch_dc";
    static constexpr std::string_view doc = "Transfer switch between two DC feeds";
};

}  // namespace kelvolt::models
