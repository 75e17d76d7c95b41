#pragma once

#include <fmt/format.h>

#include "models/power/thevenin.hpp"

namespace kelvolt::models {

/// Connects the neutral of four wires to earth.
///   i = v_n/R
/// The power lost in R leaves the system.
struct Ground {
    static constexpr std::string_view type = "ground";
    static constexpr std::string_view doc = "Earth electrode at a neutral";
    static constexpr Role role = Role::earth;

    template <class P>
    struct Params {
        P R;
        static constexpr auto declare() {
            return std::tuple{param(&Params::R, "R", "ohm", "resistance to earth", above(0), 1.0)};
        }
    };
    template <class S>
    struct Vars {
        Ac4Port<S> bus;
        static constexpr auto declare() { return std::tuple{port(&Vars::bus, "bus", "whose neutral is earthed")}; }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        for (int part = 6; part < 8; ++part) x.bus.flow(part) = x.bus.potential(part) / p.R;
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase&, FaultEquivalent& out) {
        out.earth(p.R, 0);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("I", "A", "current to earth", magnitude(Phasor<S>{x.bus.i_re[3], x.bus.i_im[3]}));
        out.value("v", "V", "voltage of the neutral against earth", magnitude(voltage_of(x.bus, 3)));
        out.power_in(-power_into(x.bus));
    }
};

/// Zigzag earthing transformer: makes a neutral on three wires that have none, and earths it.
///   i_k = m/Z_0 + Y (v_k - v_mean), i_n = -3 m/Z_0, m = v_mean - v_n
///   Z_0 split by X_over_R; Y the no-load admittance from P0 and i0
///   neutral to earth through R_ground
/// v_mean is the mean of the three phase voltages. The rating of the neutral for a limited time (an earth fault) is not
/// judged; I_n_max is the continuous one. The loss leaves to the surroundings.
/// Source: IEC 60076-6 (earthing transformers).
struct Ac4EarthingTransformer {
    static constexpr std::string_view type = "ac4_earthing_transformer";
    static constexpr std::string_view doc = "Zigzag earthing transformer on four wires";
    static constexpr Role role = Role::earth;

    template <class P>
    struct Params {
        P V, Z_0, X_over_R, S_rated, P0, i0, R_ground, I_n_max, in_service;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::V, "V", "V", "rated voltage, line to line", above(0)),
                param(&Params::Z_0, "Z_0", "ohm", "zero-sequence impedance of a phase", above(0)),
                param(&Params::X_over_R, "X_over_R", "1", "reactance over resistance of Z_0 (assumed)", from(0), 10.0),
                param(&Params::S_rated, "S_rated", "VA", "rated power, for i0", above(0), not_given),
                param(&Params::P0, "P0", "W", "no-load loss", from(0), 0.0),
                param(&Params::i0, "i0", "1", "no-load current over that of S_rated; not given: that of P0 alone",
                      between(0, 0.5), not_given),
                param(&Params::R_ground, "R_ground", "ohm", "neutral to earth (assumed)", above(0), 0.01),
                param(&Params::I_n_max, "I_n_max", "A", "largest continuous neutral current", above(0), not_given)
                    .rating(),
                param(&Params::in_service, "in_service", "1", "1: in service, 0: out", between(0, 1), 1.0).service()};
        }
    };
    template <class S>
    struct Vars {
        Ac4Port<S> bus;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::bus, "bus", "whose neutral it makes").rated("V")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        using std::sqrt;
        const Phasor<P> Y_0 = p.in_service * inverse(impedance(p.Z_0, p.X_over_R));
        const P V2 = p.V * p.V, g = p.P0 / V2, y = otherwise(P(p.i0 * p.S_rated / V2), g);
        const Phasor<P> Y{p.in_service * g, -p.in_service * sqrt(P(y * y - g * g + 1e-24))};
        Phasor<S> mean;
        for (int k = 0; k < 3; ++k) mean = mean + (1.0 / 3.0) * voltage_of(x.bus, k);
        const Phasor<S> each = times(Y_0, mean - voltage_of(x.bus, 3));
        for (int k = 0; k < 3; ++k) add_current(x.bus, k, each + times(Y, voltage_of(x.bus, k) - mean));
        add_current(x.bus, 3, -3.0 * each);
        for (int part = 6; part < 8; ++part) x.bus.flow(part) += p.in_service / p.R_ground * x.bus.potential(part);
        add_insulation(x.bus);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S I_0 = magnitude(
            Phasor<S>{x.bus.i_re[0] + x.bus.i_re[1] + x.bus.i_re[2], x.bus.i_im[0] + x.bus.i_im[1] + x.bus.i_im[2]});
        out.key("I_neutral", "A", "current of the neutral, that of all three phases together", I_0);
        out.value("v_n", "V", "voltage of the neutral against earth", magnitude(voltage_of(x.bus, 3)));
        out.value("loading", "1", "neutral current over I_n_max; 0 where it is not given",
                  given(p.I_n_max) ? S(I_0 / p.I_n_max) : S(0.0));
        out.at_most("earthing_current", "neutral current", "A", I_0, p.I_n_max, "I_n_max");
        out.power_in(-power_into(x.bus));
    }
    static NeutralPath neutral(const Params<double>&, int) { return NeutralPath::closed; }
    static std::string problem(const Params<double>& p) {
        if (given(p.i0) && !given(p.S_rated)) return "i0 needs S_rated, whose current it is a share of";
        if (p.P0 > p.i0 * p.S_rated)
            return fmt::format("P0 = {:g} W is more than i0 allows ({:g} W at i0 = {:g})", p.P0, p.i0 * p.S_rated,
                               p.i0);
        return {};
    }
};

}  // namespace kelvolt::models
