#pragma once

#include <fmt/format.h>

#include "models/control/ramp_law.hpp"
#include "models/power/branch.hpp"
#include "models/power/loss.hpp"

namespace kelvolt::models {

/// Capacitor shelf on a DC bus: capacitors behind a converter that gives and takes power, so that the supply of the bus
/// sees less of the swings of its load.
///   P = load - even + P_rated (mean - v)/droop - centring, at most P_rated either way, above zero to the bus
///   d even/dt = (load - even)/tau_load, at most ramp_up, at least -ramp_down: what is left to the supply
///   d mean/dt = (v - mean)/tau_bus: voltage about which it answers to the bus
///   centring = energy (charge_set - charge)/recentring
///   P_c = P + P_rated (loss(|P|/P_rated) - loss(0)) = V_c I - ESR I^2
///   d charge/dt = -V_c I/energy, V_c^2 = V_min^2 + charge (V_max^2 - V_min^2), energy = C (V_max^2 - V_min^2)/2
/// `load` is the power of the load [W], as a meter states it; without it the first difference is zero, without `droop` the
/// second. Both act together.
/// A bus without load is not driven up: without `droop` it gives at most `load`, and within 5 % of V_bus below V_high
/// what it gives falls to zero.
/// Near empty and near full, within 5 % of the charge, the power falls to zero: empty gives nothing, full takes nothing.
/// P_rated loss(0), standby, is taken from a live bus. All losses become heat; the share `to_air` goes to `air`.
/// It makes no voltage of its own: on a bus that nothing else feeds it gives nothing, that is the task of hold-up and of
/// a battery shelf. Into a fault it gives its rated current (assumed).
/// A run begins at charge_set. In a steady state it neither gives nor takes, apart from standby.
/// Source: energy of a capacitor, C V^2/2, behind its equivalent series resistance; the control law is assumed.
struct CapacitorShelf {
    static constexpr std::string_view type = "capacitor_shelf";
    static constexpr std::string_view doc = "Capacitor shelf on a DC bus: takes the swings of the load";
    static constexpr Role role = Role::store;

