// Heights, friction laws, three-way and self-acting valves, gas vessel, leak, inertia and the signals that steer them:
// each at closed forms, and its properties at random states.
#include "models/correlations/junction.hpp"
#include "models/media/vapour.hpp"
#include "solver/model/registry.hpp"
#include "tests/models/model_probe.hpp"

using namespace kelvolt;
using namespace kelvolt::models;
using namespace kelvolt::test;
using doctest::Approx;

namespace {

const Medium plain = coolant_of(), warm = varying_coolant();
constexpr double g = 9.80665, per_Kv = 1.0 / 3600.0 / 316.22776601683796;  // (m3/h)/bar^0.5 in m3/s/Pa^0.5

Approx near(double x, double relative) { return Approx(x).epsilon(relative).scale(0.0); }

Probe a_pipe(const Medium& medium) {
    Probe pipe("pipe", medium);
    pipe.set("length", 10.0).set("diameter", 0.05);
    pipe["a.T"] = pipe["b.T"] = pipe["wall.T"] = pipe["T"] = 303.15;
    pipe["a.p"] = pipe["b.p"] = 3e5;
    return pipe;
}
// pressure drop of a pipe at a mass flow [Pa]
double drop_of(Probe& pipe, double m) {
    pipe["m_flow"] = m;
    return -pipe.equation("m_flow") + pipe["a.p"] - pipe["b.p"];
}

}  // namespace

TEST_CASE("hydraulic models conserve energy and have exact derivatives in both directions and at rest") {
    for (const char* law : {"churchill", "fixed", "hazen_williams"}) {
        Probe pipe = a_pipe(warm);
        check_properties(
            pipe.set("rise", 4.0).set("area", 3e-3).set("minor_loss_laminar", 500.0).choose("friction", law), 0.3, 1e-6,
            1e-12);  // as in pipe_test.cpp
    }
    Probe manifold("manifold", warm);
    check_properties(manifold.set("length", 0.5).set("diameter", 0.03).set("rise", 1.8).set("cells", 4.0), 0.3);
    Probe mixing("three_way_valve", warm);
    check_properties(mixing.set("Kv", 4 * per_Kv).set("Kv_bypass", 3 * per_Kv).set("leak", 1e-3), 0.3);
    Probe limiter("pressure_independent_valve", warm);
    check_properties(limiter.set("V_nominal", 2e-4).set("dp_min", 2e4), 0.3);
    for (const char* acts : {"throttling", "overflow"}) {
        Probe regulator("dp_regulator", warm);
        check_properties(regulator.set("Kv", 4 * per_Kv).set("dp_set", 3e4).set("band", 1e4).choose("acts", acts), 0.3);
    }
    Probe inertance("inertance", warm);
    check_properties(inertance.set("length", 20.0).set("diameter", 0.04), 0.3);
    Probe tee("tee", warm);
    tee.choose("loss", "idelchik").set("K_branch", 1.2).set("angle", 1.0);
    check_properties(tee.set("diameter", 0.03).set("diameter_branch", 0.015), 0.3);
    Probe leak("leak", warm);
    check_properties(leak.set("diameter", 2e-3), 0.3);
}

TEST_CASE("a rise weighs rho g on the pressure, at the temperature inside, and takes m g of the energy") {
    Probe pipe = a_pipe(warm);
    pipe.set("rise", 4.0).set("cells", 2.0);
    pipe["T"] = 333.15;  // 985 kg/m3
    CHECK(drop_of(pipe, 0.0) == near(985.0 * g * 2.0, 1e-12));
    CHECK(pipe.output("rise") == 2.0);
    // at the same friction in both directions the weight is what is left of their sum
    CHECK(0.5 * (drop_of(pipe, 0.2) + drop_of(pipe, -0.2)) == near(985.0 * g * 2.0, 1e-9));
    // coolant that rises without friction keeps its temperature
    Probe column = a_pipe(plain);
    column.set("rise", 4.0).set("length", 1e-6);
    column["b.p"] = 3e5 - 1000.0 * g * 4.0;
    column["m_flow"] = 0.3;
    CHECK(std::abs(column.equation("T")) < 1e-6);
    CHECK(column.tally().power_in == near(-0.3 * g * 4.0, 1e-12));
}

