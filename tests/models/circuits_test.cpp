// fluid and plant models together: a closed loop against a facility, pumps in parallel, a trip, everything shut.
#include <doctest/doctest.h>

#include <cmath>

#include "solver/transient/simulation.hpp"
#include "tests/models/model_probe.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;
using doctest::Approx;

namespace {

const Medium liquid = varying_coolant();
const auto pump_dp = std::make_shared<const Curve>(Curve::table({0.0, 1e-3, 2e-3, 3e-3}, {2.0e5, 1.9e5, 1.5e5, 0.7e5}));
constexpr double per_Kv = 1.0 / 3600.0 / 316.22776601683796;

void pump(Builder& b, const std::string& path) {
    put(b, path, "pump", {{"efficiency", 0.6}, {"to_coolant", 0.5}});
    b.set_curve(path, "dp", pump_dp);
}
void tray(Builder& b, double heat) {
    put(b, "tray", "tray",
        {{"dp_nominal", 1e5}, {"V_flow_nominal", 2e-3}, {"volume", 4e-3}, {"C", 2e4}, {"G", 5e3}, {"heat", heat}});
}
void vessel(Builder& b, const std::string& port) {
    put(b, "vessel", "expansion_vessel", {{"p", 2e5}});
    b.set_medium("vessel", "medium", liquid);
    b.connect("vessel.port", port);
}
void exchanger(Builder& b, double T_supply) {
    put(b, "hx", "plate_exchanger",
        {{"Q_nominal", 121e3},
         {"approach_nominal", 4.0},
         {"V_flow_primary", 2e-3},
         {"V_flow_secondary", 2e-3},
         {"dp_primary", 5e4},
         {"dp_secondary", 2e4},
         {"volume_primary", 2e-3},
         {"volume_secondary", 2e-3},
         {"C_wall", 8e3}});
    put(b, "facility", "facility", {{"T_supply", T_supply}, {"p_return", 3e5}, {"dp", 5e4}});
    b.set_medium("facility", "medium", liquid);
    b.connect("facility.supply", "hx.primary_a");
    b.connect("hx.primary_b", "facility.return");
}
// `pumps` in parallel, each behind its check valve, through tray and exchanger
Builder loop(int pumps, double heat, double T_supply = 305.15) {
    Builder b;
    tray(b, heat);
    exchanger(b, T_supply);
    for (int i = 1; i <= pumps; ++i) {
        const std::string n = std::to_string(i);
        pump(b, "pump" + n);
        put(b, "check" + n, "check_valve", {{"Kv", 20 * per_Kv}, {"leak", 1e-4}, {"p_crack", 2e3}});
        b.connect("hx.secondary_b", "pump" + n + ".a");
        b.connect("pump" + n + ".b", "check" + n + ".a");
        b.connect("check" + n + ".b", "tray.a");
    }
    b.connect("tray.b", "hx.secondary_a");
    vessel(b, "hx.secondary_b");
    return b;
}
double output(const Network& net, const SteadyState& at, const std::string& path, const std::string& name) {
    const Component& c = component(net, path);
    const std::vector<double> zero(net.size(), 0.0);
    std::vector<double> all(c.info->outputs.size());
    Report<double> report;
    report.values = all.data();
    net.block_of(c).outputs(c.instance, Point{at.y.data(), zero.data(), net.initial}, report);
    return all.at(c.info->output(name));
}
double steady_error(const Network& net, const SteadyState& at) {
    const std::vector<double> zero(net.size(), 0.0);
    const Audit audit = steady_audit(net, Point{at.y.data(), zero.data(), net.initial});
    CHECK(audit.mass_relative < 1e-9);
    return audit.energy_relative();
}

struct Silent : Observer {
    void point(double, const Point&) override {}
    void event(double, const std::string&, const std::string&) override {}
    double next_wanted(double) const override { return 1e300; }
};

}  // namespace

TEST_CASE(
    "a closed loop finds flow and temperatures from a cold start, and the facility takes the heat and the pump's share "
    "of power") {
    for (const double heat : {0.0, 20e3, 115e3, 170e3})
        for (const double T_supply : {278.15, 305.15, 333.15}) {
            const Network net = loop(1, heat, T_supply).build();
            const SteadyState at = solve_steady(net);
            INFO("heat " << heat << " supply " << T_supply << " iterations " << at.start_iterations << " + "
                         << at.newton_iterations);
            CHECK(steady_error(net, at) < 1e-9);
            const double P = output(net, at, "pump1", "P_el"),
                         room = 10.0 * (at.y[unknown_of(net, "pump1", "T_motor")] - 298.15);
            CHECK(output(net, at, "facility", "Q_flow") == Approx(heat + P - room).epsilon(1e-8));
            CHECK(std::abs(at.y[unknown_of(net, "vessel", "m_flow")]) < 1e-9);
            CHECK(at.start_iterations + at.newton_iterations < 60);
        }
}

