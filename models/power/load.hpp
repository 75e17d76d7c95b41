/// Electric loads with shares of constant impedance, current and power (ZIP): shared by dc_load, ac_load, ac1_load and
/// ac4_load.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <tuple>

#include "models/fluid/flow_laws.hpp"
#include "models/power/dc_capacitor.hpp"
#include "models/power/thevenin.hpp"

namespace kelvolt::models {

/// Default voltage window of an AC load: 10 % around nominal, as at supply terminals (IEC 60038, EN 50160).
inline constexpr double supply_low = 0.9, supply_high = 1.1;
/// Default voltage window of a DC load: 40.5 to 57 V at nominal 48 V (ETSI EN 300 132-2, normal service).
inline constexpr double dc_low = 0.84, dc_high = 1.19;

template <class P>
struct LoadData {
    P V, z_share, i_share, V_min, V_low, V_high, scale, in_service;

    /// Parameters of every load; `low` and `high` are the defaults of V_low and V_high.
    static constexpr auto common(double low, double high) {
        return std::tuple{
            param(&LoadData::V, "V", "V", "nominal voltage (line to line for three phases)", above(0)),
            param(&LoadData::scale, "scale", "1", "share of the power drawn; may follow a profile", from(0), 1.0),
            param(&LoadData::z_share, "z_share", "1", "share that is a constant impedance", between(0, 1), 0.0),
            param(&LoadData::i_share, "i_share", "1", "share that is a constant current", between(0, 1), 0.0),
            param(&LoadData::V_min, "V_min", "1",
                  "voltage over nominal below which constant power and current give way", share_of_nominal, 0.1),
            param(&LoadData::V_low, "V_low", "1", "lower end of the input window over nominal", share_of_nominal, low),
            param(&LoadData::V_high, "V_high", "1", "upper end of the input window over nominal", share_of_nominal,
                  high),
            param(&LoadData::in_service, "in_service", "1", "1: draws, 0: off", between(0, 1), 1.0).service()};
    }
    /// Admittance relative to that at nominal voltage: power factor of the ZIP law divided by r2, with r2 the square of
    /// voltage over nominal.
    template <class S>
    S admittance(const S& r2) const {
        using std::sqrt;
        const S held = smooth::divisor(r2, S(V_min * V_min));
        return z_share + i_share / sqrt(held) + (1.0 - z_share - i_share) / held;
    }
    std::string shares_problem() const {
        if (z_share + i_share > 1.0) return "z_share and i_share together must not exceed 1";
        if (V_low >= V_high) return "V_low must lie below V_high";
        return {};
    }
};

/// Directly connected motors in a load, which feed a fault. Those behind drives do not (the drives draw only).
template <class P>
struct MotorData {
    P motor_share, I_start, motor_R_over_X, pole_pairs;
    template <class Params>
    static constexpr auto motors() {
        return std::tuple{
            param(&Params::motor_share, "motor_share", "1", "share of the power that directly connected motors draw",
                  between(0, 1), 0.0),
            param(&Params::I_start, "I_start", "1", "locked-rotor current of the motors over rated (assumed)",
                  above(0.5), 6.0),
            param(&Params::motor_R_over_X, "motor_R_over_X", "1",
                  "resistance over reactance of the motors in a fault (low voltage, with cables)", from(0), 0.42),
            param(&Params::pole_pairs, "pole_pairs", "1",
                  "pole pairs of the motors, for the breaking current (assumed)", from(1), 2.0)};
    }
    /// Adds the motors of a load of apparent power S [VA], active power P [W] at the line-to-line voltage V.
    ///   |Z_M| = V^2/(I_start S)
    /// Source: IEC 60909-0, 6.9 (asynchronous motors), for the largest currents only.
    void feed(FaultEquivalent& out, const FaultCase& fault, double V, double S, double P_active) const {
        if (!fault.maximum || !(motor_share * S > 0.0)) return;
        const double size = V * V / (I_start * motor_share * S), X = size / std::hypot(1.0, motor_R_over_X);
        FaultSource s{FaultSource::Kind::motor, 0, motor_share * S / (sqrt3 * V)};
        s.P_per_pole_pair = motor_share * P_active / pole_pairs;
        out.source({motor_R_over_X * X, X}, s);
    }
};

/// A load between two conductors, or a balanced three-phase load (ZIP law).
///   two of P, Q, S and power_factor say how much; P alone: without reactive power
///   P(r) = scale P (z_share r^2 + i_share r + 1 - z_share - i_share), r = voltage over nominal, Q likewise
/// Below V_min the currents of the constant-power and constant-current shares fall to zero with the voltage. The power
/// drawn leaves the system; if its heat matters, it has to be modelled separately.
/// A managed load draws `factor` times this, a signal of a controller that sheds, caps or smooths it.
template <template <class> class Port, bool managed = false>
struct LoadOf {
    static constexpr Role role = Role::load;
    static constexpr bool dc = is_dc<Port<double>>;
    static constexpr bool three_phase = std::is_same_v<Port<double>, AcPort<double>>;
    static constexpr bool in_lanes = true;

