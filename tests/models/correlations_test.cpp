// correlations: published numbers, and for every one: finite, smooth, rising where it must rise, derivatives right.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <random>

#include "models/correlations/exchanger.hpp"
#include "models/correlations/fittings.hpp"
#include "models/correlations/friction.hpp"
#include "models/correlations/nusselt.hpp"
#include "models/correlations/valve.hpp"
#include "models/correlations/well_mixed.hpp"
#include "models/media/medium.hpp"
#include "solver/scalar/reverse.hpp"

using namespace kelvolt;
using doctest::Approx;

namespace {

constexpr Friction laws[] = {Friction::churchill, Friction::colebrook, Friction::haaland, Friction::swamee_jain};
constexpr double pi = std::numbers::pi;

Approx within(double x, double relative) { return Approx(x).epsilon(relative).scale(0.0); }

/// The derivative of f by dual at x must equal the central difference.
template <class F>
void check_derivative(const F& f, double x, double step, double relative) {
    const double dual = f(Dual<1>::seeded(x, 0)).d[0];
    const double difference = (f(x + step) - f(x - step)) / (2 * step);
    CAPTURE(x);
    CHECK(std::isfinite(dual));
    CHECK(dual == Approx(difference).epsilon(relative).scale(1e-9 * std::fabs(f(x)) / step + 1e-300));
}

/// Spread evenly over decades.
double log_uniform(std::mt19937& random, double lo, double hi) {
    return std::exp(std::uniform_real_distribution<double>(std::log(lo), std::log(hi))(random));
}

// water at 293.15 K and 5 bar: IAPWS by CoolProp 8.0.0
constexpr double rho_water = 998.3897, mu_water = 1.0014737e-3;

double pipe_drop_bar(double m_flow, double length, double rho, double mu, Friction law) {
    return friction_drop(m_flow, rho, mu, length, 0.075, 1e-4, 0.0, law) / 1e5;
}

}  // namespace

TEST_CASE("friction factors are those of the package fluids 1.3.1") {
    CHECK(friction_factor(1e5, 1e-4, Friction::colebrook) == within(0.018513866, 1e-7));
    CHECK(friction_factor(1e5, 1e-4, Friction::haaland) == within(0.018265053, 1e-7));
    CHECK(friction_factor(1e5, 1e-4, Friction::swamee_jain) ==
          within(0.018452424, 5e-6));  // fluids writes 6.97^0.9 for 5.74
    CHECK(friction_factor(1e5, 1e-4, Friction::churchill) == within(0.018462625, 1e-7));
    CHECK(friction_factor(1e4, 1e-3, Friction::colebrook) == within(0.032381806, 1e-7));
    CHECK(friction_factor(4000.0, 0.0, Friction::colebrook) == within(0.039907014, 1e-7));
    CHECK(friction_factor(1500.0, 1e-3, Friction::colebrook) == within(0.0426667, 1e-6));
    CHECK(friction_factor(1500.0, 1e-3, Friction::churchill) == within(0.042666668520, 1e-9));
    CHECK(friction_factor(1e7, 0.01, Friction::churchill) == within(0.037896586843, 1e-9));
    CHECK(friction_factor(1e6, 0.01, Friction::haaland) == within(0.038036177668, 1e-9));
}

TEST_CASE("Colebrook's law is met to 1e-12 over its whole range") {
    std::mt19937 random(2);
    for (int i = 0; i < 2000; ++i) {
        const double Re = log_uniform(random, 4000, 1e9), eps = log_uniform(random, 1e-8, 0.05);
        const double x = 1 / std::sqrt(friction_factor(Re, eps, Friction::colebrook));
        CHECK(x == within(-2 * std::log10(eps / 3.7 + 2.51 * x / Re), 1e-12));
    }
}

