#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Three-way valve, mixing (a and b into ab) or diverting (ab into a and b), in either direction of flow.
///   V_flow of a = phi(y) Kv sqrt(1000 (p_a - p_ab)/rho)
///   V_flow of b = phi(1 - y) Kv_bypass sqrt(1000 (p_b - p_ab)/rho)
///   stroke_time dy/dt = z/sqrt(1 + z^2), z = 20 (opening position - y)
/// y is the position of the path a, and b closes while a opens. phi is the characteristic of correlations/valve.hpp;
/// that of b is linear with `characteristic_bypass: linear`, which with an equal-percentage a is the usual mixing
/// valve. The actuator is that of valve.hpp. Each unknown m_open is the flow that the same pressure drop would drive
/// through the open path.
/// Source: IEC 60534-1, 60534-2-4.
struct ThreeWayValve {
    static constexpr std::string_view type = "three_way_valve";
    static constexpr std::string_view doc = "Three-way valve, mixing or diverting";
    static constexpr Role role = Role::valve;

    template <class P>
    struct Params {
        P Kv, Kv_bypass, leak, rangeability, opening, stroke_time, dp_max;
        Characteristic characteristic, characteristic_bypass;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::Kv, "Kv", "m3/s/Pa^0.5", "flow coefficient of the open path a (Kv or Cv)", above(0)),
                param(&Params::Kv_bypass, "Kv_bypass", "m3/s/Pa^0.5", "flow coefficient of the open path b", above(0)),
                param(&Params::leak, "leak", "1", "flow coefficient of a shut path, relative to open",
                      between(1e-7, 0.02)),
                param(&Params::rangeability, "rangeability", "1", "R of equal_percentage", above(1), 50.0),
                param(&Params::opening, "opening", "1", "demanded opening of a; multiplies `position`", between(0, 1),
                      1.0),
                param(&Params::stroke_time, "stroke_time", "s", "time of a full stroke (assumed)", above(0), 60.0),
                param(&Params::dp_max, "dp_max", "Pa", "limit of the pressure drop of each path, either way", above(0),
                      not_given),
                choice(&Params::characteristic, "characteristic", "inherent characteristic of a", characteristic_names),
                choice(&Params::characteristic_bypass, "characteristic_bypass", "inherent characteristic of b",
                       characteristic_names)};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b, ab;
        SignalPort<S> position;
        Unknown<S> m_open_a, m_open_b, y;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "path that opens with the position"),
                port(&Vars::b, "b", "bypass path"),
                port(&Vars::ab, "ab", "common connection"),
                port(&Vars::position, "position", "demanded opening of a, 0 to 1, from a controller").otherwise(1.0),
                unknown(&Vars::m_open_a, "m_open_a", "kg/s", 0.1, "flow through the open path a at its pressure drop",
                        "pressure drop of a", "Pa"),
                unknown(&Vars::m_open_b, "m_open_b", "kg/s", 0.1, "flow through the open path b at its pressure drop",
                        "pressure drop of b", "Pa"),
                unknown(&Vars::y, "y", "1", 1.0, "position of a", "actuator", "1").start(0.5)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        using std::sqrt;
        const S y = x.y;
        const S m_a = relative_opening(y, p.rangeability, p.leak, p.characteristic) * x.m_open_a.value;
        const S m_b = relative_opening(S(1.0 - y), p.rangeability, p.leak, p.characteristic_bypass) * x.m_open_b.value;
        x.m_open_a.residual = x.a.p - x.ab.p - drop(x.a, x.ab, S(x.m_open_a), m_a, p.Kv);
        x.m_open_b.residual = x.b.p - x.ab.p - drop(x.b, x.ab, S(x.m_open_b), m_b, p.Kv_bypass);
        x.a.m_flow = m_a;
        x.a.H_flow = carried(x.a, x.ab, m_a);
        x.b.m_flow = m_b;
        x.b.H_flow = carried(x.b, x.ab, m_b);
        x.ab.m_flow = -m_a - m_b;
        x.ab.H_flow = -x.a.H_flow - x.b.H_flow;
        const S z = 20.0 * (p.opening * x.position.value - y);
        x.y.residual = z / sqrt(S(1.0 + z * z)) - p.stroke_time * x.y.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.key("m_flow_a", "kg/s", "mass flow in at a", x.a.m_flow);
        out.key("m_flow_b", "kg/s", "mass flow in at b", x.b.m_flow);
        out.value("dp_a", "Pa", "pressure drop from a to ab", x.a.p - x.ab.p);
        out.value("dp_b", "Pa", "pressure drop from b to ab", x.b.p - x.ab.p);
        const S most = larger(smooth::abs(S(x.a.p - x.ab.p), 0.0), smooth::abs(S(x.b.p - x.ab.p), 0.0));
        out.at_most("valve_dp", "pressure drop of the valve", "Pa", most, p.dp_max, "valve rating");
        out.through(x.a.circuit, x.a.m_flow);
        out.through(x.a.circuit, x.b.m_flow);
    }
    static std::string problem(const Params<double>& p) {
        const bool bent = p.characteristic == Characteristic::equal_percentage ||
                          p.characteristic_bypass == Characteristic::equal_percentage;
        if (bent && p.leak * p.rangeability >= 1.0)
            return "leak must lie below 1/rangeability, or the valve would pass more shut than nearly shut";
        return {};
    }

   private:
    template <class S, class P>
    static S drop(const FluidPort<S>& from, const FluidPort<S>& to, const S& m_open, const S& m, const P& Kv) {
        return coefficient_drop(m_open, S(from.medium->rho(upstream(from.T, to.T, m))), Kv);
    }
    // enthalpy flow from one port to another, of the upstream one
    template <class S>
    static S carried(const FluidPort<S>& from, const FluidPort<S>& to, const S& m) {
        const auto part = smooth::split(m, m_flow_rest);
        return part.forward * from.h() + part.backward * to.h();
    }
};

}  // namespace kelvolt::models
