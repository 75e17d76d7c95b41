#include "solver/scalar/pack.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "solver/scalar/dual.hpp"
#include "solver/scalar/reverse.hpp"

using kelvolt::Dual;
using kelvolt::Pack;
using kelvolt::Reverse;
using kelvolt::Tape;

namespace {

Pack eight(const std::function<double(int)>& f) {
    Pack x;
    for (int k = 0; k < Pack::size; ++k) x.set(k, f(k));
    return x;
}

// d(weighted sum of results)/d(seeds) by the tape
template <class F>
std::vector<Pack> backwards(const F& f, const std::vector<Pack>& at) {
    Tape<Pack> tape;
    tape.start(static_cast<int>(at.size()));
    std::vector<Reverse<Pack>> x;
    for (std::size_t k = 0; k < at.size(); ++k) {
        x.emplace_back(at[k]);
        x.back().d.seed(tape, static_cast<int>(k));
    }
    const Reverse<Pack> y = f(x);
    tape.finish();
    tape.weigh(y.d.place(), 1.0);
    tape.sweep();
    std::vector<Pack> slopes;
    for (std::size_t k = 0; k < at.size(); ++k) slopes.push_back(tape.by_seed(static_cast<int>(k)));
    return slopes;
}

}  // namespace

TEST_CASE("elementary functions of a pack are those of its numbers, within a few ulp") {
    for (int i = 0; i < 2000; ++i) {
        const auto at = [i](int k) { return -3.0 + 6.0 * (i * 8 + k) / 16000.0; };
        const Pack x = eight(at), positive = eight([&](int k) { return std::exp(4.0 * at(k)); });
        const auto check = [](const char* name, double is, double should) {
            if (std::fabs(is - should) > 2e-15 * std::fabs(should) + 1e-300) {
                INFO(name);
                CHECK(is == doctest::Approx(should).epsilon(1e-15));
            }
        };
        for (int k = 0; k < Pack::size; ++k) {
            check("exp", exp(x)[k], std::exp(x[k]));
            check("expm1", expm1(x)[k], std::expm1(x[k]));
            check("tanh", tanh(x)[k], std::tanh(x[k]));
            check("atan", atan(x)[k], std::atan(x[k]));
            check("sin", sin(x)[k], std::sin(x[k]));
            check("log", log(positive)[k], std::log(positive[k]));
            check("log1p", log1p(positive)[k], std::log1p(positive[k]));
            check("sqrt", sqrt(positive)[k], std::sqrt(positive[k]));
            check("cbrt", cbrt(positive)[k], std::cbrt(positive[k]));
            check("pow", pow(positive, Pack(1.85))[k], std::pow(positive[k], 1.85));
            check("quotient", (x / positive)[k], x[k] / positive[k]);
        }
    }
    CHECK(std::isnan(log(Pack(-1.0))[3]));
    CHECK(std::isinf(exp(Pack(800.0))[0]));
    CHECK(exp(Pack(-std::numeric_limits<double>::infinity()))[7] == 0.0);
}

TEST_CASE("a comparison of packs chooses lane by lane, and a number that is none is told apart") {
    const Pack x = eight([](int k) { return k - 3.5; });
    const Pack size = select(x < Pack(0.0), -x, x);
    for (int k = 0; k < Pack::size; ++k) CHECK(size[k] == std::fabs(k - 3.5));
    const Pack holes = eight([](int k) { return k == 2 ? std::nan("") : 1.0 * k; });
    const Pack filled = select(is_nan(holes), Pack(9.0), holes);
    for (int k = 0; k < Pack::size; ++k) CHECK(filled[k] == (k == 2 ? 9.0 : k));
    CHECK(any(is_nan(holes)));
    CHECK_FALSE(any(is_nan(filled)));
    CHECK(all_zero(Pack(0.0)));
    CHECK_FALSE(all_zero(x));
}

TEST_CASE("duals of packs and the tape carry the same derivatives as duals of numbers") {
    const auto f = [](const auto& x) {
        const auto inside = exp(x[0] * 0.3) / (1.0 + x[1] * x[1]) - pow(x[1], 1.7) + sqrt(x[2]) * 2.0;
        return select(x[0] < x[1], inside, log(x[2]) - inside * x[0]);
    };
    const auto at = [](int seed, int lane) { return 0.4 + 0.7 * seed + 0.31 * lane * (seed == 0 ? 1.0 : 0.5); };
    std::vector<Pack> places;
    std::vector<Dual<3, Pack>> x;
    for (int s = 0; s < 3; ++s) {
        places.push_back(eight([&](int lane) { return at(s, lane); }));
        x.push_back(Dual<3, Pack>::seeded(places.back(), s));
    }
    const Dual<3, Pack> forwards = f(x);
    const std::vector<Pack> back = backwards(f, places);
    for (int lane = 0; lane < Pack::size; ++lane) {
        std::vector<Dual<3>> one;
        for (int s = 0; s < 3; ++s) one.push_back(Dual<3>::seeded(at(s, lane), s));
        const Dual<3> y = f(one);
        CHECK(forwards.v[lane] == doctest::Approx(y.v).epsilon(1e-13));
        for (int s = 0; s < 3; ++s) {
            CHECK(forwards.d[s][lane] == doctest::Approx(y.d[s]).epsilon(1e-12));
            CHECK(back[s][lane] == doctest::Approx(y.d[s]).epsilon(1e-12));
        }
    }
}

TEST_CASE("an arm that is not taken weighs nothing on the tape, however steep it is") {
    const std::vector<Pack> slope =
        backwards([](const auto& x) { return select(x[0] > Reverse<Pack>(0.0), x[0] * 3.0, log(x[0] * 0.0)); }, {2.0});
    for (int k = 0; k < Pack::size; ++k) CHECK(slope[0][k] == 3.0);
}
