// fluids: fits against their sources, the enthalpy they share, behaviour outside their range, and the files' errors.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "models/correlations/moist_air.hpp"
#include "models/media/library.hpp"
#include "models/media/vapour.hpp"
#include "solver/data_folder.hpp"
#include "solver/error.hpp"

using namespace kelvolt;
using doctest::Approx;

namespace {

const bool data_is_here = (set_data_directory(KELVOLT_SOURCE_DIR "/data"), true);

Approx within(double x, double relative) { return Approx(x).epsilon(relative); }

std::string message_of(const auto& action) {
    try {
        action();
    } catch (const Error& e) {
        return e.what();
    }
    return "";
}

std::filesystem::path written(const std::string& name, const std::string& text) {
    const auto file = std::filesystem::temp_directory_path() / name;
    std::ofstream(file) << text;
    return file;
}

// IAPWS at 3 bar evaluated with CoolProp 8.0.0: T, rho, cp, k, mu
constexpr double iapws[][5] = {
    {273.25, 999.9508, 4218.116, 0.556057, 1.785089e-3}, {293.15, 998.2981, 4183.430, 0.598129, 1.001535e-3},
    {313.15, 992.3035, 4178.926, 0.628591, 6.527537e-4}, {333.15, 983.2827, 4184.512, 0.651104, 4.660829e-4},
    {353.15, 971.8795, 4196.318, 0.667101, 3.541041e-4}, {372.15, 959.1591, 4214.072, 0.676941, 2.846192e-4}};

// Melinder 2010 at 25 % propylene glycol by mass: T in degC, rho, cp, k, mu in mPa s
constexpr double melinder[][5] = {{10, 1022.9, 3896, .4587, 3.558}, {20, 1019.3, 3920, .4679, 2.445},
                                  {30, 1014.9, 3945, .4769, 1.776}, {40, 1009.9, 3969, .4858, 1.353},
                                  {45, 1007.2, 3981, .4903, 1.199}, {50, 1004.4, 3992, .4946, 1.073},
                                  {60, 998.4, 4016, .5032, 0.878}};

// DOWFROST LC 25: T in degC, rho, cp, k, mu of TDS 180-01627 and guide 176-01641-01-0623; rho and mu of guide -0222
constexpr double dowfrost[][7] = {
    {20, 1032.7, 3870, .456, 2.84, 1033.7, 2.48}, {25, 1030.3, 3880, .462, 2.39, 1031.5, 2.12},
    {30, 1027.8, 3890, .467, 2.05, 1029.3, 1.82}, {35, 1025.2, 3900, .472, 1.78, 1026.9, 1.59},
    {40, 1022.5, 3920, .476, 1.58, 1024.4, 1.39}, {45, 1019.7, 3930, .481, 1.41, 1021.7, 1.23},
    {50, 1016.8, 3940, .485, 1.27, 1019.0, 1.10}, {55, 1013.7, 3950, .488, 1.15, 1016.1, 0.99}};

}  // namespace

TEST_CASE("water follows IAPWS to 0.1 % in density and heat capacity, 0.5 % in conductivity, 1 % in viscosity") {
    const Medium& water = medium("water");
    for (const auto& [T, rho, cp, k, mu] : iapws) {
        CAPTURE(T);
        CHECK(water.rho(T) == within(rho, 2e-5));
        CHECK(water.cp(T) == within(cp, 2e-4));
        CHECK(water.k(T) == within(k, 6e-4));
        CHECK(water.mu(T) == within(mu, 2e-3));
    }
}

TEST_CASE("Melinder's propylene glycol at 25 % by mass is reproduced to the printed digits") {
    const Medium& pg = medium("melinder_pg25");
    for (const auto& [t, rho, cp, k, mu] : melinder) {
        CAPTURE(t);
        const auto s = pg.state(t + 273.15);
        CHECK(s.rho == within(rho, 5e-5));
        CHECK(s.cp == within(cp, 1.5e-4));
        CHECK(s.k == within(k, 1.5e-4));
        CHECK(s.mu == within(mu * 1e-3, 5e-4));
        CHECK(s.Pr() == within(cp * mu * 1e-3 / k, 1e-3));
    }
}

