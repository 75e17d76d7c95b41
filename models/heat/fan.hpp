#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Fan that transfers heat from `a` to `b` through a wall or an exchanger.
///   Q_flow = G (T_a - T_b)
///   G = G_nominal (still + (1 - still) n^exponent)
///   n = speed speed_signal powered, within 0 and 1
///   P_el = P_nominal n^3
/// The fan is in the air at `a`, where its power becomes heat. Air is not modelled as a fluid: one conductance
/// stands for both of its sides.
struct Fan {
    static constexpr std::string_view type = "fan";
    static constexpr std::string_view doc = "Fan on an exchanger or wall: conductance and power by its speed";
    static constexpr Role role = Role::fan;

    template <class P>
    struct Params {
        P G_nominal, P_nominal, speed, exponent, still;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::G_nominal, "G_nominal", "W/K", "conductance at nominal speed", above(0)),
                param(&Params::P_nominal, "P_nominal", "W", "electric power at nominal speed", from(0)),
                param(&Params::speed, "speed", "1", "speed over nominal; multiplies `speed_signal`", between(0, 1),
                      1.0),
                param(&Params::exponent, "exponent", "1", "conductance against speed (assumed)", between(0.1, 1), 0.7),
                param(&Params::still, "still", "1", "conductance at rest over nominal (assumed)", between(0, 1), 0.1)};
        }
    };
    template <class S>
    struct Vars {
        HeatPort<S> a, b;
        SignalPort<S> speed_signal, powered, power;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::a, "a", "warm side, where the fan stands"), port(&Vars::b, "b", "cold side"),
                              port(&Vars::speed_signal, "speed_signal", "speed from a controller").otherwise(1.0),
                              port(&Vars::powered, "powered", "1 while its supply is energised").otherwise(1.0),
                              port(&Vars::power, "power", "electric power [W], for its supply").writes(100.0)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        using std::pow;
        const S n = fan_speed(x, p);
        const S G = p.G_nominal * (p.still + (1.0 - p.still) * pow(S(n * n + 1e-8), S(0.5 * p.exponent)));
        x.b.Q_flow = -G * (x.a.T - x.b.T);
        x.a.Q_flow = -x.b.Q_flow - fan_power(x, p);
        x.power.equation = x.power.value - fan_power(x, p);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.key("Q_flow", "W", "heat to b", -x.b.Q_flow);
        out.key("P_el", "W", "electric power", fan_power(x, p));
        out.value("n", "1", "speed over nominal", fan_speed(x, p));
        out.power_in(fan_power(x, p));
        flag_demand(x, p, out);
    }

   private:
    template <class S, class P>
    static void flag_demand(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S demand = settled_demand(S(p.speed * x.speed_signal.value), 0.0, 1.0);
        if (value(x.powered.value) > 0.5)
            out.within("demanded speed", "1", demand, 0.0, 1.0, "range of the fan; correct speed or its signal",
                       "it holds the nearest end");
    }
    template <class S, class P>
    static S fan_speed(const Vars<S>& x, const Params<P>& p) {
        return smooth::limited(S(p.speed * x.speed_signal.value * x.powered.value), 0.0, 1.0, 1e-5);
    }
    template <class S, class P>
    static S fan_power(const Vars<S>& x, const Params<P>& p) {
        const S n = fan_speed(x, p);
        return p.P_nominal * n * n * n;
    }
};

}  // namespace kelvolt::models
