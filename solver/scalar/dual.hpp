/// Forward-mode dual numbers of fixed size: a value and its derivatives with respect to N seeds.
/// All operators are hidden friends, so wrappers that convert to Dual take part in arithmetic.
#pragma once

#include <cmath>

namespace kelvolt {

namespace detail {

// a SIMD register of `width` numbers, and a mask of as many
template <int width>
struct Register;
template <>
struct Register<2> {
    typedef double Block __attribute__((vector_size(16)));
    typedef long long Mask __attribute__((vector_size(16)));
    static constexpr Mask number{0, 1};
};
template <>
struct Register<4> {
    typedef double Block __attribute__((vector_size(32)));
    typedef long long Mask __attribute__((vector_size(32)));
    static constexpr Mask number{0, 1, 2, 3};
};

}  // namespace detail

/// N derivatives in blocks of SIMD registers. The last block may be wider than N; the rest stays zero.
template <int N>
class Lanes {
    static constexpr int width = N >= 3 ? 4 : 2;
    static constexpr int blocks = (N + width - 1) / width;
    using Block = typename detail::Register<width>::Block;
    using Mask = typename detail::Register<width>::Mask;
    Block b[blocks]{};

   public:
    double operator[](int i) const { return reinterpret_cast<const double*>(b)[i]; }  // a vector aliases its elements
    double& operator[](int i) { return reinterpret_cast<double*>(b)[i]; }

    /// `seed` in one slot, zero in the others; no store of a part, which the next load of the whole would wait for
    [[gnu::always_inline]] void seed(int slot, double seed) {
#pragma GCC unroll 8
        for (int k = 0; k < blocks; ++k)
            b[k] = detail::Register<width>::number == slot - k * width ? seed + Block{} : Block{};
    }
    /// dx x
    [[gnu::always_inline]] void scale(double dx, const Lanes& x) {
#pragma GCC unroll 8
        for (int k = 0; k < blocks; ++k) b[k] = dx * x.b[k];
    }
    /// dx x + dy y
    [[gnu::always_inline]] void combine(double dx, const Lanes& x, double dy, const Lanes& y) {
#pragma GCC unroll 8
        for (int k = 0; k < blocks; ++k) b[k] = dx * x.b[k] + dy * y.b[k];
    }
    [[gnu::always_inline]] void add(const Lanes& x, const Lanes& y) {
#pragma GCC unroll 8
        for (int k = 0; k < blocks; ++k) b[k] = x.b[k] + y.b[k];
    }
    [[gnu::always_inline]] void subtract(const Lanes& x, const Lanes& y) {
#pragma GCC unroll 8
        for (int k = 0; k < blocks; ++k) b[k] = x.b[k] - y.b[k];
    }
    /// one of two without a branch, in registers
    [[gnu::always_inline]] void choose(bool first, const Lanes& x, const Lanes& y) {
        const Mask mask = Mask{} - static_cast<long long>(first);
#pragma GCC unroll 8
        for (int k = 0; k < blocks; ++k) b[k] = mask ? x.b[k] : y.b[k];
    }
};

/// One derivative.
template <>
class Lanes<1> {
    double b = 0.0;

   public:
    double operator[](int) const { return b; }
    double& operator[](int) { return b; }
    void seed(int, double seed) { b = seed; }
    void scale(double dx, const Lanes& x) { b = dx * x.b; }
    void combine(double dx, const Lanes& x, double dy, const Lanes& y) { b = dx * x.b + dy * y.b; }
    void add(const Lanes& x, const Lanes& y) { b = x.b + y.b; }
    void subtract(const Lanes& x, const Lanes& y) { b = x.b - y.b; }
    void choose(bool first, const Lanes& x, const Lanes& y) { b = first ? x.b : y.b; }
};

template <int N>
struct Dual {
    double v = 0.0;
    Lanes<N> d{};

    Dual() = default;
    Dual(double value) : v(value) {}  // NOLINT: constants mix freely with duals

    /// An independent variable: value `value`, derivative `seed` with respect to slot `slot`.
    static Dual seeded(double value, int slot, double seed = 1.0) {
        Dual x(value);
        x.d.seed(slot, seed);
        return x;
    }

    /// Chain rule for one argument: f(x) with derivative df.
    static Dual chain(double f, double df, const Dual& x) {
        Dual r(f);
        r.d.scale(df, x.d);
        return r;
    }
    /// Chain rule for two arguments.
    static Dual chain(double f, double dx, const Dual& x, double dy, const Dual& y) {
        Dual r(f);
        r.d.combine(dx, x.d, dy, y.d);
        return r;
    }

