#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/power/branch.hpp"
#include "solver/curve/curve.hpp"

namespace kelvolt::models {

/// A battery at a given, constant state of charge: open-circuit voltage behind an internal resistance.
///   I = (V_oc - V)/R, delivered
///   V_oc = V_empty + soc (V_full - V_empty), or the curve `open_circuit` of soc
///   loss = R I^2, to `heat`
/// The chemical power V_oc I enters the system.
/// Source: zero-order (Rint) equivalent circuit; values assumed for each cell type.
struct Battery {
    static constexpr std::string_view type = "battery";
    static constexpr std::string_view doc =
        "Battery at a stated state of charge: open-circuit voltage behind a resistance";
    static constexpr Role role = Role::store;

    template <class P>
    struct Params {
        P V_empty, V_full, R, soc, energy, I_max, I_charge_max, T, in_service;
        const Curve* open_circuit;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::V_empty, "V_empty", "V", "open-circuit voltage when empty", above(0)),
                param(&Params::V_full, "V_full", "V", "open-circuit voltage when full", above(0)),
                param(&Params::R, "R", "ohm", "internal resistance", above(0)),
                param(&Params::soc, "soc", "1", "state of charge", between(0, 1), 0.9),
                param(&Params::energy, "energy", "J", "energy from full to empty", above(0), not_given),
                param(&Params::I_max, "I_max", "A", "largest discharge current", above(0), not_given).rating(),
                param(&Params::I_charge_max, "I_charge_max", "A", "largest charge current", above(0), not_given),
                param(&Params::T, "T", "K", "temperature if the heat port is not connected", above(0), 293.15),
                param(&Params::in_service, "in_service", "1", "1: on the bus, 0: off", between(0, 1), 1.0).service(),
                optional_curve(&Params::open_circuit, "open_circuit", "1", "V",
                               "open-circuit voltage over state of charge")};
        }
    };
    template <class S>
    struct Vars {
        DcPort<S> bus;
        HeatPort<S> heat;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::bus, "bus", "terminals").source(),
                              port(&Vars::heat, "heat", "takes the loss")};
        }
    };

    template <class P>
    static P rest_voltage(const Params<P>& p) {
        return p.open_circuit ? P((*p.open_circuit)(p.soc)) : P(p.V_empty + p.soc * (p.V_full - p.V_empty));
    }
    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.bus.i = p.in_service * (x.bus.v - rest_voltage(p)) / p.R;
        add_insulation(x.bus);
        give_heat(x.heat, S(power_into(x.bus) + chemical(x, p)), p.T);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S P_out = -power_into(x.bus), I = -x.bus.i, source = chemical(x, p);
        out.key("P", "W", "power delivered; negative while it charges", P_out);
        out.key("I", "A", "current delivered", I);
        out.value("v", "V", "voltage at the terminals", x.bus.v);
        out.value(
            "time_left", "s", "energy left over power delivered; 0 while it charges or where energy is not given",
            given(p.energy) ? S(p.soc * p.energy * select(P_out > S(1.0), S(1.0 / (P_out + 1e-9)), S(0.0))) : S(0.0));
        report_loss(out, x.heat, S(source - P_out));
        out.at_most("discharge_current", "current delivered", "A", I, p.I_max, "rating of the battery");
        out.at_most("charge_current", "charge current", "A", -I, p.I_charge_max, "rating of the battery");
        out.power_in(source);
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase&, FaultEquivalent& out) {
        if (p.in_service > 0.5) out.source(p.R, {FaultSource::Kind::battery, 0, p.I_max});
    }
    static std::complex<double> open_voltage(const Params<double>& p, int) { return rest_voltage(p); }
    static std::string problem(const Params<double>& p) {
        if (p.V_empty >= p.V_full) return "V_empty must lie below V_full";
        return {};
    }

   private:
    /// Chemical power [W]: open-circuit voltage times the current through the cells.
    template <class S, class P>
    static S chemical(const Vars<S>& x, const Params<P>& p) {
        const P V = rest_voltage(p);
        return p.in_service * V * (V - x.bus.v) / p.R;
    }
};

}  // namespace kelvolt::models