TEST_CASE("both vendor tables of PG25 are reproduced by their published fits, far within the error of the files") {
    const Medium& tds = medium("dowfrost_lc25");
    const Medium& later = medium("dowfrost_lc25_2022");
    for (const auto& row : dowfrost) {
        CAPTURE(row[0]);
        const double T = row[0] + 273.15;  // the errors that stand beside max_error in the files, rounded up
        CHECK(tds.rho(T) == within(row[1], 4.2e-5));
        CHECK(tds.cp(T) == within(row[2], 1.1e-3));
        CHECK(tds.k(T) == within(row[3], 1.2e-3));
        CHECK(tds.mu(T) == within(row[4] * 1e-3, 3.4e-3));
        CHECK(later.rho(T) == within(row[5], 4.6e-5));
        CHECK(later.mu(T) == within(row[6] * 1e-3, 2.9e-3));
    }
}

TEST_CASE(
    "PG25 is covered where racks return it, and continued it stays level beside Melinder within its stated error") {
    // CoolProp 8.0.0 INCOMP::MPG[0.256], the same glycol without inhibitors: T in degC, k, mu in mPa s
    constexpr double beside[][3] = {{-10, 0.4380, 9.5034}, {0, 0.4470, 5.6843},  {10, 0.4560, 3.6526},
                                    {20, 0.4650, 2.5017},  {55, 0.4957, 0.9821}, {60, 0.4999, 0.8911},
                                    {70, 0.5082, 0.7467},  {80, 0.5163, 0.6363}, {90, 0.5240, 0.5471}};
    const auto drift = [&](const auto& property, int column, double t) {
        const auto ratio = [&](double at) {
            for (const auto& row : beside)
                if (row[0] == at) return property(at + 273.15) / row[column];
            return std::nan("");
        };
        return std::abs(ratio(t) / ratio(t < 40.0 ? 20.0 : 55.0) - 1.0);
    };
    for (const char* name : {"dowfrost_lc25", "dowfrost_lc25_2022"}) {
        const Medium& pg = medium(name);
        CAPTURE(name);
        CHECK(pg.covers(59.0 + 273.15));
        CHECK(pg.hold_min == pg.T_freeze);
        for (const auto& row : beside) {
            const double t = row[0];
            CAPTURE(t);
            const double k = drift([&](double T) { return pg.k(T); }, 1, t),
                         mu = drift([&](double T) { return 1e3 * pg.mu(T); }, 2, t);
            if (pg.covers(t + 273.15)) {
                CHECK(k < pg.k_fit.max_error);
                CHECK(mu < pg.mu_fit.max_error);
            }
            CHECK(mu < 0.45);
        }
    }
}

TEST_CASE("ethylene glycol at 25 % by mass has Melinder's values at 20 and 60 degC") {
    const Medium& eg = medium("melinder_eg25");  // CoolProp 8.0.0 INCOMP::MEG[0.25]
    CHECK(eg.rho(293.15) == within(1031.0478, 1e-6));
    CHECK(eg.cp(293.15) == within(3810.7037, 1e-6));
    CHECK(eg.k(333.15) == within(0.5238400, 1e-6));
    CHECK(eg.mu(293.15) == within(1.8989444e-3, 1e-6));
}

TEST_CASE("glycol in water at any share by mass has Melinder's values, its freezing point among them") {
    // CoolProp 8.0.0 INCOMP::MPG and MEG at 20 degC: rho, cp, k, mu, T_freeze
    const std::pair<const char*, std::array<double, 5>> published[] = {
        {"PG 10 % by mass", {1006.2031746, 4076.3409908, 0.54381399, 1.43226547e-3, 270.28301269}},
        {"PG 40 % by mass", {1032.2726599, 3706.7225654, 0.40026183, 4.38378148e-3, 252.58175495}},
        {"PG 55 % by mass", {1041.4566571, 3435.9494142, 0.34029836, 7.68342061e-3, 232.99182148}},
        {"EG 20 % by mass", {1024.1038413, 3896.1986037, 0.50766483, 1.66242024e-3, 265.20121723}},
        {"EG 50 % by mass", {1064.9286628, 3312.0419037, 0.38914835, 3.69321143e-3, 237.15557526}}};
    for (const auto& [name, is] : published) {
        CAPTURE(name);
        const Medium& m = medium(name);
        CHECK(m.rho(293.15) == within(is[0], 1e-8));
        CHECK(m.cp(293.15) == within(is[1], 1e-8));
        CHECK(m.k(293.15) == within(is[2], 1e-7));
        CHECK(m.mu(293.15) == within(is[3], 1e-7));
        CHECK(m.T_freeze == within(is[4], 1e-8));
        CHECK(m.name == name);
        CHECK(&m == &medium(name));
    }
    const Medium &same = medium("PG 25 % by mass"), &file = medium("melinder_pg25");
    for (const double T : {268.15, 300.0, 370.0}) CHECK(same.mu(T) == within(file.mu(T), 1e-7));
    CHECK(same.T_freeze == Approx(file.T_freeze).epsilon(1e-4));
    CHECK(same.T_boil == Approx(file.T_boil).epsilon(1e-4));
}

