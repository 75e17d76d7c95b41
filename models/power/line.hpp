/// Lines of two conductors, or balanced three-phase lines by one phase: shared by ac_cable, ac_line, ac1_cable and
/// dc_cable.
#pragma once

#include <tuple>

#include "models/fluid/flow_laws.hpp"
#include "models/power/branch.hpp"

namespace kelvolt::models {

/// Pi section of a line.
///   i = (v_a - v_b)/Z
///   Z = (R (1 + alpha (T - T_reference)) + j X) length/(cells parallel)
///   charging current at either end: j (B length parallel/cells)/2 v
/// R and X are per metre, of one phase (balanced three-phase) or of both conductors together (single-phase, DC).
/// T is the parameter if given, else the temperature of the heat port. The loss goes to the heat port; if nothing is
/// connected there, it leaves to the surroundings.
/// Accurate for short lines (below 80 km at 50 Hz).
/// Source: lumped pi model; parameters e.g. IEC 60909-2.
template <template <class> class Port, bool heated>
struct LineOf {
    static constexpr Role role = Role::line;
    static constexpr bool dc = is_dc<Port<double>>;
    static constexpr bool three_phase = std::is_same_v<Port<double>, AcPort<double>>;
    static constexpr bool in_lanes = true;

    template <class P>
    struct Params {
        P length, R, X, B, R_0, X_0, L, parallel, cells, T, T_end, alpha, T_reference, I_max, derating, load_max,
            drop_max, V, in_service;
        static constexpr auto common() {
            return std::tuple{
                param(&Params::length, "length", "m", "length", above(0)),
                param(&Params::R, "R", "ohm/m", "resistance per length at T_reference (DC, single-phase: out and back)",
                      from(0)),
                param(&Params::parallel, "parallel", "1", "equal lines side by side", above(0), 1.0),
                param(&Params::cells, "cells", "1", "segments of the chain this one belongs to", from(1), 1.0),
                param(&Params::T, "T", "K",
                      "conductor temperature; not given: that of the heat port, 20 degC if it is not connected",
                      above(0), not_given),
                end_temperature(&Params::T_end),
                param(&Params::alpha, "alpha", "1/delta_K", "temperature coefficient of R (copper 0.00393)",
                      between(0, 0.1), 0.00393),
                param(&Params::T_reference, "T_reference", "K", "temperature of R", above(0), 293.15),
                param(&Params::I_max, "I_max", "A", "ampacity of one line before derating", above(0), not_given)
                    .rating(),
                param(&Params::derating, "derating", "1", "factor on I_max: ambient, grouping, altitude, harmonics",
                      share_of_nominal, 1.0),
                param(&Params::load_max, "load_max", "1", "largest current over derated ampacity", share_of_rating,
                      1.0),
                param(&Params::V, "V", "V", "nominal voltage (line to line for three phases), for the drop", above(0),
                      not_given),
                param(&Params::drop_max, "drop_max", "1", "largest voltage drop over nominal", share_of_whole,
                      not_given),
                param(&Params::in_service, "in_service", "1", "1: in service, 0: out", between(0, 1), 1.0).service()};
        }
        static constexpr auto declare() {
            const auto ac = std::tuple{param(&Params::X, "X", "ohm/m", "reactance per length", from(0), 0.0),
                                       param(&Params::B, "B", "S/m", "charging susceptance per length", from(0), 0.0)};
            if constexpr (dc)
                return std::tuple_cat(
                    common(), std::tuple{param(&Params::L, "L", "H/m",
                                               "inductance per length, out and back, for the current of a short "
                                               "circuit in time",
                                               from(0), not_given)});
            else if constexpr (!three_phase)
                return std::tuple_cat(common(), ac);
            else
                return std::tuple_cat(
                    common(), ac,
                    std::tuple{
                        param(&Params::R_0, "R_0", "ohm/m",
                              "zero-sequence resistance, return included; for faults of one phase", from(0), not_given),
                        param(&Params::X_0, "X_0", "ohm/m",
                              "zero-sequence reactance, return included; for faults of one phase", from(0),
                              not_given)});
        }
    };
    template <class S>
    struct Vars {
        Port<S> a, b;
        HeatPort<S> heat;
        static constexpr auto ends() {
            return std::tuple{port(&Vars::a, "a", "one end").chain(Chain::forward_in).rated("V"),
                              port(&Vars::b, "b", "other end").chain(Chain::forward_out)};
        }
        static constexpr auto declare() {
            if constexpr (heated)
                return std::tuple_cat(
                    ends(), std::tuple{port(&Vars::heat, "heat", "takes the loss and determines the temperature")});
            else
                return ends();
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const P size = p.length / (p.cells * p.parallel);
        if constexpr (dc) {
            const S i = p.in_service / (p.R * size * line_warmth<heated, S>(x, p)) * (x.a.v - x.b.v);
            x.a.i = i;
            x.b.i = -i;
        } else {
            const S R = p.R * size * line_warmth<heated, S>(x, p);
            const P X = p.X * size, half_B = 0.5 * p.in_service * p.B * p.length * p.parallel / p.cells;
            const S d = p.in_service / (R * R + X * X), g = R * d, b = -X * d;
            const S re = x.a.v_re - x.b.v_re, im = x.a.v_im - x.b.v_im;
            const S i_re = g * re - b * im, i_im = g * im + b * re;
            x.a.i_re = i_re - half_B * x.a.v_im;
            x.a.i_im = i_im + half_B * x.a.v_re;
            x.b.i_re = -i_re - half_B * x.b.v_im;
            x.b.i_im = -i_im + half_B * x.b.v_re;
        }
        add_insulation(x.a);
        add_insulation(x.b);
        if constexpr (heated) give_heat(x.heat, line_loss(x), otherwise(p.T, P(T_room)));
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S I_a = current_of(x.a), I_b = current_of(x.b), I = select(I_a > I_b, I_a, I_b);
        const S rated = S(p.I_max * p.derating * p.parallel), loss = line_loss(x);
        const S drop = voltage(x.a) - voltage(x.b);
        out.key("I", "A", "current, at the end that carries more", I);
        out.value("P", "W", "power into end a", power_into(x.a));
        out.value("Q", "var", "reactive power into end a", reactive_into(x.a));
        out.value("drop", "V", "voltage at a less voltage at b", drop);
        report_line_loss<heated>(out, x, loss);
        out.value("loading", "1", "current over derated ampacity; 0 where I_max is not given",
                  given(p.I_max) ? S(I / rated) : S(0.0));
        out.at_most("ampacity", "current", "A", I, p.load_max * rated, "ampacity times derating");
        report_drop(out, x, p, drop);
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (p.in_service < 0.5) return;
        const double size = p.length / (p.cells * p.parallel), warmth = fault_warmth(p, fault);
        if constexpr (dc)
            out.dc_branch(size * p.R * warmth, size * p.L, 0, 1);
        else
            out.branch(size * std::complex<double>(p.R * warmth, p.X), 0, 1);
        if constexpr (three_phase) {
            if (given(p.R_0) && given(p.X_0))
                out.zero(size * std::complex<double>(p.R_0 * warmth, p.X_0), 0, 1);
            else
                out.zero_not_stated("R_0 and X_0", 0, 1);
        }
    }
    static std::string problem(const Params<double>& p) {
        if (p.R == 0.0 && (dc || p.X == 0.0))
            return dc ? "R = 0 ohm/m: a line without impedance; a loop through it has no solution. Give R above 0, or "
                        "connect its two ends to one bus"
                      : "R and X are both 0 ohm/m: a line without impedance; a loop through it has no solution. Give "
                        "one "
                        "of them above 0, or connect its two ends to one bus";
        if (given(p.drop_max) && !given(p.V)) return "drop_max needs V, the nominal voltage it is a share of";
        return {};
    }
};

/// Balanced three-phase cable or busway; R and X per phase. With several `cells` in a chain, loads can be
/// connected between them at the taps way[i].
struct AcCable : LineOf<AcPort, true> {
    static constexpr std::string_view type = "ac_cable";
    static constexpr std::string_view doc = "Three-phase cable or busway in balance, with heat port";
};
/// Balanced three-phase line without a heat port: its loss leaves to the surroundings.
struct AcLine : LineOf<AcPort, false> {
    static constexpr std::string_view type = "ac_line";
    static constexpr std::string_view doc = "Three-phase line in balance at a stated temperature";
};
/// Single-phase cable; R and X of both conductors (out and back) together.
struct Ac1Cable : LineOf<Ac1Port, true> {
    static constexpr std::string_view type = "ac1_cable";
    static constexpr std::string_view doc = "Single-phase cable, out and back, with heat port";
};
/// DC cable, busway or busbar; R of both conductors (out and back) together. With several `cells` in a
/// chain, loads can be connected between them at the taps way[i].
struct DcCable : LineOf<DcPort, true> {
    static constexpr std::string_view type = "dc_cable";
    static constexpr std::string_view doc = "DC cable or busbar, out and back, with heat port";
};

}  // namespace kelvolt::models