TEST_CASE("of two pumps behind check valves one may stand still: nothing but the leak runs backward through it") {
    const Network both = loop(2, 100e3).build();
    const SteadyState two = solve_steady(both);
    CHECK(output(both, two, "check1", "m_flow") == Approx(output(both, two, "check2", "m_flow")).epsilon(1e-6));
    Builder b = loop(2, 100e3);
    b.set_number("pump1", "running", 0.0);
    const Network net = std::move(b).build();
    const SteadyState one = solve_steady(net);
    CHECK(std::abs(one.y[unknown_of(net, "pump1", "n")]) < 1e-9);
    const double backward = output(net, one, "check1", "m_flow"), dp = output(net, one, "check1", "dp");
    CHECK(dp < -5e4);
    CHECK(backward ==
          Approx(1000.0 * 20.0 / 3600.0 * 1e-4 * dp / 1e5).epsilon(1e-3));  // leak, laminar, rated with water at 1 bar
    CHECK(output(net, one, "check2", "m_flow") > 1.02 * output(both, two, "check2", "m_flow"));
    CHECK(steady_error(net, one) < 1e-9);
}

TEST_CASE("with every pump off and no heat the loop is at rest at the facility's temperature") {
    Builder b = loop(2, 0.0);
    b.set_number("pump1", "running", 0.0);
    b.set_number("pump2", "running", 0.0);
    const Network net = std::move(b).build();
    const SteadyState at = solve_steady(net);
    CHECK(std::abs(at.y[unknown_of(net, "tray", "m_flow")]) < 1e-6);
    CHECK(at.y[unknown_of(net, "hx", "T_secondary")] == Approx(305.15).epsilon(1e-4));
}

TEST_CASE("a valve that is shut holds the pressure of a running pump") {
    Builder b;
    pump(b, "pump");
    put(b, "valve", "valve", {{"Kv", 5 * per_Kv}, {"leak", 5e-3}, {"opening", 0.0}});
    put(b, "supply", "supply", {{"T", 300.0}, {"p", 1e5}});
    b.set_medium("supply", "medium", liquid);
    put(b, "return", "return_line", {{"p", 1e5}});
    b.connect("supply.port", "pump.a");
    b.connect("pump.b", "valve.a");
    b.connect("valve.b", "return.port");
    const Network net = std::move(b).build();
    const SteadyState at = solve_steady(net);
    const double rho = liquid.rho(at.y[node(net, "valve", "a", 1)]), dp = output(net, at, "valve", "dp");
    CHECK(dp == Approx(2.0e5).epsilon(0.01));
    CHECK(output(net, at, "valve", "m_flow") ==
          Approx(5.0 / 3.6 * 5e-3 * std::sqrt(dp / 1e5 * rho / 1000.0)).epsilon(1e-4));
    CHECK(steady_error(net, at) < 1e-8);
}

TEST_CASE(
    "a pump trips, coasts down behind its check valve while the other goes on, and starts again; energy closes all the "
    "way") {
    const Network net = loop(2, 100e3).build();
    const SteadyState at = solve_steady(net);
    Schedule schedule;
    schedule.add({5.0, {param_of(net, "pump1", "running")}, false, 0.0, 0.0, "trip"});
    schedule.add({60.0, {param_of(net, "pump1", "running")}, false, 1.0, 0.0, "restart"});
    SimulationOptions options;
    options.duration = 55.0;
    Silent silent;
    const SimulationResult tripped = simulate_network(net, net.initial, schedule, at.y, options, silent);
    SteadyState then;
    then.y = tripped.y;
    CHECK(tripped.y[unknown_of(net, "pump1", "n")] < 0.1);
    CHECK(output(net, then, "check1", "m_flow") < 0.0);
    CHECK(output(net, then, "check1", "m_flow") > -1e-3);
    CHECK(tripped.audit.energy_relative() < 1e-4);
    options.duration = 600.0;
    const SimulationResult back = simulate_network(net, net.initial, schedule, at.y, options, silent);
    CHECK(back.y[unknown_of(net, "tray", "T")] == Approx(at.y[unknown_of(net, "tray", "T")]).epsilon(1e-4));
    CHECK(back.audit.energy_relative() < 1e-4);
    CHECK(back.audit.mass_relative < 1e-9);
    CHECK(back.steps < 2000);
    MESSAGE("10 min with trip and restart: " << back.steps << " steps, " << back.jacobians << " Jacobians, "
                                             << back.seconds << " s");
}
