#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Solid body of uniform temperature.
///   Q_flow = C dT/dt
/// Valid while conduction inside is fast compared with the heat transfer at its surface (Biot number well below 1).
struct HeatCapacity {
    static constexpr std::string_view type = "heat_capacity";
    static constexpr std::string_view doc = "A solid lump of one temperature";
    static constexpr Role role = Role::heat_store;
    static constexpr bool only_stores = true;

    template <class P>
    struct Params {
        P C;
        static constexpr auto declare() { return std::tuple{param(&Params::C, "C", "J/K", "heat capacity", above(0))}; }
    };
    template <class S>
    struct Vars {
        HeatPort<S> port;
        static constexpr auto declare() { return std::tuple{kelvolt::port(&Vars::port, "port", "the lump")}; }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.port.Q_flow = p.C * x.port.T_der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.value("T", "K", "temperature", x.port.T);
        out.stored(p.C * (x.port.T - 273.15));
    }
};

}  // namespace kelvolt::models