TEST_CASE("long water pipes lose the pressure OpenModelica gives, to 3 parts in 10,000 with IAPWS water") {
    // pandapipes' reference set: 75 mm, 0.1 mm, 293.15 K. Its medium is not stated; the velocities imply 998.375 kg/m3.
    CHECK(pipe_drop_bar(1.3821, 2000, rho_water, mu_water, Friction::colebrook) == within(5 - 4.636695, 3e-4));
    CHECK(pipe_drop_bar(1.325, 10000, rho_water, mu_water, Friction::colebrook) == within(5 - 3.318369, 3e-4));
    CHECK(pipe_drop_bar(0.56, 3000, rho_water, mu_water, Friction::colebrook) == within(7 - 6.893022, 3e-4));
    CHECK(pipe_drop_bar(1.33, 5000, rho_water, mu_water, Friction::colebrook) == within(2.947766 - 2.101285, 7e-4));
    CHECK(pipe_drop_bar(2.66, 5000, rho_water, mu_water, Friction::colebrook) == within(6 - 2.947766, 5e-4));
    CHECK(pipe_drop_bar(1.3821, 2000, rho_water, mu_water, Friction::swamee_jain) == within(5 - 4.633790, 3e-4));
}

TEST_CASE("with the reference's own density and one viscosity the 2 km and 3 km pipes agree within 2e-5 bar") {
    // rho from its velocity 0.3133525 m/s; mu 1.0004e-3 Pa s is the one value that serves the three single pipes
    const double rho = 1.3821 / (0.3133525 * pi * 0.075 * 0.075 / 4), mu = 1.0004e-3;
    CHECK(5 - pipe_drop_bar(1.3821, 2000, rho, mu, Friction::colebrook) == within(4.636695, 2e-5 / 4.6));
    CHECK(7 - pipe_drop_bar(0.56, 3000, rho, mu, Friction::colebrook) == within(6.893022, 2e-5 / 6.9));
    CHECK(5 - pipe_drop_bar(1.325, 10000, rho, mu, Friction::colebrook) == within(3.318369, 1e-4 / 3.3));
}

TEST_CASE("a nearly resting, reversed, laminar leg has the drop of the OpenModelica mesh") {
    // leg 2-0, 200 m of 90 mm: v 0.002895 m/s, 3.500022898 - 3.5 bar; Hagen-Poiseuille
    const double m_flow = -0.002895 * rho_water * pi * 0.09 * 0.09 / 4;
    for (Friction law : laws)
        CHECK(friction_drop(m_flow, rho_water, mu_water, 200.0, 0.09, 1e-3, 0.0, law) == within(-2.2898, 2e-3));
}

TEST_CASE("Crane's example 7.13: 100 ft of 2 inch pipe lose 66,500 Pa at two gallons of oil a second") {
    // TP-410: SG 0.815, 2.7 cSt, f 0.0230 read from a chart; commercial steel 0.0018 in, bore 2.067 in
    const double rho = 815, mu = 2.7e-6 * rho, m_flow = 2 * 3.785411784e-3 * rho;
    const double dp = friction_drop(m_flow, rho, mu, 30.48, 2.067 * 0.0254, 4.572e-5, 0.0, Friction::colebrook);
    CHECK(dp == within(66500, 0.015));
}

TEST_CASE("drop is odd, finite and strictly rising from -10 to 10 kg/s for every law, with and without fittings") {
    for (Friction law : laws)
        for (double K : {0.0, 2.5})
            for (double length : {0.0, 3.0}) {
                if (K == 0.0 && length == 0.0) continue;
                double last = -1e300;
                for (int i = -400; i <= 400; ++i) {
                    const double m = i == 0 ? 0.0 : std::copysign(std::pow(10.0, -9 + std::abs(i) / 40.0), i);
                    const auto dp = friction_drop(Dual<1>::seeded(m, 0), 1022.0, 1.6e-3, length, 0.012, 1.5e-6, K, law);
                    const double mirror = friction_drop(-m, 1022.0, 1.6e-3, length, 0.012, 1.5e-6, K, law);
                    const bool sound = std::isfinite(dp.v) && dp.d[0] > 0 && std::isfinite(dp.d[0]) &&
                                       std::fabs(dp.v + mirror) <= 1e-12 * std::fabs(mirror) && dp.v > last;
                    if (!sound) FAIL("law " << int(law) << " K " << K << " m " << m);
                    last = dp.v;
                }
            }
    CHECK(friction_drop(0.0, 1000.0, 1e-3, 1.0, 0.01, 0.0, 1.0, Friction::churchill) == 0.0);
}

