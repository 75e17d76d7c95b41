#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/power/branch.hpp"

namespace kelvolt::models {

/// DC supply: an ideal voltage V behind a resistance R (its droop).
///   i = (V - v)/R, delivered
/// Power enters the system at the terminals.
struct DcSource {
    static constexpr std::string_view type = "dc_source";
    static constexpr std::string_view doc = "DC supply: a voltage behind a resistance";
    static constexpr Role role = Role::source;

    template <class P>
    struct Params {
        P V, R, L, I_max, in_service;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::V, "V", "V", "voltage at no load", above(0)),
                param(&Params::R, "R", "ohm", "internal resistance", above(0)),
                param(&Params::L, "L", "H", "inductance, for the current of a short circuit in time", from(0),
                      not_given),
                param(&Params::I_max, "I_max", "A", "largest current", above(0), not_given).rating(),
                param(&Params::in_service, "in_service", "1", "1: in service, 0: out", between(0, 1), 1.0).service()};
        }
    };
    template <class S>
    struct Vars {
        DcPort<S> bus;
        static constexpr auto declare() { return std::tuple{port(&Vars::bus, "bus", "terminals").source().rated("V")}; }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.bus.i = p.in_service * (x.bus.v - p.V) / p.R;
        add_insulation(x.bus);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S P_out = -power_into(x.bus);
        out.key("P", "W", "power delivered", P_out);
        out.key("I", "A", "current delivered", -x.bus.i);
        out.value("v", "V", "voltage at the terminals", x.bus.v);
        out.value("loading", "1", "current over largest current; 0 where I_max is not given",
                  given(p.I_max) ? S(-x.bus.i / p.I_max) : S(0.0));
        out.at_most("source_current", "current delivered", "A", -x.bus.i, p.I_max, "rating of the supply");
        out.power_in(P_out);
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase&, FaultEquivalent& out) {
        if (p.in_service < 0.5) return;
        FaultSource s{FaultSource::Kind::grid, 0, p.I_max};
        s.L = p.L;
        out.source(p.R, s);
    }
    static std::complex<double> open_voltage(const Params<double>& p, int) { return p.V; }
};

}  // namespace kelvolt::models
