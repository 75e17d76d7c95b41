/// Models that stand for a machine by its rating alone: how they cool, and what every report says of them.
#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/ports.hpp"

namespace kelvolt::models {

/// A flag without a range (the lower end above the upper one): it stands at any value.
template <class S>
void flag_simple(Report<S>& out, std::string_view what) {
    out.within(what, "1", 0.5, 1.0, 0.0, "simple model, for balances, not for design");
}

/// Takes heat Q [W] from the coolant that leaves, at a or b, at the pressure drop of `rating`, and gives it with the
/// electric power P_el to the air outdoors; P_el is asked of the supply.
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

/// Capacity flow [W/K] that crosses a component: cp times the flow that `pass_through` carries, so that what is taken
/// from it and what it carries are one number, at rest too.
template <class S, class C>
S carried_capacity(const S& m_flow, const C& cp) {
    return cp * smooth::abs(m_flow, m_flow_rest);
}

/// Temperature of what leaves the component [K], by its own enthalpy: the node there may mix it with other flows.
/// `T_near` is an estimate, taken as it is at rest.
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
