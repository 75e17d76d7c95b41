#pragma once

#include <complex>

#include "models/fluid/flow_laws.hpp"
#include "models/power/dc_output.hpp"

namespace kelvolt::models {

/// Battery backup shelf on a DC bus, with `modules` modules of rating P_rated.
///   bus above V_trigger: i = 0, an ORing device blocks
///   bus below V_trigger: v = V_trigger - droop i/I_rated, I_rated = modules P_rated/V_trigger
///   autonomy = charge energy/(load + loss)
///   d charge/dt = (P_charge - load - loss)/energy
/// The second law holds up to the limit of the output (dc_output.hpp). When the shelf carries load, the battery
/// supplies load and loss; a steady state that depends on it holds for the time `autonomy`. When the battery is empty
/// the shelf disconnects until it is charged to 2 %. When idle, charger and management take P_standby from a live bus;
/// all of it becomes heat. A battery that is not full charges with P_charge over efficiency_charge, less within the last
/// 1 %. The share `to_air` of the heat goes to `air`, the rest to `heat`.
struct BbuShelf {
    static constexpr std::string_view type = "bbu_shelf";
    static constexpr std::string_view doc = "Battery backup shelf on a DC bus: takes over below its trigger voltage";
    static constexpr Role role = Role::store;

    /// Start value of s for Newton's iteration: almost no current, since the shelf is normally idle.
    static constexpr double start = 2e-4;

    template <class P>
    struct Params : OutputCapacitor<P> {
        P P_rated, modules, in_service, V_trigger, droop, current_limit, limit_hold, energy, autonomy_min, P_standby,
            to_air, load_max, charge_start, P_charge, efficiency_charge;
        const Curve* loss;
        static constexpr auto declare() { return std::tuple_cat(shelf(), Params::template output_capacitor<Params>()); }
        static constexpr auto shelf() {
            return std::tuple{
                param(&Params::P_rated, "P_rated", "W", "rated output of one module", above(0)).rating(),
                param(&Params::modules, "modules", "1", "modules in service", above(0), 1.0).counts(),
                param(&Params::in_service, "in_service", "1", "1: in service, 0: out", between(0, 1), 1.0).service(),
                param(&Params::V_trigger, "V_trigger", "V", "bus voltage below which it supplies the bus", above(0)),
                param(&Params::droop, "droop", "V", "voltage lost from no load to rated current", above(0)),
                param(&Params::current_limit, "current_limit", "1",
                      "current over rated current where the limit begins (assumed)", Range{0.1, 10.0, true, false},
                      1.5),
                param(&Params::limit_hold, "limit_hold", "1", limit_hold_meaning, between(0.2, 1), 0.85),
                param(&Params::energy, "energy", "J", "energy of the shelf at its terminals", above(0)),
                param(&Params::autonomy_min, "autonomy_min", "s", "least time it must carry the load", from(0),
                      not_given),
                param(&Params::P_standby, "P_standby", "W", "charger and management, taken from a live bus", from(0),
                      0.0),
                param(&Params::to_air, "to_air", "1", "share of the loss that goes to `air`", between(0, 1), 0.0),
                param(&Params::load_max, "load_max", "1", "largest load over rating", share_of_rating, 1.0),
                param(&Params::charge_start, "charge_start", "1", "state of charge at the begin of a run",
                      between(0, 1), 1.0),
                param(&Params::P_charge, "P_charge", "W", "power that recharges the battery", from(0), 0.0),
                param(&Params::efficiency_charge, "efficiency_charge", "1",
                      "power into the battery over power taken for it (assumed)", Range{0.1, 1.0, false, false}, 0.95),
                curve(&Params::loss, "loss", "1", "1", "loss over rating against load over rating, discharging")};
        }
    };
    template <class S>
    struct Vars {
        DcPort<S> bus;
        HeatPort<S> heat, air;
        Unknown<S> s, charge;
        Discrete empty;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::bus, "bus", "DC bus that it supports").source(),
                port(&Vars::heat, "heat", "takes the loss: air or coolant"),
                port(&Vars::air, "air", "takes the share `to_air` of the loss"),
                unknown(&Vars::s, "s", "1", droop_nominal,
                        "current on the droop line at the terminal voltage, over rated current", "output voltage", "1")
                    .start(start)
                    .electric(),
                unknown(&Vars::charge, "charge", "1", 0.01, "state of charge, as a share of `energy`",
                        "energy balance of the battery", "1/s")
                    .start(1.0)
                    .electric()
                    .store(),
                discrete(&Vars::empty, "empty", 0.0, "0: the battery can carry load, 1: the battery is empty")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S s = x.s;
        const S on = S(p.in_service * (1.0 - x.empty.value)), stored = charging(x, p);
        x.s.residual = source<S>(p).residual(on, x.bus.v, s);
        draw(x.bus, S(standby(x, p) + stored / p.efficiency_charge), S(0.0), S(0.5 * p.V_trigger));
        x.bus.i -= source<S>(p).current(on, s);
        add_insulation(x.bus);
        const S from = from_battery(x, p);
        x.charge.stores(S((stored - from) / p.energy), S(p.charge_start));
        place_heat(x.heat, x.air, S(power_into(x.bus) + from - stored), p.to_air);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S rating = S(p.modules * p.P_rated), given_out = given_to_bus(x, p), drawn = from_battery(x, p);
        const S stored = charging(x, p), loss = power_into(x.bus) + drawn - stored;
        const S size = smooth::max(drawn, S(1e-3 * rating), 1e-3 * value(rating));
        const bool carries = value(given_out) > 0.01 * value(rating);
        report_conversion(out, S(power_into(x.bus) + given_out - stored), given_out, loss, S(given_out / rating),
                          heat_outside(x.heat, x.air, loss));
        out.key("carries", "1", "1 while it carries load: the state lasts for the time `autonomy`",
                S(carries ? 1.0 : 0.0));
        out.value("autonomy", "s",
                  "time for which it can carry its present load; when idle, a thousandth of its rating",
                  x.charge * p.energy / size);
        out.at_least("store_charge", "state of charge of a battery that is needed", "1", S(x.charge),
                     carries || x.empty > 0.5 ? S(1e-6) : S(not_given), "below it is empty");
        out.at_most("bbu_load", "load over rating", "1", given_out / rating, p.load_max, "rating");
        out.at_least("bbu_autonomy", "time on battery", "s", p.energy / size,
                     carries ? S(p.autonomy_min) : S(not_given), "autonomy_min, from a full battery");
        if (x.charge.at_rest)
            out.power_in(drawn - stored);
        else
            out.stored(p.energy * x.charge);
    }
    static bool feeds(const Vars<double>& x, const Params<double>& p, int, int) {
        return p.in_service > 0.5 && x.empty < 0.5;
    }
    static constexpr int root_count = 2;
    static void roots(Vars<double>& x, const Params<double>& p, double* g) {
        const bool empty = x.empty > 0.5;
        g[0] = !empty && from_battery(x, p) > 0.0 ? -x.charge : -1.0;
        g[1] = empty ? x.charge - charge_back : -1.0;
    }
    static bool update(Vars<double>& x, const Params<double>&, int which) {
        x.empty.value = which == 0 ? 1.0 : 0.0;
        return true;
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase&, FaultEquivalent& out) {
        if (p.in_service < 0.5) return;
        fault_output(out, source<double>(p), 0);
        p.feed_output(out, p.modules, 0);
    }
    static std::complex<double> open_voltage(const Params<double>& p, int) { return p.V_trigger; }
    static std::string problem(const Params<double>& p) { return loss_problem(*p.loss); }