TEST_CASE("the take-off and the far end of a header lie its rise above the near end") {
    Probe header("manifold", plain);
    header.set("length", 0.5).set("diameter", 0.03).set("rise", 2.0).set("cells", 4.0);
    header["a.p"] = header["b.p"] = header["branch.p"] = 3e5;
    header["a.T"] = header["b.T"] = header["branch.T"] = header["T"] = 303.15;
    header["m_flow"] = header["m_branch"] = 0.0;
    CHECK(header.equation("m_flow") == near(-1000.0 * g * 0.5, 1e-9));
    CHECK(header.equation("m_branch") == near(-1000.0 * g * 0.5, 1e-9));
}

TEST_CASE("friction by Hazen-Williams gives the heads of EPANET for a leg of 1 km, 250 mm, C 120 at 40 L/s") {
    // Elhay and Simpson 2011: a reservoir at 40 m and 36.68078 m behind the first leg (EPANET 2)
    Probe pipe = a_pipe(plain);
    pipe.set("length", 1000.0).set("diameter", 0.25).set("C", 120.0).choose("friction", "hazen_williams");
    CHECK(drop_of(pipe, 40.0) / (1000.0 * g) == near(40.0 - 36.68078, 1e-4));
    CHECK(drop_of(pipe, -40.0) == near(-drop_of(pipe, 40.0), 1e-12));
    CHECK(drop_of(pipe, 80.0) / drop_of(pipe, 40.0) == near(std::pow(2.0, 1.852), 1e-5));
}

TEST_CASE("with a fixed friction factor and two-K fittings the drop is that of Darcy and Hooper") {
    Probe pipe = a_pipe(plain);
    pipe.set("f", 0.02).set("minor_loss", 1.5).set("minor_loss_laminar", 800.0).choose("friction", "fixed");
    const double A = 0.25 * pi * 0.05 * 0.05, v = 2.0 / (1000.0 * A), Re = 1000.0 * v * 0.05 / 1e-3;
    CHECK(drop_of(pipe, 2.0) == near((0.02 * 10.0 / 0.05 + 1.5 + 800.0 / Re) * 500.0 * v * v, 1e-8));
}

TEST_CASE("a bundle of tubes drops what one tube does at its share of the flow") {
    Probe one = a_pipe(plain), bundle = a_pipe(plain);
    bundle.set("area", 7 * 0.25 * pi * 0.05 * 0.05);
    CHECK(drop_of(bundle, 1.4) == near(drop_of(one, 0.2), 1e-12));
    CHECK(bundle.output("volume") == near(7 * one.output("volume"), 1e-12));
    CHECK(bundle.output("Re") == near(one.output("Re"), 1e-12));
}

TEST_CASE("a three-way valve shares its flow by the position, mixing and diverting") {
    Probe valve("three_way_valve", plain);
    valve.set("Kv", 6.3 * per_Kv).set("Kv_bypass", 6.3 * per_Kv).set("leak", 1e-4);
    valve["a.p"] = valve["b.p"] = 2.5e5, valve["ab.p"] = 2e5, valve["y"] = 0.25;
    valve["a.T"] = 333.15, valve["b.T"] = 293.15, valve["ab.T"] = 303.15;
    valve.solve("m_open_a", 1.0);
    valve.solve("m_open_b", 1.0);
    // Kv sqrt(0.5 bar) in m3/h, times the opening and the density
    const double full = 6.3 * std::sqrt(0.5) / 3.6;
    CHECK(valve.output("m_flow_a") == near(full * (1e-4 + 0.9999 * 0.25), 1e-4));
    CHECK(valve.output("m_flow_b") == near(full * (1e-4 + 0.9999 * 0.75), 1e-4));
    CHECK(valve.flow("ab.p") == near(-full * (1.0 + 1e-4), 1e-4));
    // what leaves carries the mixed enthalpy of both
    CHECK(valve.flow("a.T") + valve.flow("b.T") == near(-valve.flow("ab.T"), 1e-12));
    valve["ab.p"] = 3e5;
    CHECK(valve.solve("m_open_a", -1.0) == near(-full, 1e-4));
    CHECK(valve.problem() == "");
}

