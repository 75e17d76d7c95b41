#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// A chip package that ends at its case: one die temperature over one resistance to `case`.
///   P = power activity throttle + memory_power + io_power + leakage;   C_die dT_die/dt = heat at the die - (T_die -
///   T_case)/R_jc
/// leakage = scale leakage_nominal exp(z), z = (T_die - T_leak_ref)/T_leak_scale: the usual exponential fit of
/// subthreshold leakage. Above z = 6 (403 times nominal) it goes on along its tangent, so it stays finite and yet
/// cannot be outrun by cooling. `other_at_die` is the share of memory and io power that heats the die; the rest enters
/// at the case. Vendors state margin to slowdown, not a die limit, so R_jc and T_die_max are assumed unless measured,
/// and die temperatures are ranges.
struct Chip {
    static constexpr std::string_view type = "chip";
    static constexpr std::string_view doc = "Chip package from die to case, with leakage";
    static constexpr bool in_lanes = true;

    template <class P>
    struct Params {
        P power, activity, memory_power, io_power, other_at_die, R_jc, C_die;
        P leakage_nominal, T_leak_ref, T_leak_scale, leakage_scale, T_die_max, T_case_max;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::power, "power", "W", "electric power of the logic at activity 1, without leakage",
                      from(0)),
                param(&Params::activity, "activity", "1", "share of `power` drawn; may follow a profile", from(0), 1.0),
                param(&Params::memory_power, "memory_power", "W", "stacked memory", from(0), 0.0),
                param(&Params::io_power, "io_power", "W", "io and regulators inside the package", from(0), 0.0),
                param(&Params::other_at_die, "other_at_die", "1", "share of memory and io power heating the die",
                      between(0, 1), 0.0),
                param(&Params::R_jc, "R_jc", "K/W", "junction to case (assumed 0.005 to 0.02 K/W for a 1 kW package)",
                      above(0)),
                param(&Params::C_die, "C_die", "J/K", "heat capacity at die temperature", above(0)),
                param(&Params::leakage_nominal, "leakage_nominal", "W", "leakage at T_leak_ref", from(0), 0.0),
                param(&Params::T_leak_ref, "T_leak_ref", "K", "temperature of leakage_nominal (assumed)", above(0),
                      338.15),
                param(&Params::T_leak_scale, "T_leak_scale", "delta_K", "rise that multiplies leakage by e (assumed)",
                      above(1), 36.0),
                param(&Params::leakage_scale, "leakage_scale", "1", "multiplies the leakage", from(0), 1.0)
                    .lost_by("thermal runaway"),
                param(&Params::T_die_max, "T_die_max", "K", "die temperature limit", above(0), not_given),
                param(&Params::T_case_max, "T_case_max", "K", "case temperature limit", above(0), not_given)};
        }
    };
    template <class S>
    struct Vars {
        HeatPort<S> case_;
        SignalPort<S> throttle, T_signal;
        Unknown<S> T_die;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::case_, "case", "top of the package"),
                              port(&Vars::throttle, "throttle", "factor on `power`, from a throttle").otherwise(1.0),
                              port(&Vars::T_signal, "temperature", "die temperature [K] for sensors and firmware")
                                  .writes_temperature(),
                              unknown(&Vars::T_die, "T_die", "K", 10.0, "die temperature", "energy balance")};
        }
    };

    static constexpr double z_tangent = 6.0;
    template <class S, class P>
    static S leakage(const S& T, const Params<P>& p) {
        using std::exp;
        const S z = (T - p.T_leak_ref) / p.T_leak_scale, held = select(z < S(z_tangent), z, S(z_tangent));
        return p.leakage_scale * p.leakage_nominal * exp(held) * (1.0 + (z - held));
    }

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        warm(x, p, 1.0);
    }
    /// The package while it takes the share `on` of what it wants.
    template <class S, class P, class On>
    static void warm(Vars<S>& x, const Params<P>& p, const On& on) {
        const S T = x.T_die, Q_jc = (T - x.case_.T) / p.R_jc;
        const S other = on * S(p.memory_power + p.io_power);
        const S at_die = on * (p.power * p.activity * x.throttle.value + leakage(T, p)) + p.other_at_die * other;
        x.T_die.residual = at_die - Q_jc - p.C_die * x.T_die.der;
        x.case_.Q_flow = -Q_jc - (1.0 - p.other_at_die) * other;
        x.T_signal.equation = x.T_signal.value - T;
    }
    /// Electric power it wants, leakage included [W].
    template <class S, class P>
    static S wanted(const Vars<S>& x, const Params<P>& p) {
        return p.power * p.activity * x.throttle.value + p.memory_power + p.io_power + leakage(S(x.T_die), p);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        report(x, p, out, 1.0);
        out.power_in(wanted(x, p));
    }
    template <class S, class P, class On>
    static void report(const Vars<S>& x, const Params<P>& p, Report<S>& out, const On& on) {
        const S T = x.T_die, leak = on * leakage(T, p), P_all = on * wanted(x, p);
        out.key("T_die", "K", "die temperature", T);
        out.key("T_case", "K", "case temperature", x.case_.T);
        out.key("P", "W", "electric power, leakage included", P_all);
        out.value("leakage", "W", "leakage", leak);
        out.value("Q_flow", "W", "heat out of the case", -x.case_.Q_flow);
        out.at_most("die_temperature", "die temperature", "K", T, p.T_die_max,
                    "T_die_max, over the stated junction-to-case resistance");
        out.at_most("case_temperature", "case temperature", "K", x.case_.T, p.T_case_max, "T_case_max");
        out.stored(p.C_die * (T - 273.15));
    }
};

}  // namespace kelvolt::models