TEST_CASE("a share by volume is not the share by mass") {
    // 25 % of propylene glycol by volume is 25.6 % by mass (Dow), 27.7 % of ethylene glycol 30 % by mass (ASHRAE)
    const auto density_at = [](const char* name) { return medium(name).rho(293.15); };
    CHECK(density_at("PG 25 % by volume") == within(density_at("PG 25.7 % by mass"), 1e-5));
    CHECK(density_at("PG 25 % by volume") > density_at("PG 25 % by mass") * 1.0005);
    CHECK(density_at("EG 27.7 % by volume") == within(density_at("EG 30 % by mass"), 2e-4));
    CHECK(density_at("EG 0 % by volume") == density_at("EG 0 % by mass"));
}

TEST_CASE("half glycol boils where its makers say, and at every share all properties are sound from freezing on") {
    CHECK(medium("EG 50 % by mass").T_boil - 273.15 == Approx(107.2).epsilon(0.01));  // as commonly tabulated
    CHECK(medium("PG 50 % by mass").T_boil - 273.15 == Approx(105.6).epsilon(0.01));
    CHECK(medium("PG 50 % by mass").p_v(373.15) == Approx(0.8086 * 101325.0).epsilon(0.002));  // Raoult
    for (const char* glycol : {"PG", "EG"}) {
        double freezing = 274.0, viscosity = 0.0;
        for (int percent = 0; percent <= 60; percent += 5) {
            const Medium& m = medium(glycol + std::string(" ") + std::to_string(percent) + " % by mass");
            CAPTURE(m.name);
            CHECK(m.T_freeze < freezing);
            CHECK(m.mu(293.15) > viscosity);
            freezing = m.T_freeze, viscosity = m.mu(293.15);
            for (double T = m.T_min; T + 1.0 < m.T_max; T += 1.0) {
                CHECK(m.mu(T + 1.0) < m.mu(T));
                CHECK(m.k(T) > 0.2);
                CHECK(m.cp(T) > 2500.0);
            }
        }
    }
}

TEST_CASE("a share without its basis, or beyond the data, is refused with what to write") {
    CHECK(message_of([] { medium("PG 30 %"); }).find("'PG 25 % by mass' or 'PG 25 % by volume'") != std::string::npos);
    CHECK(message_of([] { medium("EG 70 % by mass"); }).find("at most 60 % by mass") != std::string::npos);
    CHECK(message_of([] { medium("EG by mass"); }).find("EG 0 to 60 % by mass") != std::string::npos);
}

TEST_CASE("pg25 names one product, and 130 L/min of it at 40 degC warm by 13.27 K under 115.56 kW") {
    const Medium& pg = medium("pg25");
    CHECK(pg.name == "dowfrost_lc25");
    const double m_flow = 130e-3 / 60 * pg.rho(313.15), p = 3e5;
    double T = 313.15;  // supply; find the return where the enthalpy has risen by the heat
    for (int i = 0; i < 20; ++i) T += (115560.0 / m_flow - (pg.h(T, p) - pg.h(313.15, p))) / pg.cp(T);
    CHECK(T - 313.15 == Approx(13.27).epsilon(0.05 / 13.27));
}

TEST_CASE("enthalpy is the integral of heat capacity plus p/rho, everywhere") {
    for (const auto& name : medium_names()) {
        const Medium& m = medium(name);
        CAPTURE(name);
        CHECK(m.u(273.15) == Approx(0.0));
        CHECK(m.h(300.0, 5e5) - m.u(300.0) == within((5e5 - m.p_zero) / m.rho(300.0), 1e-9));
        double sum = 0.0, T = m.hold_min;  // Simpson over the held range, as an independent integral
        const double dT = (m.hold_max - m.hold_min) / 200;
        for (int i = 0; i < 200; ++i, T += dT) sum += dT / 6 * (m.cp(T) + 4 * m.cp(T + dT / 2) + m.cp(T + dT));
        CHECK(m.u(m.hold_max) - m.u(m.hold_min) == within(sum, 1e-9));
    }
}

