#include "solver/scalar/smooth.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace smooth = kelvolt::smooth;
using kelvolt::Dual;
using D1 = Dual<1>;

namespace {

constexpr double width = 0.02;

// from far outside to deep inside the band, both signs, and zero
std::vector<double> samples() {
    std::vector<double> x{0.0};
    for (double size = 1e-8; size < 1e8; size *= 1.7) x.push_back(size), x.push_back(-size);
    std::sort(x.begin(), x.end());
    return x;
}

// rounding of sums whose largest term is `size`
double rounding(double size) { return 4e-16 * size; }

template <class F>
double slope(F f, double x) {
    return f(D1::seeded(x, 0)).d[0];
}

}  // namespace

TEST_CASE("smooth abs lies above |x| by at most its width, and by width^2/(2|x|) away from zero") {
    for (double x : samples()) {
        const double error = smooth::abs(x, width) - std::abs(x);
        INFO("x = ", x);
        CHECK(error >= -rounding(std::abs(x)));
        CHECK(error <= width);
        if (x != 0.0) CHECK(error <= width * width / (2.0 * std::abs(x)) + rounding(std::abs(x)));
    }
    CHECK(smooth::abs(0.0, width) == width);
}

TEST_CASE("smooth positive, max and min err by at most half their width, each to its own side") {
    for (double x : samples()) {
        INFO("x = ", x);
        const double slack = rounding(std::abs(x)), positive = smooth::positive(x, width);
        CHECK(positive >= 0.0);
        CHECK(positive - std::max(x, 0.0) >= -slack);
        CHECK(positive - std::max(x, 0.0) <= 0.5 * width + slack);
        const double high = smooth::max(x, 1.0, width) - std::max(x, 1.0),
                     low = smooth::min(x, 1.0, width) - std::min(x, 1.0);
        CHECK(high >= -2.0 * slack);
        CHECK(high <= 0.5 * width + 2.0 * slack);
        CHECK(low <= 2.0 * slack);
        CHECK(low >= -0.5 * width - 2.0 * slack);
    }
    CHECK(smooth::positive(0.0, width) == doctest::Approx(0.5 * width));
    CHECK(smooth::max(1.0, 1.0, width) == doctest::Approx(1.0 + 0.5 * width));
    CHECK(smooth::min(1.0, 1.0, width) == doctest::Approx(1.0 - 0.5 * width));
}

TEST_CASE("the quintic step is exact outside its band and has no jump in slope or curvature at its ends") {
    const auto f = [](const auto& x) { return smooth::step(x, 2.0, 4.0); };
    CHECK(f(1.999) == 0.0);
    CHECK(f(4.001) == 1.0);
    CHECK(f(3.0) == doctest::Approx(0.5));
    CHECK(slope(f, 1.0) == 0.0);
    CHECK(slope(f, 9.0) == 0.0);
    for (double end : {2.0, 4.0}) {
        const double inside = end == 2.0 ? end + 1e-6 : end - 1e-6;
        CHECK(std::abs(slope(f, inside)) < 1e-11);  // grows with the square of the distance: 15/4 d^2 with d = 1e-6
        CHECK(std::abs(slope(f, inside)) > 0.0);
    }
    double before = 0.0;
    for (double x = 2.001; x < 4.0; x += 0.01) {
        CHECK(f(x) > before);
        before = f(x);
    }
}

TEST_CASE("a blend equals its laws outside the band and lies between them inside") {
    const auto at = [](double x) { return smooth::blend(x, 2000.0, 4000.0, 64.0, 100.0); };
    CHECK(at(1500.0) == 64.0);
    CHECK(at(5000.0) == 100.0);
    CHECK(at(3000.0) == doctest::Approx(82.0));
    for (double x = 2001.0; x < 4000.0; x += 13.0) {
        CHECK(at(x) >= 64.0);
        CHECK(at(x) <= 100.0);
    }
}

TEST_CASE("forward and backward parts add to the flow and exchange half the width at rest") {
    for (double x : samples()) {
        const auto part = smooth::split(x, width);
        INFO("x = ", x);
        CHECK(part.forward + part.backward == doctest::Approx(x).epsilon(1e-14));
        CHECK(part.forward >= 0.0);
        CHECK(part.backward <= 0.0);
    }
    CHECK(smooth::split(0.0, width).forward == doctest::Approx(0.5 * width));
    CHECK(smooth::split(0.0, width).backward == doctest::Approx(-0.5 * width));
}

TEST_CASE("values and slopes of every smooth function are finite at rest and at extremes") {
    for (double x : {0.0, 1e-300, -1e-300, 1e12, -1e12}) {
        const D1 s = D1::seeded(x, 0);
        for (const D1& y : {smooth::abs(s, width), smooth::positive(s, width), smooth::max(s, D1(1.0), width),
                            smooth::min(s, D1(1.0), width), smooth::step(s, 0.0, 1.0), smooth::split(s, width).forward,
                            smooth::split(s, width).backward}) {
            CHECK(std::isfinite(y.v));
            CHECK(std::isfinite(y.d[0]));
        }
    }
}
