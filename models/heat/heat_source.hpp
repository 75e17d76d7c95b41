#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Heat from outside the system into a heat port, whatever the temperature there.
///   Q_flow = -power
/// `power` may follow a profile; a negative value takes heat out.
struct HeatSource {
    static constexpr std::string_view type = "heat_source";
    static constexpr std::string_view doc = "A stated heat flow into a heat port";
    static constexpr Role role = Role::heater;
    static constexpr bool surroundings = true;

    template <class P>
    struct Params {
        P power;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::power, "power", "W", "heat into the port; negative takes heat out", any())};
        }
    };
    template <class S>
    struct Vars {
        HeatPort<S> port;
        static constexpr auto declare() {
            return std::tuple{kelvolt::port(&Vars::port, "port", "component that is heated")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.port.Q_flow = -S(p.power);
    }
    template <class S, class P>
    static void outputs(const Vars<S>&, const Params<P>& p, Report<S>& out) {
        out.key("P", "W", "heat into the port", p.power);
        out.power_in(p.power);
    }
};

}  // namespace kelvolt::models
