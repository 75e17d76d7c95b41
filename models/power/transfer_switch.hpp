#pragma once

#include "models/power/branch.hpp"
#include "models/power/loss.hpp"

namespace kelvolt::models {

/// Static or automatic transfer switch: connects `out` to the preferred input while that is live, else to the other
/// one, never to both (break before make).
///   i = (v_in - v_out)/R, in every pole of the input in use, neutral included
/// The loss goes to `heat`.
template <template <class> class Port>
struct TransferSwitchOf {
    static constexpr Role role = Role::switching;
    template <class P>
    struct Params {
        P preferred, in_service, R, I_max, Icu, Icw, Icm;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::preferred, "preferred", "1", "input used while it is live, 1 or 2", between(1, 2), 1.0),
                param(&Params::in_service, "in_service", "1", "1: in service, 0: open", between(0, 1), 1.0).service(),
                param(&Params::R, "R", "ohm", "resistance of a closed pole (assumed)", above(0), 5e-4),
                param(&Params::I_max, "I_max", "A", "rated current", above(0), not_given).rating(),
                param(&Params::Icu, "Icu", "A", breaking_capacity_meaning, above(0), not_given),
                param(&Params::Icw, "Icw", "A", withstand_meaning, above(0), not_given),
                param(&Params::Icm, "Icm", "A", making_capacity_meaning, above(0), not_given)};
        }
    };
    template <class S>
    struct Vars {
        Port<S> in_1, in_2, out;
        HeatPort<S> heat;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::in_1, "in_1", "input 1").circuit(1), port(&Vars::in_2, "in_2", "input 2").circuit(2),
                port(&Vars::out, "out", "load").fed_by("in_1", "in_2"), port(&Vars::heat, "heat", "takes the loss")};
        }
    };

    /// The input in use: 1 or 2; 0: open.
    template <class S, class P>
    static int taken(const Vars<S>& x, const Params<P>& p) {
        const bool live[2] = {x.in_1.live > 0.0, x.in_2.live > 0.0};
        const int wanted = value(p.preferred) < 1.5 ? 0 : 1;
        if (value(p.in_service) < 0.5 || !(live[0] || live[1])) return 0;
        return 1 + (live[wanted] ? wanted : 1 - wanted);
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
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S I = current_of(x.out);
        out.key("taken", "1", "input that is closed, 0: none", S(double(taken(x, p))));
        out.key("I", "A", "current of the conductor that carries most", I);
        out.key("loss", "W", "loss, all of it heat", lost(x));
        out.at_most("transfer_switch_current", "current", "A", I, p.I_max, "rated current");
        if (!x.heat.connected) out.power_in(-lost(x));
    }
    static void short_circuit(const Vars<double>& x, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (const int input = taken(x, p); input > 0)
            fault_contact(out, fault, p.R, input - 1, 2, is_three_phase<Port<double>>);
    }
    static bool feeds(const Vars<double>&, const Params<double>& p, int, int) { return p.in_service > 0.5; }

   private:
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
