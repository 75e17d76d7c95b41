// the package: resistance, shares of heat, leakage and where it runs away.
#include <doctest/doctest.h>

#include "solver/network/builder.hpp"
#include "solver/steady/steady.hpp"
#include "tests/models/one_component.hpp"

using namespace kelvolt;
using doctest::Approx;
using test::OneComponent;

namespace {

OneComponent chip_of(double power) {
    OneComponent chip(model_info("chip"));
    chip.number("power") = power;
    chip.number("R_jc") = 0.01;
    chip.number("C_die") = 20.0;
    chip.at("throttle.value") = 1.0;
    chip.at("case.T") = 330.0;
    return chip;
}
// the die's own steady temperature at the case temperature given
double steady_die(OneComponent& chip) {
    chip.at("T_die") = chip.at("case.T");
    for (int i = 0; i < 50; ++i) {
        const int k = chip.local("T_die");
        chip.y[k] -= chip.residual()[k] / chip.jacobian(1.0, 0.0)(k, k);
    }
    return chip.at("T_die");
}

}  // namespace

TEST_CASE("without leakage the die stands P R_jc above its case and all power leaves through the case") {
    OneComponent chip = chip_of(1000.0);
    chip.number("memory_power") = 150.0;
    chip.number("io_power") = 50.0;
    CHECK(steady_die(chip) == Approx(340.0));
    CHECK(chip.equation("case.T") == Approx(-1200.0));
    CHECK(chip.output("P") == Approx(1200.0));
    chip.number("other_at_die") = 0.25;
    CHECK(steady_die(chip) == Approx(340.5));
    CHECK(chip.equation("case.T") == Approx(-1200.0));
}

TEST_CASE("activity and throttle scale the logic's power alone") {
    OneComponent chip = chip_of(1000.0);
    chip.number("memory_power") = 200.0;
    chip.number("activity") = 0.5;
    chip.at("throttle.value") = 0.8;
    steady_die(chip);
    CHECK(chip.output("P") == Approx(600.0));
}

TEST_CASE("the die heats at (P - Q)/C") {
    OneComponent chip = chip_of(1000.0);
    chip.at("T_die") = 335.0;  // 500 W leave
    chip.der("T_die") = 25.0;
    CHECK(chip.equation("T_die") == Approx(0.0));
    CHECK(chip.tally().power_in == Approx(1000.0));
    CHECK(chip.tally().stored == Approx(20.0 * (335.0 - 273.15)));
}

TEST_CASE(
    "leakage is nominal at its reference, doubles each ln 2 scales, and goes on along its tangent six scales up") {
    OneComponent chip = chip_of(0.0);
    chip.number("leakage_nominal") = 50.0;
    const double ref = 338.15, scale = 36.0;
    const auto leakage_at = [&](double T) {
        chip.at("T_die") = T;
        return chip.output("leakage");
    };
    CHECK(leakage_at(ref) == Approx(50.0));
    CHECK(leakage_at(ref + scale * std::log(2.0)) == Approx(100.0));
    CHECK(leakage_at(ref - scale * std::log(4.0)) == Approx(12.5));
    const double top = 50.0 * std::exp(6.0), T_top = ref + 6.0 * scale, step = 1e-4;
    CHECK(leakage_at(T_top) == Approx(top));
    CHECK(leakage_at(T_top + 2.0 * scale) == Approx(3.0 * top));
    const double below = leakage_at(T_top) - leakage_at(T_top - step),
                 above = leakage_at(T_top + step) - leakage_at(T_top);
    CHECK(above == Approx(below).epsilon(1e-4));
    CHECK(above == Approx(top * step / scale).epsilon(1e-4));
}

TEST_CASE("a limit that is not given is carried as not given, one that is given has its margin") {
    OneComponent chip = chip_of(1000.0);
    chip.number("T_die_max") = 361.0;
    steady_die(chip);
    const auto checks = chip.checks();
    REQUIRE(checks.size() == 2);
    CHECK(checks[0].id == "die_temperature");
    CHECK(checks[0].margin() == Approx(21.0));
    CHECK(std::isnan(checks[1].limit));
}

namespace {

// a chip whose case sees a room of 300 K over R; leakage 40 W at 338.15 K, e-fold 36 K
struct Cooled {
    double R = 0.2, L = 40.0, T_ref = 338.15, s = 36.0, R_jc = 0.01;
    double R_all() const { return R + R_jc; }
    // where the line of the cooling touches the leakage curve: R L/s exp(z) = 1
    double T_fold() const { return T_ref + s * std::log(s / (R_all() * L)); }
    double P_fold() const { return (T_fold() - 300.0 - s) / R_all(); }
    double solve(double power) const {
        Builder b;
        b.add("chip", model_info("chip"));
        b.set_number("chip", "power", power);
        b.set_number("chip", "R_jc", R_jc);
        b.set_number("chip", "C_die", 20.0);
        b.set_number("chip", "leakage_nominal", L);
        b.add("sink", model_info("thermal_resistance"));
        b.set_number("sink", "R", R);
        b.add("room", model_info("ambient"));
        b.set_number("room", "T", 300.0);
        b.connect("chip.case", "sink.a");
        b.connect("sink.b", "room.port");
        const Network net = std::move(b).build();
        const Component& c = net.component(net.find("chip"));
        return solve_steady(net).y[net.global(c, c.info->unknowns[c.info->unknown("T_die")].local)];
    }
};

}  // namespace

TEST_CASE(
    "below the fold power the die settles where its heat line meets the leakage curve; above it the answer is thermal "
    "runaway") {
    const Cooled c;
    const double P = 0.98 * c.P_fold(), T = c.solve(P);
    CHECK(T < c.T_fold());
    CHECK(T == Approx(300.0 + c.R_all() * (P + c.L * std::exp((T - c.T_ref) / c.s))).epsilon(1e-8));
    try {
        c.solve(1.02 * c.P_fold());
        FAIL("a steady state was found where none exists");
    } catch (const Error& e) {
        CHECK(e.kind == Error::Kind::thermal_runaway);
    }
}
