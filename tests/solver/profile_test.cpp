#include "solver/transient/profile.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "solver/error.hpp"

using namespace kelvolt;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

SquareWave training() {
    SquareWave w;
    w.high = 1.0, w.low = 0.35, w.period = 1.0, w.duty = 0.6, w.from = 60.0, w.until = 120.0, w.otherwise = 0.8;
    return w;
}
std::string refusal(const SquareWave& w) {
    try {
        Profile::square_wave(w);
    } catch (const Error& e) {
        return e.what();
    }
    return "";
}
}  // namespace

TEST_CASE("a constant is one segment of all time") {
    const Segment s = Profile::constant(3.5).segment(-7.0);
    CHECK(s.at(1e9) == 3.5);
    CHECK(s.t0 == -infinity);
    CHECK(s.t1 == infinity);
    CHECK(Profile::constant(3.5).is_constant());
}

TEST_CASE("a step has its new value at the very instant, and the old segment ends there with the old value") {
    const Profile p = Profile::step(30.0, 0.5, 1.0);
    CHECK(p.segment(30.0).at(30.0) == 1.0);
    const Segment before = p.segment(std::nextafter(30.0, 0.0));
    CHECK(before.t1 == 30.0);
    CHECK(before.at(30.0) == 0.5);
    CHECK(p.mean() == 0.5);
    CHECK(p.mean(0.0, 60.0) == doctest::Approx(0.75));
    CHECK(Profile::step(0.0, 1.0, 2.0).segment(0.0).v0 == 2.0);
    CHECK(Profile::step(0.0, 1.0, 2.0).segment(-1.0).v0 == 1.0);
}

TEST_CASE("an hour of 1 Hz edges has no drift") {
    SquareWave w = training();
    w.from = 0.0, w.until = infinity, w.duty = 0.1;
    const Profile p = Profile::square_wave(w);
    double t = 0.0;
    int edges = 0;
    while (t < 3600.0) {
        const Segment s = p.segment(t);
        CHECK(s.t0 == t);
        CHECK(s.t1 > s.t0);
        t = s.t1;
        ++edges;
    }
    // two edges a period; the last one lies exactly on the hour
    CHECK(edges == 7200);
    CHECK(t == 3600.0);
}

TEST_CASE("periods that binary numbers cannot hold still join without gap or overlap") {
    for (const double period : {0.1, 1.0 / 3.0, 0.7, 1e-3}) {
        SquareWave w = training();
        w.period = period, w.duty = 1.0 / 7.0, w.from = 0.3, w.until = infinity;
        const Profile p = Profile::square_wave(w);
        double t = w.from;
        for (int i = 0; i < 20000; ++i) {
            const Segment s = p.segment(t);
            REQUIRE(s.t0 == t);
            REQUIRE(s.t1 > t);
            REQUIRE(s.v0 == (i % 2 == 0 ? w.high : w.low));
            t = s.t1;
        }
        CHECK(t == doctest::Approx(0.3 + 10000 * period).epsilon(1e-12));
    }
}

TEST_CASE("a square wave lives in its window and is right-continuous at both ends") {
    const Profile p = Profile::square_wave(training());
    CHECK(p.segment(0.0).v0 == 0.8);
    CHECK(p.segment(0.0).t1 == 60.0);
    CHECK(p.segment(60.0).v0 == 1.0);
    CHECK(p.segment(60.6).v0 == 0.35);
    CHECK(p.segment(119.9).t1 == 120.0);
    CHECK(p.segment(120.0).v0 == 0.8);
    CHECK(p.segment(120.0).t1 == infinity);
    CHECK(p.mean() == doctest::Approx(0.6 + 0.4 * 0.35));
    CHECK(p.mean(0.0, 180.0) == doctest::Approx((120.0 * 0.8 + 60.0 * 0.74) / 180.0));
    CHECK(p.mean(60.25, 60.75) == doctest::Approx((0.35 * 1.0 + 0.15 * 0.35) / 0.5));
    CHECK(p.lowest() == 0.35);
    CHECK(p.highest() == 1.0);
}

