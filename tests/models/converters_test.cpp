// converters, shelves, supplies and their heat: closed forms at chosen states.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/models/one_component.hpp"

using namespace kelvolt;
using doctest::Approx;
using test::OneComponent;

namespace {

constexpr double root3 = 1.7320508075688772;
// ORv3 rectifier: 96.5 % at full load, 97.5 % at its best (no-load share assumed)
const Curve orv3_loss = Curve::parabola(0.0040, 0.0030, 0.0293);

double loss_at(double x) { return 0.0040 + 0.0030 * x + 0.0293 * x * x; }

OneComponent psu(const char* type) {
    OneComponent c(model_info(type));
    c.number("P_rated") = 5500.0;
    c.number("V_out") = 50.5;
    c.number("droop") = 0.5;
    c.number("V_in") = 400.0;
    c.number("V_in_min") = 330.0;
    c.give("loss", orv3_loss);
    return c;
}
OneComponent shelf(const char* type) {
    OneComponent c(model_info(type));
    c.number("P_psu") = 5500.0;
    c.number("psus_a") = c.number("psus_b") = 3.0;
    c.number("V_out") = 50.5;
    c.number("droop") = 0.5;
    c.number("V_in") = 400.0;
    c.number("V_in_min") = 330.0;
    c.give("loss", orv3_loss);
    return c;
}
// 400 V between phases on every conductor of a port of any AC kind
void energise(OneComponent& c, const std::string& port, double V = 400.0, double angle = 0.0) {
    const std::string_view kind = c.info.port(port)->kind->name;
    if (kind == "dc") {
        c.at(port + ".v") = V;
        return;
    }
    const double v = kind == "ac1" ? V : V / root3;
    const char* phases = kind == "ac4" ? "abc" : "";
    for (int k = 0; k < (kind == "ac4" ? 3 : 1); ++k) {
        const std::string name = kind == "ac4" ? std::string("v") + phases[k] : "v";
        c.at(port + "." + name + "_re") = v * std::cos(angle - k * 2.0 * M_PI / 3.0);
        c.at(port + "." + name + "_im") = v * std::sin(angle - k * 2.0 * M_PI / 3.0);
    }
}
// power into a port [W]
double power(const OneComponent& c, const char* port) {
    const PortInfo& p = *c.info.port(port);
    const auto r = c.residual();
    double sum = 0.0;
    for (std::size_t q = 0; q < p.kind->pairs.size(); ++q) sum += c.y[p.first + q] * r[p.first + q];
    return p.kind->electric * sum;
}
double reactive(const OneComponent& c, const char* port) {
    const PortInfo& p = *c.info.port(port);
    const auto r = c.residual();
    double sum = 0.0;
    for (std::size_t q = 0; q + 1 < p.kind->pairs.size(); q += 2)
        sum += c.y[p.first + q + 1] * r[p.first + q] - c.y[p.first + q] * r[p.first + q + 1];
    return p.kind->electric * sum;
}
// declares the bus of a port dead; the others stay live
void kill(OneComponent& c, const char* port) {
    if (c.values.live.empty()) c.values.live.assign(c.size(), 1.0);
    c.values.live[c.info.port(port)->first] = 0.0;
}
// solves one own equation for its unknown, the rest fixed
void solve(OneComponent& c, const char* unknown) {
    const int k = c.local(unknown);
    for (int n = 0; n < 60; ++n) c.y[k] -= c.residual()[k] / c.jacobian(1.0, 0.0)(k, k);
    REQUIRE(std::fabs(c.residual()[k]) < 1e-9);
}

}  // namespace

