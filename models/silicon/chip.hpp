#pragma once

#include "models/ports.hpp"
#include "models/silicon/leakage.hpp"

namespace kelvolt::models {

/// Chip package up to its case: die and lid as a Cauer ladder, with stacked memory in parallel.
///   P_leak = leakage_scale leakage_nominal exp(z), z = (T_die - T_leak_ref)/T_leak_scale
///   P = power activity throttle + memory_power + io_power + P_leak
///   P_die = power activity throttle + P_leak + other_at_die (memory_power + io_power)
///   C_die dT_die/dt = P_die - (T_die - T_lid)/(die_share R_jc)
///   C_lid dT_lid/dt = (T_die - T_lid)/(die_share R_jc) - (T_lid - T_case)/((1 - die_share) R_jc)
///   C_memory dT_memory/dt = (1 - other_at_die) memory_power - (T_memory - T_case)/R_memory
/// `other_at_die` is the share of memory and io power that heats the die; the rest of the memory power enters at the
/// memory, the rest of the io power at the case.
/// The two resistances of the ladder add up to R_jc, so steady results depend on R_jc only.
/// C_die is the heat capacity of the silicon alone (area times thickness times 1.65 MJ/(m3 K)); it determines the
/// response to a load that pulses at 20 Hz. The lid follows within about 0.1 s. Without a lid, C_lid keeps its default.
/// Without memory_power, T_memory is the temperature of the case.
/// Above z = 6 (403 times nominal) leakage continues along its tangent: it stays finite, but still rises too fast for
/// any cooling.
/// Vendors state a margin to slowdown, not a limit of the die temperature. R_jc and T_die_max are therefore assumed
/// unless measured, and die temperatures should be given as ranges.
/// Source: JESD51-14 (ladder); the exponential is the usual fit of subthreshold leakage.
struct Chip {
    static constexpr std::string_view type = "chip";
    static constexpr std::string_view doc = "Chip package from die over lid to case, with memory and leakage";
    static constexpr Role role = Role::chip;
    static constexpr bool in_lanes = true;

