#pragma once

#include <tuple>

#include "models/power/transformer_data.hpp"

namespace kelvolt::models {

/// Two-winding transformer on four wires, with three equal legs. Each leg k has one winding on side hv and one on lv.
///   Y   winding from phase k to an isolated star point, at which the currents sum to zero
///   YN  winding from phase k to the neutral of the bus
///   D   winding from phase k to another phase
/// The two windings of a leg are coupled by the leakage impedance Z (for the part common to all three legs, the zero
/// sequence, that of vk_0 and Pk_0). Half of the no-load admittance is across each winding.
/// The clock number follows from the phases that a winding connects.
/// The neutral of lv (yn) is earthed through R_ground. A side lv without a neutral is insulated from earth by 1e-6 of
/// its rated admittance.
/// Zero-sequence flux outside the core is neglected.
/// Source: IEC 60076-1, annex D (connections).
struct Ac4Transformer {
    static constexpr std::string_view type = "ac4_transformer";
    static constexpr std::string_view former = "transformer3";
    static constexpr std::string_view doc = "Two-winding transformer on four wires with its vector group";
    static constexpr Role role = Role::transformer;
    enum class Group { Dyn11, Dyn1, Dyn5, Dyn7, Yyn0, YNyn0, Dd0, Yd11, Yd1, Yd5, YNd11, Yyn6 };