   private:
    template <class S, class P>
    static DcOutput<S> source(const Params<P>& p) {
        return {S(p.V_trigger),  S(p.modules * p.P_rated / p.V_trigger),
                S(p.droop),      S(p.current_limit),
                S(p.limit_hold), 1.0};
    }
    template <class S, class P>
    static S given_to_bus(const Vars<S>& x, const Params<P>& p) {
        return x.bus.v * source<S>(p).current(S(p.in_service * (1.0 - x.empty.value)), x.s.value);
    }
    static constexpr double charge_back = 0.02;  // an empty battery takes part again above this charge
    /// Power into the battery [W]: from a bus above the trigger voltage, which others supply.
    template <class S, class P>
    static S charging(const Vars<S>& x, const Params<P>& p) {
        const S above_trigger = smooth::step(S(x.bus.v / p.V_trigger), 1.0, 1.005);
        return p.in_service * x.bus.live * above_trigger * p.P_charge * smooth::step(S(1.0 - x.charge), 0.0, 0.01);
    }
    // Standby power; zero when the bus is supplied by this battery.
    template <class S, class P>
    static S standby(Vars<S>& x, const Params<P>& p) {
        const S above_trigger = smooth::step(S(x.bus.v / p.V_trigger), 1.0, 1.005);
        return p.in_service * x.bus.live * above_trigger * p.P_standby;
    }
    template <class S, class P>
    static S from_battery(Vars<S>& x, const Params<P>& p) {
        const S rating = S(p.modules * p.P_rated), given_out = given_to_bus(x, p), load = given_out / rating;
        // without discharge nothing comes from the battery; the leakage current through the ORing device becomes heat
        const S discharging = smooth::step(load, 0.0, 1e-4);
        return discharging * (given_out + p.in_service * rating * S((*p.loss)(load)));
    }
};

}  // namespace kelvolt::models