    template <class P>
    struct Params {
        P power, activity, memory_power, io_power, other_at_die, R_jc, die_share, C_die, C_lid, R_memory, C_memory;
        P leakage_nominal, T_leak_ref, T_leak_scale, leakage_scale, T_die_max, T_case_max, T_memory_max;
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
                param(&Params::die_share, "die_share", "1", "share of R_jc between die and lid (assumed 0.3 to 0.8)",
                      between(0.01, 0.99), 0.5),
                param(&Params::C_die, "C_die", "J/K", "heat capacity of the silicon that computes", above(0)),
                param(&Params::C_lid, "C_lid", "J/K", "heat capacity of the lid; the default means no lid", above(0),
                      1e-3),
                param(&Params::R_memory, "R_memory", "K/W",
                      "memory to case (assumed 0.03 to 0.15 K/W for eight stacks)", above(0), 0.06),
                param(&Params::C_memory, "C_memory", "J/K", "heat capacity of the memory; the default means no memory",
                      above(0), 1e-3),
                param(&Params::leakage_nominal, "leakage_nominal", "W", "leakage at T_leak_ref", from(0), 0.0),
                param(&Params::T_leak_ref, "T_leak_ref", "K", "temperature of leakage_nominal (assumed)", above(0),
                      338.15),
                param(&Params::T_leak_scale, "T_leak_scale", "delta_K", "rise that multiplies leakage by e (assumed)",
                      above(1), 36.0),
                param(&Params::leakage_scale, "leakage_scale", "1", "multiplies the leakage", from(0), 1.0)
                    .lost_by("thermal runaway"),
                param(&Params::T_die_max, "T_die_max", "K", "die temperature limit", above(0), not_given),
                param(&Params::T_case_max, "T_case_max", "K", "case temperature limit", above(0), not_given),
                param(&Params::T_memory_max, "T_memory_max", "K", "memory temperature limit", above(0), not_given)};
        }
    };
    template <class S>
    struct Vars {
        HeatPort<S> case_;
        SignalPort<S> throttle, T_signal;
        Unknown<S> T_die, T_lid, T_memory;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::case_, "case", "top of the package"),
                port(&Vars::throttle, "throttle", "factor on `power`, from a throttle").otherwise(1.0),
                port(&Vars::T_signal, "temperature", "die temperature [K] for sensors and firmware")
                    .writes_temperature(),
                unknown(&Vars::T_die, "T_die", "K", 10.0, "die temperature", "energy balance", "W"),
                unknown(&Vars::T_lid, "T_lid", "K", 10.0, "lid temperature", "energy balance of the lid", "W"),
                unknown(&Vars::T_memory, "T_memory", "K", 10.0, "memory temperature", "energy balance of the memory",
                        "W")};
        }
    };

    template <class S, class P>
    static S leakage(const S& T, const Params<P>& p) {
        return p.leakage_scale * p.leakage_nominal * leakage_factor(T, p.T_leak_ref, p.T_leak_scale);
    }

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        warm(x, p, 1.0);
    }
    /// The equations when the package draws the share `on` of its electric power, its logic the share `slow` of that.
    template <class S, class P, class On, class Slow = double>
    static void warm(Vars<S>& x, const Params<P>& p, const On& on, const Slow& slow = 1.0) {
        const S T = x.T_die;
        const P beside = 1.0 - p.other_at_die, other = p.memory_power + p.io_power;
        const S at_die = on * (slow * p.power * p.activity * x.throttle.value + leakage(T, p) + p.other_at_die * other);
        const S to_lid = (T - x.T_lid) / (p.die_share * p.R_jc);
        const S from_lid = (x.T_lid - x.case_.T) / ((1.0 - p.die_share) * p.R_jc);
        const S from_memory = (x.T_memory - x.case_.T) / p.R_memory;
        x.T_die.residual = at_die - to_lid - p.C_die * x.T_die.der;
        x.T_lid.residual = to_lid - from_lid - p.C_lid * x.T_lid.der;
        x.T_memory.residual = on * (beside * p.memory_power) - from_memory - p.C_memory * x.T_memory.der;
        x.case_.Q_flow = -from_lid - from_memory - on * (beside * p.io_power);
        x.T_signal.equation = x.T_signal.value - T;
    }
    /// Electric power at full supply voltage, leakage included [W].
    template <class S, class P, class Slow = double>
    static S wanted(const Vars<S>& x, const Params<P>& p, const Slow& slow = 1.0) {
        return slow * p.power * p.activity * x.throttle.value + p.memory_power + p.io_power + leakage(S(x.T_die), p);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        report(x, p, out, 1.0);
        out.power_in(wanted(x, p));
    }
    template <class S, class P, class On, class Slow = double>
    static void report(const Vars<S>& x, const Params<P>& p, Report<S>& out, const On& on, const Slow& slow = 1.0) {
        const S T = x.T_die, leak = on * leakage(T, p), P_all = on * wanted(x, p, slow);
        out.key("T_die", "K", "die temperature", T);
        out.key("T_case", "K", "case temperature", x.case_.T);
        out.key("T_memory", "K", "memory temperature", x.T_memory);
        out.key("P", "W", "electric power, leakage included", P_all);
        out.value("leakage", "W", "leakage", leak);
        out.value("Q_flow", "W", "heat out of the case", -x.case_.Q_flow);
        out.at_most("die_temperature", "die temperature", "K", T, p.T_die_max,
                    "T_die_max, over the stated junction-to-case resistance");
        out.at_most("case_temperature", "case temperature", "K", x.case_.T, p.T_case_max, "T_case_max");
        out.at_most("memory_temperature", "memory temperature", "K", x.T_memory,
                    select(p.memory_power > P(0.0), p.T_memory_max, P(not_given)), "T_memory_max");
        out.stored(p.C_die * (T - 273.15) + p.C_lid * (x.T_lid.value - 273.15) +
                   p.C_memory * (x.T_memory.value - 273.15));
    }
};

}  // namespace kelvolt::models
