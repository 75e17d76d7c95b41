/// Transformers with three windings: shared by ac_three_winding and ac1_centre_tap.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>

#include "models/fluid/flow_laws.hpp"
#include "models/power/branch.hpp"

namespace kelvolt::models {

/// Three windings as a star of three impedances, on the side of winding 1.
///   Z_1 = (Z_12 + Z_13 - Z_23)/2, and so on for the others
///   Z_12 is measured between windings 1 and 2 with winding 3 open: |Z_12| = vk_12 V_1^2/S_12, R_12 = Pk_12 V_1^2/S_12^2
///   S_12 = the smaller of the two ratings
/// A branch of the star may come out negative; the impedance between two windings does not.
/// Source: IEC 60076-1 (short-circuit impedances of pairs, each referred to the smaller rating).
template <class P>
struct WindingStar {
    Phasor<P> Z[3];  ///< of windings 1, 2, 3 [ohm, on side 1]

    WindingStar(const P& V2, const P (&S)[3], const P& vk_12, const P& vk_13, const P& vk_23, const P& Pk_12,
                const P& Pk_13, const P& Pk_23) {
        const Phasor<P> Z_12 = pair(V2, select(S[0] < S[1], S[0], S[1]), vk_12, Pk_12),
                        Z_13 = pair(V2, select(S[0] < S[2], S[0], S[2]), vk_13, Pk_13),
                        Z_23 = pair(V2, select(S[1] < S[2], S[1], S[2]), vk_23, Pk_23);
        Z[0] = 0.5 * (Z_12 + Z_13 - Z_23);
        Z[1] = 0.5 * (Z_12 + Z_23 - Z_13);
        Z[2] = 0.5 * (Z_13 + Z_23 - Z_12);
    }
    /// Current into the terminals of each winding at voltages v, all on side 1. The star point is eliminated:
    ///   i_1 = (Z_3 (v_1 - v_2) + Z_2 (v_1 - v_3))/(Z_1 Z_2 + Z_2 Z_3 + Z_3 Z_1)
    template <class S>
    void currents(const Phasor<S> (&v)[3], Phasor<S> (&i)[3]) const {
        const Phasor<P> whole = inverse(times(Z[0], Z[1]) + times(Z[1], Z[2]) + times(Z[2], Z[0]));
        for (int k = 0; k < 3; ++k) {
            const int m = (k + 1) % 3, n = (k + 2) % 3;
            i[k] = times(whole, times(Z[n], v[k] - v[m]) + times(Z[m], v[k] - v[n]));
        }
    }

   private:
    static Phasor<P> pair(const P& V2, const P& S, const P& vk, const P& Pk) {
        using std::sqrt;
        const P base = V2 / S, r = Pk / S;
        return {base * r, P(base * sqrt(P(vk * vk - r * r)))};
    }
};

inline std::string pair_problem(std::string_view pair, double vk, double Pk, double S) {
    if (Pk < vk * S) return {};
    return fmt::format(
        "Pk_{0} = {1:g} W is more than vk_{0} allows ({2:g} W at vk_{0} = {3:g} and {4:g} VA); no reactance is left",
        pair, Pk, vk * S, vk, S);
}

/// Three-winding transformer, balanced three-phase.
///   ratio of winding k = V_k/V_hv, lagging by 30 degrees per hour of its clock number
/// Each pair of windings has its own short-circuit voltage and load loss, referred to the smaller rating of the two.
/// The no-load admittance lies at winding hv. The loss goes to `heat`.
/// In a fault each pair has its own correction factor, largest currents only (IEC 60909-0:2016, 6.3; clause not
/// verified)
///   K_T = 0.95 c_max/(1 + 0.6 x_T), x_T = sqrt(vk^2 - (Pk/S)^2), c_max of the lower voltage of the pair
/// The zero sequence takes Z0_over_Z times the same star: an earthed star leads from its port to the star point, a delta
/// from the star point to the reference, an isolated star nowhere. It is not known where a connection is not stated.
/// Source: IEC 60076-1.
struct AcThreeWinding {
    static constexpr std::string_view type = "ac_three_winding";
    static constexpr std::string_view doc = "Three-winding transformer, three phases in balance";
    static constexpr Role role = Role::transformer;
    enum class Winding { not_stated, star_earthed, star, delta };
    static constexpr std::string_view windings[] = {"not_stated", "star_earthed", "star", "delta"};