    friend Dual operator+(const Dual& a) { return a; }
    friend Dual operator-(const Dual& a) { return chain(-a.v, -1.0, a); }

    friend Dual operator+(const Dual& a, const Dual& b) {
        Dual r(a.v + b.v);
        r.d.add(a.d, b.d);
        return r;
    }
    friend Dual operator-(const Dual& a, const Dual& b) {
        Dual r(a.v - b.v);
        r.d.subtract(a.d, b.d);
        return r;
    }
    friend Dual operator*(const Dual& a, const Dual& b) { return chain(a.v * b.v, b.v, a, a.v, b); }
    friend Dual operator/(const Dual& a, const Dual& b) {
        const double inverse = 1.0 / b.v, q = a.v * inverse;
        return chain(q, inverse, a, -q * inverse, b);
    }

    friend Dual operator+(Dual a, double b) {
        a.v += b;
        return a;
    }
    friend Dual operator+(double a, Dual b) {
        b.v += a;
        return b;
    }
    friend Dual operator-(Dual a, double b) {
        a.v -= b;
        return a;
    }
    friend Dual operator-(double a, const Dual& b) { return chain(a - b.v, -1.0, b); }
    friend Dual operator*(const Dual& a, double b) { return chain(a.v * b, b, a); }
    friend Dual operator*(double a, const Dual& b) { return chain(a * b.v, a, b); }
    friend Dual operator/(const Dual& a, double b) { return chain(a.v / b, 1.0 / b, a); }
    friend Dual operator/(double a, const Dual& b) {
        const double q = a / b.v;
        return chain(q, -q / b.v, b);
    }

    Dual& operator+=(const Dual& b) { return *this = *this + b; }
    Dual& operator-=(const Dual& b) { return *this = *this - b; }
    Dual& operator*=(const Dual& b) { return *this = *this * b; }
    Dual& operator/=(const Dual& b) { return *this = *this / b; }

    friend bool operator<(const Dual& a, const Dual& b) { return a.v < b.v; }
    friend bool operator>(const Dual& a, const Dual& b) { return a.v > b.v; }

    friend Dual sqrt(const Dual& a) {
        const double r = std::sqrt(a.v);
        return chain(r, 0.5 / r, a);
    }
    friend Dual cbrt(const Dual& a) {
        const double r = std::cbrt(a.v);
        return chain(r, 1.0 / (3.0 * r * r), a);
    }
    friend Dual exp(const Dual& a) {
        const double r = std::exp(a.v);
        return chain(r, r, a);
    }
    friend Dual expm1(const Dual& a) { return chain(std::expm1(a.v), std::exp(a.v), a); }
    friend Dual log(const Dual& a) { return chain(std::log(a.v), 1.0 / a.v, a); }
    friend Dual log1p(const Dual& a) { return chain(std::log1p(a.v), 1.0 / (1.0 + a.v), a); }
    friend Dual tanh(const Dual& a) {
        const double r = std::tanh(a.v);
        return chain(r, 1.0 - r * r, a);
    }
    friend Dual atan(const Dual& a) { return chain(std::atan(a.v), 1.0 / (1.0 + a.v * a.v), a); }
    friend Dual sin(const Dual& a) { return chain(std::sin(a.v), std::cos(a.v), a); }
    friend Dual cos(const Dual& a) { return chain(std::cos(a.v), -std::sin(a.v), a); }
    /// a^b for a > 0.
    friend Dual pow(const Dual& a, double b) {
        const double r = std::pow(a.v, b);
        return chain(r, b * r / a.v, a);
    }
    friend Dual pow(const Dual& a, const Dual& b) {
        const double r = std::pow(a.v, b.v);
        return chain(r, b.v * r / a.v, a, r * std::log(a.v), b);
    }
    friend Dual pow(double a, const Dual& b) {
        const double r = std::pow(a, b.v);
        return chain(r, r * std::log(a), b);
    }
    /// Multiply by 0 where a derivative is not wanted (frozen quantities): the value alone.
    friend double value(const Dual& a) { return a.v; }

    /// One of two arms; both are evaluated, so both must be finite everywhere.
    friend Dual select(bool condition, const Dual& a, const Dual& b) {
        Dual r(condition ? a.v : b.v);
        r.d.choose(condition, a.d, b.d);
        return r;
    }
};

constexpr double value(double x) { return x; }
constexpr double select(bool condition, double a, double b) { return condition ? a : b; }

/// A function known by its value and slope at x, applied to any scalar (tables, external curves).
template <int N>
Dual<N> chained(double f, double df, const Dual<N>& x) {
    return Dual<N>::chain(f, df, x);
}
constexpr double chained(double f, double, double) { return f; }

}  // namespace kelvolt
