#pragma once

#include <tuple>

#include "models/power/transformer_data.hpp"
#include "models/power/vector_group.hpp"

namespace kelvolt::models {

/// Two-winding transformer, balanced three-phase or single-phase: an equivalent circuit on the low-voltage side and an
/// ideal ratio.
///   ratio = V_hv (1 + tap tap_step)/V_lv
///   shunt pi: leakage impedance Z, half of the no-load admittance at either end
///   shunt t: Z/2 on either side, all of the no-load admittance in the middle
/// The low-voltage side lags by 30 degrees per hour of the vector group. The loss goes to `heat`.
/// Source: IEC 60076-1 (parameters, clock numbers).
template <template <class> class Port>
struct TransformerOf {
    static constexpr Role role = Role::transformer;
    static constexpr bool three_phase = line_over_phase<Port<double>> > 1.0;
    enum class SinglePhase { Ii0, Ii6 };
    using Group = std::conditional_t<three_phase, VectorGroup, SinglePhase>;
    enum class Shunt { pi, t };

    template <class P>
    struct Params : TransformerData<P> {
        P vk_0, Pk_0;
        Group group;
        Shunt shunt;
        static constexpr auto declare() {
            const auto shunt =
                std::tuple{choice(&Params::shunt, "shunt", "where the no-load admittance lies", {"pi", "t"})};
            if constexpr (three_phase)
                return std::tuple_cat(
                    TransformerData<P>::data_sheet(),
                    std::tuple{
                        param(&Params::vk_0, "vk_0", "1", "vk in the zero sequence, for faults; as vk where not given",
                              between(1e-3, 2), not_given),
                        param(&Params::Pk_0, "Pk_0", "W", "Pk in the zero sequence, for faults; as Pk where not given",
                              from(0), not_given),
                        choice(&Params::group, "group", "vector group", vector_groups)},
                    shunt);
            else
                return std::tuple_cat(
                    TransformerData<P>::data_sheet(),
                    std::tuple{choice(&Params::group, "group", "polarity: lv in phase with hv, or against it",
                                      {"Ii0", "Ii6"})},
                    shunt);
        }
    };
    template <class S>
    struct Vars {
        Port<S> hv, lv;
        HeatPort<S> heat;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::hv, "hv", "high-voltage side").rated("V_hv"),
                              port(&Vars::lv, "lv", "low-voltage side").rated("V_lv"),
                              port(&Vars::heat, "heat", "takes the loss")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Phasor<S> Y = inverse(p.leakage(S(x.heat.T)));
        const Phasor<P> Y_0 = p.magnetising();
        Phasor<S> Y_series = Y, Y_end{S(0.5 * Y_0.re), S(0.5 * Y_0.im)};
        if (p.shunt == Shunt::t) {  // the T circuit converted to an equivalent pi circuit (star-delta transformation)
            const Phasor<S> middle{4.0 * Y.re + Y_0.re, 4.0 * Y.im + Y_0.im}, arm = times(2.0 * Y, inverse(middle));
            Y_series = times(arm, 2.0 * Y);
            Y_end = times(arm, Y_0);
        }
        const P share = p.in_service;
        const Phasor<P> n = turned(p);
        const Phasor<S> v_hv = times(n, voltage_of(x.hv)), v_lv = voltage_of(x.lv);
        const Phasor<S> through = share * times(Y_series, v_hv - v_lv);
        add_current(x.hv, times(n.conjugate(), through + share * times(Y_end, v_hv)));
        add_current(x.lv, share * times(Y_end, v_lv) - through);
        add_insulation(x.hv);
        add_insulation(x.lv);
        give_heat(x.heat, S(power_into(x.hv) + power_into(x.lv)), p.room());
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S I_hv = current_of(x.hv), I_lv = current_of(x.lv);
        const S a = I_hv * p.V_hv, b = I_lv * p.V_lv, most = select(a > b, a, b);
        const S loading = line_over_phase<Port<S>> * most / (p.S_rated * p.units);
        out.key("P", "W", "power into side hv", power_into(x.hv));
        out.key("Q", "var", "reactive power into side hv", reactive_into(x.hv));
        out.key("loading", "1", "current over rated current, of the side that is loaded more", loading);
        out.value("I_hv", "A", "current on side hv", I_hv);
        out.value("I_lv", "A", "current on side lv", I_lv);
        report_loss(out, x.heat, S(power_into(x.hv) + power_into(x.lv)));
        out.at_most("transformer_load", "current over rated current", "1", loading, p.load_max, "rating");
    }
    static std::complex<double> ratio(const Params<double>& p, int port) {
        const Phasor<double> n = turned(p);
        return port == 1 ? std::complex<double>(n.re, n.im) : 1.0;
    }
    static std::string problem(const Params<double>& p) { return transformer_problem(p); }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (p.in_service < 0.5) return;
        const double ratio = p.V_lv / (p.V_hv * p.turns());
        out.branch(p.fault_leakage(fault, p.vk, p.Pk), 0, 1, ratio);
        if constexpr (three_phase)
            fault_zero_sequence(out, windings_of(p.group),
                                p.fault_leakage(fault, otherwise(p.vk_0, p.vk), otherwise(p.Pk_0, p.Pk)), ratio);
    }

   private:
    /// Voltage of `lv` without load divided by the voltage of `hv`.
    template <class P>
    static Phasor<P> turned(const Params<P>& p) {
        int clock = 0;
        if constexpr (three_phase)
            clock = windings_of(p.group).clock;
        else
            clock = p.group == Group::Ii6 ? 6 : 0;
        const Phasor<double> turn = clock_phasor<double>(-clock);
        const P n = p.V_lv / (p.V_hv * p.turns());
        return {n * turn.re, n * turn.im};
    }
};

struct AcTransformer : TransformerOf<AcPort> {
    static constexpr std::string_view type = "ac_transformer";
    static constexpr std::string_view former = "transformer";
    static constexpr std::string_view doc = "Two-winding transformer, three phases in balance";
};
/// Single-phase transformer; voltages are those of its two windings.
struct Ac1Transformer : TransformerOf<Ac1Port> {
    static constexpr std::string_view type = "ac1_transformer";
    static constexpr std::string_view doc = "Two-winding transformer, single-phase";
};

}  // namespace kelvolt::models
