/// Forward-mode dual numbers of fixed size: a value and its derivatives with respect to N seeds. The value may be a
/// number, with the derivatives in the lanes of SIMD registers, or a pack of eight. All operators are hidden friends,
/// so that types which convert to Dual can be used in arithmetic.
#pragma once

#include <cmath>
#include <type_traits>
#include <utility>

#include "solver/scalar/pack.hpp"

namespace kelvolt {

namespace detail {

// a SIMD register of `width` numbers, and a mask of the same width
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

/// N derivatives of a number in blocks of SIMD registers. The last block may have lanes beyond N; these stay zero.
template <int N, class V = double>
class Lanes {
    static constexpr int width = N >= 3 ? 4 : 2;
    static constexpr int blocks = (N + width - 1) / width;
    using Block = typename detail::Register<width>::Block;
    using Mask = typename detail::Register<width>::Mask;
    Block b[blocks]{};

   public:
    void clear() {}                                                                   // already zero
    double operator[](int i) const { return reinterpret_cast<const double*>(b)[i]; }  // may alias its elements
    double& operator[](int i) { return reinterpret_cast<double*>(b)[i]; }

    /// `seed` in one slot, zero in the others; written as whole registers, because a load after a partial store would
    /// have to wait
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
    [[gnu::always_inline]] void add_part(double dx, const Lanes& x) { combine(1.0, *this, dx, x); }
    [[gnu::always_inline]] void add(const Lanes& x, const Lanes& y) {
#pragma GCC unroll 8
        for (int k = 0; k < blocks; ++k) b[k] = x.b[k] + y.b[k];
    }
    [[gnu::always_inline]] void subtract(const Lanes& x, const Lanes& y) {
#pragma GCC unroll 8
        for (int k = 0; k < blocks; ++k) b[k] = x.b[k] - y.b[k];
    }
    /// selects one of two without a branch, in registers
    [[gnu::always_inline]] void choose(bool first, const Lanes& x, const Lanes& y) {
        const Mask mask = Mask{} - static_cast<long long>(first);
#pragma GCC unroll 8
        for (int k = 0; k < blocks; ++k) b[k] = mask ? x.b[k] : y.b[k];
    }
};

/// A single derivative.
template <>
class Lanes<1, double> {
    double b = 0.0;

   public:
    void clear() {}
    double operator[](int) const { return b; }
    double& operator[](int) { return b; }
    void seed(int, double seed) { b = seed; }
    void scale(double dx, const Lanes& x) { b = dx * x.b; }
    void combine(double dx, const Lanes& x, double dy, const Lanes& y) { b = dx * x.b + dy * y.b; }
    void add_part(double dx, const Lanes& x) { b += dx * x.b; }
    void add(const Lanes& x, const Lanes& y) { b = x.b + y.b; }
    void subtract(const Lanes& x, const Lanes& y) { b = x.b - y.b; }
    void choose(bool first, const Lanes& x, const Lanes& y) { b = first ? x.b : y.b; }
};

/// N derivatives of a pack, one register each.
template <int N>
requires(N > 0) class Lanes<N, Pack> {
    Pack b[N];

   public:
    Lanes() {}  // NOLINT: always assigned before use
    Lanes(const Lanes& x) { *this = x; }
    // register by register; otherwise the compiler copies halves of registers
    Lanes& operator=(const Lanes& x) {
#pragma GCC unroll 16
        for (int k = 0; k < N; ++k) b[k] = x.b[k];
        return *this;
    }
    void clear() {
        for (Pack& x : b) x = 0.0;
    }
    const Pack& operator[](int i) const { return b[i]; }
    Pack& operator[](int i) { return b[i]; }
    [[gnu::always_inline]] void seed(int slot, const Pack& seed) {
#pragma GCC unroll 16
        for (int k = 0; k < N; ++k) b[k] = k == slot ? seed : Pack(0.0);
    }
    [[gnu::always_inline]] void scale(const Pack& dx, const Lanes& x) {
#pragma GCC unroll 16
        for (int k = 0; k < N; ++k) b[k] = dx * x.b[k];
    }
    [[gnu::always_inline]] void combine(const Pack& dx, const Lanes& x, const Pack& dy, const Lanes& y) {
#pragma GCC unroll 16
        for (int k = 0; k < N; ++k) b[k] = dx * x.b[k] + dy * y.b[k];
    }
    [[gnu::always_inline]] void add_part(const Pack& dx, const Lanes& x) { combine(1.0, *this, dx, x); }
    [[gnu::always_inline]] void add(const Lanes& x, const Lanes& y) {
#pragma GCC unroll 16
        for (int k = 0; k < N; ++k) b[k] = x.b[k] + y.b[k];
    }
    [[gnu::always_inline]] void subtract(const Lanes& x, const Lanes& y) {
#pragma GCC unroll 16
        for (int k = 0; k < N; ++k) b[k] = x.b[k] - y.b[k];
    }
    template <class Condition>
    [[gnu::always_inline]] void choose(const Condition& first, const Lanes& x, const Lanes& y) {
#pragma GCC unroll 16
        for (int k = 0; k < N; ++k) b[k] = select(first, x.b[k], y.b[k]);
    }
};

constexpr double value(double x) { return x; }
constexpr double select(bool condition, double a, double b) { return condition ? a : b; }
inline bool is_nan(double x) { return std::isnan(x); }
constexpr bool any(bool x) { return x; }
constexpr bool is_zero(double x) { return x == 0.0; }
constexpr bool all_zero(double x) { return x == 0.0; }

namespace detail {

struct NoNumber {
    constexpr operator double() const { return 0.0; }
};

// elementary functions of numbers and of packs under one name
namespace fn {
#define KELVOLT_FUNCTION(name)                         \
    template <class V>                                 \
    [[gnu::always_inline]] inline V name(const V& x) { \
        using std::name;                               \
        return name(x);                                \
    }
KELVOLT_FUNCTION(sqrt)
KELVOLT_FUNCTION(cbrt)
KELVOLT_FUNCTION(exp)
KELVOLT_FUNCTION(expm1)
KELVOLT_FUNCTION(log)
KELVOLT_FUNCTION(log1p)
KELVOLT_FUNCTION(tanh)
KELVOLT_FUNCTION(atan)
KELVOLT_FUNCTION(sin)
KELVOLT_FUNCTION(cos)
#undef KELVOLT_FUNCTION
template <class V>
[[gnu::always_inline]] inline V pow(const V& x, const V& y) {
    using std::pow;
    return pow(x, y);
}
}  // namespace fn

}  // namespace detail

template <int N, class V = double>
struct Dual {
    V v;
    Lanes<N, V> d;
    /// a constant used with packs; with numbers the constant is itself a number
    using Plain = std::conditional_t<std::is_same_v<V, double>, detail::NoNumber, double>;