TEST_CASE("from 1 to 5000 K every property is finite and positive, and enthalpy rises with a continuous slope") {
    for (const auto& name : medium_names()) {
        const Medium& m = medium(name);
        double last_u = -1e300, last_slope = m.cp(1.0);
        for (double T = 1.0; T <= 5000.0; T += 0.05) {
            const auto x = Dual<1>::seeded(T, 0);
            const auto s = m.state(x);
            const auto u = m.u(x);
            const bool sound = std::isfinite(s.rho.d[0] + s.cp.d[0] + s.k.d[0] + s.mu.d[0]) && s.rho.v > 0 &&
                               s.cp.v > 0 && s.k.v > 0 && s.mu.v > 0;
            const bool smooth_rise = u.v > last_u && u.d[0] > 0 && std::fabs(u.d[0] - last_slope) < 5.0;
            if (!sound || !smooth_rise) FAIL(name << " at " << T << " K");
            last_u = u.v;
            last_slope = u.d[0];
        }
        CHECK(m.mu(4000.0) == within(m.mu(m.hold_max + Medium::soft_band), 1e-12));
        CHECK(m.mu(m.hold_max + Medium::soft_band) == within(m.mu(m.hold_max), 0.03));
        CHECK(m.u(4001.0) - m.u(4000.0) == within(m.cp(4000.0), 1e-9));
        CHECK(m.rho(4.0) == within(m.rho(m.hold_min - Medium::soft_band), 1e-12));
    }
}

TEST_CASE("fluid derivatives by duals equal central differences inside and outside the range") {
    std::mt19937 random(1);
    std::uniform_real_distribution<double> temperature(200.0, 450.0);
    for (const auto& name : medium_names()) {
        const Medium& m = medium(name);
        for (int i = 0; i < 400; ++i) {
            const double T = temperature(random), d = 1e-3;
            const auto x = Dual<1>::seeded(T, 0);
            CAPTURE(name);
            CAPTURE(T);
            CHECK(m.rho(x).d[0] == Approx((m.rho(T + d) - m.rho(T - d)) / (2 * d)).epsilon(1e-4).scale(0.1));
            CHECK(m.mu(x).d[0] / m.mu(T) ==
                  Approx((m.mu(T + d) - m.mu(T - d)) / (2 * d) / m.mu(T)).epsilon(1e-4).scale(1e-2));
            CHECK(m.h(x, 3e5).d[0] == within((m.h(T + d, 3e5) - m.h(T - d, 3e5)) / (2 * d), 1e-5));
            if (T > m.hold_min && T < m.hold_max) {
                CHECK(m.rho(x).d[0] != 0.0);
                CHECK((m.mu(x).d[0] < 0.0) == (m.p_zero == 0.0));  // a gas becomes more viscous
                CHECK(m.k(x).d[0] != 0.0);
            }
        }
    }
}

TEST_CASE("the structure of a property is the structure of its temperature") {
    const Medium& water = medium("water");
    const Pattern T = Pattern::of(3), p = Pattern::of(5);
    CHECK(water.rho(T).bits == T.bits);
    CHECK(water.mu(T).bits == T.bits);
    CHECK(water.h(T, p).bits == (T.bits | p.bits));
    CHECK(water.rho(Pattern(300.0)).bits == 0);
}

TEST_CASE("every fluid says where it comes from and what it covers") {
    CHECK(medium_names().size() >= 5);
    for (const auto& name : medium_names()) {
        const Medium& m = medium(name);
        CAPTURE(name);
        CHECK(!m.title.empty());
        CHECK(!m.source.empty());
        CHECK(!m.date.empty());
        CHECK(m.grade.size() == 1);
        CHECK(m.covers(0.5 * (m.T_min + m.T_max)));
        CHECK_FALSE(m.covers(m.T_max + 0.1));
        for (const PropertyFit* fit : {&m.rho_fit, &m.cp_fit, &m.k_fit, &m.mu_fit}) {
            CHECK(!fit->source.empty());
            CHECK(fit->max_error > 0);
            CHECK(fit->max_error < 0.05);  // beyond the vendor's table PG25 is known to 4 %
        }
    }
}

TEST_CASE("an unknown fluid is answered with the nearest name and the list") {
    const std::string text = message_of([] { medium("dowfrost_lc52"); });
    CHECK(text.find("did you mean 'dowfrost_lc25'") != std::string::npos);
    CHECK(text.find("melinder_pg25") != std::string::npos);
}

TEST_CASE("threads asking for fluids at once get the same ones") {
    std::vector<const Medium*> seen(8, nullptr);
    std::vector<std::thread> threads;
    for (auto& slot : seen) threads.emplace_back([&slot] { slot = &medium("water"); });
    for (auto& thread : threads) thread.join();
    for (const Medium* m : seen) CHECK(m == &medium("water"));
}

