#pragma once

#include <fmt/format.h>

#include <cmath>
#include <tuple>

#include "models/fluid/flow_laws.hpp"
#include "models/power/branch.hpp"

namespace kelvolt::models {

/// A line on four wires by its series matrix per metre, which need not be symmetrical between the phases.
///   v_a - v_b = (R + jX) length/parallel i, of the conductors that are closed
///   return_path: neutral  4 x 4, with the neutral as the fourth conductor
///   return_path: earth    3 x 3 after elimination of the neutral, which is earthed at both ends
/// Each conductor can be open alone (pole_a to pole_n). The matrix is that at the temperature of the data.
/// Half of the charging B is at either end: 3 x 3 between phases and earth, off the diagonal below zero.
/// The loss leaves to the surroundings.
/// In a fault the line counts as transposed, with the means Z_s of the diagonal, Z_m between phases, Z_pn to the neutral:
///   Z_1 = Z_s - Z_m, Z_0 = Z_s + 2 Z_m
/// The output `coupling` says how much that leaves out. The smallest currents, too, are at the temperature of the data.
/// Source: W. H. Kersting, Distribution System Modeling and Analysis, chapters 4 and 6 (primitive and reduced matrices).
struct Ac4MatrixLine {
    static constexpr std::string_view type = "ac4_matrix_line";
    static constexpr std::string_view doc = "Line on four wires by its series matrix";
    static constexpr Role role = Role::line;
    enum class Return { neutral, earth };
    static constexpr double G_earthed = 1e6;  ///< conductance of an earthed neutral at the ends, return_path: earth [S]

