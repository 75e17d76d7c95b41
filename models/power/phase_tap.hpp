#pragma once

#include "models/power/phasor.hpp"

namespace kelvolt::models {

/// Connects a single-phase circuit to four wires: phase to neutral, or phase to phase. There is no loss.
///   v_line = v_from - v_to
///   i_from = -i_to = -i_line
/// The current is the unknown of this component.
struct PhaseTap {
    static constexpr std::string_view type = "phase_tap";
    static constexpr std::string_view doc = "Single-phase circuit taken from four wires";
    static constexpr Role role = Role::tap;
    static constexpr bool ideal = true;
    enum class Phase { a, b, c, ab, bc, ca };

    template <class P>
    struct Params {
        Phase phase;
        static constexpr auto declare() {
            return std::tuple{choice(&Params::phase, "phase", "phase against neutral, or against the next phase",
                                     {"a", "b", "c", "ab", "bc", "ca"})};
        }
    };
    template <class S>
    struct Vars {
        Ac4Port<S> bus;
        Ac1Port<S> line;
        Unknown<S> i_re, i_im;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::bus, "bus", "the four wires"), port(&Vars::line, "line", "the single-phase circuit"),
                unknown(&Vars::i_re, "i_re", "A", 10.0, "current taken, real part", "voltage of the tap", "V")
                    .start(0.0),
                unknown(&Vars::i_im, "i_im", "A", 10.0, "current taken, imaginary part", "voltage of the tap", "V")
                    .start(0.0)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const auto [from, to] = ends(p.phase);
        const Phasor<S> i{x.i_re, x.i_im};
        const Phasor<S> gap = voltage_of(x.bus, from) - voltage_of(x.bus, to) - voltage_of(x.line);
        x.i_re.residual = gap.re;
        x.i_im.residual = gap.im;
        add_current(x.bus, from, i);
        add_current(x.bus, to, -i);
        add_current(x.line, -i);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("I", "A", "current", magnitude(Phasor<S>{x.i_re, x.i_im}));
        out.value("v", "V", "voltage of the circuit", magnitude(voltage_of(x.line)));
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase&, FaultEquivalent& out) {
        out.tap(0, 1, ends(p.phase).second != 3);
    }
    static std::complex<double> ratio(const Params<double>& p, int port) {
        if (port == 0) return 1.0;
        const auto [from, to] = ends(p.phase);
        const std::complex<double> v = std::polar(1.0, -2.0 * pi / 3.0 * from);
        return to == 3 ? v : v - std::polar(1.0, -2.0 * pi / 3.0 * to);
    }

   private:
    static std::pair<int, int> ends(Phase phase) {
        const int k = static_cast<int>(phase);
        return k < 3 ? std::pair{k, 3} : std::pair{k - 3, (k - 2) % 3};
    }
};

/// Connects a circuit to both lines of a split-phase supply (120/240 V). There is no loss.
///   v_line = v_leg_1 + v_leg_2
///   i_leg_1 = i_leg_2 = -i_line
/// leg_1 is line 1 to neutral, leg_2 is neutral to line 2. The current is the unknown of this component.
struct SplitPhaseTap {
    static constexpr std::string_view type = "split_phase_tap";
    static constexpr std::string_view doc = "Circuit between the two lines of a split-phase supply";
    static constexpr Role role = Role::tap;
    static constexpr bool ideal = true;

    template <class P>
    struct Params {
        static constexpr auto declare() { return std::tuple{}; }
    };
    template <class S>
    struct Vars {
        Ac1Port<S> leg_1, leg_2, line;
        Unknown<S> i_re, i_im;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::leg_1, "leg_1", "line 1 to neutral"), port(&Vars::leg_2, "leg_2", "neutral to line 2"),
                port(&Vars::line, "line", "the circuit between the lines"),
                unknown(&Vars::i_re, "i_re", "A", 10.0, "current taken, real part", "voltage of the tap", "V")
                    .start(0.0),
                unknown(&Vars::i_im, "i_im", "A", 10.0, "current taken, imaginary part", "voltage of the tap", "V")
                    .start(0.0)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>&) {
        const Phasor<S> i{x.i_re, x.i_im}, gap = voltage_of(x.leg_1) + voltage_of(x.leg_2) - voltage_of(x.line);
        x.i_re.residual = gap.re;
        x.i_im.residual = gap.im;
        add_current(x.leg_1, i);
        add_current(x.leg_2, i);
        add_current(x.line, -i);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("I", "A", "current", magnitude(Phasor<S>{x.i_re, x.i_im}));
        out.value("v", "V", "voltage of the circuit", magnitude(voltage_of(x.line)));
    }
    static void short_circuit(const Vars<double>&, const Params<double>&, const FaultCase&, FaultEquivalent& out) {
        out.sum(0, 1, 2);
    }
    static std::complex<double> ratio(const Params<double>&, int port) { return port == 2 ? 2.0 : 1.0; }
};

}  // namespace kelvolt::models
