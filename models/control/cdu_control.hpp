#pragma once

#include "models/control/pi_law.hpp"

namespace kelvolt::models {

/// Pump speed of a CDU in one of three modes, by the PI law of pi_law.hpp on the relative error e.
///   constant_dp: e = 1 - (p_supply - p_return)/dp_set
///   constant_flow: e = 1 - m_flow/(rho V_flow_set)
///   constant_speed: speed = speed_set
/// m_flow is the signal [kg/s], rho the density at `supply`. No coolant passes through the ports. With `automatic` = 0
/// the speed is speed_set in every mode. While it is, the integral follows, so that a change back to control is without
/// a jump.
struct CduControl {
    static constexpr std::string_view type = "cdu_control";
    static constexpr std::string_view doc = "CDU pump speed: constant pressure difference, flow or speed";
    static constexpr Role role = Role::controller;
    enum class Mode { constant_dp, constant_flow, constant_speed };

    template <class P>
    struct Params {
        P dp_set, V_flow_set, speed_set, speed_min, speed_max, Kp, Ti, automatic;
        Mode mode;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::dp_set, "dp_set", "Pa", "wanted pressure difference, mode constant_dp", above(0),
                      not_given),
                param(&Params::V_flow_set, "V_flow_set", "m3/s", "wanted flow, mode constant_flow", above(0),
                      not_given),
                param(&Params::speed_set, "speed_set", "1", "relative speed, mode constant_speed or automatic 0",
                      from(0), 1.0),
                param(&Params::speed_min, "speed_min", "1", "lowest relative speed", from(0), 0.2),
                param(&Params::speed_max, "speed_max", "1", "highest relative speed", above(0), 1.0),
                param(&Params::Kp, "Kp", "1", "gain: relative speed per relative error (assumed)", above(0), 0.3),
                param(&Params::Ti, "Ti", "s", "integral time (assumed)", above(0), 5.0),
                param(&Params::automatic, "automatic", "1", "1: controls; 0: runs at speed_set", between(0, 1), 1.0),
                choice(&Params::mode, "mode", "controlled quantity",
                       {"constant_dp", "constant_flow", "constant_speed"})};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> supply, return_;
        SignalPort<S> m_flow, speed;
        Unknown<S> integral;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::supply, "supply", "pressure tap at the supply"),
                port(&Vars::return_, "return", "pressure tap at the return"),
                port(&Vars::m_flow, "m_flow", "measured mass flow [kg/s], mode constant_flow").otherwise(0.0),
                port(&Vars::speed, "speed", "relative pump speed").writes(),
                unknown(&Vars::integral, "integral", "1", 1.0, "integral part as a share of the speed range",
                        "integral action", "1")
                    .start(0.8)
                    .integrator()};
        }
    };

    template <class S, class P>
    static S relative_error(const Vars<S>& x, const Params<P>& p) {
        switch (p.mode) {
            case Mode::constant_dp:
                return 1.0 - (x.supply.p - x.return_.p) / p.dp_set;
            case Mode::constant_flow:
                return 1.0 - x.m_flow.value / (x.supply.medium->rho(x.supply.T) * p.V_flow_set);
            default:
                return S(0.0);
        }
    }
    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const P automatic = p.mode == Mode::constant_speed ? P(0.0) : p.automatic;
        const PiSettings<P> settings{p.Kp, p.Ti, p.speed_min, p.speed_max, automatic, p.speed_set};
        const auto step = pi_step(S(x.integral), relative_error(x, p), settings);
        x.speed.equation = x.speed.value - step.output;
        x.integral.residual = p.Ti * (step.rate - x.integral.der);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.key("speed_wanted", "1", "relative speed demanded from the pumps", x.speed.value);
        out.key("dp", "Pa", "pressure difference between supply and return", x.supply.p - x.return_.p);
        out.value("error", "1", "relative error; positive raises the speed", relative_error(x, p));
    }
    static std::string problem(const Params<double>& p) {
        if (!(p.speed_min < p.speed_max)) return "speed_min must be below speed_max";
        if (p.mode == Mode::constant_dp && std::isnan(p.dp_set)) return "mode constant_dp needs dp_set (e.g. 1.15 bar)";
        if (p.mode == Mode::constant_flow && std::isnan(p.V_flow_set))
            return "mode constant_flow needs V_flow_set (e.g. 120 L/min) and a flow sensor at m_flow";
        return "";
    }
};

}  // namespace kelvolt::models
