// moist air: published numbers of psychrolib 2.5.0 and of ASHRAE, inverses, derivatives.
#include "models/correlations/moist_air.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

using namespace kelvolt;
using namespace kelvolt::moist_air;
using doctest::Approx;

namespace {
Approx within(double x, double relative) { return Approx(x).epsilon(relative).scale(0.0); }
}  // namespace

TEST_CASE("saturation pressure over ice and water is that of the ASHRAE table") {
    // ASHRAE Handbook, Fundamentals 2017, chapter 1, table 3, as in the tests of psychrolib: within 0.03 %
    for (const auto& [t, p] : {std::array{-60.0, 1.08}, std::array{-20.0, 103.24}, std::array{-5.0, 401.74},
                               std::array{5.0, 872.6}, std::array{25.0, 3169.7}, std::array{50.0, 12351.3},
                               std::array{100.0, 101418.0}, std::array{150.0, 476101.4}})
        CHECK(saturation_pressure(t + zero_C) == Approx(p).epsilon(3e-4).scale(10.0));
}

TEST_CASE("wet bulb and humidity ratio are those of psychrolib and of its published checks") {
    // the checks that psychrolib 2.5.0 ships come from another program; it allows itself these differences
    const double w = humidity_ratio(0.61 * saturation_pressure(7.0 + zero_C), 100e3);
    CHECK(wet_bulb(7.0 + zero_C, w, 100e3) - zero_C == within(3.92667433781955, 1e-3));
    CHECK(humidity_ratio_at_wet_bulb(30.0 + zero_C, 25.0 + zero_C, 95461.0) == within(0.0192281274241096, 3e-4));
    CHECK(humidity_ratio_at_wet_bulb(-1.0 + zero_C, -5.0 + zero_C, 95461.0) == within(0.00120399819933844, 3e-4));
    // what it computes itself; its wet bulb stops within 1 mK of the root, which is worked out by bisection here
    CHECK(wet_bulb(7.0 + zero_C, w, 100e3) - zero_C == within(3.926349754959581, 1e-9));
    CHECK(humidity_ratio_at_wet_bulb(30.0 + zero_C, 25.0 + zero_C, 95461.0) == within(0.019224769837522727, 1e-12));
    CHECK(humidity_ratio_at_wet_bulb(-1.0 + zero_C, -5.0 + zero_C, 95461.0) == within(0.0012041562773181943, 1e-12));
    CHECK(density(20.0 + zero_C, humidity_ratio(0.5 * saturation_pressure(293.15), p_standard), p_standard) ==
          within(1.19936, 5e-4));
    CHECK(standard_pressure(1000.0) == within(89874.6, 2e-5));
    CHECK(enthalpy(30.0 + zero_C, 0.02) == within(81316.0, 1e-9));
}

TEST_CASE("wet bulb, dew point and the temperature of saturated air are inverses, at sea level and at altitude") {
    for (const double p : {101325.0, 70e3})
        for (const double t : {-20.0, -3.0, 4.0, 20.0, 35.0, 48.0})
            for (const double RH : {0.05, 0.3, 0.8, 1.0}) {
                CAPTURE(t);
                CAPTURE(RH);
                const double T = t + zero_C, p_w = RH * saturation_pressure(T), w = humidity_ratio(p_w, p),
                             T_wb = wet_bulb(T, w, p);
                CHECK(T_wb <= T + 1e-6);
                CHECK(T_wb >= dew_point(p_w) - 0.6);  // over ice the two cross: wet bulb counts ice below 0 degC only
                if (std::abs(T_wb - zero_C) > 0.5)
                    CHECK(humidity_ratio_at_wet_bulb(T, T_wb, p) == Approx(w).epsilon(1e-9));
                CHECK(dew_point(p_w) <= T + 1e-6);
                CHECK(vapour_pressure(w, p) == within(p_w, 1e-12));
                CHECK(saturated_temperature(saturated_enthalpy(T, p), p) == within(T, 1e-12));
            }
}

TEST_CASE("derivatives of the inverses equal central differences") {
    using D = Dual<3>;
    const double T = 308.15, w = 0.012, p = 95e3, h = 1e-4;
    const D wb = wet_bulb(D::seeded(T, 0), D::seeded(w, 1), D::seeded(p, 2));
    CHECK(wb.d[0] == Approx((wet_bulb(T + h, w, p) - wet_bulb(T - h, w, p)) / (2 * h)).epsilon(1e-6));
    CHECK(wb.d[1] == Approx((wet_bulb(T, w + 1e-6, p) - wet_bulb(T, w - 1e-6, p)) / 2e-6).epsilon(1e-6));
    CHECK(wb.d[2] == Approx((wet_bulb(T, w, p + 1.0) - wet_bulb(T, w, p - 1.0)) / 2.0).epsilon(1e-5));
}

TEST_CASE("near and beyond boiling the humidity of saturated air stays finite and rises") {
    double before = 0.0;
    for (double T = 200.0; T <= 600.0; T += 1.0) {
        const double h = saturated_enthalpy(T, 101325.0);
        CHECK(std::isfinite(h));
        if (T > 200.0) CHECK(h > before);
        before = h;
    }
}