TEST_CASE("the mean over a year of 1 Hz is exact and immediate") {
    SquareWave w = training();
    w.from = 0.0, w.until = infinity;
    CHECK(Profile::square_wave(w).mean(0.0, 3.15e7) == doctest::Approx(0.74).epsilon(1e-12));
    CHECK(Profile::square_wave(w).mean(0.25, 1e6 + 0.25) == doctest::Approx(0.74).epsilon(1e-9));
}

TEST_CASE("a delay moves the edges of a wave and not its window") {
    const Profile p = Profile::square_wave(training()).delayed(0.25);
    CHECK(p.segment(60.0).v0 == 0.35);  // the end of the period before
    CHECK(p.segment(60.0).t0 == 60.0);
    CHECK(p.segment(60.25).v0 == 1.0);
    CHECK(p.segment(60.25).t1 == doctest::Approx(60.85));
    CHECK(p.segment(120.0).v0 == 0.8);
    CHECK(Profile::step(30.0, 0.0, 1.0).delayed(5.0).segment(0.0).t1 == 35.0);
}

TEST_CASE("piecewise: linear between points, held outside, steps keep the value of the point before") {
    const Profile ramp = Profile::piecewise({{0.0, 0.3}, {10.0, 1.0}}, Profile::Between::linear);
    CHECK(ramp.segment(5.0).at(5.0) == doctest::Approx(0.65));
    CHECK(ramp.segment(-1.0).at(-1.0) == 0.3);
    CHECK(ramp.segment(10.0).at(50.0) == 1.0);
    CHECK(ramp.segment(0.0).at(10.0) == doctest::Approx(1.0));
    CHECK(ramp.mean() == doctest::Approx(0.65));
    CHECK(ramp.mean(0.0, 20.0) == doctest::Approx(0.825));
    const Profile steps = Profile::piecewise({{0.0, 1.0}, {2.0, 3.0}, {3.0, 9.0}}, Profile::Between::step);
    CHECK(steps.segment(1.9).v0 == 1.0);
    CHECK(steps.segment(2.0).v0 == 3.0);
    CHECK(steps.segment(7.0).v0 == 9.0);
    CHECK(steps.mean() == doctest::Approx(5.0 / 3.0));
}

TEST_CASE("profiles that make no sense are refused with the number that is wrong") {
    SquareWave w = training();
    w.duty = 1.0;
    CHECK(refusal(w).find("duty = 1") != std::string::npos);
    w.duty = 0.0;
    CHECK(refusal(w).find("duty = 0") != std::string::npos);
    w = training();
    w.period = 0.0;
    CHECK(refusal(w).find("period = 0 s") != std::string::npos);
    w.period = -1.0;
    CHECK(refusal(w).find("period = -1 s") != std::string::npos);
    w = training();
    w.until = 60.0;
    CHECK(refusal(w).find("until = 60 s must come after from = 60 s") != std::string::npos);
    w = training();
    w.high = std::nan("");
    CHECK(refusal(w).find("high is nan") != std::string::npos);
    CHECK_THROWS_WITH_AS(Profile::piecewise({}, Profile::Between::step), doctest::Contains("no points"), Error);
    CHECK_THROWS_WITH_AS(Profile::piecewise({{0.0, 1.0}, {5.0, 1.0}, {5.0, 2.0}}, Profile::Between::step),
                         doctest::Contains("point 2 is at 5 s and point 3 at 5 s"), Error);
    CHECK_THROWS_AS(Profile::piecewise({{3.0, 1.0}, {1.0, 1.0}}, Profile::Between::linear), Error);
    CHECK_THROWS_AS(Profile::piecewise({{0.0, infinity}}, Profile::Between::linear), Error);
    CHECK_THROWS_AS(Profile::constant(std::nan("")), Error);
    CHECK_THROWS_AS(Profile::step(infinity, 0.0, 1.0), Error);
}
