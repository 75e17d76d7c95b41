#pragma once

#include "models/power/port_power.hpp"
#include "models/silicon/chip.hpp"

namespace kelvolt::models {

/// The package of chip.hpp supplied by a DC bus of voltage v (the output of a regulator).
///   v >= V_min: P = P(T_die), as in chip.hpp
///   v < V_min: P falls approximately with the square of the voltage, so that the current stays finite
///   dead bus: P = 0
/// Leakage depends on the die temperature. Supply current, losses of the converters before it and coolant temperatures
/// are therefore solved together.
struct PoweredChip {
    static constexpr std::string_view type = "powered_chip";
    static constexpr std::string_view doc = "Chip package that draws its power, leakage included, from a DC bus";
    static constexpr Role role = Role::chip;

    template <class P>
    struct Params : Chip::Params<P> {
        P V_min;
        static constexpr auto declare() {
            return std::tuple_cat(
                Chip::Params<P>::declare(),
                std::tuple{param(&Params::V_min, "V_min", "V", "voltage below which it draws less than its full power",
                                 above(0), 0.5)});
        }
    };
    template <class S>
    struct Vars : Chip::Vars<S> {
        DcPort<S> supply;
        static constexpr auto declare() {
            return std::tuple_cat(Chip::Vars<S>::declare(),
                                  std::tuple{port(&Vars::supply, "supply", "bus of its regulator").draws()});
        }
    };

    template <class S, class P>
    static S on(const Vars<S>& x, const Params<P>& p) {
        const S v2 = x.supply.v * x.supply.v;
        return x.supply.load * (v2 / smooth::divisor(v2, S(p.V_min * p.V_min)));
    }
    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        Chip::warm(x, p, on(x, p));
        draw(x.supply, S(x.supply.load * Chip::wanted(x, p)), S(0.0), S(p.V_min));
        add_insulation(x.supply);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        Chip::report(x, p, out, on(x, p));
        const S insulation = G_insulation * x.supply.v * x.supply.v;
        out.value("i", "A", "current of the package", x.supply.i);
        out.at_least("chip_voltage", "supply voltage", "V", x.supply.v, x.supply.live > 0.0 ? S(p.V_min) : S(not_given),
                     "V_min");
        report_fed(out, x.supply, value(Chip::wanted(x, p)) > 0.0);
        out.power_in(-insulation);
    }
};

}  // namespace kelvolt::models
