#pragma once

#include <tuple>

#include "models/power/transformer_data.hpp"
#include "models/power/vector_group.hpp"

namespace kelvolt::models {

/// Two-winding transformer on four wires, with three equal legs. Each leg k has one winding on side hv and one on lv.
///   Y   winding from phase k to an isolated star point, at which the currents sum to zero
///   YN  winding from phase k to the neutral of the bus
///   D   winding from phase k to another phase
///   z   half a winding on leg k, in series with half a winding of another leg in reverse
/// A zigzag side has no zero-sequence flux: its zero-sequence current returns in its own halves through vk_0 and takes
/// none from side hv.
/// The two windings of a leg are coupled by the leakage impedance Z (for the part common to all three legs, the zero
/// sequence, that of vk_0 and Pk_0). Half of the no-load admittance is across each winding.
/// The clock number follows from the phases that a winding connects (vector_group.hpp).
/// The neutral of lv (yn) is earthed through R_ground. A side lv without a neutral is insulated from earth by 1e-6 of
/// its rated admittance.
/// Zero-sequence flux outside the core is neglected.
/// Source: IEC 60076-1, annex D (connections).
struct Ac4Transformer {
    static constexpr std::string_view type = "ac4_transformer";
    static constexpr std::string_view former = "transformer3";
    static constexpr std::string_view doc = "Two-winding transformer on four wires with its vector group";
    static constexpr Role role = Role::transformer;

    template <class P>
    struct Params : TransformerData<P> {
        P vk_0, Pk_0, R_ground;
        VectorGroup group;
        static constexpr auto declare() {
            return std::tuple_cat(
                TransformerData<P>::data_sheet(),
                std::tuple{
                    param(&Params::vk_0, "vk_0", "1", "vk in the zero sequence; as vk where not given",
                          between(1e-3, 2), not_given),
                    param(&Params::Pk_0, "Pk_0", "W", "Pk in the zero sequence; as Pk where not given", from(0),
                          not_given),
                    param(&Params::R_ground, "R_ground", "ohm", "neutral of lv to earth (assumed)", above(0), 0.01),
                    choice(&Params::group, "group", "vector group", vector_groups)});
        }
    };
    template <class S>
    struct Vars {
        Ac4Port<S> hv, lv;
        HeatPort<S> heat;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::hv, "hv", "high-voltage side").rated("V_hv"),
                              port(&Vars::lv, "lv", "low-voltage side").rated("V_lv"),
                              port(&Vars::heat, "heat", "takes the loss")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const auto& [hv, lv, clock] = windings_of(p.group);
        const Phasor<S> Z = p.leakage(S(x.heat.T));
        const double side = lv.kind == Kind::delta ? 1.0 / 3.0 : 1.0;  // star admittance to that of a delta winding
        const Phasor<S> Y = S(p.in_service * side) * inverse(Z);
        const Phasor<S> more = S(p.in_service * side) * inverse(zero_sequence(p, S(x.heat.T))) - Y;
        const Phasor<P> Y_0 = P(0.5 * p.in_service * side) * p.magnetising();
        const P n = p.V_lv / (p.V_hv * p.turns()) * (length(lv) / length(hv) * hv.sign);
        Phasor<S> leg[3], u[3], w[3], through[3], common, mean, star_point, middle;
        for (int k = 0; k < 3; ++k) {
            leg[k] = n * across(x.hv, hv, k);
            w[k] = across(x.lv, lv, k);
            if (hv.isolated_star()) star_point = star_point + (1.0 / 3.0) * leg[k];
            if (lv.kind == Kind::zigzag || lv.isolated_star()) middle = middle + (1.0 / 3.0) * w[k];
        }
        for (int k = 0; k < 3; ++k) {
            u[k] = lv.kind == Kind::zigzag ? leg[k] - leg[(k + lv.other) % 3] : leg[k];
            common = common + (1.0 / 3.0) * (u[k] - w[k]);
        }
        for (int k = 0; k < 3; ++k) {
            through[k] = times(Y, u[k] - w[k]) + times(more, common);
            mean = mean + (1.0 / 3.0) * through[k];
        }
        const bool own_star =
            (hv.isolated_star() && lv.kind != Kind::zigzag) || (lv.kind != Kind::delta && !lv.neutral);
        for (int k = 0; k < 3; ++k)
            if (own_star) through[k] = through[k] - mean;
        for (int k = 0; k < 3; ++k) {
            // the current of a phase in zigzag flows forward in one leg and backward in another; across a leg is 1/sqrt(3)
            // of the voltage of the phase
            const bool zigzag = lv.kind == Kind::zigzag;
            const Phasor<S> i = zigzag ? through[k] - through[(k + 3 - lv.other) % 3] : through[k];
            put(x.hv, hv, k, n * (i + (zigzag ? 3.0 : 1.0) * times(Y_0, leg[k] - star_point)));
            put(x.lv, lv, k, times(Y_0, w[k] - middle) - through[k]);
        }
        if (lv.neutral)
            for (int part = 6; part < 8; ++part) x.lv.flow(part) += x.lv.potential(part) / p.R_ground;
        else
            insulate(x.lv, p);
        add_insulation(x.hv);
        add_insulation(x.lv);
        give_heat(x.heat, S(power_into(x.hv) + power_into(x.lv)), p.room());
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S I_hv = current_of(x.hv), I_lv = current_of(x.lv);
        const S a = I_hv * p.V_hv, b = I_lv * p.V_lv, loading = sqrt3 * select(a > b, a, b) / (p.S_rated * p.units);
        out.key("P", "W", "power into side hv", power_into(x.hv));
        out.key("Q", "var", "reactive power into side hv", reactive_into(x.hv));
        out.key("loading", "1", "largest conductor current over rated current", loading);
        out.value("I_hv", "A", "largest conductor current on side hv", I_hv);
        out.value("I_lv", "A", "largest conductor current on side lv", I_lv);
        out.value("I_neutral", "A", "neutral current on side lv", magnitude(Phasor<S>{x.lv.i_re[3], x.lv.i_im[3]}));
        report_loss(out, x.heat, S(power_into(x.hv) + power_into(x.lv)));
        out.at_most("transformer_load", "current over rated current", "1", loading, p.load_max, "rating");
    }
    static std::complex<double> ratio(const Params<double>& p, int port) {
        if (port != 1) return 1.0;
        const Phasor<double> turn = clock_phasor<double>(-windings_of(p.group).clock);
        return p.V_lv / (p.V_hv * p.turns()) * std::complex<double>(turn.re, turn.im);
    }
    static NeutralPath neutral(const Params<double>& p, int port) {
        const auto& [hv, lv, clock] = windings_of(p.group);
        const Winding &own = port == 0 ? hv : lv, &other = port == 0 ? lv : hv;
        const bool returns =
            own.kind == Kind::zigzag || (own.neutral && other.kind != Kind::zigzag && !other.isolated_star());
        return own.neutral && returns ? NeutralPath::closed : NeutralPath::blocked;
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (p.in_service < 0.5) return;
        const std::complex<double> Z_0 = p.fault_leakage(fault, otherwise(p.vk_0, p.vk), otherwise(p.Pk_0, p.Pk));
        const double ratio = p.V_lv / (p.V_hv * p.turns());
        out.branch(p.fault_leakage(fault, p.vk, p.Pk), 0, 1, ratio);
        fault_zero_sequence(out, windings_of(p.group), Z_0, ratio);
        if (windings_of(p.group).lv.neutral) out.earth(p.R_ground, 1);
    }
    static std::string problem(const Params<double>& p) {
        if (const std::string wrong = transformer_problem(p); !wrong.empty()) return wrong;
        const double vk = otherwise(p.vk_0, p.vk), Pk = otherwise(p.Pk_0, p.Pk);
        if (Pk < vk * p.S_rated) return {};
        return fmt::format("Pk_0 = {:g} W is more than vk_0 allows ({:g} W at vk_0 = {:g}); no reactance is left", Pk,
                           vk * p.S_rated, vk);
    }