TEST_CASE("a rectifier stands on its droop line and takes what it gives and its loss, all of which is heat") {
    for (const char* type : {"ac_rectifier", "ac1_rectifier", "ac4_rectifier", "dc_converter"}) {
        OneComponent c = psu(type);
        energise(c, "in");
        c.at("out.v") = 50.25;  // half the droop
        solve(c, "s");
        const double I = 5500.0 / 50.5;
        CAPTURE(type);
        CHECK(c.output("I") == Approx(0.5 * I).epsilon(1e-8));
        const double given = 50.25 * 0.5 * I, load = given / 5500.0;
        CHECK(power(c, "out") == Approx(-given).epsilon(1e-9));
        CHECK(power(c, "in") == Approx(given + 5500.0 * loss_at(load)).epsilon(1e-6));
        c.number("to_air") = 0.25;
        const double lost = power(c, "in") + power(c, "out");
        CHECK(c.equation("heat.T") == Approx(-0.75 * lost).epsilon(1e-12));
        CHECK(c.equation("air.T") == Approx(-0.25 * lost).epsilon(1e-12));
        CHECK(c.output("loss") == Approx(lost).epsilon(1e-12));
        CHECK(c.output("loading") == Approx(load).epsilon(1e-6));
    }
}

TEST_CASE("beyond its limit a converter holds its power down to limit_hold of the voltage, then its current") {
    OneComponent c = psu("ac1_rectifier");
    energise(c, "in");
    const double I = 5500.0 / 50.5, v_limit = 50.5 - 1.2 * 0.5;  // where the droop line meets the limit
    const auto power_at = [&](double v) {
        c.at("out.v") = v;
        solve(c, "s");
        return v * c.output("I");
    };
    const double limit = 1.2 * I * v_limit;
    // the knee takes 1 %; the power then rises by 5 % of the share of voltage lost
    for (const double share : {0.98, 0.95, 0.9, 0.87})
        CHECK(power_at(share * v_limit) == Approx(limit * 1.012 * (1.0 + 0.05 * (1.0 - share))).epsilon(0.003));
    double before = power_at(50.0);
    for (double v = 49.99; v > 0.865 * v_limit; v -= 0.01) {  // no load of constant power loses its footing here
        const double now = power_at(v);
        CHECK(now > before);
        before = now;
    }
    power_at(25.0);
    CHECK(c.output("I") == Approx(1.2 * I / 0.85).epsilon(0.05));
    const double half = c.output("I");
    power_at(0.0);
    CHECK(c.output("I") > half);
    CHECK(c.output("I") < 1.04 * half);
    c.number("limit_hold") = 1.0;  // of current alone
    power_at(25.0);
    CHECK(c.output("I") > 1.2 * I);
    CHECK(c.output("I") < 1.2 * 1.05 * I);
}

TEST_CASE("no current flows back into a converter: it leaks a millionth of its rating at twice its voltage") {
    for (const char* type : {"ac_rectifier", "ac1_rectifier", "ac4_rectifier", "dc_converter"}) {
        OneComponent c = psu(type);
        energise(c, "in");
        c.at("out.v") = 101.0;  // another source holds the bus above the set point
        solve(c, "s");
        CAPTURE(type);
        CHECK(c.output("I") == Approx(-1e-6 * 5500.0 / 50.5).epsilon(0.01));
        c.at("out.v") = 50.6;
        solve(c, "s");
        CHECK(c.output("I") < 0.0);
        CHECK(c.output("I") > -1e-7 * 5500.0 / 50.5);
    }
}

TEST_CASE("a PSU below its input window, out of service or on a dead bus takes nothing and gives nothing") {
    for (const int way : {0, 1, 2}) {
        OneComponent c = psu("ac_rectifier");
        energise(c, "in", way == 0 ? 290.0 : 400.0);
        c.at("out.v") = 0.0;
        if (way == 1) c.number("in_service") = 0.0;
        if (way == 2) kill(c, "in");
        solve(c, "s");
        CAPTURE(way);
        CHECK(std::fabs(c.output("I")) < 1e-9);
        CHECK(std::fabs(power(c, "in")) < 1e-3);  // its insulation: 1e-9 S
        CHECK(std::fabs(c.equation("heat.T")) < 1e-3);
    }
}