TEST_CASE("at rest the drop has the laminar slope 128 mu L/(pi rho d^4)") {
    for (Friction law : laws) {
        const auto dp = friction_drop(Dual<1>::seeded(0.0, 0), 998.0, 1e-3, 2.0, 0.01, 1e-5, 0.0, law);
        CHECK(dp.d[0] == within(128 * 1e-3 * 2.0 / (pi * 998.0 * 1e-8), 1e-12));
    }
}

TEST_CASE("extreme flows and viscosities stay finite") {
    for (Friction law : laws)
        for (double m : {0.0, 1e-9, 10.0, 1e6})
            for (double mu : {1e-7, 1e-3, 1e3})
                for (double eps : {0.0, 1e-3}) {
                    const auto dp = friction_drop(Dual<1>::seeded(m, 0), Dual<1>(1000.0), Dual<1>(mu), 1.0, 0.01,
                                                  eps * 0.01, 1.0, law);
                    CHECK(std::isfinite(dp.v));
                    CHECK(std::isfinite(dp.d[0]));
                    CHECK(dp.d[0] > 0);
                }
}

TEST_CASE("friction derivatives by flow, viscosity, density, bore and roughness equal central differences") {
    std::mt19937 random(3);
    for (Friction law : laws)
        for (int i = 0; i < 300; ++i) {
            const double m = log_uniform(random, 1e-6, 10), mu = log_uniform(random, 3e-4, 1e-2),
                         d = log_uniform(random, 2e-3, 0.2);
            const double e = d * log_uniform(random, 1e-6, 0.04), rho = 1000, L = 3, K = 1.5;
            check_derivative([&](const auto& x) { return friction_drop(x, rho, mu, L, d, e, K, law); }, m, 1e-5 * m,
                             1e-5);
            check_derivative([&](const auto& x) { return friction_drop(m, x, mu, L, d, e, K, law); }, rho, 1e-2, 1e-5);
            check_derivative([&](const auto& x) { return friction_drop(m, rho, x, L, d, e, K, law); }, mu, 1e-5 * mu,
                             1e-5);
            check_derivative([&](const auto& x) { return friction_drop(m, rho, mu, L, x, e, K, law); }, d, 1e-5 * d,
                             1e-5);
            check_derivative([&](const auto& x) { return friction_drop(m, rho, mu, L, d, x, K, law); }, e, 1e-4 * e,
                             1e-4);
            CHECK(friction_drop(Dual<1>::seeded(m, 0), rho, mu, L, d, e, K, law).d[0] != 0.0);
        }
}

TEST_CASE("Gnielinski and Petukhov-Kirillov-Popov have the values of the package ht 1.2.0") {
    CHECK(gnielinski(1e5, 1.2, 0.0185) == within(254.62682749, 1e-9));
    CHECK(petukhov_kirillov_popov(1e5, 1.2, 0.0185) == within(250.11935089, 1e-9));
    CHECK(hausen(11000.0) == within(39.01352358988535, 1e-9));
    CHECK(hausen(0.0) == within(3.66, 1e-9));
}

TEST_CASE("rectangular ducts have Shah and London's values") {
    CHECK(Nu_rectangular_H1(0.7) == within(3.7517627, 1e-7));
    CHECK(Nu_rectangular_H1(1.0) == within(3.61, 2e-3));
    CHECK(Nu_rectangular_H1(0.0) == within(8.235, 1e-12));
    CHECK(fRe_rectangular(1.0) / 4 == within(14.23, 1e-3));
    CHECK(fRe_rectangular(0.0) / 4 == within(24.0, 1e-12));
}

