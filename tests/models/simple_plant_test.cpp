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
    c.set("Q_nominal", 500e3).set("V_flow_air", 20.0);  // 23 kW/K of air take 350 kW at 15 K
    CHECK(c.problem().find("heats the rated air above the coolant") != std::string::npos);
    c.set("V_flow_air", 40.0);
    CHECK(c.problem().empty());
}

TEST_CASE("a dry cooler whose rating would freeze the coolant that leaves it is refused with the figures") {
    Medium freezing = water;
    freezing.hold_min = 273.15;
    Probe c("dry_cooler", freezing);
    // 80 kW/K of coolant at 40 degC give 5 MW and leave at -22.5 degC, warmer than the air
    c.set("Q_nominal", 5e6).set("ITD_nominal", 100.0).set("V_flow_nominal", 0.02).set("dp_nominal", 50e3);
    c.set("V_flow_air", 400.0).set("P_fan", 8e3);
    CHECK(c.problem().find("from T_nominal = 40.0 to -22.5 degC") != std::string::npos);
    CHECK(c.problem().find("at most 3200 kW") != std::string::npos);
    CHECK(c.set("Q_nominal", 2e6).problem().empty());
}

TEST_CASE(
    "a dry cooler's heat is bounded by what its air takes and by what its coolant brings, at any speed and flow") {
    Probe c("dry_cooler", water);
    c.set("Q_nominal", 1.2e6).set("ITD_nominal", 17.0).set("V_flow_nominal", 1600e-3 / 60).set("dp_nominal", 50e3);
    c.set("P_fan", 30e3).set("air_rise_share", 10.0 / 17.0).set("still", 0.02);
    c["air.T"] = 300.0, c["powered.value"] = 1.0;
    const double C_air = 1.2e6 / 10.0;
    for (const double n : {0.0, 0.1, 0.3, 0.6, 1.0})
        for (const double m : {1e-9, 1e-3, 1.0, 27.0, 300.0})
            for (const double sign : {1.0, -1.0}) {
                c["a.T"] = sign > 0 ? 317.0 : 305.0, c["b.T"] = sign > 0 ? 305.0 : 317.0;
                c["speed_signal.value"] = n, c["m_flow"] = sign * m;
                const double Q = c.output("Q"), f = 0.02 + 0.98 * n;
                const double drive = m < 1e-6 ? 17.0 : 17.0 * (1.0 + 1e-9);  // at rest both nodes count
                CHECK(Q > 0.0);
                CHECK(Q <= C_air * f * drive * (1.0 + 2e-3));
                CHECK(Q <= 4000.0 * std::hypot(m, 1e-6) * drive);
                if (n == 0.3) CHECK(Q < 612e3);  // once 761 kW at 27 kg/s
                CHECK(c.output("T_air_out") <= 317.0 + 1e-6);
            }
    // closed form at half speed, balanced figures aside: counterflow with UA ~ sqrt of the air flow
    c.set("still", 0.0), c["speed_signal.value"] = 0.5, c["a.T"] = 317.0, c["b.T"] = 305.0, c["m_flow"] = 1600.0 / 60;
    const double C = 4000.0 * 1600 / 60, hot = 17.0 - 10.0, cold = 17.0 - 1.2e6 / C;
    const double UA = 1.2e6 / ((hot - cold) / std::log(hot / cold)) * std::sqrt(0.5), C_min = std::min(C, 0.5 * C_air),
                 Cr = C_min / std::max(C, 0.5 * C_air), x = UA / C_min * (1 - Cr);
    CHECK(c.output("Q") == Approx((1 - std::exp(-x)) / (1 - Cr * std::exp(-x)) * C_min * 17.0).epsilon(1e-4));
}

TEST_CASE("coolant leaves a dry cooler or chiller at the end it flows to, with the heat taken from it") {
    for (const char* type : {"dry_cooler", "chiller"}) {
        Probe c(type, water);
        c.set("V_flow_nominal", 0.02).set("dp_nominal", 50e3);
        if (c.info.param("Q_max"))
            c.set("Q_max", 400e3).set("T_set", 300.0), c["outside.T"] = 310.0;
        else
            c.set("Q_nominal", 500e3).set("ITD_nominal", 15.0).set("P_fan", 8e3), c["air.T"] = 300.0;
        for (int k = 0; k < c.size(); ++k)
            if (c.nominal[k] == 1.0) c.y[k] = 1.0;
        c["powered.value"] = 1.0;
        if (c.info.port("speed_signal")) c["speed_signal.value"] = 1.0;
        c["a.T"] = c["b.T"] = 315.0;
        for (const double m : {0.5, -0.5}) {
            c["m_flow"] = m;
            const double Q = c.output("Q"), carried = 0.5 * 4000.0 * (315.0 - 273.15);
            CHECK(Q == Approx(0.5 * 4000.0 * 15.0).epsilon(1e-3));
            CHECK(c.flow(m > 0 ? "a.T" : "b.T") == Approx(carried).epsilon(1e-9));
            CHECK(c.flow(m > 0 ? "b.T" : "a.T") == Approx(-(carried - Q)).epsilon(1e-9));
        }
    }
}

TEST_CASE("a chiller never cools below its set point at small flow, and takes nothing without power") {
    Probe c("chiller", water);
    c.set("Q_max", 1e6).set("T_set", 290.0).set("V_flow_nominal", 0.02).set("dp_nominal", 60e3);
    c["outside.T"] = 300.0, c["powered.value"] = 1.0;
    for (const double T : {280.0, 290.0, 290.5, 330.0})
        for (const double m : {0.0, 1e-9, 1e-6, 1e-4, 1e-2, 1.0, 100.0}) {
            c["a.T"] = c["b.T"] = T, c["m_flow"] = m;
            const double Q = c.output("Q"), C = 4000.0 * std::hypot(m, 1e-6);
            CHECK(Q >= 0.0);
            CHECK(Q <= C * (std::max(0.0, T - 290.0) + 1e-3));
            CHECK(Q <= 1e6);
            c["powered.value"] = 0.0;
            CHECK(std::abs(c.output("Q")) < 1e-6);
            c["powered.value"] = 1.0;
        }
}

TEST_CASE("a COP curve above Carnot is limited to Carnot, and says so by a broken check") {
    Probe c("chiller", water);
    c.set("Q_max", 400e3).set("T_set", 290.0).set("V_flow_nominal", 0.02).set("dp_nominal", 60e3);
    c["a.T"] = 295.0, c["b.T"] = 290.0, c["outside.T"] = 319.0, c["m_flow"] = 10.0, c["powered.value"] = 1.0;
    c.give("cop", Curve::constant(4.0));
    CHECK(c.output("COP") == Approx(4.0).epsilon(1e-3));
    CHECK(c.check("chiller_carnot").margin() > 0.0);
    c.give("cop", Curve::constant(25.0));
    CHECK(c.output("COP") == Approx(290.0 / 29.0).epsilon(2e-3));  // T/(T_outside - T)
    CHECK(c.check("chiller_carnot").margin() == Approx(1.0 / 25.0 - 29.0 / 290.0).epsilon(1e-3));
    c["outside.T"] = 285.0;  // downhill: no work is needed, any COP may be
    CHECK(c.output("COP") == Approx(25.0).epsilon(1e-3));
    CHECK(c.check("chiller_carnot").margin() > 0.0);
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
