#pragma once

#include <fmt/format.h>

#include "models/air/air_stream.hpp"
#include "models/plant/pump_curve.hpp"

namespace kelvolt::models {

/// Equal air-cooled servers side by side: fans, flow resistance of the chassis, and a heat sink on the hottest part.
///   a.p - b.p = dp_chassis (V/V_flow_nominal)^exponent - dp_fans
///   dp_fans = r n^2 f(V/n), P_fans = r n^3 P(V/n), V = m_flow/(units rho)
///   C_sink dT_sink/dt = activity P_sink - Q_sink
///   Q_sink = C (1 - exp(-UA/C)) (T_sink - T_in), C = cp m_flow/units
///   1/UA = (solid_share + (1 - solid_share) (V/V_flow_nominal)^-film_exponent)/UA_nominal
///   heat to the air = units (Q_sink + activity (power - P_sink) + P_fans)
/// All of one server, but for m_flow. UA_nominal follows from R_sink, the resistance from the part's case to the air at
/// the inlet, as data sheets of heat sinks state it, at V_flow_nominal. The air is never warmer than the sink where it
/// leaves it. solid_share is what does not depend on the flow: base, fins, paste. Without flow, 2 % of V_flow_nominal
/// counts in UA (free convection). n = speed speed_signal powered. P is the electric power of the fans at full speed,
/// at least dp_fans V. `power` is that of the server without its fans; what is not on the sink warms the air at once.
struct AirServer {
    static constexpr std::string_view type = "air_server";
    static constexpr std::string_view doc = "Air-cooled servers: heat sink by air flow, internal fans, chassis";
    static constexpr Role role = Role::tray;

