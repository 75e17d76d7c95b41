#pragma once

#include "models/power/branch.hpp"

namespace kelvolt::models {

/// Connects the neutral of four wires to earth.
///   i = v_n/R
/// The power lost in R leaves the system.
struct Ground {
    static constexpr std::string_view type = "ground";
    static constexpr std::string_view doc = "Earth electrode at a neutral";
    static constexpr Role role = Role::earth;

    template <class P>
    struct Params {
        P R;
        static constexpr auto declare() {
            return std::tuple{param(&Params::R, "R", "ohm", "resistance to earth", above(0), 1.0)};
        }
    };
    template <class S>
    struct Vars {
        Ac4Port<S> bus;
        static constexpr auto declare() { return std::tuple{port(&Vars::bus, "bus", "whose neutral is earthed")}; }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        for (int part = 6; part < 8; ++part) x.bus.flow(part) = x.bus.potential(part) / p.R;
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase&, FaultEquivalent& out) {
        out.earth(p.R, 0);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("I", "A", "current to earth", magnitude(Phasor<S>{x.bus.i_re[3], x.bus.i_im[3]}));
        out.value("v", "V", "voltage of the neutral against earth", magnitude(voltage_of(x.bus, 3)));
        out.power_in(-power_into(x.bus));
    }
};

}  // namespace kelvolt::models