TEST_CASE("a pressure-independent valve holds its flow above its least pressure drop, and is a resistance below") {
    Probe valve("pressure_independent_valve", plain);
    valve.set("V_nominal", 5e-4).set("dp_min", 2e4).set("dp_max", 4e5).set("droop", 0.05);
    valve["b.p"] = 2e5, valve["a.T"] = valve["b.T"] = 303.15, valve["y"] = 1.0;
    const auto flow = [&](double dp) {
        valve["a.p"] = 2e5 + dp;
        return valve.solve("m_flow", 0.5);
    };
    CHECK(flow(4e5) == near(0.5 * 1.05, 2e-3));
    CHECK(flow(3e4) == near(0.5, 2e-3));
    CHECK(flow(2e4) == near(0.5 * 0.99, 1e-3));
    CHECK(flow(5e3) == near(0.25, 1e-3));
    CHECK(flow(-5e3) == near(-0.25, 1e-3));
    valve["y"] = 0.4;
    CHECK(flow(1e5) == near(0.5 * (1e-4 + 0.9999 * 0.4) * (1.0 + 0.05 * 4.0 / 19.0), 2e-3));
    CHECK(valve.check("regulating_dp").margin() == near(8e4, 1e-9));
}

TEST_CASE("a regulator settles where the difference lies in its band, closing or opening as it rises") {
    for (const bool overflow : {false, true}) {
        Probe valve("dp_regulator", plain);
        valve.set("Kv", 4 * per_Kv).set("dp_set", 3e4).set("band", 1e4);
        valve.choose("acts", overflow ? "overflow" : "throttling");
        valve["low.p"] = 2e5;
        const auto opening = [&](double dp) {
            valve["high.p"] = 2e5 + dp;
            return valve.solve("y", 0.4);
        };
        CHECK(opening(3e4) == near(0.5, 1e-9));
        CHECK(opening(3.2e4) == near(overflow ? 0.7 : 0.3, 1e-9));
        CHECK(opening(6e4) == Approx(overflow ? 1.0 : 0.0).epsilon(1e-9));
        CHECK(valve.flow("high.p") == 0.0);
        CHECK(valve.flow("low.T") == 0.0);
    }
}

TEST_CASE("the pressure of a gas vessel follows the expansion of the circuit by p V") {
    Probe vessel("diaphragm_vessel", warm);
    vessel.set("V_vessel", 0.08).set("V_system", 1.0).set("p_precharge", 2e5).set("p_fill", 2.2e5);
    vessel.set("T_fill", 293.15).set("p_relief", 4e5).set("p_min", 2e5);
    vessel.at_rest = true;
    vessel["port.T"] = 303.15, vessel["m_flow"] = 0.0;
    vessel.solve("content", 0.01);
    CHECK(vessel["content"] == near(0.08 * (1.0 - 2.0 / 2.2), 1e-9));
    vessel["T_mean.value"] = 293.15;
    const auto pressure = [&](double T) {
        vessel["T_mean.value"] = T;
        vessel["port.p"] = 0.0;
        return -vessel.equation("m_flow");
    };
    CHECK(pressure(293.15) == near(2.2e5, 1e-6));
    // 1 m3 at 1005 kg/m3 expands to 990 kg/m3 (varying_coolant: 1000 - 0.5 (T - 303.15))
    const double expansion = 1005.0 / 990.0 - 1.0;
    CHECK(pressure(323.15) == near(2e5 * 0.08 / (0.08 * 2.0 / 2.2 - expansion), 1e-6));
    vessel["port.p"] = 2.5e5;
    CHECK(vessel.output("V_expansion") == near(expansion, 1e-9));
    // EN 12828: half a bar below the relief valve; 0.5 % of 1 m3
    CHECK(vessel.check("static_pressure_high").limit == near(3.5e5, 1e-12));
    CHECK(vessel.check("vessel_reserve").limit == near(5e-3, 1e-12));
    vessel.set("p_fill", 1.9e5);
    CHECK(vessel.problem() != "");
}

TEST_CASE("a gas vessel loses in time what flows out of it") {
    Probe vessel("diaphragm_vessel", plain);
    vessel.set("V_vessel", 0.08).set("V_system", 1.0).set("p_precharge", 2e5).set("p_fill", 2.2e5);
    vessel["m_flow"] = -0.2, vessel["T_mean.value"] = 293.15, vessel["content"] = 0.005;
    vessel.der("content") = -0.2 / 1000.0;
    CHECK(std::abs(vessel.equation("content")) < 1e-15);
}

