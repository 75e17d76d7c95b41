#pragma once

#include <cmath>

#include "models/ports.hpp"

namespace kelvolt::models {

/// Surroundings of fixed temperature that take any heat. The heat that enters them leaves the system.
///   T_port = T
///   gamma(T_dew) = gamma(T) + ln(RH), gamma(t) = 17.625 t/(243.04 + t), t in degC
/// The humidity of their air, given as RH or as T_dew, only states the dew point, below which water condenses on
/// surfaces. gamma is the Magnus form over water, within 0.4 % in vapour pressure from -40 to 50 degC.
/// Source: Alduchov & Eskridge, J. Appl. Meteorol. 35 (1996) 601.
struct Ambient {
    static constexpr std::string_view type = "ambient";
    static constexpr std::string_view doc = "Surroundings of fixed temperature";
    static constexpr Role role = Role::ambient;
    static constexpr bool surroundings = true;

    template <class P>
    struct Params {
        P T, RH, T_dew;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::T, "T", "K", "temperature of the surroundings", between(150, 1000)),
                param(&Params::RH, "RH", "1", "relative humidity of their air", between(0.001, 1), not_given),
                param(&Params::T_dew, "T_dew", "K", "dew point of their air; instead of RH", between(200, 373.15),
                      not_given)};
        }
    };
    template <class S>
    struct Vars {
        HeatPort<S> port;
        Unknown<S> Q_flow;
        static constexpr auto declare() {
            return std::tuple{
                kelvolt::port(&Vars::port, "port", "where heat enters the surroundings"),
                unknown(&Vars::Q_flow, "Q_flow", "W", 100.0, "heat into the surroundings", "fixed temperature", "K")
                    .start(0.0)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.port.Q_flow = x.Q_flow;
        x.Q_flow.residual = x.port.T - p.T;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.value("T_dew", "K", "dew point of the air; not a number where no humidity is given", dew_point(p));
        out.power_in(-x.Q_flow.value);
    }
    static std::string problem(const Params<double>& p) {
        if (!std::isnan(p.RH) && !std::isnan(p.T_dew)) return "RH and T_dew both state the humidity; give one";
        if (p.T_dew > p.T) return "T_dew lies above T; air holds no more water than at its dew point";
        return {};
    }

   private:
    template <class P>
    static P dew_point(const Params<P>& p) {
        using std::log;
        constexpr double a = 17.625, b = 243.04, T_0 = 273.15;
        if (!std::isnan(value(p.T_dew))) return p.T_dew;
        const P t = p.T - T_0, gamma = a * t / (b + t) + log(p.RH);
        return T_0 + b * gamma / (a - gamma);
    }
};

}  // namespace kelvolt::models
