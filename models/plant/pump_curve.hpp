/// Head and power of a centrifugal pump at any speed n (relative to nominal) and any flow: forward, backward, running
/// or stopped.
///   dp = r n^2 f(x) - 1e-4 k x_end n V_flow
///   P_fluid = r n^3 P(x)
///   x = V_flow/n, r = rho/rho_nominal
///   k = rho_nominal/(1000 Kv_stopped^2), or f(0)/x_end^2 where Kv_stopped is not given
///   f(x) = f(x_on) - k (x|x| - x_on|x_on|) for x outside the curve
/// f and P are the curves of pressure rise and shaft power (without bearing friction) at nominal speed, x_end is the
/// last flow of the curve and x_on the nearest flow on it. Outside the curve (backward or beyond its end) and when
/// stopped, the pump is a resistance: at n = 0 the drop is k r V_flow|V_flow|. The second term of dp, 1e-4 of k x_end^2
/// at the end of the curve, only keeps the slope above zero. Below n = 2 %, x is formed with a divisor that does not
/// fall below 1 %. Everything is C1.
#pragma once

#include "models/fluid/flow_laws.hpp"
#include "solver/curve/curve.hpp"

namespace kelvolt::models {

template <class P>
struct PumpData {
    const Curve *dp, *power, *efficiency_curve;
    P efficiency, efficiency_motor, P_friction, deadhead_share, Kv_stopped, rho_nominal;

    double V_end() const { return dp->hi(); }
    double dp_shut() const { return dp->line(0.0); }
    /// k of the stopped pump [Pa/(m3/s)^2] at rho_nominal. Without Kv_stopped: the stopped pump needs the shut-off
    /// pressure to pass the last flow of the curve.
    P k() const {
        if (!given(Kv_stopped)) return P(dp_shut() / (V_end() * V_end()));
        return rho_nominal / rho_coefficient / (Kv_stopped * Kv_stopped);
    }

    /// Shaft power into the coolant at nominal speed and density [W]. It is at least the hydraulic power dp V_flow, so
    /// that no data make a pump that gives more work than it takes.
    template <class S>
    S shaft_power(const S& x) const {
        return smooth::max(stated_power(x), hydraulic_power(x), 1e-6 * dp_shut() * V_end());
    }
    /// The same as the data state it, without bearing friction:
    ///   from the curve of electric power: power(x) efficiency_motor - P_friction
    ///   from the efficiency: dp(x) x/efficiency above x = 0.2 x_end
    /// Below, a C2 step leads to the power at zero flow, which is deadhead_share times that at half the curve.
    template <class S>
    S stated_power(const S& x) const {
        if (power) return S((*power)(x)) * efficiency_motor - P_friction;
        const double low = 0.2 * V_end();
        const S deadhead = deadhead_share * by_efficiency(S(0.5 * V_end()));
        const S rest = by_efficiency(smooth::held(x, 0.5 * low, 2.0 * V_end(), 0.25 * low));
        return deadhead + smooth::step(x, 0.0, low) * (rest - deadhead);
    }
    template <class S>
    S hydraulic_power(const S& x) const {
        return dp->line(x) * x;
    }

   private:
    template <class S>
    S by_efficiency(const S& x) const {
        const S hydraulic = smooth::positive(hydraulic_power(x), 1e-6 * dp_shut() * V_end());
        if (!efficiency_curve) return hydraulic / efficiency;
        return hydraulic / smooth::max(S((*efficiency_curve)(x)), 0.02, 1e-4);
    }
};

/// The pump at one speed, flow and density.
template <class S>
struct PumpPoint {
    S dp;       ///< pressure rise [Pa]
    S P_fluid;  ///< shaft power into the coolant [W]
    S torque;   ///< that power over n [W]
    S x;        ///< flow at nominal speed [m3/s]
};

/// n limited to at least 0, and the speed by which flows are divided: n above 2 %, never below 1 %.
template <class S>
struct PumpSpeed {
    S forward, divisor;
    explicit PumpSpeed(const S& n) {
        constexpr double slow = 0.02;
        const S zero(0.0), limit(slow);
        forward = select(n > zero, n, zero);
        const S part = select(forward > limit, limit, forward);
        divisor = forward - part + 0.5 * slow + part * part / (2.0 * slow);
    }
};

/// `rest`: share of the last flow of the curve below which the resistance is linear.
template <class S, class P>
PumpPoint<S> pump_point(const S& n, const S& V_flow, const S& rho, const PumpData<P>& data, double rest = 1e-6) {
    const double end = data.V_end();
    const auto square = [&](const S& v) { return S(v * smooth::abs(v, rest * end)); };
    const PumpSpeed<S> speed(n);
    const S r = rho / data.rho_nominal, x = V_flow / speed.divisor, on_curve = smooth::held(x, 0.0, end, 0.05 * end),
            k(data.k());
    const S loss = data.dp_shut() - data.dp->line(on_curve) + k * (square(x) - square(on_curve));
    const S driven = speed.forward * speed.forward, divided = speed.divisor * speed.divisor;
    // the last term, 1e-4 of k at the end of the curve, keeps the slope at zero flow above zero
    const S dp = r * (driven * data.dp_shut() - divided * loss) - 1e-4 * k * end * speed.divisor * V_flow;
    const S torque = r * driven * data.shaft_power(on_curve);
    return {dp, torque * speed.forward, torque, x};
}

}  // namespace kelvolt::models
