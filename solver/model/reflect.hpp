/// Iterates over the declarations of a model's Params and Vars at compile time.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

namespace kelvolt {

namespace detail {

template <class D>
concept IsNumber = requires(const D& d) {
    d.homotopy_;
};
template <class D>
concept IsChoice = requires(const D& d) {
    d.options;
};
template <class D>
concept IsCurve = requires(const D& d) {
    d.x_unit;
};
template <class D>
concept IsPort = requires(const D& d) {
    d.circuit_;
};
template <class D>
concept IsUnknown = requires(const D& d) {
    d.start_;
};
template <class D>
concept IsDiscrete = requires(const D& d) {
    d.initial;
};

/// The declarations of a Vars or Params, made once at compile time.
template <class V>
inline constexpr auto declared = V::declare();

template <class Tuple, class F>
[[gnu::always_inline]] constexpr void each(const Tuple& items, F&& f) {
    [&]<std::size_t... i>(std::index_sequence<i...>) __attribute__((always_inline)) { (f(std::get<i>(items)), ...); }
    (std::make_index_sequence<std::tuple_size_v<Tuple>>{});
}
template <class V, class Decl>
using MemberOf = std::remove_reference_t<decltype(std::declval<V&>().*(std::declval<Decl>().member))>;

template <class V>
constexpr int local_size() {
    int n = 0;
    each(declared<V>, [&]<class D>(const D&) {
        if constexpr (IsPort<D>) n += MemberOf<V, D>::size;
        if constexpr (IsUnknown<D>) n += 1;
    });
    return n;
}
template <class P>
constexpr int number_count() {
    int n = 0;
    each(declared<P>, [&]<class D>(const D&) { n += IsNumber<D> ? 1 : 0; });
    return n;
}
template <class Tuple>
constexpr int count_if_port(const Tuple& items) {
    int n = 0;
    each(items, [&]<class D>(const D&) { n += IsPort<D> ? 1 : 0; });
    return n;
}

}  // namespace detail

}  // namespace kelvolt
