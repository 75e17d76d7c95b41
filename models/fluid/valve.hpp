#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/media/vapour.hpp"

namespace kelvolt::models {

/// Control valve with inherent characteristic, leak and actuator.
///   V_flow = phi(y) Kv sqrt(1000 dp/rho)
///   stroke_time dy/dt = z/sqrt(1 + z^2), z = 20 (demand - y)
///   demand = opening position, within 0 and 1
/// phi(y) is the flow coefficient relative to the open valve (correlations/valve.hpp); at y = 0 it is `leak`. The stem
/// y follows the demand at up to one stroke per stroke_time, and settles
/// exponentially within the last twentieth of a stroke. The unknown m_open is the flow that the same pressure drop
/// would drive through the open valve, so that a closed valve is as easy to solve as an open one.
/// Where F_L is given, the limits of the law are judged after the solution, with p_in the higher pressure and p_v the
/// vapour pressure there:
///   the flow chokes at dp = F_L^2 (p_in - F_F p_v), F_F = 0.96 - 0.28 sqrt(p_v/p_critical)
///   it is turbulent above Re_v = 0.0707 F_d V_flow/(nu sqrt(F_L Kv)) (F_L^2 Kv^2/(0.0016 d^4) + 1)^(1/4) = 10000
/// with V_flow in m3/h, nu in m2/s, Kv in m3/h and the inner diameter d of the pipe in mm; without d the bracket, close
/// to 1, is left out. Kv is that of the present opening. A choked valve passes less than computed here.
/// Source: IEC 60534-1, 60534-2-1 (choked flow, valve Reynolds number), 60534-2-4.
struct Valve {
    static constexpr std::string_view type = "valve";
    static constexpr std::string_view doc = "Control valve with characteristic, leak and actuator";
    static constexpr Role role = Role::valve;

