#pragma once

#include <fmt/format.h>

#include "models/power/thevenin.hpp"

namespace kelvolt::models {

/// The grid at the point of delivery: a voltage source behind an impedance.
///   E = V at `angle`, the voltage without load
///   |Z| = V^2/S_sc, split by X_over_R
///   Z_0 = Z0_over_Z Z, on four wires; R_0 + jX_0 where these are given
///   short circuit: Z_Q = c V^2/S_sc
/// On four wires (ac4_utility) the star point is earthed through R_ground. Power enters the system at the terminals; the
/// loss in Z is not part of it.
/// Source: IEC 60909-0, 6.2 (network feeders); in the power flow with voltage factor 1, for a fault with c.
template <template <class> class Port>
struct UtilityOf {
    static constexpr Role role = Role::source;
    static constexpr bool four_wires = is_three_phase<Port<double>>;

    template <class P>
    struct Params {
        P V, angle, S_sc, S_sc_min, X_over_R, Z0_over_Z, R_0, X_0, R_ground, P_max, power_factor_min, in_service;
        static constexpr auto common() {
            return std::tuple{
                param(&Params::V, "V", "V", "voltage at no load, line to line", above(0)),
                param(&Params::S_sc, "S_sc", "VA", "short-circuit power, the largest", above(0)),
                param(&Params::S_sc_min, "S_sc_min", "VA",
                      "the smallest short-circuit power, for the smallest fault currents; S_sc where not given",
                      above(0), not_given),
                param(&Params::X_over_R, "X_over_R", "1", "reactance over resistance", from(0), 10.0),
                param(&Params::angle, "angle", "rad", "phase angle at no load", between(-2 * pi, 2 * pi), 0.0),
                param(&Params::P_max, "P_max", "W", "contracted power", above(0), not_given),
                param(&Params::power_factor_min, "power_factor_min", "1", "least power factor", between(0, 1),
                      not_given),
                param(&Params::in_service, "in_service", "1", "1: in service, 0: lost", between(0, 1), 1.0).service()};
        }
        static constexpr auto declare() {
            if constexpr (four_wires)
                return std::tuple_cat(
                    common(),
                    std::tuple{
                        param(&Params::Z0_over_Z, "Z0_over_Z", "1", "zero-sequence impedance over Z (assumed)",
                              above(0), 1.0),
                        param(&Params::R_0, "R_0", "ohm", "zero-sequence resistance, with X_0 instead of Z0_over_Z",
                              from(0), not_given),
                        param(&Params::X_0, "X_0", "ohm", "zero-sequence reactance, with R_0 instead of Z0_over_Z",
                              from(0), not_given),
                        param(&Params::R_ground, "R_ground", "ohm", "star point to earth (assumed)", above(0), 0.01)});
            else
                return std::tuple_cat(common(), std::tuple{balanced_zero_sequence(&Params::Z0_over_Z)});
        }
    };
    template <class S>
    struct Vars {
        Port<S> bus;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::bus, "bus", "point of delivery").source().rated("V")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Phasor<P> E = star_voltage(p.V, p.angle), Z = impedance(P(p.V * p.V / p.S_sc), p.X_over_R);
        if constexpr (four_wires)
            supply(x.bus, E, Z, zero_sequence(p, Z), p.in_service, P(1.0 / p.R_ground));
        else
            supply(x.bus, E, Z, p.in_service);
        add_insulation(x.bus);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S P_out = -power_into(x.bus), Q = -reactive_into(x.bus), pf = power_factor_of(P_out, Q);
        out.key("P", "W", "power delivered", P_out);
        out.key("Q", "var", "reactive power delivered", Q);
        out.value("power_factor", "1", "active over apparent power", pf);
        out.value("I", "A", "current, of the conductor that carries most", current_of(x.bus));
        out.value("v", "V", "voltage at the point of delivery, phase to neutral", voltage(x.bus));
        out.at_most("utility_power", "power delivered", "W", P_out, p.P_max, "contract");
        out.at_least("power_factor", "power factor", "1", pf, p.power_factor_min, "utility's requirement");
        out.power_in(P_out);
    }
    static NeutralPath neutral(const Params<double>&, int) { return NeutralPath::closed; }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (p.in_service < 0.5) return;
        const double S = fault.maximum ? p.S_sc : otherwise(p.S_sc_min, p.S_sc),
                     c = fault.corrections ? fault.c(p.V) : 1;
        const std::complex<double> Z = fault_impedance(c * p.V * p.V / S, p.X_over_R);
        out.source(Z, {FaultSource::Kind::grid, 0, S / (sqrt3 * p.V)});
        std::complex<double> Z_0 = p.Z0_over_Z * Z;
        if constexpr (four_wires)
            if (given(p.R_0)) Z_0 = {p.R_0, p.X_0};
        fault_star<four_wires>(out, Z_0, p.R_ground);
    }
    static std::complex<double> open_voltage(const Params<double>& p, int) { return std::polar(p.V / sqrt3, p.angle); }
    static std::string problem(const Params<double>& p) {
        if (p.S_sc_min > p.S_sc)
            return fmt::format(
                "S_sc_min = {:g} VA is above S_sc = {:g} VA; give the smallest short-circuit power of "
                "the grid as S_sc_min and the largest as S_sc",
                p.S_sc_min, p.S_sc);
        if constexpr (four_wires) {
            if (given(p.R_0) != given(p.X_0))
                return fmt::format("{} is given without {}; the zero sequence needs both, or Z0_over_Z alone",
                                   given(p.R_0) ? "R_0" : "X_0", given(p.R_0) ? "X_0" : "R_0");
            if (p.R_0 == 0.0 && p.X_0 == 0.0) return "R_0 and X_0 are both 0 ohm; give one of them above 0";
            if (given(p.R_0) && p.Z0_over_Z != 1.0)
                return fmt::format("R_0, X_0 and Z0_over_Z = {:g} are all given; give R_0 and X_0, or Z0_over_Z",
                                   p.Z0_over_Z);
        }
        return {};
    }

   private:
    template <class P>
    static Phasor<P> zero_sequence(const Params<P>& p, const Phasor<P>& Z) {
        return {otherwise(p.R_0, P(p.Z0_over_Z * Z.re)), otherwise(p.X_0, P(p.Z0_over_Z * Z.im))};
    }
};

struct AcUtility : UtilityOf<AcPort> {
    static constexpr std::string_view type = "ac_utility";
    static constexpr std::string_view former = "utility";
    static constexpr std::string_view doc = "Grid connection, three phases in balance";
};
struct Ac4Utility : UtilityOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_utility";
    static constexpr std::string_view former = "utility3";
    static constexpr std::string_view doc = "Grid connection on four wires, star point earthed";
};

}  // namespace kelvolt::models
