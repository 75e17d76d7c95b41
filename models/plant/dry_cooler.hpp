#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/plant/simple_model.hpp"

namespace kelvolt::models {

/// Dry cooler, simple model: coolant a to b gives Q = C (1 - exp(-K/C)) (T_in - T_air) to `air`, C = cp |m|.
/// K at nominal fan speed follows from the rating (Q_nominal at T_in - T_air = ITD_nominal and V_flow_nominal); with
/// the fans at n it is K (still + (1 - still) n^exponent). Fan power P_fan n^3, n = speed * speed_signal * powered. The
/// coolant's drop is dp_nominal (V/V_nominal)^2. No frost, spray, altitude or air-side temperature field.
struct DryCooler {
    static constexpr std::string_view type = "dry_cooler";
    static constexpr std::string_view doc = "Dry cooler by its rating and fan law (simple model)";

    template <class P>
    struct Params {
        P Q_nominal, ITD_nominal, V_flow_nominal, dp_nominal, P_fan, speed, fan_exponent, still, T_nominal;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::Q_nominal, "Q_nominal", "W", "rated heat", above(0)),
                param(&Params::ITD_nominal, "ITD_nominal", "delta_K", "coolant in minus air in, at the rating",
                      above(0)),
                param(&Params::V_flow_nominal, "V_flow_nominal", "m3/s", "rated coolant flow", above(0)),
                param(&Params::dp_nominal, "dp_nominal", "Pa", "pressure drop at rated flow", above(0)),
                param(&Params::P_fan, "P_fan", "W", "electric power of all fans at nominal speed", from(0)),
                param(&Params::speed, "speed", "1", "fan speed over nominal; multiplies `speed_signal`", between(0, 1),
                      1.0),
                param(&Params::fan_exponent, "fan_exponent", "1", "conductance against fan speed (assumed)",
                      between(0.1, 1), 0.6),
                param(&Params::still, "still", "1", "conductance with the fans off over rated (assumed)", between(0, 1),
                      0.05),
                param(&Params::T_nominal, "T_nominal", "K", "coolant temperature of the rating", above(0), 313.15)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        HeatPort<S> air;
        SignalPort<S> speed_signal, powered, power;
        Unknown<S> m_flow;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::a, "a", "hot coolant"),
                              port(&Vars::b, "b", "cooled coolant"),
                              port(&Vars::air, "air", "outdoor air: an ambient"),
                              port(&Vars::speed_signal, "speed_signal", "fan speed from a controller").otherwise(1.0),
                              port(&Vars::powered, "powered", "1 while its supply is energised").otherwise(1.0),
                              port(&Vars::power, "power", "electric power [W], for its supply").writes(1000.0),
                              unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "mass flow from a to b", "pressure drop")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const NominalPoint<P> rating{p.V_flow_nominal, p.dp_nominal, P(2.0), p.T_nominal, P(not_given), P(not_given)};
        cool(x, x.air, rating, S(heat(x, p)), S(fan_power(x, p)));
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.key("Q", "W", "heat taken from the coolant", heat(x, p));
        out.key("P_el", "W", "electric power of the fans", fan_power(x, p));
        out.value("n", "1", "fan speed over nominal", fan_speed(x, p));
        out.value("T_out", "K", "coolant at b", x.b.T);
        out.power_in(fan_power(x, p));
        out.through(x.a.circuit, x.m_flow.value);
        flag_simple(out, "by rating and fan law alone");
    }
    static std::string problem(const Params<double>& p) {
        const double C = 4e6 * p.V_flow_nominal;
        if (p.Q_nominal >= C * p.ITD_nominal)
            return "Q_nominal cools the rated flow below the air; give a larger flow or ITD_nominal";
        return {};
    }

   private:
    template <class S, class P>
    static S fan_speed(const Vars<S>& x, const Params<P>& p) {
        return limited(S(p.speed * x.speed_signal.value * x.powered.value), 0.0, 1.0, 1e-5);
    }
    template <class S, class P>
    static S fan_power(const Vars<S>& x, const Params<P>& p) {
        const S n = fan_speed(x, p);
        return p.P_fan * n * n * n;
    }
    template <class S, class P>
    static S heat(const Vars<S>& x, const Params<P>& p) {
        using std::exp, std::log, std::pow;
        const auto& liquid = *x.a.medium;
        const P C_n = liquid.rho(p.T_nominal) * liquid.cp(p.T_nominal) * p.V_flow_nominal;
        const P share = p.Q_nominal / (C_n * p.ITD_nominal), K_n = -C_n * log(P(1.0 - share));
        const S n = fan_speed(x, p), m = x.m_flow;
        const S K = K_n * (p.still + (1.0 - p.still) * pow(S(n * n + 1e-8), S(0.5 * p.fan_exponent)));
        const S C = liquid.cp(p.T_nominal) * smooth::abs(m, 1e-3);
        return C * (1.0 - exp(S(-K / C))) * (upstream(x.a.T, x.b.T, m) - x.air.T);
    }
};

}  // namespace kelvolt::models