    template <class P>
    struct Params {
        P S_hv, S_mv, S_lv, V_hv, V_mv, V_lv, vk_hm, vk_hl, vk_ml, Pk_hm, Pk_hl, Pk_ml, P0, i0, clock_mv, clock_lv, tap,
            tap_step, load_max, T, in_service, Z0_over_Z;
        Winding connection_hv, connection_mv, connection_lv;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::S_hv, "S_hv", "VA", "rated apparent power of winding `hv`", above(0)).rating(),
                param(&Params::S_mv, "S_mv", "VA", "rated apparent power of winding `mv`", above(0)),
                param(&Params::S_lv, "S_lv", "VA", "rated apparent power of winding `lv`", above(0)),
                param(&Params::V_hv, "V_hv", "V", "rated voltage of winding `hv`, line to line", above(0)),
                param(&Params::V_mv, "V_mv", "V", "rated voltage of winding `mv` at no load, line to line", above(0)),
                param(&Params::V_lv, "V_lv", "V", "rated voltage of winding `lv` at no load, line to line", above(0)),
                param(&Params::vk_hm, "vk_hm", "1", "short-circuit voltage hv to mv, on the smaller rating",
                      between(1e-3, 1)),
                param(&Params::vk_hl, "vk_hl", "1", "short-circuit voltage hv to lv, on the smaller rating",
                      between(1e-3, 1)),
                param(&Params::vk_ml, "vk_ml", "1", "short-circuit voltage mv to lv, on the smaller rating",
                      between(1e-3, 1)),
                param(&Params::Pk_hm, "Pk_hm", "W", "load loss hv to mv at the smaller rating", from(0)),
                param(&Params::Pk_hl, "Pk_hl", "W", "load loss hv to lv at the smaller rating", from(0)),
                param(&Params::Pk_ml, "Pk_ml", "W", "load loss mv to lv at the smaller rating", from(0)),
                param(&Params::P0, "P0", "W", "no-load loss", from(0), 0.0),
                param(&Params::i0, "i0", "1", "no-load current over that of S_hv; not given: that of P0 alone",
                      between(0, 0.5), not_given),
                param(&Params::clock_mv, "clock_mv", "1", "clock number of mv: hours by which it lags hv",
                      between(0, 11), 0.0),
                param(&Params::clock_lv, "clock_lv", "1", "clock number of lv: hours by which it lags hv",
                      between(0, 11), 0.0),
                param(&Params::tap, "tap", "1", "tap position; each turns the winding `hv` by tap_step",
                      between(-40, 40), 0.0),
                param(&Params::tap_step, "tap_step", "1", "voltage of one tap over V_hv", between(0, 0.1), 0.025),
                param(&Params::load_max, "load_max", "1", "largest current over rated current", share_of_rating, 1.0),
                param(&Params::T, "T", "K", "temperature if the heat port is not connected", above(0), 348.15),
                param(&Params::in_service, "in_service", "1", "1: in service, 0: out", between(0, 1), 1.0).service(),
                param(&Params::Z0_over_Z, "Z0_over_Z", "1",
                      "zero-sequence impedances over those of the positive sequence, for faults (assumed)", above(0),
                      1.0),
                choice(&Params::connection_hv, "connection_hv", "connection of winding hv, for faults of one phase",
                       windings),
                choice(&Params::connection_mv, "connection_mv", "connection of winding mv, for faults of one phase",
                       windings),
                choice(&Params::connection_lv, "connection_lv", "connection of winding lv, for faults of one phase",
                       windings)};
        }
    };
    template <class S>
    struct Vars {
        AcPort<S> hv, mv, lv;
        HeatPort<S> heat;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::hv, "hv", "high-voltage winding").rated("V_hv"),
                              port(&Vars::mv, "mv", "second winding").rated("V_mv"),
                              port(&Vars::lv, "lv", "third winding").rated("V_lv"),
                              port(&Vars::heat, "heat", "takes the loss")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        using std::sqrt;
        const P V = p.V_hv * turns(p), V2 = V * V, ratings[3] = {p.S_hv, p.S_mv, p.S_lv};
        const WindingStar<P> star(V2, ratings, p.vk_hm, p.vk_hl, p.vk_ml, p.Pk_hm, p.Pk_hl, p.Pk_ml);
        AcPort<S>* ports[] = {&x.hv, &x.mv, &x.lv};
        const Phasor<P> n[] = {{P(1.0), P(0.0)}, turned(p.V_mv / V, p.clock_mv), turned(p.V_lv / V, p.clock_lv)};
        Phasor<S> v[3], i[3];
        for (int k = 0; k < 3; ++k) v[k] = times(inverse(n[k]), voltage_of(*ports[k]));
        star.currents(v, i);
        const P g = p.P0 / p.S_hv, b = given(p.i0) ? P(sqrt(P(p.i0 * p.i0 - g * g + 1e-18))) : P(0.0 * g);
        i[0] = i[0] + times(Phasor<P>{p.S_hv / V2 * g, -p.S_hv / V2 * b}, v[0]);
        for (int k = 0; k < 3; ++k) {
            add_current(*ports[k], S(p.in_service) * times(inverse(n[k]).conjugate(), i[k]));
            add_insulation(*ports[k]);
        }
        give_heat(x.heat, loss_of(x), p.T);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S hv = sqrt3 * current_of(x.hv) * p.V_hv / p.S_hv, mv = sqrt3 * current_of(x.mv) * p.V_mv / p.S_mv,
                lv = sqrt3 * current_of(x.lv) * p.V_lv / p.S_lv;
        const S most = select(hv > mv, hv, mv), loading = select(most > lv, most, lv);
        out.key("P", "W", "power into winding hv", power_into(x.hv));
        out.key("Q", "var", "reactive power into winding hv", reactive_into(x.hv));
        out.key("loading", "1", "current over rated current, of the winding that is loaded most", loading);
        out.value("loading_mv", "1", "current over rated current of winding mv", mv);
        out.value("loading_lv", "1", "current over rated current of winding lv", lv);
        out.value("P_mv", "W", "power out of winding mv", -power_into(x.mv));
        out.value("P_lv", "W", "power out of winding lv", -power_into(x.lv));
        report_loss(out, x.heat, loss_of(x));
        out.at_most("transformer_load", "current over rated current", "1", loading, p.load_max, "rating of a winding");
    }
    static std::complex<double> ratio(const Params<double>& p, int port) {
        if (port != 1 && port != 2) return 1.0;
        const Phasor<double> n = port == 1 ? turned(p.V_mv / (p.V_hv * turns(p)), p.clock_mv)
                                           : turned(p.V_lv / (p.V_hv * turns(p)), p.clock_lv);
        return {n.re, n.im};
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (p.in_service < 0.5) return;
        const double V = p.V_hv * turns(p), ratings[3] = {p.S_hv, p.S_mv, p.S_lv},
                     ratio[3] = {1.0, V / p.V_mv, V / p.V_lv};
        const auto corrected = [&](double& vk, double& Pk, double S, double V_low) {
            const double K = fault.transformer_factor(std::sqrt(vk * vk - Pk * Pk / (S * S)), V_low);
            vk *= K, Pk *= K;
        };
        Params<double> q = p;
        corrected(q.vk_hm, q.Pk_hm, std::min(p.S_hv, p.S_mv), std::min(p.V_hv, p.V_mv));
        corrected(q.vk_hl, q.Pk_hl, std::min(p.S_hv, p.S_lv), std::min(p.V_hv, p.V_lv));
        corrected(q.vk_ml, q.Pk_ml, std::min(p.S_mv, p.S_lv), std::min(p.V_mv, p.V_lv));
        const WindingStar<double> star(V * V, ratings, q.vk_hm, q.vk_hl, q.vk_ml, q.Pk_hm, q.Pk_hl, q.Pk_ml);
        const Winding connections[3] = {p.connection_hv, p.connection_mv, p.connection_lv};
        const bool stated = std::count(connections, connections + 3, Winding::not_stated) == 0;
        const int positive = out.inner(), zero = out.inner();
        for (int k = 0; k < 3; ++k) {
            const std::complex<double> Z(star.Z[k].re, star.Z[k].im), Z_0 = p.Z0_over_Z * Z;
            out.to_inner(Z, k, positive, ratio[k]);
            if (!stated)
                out.zero_not_stated("connection_hv, connection_mv and connection_lv", k);
            else if (connections[k] == Winding::star_earthed)
                out.zero_to_inner(Z_0, k, zero, ratio[k]);
            else if (connections[k] == Winding::delta)
                out.inner_to_reference(Z_0, zero);
        }
    }
    static std::string problem(const Params<double>& p) {
        const double hm = std::min(p.S_hv, p.S_mv), hl = std::min(p.S_hv, p.S_lv), ml = std::min(p.S_mv, p.S_lv);
        for (const auto& wrong : {pair_problem("hm", p.vk_hm, p.Pk_hm, hm), pair_problem("hl", p.vk_hl, p.Pk_hl, hl),
                                  pair_problem("ml", p.vk_ml, p.Pk_ml, ml)})
            if (!wrong.empty()) return wrong;
        const double ratings[3] = {p.S_hv, p.S_mv, p.S_lv};
        const WindingStar<double> star(1.0, ratings, p.vk_hm, p.vk_hl, p.vk_ml, p.Pk_hm, p.Pk_hl, p.Pk_ml);
        const double R[3] = {star.Z[0].re, star.Z[1].re, star.Z[2].re};
        if (R[0] * R[1] + R[1] * R[2] + R[2] * R[0] < 0.0)
            return "Pk_hm, Pk_hl and Pk_ml do not fit together: with some currents the transformer would give power";
        if (p.P0 > p.i0 * p.S_hv)
            return fmt::format("P0 = {:g} W is more than i0 allows ({:g} W at i0 = {:g})", p.P0, p.i0 * p.S_hv, p.i0);
        if (std::floor(p.clock_mv) != p.clock_mv || std::floor(p.clock_lv) != p.clock_lv)
            return "clock_mv and clock_lv are whole hours, 0 to 11";
        if (turns(p) < 0.2) return "tap and tap_step leave less than 20 % of the turns";
        return {};
    }

   private:
    template <class P>
    static P turns(const Params<P>& p) {
        return 1.0 + p.tap * p.tap_step;
    }
    template <class P>
    static Phasor<P> turned(const P& n, const P& clock) {
        using std::cos;
        using std::sin;
        const P angle = clock * (-pi / 6.0);
        return {n * cos(angle), n * sin(angle)};
    }
    template <class S>
    static S loss_of(Vars<S>& x) {
        return power_into(x.hv) + power_into(x.mv) + power_into(x.lv);
    }
};