TEST_CASE("a leak flows by Torricelli above the pressure outside, and not below") {
    Probe leak("leak", plain);
    leak.set("diameter", 2e-3).set("discharge", 0.62);
    leak["port.T"] = 303.15, leak["port.p"] = 3.01325e5;
    CHECK(leak.flow("port.p") == near(0.62 * 0.25 * pi * 4e-6 * std::sqrt(2 * 1000.0 * 2e5), 1e-6));
    leak["port.p"] = 0.9e5;
    CHECK(leak.flow("port.p") < 1e-5);
    leak["port.p"] = 3e5;
    CHECK(leak.set("opening", 0.0).flow("port.p") == 0.0);
}

TEST_CASE("the coolant of a line speeds up by the pressure difference over its inertance") {
    Probe line("inertance", plain);
    line.set("length", 20.0).set("diameter", 0.04).set("resistance", 10.0);
    line["a.p"] = 2.5e5, line["b.p"] = 2e5, line["m_flow"] = 0.5;
    line.der("m_flow") = (5e4 - 5.0) * 0.25 * pi * 0.04 * 0.04 / 20.0;
    CHECK(std::abs(line.equation("m_flow")) < 1e-9);
}

TEST_CASE("a valve with F_L is judged against choked flow") {
    // IEC 60534-2-1: F_L^2 (p_1 - F_F p_v), F_F = 0.96 - 0.28 sqrt(p_v/p_c), water at 90 degC: p_v = 70.18 kPa
    Probe valve("valve", coolant("water"));
    valve.set("Kv", 100 * per_Kv).set("leak", 1e-4).set("F_L", 0.9);
    valve["a.p"] = 5e5, valve["b.p"] = 2e5, valve["a.T"] = valve["b.T"] = 363.15, valve["y"] = 1.0;
    const double p_v = 70.18e3, F_F = 0.96 - 0.28 * std::sqrt(p_v / 22.064e6);
    CHECK(valve.check("valve_choked").limit == near(0.81 * (5e5 - F_F * p_v), 1e-3));
    CHECK(valve.check("valve_choked").margin() > 0.0);
    valve["b.p"] = 1e5;
    CHECK(valve.check("valve_choked").margin() < 0.0);
    Probe plain_valve("valve", coolant("water"));
    plain_valve.set("Kv", 100 * per_Kv).set("leak", 1e-4);
    CHECK(std::isnan(plain_valve.check("valve_choked").limit));
}

TEST_CASE("the valve Reynolds number is that of IEC 60534-2-1") {
    // Q 2 m3/h, nu 1e-6 m2/s, Kv 4, F_L 0.9, F_d 0.46, pipe of 25 mm
    Probe valve("valve", plain);
    valve.set("Kv", 4 * per_Kv).set("leak", 1e-4).set("F_L", 0.9).set("d_pipe", 0.025);
    valve["y"] = 1.0, valve["a.T"] = valve["b.T"] = 303.15;
    valve["m_open"] = 2.0 / 3.6;
    const double bracket = std::pow(0.81 * 16.0 / (0.0016 * std::pow(25.0, 4)) + 1.0, 0.25);
    CHECK(valve.output("Re_v") == near(0.0707 * 0.46 * 2.0 / (1e-6 * std::sqrt(0.9 * 4.0)) * bracket, 1e-4));
}

TEST_CASE("signals are added, multiplied and compared, with gains, offset and limits") {
    const auto result = [](const char* operation, double inputs, const auto&... more) {
        OneComponent c(model_info("signal_math"));
        c.choose("operation", operation);
        c.number("inputs") = inputs;
        (more(c), ...);
        c.at("in_1.value") = 3.0, c.at("in_2.value") = 5.0, c.at("in_3.value") = -2.0, c.at("in_4.value") = 100.0;
        c.at("output.value") = 0.0;
        return -c.equation("output.value");
    };
    const auto minus = [](OneComponent& c) { c.number("gain_2") = -1.0; };
    CHECK(result("sum", 3) == Approx(6.0));
    CHECK(result("sum", 2, minus) == Approx(-2.0));
    CHECK(result("product", 3) == Approx(-30.0));
    CHECK(result("min", 3) == Approx(-2.0));
    CHECK(result("max", 3) == Approx(5.0));
    CHECK(result("max", 1) == Approx(3.0));
    const auto limited = [](OneComponent& c) { c.choose("limit", "between"), c.number("high") = 4.5; };
    CHECK(result("sum", 2, limited) == Approx(4.5).epsilon(1e-5));
    const auto shifted = [](OneComponent& c) { c.number("offset") = 0.25; };
    CHECK(result("sum", 1, shifted) == Approx(3.25));
}