   private:
    template <class S, class P>
    static Phasor<S> zero_sequence(const Params<P>& p, const S& T_winding) {
        TransformerData<P> data = p;
        data.vk = otherwise(p.vk_0, p.vk);
        data.Pk = otherwise(p.Pk_0, p.Pk);
        return data.leakage(T_winding);
    }
    using Kind = Winding::Kind;
    /// Voltage of a winding over the phase voltage of its side, in the positive sequence.
    static double length(const Winding& w) {
        return w.kind == Kind::star ? 1.0 : w.kind == Kind::delta ? sqrt3 : 1.0 / sqrt3;
    }

    // Fixes the potential to earth of a side without a neutral: 1e-6 of the rated admittance, a loss of about 1 W per
    // MVA.
    template <class S, class P>
    static void insulate(Ac4Port<S>& a, const Params<P>& p) {
        const P G = 1e-6 * p.S_rated * p.units / (p.V_lv * p.V_lv);
        for (int part = 0; part < 6; ++part) a.flow(part) += G * a.potential(part);
    }
    template <class S>
    static Phasor<S> across(const Ac4Port<S>& a, const Winding& w, int k) {
        const Phasor<S> v = voltage_of(a, (k + w.shift) % 3);
        if (w.kind == Kind::delta) return v - voltage_of(a, (k + w.shift + w.other) % 3);
        return w.neutral ? v - voltage_of(a, 3) : v;
    }
    template <class S>
    static void put(Ac4Port<S>& a, const Winding& w, int k, const Phasor<S>& i) {
        add_current(a, (k + w.shift) % 3, i);
        if (w.kind == Kind::delta)
            add_current(a, (k + w.shift + w.other) % 3, -i);
        else if (w.neutral)
            add_current(a, 3, -i);
    }
};

}  // namespace kelvolt::models
