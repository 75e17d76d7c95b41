/// Models that describe a machine by its rating alone: how they cool, and the note that every report gives about them.
#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/plant/staging.hpp"

namespace kelvolt::models {

/// Notes in the report that the model is simple, at any value: the lower end of the range given here lies above the
/// upper.
template <class S>
void flag_simple(Report<S>& out, std::string_view what) {
    out.within(what, "1", 0.5, 1.0, 0.0, "simple model, for balances, not for design");
}

/// Pressure drop of `rating` from a to b, in `units` in parallel, and the heat Q [W] that the coolant loses where it
/// leaves (at a or b).
template <class S, class P>
void cool_coolant(FluidPort<S>& a, FluidPort<S>& b, Unknown<S>& m_flow, const NominalPoint<P>& rating, const S& Q,
                  const S& units) {
    const S m = m_flow, to_b = 0.5 + 0.5 * m / smooth::abs(m, m_flow_rest);
    m_flow.residual = a.p - b.p - nominal_drop(S(m / units), S(upstream(a.T, b.T, m)), *a.medium, rating);
    pass_through(a, b, m, 0.0);
    a.H_flow = a.H_flow + (1.0 - to_b) * Q;
    b.H_flow = b.H_flow + to_b * Q;
}
/// The same, and gives Q and the electric power P_el to the outdoor air. P_el is taken from the supply.
template <class X, class S, class P>
void cool(X& x, HeatPort<S>& outdoors, const NominalPoint<P>& rating, const S& Q, const S& P_el, const S& units) {
    cool_coolant(x.a, x.b, x.m_flow, rating, Q, units);
    outdoors.Q_flow = -(Q + P_el);
    x.power.equation = x.power.value - P_el;
}

/// The smaller of two numbers >= 0, smooth; zero where one of them is zero, low by 0.1 % where they are equal:
///   (a + b + tiny - r)/2, r = sqrt((a - b)^2 + 4e-6 a b + tiny^2), written as a quotient, which loses no digits
template <class S>
S lesser(const S& a, const S& b, double tiny) {
    using std::sqrt;
    const S apart = a - b, both = a + b, root = sqrt(S(apart * apart + 4e-6 * a * b + tiny * tiny));
    return (2.0 * (1.0 - 1e-6) * a * b + tiny * both) / (both + tiny + root);
}

/// Capacity flow [W/K] through a component: cp times the flow that `pass_through` carries. Heat taken and enthalpy
/// carried thus refer to the same flow, also at rest.
template <class S, class C>
S carried_capacity(const S& m_flow, const C& cp) {
    return cp * smooth::abs(m_flow, m_flow_rest);
}

/// Mean specific heat [J/(kg K)] of the coolant from T_in to T_end by Simpson's rule: the heat of a flow that cools
/// from T_in to T_end is then not more than its enthalpy.
template <class S>
S mean_cp(const Medium& fluid, const S& T_in, const S& T_end) {
    return (fluid.cp(T_in) + 4.0 * fluid.cp(S(0.5 * (T_in + T_end))) + fluid.cp(T_end)) / 6.0;
}

/// Fan speed over nominal, within 0 and 1: speed speed_signal powered.
template <class S, class X, class P>
S fan_speed(const X& x, const P& p) {
    return smooth::limited(S(p.speed * x.speed_signal.value * x.powered.value), 0.0, 1.0, 1e-5);
}

/// Temperature [K] of the coolant that leaves the component, from its own enthalpy flow: the node may mix it with other
/// flows. `T_near` is an estimate, which is returned unchanged at rest.
template <class S>
S own_outlet(const FluidPort<S>& a, const FluidPort<S>& b, const S& m_flow, const S& T_near) {
    const Medium& fluid = *a.medium;
    const S size = smooth::abs(m_flow, m_flow_rest);
    const bool forward = value(m_flow) > 0.0;
    const FluidPort<S>& out = forward ? b : a;
    const S correction = (-out.H_flow - size * fluid.h(T_near, out.p)) / (size * fluid.cp(T_near));
    return select(size > S(100.0 * m_flow_rest), S(T_near + correction), T_near);
}

}  // namespace kelvolt::models
