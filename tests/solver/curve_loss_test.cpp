// losses of converters from published efficiencies: a + b x + c x^2 with no negative coefficient.
#include <doctest/doctest.h>

#include "solver/curve/curve.hpp"
#include "solver/error.hpp"

using namespace kelvolt;
using doctest::Approx;

TEST_CASE("a loss curve passes through the efficiencies of a modern double-conversion UPS") {
    // 96.0, 96.9, 97.0, 96.8 % at a quarter to full load: 7.2e-3, 8.6e-3, 17.1e-3 (least squares by hand)
    const Curve loss = Curve::loss_from_efficiency({0.25, 0.5, 0.75, 1.0}, {0.960, 0.969, 0.970, 0.968});
    CHECK(loss.coefficients()[0] == Approx(0.0072).epsilon(0.03));
    CHECK(loss.coefficients()[1] == Approx(0.0086).epsilon(0.08));
    CHECK(loss.coefficients()[2] == Approx(0.0171).epsilon(0.05));
    CHECK(loss.fit_error < 3e-4);
    CHECK(loss(0.1) > 0.0);
    const auto at = loss(Dual<1>::seeded(0.4, 0));
    CHECK(at.d[0] == Approx(loss.coefficients()[1] + 0.8 * loss.coefficients()[2]));
}

TEST_CASE("three points that obey the law give its coefficients back") {
    std::vector<double> x{0.2, 0.6, 1.0}, eta;
    for (double load : x) eta.push_back(load / (load + 0.004 + 0.003 * load + 0.0293 * load * load));
    const Curve loss = Curve::loss_from_efficiency(x, eta);
    CHECK(loss.coefficients()[0] == Approx(0.0040).epsilon(1e-9));
    CHECK(loss.coefficients()[1] == Approx(0.0030).epsilon(1e-9));
    CHECK(loss.coefficients()[2] == Approx(0.0293).epsilon(1e-9));
    CHECK(loss.fit_error < 1e-12);
}

TEST_CASE("no coefficient of a fitted loss is negative, whatever the points") {
    // an efficiency that rises to full load would ask for a negative square term
    const Curve loss = Curve::loss_from_efficiency({0.1, 0.5, 1.0}, {0.80, 0.97, 0.99});
    for (double k : loss.coefficients()) CHECK(k >= 0.0);
    const Curve one = Curve::loss_from_efficiency({1.0}, {0.9});
    CHECK(one(1.0) == Approx(1.0 / 0.9 - 1.0));
}

TEST_CASE("an efficiency above one is refused as a negative loss") {
    try {
        Curve::loss_from_efficiency({0.5, 1.0}, {0.97, 1.02});
        FAIL("accepted");
    } catch (const Error& e) {
        CHECK(std::string(e.what()).find("negative") != std::string::npos);
    }
    CHECK_THROWS_AS(Curve::loss_from_efficiency({50.0}, {0.97}), Error);
    CHECK_THROWS_AS(Curve::loss_from_efficiency({}, {}), Error);
}