    template <class X>
    struct Params : LoadData<X>, MotorData<X>, InputCapacitor<X> {
        X P, Q, S, power_factor;
        static constexpr auto declare() {
            if constexpr (dc)
                return std::tuple_cat(std::tuple{param(&Params::P, "P", "W", "power at nominal voltage", any())},
                                      LoadData<X>::common(dc_low, dc_high), Params::template input_capacitor<Params>());
            else if constexpr (three_phase)
                return std::tuple_cat(stated_power(), LoadData<X>::common(supply_low, supply_high),
                                      MotorData<X>::template motors<Params>());
            else
                return std::tuple_cat(stated_power(), LoadData<X>::common(supply_low, supply_high));
        }
        static constexpr auto stated_power() {
            return std::tuple{
                param(&Params::P, "P", "W", "power at nominal voltage", any(), not_given),
                param(&Params::S, "S", "VA", "apparent power at nominal voltage, with power_factor, P or Q", from(0),
                      not_given),
                param(&Params::Q, "Q", "var", "reactive power at nominal voltage (none where P alone is given)", any(),
                      not_given),
                param(&Params::power_factor, "power_factor", "1", "lagging, instead of Q", between(0.05, 1),
                      not_given)};
        }
    };
    template <class S>
    struct OwnVars {
        Port<S> bus;
        static constexpr auto declare() {
            return std::tuple{port(&OwnVars::bus, "bus", "where it draws").rated("V").draws()};
        }
        double factor_now() const { return 1.0; }
    };
    template <class S>
    struct ManagedVars : OwnVars<S> {
        SignalPort<S> factor;
        static constexpr auto declare() {
            return std::tuple_cat(
                OwnVars<S>::declare(),
                std::tuple{
                    port(&ManagedVars::factor, "factor", "factor on the power, of a controller").otherwise(1.0)});
        }
        const S& factor_now() const { return factor.value; }
    };
    template <class S>
    struct Vars : std::conditional_t<managed, ManagedVars<S>, OwnVars<S>> {};

    template <class S, class X>
    static void equations(Vars<S>& x, const Params<X>& p) {
        const X V = p.V / line_over_phase<Port<S>>, V2 = V * V;
        const auto size = x.factor_now() * (p.scale * p.in_service * x.bus.load / (V2 * Port<S>::kind().electric));
        if constexpr (dc) {
            const S y = p.admittance(S(x.bus.v * x.bus.v / V2));
            x.bus.i = size * p.P * y * x.bus.v;
        } else {
            const S y = size * p.admittance(S((x.bus.v_re * x.bus.v_re + x.bus.v_im * x.bus.v_im) / V2));
            const S g = y * active(p), b = y * reactive(p);
            x.bus.i_re = g * x.bus.v_re + b * x.bus.v_im;
            x.bus.i_im = g * x.bus.v_im - b * x.bus.v_re;
        }
    }
    template <class S, class X>
    static void outputs(Vars<S>& x, const Params<X>& p, Report<S>& out) {
        const S P_in = power_into(x.bus), v = voltage(x.bus);
        const S r = v / S(p.V / line_over_phase<Port<S>>), off(not_given);
        const bool on = x.bus.live > 0.0 && value(p.in_service) > 0.5;
        out.key("P", "W", "power drawn", P_in);
        if constexpr (!dc) out.value("Q", "var", "reactive power drawn", reactive_into(x.bus));
        out.key("v", "V", dc ? "voltage" : "voltage, of a phase against its return", v);
        out.value("I", "A", "current", current_of(x.bus));
        out.at_least("input_voltage_min", "voltage over nominal", "1", r, on ? S(p.V_low) : off, "input window");
        out.at_most("input_voltage_max", "voltage over nominal", "1", r, on ? S(p.V_high) : off, "input window");
        if (on) out.within("voltage over nominal", "1", r, value(p.V_min), 1e9, "V_min: below it less is drawn");
        report_fed(out, x.bus, value(p.in_service * p.scale) > 0.5e-6 && draws(p));
        out.power_in(-P_in);
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if constexpr (dc)
            if (p.in_service > 0.5) p.feed_input(out, 0);
        if constexpr (three_phase)
            if (p.in_service > 0.5 && p.scale > 0.0)
                p.feed(out, fault, p.V, std::hypot(active(p), reactive(p)), active(p));
    }
    static std::string problem(const Params<double>& p) {
        if constexpr (!dc)
            if (const std::string wrong = amount_problem(p); !wrong.empty()) return wrong;
        return p.shares_problem();
    }

