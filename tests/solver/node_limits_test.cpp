// limits that nobody asks for, and the second law over whole networks
#include "solver/assess/node_limits.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "models/correlations/water_saturation.hpp"
#include "solver/assess/second_law.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;

namespace {

Network pipe_of_water(double T, double p_out) {
    Builder b;
    flow_supply(b, "in", medium("water"), T, 2e-4);
    put(b, "pipe", "pipe", {{"length", 20.0}, {"diameter", 0.01}});
    put(b, "out", "return_line", {{"p", p_out}});
    b.connect("in.port", "pipe.a"), b.connect("pipe.b", "out.port");
    return std::move(b).build();
}
std::vector<NodeCheck> checks_of(const Network& net, double dew_point = NAN) {
    const SteadyState s = solve_steady(net);
    std::vector<NodeCheck> checks;
    NodeLimits(net).look(Point{s.y.data(), nullptr, net.initial}, dew_point, checks);
    return checks;
}

}  // namespace

TEST_CASE("water boils at 101.325 kPa and 99.974 degC, has 19.946 kPa at 60 degC and 0.6117 kPa at 0.01 degC (IAPWS)") {
    CHECK(water_saturation_temperature(101325.0) == doctest::Approx(373.124).epsilon(1e-5));
    CHECK(water_saturation_pressure(333.15) == doctest::Approx(19946.0).epsilon(2e-4));
    CHECK(water_saturation_pressure(273.16) == doctest::Approx(611.657).epsilon(1e-4));
}

TEST_CASE("the connection with the least pressure over its vapour pressure stands for the circuit") {
    for (const auto& [p_out, held] : {std::pair{1.5e5, true}, {0.15e5, false}}) {
        const std::vector<NodeCheck> checks = checks_of(pipe_of_water(333.15, p_out));
        REQUIRE(checks.size() == 3);
        CHECK(checks[0].check.id == "boiling");
        CHECK(checks[0].check.value == doctest::Approx(p_out));
        CHECK(checks[0].check.limit == doctest::Approx(19946.0).epsilon(2e-3));
        CHECK((checks[0].check.margin() >= 0.0) == held);
        CHECK(checks[0].circuit == 0);
    }
}

TEST_CASE(
    "coolant below its freezing point and below the dew point of a room is broken, without a dew point nothing said") {
    const std::vector<NodeCheck> cold = checks_of(pipe_of_water(268.15, 2e5));
    CHECK(cold[1].check.id == "freezing");
    CHECK(cold[1].check.margin() == doctest::Approx(-5.0).epsilon(1e-2));
    CHECK(cold[2].check.id == "condensation");
    CHECK(std::isnan(cold[2].check.margin()));
    CHECK(checks_of(pipe_of_water(288.15, 2e5), 290.15)[2].check.margin() == doctest::Approx(-2.0).epsilon(1e-2));
}

TEST_CASE("friction makes the entropy m (s_out - s_in) = V_flow dp/T of a pipe, a conductance Q (1/T_b - 1/T_a)") {
    const Network net = pipe_of_water(320.0, 2e5);
    const SteadyState s = solve_steady(net);
    const Point at{s.y.data(), nullptr, net.initial};
    const double dp = s.y[node(net, "pipe", "a")] - 2e5;
    REQUIRE(dp > 1e4);
    const auto [production, tolerance] = entropy_production(net, component(net, "pipe"), at);
    CHECK(production == doctest::Approx(2e-4 * dp / 320.0).epsilon(2e-3));
    CHECK(tolerance < 0.01 * production);

    const Network ladder = heat_ladder(2, 10.0, 4.0, 100.0, 300.0).build();
    const SteadyState warm = solve_steady(ladder);
    const double T1 = warm.y[node(ladder, "C1", "port")], T2 = warm.y[node(ladder, "C2", "port")];
    CHECK(entropy_production(ladder, component(ladder, "G1"), Point{warm.y.data(), nullptr, ladder.initial}).first ==
          doctest::Approx(100.0 / T2 - 100.0 / T1).epsilon(1e-9));
}

TEST_CASE("what leaves a part is judged before it mixes: a chiller beside its bypass makes ice") {
    Builder b;
    flow_supply(b, "in", medium("water"), 285.15, 4e-4);
    put(b, "chiller", "chiller", {{"Q_max", 5e4}, {"T_set", 263.15}, {"V_flow_nominal", 2e-4}, {"dp_nominal", 1e4}});
    put(b, "bypass", "orifice", {{"dp_nominal", 1e4}, {"V_flow_nominal", 1e-3}});
    put(b, "out", "return_line", {{"p", 2e5}});
    put(b, "outdoors", "ambient", {{"T", 300.0}});
    b.connect("in.port", "chiller.a"), b.connect("in.port", "bypass.a");
    b.connect("chiller.b", "out.port"), b.connect("bypass.b", "out.port"),
        b.connect("chiller.outside", "outdoors.port");
    const Network net = std::move(b).build();
    const SteadyState s = solve_steady(net);
    CHECK(s.y[node(net, "out", "port", 1)] > 275.0);  // mixed, no ice to be seen
    std::vector<NodeCheck> checks;
    NodeLimits(net).look(Point{s.y.data(), nullptr, net.initial}, NAN, checks);
    CHECK(checks[1].check.value == doctest::Approx(263.15).epsilon(1e-3));
    CHECK(net.component(checks[1].component).path == "chiller");
}
