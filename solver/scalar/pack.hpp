/// Pack of eight numbers, to evaluate eight instances of a model at once. A comparison gives a mask with one result per
/// lane. Elementary functions are those of libmvec of glibc (within 4 ulp) where it supports the processor, else they
/// are computed lane by lane.
#pragma once

#include <cmath>
#include <cstring>
#include <type_traits>

#if defined(__x86_64__) && defined(KELVOLT_LIBMVEC)
#include <immintrin.h>
#endif

namespace kelvolt {

namespace detail {

typedef double PackBlock __attribute__((vector_size(64)));
typedef long long PackMaskBlock __attribute__((vector_size(64)));

// one instruction per register
[[gnu::always_inline]] inline PackBlock wide_sqrt(const PackBlock& x) {
#if defined(__AVX512F__) && defined(KELVOLT_LIBMVEC)
    return _mm512_maskz_sqrt_pd(0xff, x);
#else
    PackBlock y;
    for (int k = 0; k < 8; ++k) y[k] = std::sqrt(x[k]);
    return y;
#endif
}

#if defined(__x86_64__) && defined(KELVOLT_LIBMVEC)
#if defined(__AVX512F__)
typedef __m512d Chunk;
#define KELVOLT_WIDE(name) _ZGVeN8v_##name
#define KELVOLT_WIDE_2(name) _ZGVeN8vv_##name
#elif defined(__AVX2__)
typedef __m256d Chunk;
#define KELVOLT_WIDE(name) _ZGVdN4v_##name
#define KELVOLT_WIDE_2(name) _ZGVdN4vv_##name
#else
typedef __m128d Chunk;
#define KELVOLT_WIDE(name) _ZGVbN2v_##name
#define KELVOLT_WIDE_2(name) _ZGVbN2vv_##name
#endif
union Chunks {
    PackBlock whole;
    Chunk part[sizeof(PackBlock) / sizeof(Chunk)];
};
#define KELVOLT_PACK_FUNCTION(name)                                           \
    extern "C" Chunk KELVOLT_WIDE(name)(Chunk);                               \
    [[gnu::always_inline]] inline PackBlock wide_##name(const PackBlock& x) { \
        Chunks c{x};                                                          \
        for (auto& part : c.part) part = KELVOLT_WIDE(name)(part);            \
        return c.whole;                                                       \
    }
extern "C" Chunk KELVOLT_WIDE_2(pow)(Chunk, Chunk);
[[gnu::always_inline]] inline PackBlock wide_pow(const PackBlock& x, const PackBlock& y) {
    Chunks c{x};
    const Chunks e{y};
    for (unsigned k = 0; k < sizeof c.part / sizeof c.part[0]; ++k)
        c.part[k] = KELVOLT_WIDE_2(pow)(c.part[k], e.part[k]);
    return c.whole;
}
#else
#define KELVOLT_PACK_FUNCTION(name)                         \
    inline PackBlock wide_##name(const PackBlock& x) {      \
        PackBlock y;                                        \
        for (int k = 0; k < 8; ++k) y[k] = std::name(x[k]); \
        return y;                                           \
    }
inline PackBlock wide_pow(const PackBlock& x, const PackBlock& y) {
    PackBlock z;
    for (int k = 0; k < 8; ++k) z[k] = std::pow(x[k], y[k]);
    return z;
}
#endif
KELVOLT_PACK_FUNCTION(exp)
KELVOLT_PACK_FUNCTION(expm1)
KELVOLT_PACK_FUNCTION(log)
KELVOLT_PACK_FUNCTION(log1p)
KELVOLT_PACK_FUNCTION(tanh)
KELVOLT_PACK_FUNCTION(atan)
KELVOLT_PACK_FUNCTION(sin)
KELVOLT_PACK_FUNCTION(cos)
KELVOLT_PACK_FUNCTION(cbrt)
#undef KELVOLT_PACK_FUNCTION

}  // namespace detail

