/// Lines of three phases and neutral: shared by ac4_cable and ac4_line.
#pragma once

#include <tuple>

#include "models/fluid/flow_laws.hpp"
#include "models/power/branch.hpp"

namespace kelvolt::models {

/// A line of four conductors, in one of two forms.
///   return_path: neutral  each conductor has its own impedance per metre: phases R + jX, neutral R_n + jX_n
///   return_path: earth    positive and negative sequence R + jX, zero sequence R_0 + jX_0, per metre
/// With `neutral`, the currents return through the neutral conductor. A reactance common to all four conductors has no
/// effect, so X is the part that remains without it.
/// With `earth`, the neutral is earthed at both ends. The data describe the line after elimination of its neutral, as
/// network data usually do.
/// Each conductor can be open alone (pole_a to pole_n: c_k = 0). With Z_m = (Z_0 - Z)/3, zero with return_path neutral:
///   i_k = c_k (d_k - Z_m s)/Z, s = i_a + i_b + i_c = sum(c_k d_k)/(Z + Z_m sum(c_k)), d_k = v_a,k - v_b,k
/// Half of the charging (B, in the zero sequence B_0) is at either end. Temperature as in line.hpp.
/// Source: symmetrical components, e.g. IEC 60909-0.
template <bool heated>
struct Line4Of {
    static constexpr Role role = Role::line;
    enum class Return { neutral, earth };
    static constexpr double G_earthed = 1e6;  ///< conductance of an earthed neutral at the ends, return_path: earth [S]