TEST_CASE("the Nusselt number is laminar below Re 2300, Gnielinski above 4000, and rises between") {
    CHECK(nusselt(0.0, 7.0, Nu_laminar_T) == 3.66);
    CHECK(nusselt(-2000.0, 7.0, Nu_laminar_q) == within(48.0 / 11, 1e-12));
    CHECK(nusselt(1e4, 7.0, 3.66) == within(gnielinski(1e4, 7.0, petukhov_friction(1e4)), 1e-6));
    CHECK(nusselt(-1e4, 7.0, 3.66) == nusselt(1e4, 7.0, 3.66));
    double last = 0;
    for (double Re = 2300; Re < 2e4; Re += 10) {
        CHECK(nusselt(Re, 5.0, 3.66) > last * (1 - 1e-12));
        last = nusselt(Re, 5.0, 3.66);
    }
    std::mt19937 random(4);
    for (int i = 0; i < 300; ++i) {
        const double Re = log_uniform(random, 1, 1e6), Pr = log_uniform(random, 0.7, 100);
        check_derivative([&](const auto& x) { return nusselt(x, Pr, 3.66); }, Re, 1e-5 * Re, 1e-5);
        check_derivative([&](const auto& x) { return nusselt(Re, x, 3.66); }, Pr, 1e-5 * Pr, 1e-5);
        check_derivative([&](const auto& x) { return hausen(x); }, Re, 1e-5 * Re, 1e-5);
    }
    CHECK(nusselt(Dual<1>::seeded(1e4, 0), 5.0, 3.66).d[0] > 0);
}

TEST_CASE("effectiveness has the published values") {
    CHECK(effectiveness_counterflow(9.0, 1.0) == within(0.9, 1e-12));
    CHECK(effectiveness_crossflow(5.0, 0.7) == within(0.84448218, 1e-8));
    CHECK(effectiveness_crossflow(5.0, 0.0) == within(0.99326205, 1e-8));
    CHECK(effectiveness_counterflow(5.0, 0.0) == within(0.99326205, 1e-8));
    CHECK(effectiveness_parallel(5.0, 0.0) == within(0.99326205, 1e-8));
    CHECK(effectiveness_counterflow(2.0, 0.5) == within(0.7746003264394359, 1e-12));  // ht 1.2.0
    CHECK(effectiveness_parallel(2.0, 0.5) == within(0.6334752877547574, 1e-12));     // ht 1.2.0
    CHECK(effectiveness_crossflow(15.0, 0.9) == within(0.892331, 1e-6));              // ht 1.2.0
    CHECK(effectiveness_crossflow(25.0, 0.9) == within(0.925744, 6e-3));  // ht 1.2.0, beyond the exact range
}

TEST_CASE("effectiveness rises with NTU, stays within 0 and 1, is smooth at Cr 1 and finite with no exchange") {
    for (double Cr : {0.0, 0.3, 0.999999, 1.0}) {
        double counter = -1, cross = -1, parallel = -1;
        for (double NTU = 0.0; NTU < 60; NTU += 0.05) {
            const auto x = Dual<2>::seeded(NTU, 0), r = Dual<2>::seeded(Cr, 1);
            for (const auto& e :
                 {effectiveness_counterflow(x, r), effectiveness_crossflow(x, r), effectiveness_parallel(x, r)})
                if (!(std::isfinite(e.d[0]) && std::isfinite(e.d[1]) && e.v >= 0 && e.v <= 1 + 1e-12 &&
                      e.d[0] >= -1e-12))
                    FAIL("NTU " << NTU << " Cr " << Cr);
            const double now[] = {effectiveness_counterflow(NTU, Cr), effectiveness_crossflow(NTU, Cr),
                                  effectiveness_parallel(NTU, Cr)};
            CHECK(now[0] >= counter - 1e-13);
            CHECK(now[1] >= cross - 1e-13);
            CHECK(now[2] >= parallel - 1e-13);
            CHECK(now[0] >= now[1] - 1e-9);  // counterflow is the best arrangement, parallel the worst
            CHECK(now[1] >= now[2] - 1e-8);
            counter = now[0], cross = now[1], parallel = now[2];
        }
    }
    const double just_below = effectiveness_counterflow(3.0, 1 - 1e-7),
                 just_above = effectiveness_counterflow(3.0, 1 + 1e-7);
    CHECK(0.5 * (just_below + just_above) == within(0.75, 1e-12));
    CHECK(effectiveness_counterflow(Dual<1>::seeded(0.0, 0), 0.5).d[0] == within(1.0, 1e-12));
    CHECK(effectiveness_crossflow(Dual<1>::seeded(0.0, 0), 0.5).d[0] == within(1.0, 1e-12));
}

