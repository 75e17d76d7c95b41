#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Heat flow proportional to a temperature difference.
///   Q_flow = G (T_a - T_b)
struct Conductance {
    static constexpr std::string_view type = "conductance";
    static constexpr std::string_view doc = "Thermal conductance between two heat ports";
    static constexpr Role role = Role::conductor;

    template <class P>
    struct Params {
        P G;
        static constexpr auto declare() {
            return std::tuple{param(&Params::G, "G", "W/K", "thermal conductance", from(0))};
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
        x.a.Q_flow = p.G * (x.a.T - x.b.T);
        x.b.Q_flow = -x.a.Q_flow;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.value("Q_flow", "W", "heat from a to b", x.a.Q_flow);
    }
};

}  // namespace kelvolt::models
