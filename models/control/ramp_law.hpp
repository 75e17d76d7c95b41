/// How a quantity follows another with limited rates: shared by power_smoothing and the stores that take load swings.
#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// x up to 0.95, 1 from 1.05 on, a parabola between.
template <class S>
S saturated(const S& x) {
    return smooth::held(x, -1e300, 0.95, 0.1);
}

/// Rate at which a quantity follows another that is higher by `gap`:
///   rate = gap/tau, at most `up` and at least -`down`, where these are given
/// The limits are exact where the gap exceeds 1.05 tau times the limit; the last part of a ramp is an exponential with
/// the time constant tau.
template <class S, class P>
S following_rate(const S& gap, const P& tau, const P& up, const P& down) {
    const S zero(0.0), rate = gap / tau;
    const S rising = select(rate > zero, rate, zero), falling = rising - rate;
    return (given(up) ? S(up * saturated(S(rising / up))) : rising) -
           (given(down) ? S(down * saturated(S(falling / down))) : falling);
}

/// Descriptions of the parameters of this law.
inline constexpr std::string_view ramp_up_meaning = "largest rise; without it only the time constant acts",
                                  ramp_down_meaning = "largest fall; without it only the time constant acts";

}  // namespace kelvolt::models
