/// Switches and breakers: shared by dc_switch, ac_switch, ac1_switch and ac4_switch.
#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/power/branch.hpp"

namespace kelvolt::models {

/// A switch or breaker.
///   i = closed (v_a - v_b)/R, in every conductor
/// On four wires each pole can be open alone (pole_a to pole_n: 0).
/// `closed` is 1 or 0, R is the contact resistance; its loss goes to `heat`. Behind an open switch, buses are dead
/// unless they have another supply.
/// Limit: load_max times the rated current. load_max is the share allowed continuously: 0.8, or 1 for assemblies rated
/// at 100 %.
/// Duty: Icu against the largest fault current at its place, Icm against the peak (`kelvolt shortcircuit`).
/// Source: NEC 210.20(A), 215.3 (clause not verified); IEC 60947-2 (Icu, Icw, Icm).
template <template <class> class Port>
struct SwitchOf {
    static constexpr Role role = Role::switching;
    static constexpr bool four_wires = is_three_phase<Port<double>>;
    template <class P>
    struct Params : Poles<P> {
        P closed, R, I_rated, Icu, Icw, Icm, load_max, T;
        static constexpr auto declare() {
            if constexpr (four_wires)
                return std::tuple_cat(common(), Poles<P>::poles());
            else
                return common();
        }
        static constexpr auto common() {
            return std::tuple{
                param(&Params::closed, "closed", "1", "1: closed, 0: open", between(0, 1), 1.0).closes(),
                param(&Params::R, "R", "ohm", "contact resistance (assumed 20 uohm)", above(0), 2e-5),
                param(&Params::I_rated, "I_rated", "A", "rated current", above(0), not_given).rating(),
                param(&Params::Icu, "Icu", "A", breaking_capacity_meaning, above(0), not_given),
                param(&Params::Icw, "Icw", "A", withstand_meaning, above(0), not_given),
                param(&Params::Icm, "Icm", "A", making_capacity_meaning, above(0), not_given),
                param(&Params::load_max, "load_max", "1", "continuous current over rated (assumed)", share_of_rating,
                      1.0),
                param(&Params::T, "T", "K", "temperature if the heat port is not connected", above(0), 293.15)};
        }
    };
    template <class S>
    struct Vars {
        Port<S> a, b;
        HeatPort<S> heat;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::a, "a", "one side"), port(&Vars::b, "b", "other side"),
                              port(&Vars::heat, "heat", "takes the loss")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const P G = p.closed / p.R;
        contact<S>(x, p.T, [&](int k) { return four_wires ? P(G * p.pole(k / 2)) : G; });
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S I = report_contact<S>(out, x);
        out.value("loading", "1", "current over rated current; 0 where I_rated is not given",
                  given(p.I_rated) ? S(I / p.I_rated) : S(0.0));
        out.at_most("breaker_load", "current", "A", I, p.load_max * p.I_rated,
                    "rated current times load_max (NEC 210.20(A), 215.3: 0.8; clause not verified)");
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (p.closed > 0.5) fault_contact(out, fault, p.R, 0, 1, is_three_phase<Port<double>>);
    }
    static bool separates(const Vars<double>&, const Params<double>& p) {
        return p.closed < 0.5 || (four_wires && p.no_phase());
    }
};

/// Switch or breaker, three phases in balance.
struct AcSwitch : SwitchOf<AcPort> {
    static constexpr std::string_view type = "ac_switch";
    static constexpr std::string_view doc = "Switch or breaker, three phases in balance";
};
/// Switch or breaker, single-phase.
struct Ac1Switch : SwitchOf<Ac1Port> {
    static constexpr std::string_view type = "ac1_switch";
    static constexpr std::string_view doc = "Switch or breaker, single-phase";
};
/// Switch or breaker, four wires.
struct Ac4Switch : SwitchOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_switch";
    static constexpr std::string_view former = "ac3_switch";
    static constexpr std::string_view doc = "Switch or breaker, four wires";
};
/// Switch or breaker, DC.
struct DcSwitch : SwitchOf<DcPort> {
    static constexpr std::string_view type = "dc_switch";
    static constexpr std::string_view doc = "Switch or breaker, DC";
};

}  // namespace kelvolt::models