    Dual() : Dual(V(0.0)) {}
    Dual(const V& value) : v(value) { d.clear(); }  // NOLINT: constants convert to duals
    template <class C>
    requires(std::is_arithmetic_v<C> && !std::is_same_v<V, double>) Dual(C value) : Dual(V(value)) {}  // NOLINT

    // marks a dual whose derivatives are set afterwards
    enum Unset { unset };
    Dual(const V& value, Unset) : v(value) {}

    /// An independent variable: value `value`, derivative `seed` with respect to slot `slot`.
    static Dual seeded(const V& value, int slot, const V& seed = 1.0) {
        Dual x(value, unset);
        x.d.seed(slot, seed);
        return x;
    }

    /// Chain rule for one argument: f(x) with the derivative df.
    static Dual chain(const V& f, const V& df, const Dual& x) {
        Dual r(f, unset);
        r.d.scale(df, x.d);
        return r;
    }
    /// Chain rule for two arguments.
    static Dual chain(const V& f, const V& dx, const Dual& x, const V& dy, const Dual& y) {
        Dual r(f, unset);
        r.d.combine(dx, x.d, dy, y.d);
        return r;
    }

    friend Dual operator+(const Dual& a) { return a; }
    friend Dual operator-(const Dual& a) { return chain(-a.v, -1.0, a); }

    friend Dual operator+(const Dual& a, const Dual& b) {
        Dual r(a.v + b.v, unset);
        r.d.add(a.d, b.d);
        return r;
    }
    friend Dual operator-(const Dual& a, const Dual& b) {
        Dual r(a.v - b.v, unset);
        r.d.subtract(a.d, b.d);
        return r;
    }
    friend Dual operator*(const Dual& a, const Dual& b) { return chain(a.v * b.v, b.v, a, a.v, b); }
    friend Dual operator/(const Dual& a, const Dual& b) {
        const V inverse = 1.0 / b.v, q = a.v * inverse;
        return chain(q, inverse, a, -q * inverse, b);
    }

    friend Dual operator+(Dual a, const V& b) {
        a.v += b;
        return a;
    }
    friend Dual operator+(const V& a, Dual b) {
        b.v += a;
        return b;
    }
    friend Dual operator-(Dual a, const V& b) {
        a.v -= b;
        return a;
    }
    friend Dual operator-(const V& a, const Dual& b) { return chain(a - b.v, -1.0, b); }
    friend Dual operator*(const Dual& a, const V& b) { return chain(a.v * b, b, a); }
    friend Dual operator*(const V& a, const Dual& b) { return chain(a * b.v, a, b); }
    friend Dual operator/(const Dual& a, const V& b) {
        const V inverse = 1.0 / b;
        return chain(a.v * inverse, inverse, a);
    }
    friend Dual operator/(const V& a, const Dual& b) {
        const V q = a / b.v;
        return chain(q, -q / b.v, b);
    }

