/// Named buses: shared by ac_bus, ac1_bus, ac4_bus and dc_bus.
#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/power/thevenin.hpp"
#include "models/power/unbalance.hpp"

namespace kelvolt::models {

/// A named connection point: a board, a busbar, the inlet of a rack. It draws no current except through its insulation.
/// It reports the voltage and checks it against a window (`V_low` and `V_high`, relative to V); on four wires it also
/// reports and checks the unbalance by both definitions (unbalance.hpp).
/// On three-phase buses `electrodes`, the gap, the distance of a person and the box describe the board for the energy of
/// an arc flash (IEEE 1584-2018); they have no effect on the network.
template <template <class> class Port>
struct BusOf {
    static constexpr Role role = Role::bus;
    static constexpr bool four_wires = is_three_phase<Port<double>>, three_phase = line_over_phase<Port<double>> > 1.0;
    enum class Electrodes { not_stated, VCB, VCBB, HCB, VOA, HOA };

    template <class P>
    struct Params {
        P V, G, V_low, V_high, unbalance_max, V2_max, gap, arc_distance, box_height, box_width, box_depth;
        Electrodes electrodes;
        static constexpr auto common() {
            return std::tuple{
                param(&Params::V, "V", "V", "nominal voltage (line to line for three phases)", above(0)),
                param(&Params::G, "G", "S", "insulation of each conductor to earth (assumed)", above(0), 1e-9),
                param(&Params::V_low, "V_low", "1", "lower end of the window over nominal", share_of_nominal,
                      not_given),
                param(&Params::V_high, "V_high", "1", "upper end of the window over nominal", share_of_nominal,
                      not_given)};
        }
        static constexpr auto declare() {
            if constexpr (four_wires)
                return std::tuple_cat(
                    common(), board(),
                    std::tuple{param(&Params::unbalance_max, "unbalance_max", "1",
                                     "largest deviation of a line voltage from the mean (NEMA MG 1)", share_of_nominal,
                                     not_given),
                               param(&Params::V2_max, "V2_max", "1",
                                     "largest negative over positive sequence voltage (EN 50160: 2 %)", share_of_whole,
                                     not_given)});
            else if constexpr (three_phase)
                return std::tuple_cat(common(), board());
            else
                return common();
        }
        static constexpr auto board() {
            return std::tuple{
                choice(&Params::electrodes, "electrodes",
                       "conductors where an arc may burn: vertical in a box (VCB), vertical against a barrier in a box "
                       "(VCBB), horizontal in a box (HCB), vertical or horizontal in open air (VOA, HOA)",
                       {"not_stated", "VCB", "VCBB", "HCB", "VOA", "HOA"}),
                param(&Params::gap, "gap", "m", "gap between conductors, for an arc flash", above(0), not_given),
                param(&Params::arc_distance, "arc_distance", "m", "from the arc to a person who works there", above(0),
                      not_given),
                param(&Params::box_height, "box_height", "m", "height of the enclosure, for an arc flash", above(0),
                      not_given),
                param(&Params::box_width, "box_width", "m", "width of the enclosure, for an arc flash", above(0),
                      not_given),
                param(&Params::box_depth, "box_depth", "m", "depth of the enclosure, for an arc flash", above(0),
                      not_given)};
        }
    };
    template <class S>
    struct Vars {
        Port<S> bus;
        static constexpr auto declare() { return std::tuple{port(&Vars::bus, "bus", "the bus itself").rated("V")}; }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        for (int k = 0; k < Port<S>::size; ++k) x.bus.flow(k) = p.G * x.bus.potential(k);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S least = lowest_voltage(x.bus), most = highest_voltage(x.bus), off(not_given);
        const bool on = x.bus.live > 0.0;
        if constexpr (four_wires) {
            const auto skew = voltage_unbalance(voltage_of(x.bus, 0), voltage_of(x.bus, 1), voltage_of(x.bus, 2));
            out.value("unbalance_lines", "1",
                      "largest deviation of a line-to-line voltage from their mean, over the mean (NEMA MG 1)",
                      skew.lines);
            out.value("V2_over_V1", "1", "negative over positive sequence of the voltage (IEC 61000-3-13)",
                      skew.V2_over_V1);
            out.at_most("voltage_unbalance_lines", "deviation of a line voltage from their mean", "1", skew.lines,
                        on ? S(p.unbalance_max) : off, "unbalance_max: NEMA MG 1, ANSI C84.1");
            out.at_most("voltage_V2_over_V1", "negative over positive sequence voltage", "1", skew.V2_over_V1,
                        on ? S(p.V2_max) : off, "V2_max: IEC 61000-3-13, EN 50160");
        }
        out.key("v", "V", four_wires ? "lowest voltage of a phase against neutral" : "voltage",
                least / line_over_phase<Port<S>>);
        out.value("v_over_nominal", "1", "voltage over nominal", least / p.V);
        out.at_least("bus_voltage_min", "voltage over nominal", "1", least / p.V, on ? S(p.V_low) : off, "window");
        out.at_most("bus_voltage_max", "voltage over nominal", "1", most / p.V, on ? S(p.V_high) : off, "window");
        out.power_in(-power_into(x.bus));
    }
    static std::string problem(const Params<double>& p) {
        if (p.V_low >= p.V_high) return "V_low must lie below V_high";
        return {};
    }
};

struct AcBus : BusOf<AcPort> {
    static constexpr std::string_view type = "ac_bus";
    static constexpr std::string_view doc = "Named three-phase bus in balance, with a voltage window";
};
struct Ac1Bus : BusOf<Ac1Port> {
    static constexpr std::string_view type = "ac1_bus";
    static constexpr std::string_view doc = "Named single-phase bus, with a voltage window";
};
struct Ac4Bus : BusOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_bus";
    static constexpr std::string_view former = "ac3_bus";
    static constexpr std::string_view doc = "Named bus on four wires, with a voltage window and unbalance";
};
struct DcBus : BusOf<DcPort> {
    static constexpr std::string_view type = "dc_bus";
    static constexpr std::string_view doc = "Named DC bus, with a voltage window";
};

}  // namespace kelvolt::models