TEST_CASE("the power factor of an input says how much reactive power it takes") {
    OneComponent c = psu("ac_rectifier");
    c.number("power_factor") = 0.95;
    energise(c, "in");
    c.at("out.v") = 50.25;
    solve(c, "s");
    CHECK(reactive(c, "in") == Approx(power(c, "in") * std::tan(std::acos(0.95))).epsilon(1e-6));
}

TEST_CASE("a converter of fixed ratio follows its input") {
    OneComponent c = psu("dc_converter");
    c.choose("regulation", "fixed_ratio");
    c.number("V_in") = 50.0, c.number("V_in_min") = 40.0, c.number("V_out") = 12.5, c.number("droop") = 0.25;
    energise(c, "in", 48.0);
    c.at("out.v") = 12.5 * 48.0 / 50.0 - 0.125;
    solve(c, "s");
    CHECK(c.output("I") == Approx(0.5 * 5500.0 / 12.5).epsilon(1e-4));
}

TEST_CASE("units side by side share load and loss") {
    OneComponent one = psu("ac_rectifier"), three = psu("ac_rectifier");
    three.number("units") = 3.0;
    for (OneComponent* c : {&one, &three}) {
        energise(*c, "in");
        c->at("out.v") = 50.1;
        solve(*c, "s");
    }
    CHECK(three.output("I") == Approx(3.0 * one.output("I")).epsilon(1e-8));
    CHECK(power(three, "in") == Approx(3.0 * power(one, "in")).epsilon(1e-6));
}

TEST_CASE("a negative loss curve is refused with its load share and a remedy") {
    for (const char* type : {"ac_rectifier", "ac_power_shelf", "ac_ups", "bbu_shelf", "ac_drive"}) {
        OneComponent c(model_info(type));
        for (const ParamInfo& p : c.info.params)
            if (p.type == ParamInfo::Type::number && p.required) c.number(p.name) = 400.0;
        if (c.info.param("V_in_min")) c.number("V_in_min") = 300.0;
        c.give("loss", Curve::parabola(0.01, -0.05, 0.02));
        const std::string problem = c.problem();
        CAPTURE(type);
        CHECK(problem.find("negative") != std::string::npos);
        CHECK(problem.find("efficiency:") != std::string::npos);
    }
}

TEST_CASE("a shelf on two feeds takes from each what its PSUs give; with one feed dead the other carries all") {
    for (const char* type : {"ac_power_shelf", "ac4_power_shelf"}) {
        OneComponent c = shelf(type);
        energise(c, "in_a");
        energise(c, "in_b");
        c.at("out.v") = 50.2;
        solve(c, "s_a");
        solve(c, "s_b");
        CAPTURE(type);
        CHECK(-c.equation("out.v") == Approx(6.0 * 0.6 * 5500.0 / 50.5).epsilon(1e-6));
        CHECK(c.output("P_a") == Approx(c.output("P_b")).epsilon(1e-9));
        CHECK(c.output("P_in") == Approx(c.output("P_out") + c.output("loss")).epsilon(1e-12));
        CHECK(-c.equation("heat.T") - c.equation("air.T") == Approx(c.output("loss")).epsilon(1e-12));
        const double load = c.output("P_out") / 33000.0;
        CHECK(c.output("loss") == Approx(33000.0 * loss_at(load)).epsilon(1e-6));
        kill(c, "in_b");
        solve(c, "s_b");
        CHECK(std::fabs(c.at("s_b")) < 1e-6);
        CHECK(std::fabs(c.output("P_b")) < 1e-3);
        CHECK(c.output("P_a") > 0.0);
    }
}

