/// Meters in a line: shared by dc_meter, ac_meter and ac4_meter.
#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/power/branch.hpp"

namespace kelvolt::models {

/// A meter between two buses, with the resistance of its shunt or of the joint at its current transformers.
///   i = (v_a - v_b)/R, in every conductor
///   power = power out of side b, below zero where it flows from b to a
///   share = power/P_rated
/// Both are signals for controllers: a capacitor shelf that answers to the load, a shedding ladder.
template <template <class> class Port>
struct MeterOf {
    static constexpr Role role = Role::switching;

    template <class P>
    struct Params {
        P R, P_rated;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::R, "R", "ohm", "resistance of a conductor through it (assumed 5 uohm)", above(0), 5e-6),
                param(&Params::P_rated, "P_rated", "W", "power that `share` refers to", above(0))};
        }
    };
    template <class S>
    struct Vars {
        Port<S> a, b;
        SignalPort<S> power, share;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::a, "a", "side of the source"), port(&Vars::b, "b", "side of the load"),
                              port(&Vars::power, "power", "active power out of side b [W]").writes(1e4),
                              port(&Vars::share, "share", "power over P_rated").writes()};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        for (int k = 0; k < Port<S>::size; ++k) {
            x.a.flow(k) = (x.a.potential(k) - x.b.potential(k)) / p.R;
            x.b.flow(k) = -x.a.flow(k);
        }
        const S P_out = -power_into(x.b);
        x.power.equation = x.power.value - P_out;
        x.share.equation = x.share.value - P_out / p.P_rated;
        add_insulation(x.a);
        add_insulation(x.b);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("P", "W", "active power out of side b", x.power.value);
        out.value("Q", "var", "reactive power out of side b", -reactive_into(x.b));
        out.value("I", "A", "current of the conductor that carries most", current_of(x.a));
        const S loss = power_into(x.a) + power_into(x.b);
        out.value("loss", "W", "loss, to the surroundings", loss);
        out.power_in(-loss);
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        fault_contact(out, fault, p.R, 0, 1, is_three_phase<Port<double>>);
    }
};

struct DcMeter : MeterOf<DcPort> {
    static constexpr std::string_view type = "dc_meter";
    static constexpr std::string_view doc = "Meter in a DC line: its power as a signal";
};
struct AcMeter : MeterOf<AcPort> {
    static constexpr std::string_view type = "ac_meter";
    static constexpr std::string_view doc = "Meter in a three-phase line in balance: its power as a signal";
};
struct Ac4Meter : MeterOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_meter";
    static constexpr std::string_view doc = "Meter in a line of four wires: its power as a signal";
};

}  // namespace kelvolt::models
