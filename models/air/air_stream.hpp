/// What the components of an air network have in common: heat given to a stream, and one side of a coil.
#pragma once

#include "models/plant/simple_model.hpp"

namespace kelvolt::models {

/// Share of the last flow of a fan's curve below which its resistance is linear.
inline constexpr double fan_rest = 1e-4;

/// The flow m passes from a to b or back and takes the heat Q [W] where it leaves; half to each side at rest.
template <class S>
void warm_flow(FluidPort<S>& a, FluidPort<S>& b, const S& m_flow, const S& Q) {
    const S to_b = 0.5 + 0.5 * m_flow / smooth::abs(m_flow, m_flow_rest);
    pass_through(a, b, m_flow, 0.0);
    a.H_flow = a.H_flow - (1.0 - to_b) * Q;
    b.H_flow = b.H_flow - to_b * Q;
}

/// A flow over its nominal value, never below `least`, as a base of powers.
template <class S, class P>
S flow_ratio(const S& flow, const P& nominal, double least) {
    return smooth::abs(S(flow / nominal), least);
}

}  // namespace kelvolt::models