    template <class P>
    struct Params : TransformerData<P> {
        P vk_0, Pk_0, R_ground;
        Group group;
        static constexpr auto declare() {
            return std::tuple_cat(
                TransformerData<P>::data_sheet(),
                std::tuple{
                    param(&Params::vk_0, "vk_0", "1", "vk in the zero sequence; as vk where not given",
                          between(1e-3, 2), not_given),
                    param(&Params::Pk_0, "Pk_0", "W", "Pk in the zero sequence; as Pk where not given", from(0),
                          not_given),
                    param(&Params::R_ground, "R_ground", "ohm", "neutral of lv to earth (assumed)", above(0), 0.01),
                    choice(&Params::group, "group", "vector group",
                           {"Dyn11", "Dyn1", "Dyn5", "Dyn7", "Yyn0", "YNyn0", "Dd0", "Yd11", "Yd1", "Yd5", "YNd11",
                            "Yyn6"})});
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
        const Winding hv = hv_of(p.group), lv = lv_of(p.group);
        const Phasor<S> Z = p.leakage(S(x.heat.T));
        const double side = lv.kind == Kind::delta ? 1.0 / 3.0 : 1.0;  // star admittance to that of a delta winding
        const Phasor<S> Y = S(p.in_service * side) * inverse(Z);
        const Phasor<S> more = S(p.in_service * side) * inverse(zero_sequence(p, S(x.heat.T))) - Y;
        const Phasor<P> Y_0 = P(0.5 * p.in_service * side) * p.magnetising();
        const P n = p.V_lv / (p.V_hv * p.turns()) * (length(lv) / length(hv) * hv.sign);
        Phasor<S> u[3], w[3], through[3], common, mean, star_point;
        for (int k = 0; k < 3; ++k) {
            u[k] = n * across(x.hv, hv, k);
            w[k] = across(x.lv, lv, k);
            common = common + (1.0 / 3.0) * (u[k] - w[k]);
            if (hv.kind == Kind::star) star_point = star_point + (1.0 / 3.0) * u[k];
        }
        for (int k = 0; k < 3; ++k) {
            through[k] = times(Y, u[k] - w[k]) + times(more, common);
            mean = mean + (1.0 / 3.0) * through[k];
        }
        const bool own_star = hv.kind == Kind::star || lv.kind == Kind::star;
        for (int k = 0; k < 3; ++k) {
            const Phasor<S> i = own_star ? through[k] - mean : through[k];
            put(x.hv, hv, k, n * (i + times(Y_0, u[k] - star_point)));
            put(x.lv, lv, k, times(Y_0, w[k]) - i);
        }
        if (lv.kind == Kind::neutral)
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
        const auto turn = [](const Winding& w) {  // direction of the winding voltage of leg a relative to phase a
            std::complex<double> sum = w.sign;
            if (w.kind == Kind::delta) sum -= w.sign * std::polar(1.0, -2.0 * pi / 3.0 * w.other);
            return sum / std::abs(sum);
        };
        return p.V_lv / (p.V_hv * p.turns()) * turn(hv_of(p.group)) / turn(lv_of(p.group));
    }
    static NeutralPath neutral(const Params<double>& p, int port) {
        const Kind own = port == 0 ? hv_of(p.group).kind : lv_of(p.group).kind,
                   other = port == 0 ? lv_of(p.group).kind : hv_of(p.group).kind;
        return own == Kind::neutral && other != Kind::star ? NeutralPath::closed : NeutralPath::blocked;
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (p.in_service < 0.5) return;
        const std::complex<double> Z_0 = p.fault_leakage(fault, otherwise(p.vk_0, p.vk), otherwise(p.Pk_0, p.Pk));
        const double ratio = p.V_lv / (p.V_hv * p.turns());
        const Kind hv = hv_of(p.group).kind, lv = lv_of(p.group).kind;
        out.branch(p.fault_leakage(fault, p.vk, p.Pk), 0, 1, ratio);
        if (hv == Kind::neutral && lv == Kind::neutral) out.zero_through(Z_0, 0, 1, ratio);
        if (hv == Kind::delta && lv == Kind::neutral) out.zero_to_neutral(Z_0, 1);
        if (hv == Kind::neutral && lv == Kind::delta) out.zero_to_neutral(Z_0 / (ratio * ratio), 0);
        if (lv == Kind::neutral) out.earth(p.R_ground, 1);
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
    enum class Kind { star, neutral, delta };
    /// Winding of leg k: from phase k to an isolated star point, to the neutral, or to phase k + other (delta). sign
    /// -1: wound in reverse.
    struct Winding {
        Kind kind;
        int other;
        double sign;
    };
    static Winding hv_of(Group g) {
        constexpr Winding star{Kind::star, 0, 1.0}, star_back{Kind::star, 0, -1.0}, neutral{Kind::neutral, 0, 1.0},
            ahead{Kind::delta, 1, 1.0}, ahead_back{Kind::delta, 1, -1.0}, behind{Kind::delta, 2, 1.0},
            behind_back{Kind::delta, 2, -1.0};
        const Winding table[] = {ahead, behind, ahead_back, behind_back, star,    neutral,
                                 ahead, star,   star,       star_back,   neutral, star_back};
        return table[static_cast<int>(g)];
    }
    static Winding lv_of(Group g) {
        constexpr Winding neutral{Kind::neutral, 0, 1.0}, ahead{Kind::delta, 1, 1.0}, behind{Kind::delta, 2, 1.0};
        const Winding table[] = {neutral, neutral, neutral, neutral, neutral, neutral,
                                 ahead,   behind,  ahead,   behind,  behind,  neutral};
        return table[static_cast<int>(g)];
    }
    static double length(const Winding& w) { return w.kind == Kind::delta ? sqrt3 : 1.0; }

    // Fixes the potential to earth of a side without a neutral: 1e-6 of the rated admittance, a loss of about 1 W per
    // MVA.
    template <class S, class P>
    static void insulate(Ac4Port<S>& a, const Params<P>& p) {
        const P G = 1e-6 * p.S_rated * p.units / (p.V_lv * p.V_lv);
        for (int part = 0; part < 6; ++part) a.flow(part) += G * a.potential(part);
    }
    template <class S>
    static Phasor<S> across(const Ac4Port<S>& a, const Winding& w, int k) {
        const Phasor<S> v = voltage_of(a, k);
        if (w.kind == Kind::star) return v;
        return v - voltage_of(a, w.kind == Kind::neutral ? 3 : (k + w.other) % 3);
    }
    template <class S>
    static void put(Ac4Port<S>& a, const Winding& w, int k, const Phasor<S>& i) {
        add_current(a, k, i);
        if (w.kind != Kind::star) add_current(a, w.kind == Kind::neutral ? 3 : (k + w.other) % 3, -i);
    }
};

}  // namespace kelvolt::models