TEST_CASE("effectiveness derivatives equal central differences across every joint") {
    std::mt19937 random(5);
    for (int i = 0; i < 500; ++i) {
        const double NTU = log_uniform(random, 1e-3, 40), Cr = log_uniform(random, 1e-3, 1.0);
        check_derivative([&](const auto& x) { return effectiveness_counterflow(x, Cr); }, NTU, 1e-5 * NTU, 1e-5);
        check_derivative([&](const auto& x) { return effectiveness_counterflow(NTU, x); }, Cr, 1e-5 * Cr, 1e-4);
        check_derivative([&](const auto& x) { return effectiveness_crossflow(x, Cr); }, NTU, 1e-5 * NTU, 1e-4);
        check_derivative([&](const auto& x) { return effectiveness_crossflow(NTU, x); }, Cr, 1e-5 * Cr, 1e-4);
        check_derivative([&](const auto& x) { return effectiveness_parallel(x, Cr); }, NTU, 1e-5 * NTU, 1e-5);
    }
}

TEST_CASE("exchanger conductance is C_min times effectiveness, symmetric, and vanishes with either stream") {
    std::mt19937 random(6);
    for (int i = 0; i < 500; ++i) {
        const double UA = log_uniform(random, 10, 1e6), a = log_uniform(random, 10, 1e6),
                     b = log_uniform(random, 10, 1e6);
        const double C_min = std::min(a, b), NTU = UA / C_min, Cr = C_min / std::max(a, b);
        CHECK(counterflow_conductance(UA, a, b, 1e-6) == within(C_min * effectiveness_counterflow(NTU, Cr), 1e-10));
        CHECK(counterflow_conductance(UA, -b, a, 1e-6) == within(counterflow_conductance(UA, a, b, 1e-6), 1e-10));
        CHECK(parallel_conductance(UA, a, b, 1e-6) == within(C_min * effectiveness_parallel(NTU, Cr), 1e-10));
        check_derivative([&](const auto& x) { return counterflow_conductance(UA, x, b, 1e-3); }, a, 1e-5 * a, 1e-4);
        check_derivative([&](const auto& x) { return parallel_conductance(UA, x, b, 1e-3); }, a, 1e-5 * a, 1e-4);
    }
    for (double a : {0.0, 1e-9, 3e4})
        for (double UA : {0.0, 28e3}) {
            const auto G = counterflow_conductance(UA, Dual<2>::seeded(a, 0), Dual<2>::seeded(0.0, 1), 1e-3);
            CHECK(std::isfinite(G.d[0] + G.d[1]));
            CHECK(G.v >= 0);
            CHECK(G.v <= 1.001e-3);
        }
}

TEST_CASE("CDU121 rated 121 kW at 4 K approach has the UA its rating point implies") {
    // balanced 120 L/min PG25 against water: effectiveness 0.791, Cr 0.966, NTU 3.55 (derived from the data sheet's
    // rating)
    CHECK(effectiveness_counterflow(3.55, 0.966) == within(0.791, 2e-3));
}