TEST_CASE("a reset line is linear between its points and held outside") {
    OneComponent line(model_info("reset_line"));
    line.number("input_low") = 263.15, line.number("input_high") = 293.15;
    line.number("T_at_low") = 313.15, line.number("T_at_high") = 303.15, line.number("reference") = 305.15;
    const auto shift = [&](double T) {
        line.at("input.value") = T, line.at("output.value") = 0.0;
        return -line.equation("output.value");
    };
    CHECK(shift(278.15) == Approx(3.0));
    CHECK(shift(250.0) == Approx(8.0).epsilon(1e-9));
    CHECK(shift(310.0) == Approx(-2.0).epsilon(1e-9));
}

TEST_CASE("the derivative of a PID controller acts through its filter and leaves no trace in the integral") {
    OneComponent pid(model_info("pid_controller"));
    pid.number("setpoint") = 10.0, pid.number("Kp") = 0.02, pid.number("Ti") = 20.0, pid.number("Td") = 4.0;
    pid.number("N") = 8.0;
    pid.at("measurement.value") = 9.0, pid.at("filtered") = 9.0, pid.at("integral") = 0.5;
    pid.at("output.value") = 0.0;
    CHECK(-pid.equation("output.value") == Approx(0.5 + 0.02));
    // a measurement that rises by 0.1 per second is 0.1 Td/N above its filter: D = -Kp Td 0.1
    pid.at("filtered") = 9.0 - 0.1 * 4.0 / 8.0;
    pid.der("filtered") = 0.1;
    CHECK(std::abs(pid.equation("filtered")) < 1e-12);
    CHECK(-pid.equation("output.value") == Approx(0.52 - 0.02 * 4.0 * 0.1));
    pid.der("integral") = 0.02 / 20.0;  // of the error alone
    CHECK(std::abs(pid.equation("integral")) < 1e-12);
}

TEST_CASE("a motor's loss at part load is that of its curve, and its sibling's efficiency is not used besides") {
    Probe pump("pump", plain);
    pump.give("dp", Curve::table({0.0, 1e-3, 2e-3}, {2e5, 1.8e5, 1.2e5})).set("efficiency", 0.6);
    pump.set("P_motor", 750.0).give("motor_loss", Curve::table({0.0, 0.5, 1.0}, {0.08, 0.11, 0.18}));
    pump["n"] = 1.0, pump["m_flow"] = 1.0, pump["a.T"] = pump["b.T"] = 303.15, pump["a.p"] = 2e5, pump["b.p"] = 3.8e5;
    pump["T_motor"] = 303.15, pump["powered.value"] = pump["speed_signal.value"] = 1.0;
    const double r = 1000.0 / 998.2, shaft = r * 1.8e5 * 1e-3 / 0.6 + 10.0, share = shaft / 750.0;
    CHECK(pump.output("P_el") == near(shaft + 750.0 * (0.08 + 0.03 * share / 0.5), 1e-2));
    pump.set("P_motor", not_given);
    CHECK(pump.problem() != "");
}

TEST_CASE("a duty pump with NPSH_duty needs that head above the vapour pressure while it runs") {
    Probe pump("duty_pump", coolant("water"));
    pump.set("V_duty", 1e-3).set("dp_duty", 1e5).set("NPSH_duty", 3.0);
    pump["a.T"] = pump["b.T"] = 333.15, pump["m_flow"] = 0.5, pump["powered.value"] = 1.0;
    const double rho = coolant("water").rho(333.15), p_v = vapour_pressure_at(coolant("water"), 333.15);
    CHECK(pump.check("pump_npsh").limit == near(p_v + rho * g * 3.0, 1e-9));
    pump["m_flow"] = 2.0 * rho * 1e-3;
    CHECK(pump.check("pump_npsh").limit == near(p_v + rho * g * 12.0, 1e-6));
    pump.set("running", 0.0);
    CHECK(pump.check("pump_npsh").limit == near(p_v, 1e-9));
}