   private:
    static std::string amount_problem(const Params<double>& p) {
        std::string stated;
        int count = 0;
        const auto say = [&](std::string_view name, double x, std::string_view unit) {
            if (given(x)) stated += fmt::format("{}{} = {:g}{}", count++ ? ", " : "", name, x, unit);
        };
        say("P", p.P, " W"), say("Q", p.Q, " var"), say("S", p.S, " VA"), say("power_factor", p.power_factor, "");
        if (count > 2) return stated + " are given; two of them determine the load, leave out the others";
        if (!given(p.P) && !given(p.S))
            return (count ? stated + " alone does" : std::string("nothing does")) +
                   " not say how much it draws; give P, or S with power_factor";
        if (count == 1 && given(p.S)) return stated + " alone leaves P open; give power_factor, P or Q with it";
        const double other = given(p.P) ? p.P : p.Q;
        if (given(p.S) && std::abs(other) > p.S) return stated + ": no part of S can be larger than S";
        return {};
    }
    template <class X>
    static bool draws(const Params<X>& p) {
        if constexpr (dc)
            return value(p.P) != 0.0;
        else
            return value(active(p)) != 0.0 || value(reactive(p)) != 0.0;
    }
    /// The other leg of a right triangle with hypotenuse S; its slope is finite where it is zero.
    template <class X>
    static X beside(const X& S, const X& leg) {
        using std::sqrt;
        return sqrt(X(S * S - leg * leg + 1e-12));
    }
    template <class X>
    static X active(const Params<X>& p) {
        const X of_S = select(is_nan(value(p.power_factor)), beside(p.S, p.Q), X(p.S * p.power_factor));
        return select(is_nan(value(p.P)), of_S, X(p.P));
    }
    template <class X>
    static X reactive(const Params<X>& p) {
        const X alone = select(is_nan(value(p.S)), X(0.0), beside(p.S, p.P));
        const X stated = select(is_nan(value(p.Q)), alone, X(p.Q));
        return select(is_nan(value(p.power_factor)), stated, X(active(p) * tangent_of(p.power_factor)));
    }
};

/// Balanced three-phase load.
struct AcLoad : LoadOf<AcPort> {
    static constexpr std::string_view type = "ac_load";
    static constexpr std::string_view doc = "Three-phase load in balance: power, current, impedance";
};
/// Single-phase load.
struct Ac1Load : LoadOf<Ac1Port> {
    static constexpr std::string_view type = "ac1_load";
    static constexpr std::string_view doc = "Single-phase load: power, current, impedance";
};
/// The same, of a controller.
struct AcManagedLoad : LoadOf<AcPort, true> {
    static constexpr std::string_view type = "ac_managed_load";
    static constexpr std::string_view doc =
        "Three-phase load in balance whose power a controller sheds, caps or smooths";
};
/// DC load.
struct DcLoad : LoadOf<DcPort> {
    static constexpr std::string_view type = "dc_load";
    static constexpr std::string_view doc = "DC load: power, current, impedance";
};
/// The same, of a controller.
struct DcManagedLoad : LoadOf<DcPort, true> {
    static constexpr std::string_view type = "dc_managed_load";
    static constexpr std::string_view doc = "DC load whose power a controller sheds, caps or smooths";
};

}  // namespace kelvolt::models