    template <class P>
    struct Params {
        P power, activity, P_sink, R_sink, solid_share, film_exponent, C_sink, V_flow_nominal, dp_chassis, exponent,
            T_nominal, fan_efficiency, deadhead_share, speed, rho_nominal, units, T_case_max, T_in_max;
        const Curve *dp_fans, *power_fans;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::power, "power", "W", "electric power of one server without its fans", from(0)),
                param(&Params::activity, "activity", "1", "share of the power that is on", from(0), 1.0),
                param(&Params::P_sink, "P_sink", "W", "part of it that is on the heat sink", from(0)),
                param(&Params::R_sink, "R_sink", "K/W", "case of the part to inlet air, at V_flow_nominal", above(0)),
                param(&Params::solid_share, "solid_share", "1",
                      "share of the resistance to the air that does not depend on the flow (assumed)", between(0, 0.95),
                      0.4),
                param(&Params::film_exponent, "film_exponent", "1", "n in h ~ air flow^n (assumed)", between(0.1, 1),
                      0.6),
                param(&Params::C_sink, "C_sink", "J/K", "heat capacity of sink and part", above(0)),
                param(&Params::V_flow_nominal, "V_flow_nominal", "m3/s", "air flow at which R_sink and dp_chassis hold",
                      above(0)),
                param(&Params::dp_chassis, "dp_chassis", "Pa", "pressure drop of the chassis at that flow", above(0)),
                param(&Params::exponent, "exponent", "1", "n in dp ~ V^n (assumed)", between(1, 2.2), 1.8),
                param(&Params::T_nominal, "T_nominal", "K", "air temperature at which both hold", between(250, 350),
                      298.15),
                curve(&Params::dp_fans, "dp_fans", "m3/s", "Pa",
                      "pressure rise of the server's fans against flow at nominal speed, from zero flow"),
                optional_curve(&Params::power_fans, "power_fans", "m3/s", "W",
                               "electric power of the server's fans at nominal speed"),
                param(&Params::fan_efficiency, "fan_efficiency", "1",
                      "pressure rise times flow over electric power, without power_fans (assumed)", between(0.01, 1),
                      0.35),
                param(&Params::deadhead_share, "deadhead_share", "1",
                      "fan power at zero flow over that at half the curve, without power_fans (assumed)", between(0, 2),
                      0.7),
                param(&Params::speed, "speed", "1", "fan speed over nominal; multiplies `speed_signal`", between(0, 1),
                      1.0),
                param(&Params::rho_nominal, "rho_nominal", "kg/m3", "density the fan curves hold for", above(0), 1.2),
                param(&Params::units, "units", "1", "equal servers", from(1), 1.0),
                param(&Params::T_case_max, "T_case_max", "K", "limit of the case under the sink", above(0), not_given),
                param(&Params::T_in_max, "T_in_max", "K", "limit of the inlet air", above(0), not_given)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        SignalPort<S> speed_signal, powered, T_case, power_drawn;
        Unknown<S> m_flow, T_sink;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "inlet air: cold aisle"),
                port(&Vars::b, "b", "exhaust air: hot aisle"),
                port(&Vars::speed_signal, "speed_signal", "fan speed from a controller").otherwise(1.0),
                port(&Vars::powered, "powered", "1 while its supply is energised").otherwise(1.0),
                port(&Vars::T_case, "T_case", "temperature of the case [K], for a fan controller").writes_temperature(),
                port(&Vars::power_drawn, "power_drawn", "electric power with fans [W], for its supply").writes(1000.0),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.1, "air flow of all servers from a to b", "pressure balance",
                        "Pa"),
                unknown(&Vars::T_sink, "T_sink", "K", 10.0, "case of the part under the sink",
                        "energy balance of the sink", "W")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const State<S> s = state(x, p);
        x.m_flow.residual = x.a.p - x.b.p + s.dp_fans - s.dp_chassis;
        x.T_sink.residual = s.on * p.activity * p.P_sink - s.Q_sink - p.C_sink * x.T_sink.der;
        x.T_case.equation = x.T_case.value - x.T_sink.value;
        x.power_drawn.equation = x.power_drawn.value - drawn(s, p);
        warm_flow(x.a, x.b, S(x.m_flow), S(drawn(s, p) - p.units * (s.on * p.activity * p.P_sink - s.Q_sink)));
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const State<S> s = state(x, p);
        out.key("T_case", "K", "case of the part under the sink", x.T_sink.value);
        out.key("V_flow", "m3/s", "air flow of all servers", p.units * s.V);
        out.key("P_el", "W", "electric power of all servers with fans", drawn(s, p));
        out.key("P_fans", "W", "electric power of all fans", p.units * s.P_fans);
        out.value("n", "1", "fan speed over nominal", s.n);
        out.value("T_in", "K", "inlet air", s.T_in);
        out.value("T_out", "K", "exhaust air, before it mixes with other air",
                  own_outlet(x.a, x.b, S(x.m_flow),
                             S(s.T_in +
                               (drawn(s, p) - p.units * (s.on * p.activity * p.P_sink - s.Q_sink)) / (p.units * s.C))));
        out.value("UA", "W/K", "conductance of the sink of one server", s.UA);
        out.at_most("case_temperature", "case under the heat sink", "K", x.T_sink.value, p.T_case_max, "T_case_max");
        out.at_most("inlet_air", "inlet air", "K", s.T_in, p.T_in_max, "T_in_max");
        out.power_in(drawn(s, p));
        out.stored(p.units * p.C_sink * (x.T_sink.value - 273.15));
        out.through(x.a.circuit, x.m_flow.value);
    }
    static std::string problem(const Params<double>& p, const Medium* const* at) {
        if (!std::isfinite(p.dp_fans->hi()) || p.dp_fans->line(0.0) <= 0.0)
            return "dp_fans must end at a flow and be positive at zero flow: {points: [[flow, rise], ...], x: m3/h, y: "
                   "Pa}";
        if (p.P_sink > p.power) return "P_sink lies above power, of which it is a part";
        if (!at[0]) return {};
        const double C = capacity(*at[0], p);
        if (p.R_sink * C > 1.0) return {};
        return fmt::format(
            "R_sink of {:.4g} K/W is impossible: V_flow_nominal of {:.4g} m3/h carries {:.4g} W/K, so the least "
            "resistance to the inlet air is {:.4g} K/W; give a larger R_sink or V_flow_nominal",
            p.R_sink, p.V_flow_nominal * 3600.0, C, 1.0 / C);
    }

   private:
    template <class S>
    struct State {
        S n, on, V, T_in, C, UA, Q_sink, dp_fans, dp_chassis, P_fans;
    };
    template <class P>
    static P capacity(const Medium& air, const Params<P>& p) {
        return air.rho(p.T_nominal) * air.cp(p.T_nominal) * p.V_flow_nominal;
    }
    template <class S, class P>
    static S drawn(const State<S>& s, const Params<P>& p) {
        return p.units * (s.on * p.activity * p.power + s.P_fans);
    }
    template <class S, class P>
    static State<S> state(const Vars<S>& x, const Params<P>& p) {
        using std::expm1;
        using std::log1p;
        using std::pow;
        const Medium& air = *x.a.medium;
        State<S> s;
        s.n = fan_speed<S>(x, p), s.on = x.powered.value;
        s.T_in = upstream(x.a.T, x.b.T, S(x.m_flow));
        const S rho = air.rho(S(0.5 * (x.a.T + x.b.T))), m = x.m_flow / p.units;
        s.V = m / rho;
        s.C = carried_capacity(m, air.cp(s.T_in));
        const P C_n = capacity(air, p), UA_n = -C_n * log1p(P(-1.0 / (p.R_sink * C_n)));
        const S film = pow(flow_ratio(s.V, p.V_flow_nominal, 0.02), S(-p.film_exponent));
        s.UA = UA_n / (p.solid_share + (1.0 - p.solid_share) * film);
        s.Q_sink = -s.C * expm1(S(-s.UA / s.C)) * (x.T_sink.value - s.T_in);
        const PumpData<P> fans{p.dp_fans, p.power_fans,     nullptr,      p.fan_efficiency, P(1.0),
                               P(0.0),    p.deadhead_share, P(not_given), p.rho_nominal};
        const PumpPoint<S> at = pump_point(s.n, s.V, rho, fans, fan_rest);
        s.dp_fans = at.dp, s.P_fans = at.P_fluid;
        const NominalPoint<P> chassis{p.V_flow_nominal, p.dp_chassis, p.exponent,
                                      p.T_nominal,      P(not_given), P(not_given)};
        s.dp_chassis = nominal_drop(m, s.T_in, air, chassis);
        return s;
    }
};

}  // namespace kelvolt::models