TEST_CASE("the PSU with the highest set point carries the tolerance over the droop more than the mean") {
    OneComponent c = shelf("ac_power_shelf");
    c.number("tolerance") = 0.0025;  // ORv3: 0.25 %
    energise(c, "in_a");
    energise(c, "in_b");
    c.at("out.v") = 50.25;
    solve(c, "s_a");
    solve(c, "s_b");
    CHECK(c.output("worst_psu_load") == Approx(0.5 + 0.0025 * 50.5 / 0.5).epsilon(1e-4));
}

TEST_CASE("a shelf says whether its load fits what a failure leaves") {
    OneComponent c = shelf("ac_power_shelf");
    energise(c, "in_a");
    energise(c, "in_b");
    c.at("out.v") = 50.2;  // 60 % of six PSUs
    solve(c, "s_a");
    solve(c, "s_b");
    const auto verdict = [&](const char* redundancy) {
        c.choose("redundancy", redundancy);
        for (const CheckValue& check : c.checks())
            if (check.id == "shelf_redundancy") return check;
        return CheckValue{};
    };
    CHECK(std::isnan(verdict("n").limit));
    const double load = c.output("P_out");
    CHECK(verdict("n_plus_1").value == Approx(load / (5 * 5500.0)).epsilon(1e-5));
    CHECK(verdict("n_plus_1").margin() > 0.0);
    CHECK(verdict("n_plus_n").value == Approx(load / (3 * 5500.0)).epsilon(1e-5));
    CHECK(verdict("n_plus_n").margin() < 0.0);
}

TEST_CASE("single-phase PSUs load their phases by their numbers, and those of a lost phase are off") {
    OneComponent c = shelf("ac4_power_shelf");
    c.number("phase_1") = 2.0;
    energise(c, "in_a");
    energise(c, "in_b");
    c.at("out.v") = 50.2;
    solve(c, "s_a");
    const auto current = [&](const char* phase) {
        return std::hypot(c.equation(std::string("in_a.v") + phase + "_re"),
                          c.equation(std::string("in_a.v") + phase + "_im"));
    };
    CHECK(current("a") == Approx(2.0 * current("b")).epsilon(1e-6));
    CHECK(current("n") == Approx(current("b")).epsilon(1e-6));  // what one phase carries more returns by the neutral
    kill(c, "in_b");
    solve(c, "s_b");
    const double before = c.equation("out.v");
    c.at("in_a.vc_re") = c.at("in_a.vc_im") = 0.0;
    solve(c, "s_a");
    CHECK(c.equation("out.v") == Approx(0.75 * before).epsilon(1e-6));
    CHECK(current("c") < 1e-6);
}

TEST_CASE("a UPS in double conversion holds its own voltage in phase with the mains, at its input's power factor") {
    for (const char* type : {"ac_ups", "ac1_ups", "ac4_ups"}) {
        OneComponent c(model_info(type));
        c.number("P_rated") = 1e6;
        c.number("V_out") = c.number("V_in") = 400.0;
        c.number("V_in_min") = 340.0;
        c.number("regulation") = 0.01;
        c.give("loss", Curve::parabola(0.0072, 0.0086, 0.0171));
        c.give("loss_eco", Curve::parabola(0.004, 0.003, 0.003));
        energise(c, "in", 380.0, 0.3);
        energise(c, "out", 400.0 * 0.995, 0.3);  // half the regulation: half load
        CAPTURE(type);
        const double given = 0.995 * 0.5e6;
        CHECK(c.output("P_out") == Approx(given).epsilon(1e-9));
        CHECK(power(c, "in") ==
              Approx(given + 1e6 * (0.0072 + 0.0086 * 0.4975 + 0.0171 * 0.4975 * 0.4975)).epsilon(1e-9));
        CHECK(reactive(c, "in") == Approx(power(c, "in") * std::tan(std::acos(0.99))).epsilon(1e-6));
        CHECK(-c.equation("heat.T") - c.equation("air.T") == Approx(power(c, "in") + power(c, "out")).epsilon(1e-12));
        // eco: the output follows the input and the loss is smaller
        c.choose("mode", "eco");
        energise(c, "out", 380.0 * 0.995, 0.3);
        CHECK(c.output("P_out") == Approx(0.005 * 380 * 380 * 0.995 / (0.01 * 400 * 400) * 1e6).epsilon(1e-9));
        CHECK(c.output("loss") < 0.008 * 1e6);
        CHECK(c.output("Q_out") == Approx(0.0).scale(1e3));
    }
}

