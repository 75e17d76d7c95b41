#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Firmware that throttles a chip by its margin to the slowdown temperature, once per sample_period.
///   margin = T_limit - temperature
///   margin < margin_wanted: factor falls by step_down, to not less than factor_min
///   margin > margin_wanted + hysteresis: factor rises by step_up, to not more than 1
///   throttle = factor cap
/// `cap` is a factor that another controller sets (a power cap). Between samples the factor is constant. The law uses the margin because vendors publish it, not a temperature limit.
struct Throttle {
    static constexpr std::string_view type = "throttle";
    static constexpr std::string_view doc = "Sampled firmware that throttles a chip on its margin";
    static constexpr Role role = Role::controller;

    template <class P>
    struct Params {
        P sample, T_limit, margin_wanted, hysteresis, step_down, step_up, factor_min, factor_required;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::sample, "sample_period", "s", "time between two decisions", from(1e-3), 0.1),
                param(&Params::T_limit, "T_limit", "K", "slowdown temperature", above(0)),
                param(&Params::margin_wanted, "margin_wanted", "delta_K", "margin below which the factor falls",
                      from(0), 0.0),
                param(&Params::hysteresis, "hysteresis", "delta_K",
                      "additional margin above which the factor rises again", from(0), 2.0),
                param(&Params::step_down, "step_down", "1", "fall of the factor per decision (assumed)", above(0),
                      0.05),
                param(&Params::step_up, "step_up", "1", "rise of the factor per decision (assumed)", from(0), 0.01),
                param(&Params::factor_min, "factor_min", "1", "lowest factor", between(0, 1), 0.3),
                param(&Params::factor_required, "factor_required", "1", "factor below which a check is broken",
                      between(0, 1), not_given)};
        }
    };
    template <class S>
    struct Vars {
        SignalPort<S> temperature, cap, throttle;
        Discrete factor;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::temperature, "temperature", "temperature the firmware sees [K]"),
                              port(&Vars::cap, "cap", "factor of a power cap").otherwise(1.0),
                              port(&Vars::throttle, "throttle", "factor on the chip's power").writes(),
                              discrete(&Vars::factor, "factor", 1.0, "factor between two samples")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>&) {
        x.throttle.equation = x.throttle.value - x.factor.value * x.cap.value;
    }
    static double sample_period(const Params<double>& p) { return p.sample; }
    static bool update(Vars<double>& x, const Params<double>& p, int) {
        const double margin = p.T_limit - x.temperature.value, before = x.factor;
        if (margin < p.margin_wanted) x.factor.value = std::max(before - p.step_down, std::min(before, p.factor_min));
        if (margin > p.margin_wanted + p.hysteresis) x.factor.value = std::min(before + p.step_up, 1.0);
        constexpr double rounding = 1e-9;  // steps that add up to 0.9999999999999999 do not change anything
        if (std::abs(x.factor.value - before) < rounding) x.factor.value = before;
        return x.factor.value != before;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.key("margin", "delta_K", "slowdown temperature less the temperature seen by the firmware",
                p.T_limit - x.temperature.value);
        out.key("factor", "1", "factor on the chip's power", x.throttle.value);
        out.at_least("throttle", "throttle factor", "1", x.throttle.value, p.factor_required, "factor_required");
    }
};

}  // namespace kelvolt::models