TEST_CASE("UA falls with the flows by m^0.8, and the wall's share stays") {
    const FluidState<double> s{1020, 3900, 0.47, 1.5e-3};
    CHECK(film_ratio(2.0, s, 2.0, s, 0.8, 1e-6) == within(1.0, 1e-9));
    CHECK(film_ratio(1.0, s, 2.0, s, 0.8, 1e-6) == within(std::pow(0.5, 0.8), 1e-9));
    CHECK(film_ratio(-1.0, s, 2.0, s, 0.8, 1e-6) == film_ratio(1.0, s, 2.0, s, 0.8, 1e-6));
    FluidState<double> thin = s;
    thin.mu = s.mu / 2;  // Re doubles, Pr halves
    CHECK(film_ratio(2.0, thin, 2.0, s, 0.8, 1e-6) == within(std::pow(2.0, 0.8) * std::pow(0.5, 1.0 / 3), 1e-9));
    CHECK(std::isfinite(film_ratio(Dual<1>::seeded(0.0, 0), s, 2.0, s, 0.8, 1e-6).d[0]));
    CHECK(scaled_UA(28e3, 1.0, 1.0, 0.4, 0.4) == within(28e3, 1e-12));
    CHECK(scaled_UA(28e3, 0.5, 0.25, 0.4, 0.4) == within(28e3 / (0.8 + 1.6 + 0.2), 1e-12));
    CHECK(film_share_a(1.5, 0.1) == within(0.36, 1e-12));
    check_derivative([&](const auto& m) { return film_ratio(m, s, 2.0, s, 0.8, 1e-6); }, 0.7, 1e-5, 1e-6);
}

TEST_CASE(
    "a mixed cell has the effectiveness of plug flow up to UA/C = 3, and the conductance UA where nothing flows") {
    const double UA = 40.0;
    for (const double x : {0.1, 0.5, 1.0, 2.0, 2.9}) {
        const double C = UA / x, G = models::well_mixed_conductance(UA, C);
        CHECK(G / (C + G) == Approx(1.0 - std::exp(-x)).epsilon(1e-3));  // of the rise to the wall's temperature
    }
    for (const double x : {5.0, 10.0, 30.0, 50.0, 100.0}) {
        const double C = UA / x, G = models::well_mixed_conductance(UA, C);
        CHECK(G / (C + G) > 0.95);
        CHECK(G >= UA);
    }
    CHECK(models::well_mixed_conductance(UA, 0.0) == Approx(UA).epsilon(1e-6));
    CHECK(models::well_mixed_conductance(UA, 1e-4 * UA) == Approx(UA).epsilon(1e-3));
}

TEST_CASE("fittings have Crane's loss coefficients") {
    CHECK(K_sharp_expansion(0.050, 0.100) == within(0.5625, 1e-12));
    CHECK(K_sharp_contraction(0.050, 0.100) == within(0.375, 1e-12));
    CHECK(K_exit == 1.0);
    CHECK(K_of_flow_coefficient(500 * Av_per_Kv, 0.154) == within(3.6, 1e-3));  // fluids rounds its constant: 3.5997
    CHECK(flow_coefficient_of_K(K_of_flow_coefficient(2e-4, 0.02), 0.02) == within(2e-4, 1e-12));
}

TEST_CASE("a valve of Cv 0.8 passes 1.7 US gpm of water at 31 kPa, and drop and flow are exact inverses") {
    CHECK(Kv_per_Cv ==
          within(231 * std::pow(0.0254, 3) * 60 / std::sqrt(4.4482216152605 / (0.0254 * 0.0254) / 1e5), 1e-10));
    const double gpm = 3.785411784e-3 / 60 * 1000, Av = 0.8 * Av_per_Cv;
    CHECK(valve_drop(1.7 * gpm, 1000.0, Av, 1e-6) == within(std::pow(1.7 / 0.8, 2) * 6894.757, 1e-6));
    CHECK(valve_drop(1.7 * gpm, 1000.0, Av, 1e-6) == within(31e3, 0.01));
    CHECK(valve_flow(1e5, 1000.0, Av_per_Kv, 1e-9) == within(1000.0 / 3600, 1e-12));  // 1 m3/h of water at 1 bar
    CHECK(valve_flow(1e5, 1000.0, Av_per_Kv_SI * (1.0 / 3600 / std::sqrt(1e5)), 1e-9) == within(1000.0 / 3600, 1e-12));
    for (int i = -40; i <= 40; ++i) {
        const double m = i == 0 ? 0.0 : std::copysign(std::pow(10.0, -9 + std::abs(i) / 4.0), i);
        const double dp = valve_drop(m, 1020.0, Av, 1e-4);
        CHECK(valve_flow(dp, 1020.0, Av, 1e-4) == Approx(m).epsilon(1e-9).scale(1e-15));
        const auto slope = valve_drop(Dual<1>::seeded(m, 0), 1020.0, Av, 1e-4).d[0];
        CHECK(slope > 0);
        CHECK(valve_flow(Dual<1>::seeded(dp, 0), 1020.0, Av, 1e-4).d[0] == within(1 / slope, 1e-6));
    }
}