/// Single-phase transformer with a centre tap, for 120/240 V: two halves of one winding in series, each its own circuit.
///   voltage of a half at no load = V_lv/2, both in phase (line 1 to neutral, neutral to line 2)
/// A load between the two lines is connected by split_phase_tap.
/// vk_hl and Pk_hl: from hv to the whole low-voltage winding. vk_h1 and Pk_h1: from hv to one half alone, on half of the
/// rating. Where they are not given, the halves are taken as interlaced: 1.2 of the reactance and 1.5 of the resistance.
/// The two halves are equal. In a fault both impedances have the correction factor K_T of hv to the whole winding, as
/// three-phase transformers have.
/// The loss goes to `heat`.
/// Source: IEEE Std C57.12.20 (connection); equivalent star of three windings, W. H. Kersting, Distribution System Modeling
/// and Analysis (centre-tapped transformers).
struct Ac1CentreTap {
    static constexpr std::string_view type = "ac1_centre_tap";
    static constexpr std::string_view doc = "Single-phase transformer with a centre tap, for 120/240 V";
    static constexpr Role role = Role::transformer;

    template <class P>
    struct Params {
        P S_rated, V_hv, V_lv, vk_hl, Pk_hl, vk_h1, Pk_h1, P0, i0, tap, tap_step, load_max, T, in_service;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::S_rated, "S_rated", "VA", "rated apparent power, both halves together", above(0))
                    .rating(),
                param(&Params::V_hv, "V_hv", "V", "rated voltage of winding `hv`", above(0)),
                param(&Params::V_lv, "V_lv", "V", "rated voltage of the whole low-voltage winding at no load (240 V)",
                      above(0)),
                param(&Params::vk_hl, "vk_hl", "1", "short-circuit voltage, hv to the whole low-voltage winding",
                      between(1e-3, 1)),
                param(&Params::Pk_hl, "Pk_hl", "W", "load loss, hv to the whole low-voltage winding, at S_rated",
                      from(0)),
                param(&Params::vk_h1, "vk_h1", "1",
                      "short-circuit voltage, hv to one half, on half of S_rated; interlaced halves where not given "
                      "(assumed)",
                      between(1e-3, 1), not_given),
                param(&Params::Pk_h1, "Pk_h1", "W",
                      "load loss, hv to one half, at half of S_rated; 3/8 of Pk_hl where not given (assumed)", from(0),
                      not_given),
                param(&Params::P0, "P0", "W", "no-load loss", from(0), 0.0),
                param(&Params::i0, "i0", "1", "no-load current over rated current; not given: that of P0 alone",
                      between(0, 0.5), not_given),
                param(&Params::tap, "tap", "1", "tap position; each turns the winding `hv` by tap_step",
                      between(-40, 40), 0.0),
                param(&Params::tap_step, "tap_step", "1", "voltage of one tap over V_hv", between(0, 0.1), 0.025),
                param(&Params::load_max, "load_max", "1", "largest current over rated current", share_of_rating, 1.0),
                param(&Params::T, "T", "K", "temperature if the heat port is not connected", above(0), 348.15),
                param(&Params::in_service, "in_service", "1", "1: in service, 0: out", between(0, 1), 1.0).service()};
        }
    };
    template <class S>
    struct Vars {
        Ac1Port<S> hv, lv_1, lv_2;
        HeatPort<S> heat;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::hv, "hv", "high-voltage winding").rated("V_hv"),
                              port(&Vars::lv_1, "lv_1", "first half: line 1 to neutral"),
                              port(&Vars::lv_2, "lv_2", "second half: neutral to line 2"),
                              port(&Vars::heat, "heat", "takes the loss")};
        }
    };

    // With Z_A of hv and Z_B of a half (on side hv): hv to one half Z_A + Z_B, hv to both in series Z_A + Z_B/2.
    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        using std::sqrt;
        const P V = p.V_hv * (1.0 + p.tap * p.tap_step), V2 = V * V, S_half = 0.5 * p.S_rated;
        const Phasor<P> whole = part(V2, p.S_rated, p.vk_hl, p.Pk_hl), half = part(V2, S_half, half_vk(p), half_Pk(p));
        const Phasor<P> Z_B = 2.0 * (half - whole), Z_A = half - Z_B;
        const P n = 0.5 * p.V_lv / V, share = p.in_service;
        const Phasor<S> v = voltage_of(x.hv), v_1 = P(1.0 / n) * voltage_of(x.lv_1),
                        v_2 = P(1.0 / n) * voltage_of(x.lv_2);
        // Currents out of the halves, on side hv: d_k = Z_B i_k + Z_A (i_1 + i_2)
        const Phasor<S> d_1 = v - v_1, d_2 = v - v_2;
        const Phasor<P> Y_B = inverse(Z_B), Y_sum = inverse(Z_B + 2.0 * Z_A);
        const Phasor<S> sum = times(Y_sum, d_1 + d_2), difference = times(Y_B, d_1 - d_2);
        const Phasor<S> i_1 = 0.5 * (sum + difference), i_2 = 0.5 * (sum - difference);
        const P g = p.P0 / p.S_rated, b = given(p.i0) ? P(sqrt(P(p.i0 * p.i0 - g * g + 1e-18))) : P(0.0 * g);
        add_current(x.hv, S(share) * (sum + times(Phasor<P>{p.S_rated / V2 * g, -p.S_rated / V2 * b}, v)));
        add_current(x.lv_1, S(-share / n) * i_1);
        add_current(x.lv_2, S(-share / n) * i_2);
        add_insulation(x.hv);
        add_insulation(x.lv_1);
        add_insulation(x.lv_2);
        give_heat(x.heat, loss_of(x), p.T);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S I_1 = current_of(x.lv_1), I_2 = current_of(x.lv_2), I_hv = current_of(x.hv);
        const S hv = I_hv * p.V_hv, lv = select(I_1 > I_2, I_1, I_2) * p.V_lv,
                loading = select(hv > lv, hv, lv) / p.S_rated;
        out.key("P", "W", "power into winding hv", power_into(x.hv));
        out.key("Q", "var", "reactive power into winding hv", reactive_into(x.hv));
        out.key("loading", "1", "current over rated current, of the winding or half that is loaded most", loading);
        out.value("I_hv", "A", "current of winding hv", I_hv);
        out.value("I_1", "A", "current of line 1", I_1);
        out.value("I_2", "A", "current of line 2", I_2);
        out.value("I_neutral", "A", "current of the neutral",
                  magnitude(Phasor<S>{x.lv_1.i_re - x.lv_2.i_re, x.lv_1.i_im - x.lv_2.i_im}));
        report_loss(out, x.heat, loss_of(x));
        out.at_most("transformer_load", "current over rated current", "1", loading, p.load_max, "rating");
    }
    static std::complex<double> ratio(const Params<double>& p, int port) {
        return port == 1 || port == 2 ? 0.5 * p.V_lv / (p.V_hv * (1.0 + p.tap * p.tap_step)) : 1.0;
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        if (p.in_service < 0.5) return;
        const double V = p.V_hv * (1.0 + p.tap * p.tap_step), r = p.Pk_hl / p.S_rated,
                     K = fault.transformer_factor(std::sqrt(p.vk_hl * p.vk_hl - r * r), p.V_lv);
        const auto impedance = [&](double S, double vk, double Pk) {
            const Phasor<double> Z = part(K * V * V, S, vk, Pk);
            return std::complex<double>(Z.re, Z.im);
        };
        const std::complex<double> half = impedance(0.5 * p.S_rated, half_vk(p), half_Pk(p)),
                                   Z_B = 2.0 * (half - impedance(p.S_rated, p.vk_hl, p.Pk_hl));
        const int middle = out.inner();
        out.to_inner(half - Z_B, 0, middle, 1.0);
        out.to_inner(Z_B, 1, middle, 2.0 * V / p.V_lv);
        out.to_inner(Z_B, 2, middle, 2.0 * V / p.V_lv);
    }
    static std::string problem(const Params<double>& p) {
        const double vk_h1 = half_vk(p), Pk_h1 = half_Pk(p);
        for (const auto& wrong :
             {pair_problem("hl", p.vk_hl, p.Pk_hl, p.S_rated), pair_problem("h1", vk_h1, Pk_h1, 0.5 * p.S_rated)})
            if (!wrong.empty()) return wrong;
        if (p.P0 > p.i0 * p.S_rated)
            return fmt::format("P0 = {:g} W is more than i0 allows ({:g} W at i0 = {:g})", p.P0, p.i0 * p.S_rated,
                               p.i0);
        const Phasor<double> half = part(1.0, 0.5 * p.S_rated, vk_h1, Pk_h1),
                             whole = part(1.0, p.S_rated, p.vk_hl, p.Pk_hl);
        if (half.re < whole.re || !(half.im > whole.im))
            return "one half alone has less impedance than both in series: vk_h1 and Pk_h1 refer to half of S_rated";
        if (1.0 + p.tap * p.tap_step < 0.2) return "tap and tap_step leave less than 20 % of the turns";
        return {};
    }

   private:
    template <class P>
    static P half_Pk(const Params<P>& p) {
        return otherwise(p.Pk_h1, P(0.375 * p.Pk_hl));
    }
    template <class P>
    static P half_vk(const Params<P>& p) {
        using std::sqrt;
        const P r = p.Pk_hl / p.S_rated, x2 = p.vk_hl * p.vk_hl - r * r;
        return otherwise(p.vk_h1, P(0.5 * sqrt(P(2.25 * r * r + 1.44 * x2))));
    }
    template <class P>
    static Phasor<P> part(const P& V2, const P& S, const P& vk, const P& Pk) {
        using std::sqrt;
        const P base = V2 / S, r = Pk / S;
        return {base * r, P(base * sqrt(P(vk * vk - r * r)))};
    }
    template <class S>
    static S loss_of(Vars<S>& x) {
        return power_into(x.hv) + power_into(x.lv_1) + power_into(x.lv_2);
    }
};

}  // namespace kelvolt::models
