// pipe and volume: laminar and turbulent drops, heat loss against the closed form for any number of cells, limits.
#include "models/correlations/friction.hpp"
#include "tests/models/model_probe.hpp"

using namespace kelvolt;
using namespace kelvolt::test;
using doctest::Approx;

namespace {

const Medium plain = coolant_of(), warm = varying_coolant();

Approx near(double x, double relative) { return Approx(x).epsilon(relative).scale(0.0); }

Probe a_pipe(const Medium& medium, double length, double diameter) {
    Probe probe("pipe", medium);
    probe.set("length", length).set("diameter", diameter).set("roughness", 1e-4);
    for (const char* name : {"a.T", "b.T", "T", "wall.T"}) probe[name] = 293.15;
    probe["a.p"] = probe["b.p"] = 3e5;
    return probe;
}
// outlet of a pipe of so many cells, each wall at T_wall, U on the inner surface
double outlet(int cells, double length, double T_in, double T_wall, double m_flow, const Medium& medium) {
    Probe cell = a_pipe(medium, length, 0.075);
    cell.choose("heat", "overall").set("U", 5.0).set("cells", cells);
    cell["m_flow"] = m_flow, cell["wall.T"] = T_wall;
    double T = T_in;
    for (int i = 0; i < cells; ++i) {
        cell["a.T"] = cell["b.T"] = T;  // whichever side is upstream
        T = cell.solve("T", T - 1.0);
    }
    return T;
}

}  // namespace

TEST_CASE("pipe and volume conserve energy and have exact derivatives in both directions and at rest") {
    constexpr double noise = 1e-12;  // UA/C is held at 3 by a difference of large numbers when the coolant rests
    for (const char* friction : {"churchill", "colebrook", "haaland", "swamee_jain"}) {
        Probe probe = a_pipe(warm, 2.0, 0.02);
        check_properties(probe.choose("friction", friction).set("minor_loss", 3.0), 0.5, 1e-6, noise);
    }
    Probe overall = a_pipe(warm, 2.0, 0.02);
    check_properties(overall.choose("heat", "overall").set("U", 300.0).set("cells", 4.0), 0.5, 1e-6, noise);
    Probe volume("volume", warm);
    check_properties(volume.set("volume", 2e-3), 0.5);
}

TEST_CASE("a laminar pipe drops 128 mu L m/(pi rho d^4), whatever the law of turbulence") {
    for (const char* friction : {"churchill", "colebrook", "haaland", "swamee_jain"}) {
        Probe probe = a_pipe(plain, 3.0, 0.01);
        probe.choose("friction", friction);
        probe["m_flow"] = 5e-3;  // Re 637
        CHECK(-probe.flow("m_flow") == near(128 * 1e-3 * 3.0 * 5e-3 / (M_PI * 1000.0 * 1e-8), 1e-5));
    }
}

TEST_CASE("2 km of 75 mm pipe take 0.3633 bar at 1.3821 kg/s by Colebrook, as OpenModelica finds") {
    const Medium water = coolant_of(998.2, 4182.0, 0.6, 1.0016e-3);  // 293.15 K
    Probe probe = a_pipe(water, 2000.0, 0.075);  // k 0.1 mm; from pandapipes' tests: 5.0 to 4.636695 bar
    probe.choose("friction", "colebrook");
    probe["m_flow"] = 1.3821;
    CHECK(-probe.flow("m_flow") == near(0.363305e5, 2e-3));
    CHECK(probe.output("velocity") == near(0.3133525, 1e-3));
    probe["m_flow"] = -1.3821;
    CHECK(probe.flow("m_flow") == near(0.363305e5, 2e-3));
}

TEST_CASE("fittings add K rho v v/2, and cells add up to the whole") {
    Probe probe = a_pipe(plain, 4.0, 0.02);
    probe["m_flow"] = 0.6;
    const double bare = -probe.flow("m_flow"), v = 0.6 / (1000.0 * 0.25 * M_PI * 4e-4);
    probe.set("minor_loss", 7.0);
    CHECK(-probe.flow("m_flow") == near(bare + 7.0 * 500.0 * v * v, 1e-9));
    const double whole = -probe.flow("m_flow");
    probe.set("cells", 5.0);
    CHECK(-probe.flow("m_flow") * 5 == near(whole, 1e-12));
}

TEST_CASE("a pipe loses heat as exp(-U A/C) says, for any number of cells and either direction") {
    const Medium water = coolant_of(1000.0, 4182.0);
    // published: 330 K in, 293 K outside, 1 kg/s, U 5 W/m2K, 75 mm
    const double published[] = {320.9163, 314.0627, 308.8917, 304.9902, 302.0466, 299.8256};
    for (int km = 1; km <= 6; ++km)
        for (const int cells : {1, 3, 10})
            for (const double direction : {1.0, -1.0}) {
                const double T = outlet(cells, 1000.0 * km, 330.0, 293.0, direction, water);
                CHECK(T == near(293.0 + 37.0 * std::exp(-5.0 * M_PI * 0.075 * 1000.0 * km / 4182.0), 1e-6));
                CHECK(T == near(published[km - 1], 1e-6));
            }
}

TEST_CASE("a pipe at rest exchanges a finite heat with its wall and comes to the wall's temperature") {
    Probe probe = a_pipe(plain, 1.0, 0.02);
    probe["wall.T"] = 320.0;
    probe["m_flow"] = 0.0;
    CHECK(probe.flow("wall.T") > 0.0);
    CHECK(probe.flow("wall.T") < 1e4);
    CHECK(probe.solve("T", 300.0) == near(320.0, 1e-4));
}

TEST_CASE("a pipe's mean velocity is judged against its design rule") {
    Probe probe = a_pipe(plain, 1.0, 0.02);
    probe.set("velocity_max", 1.5);
    probe["m_flow"] = -1000.0 * 0.25 * M_PI * 4e-4 * 1.6;
    CHECK(probe.check("velocity").margin() == near(-0.1, 1e-9));
}

TEST_CASE("a volume warms at H/(M cp)") {
    Probe probe("volume", plain);
    probe.set("volume", 2e-3);
    probe["port.T"] = 300.0;
    probe.der("port.T") = 0.5;
    CHECK(probe.flow("port.T") == near(2.0 * 4000.0 * 0.5, 1e-12));
}
