#pragma once

#include "models/ports.hpp"
#include "models/silicon/leakage.hpp"
#include "solver/curve/curve.hpp"

namespace kelvolt::models {

/// Die of a package by its operating point: power from frequency and voltage, and its silicon as one lump.
///   P = activity power (V/V_n)^2 f/f_n + leakage, f = throttle frequency
///   leakage = leakage_nominal (V/V_n)^leakage_exponent exp((T - T_leak_ref)/T_leak_scale)
///   C dT/dt = P + heat from `port`
/// V is that of the curve `voltage` at f, V_n the same at the nominal frequency f_n, at which `power` is drawn: a
/// switched capacitance of power/(V_n^2 f_n). Below the first point of the curve the voltage is to be held by its data
/// (the least voltage at which the logic works); throttling by frequency alone then saves less.
/// The signal `throttle` may come from firmware (`throttle`), from a power cap (`power_cap`), or from a controller that
/// holds the signal `power` at a limit. A memory stack is a die of constant power: voltage constant, leakage 0.
/// Source: P = C V^2 f, Chandrakasan et al., IEEE J. Solid-State Circuits 27(4), 1992, 473-484; the exponential is the
/// usual fit of subthreshold leakage.
struct SiliconDie {
    static constexpr std::string_view type = "silicon_die";
    static constexpr std::string_view doc = "Die with power by frequency, voltage and temperature";
    static constexpr Role role = Role::chip;

    template <class P>
    struct Params {
        P power, activity, frequency_nominal, frequency, leakage_nominal, leakage_exponent, T_leak_ref, T_leak_scale;
        P leakage_scale, C, T_die_max, frequency_min;
        const Curve* voltage;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::power, "power", "W", "dynamic power at frequency_nominal and activity 1", from(0)),
                param(&Params::activity, "activity", "1", "share of the capacitance switched; may follow a profile",
                      from(0), 1.0),
                param(&Params::frequency_nominal, "frequency_nominal", "Hz", "frequency of `power`", above(0)),
                param(&Params::frequency, "frequency", "Hz", "frequency asked for", from(0)),
                curve(&Params::voltage, "voltage", "Hz", "V", "least voltage at which it works, against frequency"),
                param(&Params::leakage_nominal, "leakage_nominal", "W",
                      "leakage at T_leak_ref and the voltage of frequency_nominal", from(0), 0.0),
                param(&Params::leakage_exponent, "leakage_exponent", "1", "of V/V_n in the leakage (assumed 2 to 4)",
                      between(0, 10), 3.0),
                param(&Params::T_leak_ref, "T_leak_ref", "K", "temperature of leakage_nominal (assumed)", above(0),
                      338.15),
                param(&Params::T_leak_scale, "T_leak_scale", "delta_K", "rise that multiplies leakage by e (assumed)",
                      above(1), 36.0),
                param(&Params::leakage_scale, "leakage_scale", "1", "multiplies the leakage", from(0), 1.0)
                    .lost_by("thermal runaway"),
                param(&Params::C, "C", "J/K", "heat capacity of the silicon", above(0)),
                param(&Params::T_die_max, "T_die_max", "K", "die temperature limit", above(0), not_given),
                param(&Params::frequency_min, "frequency_min", "Hz", "frequency below which a check is broken",
                      above(0), not_given)};
        }
    };
    template <class S>
    struct Vars {
        HeatPort<S> port;
        SignalPort<S> throttle, T_signal, power;
        static constexpr auto declare() {
            return std::tuple{
                kelvolt::port(&Vars::port, "port", "the silicon"),
                kelvolt::port(&Vars::throttle, "throttle", "factor on `frequency`, from a throttle").otherwise(1.0),
                kelvolt::port(&Vars::T_signal, "temperature", "die temperature [K] for sensors and firmware")
                    .writes_temperature(),
                kelvolt::port(&Vars::power, "power", "electric power [W] for controllers").writes(1000.0)};
        }
    };

    template <class S, class P>
    static S frequency(const Vars<S>& x, const Params<P>& p) {
        return x.throttle.value * p.frequency;
    }
    /// V/V_n
    template <class S, class P>
    static S voltage_ratio(const Vars<S>& x, const Params<P>& p) {
        return (*p.voltage)(frequency(x, p)) / (*p.voltage)(p.frequency_nominal);
    }
    template <class S, class P>
    static S leakage(const Vars<S>& x, const Params<P>& p) {
        using std::exp;
        using std::log;
        const S lifted = exp(S(p.leakage_exponent * log(voltage_ratio(x, p))));
        return p.leakage_scale * p.leakage_nominal * lifted * leakage_factor(S(x.port.T), p.T_leak_ref, p.T_leak_scale);
    }
    template <class S, class P>
    static S drawn(const Vars<S>& x, const Params<P>& p) {
        const S V = voltage_ratio(x, p);
        return p.activity * p.power * V * V * (frequency(x, p) / p.frequency_nominal) + leakage(x, p);
    }
    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S P_all = drawn(x, p);
        x.port.Q_flow = p.C * x.port.T_der - P_all;
        x.T_signal.equation = x.T_signal.value - x.port.T;
        x.power.equation = x.power.value - P_all;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S P_all = drawn(x, p), f = frequency(x, p);
        out.key("T_die", "K", "die temperature", x.port.T);
        out.key("P", "W", "electric power, leakage included", P_all);
        out.key("f", "Hz", "frequency", f);
        out.value("V", "V", "voltage", (*p.voltage)(f));
        out.value("leakage", "W", "leakage", leakage(x, p));
        out.at_most("die_temperature", "die temperature", "K", x.port.T, p.T_die_max, "T_die_max");
        out.at_least("frequency", "frequency", "Hz", f, p.frequency_min, "frequency_min");
        out.within("frequency in the voltage curve", "Hz", f, p.voltage->lo(), p.voltage->hi(), p.voltage->source);
        out.power_in(P_all);
        out.stored(p.C * (x.port.T - 273.15));
    }
};

}  // namespace kelvolt::models