    template <class P>
    struct Params : Poles<P> {
        P length, R_aa, R_bb, R_cc, R_nn, R_ab, R_ac, R_bc, R_an, R_bn, R_cn, X_aa, X_bb, X_cc, X_nn, X_ab, X_ac, X_bc,
            X_an, X_bn, X_cn, B_aa, B_bb, B_cc, B_ab, B_ac, B_bc, parallel, I_max, I_n_max, derating, load_max, V,
            drop_max, in_service;
        Return return_path;
        static constexpr auto declare() {
            return std::tuple_cat(resistances(), reactances(), charging(), rest(), Poles<P>::poles());
        }
        static constexpr auto resistances() {
            return std::tuple{
                param(&Params::length, "length", "m", "length", above(0)),
                param(&Params::R_aa, "R_aa", "ohm/m", "series resistance of phase a", above(0)),
                param(&Params::R_bb, "R_bb", "ohm/m", "series resistance of phase b", above(0)),
                param(&Params::R_cc, "R_cc", "ohm/m", "series resistance of phase c", above(0)),
                param(&Params::R_nn, "R_nn", "ohm/m", "series resistance of the neutral (return_path: neutral)",
                      above(0), not_given),
                param(&Params::R_ab, "R_ab", "ohm/m", "mutual resistance of a and b", any(), 0.0),
                param(&Params::R_ac, "R_ac", "ohm/m", "mutual resistance of a and c", any(), 0.0),
                param(&Params::R_bc, "R_bc", "ohm/m", "mutual resistance of b and c", any(), 0.0),
                param(&Params::R_an, "R_an", "ohm/m", "mutual resistance of a and the neutral", any(), 0.0),
                param(&Params::R_bn, "R_bn", "ohm/m", "mutual resistance of b and the neutral", any(), 0.0),
                param(&Params::R_cn, "R_cn", "ohm/m", "mutual resistance of c and the neutral", any(), 0.0)};
        }
        static constexpr auto reactances() {
            return std::tuple{
                param(&Params::X_aa, "X_aa", "ohm/m", "series reactance of phase a", any()),
                param(&Params::X_bb, "X_bb", "ohm/m", "series reactance of phase b", any()),
                param(&Params::X_cc, "X_cc", "ohm/m", "series reactance of phase c", any()),
                param(&Params::X_nn, "X_nn", "ohm/m", "series reactance of the neutral (return_path: neutral)", any(),
                      not_given),
                param(&Params::X_ab, "X_ab", "ohm/m", "mutual reactance of a and b", any(), 0.0),
                param(&Params::X_ac, "X_ac", "ohm/m", "mutual reactance of a and c", any(), 0.0),
                param(&Params::X_bc, "X_bc", "ohm/m", "mutual reactance of b and c", any(), 0.0),
                param(&Params::X_an, "X_an", "ohm/m", "mutual reactance of a and the neutral", any(), 0.0),
                param(&Params::X_bn, "X_bn", "ohm/m", "mutual reactance of b and the neutral", any(), 0.0),
                param(&Params::X_cn, "X_cn", "ohm/m", "mutual reactance of c and the neutral", any(), 0.0)};
        }
        static constexpr auto charging() {
            return std::tuple{param(&Params::B_aa, "B_aa", "S/m", "charging susceptance of phase a", from(0), 0.0),
                              param(&Params::B_bb, "B_bb", "S/m", "charging susceptance of phase b", from(0), 0.0),
                              param(&Params::B_cc, "B_cc", "S/m", "charging susceptance of phase c", from(0), 0.0),
                              param(&Params::B_ab, "B_ab", "S/m", "charging between a and b, below zero", any(), 0.0),
                              param(&Params::B_ac, "B_ac", "S/m", "charging between a and c, below zero", any(), 0.0),
                              param(&Params::B_bc, "B_bc", "S/m", "charging between b and c, below zero", any(), 0.0)};
        }
        static constexpr auto rest() {
            return std::tuple{
                param(&Params::parallel, "parallel", "1", "equal lines side by side", above(0), 1.0),
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
        bool earth() const { return return_path == Return::earth; }
        /// The series matrix per metre [ohm/m]; with return_path earth its last row and column are not used.
        void matrix(Phasor<P> (&Z)[4][4]) const {
            const P R[4][4] = {
                {R_aa, R_ab, R_ac, R_an}, {R_ab, R_bb, R_bc, R_bn}, {R_ac, R_bc, R_cc, R_cn}, {R_an, R_bn, R_cn, R_nn}};
            const P X[4][4] = {
                {X_aa, X_ab, X_ac, X_an}, {X_ab, X_bb, X_bc, X_bn}, {X_ac, X_bc, X_cc, X_cn}, {X_an, X_bn, X_cn, X_nn}};
            for (int k = 0; k < 4; ++k)
                for (int m = 0; m < 4; ++m) Z[k][m] = {R[k][m], X[k][m]};
        }
    };
    template <class S>
    struct Vars {
        Ac4Port<S> a, b;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::a, "a", "one end").rated("V"), port(&Vars::b, "b", "other end")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const int conductors = p.earth() ? 3 : 4;
        Phasor<P> Z[4][4];
        p.matrix(Z);
        Phasor<S> i[4];
        const P share = p.in_service * p.parallel / p.length;
        for (int k = 0; k < conductors; ++k) {
            i[k] = S(share * p.pole(k)) * (voltage_of(x.a, k) - voltage_of(x.b, k));
            // An open conductor is cut out of the matrix: its row says that its current is zero.
            for (int m = 0; m < conductors; ++m)
                Z[k][m] = P(p.pole(k) * p.pole(m)) * Z[k][m] + Phasor<P>{P(k == m ? 1.0 - p.pole(k) : 0.0), P(0.0)};
        }
        solve(Z, i, conductors);
        for (int k = 0; k < conductors; ++k) {
            add_current(x.a, k, i[k]);
            add_current(x.b, k, -i[k]);
        }
        if (p.earth())
            for (int part = 6; part < 8; ++part) {
                x.a.flow(part) += G_earthed * p.pole_n * x.a.potential(part);
                x.b.flow(part) += G_earthed * p.pole_n * x.b.potential(part);
            }
        charge(x.a, p);
        charge(x.b, p);
        add_insulation(x.a);
        add_insulation(x.b);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S I = current_of(x.a), I_n = magnitude(Phasor<S>{x.a.i_re[3], x.a.i_im[3]});
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
        out.value("coupling", "1",
                  "largest impedance between two sequences over that of the positive one; faults leave it out",
                  coupling(p));
        report_line_loss<false>(out, x, line_loss(x));
        out.at_most("ampacity", "current", "A", I, p.load_max * rated, "ampacity times derating");
        report_drop(out, x, p, drop);
        out.at_most("neutral_ampacity", "neutral current", "A", I_n,
                    S(p.load_max * p.I_n_max * p.derating * p.parallel), "ampacity times derating");
    }
    // The zero sequence of the phases (J = 3 I_0) and the neutral are coupled by Z_pn. With the inverse y of
    // (Z_0/3, Z_pn; Z_pn, Z_nn) three branches give the same: phases, neutral, and their difference.
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase&, FaultEquivalent& out) {
        using Complex = std::complex<double>;
        if (p.in_service < 0.5 || p.no_phase()) return;
        Phasor<double> all[4][4];
        p.matrix(all);
        const double size = p.length / p.parallel;
        const auto mean = [&](std::initializer_list<std::pair<int, int>> of) {
            Complex sum = 0.0;
            for (const auto& [k, m] : of) sum += Complex(all[k][m].re, all[k][m].im);
            return sum * size / 3.0;
        };
        const Complex Z_s = mean({{0, 0}, {1, 1}, {2, 2}}), Z_m = mean({{0, 1}, {0, 2}, {1, 2}}), Z_0 = Z_s + 2.0 * Z_m;
        out.branch(Z_s - Z_m, 0, 1);
        if (p.earth()) {
            out.zero(Z_0, 0, 1);
            out.earth(FaultEquivalent::none, 0);
            out.earth(FaultEquivalent::none, 1);
            return;
        }
        const Complex Z_pn = mean({{0, 3}, {1, 3}, {2, 3}}), Z_nn = size * Complex(p.R_nn, p.X_nn),
                      whole = Z_0 / 3.0 * Z_nn - Z_pn * Z_pn;
        out.zero(3.0 * whole / (Z_nn - Z_pn), 0, 1);
        out.neutral(whole / (Z_0 / 3.0 - Z_pn), 0, 1);
        if (Z_pn != 0.0) out.zero_through(3.0 * whole / Z_pn, 0, 1, 1.0);
    }
    static std::string problem(const Params<double>& p) {
        if (given(p.drop_max) && !given(p.V)) return "drop_max needs V, the nominal voltage it is a share of";
        if (!p.earth() && !(given(p.R_nn) && given(p.X_nn)))
            return "return_path neutral needs R_nn and X_nn; give them, or return_path: earth for a 3 x 3 matrix";
        if (p.earth() && (given(p.R_nn) || given(p.X_nn)))
            return "R_nn and X_nn are given with return_path earth, whose matrix is 3 x 3; leave them out, or say "
                   "return_path: neutral";
        Phasor<double> Z[4][4];
        p.matrix(Z);
        double R[4][4], X[4][4], X_most = 0.0;
        const int conductors = p.earth() ? 3 : 4;
        for (int k = 0; k < conductors; ++k)
            for (int m = 0; m < conductors; ++m) {
                R[k][m] = Z[k][m].re, X[k][m] = Z[k][m].im;
                X_most = std::max(X_most, std::abs(X[k][m]));
            }
        if (const int k = not_definite(R, conductors); k >= 0)
            return fmt::format(
                "the resistances do not fit together: conductor {} would give power with some currents; "
                "a mutual resistance is too large",
                "abcn"[k]);
        // conductors without reactance, or all in one place, are just possible
        for (int k = 0; k < conductors; ++k) X[k][k] += 1e-9 * X_most + 1e-300;
        if (const int k = not_definite(X, conductors); k >= 0)
            return fmt::format(
                "the reactances do not fit together: with some currents the magnetic energy about conductor {} would "
                "be below zero; a mutual reactance is too large beside X_{}{}",
                "abcn"[k], "abcn"[k], "abcn"[k]);
        return {};
    }

