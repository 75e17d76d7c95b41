// the pump by its duty point: closed forms of head and power, what it is when stopped
#include <doctest/doctest.h>

#include "models/media/library.hpp"
#include "tests/models/model_probe.hpp"

using namespace kelvolt;
using doctest::Approx;

namespace {

const Medium water = test::coolant_of(1000.0, 4000.0);
constexpr double V_duty = 2e-3, dp_duty = 1e5;

test::Probe duty_pump() {
    test::Probe c("duty_pump", water);
    c.set("V_duty", V_duty).set("dp_duty", dp_duty).set("efficiency", 0.5).set("shut_off", 1.25).set("idle_share", 0.4);
    c.set("rho_nominal", 1000.0).set("to_coolant", 0.25);
    c["a.T"] = c["b.T"] = 300.0;
    c["a.p"] = 2e5, c["b.p"] = 2e5 + dp_duty;
    c["powered.value"] = 1.0;
    return c;
}

}  // namespace

TEST_CASE(
    "a pump by its duty point delivers its rated flow at its rated pressure rise and takes work over efficiency") {
    test::Probe c = duty_pump();
    CHECK(c.solve("m_flow", 1.0) == Approx(1000.0 * V_duty).epsilon(1e-5));
    const double work = dp_duty * V_duty, P_el = work / 0.5;
    CHECK(c.output("P_el") == Approx(P_el).epsilon(1e-5));
    CHECK(c.output("efficiency") == Approx(0.5).epsilon(1e-4));
    // work and a quarter of the loss warm the coolant
    CHECK(-(c.flow("a.T") + c.flow("b.T")) == Approx(work + 0.25 * (P_el - work)).epsilon(1e-5));
    CHECK(c.flow("power.value") == Approx(-P_el).epsilon(1e-5));
    c["b.p"] = 2e5 + 1.25 * dp_duty;
    CHECK(c.solve("m_flow", 0.1) == Approx(0.0).scale(2.0).epsilon(1e-3));
    CHECK(c.output("P_el") == Approx(0.4 * P_el).epsilon(2e-3));
}

TEST_CASE("a stopped pump by its duty point is a resistance, takes no power and keeps the heat of the coolant") {
    for (const char* off : {"running", "powered"}) {
        test::Probe c = duty_pump();
        if (off[0] == 'r')
            c.set("running", 0.0);
        else
            c["powered.value"] = 0.0;
        c["b.p"] = 2e5 - 0.25 * dp_duty;  // k V^2 at the duty flow
        CHECK(c.solve("m_flow", 1.0) == Approx(1000.0 * V_duty).epsilon(1e-5));
        CHECK(c.output("P_el") == Approx(0.0).scale(400.0).epsilon(1e-5));
        CHECK(c.flow("a.T") + c.flow("b.T") == Approx(0.0).scale(200.0).epsilon(1e-4));
    }
}

TEST_CASE("limits of a pump by its duty point break beyond them and are not assessed where they do not apply") {
    test::Probe c = duty_pump();
    c.set("V_flow_max", 0.5 * V_duty);
    c.solve("m_flow", 1.0);
    CHECK(c.check("pump_runout").margin() < 0.0);
    CHECK(c.check("pump_reverse_flow").margin() > 0.0);
    c["b.p"] = 2e5 + 2.0 * dp_duty;  // beyond the pressure at zero flow: coolant comes back
    CHECK(c.solve("m_flow", -1.0) < 0.0);
    CHECK(c.check("pump_reverse_flow").margin() < 0.0);
    CHECK(c.check("pump_runout").margin() > 0.0);
    c.set("running", 0.0);
    for (const char* id : {"pump_reverse_flow", "pump_runout"}) CHECK(std::isnan(c.check(id).limit));
    CHECK(c.output("efficiency") == 0.0);
    CHECK(std::isnan(duty_pump().check("pump_runout").limit));  // no largest flow is given
}

TEST_CASE("the inlet of a pump by its duty point must lie NPSH_margin above the vapour pressure") {
    test::Probe c("duty_pump", medium("water"));
    c.set("V_duty", V_duty).set("dp_duty", dp_duty).set("NPSH_margin", 2e4);
    c["a.T"] = c["b.T"] = 373.124;  // boils at 1 atm
    c["b.p"] = 3e5, c["powered.value"] = 1.0, c["m_flow"] = 1.0;
    c["a.p"] = 1.24e5;
    CHECK(c.check("pump_npsh").limit == Approx(101325.0 + 2e4).epsilon(2e-3));
    CHECK(c.check("pump_npsh").margin() > 0.0);
    c["a.p"] = 1.18e5;
    CHECK(c.check("pump_npsh").margin() < 0.0);
}
