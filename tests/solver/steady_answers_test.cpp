// where there is no steady state, the answer says why and names who
#include <doctest/doctest.h>

#include <cmath>

#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;

namespace {
const Medium& water() { return medium("water"); }
}  // namespace

TEST_CASE("heat into a lump without a way out is answered as no steady state, by name, in both directions") {
    for (double power : {5.0, 5e4, -5.0}) {
        Builder b;
        put(b, "source", "heat_source", {{"power", power}});
        put(b, "block", "heat_capacity", {{"C", 100.0}});
        b.connect("source.port", "block.port");
        const Network net = std::move(b).build();
        try {
            solve_steady(net);
            FAIL("a steady state was found");
        } catch (const Error& e) {
            INFO(std::string(e.what()));
            CHECK(e.kind == Error::Kind::no_steady_state);
            CHECK(e.message.find("source.port") != std::string::npos);
            CHECK(e.message.find(power > 0.0 ? "no way out" : "nothing replaces it") != std::string::npos);
        }
    }
}

TEST_CASE("heat into coolant at rest is answered as no steady state") {
    Builder b;
    pressure_supply(b, "a", water(), 300.0, 2e5);
    put(b, "pipe", "pipe", {{"length", 1.0}, {"diameter", 0.02}});
    put(b, "dead_end", "volume", {{"volume", 1e-4}});
    put(b, "source", "heat_source", {{"power", 500.0}});
    b.connect("a.port", "pipe.a"), b.connect("pipe.b", "dead_end.port"), b.connect("source.port", "pipe.wall");
    const Network net = std::move(b).build();
    try {
        solve_steady(net);
        FAIL("a steady state was found");
    } catch (const Error& e) {
        INFO(std::string(e.what()));
        CHECK(e.kind == Error::Kind::no_steady_state);
        CHECK(e.message.find("pipe") != std::string::npos);
    }
}

TEST_CASE("a lump that nothing heats and nothing cools is steady where it stands") {
    Builder b;
    b.settings.T_start = 312.0;
    put(b, "block", "heat_capacity", {{"C", 100.0}});
    put(b, "source", "heat_source", {{"power", 0.0}});
    b.connect("source.port", "block.port");
    const Network net = std::move(b).build();
    CHECK(solve_steady(net).y[node(net, "block", "port")] == doctest::Approx(312.0).epsilon(1e-9));
}

TEST_CASE(
    "leakage that cooling cannot follow is answered as thermal runaway with the chip's name, a weaker one is solved") {
    // G (T - 300) = 100 + L exp((T - 300)/20) has a solution while L <= 20 G exp(-(100/G + 20)/20): at G = 5 W/K, L
    // <= 13.534 W
    const auto chip = [](double leakage) {
        Builder b;
        put(b, "chip", "chip",
            {{"power", 100.0},
             {"R_jc", 1e-6},
             {"C_die", 10.0},
             {"leakage_nominal", leakage},
             {"T_leak_ref", 300.0},
             {"T_leak_scale", 20.0}});
        heat_to_surroundings(b, "air", "chip.case", 5.0, 300.0);
        return std::move(b).build();
    };
    const Network weak = chip(13.0);
    const SteadyState s = solve_steady(weak);
    const double T = s.y[unknown_of(weak, "chip", "T_die")];
    CHECK(5.0 * (T - 300.0) == doctest::Approx(100.0 + 13.0 * std::exp((T - 300.0) / 20.0)).epsilon(1e-5));
    CHECK(T < 340.0);  // below the fold at 300 + 100/5 + 20: the stable one of the two solutions
    const Network strong = chip(14.0);
    try {
        solve_steady(strong);
        FAIL("a steady state was found");
    } catch (const Error& e) {
        INFO(std::string(e.what()));
        CHECK(e.kind == Error::Kind::thermal_runaway);
        CHECK(e.message.find("chip") != std::string::npos);
        CHECK(e.message.find("96.") != std::string::npos);  // 13.534/14 = 96.7 %, bracketed to a hundredth of the gain
    }
}

TEST_CASE("two boundaries of given flow, between which nothing fixes a pressure, are refused by name") {
    Builder b;
    flow_supply(b, "in", water(), 300.0, 1e-4);
    put(b, "pipe", "pipe", {{"length", 1.0}, {"diameter", 0.02}});
    flow_supply(b, "out", water(), 300.0, -1e-4);
    b.connect("in.port", "pipe.a"), b.connect("pipe.b", "out.port");
    try {
        (void)std::move(b).build();
        FAIL("accepted");
    } catch (const Error& e) {
        INFO(std::string(e.what()));
        CHECK(e.kind == Error::Kind::topology);
        for (const char* part : {"in.port", "out.port", "given flow only", "boundary of given pressure"})
            CHECK(e.message.find(part) != std::string::npos);
    }
}
