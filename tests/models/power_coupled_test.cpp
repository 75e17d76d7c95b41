// from the mains to the die and back: temperature -> leakage -> current -> losses -> temperature, in one solve.
#include <doctest/doctest.h>

#include <cmath>
#include <sstream>

#include "solver/curve/curve.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;
using doctest::Approx;

namespace {

void give_loss(Builder& b, const std::string& path, double a, double one, double two) {
    b.set_curve(path, "loss", std::make_shared<const Curve>(Curve::parabola(a, one, two)));
}
// utility - shelf - bus converter - regulator - leaky chip; the losses of converter and regulator heat the chip's
// plate, that of the shelf the room
Builder chain() {
    Builder b;
    put(b, "utility", "ac_utility", {{"V", 415.0}, {"S_sc", 1e6}, {"X_over_R", 3.0}});
    put(b, "shelf", "ac_power_shelf",
        {{"P_psu", 1500.0},
         {"psus_a", 2.0},
         {"psus_b", 0.0},
         {"V_out", 50.5},
         {"droop", 0.5},
         {"V_in", 415.0},
         {"V_in_min", 312.0}});
    put(b, "ibc", "dc_converter",
        {{"P_rated", 2000.0}, {"V_in", 50.0}, {"V_in_min", 40.0}, {"V_out", 12.5}, {"droop", 0.25}});
    put(b, "vrm", "dc_converter",
        {{"P_rated", 1500.0},
         {"V_in", 12.5},
         {"V_in_min", 8.0},
         {"V_out", 0.8},
         {"droop", 0.03},
         {"current_limit", 1.5}});
    give_loss(b, "shelf", 0.004, 0.003, 0.0293);
    give_loss(b, "ibc", 0.005, 0.005, 0.015);
    give_loss(b, "vrm", 0.01, 0.04, 0.05);
    put(b, "chip", "powered_chip",
        {{"power", 700.0},
         {"R_jc", 0.015},
         {"C_die", 20.0},
         {"leakage_nominal", 120.0},
         {"T_leak_ref", 340.0},
         {"T_leak_scale", 20.0}});
    heat_to_surroundings(b, "coolant", "chip.case", 33.0, 310.0);
    put(b, "room", "ambient", {{"T", 298.15}});
    b.connect("utility.bus", "shelf.in_a");
    b.connect("shelf.in_a", "shelf.in_b");
    b.connect("shelf.out", "ibc.in");
    b.connect("ibc.out", "vrm.in");
    b.connect("vrm.out", "chip.supply");
    b.connect("vrm.heat", "chip.case");
    b.connect("ibc.heat", "chip.case");
    b.connect("shelf.heat", "room.port");
    return b;
}
double output(const Network& net, const SteadyState& at, const std::string& path, const std::string& name) {
    const Component& c = component(net, path);
    std::vector<double> values(c.info->outputs.size());
    Report<double> report;
    report.values = values.data();
    const std::vector<double> rest(at.y.size(), 0.0);
    net.blocks[c.block]->outputs(c.instance, Point{at.y.data(), rest.data(), net.initial}, report);
    return values[c.info->output(name)];
}

}  // namespace

TEST_CASE("the coupled solve from mains to die converges quadratically, and its history is printed") {
    Builder b = chain();
    const Network net = std::move(b).build();
    SteadySolver solver(net);
    Values values = net.initial;
    const SteadyState full = solver.solve(values);
    // from the state at 40 % activity: every quantity of the chain moves
    values.params[param_of(net, "chip", "activity")] = 0.4;
    const SteadyState idle = solver.solve(values);
    values.params[param_of(net, "chip", "activity")] = 1.0;
    NewtonOptions strict;
    SteadyOptions options;
    options.newton = strict;
    const SteadyState again = solver.solve(values, options, &idle.y);
    std::ostringstream text;
    for (double step : again.history) text << step << "  ";
    MESSAGE("scaled steps of the coupled Newton solve: ", text.str());
    REQUIRE(again.history.size() >= 3);
    CHECK(again.history.size() <= 10);
    // a step's size goes with the square of the one before, once it is small
    int squared = 0;
    for (std::size_t k = 1; k < again.history.size(); ++k) {
        const double before = again.history[k - 1], now = again.history[k];
        if (before < 30.0 && now > 1e-12) {
            CHECK(now < 0.3 * before * before);
            ++squared;
        }
    }
    CHECK(squared >= 1);
    for (std::size_t k = 0; k < full.y.size(); ++k) CHECK(again.y[k] == Approx(full.y[k]).epsilon(1e-7).scale(1e-6));
}

TEST_CASE("every watt of the mains is heat in the place that is named for it") {
    Builder b = chain();
    const Network net = std::move(b).build();
    const SteadyState at = SteadySolver(net).solve(net.initial);
    const auto of = [&](const char* path, const char* name) { return output(net, at, path, name); };
    const double P_chip = of("chip", "P");
    CHECK(of("chip", "T_die") > 340.0);
    CHECK(P_chip > 850.0);  // more leakage than at its reference
    CHECK(of("vrm", "P_out") == Approx(P_chip).epsilon(1e-8));
    CHECK(of("ibc", "P_out") == Approx(of("vrm", "P_in")).epsilon(1e-8));
    CHECK(of("shelf", "P_out") == Approx(of("ibc", "P_in")).epsilon(1e-8));
    CHECK(of("utility", "P") == Approx(of("shelf", "P_in")).epsilon(1e-8));
    // the coolant takes chip, regulator and bus converter; the room takes the shelf
    const double coolant = of("coolant_G", "Q_flow"), all = of("utility", "P");
    CHECK(coolant == Approx(P_chip + of("vrm", "loss") + of("ibc", "loss")).epsilon(1e-9));
    CHECK(coolant + of("shelf", "loss") == Approx(all).epsilon(1e-9));
}

TEST_CASE("with its feed dead a chain draws nothing and its die stands at the coolant's temperature") {
    Builder b = chain();
    b.set_number("utility", "in_service", 0.0);
    const Network net = std::move(b).build();
    const SteadyState at = SteadySolver(net).solve(net.initial);
    CHECK(std::fabs(output(net, at, "ac_utility", "P")) < 1e-9);
    CHECK(std::fabs(output(net, at, "chip", "P")) < 1e-9);
    CHECK(output(net, at, "chip", "T_die") == Approx(310.0).epsilon(1e-9));
}