TEST_CASE("a UPS without mains gives nothing, or runs from its battery for energy over load and loss") {
    OneComponent c(model_info("ac_ups"));
    c.number("P_rated") = 1e6;
    c.number("V_out") = c.number("V_in") = 400.0;
    c.number("V_in_min") = 340.0;
    c.number("regulation") = 0.01;
    c.number("battery_energy") = 3e8;
    c.give("loss", Curve::parabola(0.0072, 0.0086, 0.0171));
    energise(c, "out", 400.0 * 0.995);
    kill(c, "in");
    CHECK(std::fabs(c.output("P_out")) < 1e-3);
    CHECK(c.output("P_battery") == Approx(0.0).scale(1.0));
    c.number("on_battery") = 1.0;
    const double all = 0.995 * 0.5e6 + c.output("loss");
    CHECK(std::fabs(power(c, "in")) < 1e-3);
    CHECK(c.output("P_battery") == Approx(all).epsilon(1e-9));
    CHECK(c.output("autonomy") == Approx(3e8 / all).epsilon(1e-9));
    c.at_rest = true;
    CHECK(c.tally().power_in == Approx(all).epsilon(1e-9));
}

TEST_CASE("a transfer switch takes the preferred input while it is live, else the other, never both") {
    for (const char* type :
         {"ac_transfer_switch", "ac1_transfer_switch", "ac4_transfer_switch", "dc_transfer_switch"}) {
        OneComponent c(model_info(type));
        c.number("R") = 1e-3;
        energise(c, "in_1");
        energise(c, "in_2");
        energise(c, "out", 399.0);
        CAPTURE(type);
        CHECK(c.output("taken") == 1.0);
        CHECK(power(c, "in_1") > 1e4);
        CHECK(std::fabs(power(c, "in_2")) < 1e-3);
        CHECK(-c.equation("heat.T") == Approx(power(c, "in_1") + power(c, "in_2") + power(c, "out")).epsilon(1e-9));
        c.number("preferred") = 2.0;
        CHECK(c.output("taken") == 2.0);
        kill(c, "in_2");
        CHECK(c.output("taken") == 1.0);
        kill(c, "in_1");
        CHECK(c.output("taken") == 0.0);
        c.number("in_service") = 0.0;
        CHECK(std::fabs(power(c, "in_1")) < 1e-3);
    }
}

TEST_CASE(
    "a backup shelf idles while the bus is above its trigger and carries it below, for its energy over its load") {
    OneComponent c(model_info("bbu_shelf"));
    c.number("P_rated") = 5500.0;
    c.number("modules") = 6.0;
    c.number("V_trigger") = 48.5;
    c.number("droop") = 0.5;
    c.number("energy") = 33e3 * 240.0;  // 240 s at full load
    c.number("autonomy_min") = 90.0;
    c.number("P_standby") = 200.0;
    c.give("loss", Curve::parabola(0.0, 0.0, 0.02));
    c.at("charge") = 1.0;
    c.at_rest = true;
    c.at("bus.v") = 50.2;
    solve(c, "s");
    CHECK(std::fabs(c.output("P_out")) < 0.01);
    CHECK(c.output("carries") == 0.0);
    CHECK(power(c, "bus") == Approx(200.0).epsilon(2e-2));  // its charger, all heat
    CHECK(-c.equation("heat.T") - c.equation("air.T") == Approx(200.0).epsilon(2e-2));
    CHECK(c.tally().power_in == 0.0);
    c.at("bus.v") = 48.0;
    solve(c, "s");
    const double given = 48.0 * 33e3 / 48.5;
    CHECK(c.output("P_out") == Approx(given).epsilon(1e-4));
    CHECK(c.output("carries") == 1.0);
    CHECK(c.output("autonomy") == Approx(33e3 * 240.0 / (given + c.output("loss"))).epsilon(1e-5));
    bool assessed = false;
    for (const CheckValue& check : c.checks())
        if (check.id == "bbu_autonomy") assessed = check.limit == 90.0 && check.margin() > 0.0;
    CHECK(assessed);
}

