/// Losses of converters and where their heat goes.
///   loss/rating = curve(x), usually a + b x + c x^2, with x = load/rating
#pragma once

#include <fmt/format.h>

#include "models/power/port_power.hpp"
#include "solver/curve/curve.hpp"

namespace kelvolt::models {

/// The loss curve must not be negative up to this load relative to the rating.
inline constexpr double loss_range = 1.5;

/// Loss of `units` converters of rating P_rated with the total output P_out [W].
template <class S, class P>
S conversion_loss(const Curve& loss, const S& P_out, const P& P_rated, const P& units) {
    const S rating = S(P_rated * units);
    return rating * S(loss(S(P_out / rating)));
}

/// Message about an implausible loss curve; empty if it is plausible.
inline std::string loss_problem(const Curve& loss, std::string_view name = "loss") {
    for (int k = 0; k <= 300; ++k) {
        const double x = loss_range * k / 300.0, y = loss(x);
        if (!(y >= 0.0))
            return fmt::format(
                "{} is negative: {:.4g} of the rating at the load share {:.3g}; allowed: at least 0 up to {:g}; give "
                "efficiency: [[load share, efficiency], ...], parabola: [a, b, c] or points of loss over rating",
                name, y, x, loss_range);
        if (x <= 1.0 && y > 1.0)
            return fmt::format(
                "{} is {:.4g} of the rating at the load share {:.3g}, more than the rating; it is a share of the "
                "rating: 2 % is written 0.02",
                name, y, x);
    }
    return {};
}

/// Divides a loss between two heat ports: the share `to_air` to `air`, the rest to `heat`. If only one of them is
/// connected, it takes all. If none is, the heat leaves the system.
template <class S, class P>
void place_heat(HeatPort<S>& heat, HeatPort<S>& air, const S& loss, const P& to_air) {
    give_heat(heat, air.connected ? S((1.0 - to_air) * loss) : loss);
    give_heat(air, heat.connected ? S(to_air * loss) : loss);
}
/// Heat that leaves the system because neither port is connected [W].
template <class S>
S heat_outside(const HeatPort<S>& heat, const HeatPort<S>& air, const S& loss) {
    return heat.connected || air.connected ? S(0.0) : loss;
}

/// Outputs that every converter has, so that losses can be listed by conversion stage and by room.
template <class S, class V>
void report_conversion(Report<S>& out, const V& P_in, const V& P_out, const V& loss, const V& loading,
                       const V& outside) {
    out.key("P_in", "W", "electric power taken", P_in);
    out.key("P_out", "W", "electric power given", P_out);
    out.key("loss", "W", "loss, all of it heat", loss);
    out.key("loading", "1", "power given over the rating in service", loading);
    out.value("heat_outside", "W", "loss whose heat port is not connected: it leaves the system", outside);
    out.power_in(-outside);
}

}  // namespace kelvolt::models