TEST_CASE("valve characteristics start at their leak, end open, and rise strictly between") {
    for (auto kind : {Characteristic::linear, Characteristic::equal_percentage}) {
        CHECK(relative_opening(0.0, 50.0, 1e-4, kind) == within(1e-4, 1e-12));
        CHECK(relative_opening(1.0, 50.0, 1e-4, kind) == within(1.0, 1e-12));
        CHECK(relative_opening(-0.3, 50.0, 1e-4, kind) == within(1e-4, 1e-12));
        CHECK(relative_opening(1.3, 50.0, 1e-4, kind) == within(1.0, 1e-12));
        for (double x = 0.0005; x < 1; x += 0.001) {
            CHECK(relative_opening(Dual<1>::seeded(x, 0), 50.0, 1e-4, kind).d[0] > 0);
            check_derivative([&](const auto& y) { return relative_opening(y, 50.0, 1e-4, kind); }, x, 1e-6, 1e-5);
        }
    }
    CHECK(relative_opening(0.5, 50.0, 1e-4, Characteristic::equal_percentage) == within(std::pow(50, -0.5), 1e-12));
    CHECK(relative_opening(0.5, 50.0, 0.0, Characteristic::linear) == within(0.5, 1e-12));
}

TEST_CASE("the structure of a correlation is the union of what it is given") {
    const Pattern m = Pattern::of(0), mu = Pattern::of(1);
    for (Friction law : laws) CHECK(friction_drop(m, Pattern(1000.0), mu, 1.0, 0.01, 1e-6, 0.5, law).bits == 3);
    CHECK(nusselt(m, mu, 3.66).bits == 3);
    CHECK(counterflow_conductance(1e3, m, mu, 1e-3).bits == 3);
    CHECK(effectiveness_crossflow(m, mu).bits == 3);
    CHECK(valve_flow(m, mu, 1e-5, 1e-6).bits == 3);
    CHECK(relative_opening(m, 50.0, 1e-4, Characteristic::equal_percentage).bits == 1);
}

TEST_CASE("a function of few arguments has the same derivatives forwards and on a tape, with numbers among them") {
    const auto f = [](const auto& a, const auto& b, const auto& c) { return a * a * b / c + b * c; };
    const double a = 1.3, b = 0.7, c = 2.1, by_a = 2.0 * a * b / c, by_c = b - a * a * b / (c * c);
    using D = Dual<2>;
    const D forwards = through(f, D::seeded(a, 0), b, D::seeded(c, 1));
    CHECK(forwards.v == Approx(a * a * b / c + b * c));
    CHECK(forwards.d[0] == Approx(by_a));
    CHECK(forwards.d[1] == Approx(by_c));

    using R = Reverse<double>;
    Tape<double> tape;
    tape.start(2);
    R x(a), z(c);
    x.d.seed(tape, 0);
    z.d.seed(tape, 1);
    const R of_both = through(f, x, R(b), z), of_none = through(f, R(a), R(b), c), y = of_both * of_none + x;
    tape.finish();
    tape.weigh(y.d.place(), 1.0);
    tape.sweep();
    CHECK(of_both.v == forwards.v);
    CHECK(of_none.d.constant());
    CHECK(of_none.v == forwards.v);
    CHECK(tape.by_seed(0) == Approx(forwards.v * by_a + 1.0));
    CHECK(tape.by_seed(1) == Approx(forwards.v * by_c));
}