    template <class P>
    struct Params {
        P P_rated, V_bus, V_high, C, ESR, V_max, V_min, in_service, charge_set, recentring, tau_load, ramp_up,
            ramp_down, droop, tau_bus, to_air, I_max;
        const Curve* loss;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::P_rated, "P_rated", "W", "largest power it gives or takes", above(0)).rating(),
                param(&Params::V_bus, "V_bus", "V", "nominal voltage of its bus", above(0)),
                param(&Params::V_high, "V_high", "V",
                      "bus voltage above which it gives nothing; 1.1 V_bus where not given (assumed)", above(0),
                      not_given),
                param(&Params::C, "C", "F", "capacitance of all capacitors together", above(0)),
                param(&Params::ESR, "ESR", "ohm", "their equivalent series resistance", from(0)),
                param(&Params::V_max, "V_max", "V", "voltage of the capacitors when full", above(0)),
                param(&Params::V_min, "V_min", "V", "voltage of the capacitors at which it counts as empty", above(0)),
                param(&Params::in_service, "in_service", "1", "1: in service, 0: out", between(0, 1), 1.0).service(),
                param(&Params::charge_set, "charge_set", "1", "charge at the begin of a run, to which it returns",
                      Range{0.1, 0.9}, 0.5),
                param(&Params::recentring, "recentring", "s", "time constant of the return to charge_set (assumed)",
                      above(0), 30.0),
                param(&Params::tau_load, "tau_load", "s",
                      "time constant with which the supply follows the load (assumed)", above(0), 0.1),
                param(&Params::ramp_up, "ramp_up", "W/s", ramp_up_meaning, above(0), not_given),
                param(&Params::ramp_down, "ramp_down", "W/s", ramp_down_meaning, above(0), not_given),
                param(
                    &Params::droop, "droop", "V",
                    "fall of the bus voltage below its mean at which it gives P_rated; without it, it does not answer",
                    above(0), not_given),
                param(&Params::tau_bus, "tau_bus", "s", "time constant of the mean of the bus voltage (assumed)",
                      above(0), 5.0),
                param(&Params::to_air, "to_air", "1", "share of the loss that goes to `air`", between(0, 1), 0.0),
                param(&Params::I_max, "I_max", "A", "largest current of all capacitors together, either way", above(0),
                      not_given),
                optional_curve(&Params::loss, "loss", "1", "1",
                               "loss of its converter over rating against power over rating")};
        }
        P energy() const { return 0.5 * C * (V_max * V_max - V_min * V_min); }
    };
    template <class S>
    struct Vars {
        DcPort<S> bus;
        HeatPort<S> heat, air;
        SignalPort<S> load, state_of_charge;
        Unknown<S> charge, even, mean;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::bus, "bus", "DC bus that it supports").rated("V_bus"),
                port(&Vars::heat, "heat", "takes the loss: air or coolant"),
                port(&Vars::air, "air", "takes the share `to_air` of the loss"),
                port(&Vars::load, "load", "power of the load [W], of a meter").otherwise(0.0),
                port(&Vars::state_of_charge, "state_of_charge", "state of charge").writes(),
                unknown(&Vars::charge, "charge", "1", 0.01, "state of charge: energy above V_min over that at V_max",
                        "energy balance of the capacitors", "1/s")
                    .start(0.5)
                    .electric()
                    .store(),
                unknown(&Vars::even, "even", "1", 1.0, "share of the load that is left to the supply, over P_rated",
                        "ramp of the supply", "1/s")
                    .electric()
                    .store(),
                unknown(&Vars::mean, "mean", "V", 1.0, "mean of the bus voltage", "mean of the bus voltage", "V/s")
                    .store()};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Flow<S> f = flow(x, p);
        x.bus.i += (f.standby - f.share * p.P_rated) * x.bus.v / floored(x, p);
        add_insulation(x.bus);
        x.charge.stores(S(-f.drawn / p.energy()), S(p.charge_set));
        const S load = x.load.value / p.P_rated;
        x.even.stores(
            following_rate(S(load - x.even), p.tau_load, P(p.ramp_up / p.P_rated), P(p.ramp_down / p.P_rated)), load);
        const S near = x.bus.live > 0.0 ? x.bus.v : S(p.V_bus + 0.0 * x.bus.v);
        x.mean.stores(S((near - x.mean) / p.tau_bus), near);
        x.state_of_charge.equation = x.state_of_charge.value - x.charge;
        place_heat(x.heat, x.air, S(power_into(x.bus) + f.drawn), p.to_air);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Flow<S> f = flow(x, p);
        const S loss = power_into(x.bus) + f.drawn, P_out = -power_into(x.bus), zero(0.0);
        const S left = p.energy() * x.charge;
        const double wanted = x.bus.live > 0.0 && value(p.in_service) > 0.5 ? value(f.wanted) : 0.0;
        out.key("P_out", "W", "power given to the bus; below zero it takes", P_out);
        out.key("loss", "W", "loss, all of it heat", loss);
        out.value("P_asked", "W", "power asked for; what is beyond P_rated stays with the supply",
                  S(f.wanted * p.P_rated));
        out.value("loading", "1", "power given or taken over P_rated", smooth::abs(f.share, 1e-9));
        out.value("v_capacitor", "V", "voltage of the capacitors without their resistance", f.V);
        out.value("I_capacitor", "A", "current of the capacitors; below zero they are charged", f.I);
        out.value("energy_left", "J", "energy above empty", left);
        out.value("time_left", "s", "energy above empty over the power taken from it; 0 while it charges",
                  select(f.drawn > S(1e-3 * p.P_rated), S(left / (f.drawn + 1e-9)), zero));
        out.value("heat_outside", "W", "loss whose heat port is not connected: it leaves the system",
                  heat_outside(x.heat, x.air, loss));
        out.at_most("capacitor_current", "current of the capacitors", "A", smooth::abs(f.I, 1e-6), p.I_max, "I_max");
        out.at_least("store_charge", "state of charge of a store that is needed", "1", S(x.charge),
                     wanted > aside ? S(taper) : S(not_given), "below it less than what is asked for is given");
        out.at_most("store_room", "state of charge of a store that is to take power", "1", S(x.charge),
                    wanted < -aside ? S(1.0 - taper) : S(not_given), "above it less than what is asked for is taken");
        out.power_in(-heat_outside(x.heat, x.air, loss));
        if (x.charge.at_rest)
            out.power_in(f.drawn);
        else
            out.stored(left);
    }
    static void short_circuit(const Vars<double>& x, const Params<double>& p, const FaultCase&, FaultEquivalent& out) {
        if (p.in_service < 0.5 || !(x.bus.live > 0.0)) return;
        constexpr double stiffness = 0.01;  // share of its voltage lost at rated current; its limit counts
        const double I = p.P_rated / p.V_bus;
        FaultSource s{FaultSource::Kind::converter, 0, I};
        s.I_limit = I;
        out.source(stiffness * p.V_bus / I, s);
    }
    static std::string problem(const Params<double>& p) {
        if (p.V_min >= p.V_max) return "V_min must lie below V_max";
        double most = 0.0;
        if (p.loss) {
            if (std::string text = loss_problem(*p.loss); !text.empty()) return text;
            for (int k = 0; k <= 100; ++k) most = std::max(most, (*p.loss)(0.01 * k) - (*p.loss)(0.0));
        }
        const double P = p.P_rated * (1.0 + most), possible = 0.0625 * p.V_min * p.V_min / p.ESR;
        if (P > possible)
            return fmt::format(
                "P_rated = {:g} W and the loss of its converter, together {:g} W, are more than a quarter of the {:g} "
                "W "
                "that capacitors of ESR = {:g} ohm can give at V_min = {:g} V; lower P_rated, or raise V_min",
                p.P_rated, P, 4.0 * possible, p.ESR, p.V_min);
        return {};
    }

   private:
    static constexpr double taper = 0.05;  // of the charge, within which the power falls to zero
    static constexpr double aside = 0.01;  // of the rating: what is less is not judged
    template <class S>
    struct Flow {
        S wanted, share;  ///< power asked for and given to the bus, over rating
        S standby;        ///< taken from the bus [W]
        S V, I, drawn;    ///< of the capacitors: voltage [V], current [A], power out of the electric field [W]
    };
    /// Square of the bus voltage as a divisor: below half of V_bus less power flows.
    template <class S, class P>
    static S floored(const Vars<S>& x, const Params<P>& p) {
        return smooth::divisor(S(x.bus.v * x.bus.v), S(0.25 * p.V_bus * p.V_bus));
    }
    template <class S, class P>
    static Flow<S> flow(Vars<S>& x, const Params<P>& p) {
        using std::sqrt;
        Flow<S> f;
        const S zero(0.0), charge = x.charge, on = S(p.in_service * x.bus.live);
        const S answer = given(p.droop) ? S((x.mean - x.bus.v) / p.droop) : S(0.0 * (x.mean - x.bus.v));
        f.wanted = x.load.value / p.P_rated - x.even + answer -
                   p.energy() / (p.recentring * p.P_rated) * (p.charge_set - charge);
        const S asked = select(f.wanted > zero, f.wanted, zero), in = asked - f.wanted;
        const S load = select(x.load.value > zero, S(x.load.value / p.P_rated), zero);
        const S out = given(p.droop) ? asked : S(select(asked < load, asked, load));
        const S room = smooth::step(S((otherwise(p.V_high, P(1.1 * p.V_bus)) - x.bus.v) / p.V_bus), 0.0, 0.05);
        f.share = on * (room * smooth::step(charge, 0.0, taper) * saturated(out) -
                        smooth::step(S(1.0 - charge), 0.0, taper) * saturated(in));
        f.standby = p.loss ? S(on * p.P_rated * (*p.loss)(S(0.0 * f.share))) : zero;
        const S fed = x.bus.v * x.bus.v / floored(x, p);  // 1 above half of V_bus
        const S converted =
            p.loss ? S((*p.loss)(S(smooth::abs(f.share, 1e-3) - 1e-3)) - (*p.loss)(S(0.0 * f.share))) : zero;
        const S P_c = p.P_rated * (f.share * fed + converted);
        const P V2_min = p.V_min * p.V_min;
        const S V2 = smooth::divisor(S(V2_min + charge * (p.V_max * p.V_max - V2_min)), S(0.9 * V2_min));
        f.V = sqrt(V2);
        f.I = 2.0 * P_c / (f.V + sqrt(S(V2 - 4.0 * p.ESR * P_c)));
        f.drawn = f.V * f.I;
        return f;
    }
};

}  // namespace kelvolt::models