    template <class P>
    struct Params {
        P Kv, leak, rangeability, opening, stroke_time, dp_max, F_L, F_d, d_pipe, p_critical;
        Characteristic characteristic;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::Kv, "Kv", "m3/s/Pa^0.5", "flow coefficient when open (Kv or Cv)", above(0)),
                param(&Params::leak, "leak", "1", "flow coefficient when shut, relative to open", between(1e-7, 0.02)),
                param(&Params::rangeability, "rangeability", "1", "R of equal_percentage", above(1), 50.0),
                param(&Params::opening, "opening", "1", "demanded opening; multiplies `position`", between(0, 1), 1.0),
                param(&Params::stroke_time, "stroke_time", "s", "time of a full stroke (assumed)", above(0), 60.0),
                param(&Params::dp_max, "dp_max", "Pa", "limit of the pressure drop, either way (assumed: PN 16)",
                      above(0), 16e5),
                param(&Params::F_L, "F_L", "1", "liquid pressure recovery factor (globe about 0.9, butterfly 0.6)",
                      between(0.1, 1), not_given),
                param(&Params::F_d, "F_d", "1", "valve style modifier (assumed)", between(0.05, 1), 0.46),
                param(&Params::d_pipe, "d_pipe", "m", "inner diameter of the pipe, for Re_v", above(0), not_given),
                param(&Params::p_critical, "p_critical", "Pa_abs", "critical pressure of the coolant (that of water)",
                      above(0), 22.064e6),
                choice(&Params::characteristic, "characteristic", "inherent characteristic",
                       {"linear", "equal_percentage"})};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        SignalPort<S> position;
        Unknown<S> m_open, y;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "inlet"), port(&Vars::b, "b", "outlet"),
                port(&Vars::position, "position", "demanded opening 0 to 1, from a controller").otherwise(1.0),
                unknown(&Vars::m_open, "m_open", "kg/s", 0.1, "flow through the open valve at this pressure drop",
                        "pressure drop", "Pa"),
                unknown(&Vars::y, "y", "1", 1.0, "stem position", "actuator", "1").start(0.5)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        using std::sqrt;
        const S m_open = x.m_open, y = x.y, m = phi(y, p) * m_open;
        x.m_open.residual =
            x.a.p - x.b.p - coefficient_drop(m_open, S(x.a.medium->rho(upstream(x.a.T, x.b.T, m))), p.Kv);
        pass_through(x.a, x.b, m, 0.0);
        // far from the demand at full speed, near it as a first-order lag
        const S demand = p.opening * x.position.value, least(0.0), most(1.0);
        const S open = select(demand < least, least, select(most < demand, most, demand));
        const S g = 20.0 * (open - y);
        x.y.residual = g / sqrt(S(1.0 + g * g)) - p.stroke_time * x.y.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        using std::sqrt;
        out.key("m_flow", "kg/s", "mass flow from a to b", x.a.m_flow);
        out.key("dp", "Pa", "pressure drop from a to b", x.a.p - x.b.p);
        out.value("relative_Kv", "1", "flow coefficient relative to open", phi(S(x.y), p));
        out.at_most("valve_dp", "pressure drop of the valve", "Pa", larger(S(x.a.p - x.b.p), S(x.b.p - x.a.p)),
                    p.dp_max, "valve rating");
        out.within("demanded opening", "1", settled_demand(S(p.opening * x.position.value), 0.0, 1.0), 0.0, 1.0,
                   "stroke of the valve; correct opening or its signal", "it holds the nearest end");
        const bool forward = value(x.a.p) >= value(x.b.p);
        const S higher = forward ? x.a.p : x.b.p, p_v = vapour_pressure_at(*x.a.medium, forward ? x.a.T : x.b.T);
        out.at_most("valve_choked", "pressure drop of the valve", "Pa", smooth::abs(S(x.a.p - x.b.p), 0.0),
                    p.F_L * p.F_L * (higher - (0.96 - 0.28 * sqrt(S(p_v / p.p_critical))) * p_v),
                    "choked flow, IEC 60534-2-1");
        const S Re_v = reynolds(x, p);
        out.value("Re_v", "1", "valve Reynolds number; not a number where F_L is not given", Re_v);
        if (value(Re_v) > 100.0)  // a valve that hardly flows is not judged
            out.within("valve Reynolds number", "1", Re_v, 1e4, infinite, "IEC 60534-2-1, turbulent flow");
        out.through(x.a.circuit, x.a.m_flow);
    }
    /// Closed, and its demand closed, too.
    static bool separates(const Vars<double>& x, const Params<double>& p) {
        constexpr double shut = 1e-3;
        return p.opening * x.position.value < shut && x.y.value < shut;
    }
    static std::string problem(const Params<double>& p) {
        if (p.characteristic == Characteristic::equal_percentage && p.leak * p.rangeability >= 1.0)
            return "leak must lie below 1/rangeability, or the valve would pass more shut than nearly shut";
        return {};
    }

   private:
    template <class S, class P>
    static S reynolds(const Vars<S>& x, const Params<P>& p) {
        using std::sqrt;
        constexpr double per_hour = 3600.0, Kv_unit = 3600.0 * 316.22776601683796;  // (m3/h)/bar^0.5 in (m3/s)/Pa^0.5
        const S m = smooth::abs(x.a.m_flow, 1e-9), T = upstream(x.a.T, x.b.T, x.a.m_flow), mu = x.a.medium->mu(T);
        const S Kv = p.Kv * phi(S(x.y), p) * Kv_unit, d_mm = p.d_pipe * 1e3;
        const S full = 1.0 + p.F_L * p.F_L * Kv * Kv / (0.0016 * d_mm * d_mm * d_mm * d_mm);
        const S bracket = select(is_nan(value(p.d_pipe)), S(1.0), full);
        return 0.0707 * p.F_d * per_hour * (m / mu) / sqrt(S(p.F_L * Kv)) * sqrt(S(sqrt(bracket)));
    }
    template <class S, class P>
    static S phi(const S& y, const Params<P>& p) {
        return relative_opening(y, p.rangeability, p.leak, p.characteristic);
    }
};

}  // namespace kelvolt::models
