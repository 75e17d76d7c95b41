#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Heat flow through a resistance, as data sheets state it (interface material, lid).
///   Q_flow = (T_a - T_b)/R
/// The same law as that of a conductance.
struct ThermalResistance {
    static constexpr std::string_view type = "thermal_resistance";
    static constexpr std::string_view doc = "Thermal resistance between two heat ports";
    static constexpr Role role = Role::conductor;

    template <class P>
    struct Params {
        P R;
        static constexpr auto declare() {
            return std::tuple{param(&Params::R, "R", "K/W", "thermal resistance", above(0))};
        }
    };
    template <class S>
    struct Vars {
        HeatPort<S> a, b;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::a, "a", "one side"), port(&Vars::b, "b", "other side")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.a.Q_flow = (x.a.T - x.b.T) / p.R;
        x.b.Q_flow = -x.a.Q_flow;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.value("Q_flow", "W", "heat from a to b", x.a.Q_flow);
    }
};

}  // namespace kelvolt::models
