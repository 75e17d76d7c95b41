#pragma once

#include "models/power/phasor.hpp"

namespace kelvolt::models {

/// Connects a balanced three-phase network (`line`, modelled by one phase) to four wires (`bus`).
///   v_line = positive-sequence voltage of the bus
///   i_b = i_a e^(-j 120 deg), i_c = i_a e^(+j 120 deg)
/// Currents due to the negative and zero sequences are neglected. The power 3 v_1 conj(i) is the same on both sides:
/// there is no loss.
struct BalancedTap {
    static constexpr std::string_view type = "balanced_tap";
    static constexpr std::string_view doc = "Balanced three-phase network joined to four wires";
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
            return std::tuple{
                port(&Vars::bus, "bus", "the four wires"), port(&Vars::line, "line", "the balanced network"),
                unknown(&Vars::i_re, "i_re", "A", 10.0, "current of phase a, real part", "positive-sequence voltage")
                    .start(0.0),
                unknown(&Vars::i_im, "i_im", "A", 10.0, "current of phase a, imaginary part",
                        "positive-sequence voltage")
                    .start(0.0)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>&) {
        const Phasor<S> i{x.i_re, x.i_im};
        Phasor<S> gap = -voltage_of(x.line);
        for (int k = 0; k < 3; ++k) {
            gap = gap + (1.0 / 3.0) * times(hours<double>(4 * k), voltage_of(x.bus, k));
            add_current_of(x.bus, k, times(hours<double>(-4 * k), i));
        }
        x.i_re.residual = gap.re;
        x.i_im.residual = gap.im;
        add_current_of(x.line, -i);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("I", "A", "current of a phase", magnitude(Phasor<S>{x.i_re, x.i_im}));
        out.value("v", "V", "positive-sequence voltage", magnitude(voltage_of(x.line)));
    }
};

}  // namespace kelvolt::models
