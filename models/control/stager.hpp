#pragma once

#include <fmt/format.h>

#include <array>

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Decides how many of several equal units run (cells of a tower, exchangers, pumps, chillers), by a measure, with
/// hysteresis and timers.
///   one more: measure beyond add_at for add_delay; one less: measure beyond drop_at the other way for drop_delay
///   by level: the limits are add_at and drop_at themselves
///   by load: the limits are add_at n unit_load and drop_at (n - 1) unit_load while n units run
///   unit k runs while (k - lead) mod units < n
/// Beyond is above with `adds: above` (a load, a fan speed, a temperature), below with `adds: below` (a pressure
/// difference). It looks once per sample_period; a timer runs while its condition holds at each look, and starts anew
/// after every change. lead is the parameter of that name, and the next unit after every rotation_period. `running`
/// states n, `unit_1` to `unit_8` are 1 or 0; they go to the signal `running` of a component of several units, or to
/// valves and speeds of single ones.
struct Stager {
    static constexpr std::string_view type = "stager";
    static constexpr std::string_view doc = "How many of several equal units run: hysteresis, timers, lead and lag";
    static constexpr Role role = Role::controller;
    enum class By { level, load };
    enum class Adds { above, below };
    static constexpr int most = 8;

    template <class P>
    struct Params {
        P units, units_min, add_at, drop_at, unit_load, add_delay, drop_delay, lead, rotation, sample;
        By by;
        Adds adds;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::units, "units", "1", "units there are", between(1, 1000), 2.0),
                param(&Params::units_min, "units_min", "1", "units that always run", from(0), 1.0),
                param(&Params::add_at, "add_at", "1",
                      "measure at which one more is wanted, in SI units of the signal or over the capacity that runs",
                      any()),
                param(&Params::drop_at, "drop_at", "1", "measure at which one less is wanted", any()),
                param(&Params::unit_load, "unit_load", "1",
                      "capacity of one unit in units of the measure, for by: load", above(0), 1.0),
                param(&Params::add_delay, "add_delay", "s", "time until one more starts (assumed)", from(0), 300.0),
                param(&Params::drop_delay, "drop_delay", "s", "time until one stops (assumed)", from(0), 600.0),
                param(&Params::lead, "lead", "1", "unit that starts first", between(1, 1000), 1.0),
                param(&Params::rotation, "rotation_period", "s", "time after which the next unit leads", above(0),
                      not_given),
                param(&Params::sample, "sample_period", "s", "time between two looks", from(1e-3), 10.0),
                choice(&Params::by, "by", "what the measure is compared with", {"level", "load"}),
                choice(&Params::adds, "adds", "on which side of add_at one more is wanted", {"above", "below"})};
        }
    };
    template <class S>
    struct Vars {
        SignalPort<S> measure, running, unit_1, unit_2, unit_3, unit_4, unit_5, unit_6, unit_7, unit_8;
        Discrete count, wait_add, wait_drop, turned, since;
        static constexpr auto declare() {
            const std::string_view unit = "1 while the unit runs";
            return std::tuple{
                port(&Vars::measure, "measure", "what decides: a load, a speed, a temperature"),
                port(&Vars::running, "running", "units that run").writes(),
                port(&Vars::unit_1, "unit_1", unit).writes(),
                port(&Vars::unit_2, "unit_2", unit).writes(),
                port(&Vars::unit_3, "unit_3", unit).writes(),
                port(&Vars::unit_4, "unit_4", unit).writes(),
                port(&Vars::unit_5, "unit_5", unit).writes(),
                port(&Vars::unit_6, "unit_6", unit).writes(),
                port(&Vars::unit_7, "unit_7", unit).writes(),
                port(&Vars::unit_8, "unit_8", unit).writes(),
                discrete(&Vars::count, "count", 1.0, "units wanted, before units_min and units"),
                discrete(&Vars::wait_add, "wait_add", 0.0, "time for which one more has been wanted [s]"),
                discrete(&Vars::wait_drop, "wait_drop", 0.0, "time for which one less has been wanted [s]"),
                discrete(&Vars::turned, "turned", 0.0, "rotations of the lead so far"),
                discrete(&Vars::since, "since", 0.0, "time since the last rotation [s]")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const double n = count(x, p);
        x.running.equation = x.running.value - n;
        SignalPort<S>* units[most] = {&x.unit_1, &x.unit_2, &x.unit_3, &x.unit_4,
                                      &x.unit_5, &x.unit_6, &x.unit_7, &x.unit_8};
        const double all = whole(p.units), first = whole(p.lead) - 1.0 + x.turned.value;
        for (int k = 0; k < most; ++k) {
            const double place = k - first, behind = place - all * std::floor(place / all);
            units[k]->equation = units[k]->value - (k < all && behind < n ? 1.0 : 0.0);
        }
    }
    static double sample_period(const Params<double>& p) { return p.sample; }
    static bool update(Vars<double>& x, const Params<double>& p, int) {
        const double n = count(x, p);
        x.count.value = n;
        const double capacity = p.by == By::load ? p.unit_load : 1.0,
                     add = p.add_at * (p.by == By::load ? n * capacity : 1.0),
                     drop = p.drop_at * (p.by == By::load ? (n - 1.0) * capacity : 1.0), m = x.measure.value;
        const bool up = p.adds == Adds::above;
        const bool more = n < p.units && (up ? m > add : m < add),
                   less = n > p.units_min && !more && (up ? m < drop : m > drop);
        // a wait that begins counts as a change, so that a steady state at which something is wanted is none
        bool changed = (more && x.wait_add == 0.0) || (less && x.wait_drop == 0.0);
        x.wait_add.value = more ? x.wait_add + p.sample : 0.0;
        x.wait_drop.value = less ? x.wait_drop + p.sample : 0.0;
        if (x.wait_add > p.add_delay || x.wait_drop > p.drop_delay) {
            x.count.value = n + (more ? 1.0 : -1.0);
            x.wait_add.value = x.wait_drop.value = 0.0;
            changed = true;
        }
        return rotate(x, p) || changed;
    }
    static std::string change(const Vars<double>& x, const Params<double>& p) {
        return fmt::format("units that run: {:g}", count(x, p));
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.key("running", "1", "units that run", S(count(x, p)));
    }
    static std::string problem(const Params<double>& p) {
        if (p.units != std::floor(p.units) || p.units_min != std::floor(p.units_min))
            return fmt::format("units = {:g} and units_min = {:g} count units: give whole numbers", p.units,
                               p.units_min);
        if (p.units_min > p.units) return "units_min must not be above units";
        if (p.lead > p.units) return fmt::format("lead = {:g} is none of the {:g} units", p.lead, p.units);
        if (p.adds == Adds::above ? p.drop_at >= p.add_at : p.drop_at <= p.add_at)
            return fmt::format(
                "drop_at = {:g} must lie on the other side of add_at = {:g}, or a unit would start and "
                "stop at once; leave a band between them",
                p.drop_at, p.add_at);
        return {};
    }

   private:
    // counts have no derivative
    template <class P>
    static double whole(const P& number) {
        return std::round(value(number));
    }
    template <class X, class P>
    static double count(const X& x, const P& p) {
        return std::clamp(double(x.count.value), std::min(whole(p.units_min), whole(p.units)), whole(p.units));
    }
    static bool rotate(Vars<double>& x, const Params<double>& p) {
        if (!given(p.rotation)) return false;
        x.since.value = x.since + p.sample;
        if (x.since < p.rotation) return false;
        x.since.value = 0.0;
        x.turned.value = x.turned + 1.0 < p.units ? x.turned + 1.0 : 0.0;
        return true;
    }
};

}  // namespace kelvolt::models
