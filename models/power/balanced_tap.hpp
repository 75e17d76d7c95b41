#pragma once

#include "models/power/phasor.hpp"

namespace kelvolt::models {

/// Connects a balanced three-phase network (`line`, modelled by one phase) to four wires (`bus`).
///   v_line = (v_a + v_b e^(j 120 deg) + v_c e^(-j 120 deg))/3
///   i_b = i_a e^(-j 120 deg), i_c = i_a e^(j 120 deg)
/// v_line is the positive-sequence voltage of the bus. Currents due to the negative and zero sequences are neglected.
/// The power 3 v_line conj(i_a) is the same on both sides: there is no loss.
struct BalancedTap {
    static constexpr std::string_view type = "balanced_tap";
    static constexpr std::string_view doc = "Balanced three-phase network joined to four wires";
    static constexpr Role role = Role::tap;
    static constexpr bool ideal = true;

    template <class P>
    struct Params {
        static constexpr auto declare() { return std::tuple{}; }
    };
    template <class S>
    struct Vars {
        Ac4Port<S> bus;
        AcPort<S> line;
        Unknown<S> i_re, i_im;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::bus, "bus", "the four wires"),
                              port(&Vars::line, "line", "the balanced network"),
                              unknown(&Vars::i_re, "i_re", "A", 10.0, "current of phase a, real part",
                                      "positive-sequence voltage", "V")
                                  .start(0.0),
                              unknown(&Vars::i_im, "i_im", "A", 10.0, "current of phase a, imaginary part",
                                      "positive-sequence voltage", "V")
                                  .start(0.0)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>&) {
        const Phasor<S> i{x.i_re, x.i_im};
        Phasor<S> gap = -voltage_of(x.line);
        for (int k = 0; k < 3; ++k) {
            gap = gap + (1.0 / 3.0) * times(clock_phasor<double>(4 * k), voltage_of(x.bus, k));
            add_current(x.bus, k, times(clock_phasor<double>(-4 * k), i));
        }
        x.i_re.residual = gap.re;
        x.i_im.residual = gap.im;
        add_current(x.line, -i);
    }
    static void short_circuit(const Vars<double>&, const Params<double>&, const FaultCase&, FaultEquivalent& out) {
        out.tie_phases(0, 1);
        out.zero_not_stated("zero sequence; use four wires behind it", 1);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("I", "A", "current of a phase", magnitude(Phasor<S>{x.i_re, x.i_im}));
        out.value("v", "V", "positive-sequence voltage", magnitude(voltage_of(x.line)));
    }
};

}  // namespace kelvolt::models