TEST_CASE("a fluid file with a wrong unit, a missing key, a bad number or a negative property is refused by line") {
    std::ifstream in(data_directory() / "fluids/water.yaml");
    const std::string good((std::istreambuf_iterator<char>(in)), {});
    const auto broken = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        const auto file = written("water.yaml", text);
        return message_of([&] { read_medium(file); });
    };
    CHECK(broken("unit: kg/m3", "unit: g/cm3").find("fluid files hold it in kg/m3") != std::string::npos);
    CHECK(broken("T_max: 372.15\n", "").find("'T_max' is missing") != std::string::npos);
    CHECK(broken("C: 175.74", "C: soon").find("must be a finite number") != std::string::npos);
    CHECK(broken("[988.118738", "[.nan").find("rho coefficient 1 must be a finite number") != std::string::npos);
    CHECK(broken("[988.118738", "[-988.118738").find("every property must be positive") != std::string::npos);
    CHECK(broken("T_min: 273.25", "T_min: 400").find("hold_min <= T_min < T_max") != std::string::npos);
    CHECK(broken("name: water", "name: wine").find("differs from the file's name") != std::string::npos);
    CHECK(broken("properties:", "properties: [").find("water.yaml:") != std::string::npos);
    CHECK(broken("  - fitted", "  - a: fitted").find("must hold plain text") != std::string::npos);
    CHECK(broken("unit: kg/m3", "unit: g/cm3").find("water.yaml:13:") != std::string::npos);
    CHECK(message_of([] { read_medium("no_such.yaml"); }).find("cannot read the fluid file") != std::string::npos);
    CHECK(message_of([] { set_data_directory("/no/such/folder"); }).find("does not exist") != std::string::npos);
}

TEST_CASE("vapour pressure carries its derivative, and is the medium's own where it carries none") {
    const Medium& water = medium("water");
    for (const double T : {280.0, 333.15, 372.0}) {
        const auto p = vapour_pressure_at(water, Dual<1>::seeded(T, 0));
        CHECK(p.v == within(water.p_v(T), 1e-12));
        CHECK(p.d[0] == within((water.p_v(T + 0.01) - water.p_v(T - 0.01)) / 0.02, 1e-6));
    }
    CHECK(std::isfinite(vapour_pressure_at(water, Dual<1>::seeded(700.0, 0)).d[0]));
    CHECK(std::isnan(vapour_pressure_at(Medium{}, 300.0)));
}

TEST_CASE("air has the density and heat capacity of moist air, and at its own pressure the enthalpy of a perfect gas") {
    const Medium& air = medium("air");
    CHECK(air.rho(293.15) == within(moist_air::density(293.15, 0.008, 101325.0), 1e-5));
    CHECK(air.rho(293.15) == within(1.1983, 1e-4));  // 1.008*101325/(287.042*293.15*(1 + 1.607858*0.008))
    // 1 kg of dry air with 8 g of water: h of the ASHRAE mixture, per kg of the mixture
    const double by_hand = (moist_air::enthalpy(313.15, 0.008) - moist_air::enthalpy(293.15, 0.008)) / 1.008;
    CHECK(air.h(313.15, 101325.0) - air.h(293.15, 101325.0) == within(by_hand, 1e-9));
    // a fan of 500 Pa puts 500 Pa over the density into each kg
    CHECK(air.h(293.15, 101825.0) - air.h(293.15, 101325.0) == within(500.0 / air.rho(293.15), 1e-12));
    CHECK(air.k(293.15) == within(0.02587, 2e-3));  // Lemmon & Jacobsen, dry air of 20 degC by CoolProp
    CHECK(air.mu(293.15) == within(1.8206e-5, 1e-3));
}

TEST_CASE("the dielectric fluids have the values of their sources") {
    const Medium &hfe = medium("hfe7200"), &pao = medium("pao2");
    // Rausch 2015 at 40 degC: 1388.26 kg/m3, 0.3822 mm2/s; Warrier 2011 at 27.45 degC: 0.0644 W/(m K)
    CHECK(hfe.rho(313.15) == within(1388.26, 1e-5));
    CHECK(hfe.mu(313.15) == within(1388.26 * 0.3822e-6, 1e-2));
    CHECK(hfe.k(300.6) == within(0.0644, 5e-3));
    // 5.1 mm2/s at 40 degC, 798 kg/m3 at 15.6 degC
    CHECK(pao.mu(313.15) / pao.rho(313.15) == within(5.1e-6, 1e-3));
    CHECK(pao.mu(373.15) / pao.rho(373.15) == within(1.7e-6, 1e-3));
    CHECK(pao.rho(288.75) == within(798.0, 1e-9));
}
