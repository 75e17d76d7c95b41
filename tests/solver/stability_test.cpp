// what is returned lasts: the branch without runaway, the right side of a hump, firmware at rest
#include <doctest/doctest.h>

#include <cmath>

#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;

namespace {

constexpr double P = 100.0, L0 = 10.0, T_ref = 338.15, scale = 36.0, R = 0.3, T_air = 300.0;

// a chip over one resistance to air: P + L0 exp((T - T_ref)/scale) = (T - T_air)/R has two roots
Network leaking_chip(double power = P) {
    Builder b;
    put(b, "chip", "chip",
        {{"power", power},
         {"R_jc", 0.1},
         {"C_die", 5.0},
         {"leakage_nominal", L0},
         {"T_leak_ref", T_ref},
         {"T_leak_scale", scale}});
    heat_to_surroundings(b, "air", "chip.case", 1.0 / (R - 0.1), T_air);
    put(b, "lid", "heat_capacity", {{"C", 50.0}});
    b.connect("lid.port", "chip.case");
    return std::move(b).build();
}
double imbalance(double T) { return P + L0 * std::exp((T - T_ref) / scale) - (T - T_air) / R; }
// by bisection between two temperatures of opposite sign
double root(double low, double high) {
    const bool rising = imbalance(high) > 0.0;
    for (int k = 0; k < 200; ++k) {
        const double middle = 0.5 * (low + high);
        ((imbalance(middle) > 0.0) == rising ? high : low) = middle;
    }
    return 0.5 * (low + high);
}

/// The Jacobian and the verdict on heat at a state.
bool heat_is_stable(const Network& net, const std::vector<double>& y, Stability& stability) {
    Newton newton(net, Subsystem(net, [](int) { return true; }));
    REQUIRE(newton.linearise(y, net.initial));
    return stability.heat(y, net.initial, newton.jacobian());
}
std::vector<double> at_root(const Network& net, double T_die) {
    std::vector<double> y = net.start;
    y[unknown_of(net, "chip", "T_die")] = T_die;
    y[unknown_of(net, "chip", "T_lid")] = y[node(net, "chip", "case")] = T_air + (T_die - T_air) * (R - 0.1) / R;
    Newton newton(net, Subsystem(net, [](int) { return true; }));
    REQUIRE(newton.solve(y, net.initial, {}).converged);
    return y;
}

}  // namespace

TEST_CASE("of the two roots of a leaking chip the answer is the cool one, from any start") {
    const Network net = leaking_chip();
    const int die = unknown_of(net, "chip", "T_die");
    const double cool = root(T_air, 380.0), hot = root(400.0, 520.0);
    REQUIRE(hot - cool > 50.0);
    CHECK(solve_steady(net).y[die] == doctest::Approx(cool).epsilon(1e-9));
    const std::vector<double> at_hot = at_root(net, hot);
    REQUIRE(at_hot[die] == doctest::Approx(hot).epsilon(1e-6));  // a root it is
    SteadySolver solver(net);
    CHECK(solver.solve(net.initial, {}, &at_hot).y[die] == doctest::Approx(cool).epsilon(1e-9));
}

TEST_CASE("the cool root is judged stable by its temperatures alone, the hot one unstable after a factorisation") {
    const Network net = leaking_chip();
    DomainParts parts(net);
    Stability stability(net, parts);
    CHECK(heat_is_stable(net, at_root(net, root(T_air, 380.0)), stability));
    CHECK(stability.factorised() == 0);
    CHECK_FALSE(heat_is_stable(net, at_root(net, root(400.0, 520.0)), stability));
    CHECK(stability.factorised() == 1);
    REQUIRE_FALSE(stability.guilty().empty());
    CHECK(net.variable_name(stability.guilty().front()) == "chip: T_die");
}

TEST_CASE("where nothing may be followed, an unstable root is refused by name") {
    const Network net = leaking_chip();
    const std::vector<double> at_hot = at_root(net, root(400.0, 520.0));
    SteadyOptions options;
    options.fallback = false;
    try {
        SteadySolver(net).solve(net.initial, options, &at_hot);
        FAIL("an unstable state was returned");
    } catch (const Error& e) {
        INFO(std::string(e.what()));
        CHECK(e.kind == Error::Kind::no_stable_point);
        CHECK(e.message.find("chip: T_die") != std::string::npos);
    }
}

TEST_CASE("beyond the fold of a leaking chip the answer is thermal runaway") {
    // the fold: slope L0/scale exp(z) = 1/R, z = ln(scale/(L0 R)); the largest power is (T - T_air)/R - L0 exp(z) there
    const double z = std::log(scale / (L0 * R)), most = (T_ref + scale * z - T_air) / R - L0 * std::exp(z);
    CHECK_NOTHROW(solve_steady(leaking_chip(0.999 * most)));
    try {
        solve_steady(leaking_chip(1.001 * most));
        FAIL("a steady state was found");
    } catch (const Error& e) {
        INFO(std::string(e.what()));
        CHECK(e.kind == Error::Kind::thermal_runaway);
        CHECK(e.message.find("chip") != std::string::npos);
    }
}

TEST_CASE("cells of a pipe hold its coolant and no more: a front takes the volume over the flow, however fine") {
    for (int cells : {1, 4, 64}) {
        Builder b;
        flow_supply(b, "in", medium("water"), 300.0, 1e-4);
        b.add_chain("pipe", model_info("pipe"), cells);
        b.set_number("pipe", "length", 10.0), b.set_number("pipe", "diameter", 0.02);
        put(b, "out", "return_line", {{"p", 1e5}});
        b.connect("in.port", "pipe.a"), b.connect("pipe.b", "out.port");
        const Network net = std::move(b).build();
        int volumes = 0;
        for (const Component& c : net.components) volumes += c.info->type == "volume";
        INFO(cells, " cells");
        CHECK(volumes == 2);  // at both ends
    }
}

TEST_CASE("a small junction resistance before a large one hides no unstable root") {
    // 0.82 W and leakage over 0.0868 + 0.7812 K/W to 257.1 K: bisection finds 277.27 K (stable) and 306.68 K (not)
    Builder b;
    put(b, "chip", "chip",
        {{"power", 0.82}, {"R_jc", 0.0868}, {"C_die", 10.0}, {"leakage_nominal", 150.8}, {"T_leak_scale", 31.94}});
    put(b, "path", "thermal_resistance", {{"R", 0.7812}});
    put(b, "air", "ambient", {{"T", 257.1}});
    b.connect("chip.case", "path.a"), b.connect("path.b", "air.port");
    const Network net = std::move(b).build();
    const int die = unknown_of(net, "chip", "T_die");
    CHECK(solve_steady(net).y[die] == doctest::Approx(277.27).epsilon(1e-4));
}
