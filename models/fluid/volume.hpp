#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Coolant volume at a connection, well mixed. Also closes an open end.
///   H_flow = M cp(T) dT/dt, M = rho(20 degC) volume
/// M is the mass of the filling, which does not change (incompressible circuit).
struct Volume {
    static constexpr std::string_view type = "volume";
    static constexpr std::string_view doc = "Coolant volume at a connection; closes an open end";
    static constexpr Role role = Role::junction;
    static constexpr bool in_lanes = true;
    static constexpr bool only_stores = true;

    template <class P>
    struct Params {
        P volume;
        static constexpr auto declare() {
            return std::tuple{param(&Params::volume, "volume", "m3", "coolant volume", above(0))};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> port;
        static constexpr auto declare() { return std::tuple{kelvolt::port(&Vars::port, "port", "the connection")}; }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.port.H_flow = filling(*x.port.medium, p.volume) * x.port.medium->cp(x.port.T) * x.port.T_der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.coolant(x.port.circuit, *x.port.medium, filling(*x.port.medium, p.volume), x.port.T, x.port.T_der);
        out.value("volume", "m3", "coolant volume", p.volume);
    }
};

}  // namespace kelvolt::models
