/// Generation that follows the grid: shared by ac_generation, ac1_generation and ac4_generation.
#pragma once

#include <fmt/format.h>

#include <tuple>

#include "models/power/load.hpp"

namespace kelvolt::models {

/// An inverter that follows the voltage of its bus (photovoltaics, a fuel cell, a store that discharges).
///   P + jQ = scale (P + jQ), delivered to the bus
///   current at most that of S_rated at nominal voltage: with less voltage less power is delivered
/// Q above zero is delivered, below zero taken. The currents of four wires are a positive sequence, whatever the unbalance of
/// the voltage; the neutral carries none.
/// It makes no voltage of its own: on a bus that nothing else feeds, it delivers nothing.
/// Power enters the system at the terminals; losses of the inverter are not modelled.
/// The window V_low to V_high is the one in which it stays connected; that it would trip is reported as a broken limit, the
/// solution keeps it connected.
/// Source: current-limited constant-power model of grid-following inverters.
template <template <class> class Port>
struct GenerationOf {
    static constexpr Role role = Role::source;

    template <class X>
    struct Params {
        X V, P, Q, power_factor, S_rated, scale, V_low, V_high, load_max, in_service;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::V, "V", "V", "nominal voltage (line to line for three phases)", above(0)),
                param(&Params::P, "P", "W", "power delivered, above zero", from(0)),
                param(&Params::Q, "Q", "var", "reactive power delivered; below zero it is taken", any(), not_given),
                param(&Params::power_factor, "power_factor", "1",
                      "instead of Q; reactive power is delivered (for power that is taken, give Q)", between(0.05, 1),
                      not_given),
                param(&Params::S_rated, "S_rated", "VA", "rated apparent power", above(0)).rating(),
                param(&Params::scale, "scale", "1", "share of P and Q at this time; may follow a profile", from(0),
                      1.0),
                param(&Params::V_low, "V_low", "1", "lower end of the window in which it stays connected, over nominal",
                      share_of_nominal, supply_low),
                param(&Params::V_high, "V_high", "1",
                      "upper end of the window in which it stays connected, over nominal", share_of_nominal,
                      supply_high),
                param(&Params::load_max, "load_max", "1", "largest current over rated current", share_of_rating, 1.0),
                param(&Params::in_service, "in_service", "1", "1: connected, 0: off", between(0, 1), 1.0).service()};
        }
        X reactive() const {
            const X stated = select(is_nan(value(Q)), X(0.0), X(Q));
            return select(is_nan(value(power_factor)), stated, X(P * tangent_of(power_factor)));
        }
    };
    template <class S>
    struct Vars {
        Port<S> bus;
        static constexpr auto declare() { return std::tuple{port(&Vars::bus, "bus", "where it delivers").rated("V")}; }
    };

    template <class S, class X>
    static void equations(Vars<S>& x, const Params<X>& p) {
        using std::sqrt;
        constexpr double phases = line_over_phase < Port < S >>> 1.0 ? 3.0 : 1.0, least = 0.05;
        const X Q = p.reactive(), V = p.V / line_over_phase<Port<S>>,
                S_out = p.scale * sqrt(X(p.P * p.P + Q * Q + 1e-12));
        const X size = p.scale * p.in_service * x.bus.live / phases;
        const Phasor<S> v = positive_sequence(x.bus);
        // Above `limit` the power is delivered, below it the current of S_rated; near zero volts it falls to zero.
        const S V_now = sqrt(S(v.squared() + 1e-12)), limit = S(V * S_out / p.S_rated);
        const S held = smooth::max(V_now, limit, 1e-6) * smooth::divisor(V_now, S(least * V));
        const Phasor<S> i = times(Phasor<S>{-size * p.P / held, size * Q / held}, v);
        if constexpr (is_three_phase<Port<S>>)
            for (int k = 0; k < 3; ++k) add_current(x.bus, k, times(clock_phasor<double>(-4 * k), i));
        else
            add_current(x.bus, i);
        add_insulation(x.bus);
    }
    template <class S, class X>
    static void outputs(Vars<S>& x, const Params<X>& p, Report<S>& out) {
        const S P_out = -power_into(x.bus), Q = -reactive_into(x.bus), off(not_given);
        const bool on = x.bus.live > 0.0 && value(p.in_service) > 0.5;
        const S loading = current_of(x.bus) *
                          (Port<S>::kind().electric > 1.0 || is_three_phase<Port<S>> ? sqrt3 : 1.0) * p.V / p.S_rated;
        const S wanted = S(p.P * p.scale * p.in_service);
        out.key("P", "W", "power delivered", P_out);
        out.key("Q", "var", "reactive power delivered", Q);
        out.value("v", "V", "voltage at the terminals, of a phase against its return", voltage(x.bus));
        out.value("loading", "1", "current over rated current", loading);
        out.value("curtailed", "W", "power that is available and not delivered", wanted - P_out);
        out.at_most("generation_load", "current over rated current", "1", loading, p.load_max, "rating");
        out.at_least("generation_voltage_min", "voltage over nominal", "1", lowest_voltage(x.bus) / p.V,
                     on ? S(p.V_low) : off, "window in which it stays connected");
        out.at_most("generation_voltage_max", "voltage over nominal", "1", highest_voltage(x.bus) / p.V,
                    on ? S(p.V_high) : off, "window in which it stays connected");
        out.power_in(P_out);
    }
    static std::string problem(const Params<double>& p) {
        if (given(p.Q) && given(p.power_factor))
            return fmt::format("Q = {:g} var and power_factor = {:g} are both given; give one of them", p.Q,
                               p.power_factor);
        const double Q = p.reactive(), apparent = std::sqrt(p.P * p.P + Q * Q);
        if (apparent > p.S_rated * (1.0 + 1e-9))
            return fmt::format(
                "P = {:g} W and Q = {:g} var are {:g} VA, more than S_rated = {:g} VA; what it can deliver is limited "
                "by "
                "its inverter: lower P or Q, or give a larger S_rated",
                p.P, Q, apparent, p.S_rated);
        if (p.V_low >= p.V_high) return "V_low must lie below V_high";
        return {};
    }

   private:
    template <class S>
    static Phasor<S> positive_sequence(const Port<S>& a) {
        if constexpr (is_three_phase<Port<S>>) {
            Phasor<S> sum;
            for (int k = 0; k < 3; ++k) sum = sum + (1.0 / 3.0) * times(clock_phasor<double>(4 * k), voltage_of(a, k));
            return sum;
        } else {
            return voltage_of(a);
        }
    }
};

struct AcGeneration : GenerationOf<AcPort> {
    static constexpr std::string_view type = "ac_generation";
    static constexpr std::string_view doc = "Generation that follows the grid, three phases in balance";
};
struct Ac1Generation : GenerationOf<Ac1Port> {
    static constexpr std::string_view type = "ac1_generation";
    static constexpr std::string_view doc = "Generation that follows the grid, single-phase";
};
struct Ac4Generation : GenerationOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_generation";
    static constexpr std::string_view doc = "Generation that follows the grid, on four wires";
};

}  // namespace kelvolt::models