    template <class P>
    struct Params : Poles<P> {
        P length, R, X, B, R_0, X_0, B_0, R_n, X_n, parallel, T, T_end, alpha, T_reference, I_max, I_n_max, derating,
            load_max, V, drop_max, in_service;
        Return return_path;
        static constexpr auto declare() { return std::tuple_cat(data(), Poles<P>::poles()); }
        static constexpr auto data() {
            return std::tuple{
                param(&Params::length, "length", "m", "length", above(0)),
                param(&Params::R, "R", "ohm/m", "resistance of a phase per length at T_reference", from(0)),
                param(&Params::X, "X", "ohm/m", "reactance of a phase per length", from(0), 0.0),
                param(&Params::B, "B", "S/m", "charging susceptance of a phase per length", from(0), 0.0),
                param(&Params::R_n, "R_n", "ohm/m", "resistance of the neutral; as a phase where not given", from(0),
                      not_given),
                param(&Params::X_n, "X_n", "ohm/m", "reactance of the neutral; as a phase where not given", from(0),
                      not_given),
                param(&Params::R_0, "R_0", "ohm/m", "zero-sequence resistance (earth); as a phase where not given",
                      from(0), not_given),
                param(&Params::X_0, "X_0", "ohm/m", "zero-sequence reactance (earth); as a phase where not given",
                      from(0), not_given),
                param(&Params::B_0, "B_0", "S/m", "zero-sequence charging; as a phase where not given", from(0),
                      not_given),
                param(&Params::parallel, "parallel", "1", "equal lines side by side", above(0), 1.0),
                param(&Params::T, "T", "K",
                      "conductor temperature; not given: that of the heat port, 20 degC if it is not connected",
                      above(0), not_given),
                end_temperature(&Params::T_end),
                param(&Params::alpha, "alpha", "1/delta_K", "temperature coefficient of R (copper 0.00393)",
                      between(0, 0.1), 0.00393),
                param(&Params::T_reference, "T_reference", "K", "temperature of R", above(0), 293.15),
                param(&Params::I_max, "I_max", "A", "ampacity of a phase before derating", above(0), not_given)
                    .rating(),
                param(&Params::I_n_max, "I_n_max", "A", "ampacity of the neutral before derating", above(0), not_given),
                param(&Params::derating, "derating", "1", "factor on ampacity: ambient, grouping, altitude, harmonics",
                      share_of_nominal, 1.0),
                param(&Params::load_max, "load_max", "1", "largest current over derated ampacity", share_of_rating,
                      1.0),
                param(&Params::V, "V", "V", "nominal voltage, line to line, for the drop", above(0), not_given),
                param(&Params::drop_max, "drop_max", "1", "largest voltage drop of a phase over nominal",
                      share_of_whole, not_given),
                param(&Params::in_service, "in_service", "1", "1: in service, 0: out", between(0, 1), 1.0).service(),
                choice(&Params::return_path, "return_path", "where the sum of the phase currents comes back",
                       {"neutral", "earth"})};
        }
    };
    template <class S>
    struct Vars {
        Ac4Port<S> a, b;
        HeatPort<S> heat;
        static constexpr auto declare() {
            const auto ends = std::tuple{port(&Vars::a, "a", "one end"), port(&Vars::b, "b", "other end")};
            if constexpr (heated)
                return std::tuple_cat(
                    ends, std::tuple{port(&Vars::heat, "heat", "takes the loss and determines the temperature")});
            else
                return ends;
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const bool earth = p.return_path == Return::earth;
        const S hot = line_warmth<heated, S>(x, p);
        const Phasor<S> Z{p.R * hot, S(p.X)};
        const Phasor<S> Z_0{(earth ? otherwise(p.R_0, p.R) : p.R) * hot, S(earth ? otherwise(p.X_0, p.X) : p.X)};
        const S share = S(p.in_service * p.parallel / p.length);
        const Phasor<S> Z_m = (1.0 / 3.0) * (Z_0 - Z), Y = inverse(Z);
        Phasor<S> drop[3], sum;
        S closed(0.0);
        for (int k = 0; k < 3; ++k) {
            drop[k] = S(share * p.pole(k)) * (voltage_of(x.a, k) - voltage_of(x.b, k));
            sum = sum + drop[k];
            closed += p.pole(k);
        }
        const Phasor<S> common = times(Z_m, times(inverse(Z + closed * Z_m), sum));
        for (int k = 0; k < 3; ++k) carry(x, k, times(Y, drop[k] - S(p.pole(k)) * common));
        if (earth) {
            for (int part = 6; part < 8; ++part) {
                x.a.flow(part) += G_earthed * p.pole_n * x.a.potential(part);
                x.b.flow(part) += G_earthed * p.pole_n * x.b.potential(part);
            }
        } else {
            const Phasor<S> Z_n{otherwise(p.R_n, p.R) * hot, S(otherwise(p.X_n, p.X))};
            carry(x, 3, times(S(share * p.pole_n) * inverse(Z_n), voltage_of(x.a, 3) - voltage_of(x.b, 3)));
        }
        const P size = 0.5 * p.in_service * p.length * p.parallel, B = size * p.B, B_0 = size * otherwise(p.B_0, p.B);
        charge(x.a, B, B_0);
        charge(x.b, B, B_0);
        add_insulation(x.a);
        add_insulation(x.b);
        if constexpr (heated) give_heat(x.heat, line_loss(x), otherwise(p.T, P(T_room)));
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S I = current_of(x.a), I_n = magnitude(Phasor<S>{x.a.i_re[3], x.a.i_im[3]}), loss = line_loss(x);
        const S rated = S(p.I_max * p.derating * p.parallel);
        out.key("I", "A", "current of the conductor that carries most", I);
        out.value("I_neutral", "A", "current of the neutral", I_n);
        out.value("P", "W", "power into end a", power_into(x.a));
        out.value("Q", "var", "reactive power into end a", reactive_into(x.a));
        const S drop = largest_drop(x);
        out.value("drop", "V", "voltage to neutral at a less that at b, of the phase with the largest difference",
                  drop);
        out.value("loading", "1", "current over derated ampacity; 0 where I_max is not given",
                  given(p.I_max) ? S(I / rated) : S(0.0));
        report_line_loss<heated>(out, x, loss);
        out.at_most("ampacity", "current", "A", I, p.load_max * rated, "ampacity times derating");
        report_drop(out, x, p, drop);
        out.at_most("neutral_ampacity", "neutral current", "A", I_n,
                    S(p.load_max * p.I_n_max * p.derating * p.parallel), "ampacity times derating");
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (p.in_service < 0.5) return;
        const double size = p.length / p.parallel, warmth = fault_warmth(p, fault);
        const auto impedance = [&](double R, double X) { return size * std::complex<double>(R * warmth, X); };
        out.branch(impedance(p.R, p.X), 0, 1);
        if (p.return_path == Return::earth) {
            out.zero(impedance(otherwise(p.R_0, p.R), otherwise(p.X_0, p.X)), 0, 1);
            out.earth(FaultEquivalent::none, 0);
            out.earth(FaultEquivalent::none, 1);
        } else {
            out.zero(impedance(p.R, p.X), 0, 1);
            out.neutral(impedance(otherwise(p.R_n, p.R), otherwise(p.X_n, p.X)), 0, 1);
        }
        const double half = 0.5 * p.length * p.parallel, B = half * p.B, B_0 = half * otherwise(p.B_0, p.B);
        for (int end = 0; end < 2 && fault.harmonics; ++end) {
            if (B > 0.0) out.capacitor(0.0, 1.0 / B, end);
            if (B_0 > 0.0) out.capacitor_to_earth(0.0, 1.0 / B_0, end);
        }
    }
    static std::string problem(const Params<double>& p) {
        const auto none = [](double R, double X) { return R == 0.0 && X == 0.0; };
        if (none(p.R, p.X) || none(otherwise(p.R_n, p.R), otherwise(p.X_n, p.X)) ||
            none(otherwise(p.R_0, p.R), otherwise(p.X_0, p.X)))
            return "R and X of a conductor are both 0 ohm/m: a line without impedance; a loop through it has no "
                   "solution. Give one of them above 0, or connect its two ends to one bus";
        if (given(p.drop_max) && !given(p.V)) return "drop_max needs V, the nominal voltage it is a share of";
        return {};
    }

   private:
    template <class S>
    static void carry(Vars<S>& x, int k, const Phasor<S>& i) {
        add_current(x.a, k, i);
        add_current(x.b, k, -i);
    }
    // charging between phases and earth: j B in the positive and negative sequence, j B_0 in the zero sequence
    template <class S, class P>
    static void charge(Ac4Port<S>& a, const P& B, const P& B_0) {
        Phasor<S> sum;
        for (int k = 0; k < 3; ++k) sum = sum + voltage_of(a, k);
        for (int k = 0; k < 3; ++k) {
            const Phasor<S> v = B * voltage_of(a, k) + P((B_0 - B) / 3.0) * sum;
            add_current(a, k, Phasor<S>{-v.im, v.re});
        }
    }
};

/// Four-wire cable or busway with a heat port.
struct Ac4Cable : Line4Of<true> {
    static constexpr std::string_view type = "ac4_cable";
    static constexpr std::string_view former = "ac3_cable";
    static constexpr std::string_view doc = "Four-wire cable or busway, with heat port";
};
/// Four-wire line without a heat port: its loss leaves to the surroundings.
struct Ac4Line : Line4Of<false> {
    static constexpr std::string_view type = "ac4_line";
    static constexpr std::string_view former = "ac3_line";
    static constexpr std::string_view doc = "Four-wire line at a stated temperature";
};

}  // namespace kelvolt::models
