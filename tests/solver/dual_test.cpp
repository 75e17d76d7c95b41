#include "solver/scalar/dual.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "solver/model/declare.hpp"
#include "solver/scalar/pattern.hpp"

using kelvolt::Dual;
using kelvolt::Pattern;
using kelvolt::Undecided;

namespace {

using D2 = Dual<2>;

template <int N>
std::vector<double> slopes(const Dual<N>& x) {
    std::vector<double> all;
    for (int i = 0; i < N; ++i) all.push_back(x.d[i]);
    return all;
}
using List = std::vector<double>;

// central difference of f in its first or second argument, error of order h^2
double difference(const std::function<double(double, double)>& f, double x, double y, int in) {
    const double h = 1e-6 * (1.0 + std::abs(in == 0 ? x : y));
    return in == 0 ? (f(x + h, y) - f(x - h, y)) / (2.0 * h) : (f(x, y + h) - f(x, y - h)) / (2.0 * h);
}

// value and both derivatives of `on_duals` against the same formula on numbers
template <class OnDuals, class OnNumbers>
void compare(const char* name, OnDuals on_duals, OnNumbers on_numbers, double x, double y) {
    INFO(name, " at (", x, ", ", y, ")");
    const D2 result = on_duals(D2::seeded(x, 0), D2::seeded(y, 1));
    CHECK(result.v == doctest::Approx(on_numbers(x, y)).epsilon(1e-14));
    for (int in : {0, 1}) {
        const double expected = difference(on_numbers, x, y, in);
        CHECK(result.d[in] == doctest::Approx(expected).epsilon(1e-7).scale(1.0));
    }
}

}  // namespace

#define COMPARE(expression, x0, y0)                                                                   \
    compare(                                                                                          \
        #expression, [](const auto& x, const auto& y) { return D2(expression) + 0.0 * x + 0.0 * y; }, \
        [](double x, double y) {                                                                      \
            using namespace std;                                                                      \
            return double(expression) + 0.0 * x + 0.0 * y;                                            \
        },                                                                                            \
        x0, y0)

TEST_CASE("dual arithmetic gives the derivatives that central differences give") {
    for (double x : {-2.5, 0.7, 13.0})
        for (double y : {-0.4, 1.0, 6.0}) {
            COMPARE(x + y, x, y);
            COMPARE(x - y, x, y);
            COMPARE(x * y, x, y);
            COMPARE(x / y, x, y);
            COMPARE(+x - (-y), x, y);
            COMPARE(x + 3.0, x, y);
            COMPARE(3.0 + y, x, y);
            COMPARE(x - 3.0, x, y);
            COMPARE(3.0 - y, x, y);
            COMPARE(x * 3.0, x, y);
            COMPARE(3.0 * y, x, y);
            COMPARE(x / 3.0, x, y);
            COMPARE(3.0 / y, x, y);
        }
}

TEST_CASE("every function of a dual gives the derivative that central differences give") {
    for (double x : {0.3, 1.0, 4.2})
        for (double y : {-1.3, 0.5, 2.0}) {
            COMPARE(sqrt(x), x, y);
            COMPARE(exp(y), x, y);
            COMPARE(expm1(y), x, y);
            COMPARE(log(x), x, y);
            COMPARE(log1p(x), x, y);
            COMPARE(tanh(y), x, y);
            COMPARE(atan(y), x, y);
            COMPARE(sin(y), x, y);
            COMPARE(cos(y), x, y);
            COMPARE(pow(x, 1.75), x, y);
            COMPARE(pow(x, y), x, y);
            COMPARE(pow(2.3, y), x, y);
            COMPARE(exp(sin(x * y)) / (1.0 + x * x) - log(x) * tanh(y), x, y);
        }
}

TEST_CASE("in-place operators equal their two-sided forms") {
    const D2 x = D2::seeded(1.7, 0), y = D2::seeded(-0.3, 1);
    D2 a = x, b = x, c = x, d = x;
    a += y, b -= y, c *= y, d /= y;
    const std::pair<D2, D2> pairs[] = {{a, x + y}, {b, x - y}, {c, x * y}, {d, x / y}};
    for (const auto& [in_place, plain] : pairs) {
        CHECK(in_place.v == plain.v);
        CHECK(slopes(in_place) == slopes(plain));
    }
}

TEST_CASE("a seed scales the derivative, and a constant has none") {
    const Dual<3> x = Dual<3>::seeded(5.0, 2, 0.25), constant = 7.0;
    CHECK(slopes(x * x) == List{0.0, 0.0, 2.5});
    CHECK(slopes(constant) == List{0.0, 0.0, 0.0});
    CHECK(value(x * constant) == 35.0);
}

TEST_CASE("select takes value and derivatives from the chosen arm alone") {
    const D2 x = D2::seeded(2.0, 0), y = D2::seeded(3.0, 1);
    CHECK(slopes(select(x < y, x, y)) == List{1.0, 0.0});
    CHECK(slopes(select(x > y, x, y)) == List{0.0, 1.0});
    CHECK(kelvolt::select(false, 1.0, 2.0) == 2.0);
}

TEST_CASE("a function given by value and slope is chained like any other") {
    const D2 x = D2::seeded(0.6, 0, 2.0);
    const D2 y = kelvolt::chained(std::sin(0.6), std::cos(0.6), x);
    CHECK(y.v == sin(x).v);
    CHECK(slopes(y) == slopes(sin(x)));
    CHECK(kelvolt::chained(4.0, 1.0, 2.0) == 4.0);
}

TEST_CASE("an unknown takes part in arithmetic as its value") {
    kelvolt::Unknown<D2> T;
    T.value = D2::seeded(300.0, 1);
    const D2 rise = 2.0 * T - 1.0;
    CHECK(rise.v == 599.0);
    CHECK(slopes(rise) == List{0.0, 2.0});
}

TEST_CASE("a pattern follows both arms of a select and every operand") {
    const Pattern a = Pattern::of(0), b = Pattern::of(3), c = Pattern::of(63);
    CHECK(select(a < b, a, c).bits == (a.bits | c.bits));
    CHECK(select(true, a, b).bits == (a.bits | b.bits));
    CHECK((a * 2.0 + 1.0 / b).bits == (a.bits | b.bits));
    CHECK(pow(a, b).bits == (a.bits | b.bits));
    CHECK(pow(2.0, c).bits == c.bits);
    Pattern sum = a;
    sum -= b, sum *= c;
    CHECK(sum.bits == (a.bits | b.bits | c.bits));
    // 0 x is structurally a dependence: the value of a pattern is never known
    CHECK((0.0 * a).bits == a.bits);
    CHECK(Pattern(3.0).bits == 0u);
    CHECK(kelvolt::chained(1.0, 0.0, c).bits == c.bits);
}

TEST_CASE("a comparison of patterns cannot decide an if") {
    static_assert(!std::is_convertible_v<Undecided, bool>);
    static_assert(std::is_same_v<decltype(Pattern() < Pattern()), Undecided>);
    static_assert(!std::is_convertible_v<Pattern, double>);
    CHECK(std::is_same_v<decltype(Pattern() > Pattern()), Undecided>);
}
