#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/power/branch.hpp"
#include "solver/curve/curve.hpp"

namespace kelvolt::models {

/// A battery: open-circuit voltage behind an internal resistance.
///   I = (V_oc - V)/R, delivered
///   V_oc = V_empty + charge (V_full - V_empty), or the curve `open_circuit` of the state of charge
///   d charge/dt = -I/Q, Q = energy/(mean of V_oc); with the curve, whose charge is a share of the energy, -V_oc I/energy
///   loss = R I^2, to `heat`
/// A steady state has the charge `soc`, and the chemical power V_oc I enters the system. A run in time begins with it.
/// At soc_min, or when the terminals fall to V_cut_off while it discharges, it disconnects; it connects again when its
/// bus is live at a voltage above V_oc. Charging ends within the last 0.5 % of the charge.
/// Without `energy` the charge does not change.
/// Source: zero-order (Rint) equivalent circuit; values assumed for each cell type.
struct Battery {
    static constexpr std::string_view type = "battery";
    static constexpr std::string_view doc = "Battery: open-circuit voltage by state of charge, behind a resistance";
    static constexpr Role role = Role::store;

    template <class P>
    struct Params {
        P V_empty, V_full, R, L, soc, soc_min, V_cut_off, energy, I_max, I_charge_max, T, in_service;
        const Curve* open_circuit;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::V_empty, "V_empty", "V", "open-circuit voltage when empty", above(0)),
                param(&Params::V_full, "V_full", "V", "open-circuit voltage when full", above(0)),
                param(&Params::R, "R", "ohm", "internal resistance", above(0)),
                param(&Params::L, "L", "H", "inductance, for the current of a short circuit in time", from(0),
                      not_given),
                param(&Params::soc, "soc", "1", "state of charge, at the begin of a run", between(0, 1), 0.9),
                param(&Params::soc_min, "soc_min", "1", "state of charge at which it disconnects", between(0, 1), 0.0),
                param(&Params::V_cut_off, "V_cut_off", "V", "voltage of the terminals at which it disconnects",
                      above(0), not_given),
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
        Unknown<S> charge;
        Discrete off;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::bus, "bus", "terminals").source(),
                              port(&Vars::heat, "heat", "takes the loss"),
                              unknown(&Vars::charge, "charge", "1", 1e-4, "state of charge", "charge balance", "1/s")
                                  .start(1.0)
                                  .electric()
                                  .store(),
                              discrete(&Vars::off, "off", 0.0, "0: connected, 1: disconnected as it is discharged")};
        }
    };

    /// Open-circuit voltage [V] at a state of charge.
    template <class S, class P>
    static S rest_voltage(const S& charge, const Params<P>& p) {
        return p.open_circuit ? S((*p.open_circuit)(charge)) : S(p.V_empty + charge * (p.V_full - p.V_empty));
    }
    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S I = cell_current(x, p);
        x.bus.i = -I;
        add_insulation(x.bus);
        const S volts = p.open_circuit ? rest_voltage(S(x.charge), p) : S(mean_voltage(p));
        x.charge.stores(given(p.energy) ? S(-I * volts / p.energy) : S(0.0 * I * volts), S(p.soc));
        give_heat(x.heat, S(power_into(x.bus) + chemical(x, p)), p.T);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S P_out = -power_into(x.bus), I = -x.bus.i, source = chemical(x, p);
        out.key("P", "W", "power delivered; negative while it charges", P_out);
        out.key("I", "A", "current delivered", I);
        out.value("v", "V", "voltage at the terminals", x.bus.v);
        const S left = given(p.energy) ? S(energy_to(S(x.charge), p) - energy_to(S(p.soc_min), p)) : S(0.0);
        out.value("time_left", "s",
                  "energy down to soc_min over the power taken from the cells; 0 while it charges or where energy is "
                  "not given",
                  select(source > S(1.0), S(left / (source + 1e-9)), S(0.0)));
        const bool carries = value(P_out) > 1.0 || x.off > 0.5;
        out.at_least("store_charge", "state of charge of a battery that is needed", "1", S(x.charge),
                     carries && given(p.energy) ? S(p.soc_min + 1e-6) : S(not_given), "soc_min: below it is empty");
        report_loss(out, x.heat, S(source - P_out));
        out.at_most("discharge_current", "current delivered", "A", I, p.I_max, "rating of the battery");
        out.at_most("charge_current", "charge current", "A", -I, p.I_charge_max, "rating of the battery");
        if (x.charge.at_rest || !given(p.energy))
            out.power_in(source);
        else
            out.stored(energy_to(S(x.charge), p));
    }
    static bool feeds(const Vars<double>& x, const Params<double>& p, int, int) {
        return p.in_service > 0.5 && x.off < 0.5;
    }
    static std::complex<double> open_voltage(const Params<double>& p, int) { return rest_voltage(p.soc, p); }
    static constexpr int root_count = 2;
    static void roots(const Vars<double>& x, const Params<double>& p, double* g) {
        const bool off = x.off > 0.5, discharges = cell_current(x, p) > 0.0;
        const double drained = p.soc_min - x.charge, low = given(p.V_cut_off) ? p.V_cut_off - x.bus.v : -1.0;
        g[0] = !off && discharges && given(p.energy) ? std::max(drained, low) : -1.0;
        g[1] = off && x.bus.live > 0.0 ? x.bus.v - above_rest * rest_voltage(double(x.charge), p) : -1.0;
    }
    static bool update(Vars<double>& x, const Params<double>&, int which) {
        x.off.value = which == 0 ? 1.0 : 0.0;
        return true;
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase&, FaultEquivalent& out) {
        if (p.in_service < 0.5) return;
        FaultSource s{FaultSource::Kind::battery, 0, p.I_max};
        s.L = p.L;
        out.source(p.R, s);
    }
    static std::string problem(const Params<double>& p) {
        if (p.V_empty >= p.V_full) return "V_empty must lie below V_full";
        if (p.soc_min > p.soc) return "soc_min must not lie above soc: the battery would begin disconnected";
        return {};
    }

   private:
    static constexpr double above_rest = 1.001;  // share of V_oc above which a live bus charges it again
    /// Current out of the cells [A].
    template <class S, class P>
    static S cell_current(const Vars<S>& x, const Params<P>& p) {
        const S V = rest_voltage(S(x.charge), p), I = (V - x.bus.v) / p.R,
                wanted = smooth::step(S(1.0 - x.charge), 0.0, 0.005);
        return p.in_service * (1.0 - x.off.value) * select(I < S(0.0), S(wanted * I), I);
    }
    /// Chemical power [W]: open-circuit voltage times the current through the cells.
    template <class S, class P>
    static S chemical(const Vars<S>& x, const Params<P>& p) {
        return rest_voltage(S(x.charge), p) * cell_current(x, p);
    }
    template <class P>
    static P mean_voltage(const Params<P>& p) {
        return 0.5 * (p.V_empty + p.V_full);
    }
    /// Energy between empty and a charge [J].
    template <class S, class P>
    static S energy_to(const S& charge, const Params<P>& p) {
        if (p.open_circuit) return p.energy * charge;
        return p.energy / mean_voltage(p) * (charge * (p.V_empty + 0.5 * charge * (p.V_full - p.V_empty)));
    }
};

}  // namespace kelvolt::models