    friend Dual operator+(const Dual& a, Plain b) { return a + V(b); }
    friend Dual operator+(Plain a, const Dual& b) { return V(a) + b; }
    friend Dual operator-(const Dual& a, Plain b) { return a - V(b); }
    friend Dual operator-(Plain a, const Dual& b) { return V(a) - b; }
    friend Dual operator*(const Dual& a, Plain b) { return a * V(b); }
    friend Dual operator*(Plain a, const Dual& b) { return V(a) * b; }
    friend Dual operator/(const Dual& a, Plain b) { return a * V(1.0 / b); }
    friend Dual operator/(Plain a, const Dual& b) { return V(a) / b; }

    Dual& operator+=(const Dual& b) { return *this = *this + b; }
    Dual& operator-=(const Dual& b) { return *this = *this - b; }
    Dual& operator*=(const Dual& b) { return *this = *this * b; }
    Dual& operator/=(const Dual& b) { return *this = *this / b; }

    friend auto operator<(const Dual& a, const Dual& b) { return a.v < b.v; }
    friend auto operator>(const Dual& a, const Dual& b) { return a.v > b.v; }

    friend Dual sqrt(const Dual& a) {
        const V r = detail::fn::sqrt(a.v);
        return chain(r, 0.5 / r, a);
    }
    friend Dual cbrt(const Dual& a) {
        const V r = detail::fn::cbrt(a.v);
        return chain(r, 1.0 / (3.0 * r * r), a);
    }
    friend Dual exp(const Dual& a) {
        const V r = detail::fn::exp(a.v);
        return chain(r, r, a);
    }
    friend Dual expm1(const Dual& a) { return chain(detail::fn::expm1(a.v), detail::fn::exp(a.v), a); }
    friend Dual log(const Dual& a) { return chain(detail::fn::log(a.v), 1.0 / a.v, a); }
    friend Dual log1p(const Dual& a) { return chain(detail::fn::log1p(a.v), 1.0 / (1.0 + a.v), a); }
    friend Dual tanh(const Dual& a) {
        const V r = detail::fn::tanh(a.v);
        return chain(r, 1.0 - r * r, a);
    }
    friend Dual atan(const Dual& a) { return chain(detail::fn::atan(a.v), 1.0 / (1.0 + a.v * a.v), a); }
    friend Dual sin(const Dual& a) { return chain(detail::fn::sin(a.v), detail::fn::cos(a.v), a); }
    friend Dual cos(const Dual& a) { return chain(detail::fn::cos(a.v), -detail::fn::sin(a.v), a); }
    /// a^b for a > 0.
    friend Dual pow(const Dual& a, const V& b) {
        const V r = detail::fn::pow(a.v, b);
        return chain(r, b * r / a.v, a);
    }
    friend Dual pow(const Dual& a, const Dual& b) {
        const V r = detail::fn::pow(a.v, b.v);
        return chain(r, b.v * r / a.v, a, r * detail::fn::log(a.v), b);
    }
    friend Dual pow(const V& a, const Dual& b) {
        const V r = detail::fn::pow(a, b.v);
        return chain(r, r * detail::fn::log(a), b);
    }
    friend Dual pow(const Dual& a, Plain b) { return pow(a, V(b)); }
    friend Dual pow(Plain a, const Dual& b) { return pow(V(a), b); }
    /// The value alone, where a derivative is not wanted (quantities held constant).
    friend V value(const Dual& a) { return a.v; }

    /// One of two values; both are evaluated, so both must be finite everywhere.
    template <class Condition>
    friend Dual select(const Condition& condition, const Dual& a, const Dual& b) {
        using kelvolt::select;
        Dual r(select(condition, a.v, b.v), unset);
        r.d.choose(condition, a.d, b.d);
        return r;
    }
};

/// A function given by its value and slope at x, for any scalar (tables, external curves).
template <int N, class V>
Dual<N, V> chained(const std::type_identity_t<V>& f, const std::type_identity_t<V>& df, const Dual<N, V>& x) {
    return Dual<N, V>::chain(f, df, x);
}
constexpr double chained(double f, double, double) { return f; }
/// Adds the contribution of one more argument of f; f must not have been used yet.
template <int N, class V>
void add_chained(Dual<N, V>& f, const std::type_identity_t<V>& df, const Dual<N, V>& x) {
    f.d.add_part(df, x.d);
}
inline Pack chained(const Pack& f, const Pack&, const Pack&) { return f; }

/// Whether x is known to depend on no seed: a number, or a reverse-mode scalar without a place on the tape. Then only
/// its value is used.
template <class S>
constexpr bool is_constant(const S& x) {
    if constexpr (requires { x.d.constant(); })
        return x.d.constant();
    else
        return is_number<S>;
}

/// Type of the value of a scalar: a number, or a pack of them.
template <class S>
using ValueOf = std::decay_t<decltype(value(std::declval<const S&>()))>;

}  // namespace kelvolt
