/// Models that describe a machine by its rating alone: how they cool, and the note that every report gives about them.
#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/ports.hpp"

namespace kelvolt::models {

/// Notes in the report that the model is simple, at any value: the lower end of the range given here lies above the
/// upper.
template <class S>
void flag_simple(Report<S>& out, std::string_view what) {
    out.within(what, "1", 0.5, 1.0, 0.0, "simple model, for balances, not for design");
}

/// Takes the heat Q [W] from the coolant where it leaves (at a or b), with the pressure drop of `rating`, and gives Q
/// and the electric power P_el to the outdoor air. P_el is taken from the supply.
template <class X, class S, class P>
void cool(X& x, HeatPort<S>& outdoors, const NominalPoint<P>& rating, const S& Q, const S& P_el) {
    const S m = x.m_flow, to_b = 0.5 + 0.5 * m / smooth::abs(m, m_flow_rest);
    x.m_flow.residual = x.a.p - x.b.p - nominal_drop(m, S(upstream(x.a.T, x.b.T, m)), *x.a.medium, rating);
    pass_through(x.a, x.b, m, 0.0);
    x.a.H_flow = x.a.H_flow + (1.0 - to_b) * Q;
    x.b.H_flow = x.b.H_flow + to_b * Q;
    outdoors.Q_flow = -(Q + P_el);
    x.power.equation = x.power.value - P_el;
}

/// Capacity flow [W/K] through a component: cp times the flow that `pass_through` carries. Heat taken and enthalpy
/// carried thus refer to the same flow, also at rest.
template <class S, class C>
S carried_capacity(const S& m_flow, const C& cp) {
    return cp * smooth::abs(m_flow, m_flow_rest);
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