TEST_CASE("losses of junctions are those of Idelchik's formulas") {
    // section 7-15 and 7-16 by hand, away from the corners that are rounded
    const double c60 = 0.5, s60 = std::sqrt(0.75);
    const auto split = dividing_loss(0.3, 4.0, c60);  // psi 4: A' = 1.1 - 0.21
    CHECK(split.side == near(0.89 * (1.0 + 1.44 - 2.0 * 1.2 * 0.5), 5e-3));
    CHECK(split.straight == near(0.4 * 0.09, 1e-12));
    const auto wide = dividing_loss(0.8, 1.0, 0.0);  // equal bores, 90 degrees
    CHECK(wide.side == near(0.6 * (1.0 + 0.64), 5e-3));
    CHECK(wide.straight == near(0.3 * 0.6 * 0.64, 2e-3));
    const auto join = combining_loss(0.3, 4.0, c60, s60);
    CHECK(join.side == near(1.0 + 1.44 - 2.0 * 0.49 - 2.0 * 4.0 * 0.09 * 0.5, 1e-12));
    CHECK(join.straight == near(1.0 - 0.49 - 1.1 * 0.09 * s60 - 2.0 * 0.24 * 4.0 * 0.3 * 0.5, 1e-12));
    const auto equal = combining_loss(0.5, 1.0, 0.0, 1.0);  // 90 degrees: 1.55 q - q^2 by Levin
    CHECK(equal.straight == near(1.55 * 0.5 - 0.25, 1e-12));
    CHECK(equal.side == near(0.55 * (1.0 + 0.25 - 0.5), 1e-2));
}

TEST_CASE("a tee loses as the formulas say whichever leg carries the whole flow") {
    Probe tee("tee", plain);
    tee.choose("loss", "idelchik").set("diameter", 0.04).set("diameter_branch", 0.02).set("K_branch", 1.1);
    tee["T"] = tee["a.T"] = tee["b.T"] = tee["c.T"] = 303.15, tee["p"] = 2e5;
    tee["a.p"] = tee["b.p"] = tee["c.p"] = 2e5;
    const double A = 0.25 * pi * 0.04 * 0.04, head = 500.0 * std::pow(2.0 / (1000.0 * A), 2);
    const auto over = [&](const char* leg, const char* equation, double m, double area) {
        return tee[std::string(leg) + ".p"] - 2e5 - tee.equation(equation) - m / (1000.0 * area);
    };
    const auto flows = [&](double m_a, double m_c) { tee["m_a"] = m_a, tee["m_c"] = m_c; };
    flows(2.0, -0.6);  // a divides into b and c
    CHECK(over("c", "m_c", -0.6, A / 4) == near(-dividing_loss(0.3, 4.0, 0.0).side * head, 2e-3));
    CHECK(over("b", "p", -1.4, A) == near(-dividing_loss(0.3, 4.0, 0.0).straight * head, 2e-2));
    CHECK(std::abs(over("a", "m_a", 2.0, A)) < 1e-3 * head);
    flows(1.4, 0.6);  // a and c combine into b
    CHECK(over("c", "m_c", 0.6, A / 4) == near(combining_loss(0.3, 4.0, 0.0, 1.0).side * head, 2e-3));
    CHECK(over("a", "m_a", 1.4, A) == near(combining_loss(0.3, 4.0, 0.0, 1.0).straight * head, 2e-3));
    flows(-1.0, 2.0);  // c divides into a and b
    CHECK(over("a", "m_a", -1.0, A) == near(-1.1 * 16.0 * head, 2e-3));
}

TEST_CASE("the loss of a drive does not count again where its machines state the power before it") {
    const auto heat = [](const char* word) {
        Probe drive("ac_drive", plain);
        drive.choose("machine_power", word).give("loss", Curve::constant(0.04));
        drive.set("P_rated", 5000.0).set("P_base", 60.0).set("V_in", 400.0).set("V_in_min", 340.0);
        drive["in.v_re"] = 400.0 / std::sqrt(3.0), drive["in.v_im"] = 0.0, drive["power_1.value"] = 3000.0;
        return -drive.equation("heat.T");
    };
    CHECK(heat("behind_drive") == near(60.0 + 0.04 * 5000.0, 1e-9));
    CHECK(heat("before_drive") == near(60.0, 1e-9));
}