   private:
    /// The first conductor at which a symmetric matrix turns out not to be positive definite (Cholesky); -1: it is.
    static int not_definite(const double (&A)[4][4], int n) {
        double L[4][4] = {};
        for (int k = 0; k < n; ++k)
            for (int m = 0; m <= k; ++m) {
                double rest = A[k][m];
                for (int q = 0; q < m; ++q) rest -= L[k][q] * L[m][q];
                if (k == m && !(rest > 0.0)) return k;
                L[k][m] = k == m ? std::sqrt(rest) : rest / L[m][m];
            }
        return -1;
    }
    /// Largest impedance that couples two sequences over Z_1: off the diagonal of the matrix in symmetrical components.
    template <class P>
    static P coupling(const Params<P>& p) {
        using std::sqrt;
        Phasor<P> Z[4][4];
        p.matrix(Z);
        const auto turn = [](int hours) { return clock_phasor<double>(hours); };
        P most(0.0), own(1.0);
        // element (q, r) = 1/3 sum over k, m of a^(q k) Z_km a^(-r m); a turns by 120 degrees (4 hours)
        for (int q = 0; q < 3; ++q)
            for (int r = 0; r < 3; ++r) {
                Phasor<P> sum;
                for (int k = 0; k < 3; ++k)
                    for (int m = 0; m < 3; ++m)
                        sum = sum + (1.0 / 3.0) * times(turn(4 * ((q * k - r * m) % 3)), Z[k][m]);
                const P size = sqrt(P(sum.re * sum.re + sum.im * sum.im + 1e-30));
                if (q == r && q == 1) own = size;
                if (q != r) most = select(size > most, size, most);
            }
        return most / own;
    }
    // Solves Z i = v in place for the first n conductors. Without exchange of rows: the real part of a passive matrix is
    // positive definite.
    template <class S, class P>
    static void solve(Phasor<P> (&Z)[4][4], Phasor<S> (&i)[4], int n) {
        for (int k = 0; k < n; ++k) {
            const Phasor<P> pivot = inverse(Z[k][k]);
            for (int m = k + 1; m < n; ++m) {
                const Phasor<P> factor = times(Z[m][k], pivot);
                for (int q = k; q < n; ++q) Z[m][q] = Z[m][q] - times(factor, Z[k][q]);
                i[m] = i[m] - times(factor, i[k]);
            }
        }
        for (int k = n - 1; k >= 0; --k) {
            for (int m = k + 1; m < n; ++m) i[k] = i[k] - times(Z[k][m], i[m]);
            i[k] = times(inverse(Z[k][k]), i[k]);
        }
    }
    template <class S, class P>
    static void charge(Ac4Port<S>& a, const Params<P>& p) {
        const P B[3][3] = {{p.B_aa, p.B_ab, p.B_ac}, {p.B_ab, p.B_bb, p.B_bc}, {p.B_ac, p.B_bc, p.B_cc}};
        const P size = 0.5 * p.in_service * p.length * p.parallel;
        for (int k = 0; k < 3; ++k)
            for (int m = 0; m < 3; ++m) {
                const Phasor<S> v = S(size * B[k][m]) * voltage_of(a, m);
                add_current(a, k, Phasor<S>{-v.im, v.re});
            }
    }
};

}  // namespace kelvolt::models
