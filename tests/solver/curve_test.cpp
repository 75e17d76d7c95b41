// curves: shape, ends, both directions of flow, derivatives, and what is refused.
#include "solver/curve/curve.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "solver/error.hpp"

using namespace kelvolt;
using doctest::Approx;

namespace {

// OCP 1 kW OAM plate on PG25 (OCP OAI System Liquid Cooling Guidelines 2023, figure 7): L/min, K/W
const std::vector<double> flow{.4, .5, .6, .7, .8, .9, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.4};
const std::vector<double> R{.0389, .0325, .0300, .0280, .0265, .0255, .0245,
                            .0230, .0220, .0214, .0209, .0204, .0200, .0197};
// Wilo Stratos 50/1-12 at full speed (manufacturer's curve in Modelica Buildings): m3/s, Pa
const std::vector<double> V_flow{5.6e-7, .00210, .00304, .00390, .00462, .00547, .00621, .00696, .00756};
const std::vector<double> head{74.3e3, 74.2e3, 73.4e3, 70.7e3, 66.9e3, 59.4e3, 49.5e3, 38.0e3, 28.0e3};
// Lenovo GB300 NVL72 rack (LP2357 table 27): L/min, kPa converted from psi
const std::vector<double> rack_flow{59, 71, 89, 119, 177};
const std::vector<double> rack_drop{15.9, 22.1, 33.8, 58.6, 126.9};

template <class F>
void check_slope(const F& f, double x, double step) {
    const double dual = f(Dual<1>::seeded(x, 0)).d[0];
    CAPTURE(x);
    CHECK(dual ==
          Approx((f(x + step) - f(x - step)) / (2 * step)).epsilon(1e-5).scale(1e-9 * std::fabs(f(x)) / step + 1e-300));
}

std::string refusal(const auto& action) {
    try {
        action();
    } catch (const Error& e) {
        return e.what();
    }
    return "";
}
bool says(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a table passes through its points") {
    for (auto scale : {Curve::Scale::linear, Curve::Scale::log_log}) {
        const Curve curve = Curve::table(flow, R, scale);
        for (std::size_t i = 0; i < flow.size(); ++i) CHECK(curve(flow[i]) == Approx(R[i]).epsilon(1e-13));
        CHECK(curve.lo() == 0.4);
        CHECK(curve.covers(2.4));
        CHECK_FALSE(curve.covers(2.41));
    }
}

TEST_CASE("interpolation is that of scipy's PchipInterpolator") {
    const Curve plate = Curve::table(flow, R), pump = Curve::table(V_flow, head);  // scipy 1.17.1
    CHECK(plate(0.45) == Approx(0.03510568820224719).epsilon(1e-12));
    CHECK(plate(1.3) == Approx(0.02244375).epsilon(1e-12));
    CHECK(plate(2.35) == Approx(0.01976595982142857).epsilon(1e-12));
    CHECK(pump(0.001) == Approx(74278.96328713805).epsilon(1e-12));
    CHECK(pump(0.0058) == Approx(55332.14860534436).epsilon(1e-12));
}

TEST_CASE("monotone points give a monotone curve, continued without a change of direction") {
    const Curve plate = Curve::table(flow, R), pump = Curve::table(V_flow, head);
    for (double x = -1; x < 30; x += 0.01) CHECK(plate(x + 0.01) <= plate(x));
    for (double x = -0.01; x < 0.02; x += 1e-5) CHECK(pump.line(x + 1e-5) <= pump.line(x));
}

TEST_CASE("a positive falling table stays positive however far it is continued, while `line` goes on straight") {
    const Curve plate = Curve::table(flow, R), pump = Curve::table(V_flow, head);
    CHECK(plate(1e6) >= 0.0);
    CHECK(plate(24.0) > 0.0);
    CHECK(pump(0.05) > 0.0);
    CHECK(pump.line(0.05) < 0.0);
    CHECK(pump.line(0.05) - pump.line(0.04) == Approx(pump.line(0.04) - pump.line(0.03)));
    const Curve rising = Curve::table({1, 2, 3}, {1, 5, 6});
    CHECK(rising(-100.0) > 0.0);
    CHECK(rising.line(-100.0) < 0.0);
    CHECK(rising(10.0) == rising.line(10.0));
}

TEST_CASE("value and slope are continuous at every point and at both ends") {
    for (const Curve& curve :
         {Curve::table(flow, R), Curve::table(flow, R, Curve::Scale::log_log), Curve::table(rack_flow, rack_drop)})
        for (double x : curve.x()) {
            const double step = 1e-9 * x;
            const auto before = curve(Dual<1>::seeded(x - step, 0)), after = curve(Dual<1>::seeded(x + step, 0));
            CHECK(before.v == Approx(after.v).epsilon(1e-7));
            CHECK(before.d[0] == Approx(after.d[0]).epsilon(1e-5));
        }
}

TEST_CASE("derivatives by duals equal central differences for every kind, inside and outside") {
    std::mt19937 random(7);
    std::uniform_real_distribution<double> x(-1.0, 5.0);
    const Curve table = Curve::table(flow, R), logs = Curve::table(flow, R, Curve::Scale::log_log),
                power = Curve::power(1.2, 0.02, -0.7);
    const Curve drop = Curve::power(1.25, 50e3, 1.85), drops = Curve::table({0.5, 1.0, 2.0}, {9e3, 33e3, 120e3});
    for (int i = 0; i < 1000; ++i) {
        const double at = x(random);
        check_slope([&](const auto& t) { return table(t); }, at, 1e-6);
        check_slope([&](const auto& t) { return logs(t); }, at, 1e-6);
        check_slope([&](const auto& t) { return power(t); }, at, 1e-7);
        check_slope([&](const auto& t) { return drop.odd(t); }, at, 1e-6);
        check_slope([&](const auto& t) { return drops.odd(t); }, at, 1e-6);
        check_slope([&](const auto& t) { return drops.line(t); }, at, 1e-6);
    }
    CHECK(table(Dual<1>::seeded(1.1, 0)).d[0] < 0.0);
    CHECK(drop.odd(Dual<1>::seeded(1.1, 0)).d[0] > 0.0);
}

TEST_CASE("a drop is odd in flow, zero at rest, and rises everywhere") {
    const Curve table = Curve::table(rack_flow, rack_drop), power = Curve::power(100, 42, 1.9),
                flat_start = Curve::table({0, 1, 2}, {0, 1, 4});
    const Curve logs = Curve::table({2, 10, 40, 160}, {0.1, 1.4, 19, 260}, Curve::Scale::log_log);
    for (const Curve* curve : {&table, &power, &flat_start, &logs}) {
        CHECK_NOTHROW(curve->require_drop("tray.dp"));
        CHECK(curve->odd(0.0) == 0.0);
        CHECK(curve->odd(Dual<1>::seeded(0.0, 0)).d[0] > 0.0);
        double last = -1e300;
        for (double x = -400; x <= 400; x += 0.1) {
            const auto y = curve->odd(Dual<1>::seeded(x, 0));
            const bool sound = y.v > last && y.d[0] > 0 && y.v == -curve->odd(-x);
            if (!sound) FAIL("at " << x);
            last = y.v;
        }
    }
    for (std::size_t i = 0; i < rack_flow.size(); ++i) CHECK(table.odd(-rack_flow[i]) == Approx(-rack_drop[i]));
    CHECK(flat_start.odd(Dual<1>::seeded(0.0, 0)).d[0] == Approx(0.01));
}

TEST_CASE("points of a power law in a log_log table give that drop between and below them, in lanes too") {
    const auto law = [](double x) { return 50e3 * std::pow(x / 10.0, 1.85); };
    std::vector<double> x{1.0, 2.0, 5.0, 10.0}, y;
    for (const double at : x) y.push_back(law(at));
    const Curve logs = Curve::table(x, y, Curve::Scale::log_log), linear = Curve::table(x, y);
    CHECK_NOTHROW(logs.require_drop("tray.dp"));
    for (const double at : {1.0, 1.4, 3.3, 7.5, 10.0}) CHECK(logs.odd(-at) == Approx(-law(at)).epsilon(1e-12));
    CHECK(logs.odd(0.1) == Approx(law(0.1)).epsilon(1e-4));
    CHECK(std::abs(linear.odd(0.2) / law(0.2) - 1.0) > 0.5);  // a cubic through (0, 0) is another curve there
    const auto slope = [&](double at) { return logs.odd(Dual<1>::seeded(at, 0)).d[0]; };
    CHECK(slope(1.0 - 1e-12) == Approx(slope(1.0)).epsilon(1e-9));
    CHECK(slope(10.0 + 1e-9) == Approx(1.85 * 5e3).epsilon(1e-9));
    CHECK(slope(0.0) == Approx(law(1.0) * std::pow(1e-3, 0.85)).epsilon(1e-4));
    Pack lanes;
    for (int k = 0; k < Pack::size; ++k) lanes.set(k, -12.0 + 3.1 * k);
    const Pack drops = logs.odd(lanes);
    for (int k = 0; k < Pack::size; ++k) CHECK(drops[k] == logs.odd(lanes[k]));
    CHECK(says(refusal([] {
                   Curve::table({1, 2}, {2, 1}, Curve::Scale::log_log).require_drop("hose.dp");
               }),
               "at 2 the drop is 1, not above the 2 before it"));
}

TEST_CASE("a pressure drop goes on as a power law beyond its last point, also where the table ends less steep") {
    for (const auto scale : {Curve::Scale::linear, Curve::Scale::log_log}) {
        const Curve square = Curve::table({1, 2, 4, 8}, {1, 4, 16, 64}, scale);
        CHECK(square.odd(16.0) == Approx(256.0).epsilon(0.02));
        const Curve flat = Curve::table({8, 9, 10}, {60, 75, 80}, scale);  // the last two points: exponent 0.6125
        CHECK(flat.odd(10.0) == Approx(80.0));
        CHECK(flat.odd(20.0) ==
              Approx(80.0 * std::pow(2.0, std::log(80.0 / 75.0) / std::log(10.0 / 9.0))).epsilon(1e-9));
        CHECK(flat.odd(10.0 + 1e-9) == Approx(80.0).epsilon(1e-9));
    }
}

TEST_CASE("a power law is exact at its reference, and its drop at rest has the stated slope") {
    const Curve loop = Curve::power(10, 50e3, 1.85);  // LBNL's OCP loop: 50 kPa at 10 L/min
    CHECK(loop(10.0) == Approx(50e3).epsilon(1e-14));
    CHECK(loop.odd(-10.0) == Approx(-50e3).epsilon(1e-14));
    CHECK(loop.odd(5.0) == Approx(50e3 * std::pow(0.5, 1.85)).epsilon(3e-6));
    CHECK(loop.odd(Dual<1>::seeded(0.0, 0)).d[0] == Approx(5e3 * std::pow(1e-3, 0.85)).epsilon(1e-5));
    CHECK(std::isfinite(Curve::power(1, 1, -0.8)(0.0)));
    CHECK(std::isfinite(Curve::power(1, 1, 0.3)(Dual<1>::seeded(0.0, 0)).d[0]));
}

TEST_CASE("scaling changes both axes and keeps what was known") {
    Curve plate = Curve::table(flow, R);
    plate.source = "OCP";
    plate.fit_error = 0.01;
    const Curve si = plate.scaled(1e-3 / 60, 1.0), drop = Curve::power(10, 50e3, 1.85).scaled(2.0, 3.0);
    CHECK(si(1e-3 / 60) == Approx(0.0245));
    CHECK(si.hi() == Approx(2.4e-3 / 60));
    CHECK(si.source == "OCP");
    CHECK(si.fit_error == 0.01);
    CHECK(drop(20.0) == Approx(150e3));
    CHECK(Curve::constant(5).scaled(2, 3)(7.0) == 15.0);
}

TEST_CASE("any number gives a finite answer") {
    const Curve curves[] = {Curve(),
                            Curve::constant(3),
                            Curve::table(flow, R),
                            Curve::table(flow, R, Curve::Scale::log_log),
                            Curve::power(1, 1, -0.8),
                            Curve::power(1, 1, 1.85),
                            Curve::table({0, 1}, {0, 2})};
    for (const Curve& curve : curves)
        for (double x : {-1e9, -1e3, -1.0, -1e-9, 0.0, 1e-9, 1.0, 1e3, 1e9})
            for (const auto& y :
                 {curve(Dual<1>::seeded(x, 0)), curve.line(Dual<1>::seeded(x, 0)), curve.odd(Dual<1>::seeded(x, 0))}) {
                CHECK(std::isfinite(y.v));
                CHECK(std::isfinite(y.d[0]));
            }
}

TEST_CASE("a curve keeps the structure of its argument") {
    CHECK(Curve::table(flow, R)(Pattern::of(4)).bits == Pattern::of(4).bits);
    CHECK(Curve::power(1, 1, 2).odd(Pattern::of(2)).bits == Pattern::of(2).bits);
}

TEST_CASE("points that make no curve are refused with the point and the remedy") {
    const double nan = std::nan("");
    CHECK(says(refusal([] { Curve::table({1}, {2}); }), "at least 2 points, got 1"));
    CHECK(says(refusal([] { Curve::table({1, 2}, {2}); }), "2 x values but 1 y values"));
    CHECK(says(refusal([] { Curve::table({1, 3, 2}, {1, 2, 3}); }), "point 3 has 2 after 3; sort the points"));
    CHECK(says(refusal([] { Curve::table({1, 1}, {1, 2}); }), "increase strictly"));
    CHECK(says(refusal([&] { Curve::table({1, 2}, {1, nan}); }), "point 2 is (2, nan)"));
    CHECK(says(refusal([] { Curve::table({0, 1}, {1, 2}, Curve::Scale::log_log); }), "needs x > 0 and y > 0"));
    CHECK(says(refusal([&] { Curve::constant(nan); }), "must be a finite number"));
    CHECK(says(refusal([] { Curve::power(0, 1, 2); }), "needs x_ref > 0"));
    CHECK(says(refusal([] { Curve::constant(1).scaled(-1, 1); }), "must be above 0"));
}

TEST_CASE("a curve that is no pressure drop is refused with the reason") {
    CHECK(says(refusal([] { Curve::constant(5).require_drop("hose.dp"); }), "hose.dp: the curve is the constant 5"));
    CHECK(says(refusal([] { Curve::table(flow, R).require_drop("hose.dp"); }),
               "at 0.5 the drop is 0.0325, not above the 0.0389"));
    CHECK(says(refusal([] { Curve::table({0, 1}, {1, 2}).require_drop("hose.dp"); }), "has 1 at zero flow"));
    CHECK(says(refusal([] { Curve::table({-1, 1}, {-1, 2}).require_drop("hose.dp"); }), "negative flow -1"));
    CHECK(says(refusal([] { Curve::power(1, 1, 0.5).require_drop("hose.dp"); }), "exponent 0.5"));
}