TEST_CASE("a drive takes what its machines state and its loss, and says that they are powered only while it is fed") {
    for (const char* type : {"ac_drive", "ac1_drive", "ac4_drive", "dc_drive"}) {
        OneComponent c(model_info(type));
        c.number("P_rated") = 2000.0;
        c.number("P_base") = 20.0;
        c.number("V_in") = 400.0;
        c.number("V_in_min") = 330.0;
        c.give("loss", Curve::parabola(0.01, 0.02, 0.0));
        energise(c, "in");
        c.at("power_1.value") = 700.0;
        c.at("power_3.value") = 300.0;
        CAPTURE(type);
        CHECK(power(c, "in") == Approx(1000.0 + 20.0 + 2000.0 * (0.01 + 0.02 * 0.5)).epsilon(1e-6));
        CHECK(c.equation("heat.T") == Approx(-60.0).epsilon(1e-9));
        CHECK(c.equation("powered.value") == Approx(-1.0));  // value 0 less the 1 it states
        CHECK(c.tally().power_in == Approx(-1000.0).epsilon(1e-6));
        energise(c, "in", 250.0);
        CHECK(c.equation("powered.value") == Approx(0.0).scale(1.0));
        energise(c, "in");
        kill(c, "in");
        CHECK(c.equation("powered.value") == Approx(0.0).scale(1.0));
        CHECK(std::fabs(power(c, "in")) < 1e-3);
    }
}

TEST_CASE("a powered chip draws the power of its die from its bus and gives it to its case, all or nothing") {
    OneComponent c(model_info("powered_chip")), plain(model_info("chip"));
    for (OneComponent* one : {&c, &plain}) {
        one->number("power") = 1000.0;
        one->number("R_jc") = 0.01;
        one->number("C_die") = 20.0;
        one->number("leakage_nominal") = 60.0;
        one->number("memory_power") = 100.0;
        one->at("throttle.value") = 1.0;
        one->at("case.T") = 330.0;
        one->at("T_die") = 341.0;
    }
    c.at("supply.v") = 0.8;
    CHECK(c.equation("supply.v") == Approx(plain.output("P") / 0.8).epsilon(1e-9));
    CHECK(c.equation("T_die") == Approx(plain.equation("T_die")).epsilon(1e-12));
    CHECK(c.equation("case.T") == Approx(plain.equation("case.T")).epsilon(1e-12));
    CHECK(std::fabs(c.tally().power_in) < 1e-6);
    c.at("supply.v") = 0.0;
    CHECK(c.output("P") == 0.0);
    c.at("supply.v") = 0.8;
    kill(c, "supply");
    CHECK(c.output("P") == 0.0);
    CHECK(std::fabs(c.equation("supply.v")) < 1e-6);
}

TEST_CASE("parts of a tray turn what they draw into heat, and rest on a dead bus") {
    OneComponent c(model_info("powered_parts"));
    c.number("power") = 650.0;
    c.number("activity") = 0.8;
    c.number("V_min") = 10.0;
    c.at("supply.v") = 12.0;
    CHECK(c.equation("supply.v") == Approx(520.0 / 12.0).epsilon(1e-9));
    CHECK(c.equation("heat.T") == Approx(-520.0).epsilon(1e-9));
    kill(c, "supply");
    CHECK(std::fabs(c.equation("heat.T")) < 1e-6);
}
