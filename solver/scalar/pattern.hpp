/// A scalar without a value: the set of variables on which it depends. Evaluating a model's equations with it gives the
/// exact structure of its Jacobian: both results of every select are included, and `if (state > 0)` does not compile,
/// because a comparison gives an Undecided.
#pragma once

#include <cstdint>

namespace kelvolt {

struct Undecided {};

struct Pattern {
    std::uint64_t bits = 0;

    constexpr Pattern() = default;
    constexpr Pattern(double) {}  // NOLINT: a constant depends on no variable
    static constexpr Pattern of(int slot) {
        Pattern p;
        p.bits = std::uint64_t{1} << slot;
        return p;
    }
    static constexpr Pattern join(const Pattern& a, const Pattern& b) {
        Pattern p;
        p.bits = a.bits | b.bits;
        return p;
    }

    friend constexpr Pattern operator+(const Pattern& a) { return a; }
    friend constexpr Pattern operator-(const Pattern& a) { return a; }
    friend constexpr Pattern operator+(const Pattern& a, const Pattern& b) { return join(a, b); }
    friend constexpr Pattern operator-(const Pattern& a, const Pattern& b) { return join(a, b); }
    friend constexpr Pattern operator*(const Pattern& a, const Pattern& b) { return join(a, b); }
    friend constexpr Pattern operator/(const Pattern& a, const Pattern& b) { return join(a, b); }
    constexpr Pattern& operator+=(const Pattern& b) { return *this = join(*this, b); }
    constexpr Pattern& operator-=(const Pattern& b) { return *this = join(*this, b); }
    constexpr Pattern& operator*=(const Pattern& b) { return *this = join(*this, b); }
    constexpr Pattern& operator/=(const Pattern& b) { return *this = join(*this, b); }

    friend constexpr Undecided operator<(const Pattern&, const Pattern&) { return {}; }
    friend constexpr Undecided operator>(const Pattern&, const Pattern&) { return {}; }
    friend constexpr Pattern select(Undecided, const Pattern& a, const Pattern& b) { return join(a, b); }
    friend constexpr Pattern select(bool, const Pattern& a, const Pattern& b) { return join(a, b); }

    friend constexpr Pattern sqrt(const Pattern& a) { return a; }
    friend constexpr Pattern cbrt(const Pattern& a) { return a; }
    friend constexpr Pattern exp(const Pattern& a) { return a; }
    friend constexpr Pattern expm1(const Pattern& a) { return a; }
    friend constexpr Pattern log(const Pattern& a) { return a; }
    friend constexpr Pattern log1p(const Pattern& a) { return a; }
    friend constexpr Pattern tanh(const Pattern& a) { return a; }
    friend constexpr Pattern atan(const Pattern& a) { return a; }
    friend constexpr Pattern sin(const Pattern& a) { return a; }
    friend constexpr Pattern cos(const Pattern& a) { return a; }
    friend constexpr Pattern pow(const Pattern& a, const Pattern& b) { return join(a, b); }
    /// A pattern has no value; 1.0 keeps curves and logarithms finite.
    friend constexpr double value(const Pattern&) { return 1.0; }
};

constexpr Pattern chained(double, double, const Pattern& x) { return x; }
constexpr void add_chained(Pattern& f, double, const Pattern& x) { f = Pattern::join(f, x); }

}  // namespace kelvolt
