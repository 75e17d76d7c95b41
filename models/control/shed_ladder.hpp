#pragma once

#include <fmt/format.h>

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Sheds groups of loads one after the other while something calls for it, and restores them in reverse.
///   the next group is shed: call > 0.5 and `measure` beyond the group's level, for the group's delay
///   the last one is restored: call < 0.5, or `measure` not beyond `restore_level`, for restore_delay
///   otherwise nothing changes
/// Beyond is above with `sheds: above` (an overload, the share of a UPS that its battery supplies), below with `sheds:
/// below` (a state of charge, a frequency). What is not connected calls for shedding: with `call` alone the groups fall
/// by their delays, with `measure` alone by their levels. Delays count from the shedding of the group before.
/// `group_1` to `group_4` are factors on the power of loads: 1, or `share_1` to `share_4` once the group is shed. They go
/// to the throttles of chips or to managed loads.
/// Decisions belong to runs in time; gradients through them are refused, as they follow delays.
struct ShedLadder {
    static constexpr std::string_view type = "shed_ladder";
    static constexpr std::string_view doc = "Sheds groups of loads in order while called, and restores them in reverse";
    static constexpr Role role = Role::controller;
    enum class Sheds { above, below };
    static constexpr int most = 4;

    template <class P>
    struct Params {
        P groups, level_1, level_2, level_3, level_4, delay_1, delay_2, delay_3, delay_4, share_1, share_2, share_3,
            share_4, restore_level, restore_delay;
        Sheds sheds;
        static constexpr auto declare() {
            const std::string_view level = "`measure` beyond which the group is shed",
                                   delay = "from the call, or the group before, until the group is shed",
                                   share = "factor on the power of the group once it is shed";
            return std::tuple{
                param(&Params::groups, "groups", "1", "number of groups; 0: it sheds nothing", between(0, most), 4.0),
                param(&Params::level_1, "level_1", "1", level, any(), 0.5),
                param(&Params::level_2, "level_2", "1", level, any(), 0.5),
                param(&Params::level_3, "level_3", "1", level, any(), 0.5),
                param(&Params::level_4, "level_4", "1", level, any(), 0.5),
                param(&Params::delay_1, "delay_1", "s", delay, from(0), 1.0),
                param(&Params::delay_2, "delay_2", "s", delay, from(0), 1.0),
                param(&Params::delay_3, "delay_3", "s", delay, from(0), 1.0),
                param(&Params::delay_4, "delay_4", "s", delay, from(0), 1.0),
                param(&Params::share_1, "share_1", "1", share, between(0, 1), 0.0),
                param(&Params::share_2, "share_2", "1", share, between(0, 1), 0.0),
                param(&Params::share_3, "share_3", "1", share, between(0, 1), 0.0),
                param(&Params::share_4, "share_4", "1", share, between(0, 1), 0.0),
                param(&Params::restore_level, "restore_level", "1",
                      "`measure` from which groups are restored, on the other side of all levels", any(), not_given),
                param(&Params::restore_delay, "restore_delay", "s",
                      "from the end of the call, or the group before, until a group is restored", above(0), 60.0),
                choice(&Params::sheds, "sheds", "on which side of its level `measure` calls for shedding",
                       {"above", "below"})};
        }
        P level(int k) const { return std::array{level_1, level_2, level_3, level_4}[k]; }
        P delay(int k) const { return std::array{delay_1, delay_2, delay_3, delay_4}[k]; }
    };
    template <class S>
    struct Vars {
        SignalPort<S> call, measure, group_1, group_2, group_3, group_4;
        Discrete shed, way, due;
        static constexpr auto declare() {
            const std::string_view factor = "factor on the power of loads";
            return std::tuple{
                port(&Vars::call, "call", "above 0.5: loads shall be shed").otherwise(1.0),
                port(&Vars::measure, "measure", "what is compared with the levels").otherwise(unconnected),
                port(&Vars::group_1, "group_1", factor).writes(),
                port(&Vars::group_2, "group_2", factor).writes(),
                port(&Vars::group_3, "group_3", factor).writes(),
                port(&Vars::group_4, "group_4", factor).writes(),
                discrete(&Vars::shed, "shed", 0.0, "number of groups that are shed"),
                discrete(&Vars::way, "way", 0.0, "1: about to shed, -1: about to restore, 0: neither"),
                discrete(&Vars::due, "due", never, "time of the next change [s]")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const auto state = [&](SignalPort<S>& group, int k, const P& share) {
            group.equation = group.value - (x.shed > k - 0.5 ? share : P(1.0));
        };
        state(x.group_1, 1, p.share_1), state(x.group_2, 2, p.share_2);
        state(x.group_3, 3, p.share_3), state(x.group_4, 4, p.share_4);
    }
    static constexpr int root_count = 2;
    /// What is wanted differs from what is waited for; the change that is waited for is due.
    static void roots(const Vars<double>& x, const Params<double>& p, double t, double* g) {
        const int wants = wanted(x, p);
        g[0] = wants != static_cast<int>(x.way) ? 1.0 : -1.0;
        g[1] = x.way != 0.0 && wants == static_cast<int>(x.way) ? passed(t, x.due) : -1.0;
    }
    static bool update(Vars<double>& x, const Params<double>& p, int which, double t) {
        if (which == 1) {
            x.shed.value = x.shed + x.way;
            x.way.value = 0.0, x.due.value = never;
            return true;
        }
        const int wants = wanted(x, p);
        x.way.value = wants;
        x.due.value = wants == 0 ? never : t + (wants > 0 ? p.delay(static_cast<int>(x.shed)) : p.restore_delay);
        return true;
    }
    static std::string change(const Vars<double>& x, const Params<double>&) {
        if (x.way > 0.0) return fmt::format("group {:g} will be shed at {:g} s", x.shed + 1.0, double(x.due));
        if (x.way < 0.0) return fmt::format("group {:g} will be restored at {:g} s", double(x.shed), double(x.due));
        return fmt::format("groups that are shed: {:g}", double(x.shed));
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("shed", "1", "number of groups that are shed", S(x.shed.value));
    }
    static std::string problem(const Params<double>& p) {
        if (p.groups != std::floor(p.groups))
            return fmt::format("groups = {:g}; it counts groups: give 0, 1, 2, 3 or 4", p.groups);
        for (int k = 0; k < p.groups; ++k)
            if (given(p.restore_level) && beyond(p.restore_level, p.level(k), p))
                return fmt::format(
                    "restore_level = {:g} lies beyond level_{} = {:g}: the group would be restored and shed again at "
                    "once; give a restore_level on the other side of every level",
                    p.restore_level, k + 1, p.level(k));
        return {};
    }

   private:
    static constexpr double unconnected = 1e12;  // nothing measures: only `call` counts
    template <class X>
    static bool beyond(double x, const X& level, const Params<double>& p) {
        return p.sheds == Sheds::above ? x > level : x < level;
    }
    /// 1: the next group is to be shed, -1: the last one is to be restored, 0: neither.
    static int wanted(const Vars<double>& x, const Params<double>& p) {
        const bool called = x.call.value > 0.5, measures = x.measure.value < 0.5 * unconnected;
        const int shed = static_cast<int>(x.shed);
        if (called && shed < p.groups && (!measures || beyond(x.measure.value, p.level(shed), p))) return 1;
        const bool calm = measures && given(p.restore_level) && !beyond(x.measure.value, p.restore_level, p);
        return shed > 0 && (!called || calm) ? -1 : 0;
    }
};

}  // namespace kelvolt::models
