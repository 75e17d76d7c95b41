#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// Signal of constant value; it may follow a profile or change at an event.
///   signal = value
struct Constant {
    static constexpr std::string_view type = "constant";
    static constexpr std::string_view doc = "A signal of constant value";
    static constexpr Role role = Role::signal;
    static constexpr bool in_lanes = true;

    template <class P>
    struct Params {
        P value;
        static constexpr auto declare() { return std::tuple{param(&Params::value, "value", "1", "the value", any())}; }
    };
    template <class S>
    struct Vars {
        SignalPort<S> signal;
        static constexpr auto declare() { return std::tuple{port(&Vars::signal, "signal", "the signal").writes()}; }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.signal.equation = x.signal.value - p.value;
    }
};

}  // namespace kelvolt::models