/// A truth value for each lane.
struct PackMask {
    detail::PackMaskBlock b;
    friend PackMask operator&(const PackMask& x, const PackMask& y) { return {x.b & y.b}; }
    friend PackMask operator|(const PackMask& x, const PackMask& y) { return {x.b | y.b}; }
    friend PackMask operator!(const PackMask& x) { return {~x.b}; }
    friend bool any(const PackMask& x) {
#if defined(__AVX512DQ__) && defined(KELVOLT_LIBMVEC)
        return _mm512_movepi64_mask((__m512i)x.b) != 0;
#else
        long long found = 0;
        for (int k = 0; k < 8; ++k) found |= x.b[k];
        return found != 0;
#endif
    }
};

struct Pack {
    static constexpr int size = 8;
    using Block = detail::PackBlock;
    Block b;

    Pack() {}                                      // NOLINT: not initialised, like a plain double
    Pack(double x) : b{x, x, x, x, x, x, x, x} {}  // NOLINT: constants convert to packs
    explicit Pack(const Block& block) : b(block) {}

    /// Loads consecutive numbers.
    static Pack adjacent(const double* first) {
        Pack x;
        std::memcpy(&x.b, first, sizeof x.b);
        return x;
    }
    void put_adjacent(double* first) const { std::memcpy(first, &b, sizeof b); }
    static Pack gathered(const double* all, const int* at) {
        return Pack(
            Block{all[at[0]], all[at[1]], all[at[2]], all[at[3]], all[at[4]], all[at[5]], all[at[6]], all[at[7]]});
    }

    double operator[](int lane) const { return b[lane]; }
    void set(int lane, double x) { b[lane] = x; }

    friend Pack operator+(const Pack& x) { return x; }
    friend Pack operator-(const Pack& x) { return Pack(-x.b); }
    friend Pack operator+(const Pack& x, const Pack& y) { return Pack(x.b + y.b); }
    friend Pack operator-(const Pack& x, const Pack& y) { return Pack(x.b - y.b); }
    friend Pack operator*(const Pack& x, const Pack& y) { return Pack(x.b * y.b); }
    friend Pack operator/(const Pack& x, const Pack& y) { return Pack(x.b / y.b); }
    Pack& operator+=(const Pack& y) { return b += y.b, *this; }
    Pack& operator-=(const Pack& y) { return b -= y.b, *this; }
    Pack& operator*=(const Pack& y) { return b *= y.b, *this; }
    Pack& operator/=(const Pack& y) { return b /= y.b, *this; }

    friend PackMask operator<(const Pack& x, const Pack& y) { return {x.b < y.b}; }
    friend PackMask operator>(const Pack& x, const Pack& y) { return {x.b > y.b}; }
    friend PackMask is_nan(const Pack& x) { return {x.b != x.b}; }
    friend PackMask is_zero(const Pack& x) { return {x.b == 0.0}; }
    friend bool all_zero(const Pack& x) { return !any(PackMask{x.b != 0.0}); }
    friend Pack select(const PackMask& condition, const Pack& x, const Pack& y) {
        return Pack(condition.b ? x.b : y.b);
    }
    friend Pack select(bool condition, const Pack& x, const Pack& y) { return condition ? x : y; }
    friend Pack value(const Pack& x) { return x; }

    friend Pack sqrt(const Pack& x) { return Pack(detail::wide_sqrt(x.b)); }
    friend Pack cbrt(const Pack& x) { return Pack(detail::wide_cbrt(x.b)); }
    friend Pack exp(const Pack& x) { return Pack(detail::wide_exp(x.b)); }
    friend Pack expm1(const Pack& x) { return Pack(detail::wide_expm1(x.b)); }
    friend Pack log(const Pack& x) { return Pack(detail::wide_log(x.b)); }
    friend Pack log1p(const Pack& x) { return Pack(detail::wide_log1p(x.b)); }
    friend Pack tanh(const Pack& x) { return Pack(detail::wide_tanh(x.b)); }
    friend Pack atan(const Pack& x) { return Pack(detail::wide_atan(x.b)); }
    friend Pack sin(const Pack& x) { return Pack(detail::wide_sin(x.b)); }
    friend Pack cos(const Pack& x) { return Pack(detail::wide_cos(x.b)); }
    friend Pack pow(const Pack& x, const Pack& y) { return Pack(detail::wide_pow(x.b, y.b)); }
};

/// Is S a number without derivatives: one, or one per lane?
template <class S>
inline constexpr bool is_number = std::is_same_v<S, double> || std::is_same_v<S, Pack>;

}  // namespace kelvolt
