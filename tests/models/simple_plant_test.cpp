// fans, dry cooler, chiller and room cooler: fan laws, ratings, and that they say how simple they are.
#include <doctest/doctest.h>

#include "tests/models/model_probe.hpp"

using namespace kelvolt;
using doctest::Approx;
using test::Probe;

namespace {

const Medium water = test::coolant_of(1000.0, 4000.0);

bool flagged(const Probe& c) {
    std::vector<ValidityFlag> flags;
    Report<double> report;
    report.flags = &flags;
    c.block->outputs(0, c.point(), report);
    for (const ValidityFlag& f : flags)
        if (f.source.find("simple model") != std::string::npos) return true;
    return false;
}

}  // namespace

TEST_CASE("a fan's power goes with the cube of its speed, its conductance with a power below one; its power warms a") {
    Probe c("fan", water);
    c.set("G_nominal", 20.0).set("P_nominal", 40.0).set("exponent", 0.7).set("still", 0.1);
    c["a.T"] = 320.0, c["b.T"] = 300.0;
    for (const double n : {0.5, 1.0}) {
        c["speed_signal.value"] = n, c["powered.value"] = 1.0;
        CHECK(c.output("P_el") == Approx(40.0 * n * n * n).epsilon(1e-4));
        CHECK(-c.flow("b.T") == Approx(20.0 * (0.1 + 0.9 * std::pow(n, 0.7)) * 20.0).epsilon(1e-4));
        CHECK(c.flow("a.T") + c.flow("b.T") == Approx(-c.output("P_el")).epsilon(1e-9));
        CHECK(c.flow("power.value") == Approx(-c.output("P_el")));
    }
    c["powered.value"] = 0.0;
    CHECK(c.output("P_el") == Approx(0.0).scale(1.0));
    CHECK(-c.flow("b.T") == Approx(20.0 * 0.1 * 20.0).epsilon(2e-2));
}

TEST_CASE("a dry cooler meets its rating, follows the fan law and stands still without power; it is flagged simple") {
    Probe c("dry_cooler", water);
    c.set("Q_nominal", 500e3).set("ITD_nominal", 15.0).set("V_flow_nominal", 0.02).set("dp_nominal", 50e3);
    c.set("P_fan", 8e3).set("fan_exponent", 0.6).set("still", 0.05);
    c["a.T"] = 315.0, c["b.T"] = 309.0, c["air.T"] = 300.0;
    c["a.p"] = 2.5e5, c["b.p"] = 2e5, c["m_flow"] = 20.0;
    c["speed_signal.value"] = c["powered.value"] = 1.0;
    CHECK(c.output("Q") == Approx(500e3).epsilon(1e-4));
    CHECK(c.flow("m_flow") == Approx(0.0).scale(50e3).epsilon(1e-4));
    CHECK(c.flow("air.T") == Approx(-(500e3 + 8e3)).epsilon(1e-4));
    CHECK(flagged(c));
    c["powered.value"] = 0.0;
    CHECK(c.output("P_el") == Approx(0.0).scale(1.0));
    CHECK(c.output("Q") < 0.1 * 500e3);
    c["powered.value"] = 0.5;
    CHECK(c.output("P_el") == Approx(1e3).epsilon(1e-3));
    c.set("Q_nominal", 5e6);
    CHECK(c.problem().find("larger flow") != std::string::npos);
}

TEST_CASE("a chiller holds its set point within its capacity, at a share of Carnot, and is flagged simple") {
    Probe c("chiller", water);
    c.set("Q_max", 400e3).set("T_set", 291.15).set("carnot_share", 0.5).set("lift", 12.0).set("P_base", 2e3);
    c.set("V_flow_nominal", 0.02).set("dp_nominal", 60e3);
    c["a.T"] = 294.15, c["b.T"] = 291.15, c["outside.T"] = 308.15, c["m_flow"] = 20.0;
    c["powered.value"] = 1.0;
    const double cop = 0.5 * 291.15 / (308.15 + 12.0 - 291.15);
    CHECK(c.output("Q") == Approx(20.0 * 4000.0 * 3.0).epsilon(1e-4));
    CHECK(c.output("COP") == Approx(cop).epsilon(1e-4));
    CHECK(c.output("P_el") == Approx(240e3 / cop + 2e3).epsilon(1e-3));
    CHECK(c.flow("outside.T") == Approx(-(c.output("Q") + c.output("P_el"))).epsilon(1e-9));
    CHECK(flagged(c));
    c["a.T"] = 301.15;  // 800 kW wanted
    CHECK(c.output("Q") == Approx(400e3).epsilon(1e-3));
    c.give("cop", Curve::table({290.0, 310.0}, {8.0, 4.0}));
    CHECK(c.output("COP") == Approx(4.0 + 4.0 * (310.0 - 308.15) / 20.0).epsilon(1e-3));
    c["powered.value"] = 0.0;
    CHECK(c.output("P_el") == Approx(0.0).scale(100.0));
}

TEST_CASE("a room cooler takes heat above its set point, asks for its share of power, and gives both to the outside") {
    Probe c("room_cooler", water);
    c.set("Q_nominal", 100e3).set("T_set", 299.0).set("band", 2.0).set("ratio", 0.15);
    c["powered.value"] = 1.0, c["air.T"] = 300.0, c["outside.T"] = 298.0;
    CHECK(c.flow("air.T") == Approx(50e3).epsilon(1e-4));
    CHECK(c.output("P_el") == Approx(7.5e3).epsilon(1e-4));
    CHECK(c.flow("outside.T") == Approx(-57.5e3).epsilon(1e-4));
    CHECK(c.flow("power.value") == Approx(-c.output("P_el")));
    CHECK(flagged(c));
    c["air.T"] = 295.0;  // colder than it cools to
    CHECK(c.flow("air.T") == Approx(0.0).scale(100e3).epsilon(1e-5));
    c["air.T"] = 301.0, c["powered.value"] = 0.0;
    CHECK(c.flow("air.T") == Approx(0.0).scale(1.0));
    CHECK(c.output("P_el") == Approx(0.0).scale(1.0));
}

TEST_CASE("to a warmer outside a room cooler takes at least the work of a reversible machine") {
    Probe c("room_cooler", water);
    c.set("Q_nominal", 100e3).set("T_set", 299.0).set("band", 2.0).set("ratio", 0.01);
    c["powered.value"] = 1.0, c["air.T"] = 300.0;
    for (const double T : {306.0, 318.0, 330.0}) {
        c["outside.T"] = T;
        const double Q = c.output("Q"), P = c.output("P_el");
        CHECK(P >= Q * (T - 300.0) / 300.0);
        CHECK(P == Approx(Q * (T - 300.0) / 300.0).epsilon(2e-3));
        CHECK((Q + P) / T >= Q / 300.0);  // entropy is made, not lost
    }
}
