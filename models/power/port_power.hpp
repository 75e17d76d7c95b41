/// Voltage, power and currents at an electric port of any kind (DC, single-phase, balanced three-phase, four wires).
#pragma once

#include <array>
#include <string>
#include <tuple>

#include "models/power/phasor.hpp"
#include "solver/model/report.hpp"

namespace kelvolt::models {

template <class Port>
inline constexpr bool is_dc = requires(Port p) {
    p.v;
};
template <class Port>
inline constexpr bool is_three_phase = requires(Port p) {
    p.v_re[3];
};

/// Voltage as stated in data divided by voltage of a phase to neutral: sqrt 3 with three phases, whose data are line to
/// line; else 1.
template <class Port>
inline constexpr double line_over_phase = 1.0;
template <class S>
inline constexpr double line_over_phase<AcPort<S>> = sqrt3;
template <class S>
inline constexpr double line_over_phase<Ac4Port<S>> = sqrt3;

/// Insulation conductance of each conductor at a port [S]. Keeps a bus that nothing else is connected to at zero volts.
/// The neutral's is the largest that IEC 60364-6, table 6A allows up to 500 V (1 Mohm; clause not verified): it alone
/// determines the potential of four wires that nothing earths.
inline constexpr double G_insulation = 1e-9, G_neutral = 1e-6;

/// Power into the component at a port [W].
template <class S, template <class> class Port>
S power_into(Port<S>& a) {
    S P(0.0);
    for (int k = 0; k < Port<S>::size; ++k) P += a.potential(k) * a.flow(k);
    return Port<S>::kind().electric * P;
}

/// Phases of an AC port: three on four wires, else the one that stands for all.
template <class Port>
inline constexpr int phases_of = is_three_phase<Port> ? 3 : 1;

/// Voltage of phase k to neutral (single-phase: to the return conductor).
template <class S, template <class> class Port>
Phasor<S> phase_voltage(const Port<S>& a, int k) {
    if constexpr (is_three_phase<Port<S>>)
        return voltage_of(a, k) - voltage_of(a, 3);
    else
        return voltage_of(a);
}
/// Current into the component at phase k.
template <class S, template <class> class Port>
Phasor<S> phase_current(Port<S>& a, int k) {
    return {a.flow(2 * k), a.flow(2 * k + 1)};
}
/// Adds a current into the component at phase k, which returns through the neutral.
template <class S, template <class> class Port>
void add_phase_current(Port<S>& a, int k, const Phasor<S>& i) {
    if constexpr (is_three_phase<Port<S>>) {
        add_current(a, k, i);
        add_current(a, 3, -i);
    } else {
        add_current(a, i);
    }
}

/// Square of the voltage [V^2]. DC: of the voltage; AC: of the RMS voltage of a phase to neutral, mean of the phases.
template <class S, template <class> class Port>
S voltage_squared(Port<S>& a) {
    if constexpr (is_dc<Port<S>>) {
        return a.v * a.v;
    } else {
        S sum(0.0);
        for (int k = 0; k < phases_of<Port<S>>; ++k) sum += phase_voltage(a, k).squared();
        return sum / double(phases_of<Port<S>>);
    }
}
/// The voltage [V]; for AC at least 1e-6 V, so that its slope is finite at zero.
template <class S, template <class> class Port>
S voltage(Port<S>& a) {
    using std::sqrt;
    if constexpr (is_dc<Port<S>>) return a.v;
    return sqrt(S(voltage_squared(a) + 1e-12));
}

/// The voltage as stated in data [V]: line to line, line to return, or DC.
template <class S, template <class> class Port>
S line_voltage(Port<S>& a) {
    return line_over_phase<Port<S>> * voltage(a);
}

/// Lowest or highest voltage of the phases, converted as for voltages in data (line to line) [V].
template <bool lowest, class S, template <class> class Port>
S extreme_voltage(Port<S>& a) {
    using std::sqrt;
    if constexpr (is_three_phase<Port<S>>) {
        S found = phase_voltage(a, 0).squared();
        for (int k = 1; k < 3; ++k)
            if (const S v2 = phase_voltage(a, k).squared(); lowest ? v2 < found : v2 > found) found = v2;
        return line_over_phase<Port<S>> * sqrt(S(found + 1e-12));
    } else {
        return line_voltage(a);
    }
}
template <class S, template <class> class Port>
S lowest_voltage(Port<S>& a) {
    return extreme_voltage<true>(a);
}
template <class S, template <class> class Port>
S highest_voltage(Port<S>& a) {
    return extreme_voltage<false>(a);
}
/// The input of a converter: its nominal voltage, its window and its power factor.
template <class P>
struct InputData {
    P V_in, V_in_min, V_in_max, power_factor;

    static constexpr auto input(double usual_power_factor) {
        return std::tuple{
            param(&InputData::V_in, "V_in", "V", "nominal input: line to line; one phase: to its return", above(0)),
            param(&InputData::V_in_min, "V_in_min", "V", "input voltage below which it takes no power", above(0)),
            param(&InputData::V_in_max, "V_in_max", "V", "largest input", above(0), not_given),
            param(&InputData::power_factor, "power_factor", "1", "of an AC input, lagging", between(0.1, 1),
                  usual_power_factor)};
    }
    std::string input_problem() const {
        if (V_in_min >= V_in) return "V_in_min must be below V_in";
        if (V_in_max <= V_in) return "V_in_max must be above V_in";
        return {};
    }
};
/// Checks that every phase is within the input window; no check while the input is not in use (`on` false).
template <class S, template <class> class Port, class P>
void report_input_window(Report<S>& out, std::string_view least_id, std::string_view most_id, Port<S>& a,
                         const P& least, const P& most, bool on) {
    const S off(not_given);
    out.at_least(least_id, "input voltage", "V", lowest_voltage(a), on ? S(least) : off, "input window");
    out.at_most(most_id, "input voltage", "V", highest_voltage(a), on ? S(most) : off, "input window");
}

/// Active and apparent power out of the component [W], [VA], of the phase with the highest value times the number of
/// phases. This is compared with the rating of all phases together.
template <class S>
struct WorstPhase {
    S P, S_apparent;
};
template <class S, template <class> class Port>
WorstPhase<S> worst_phase_out(Port<S>& a) {
    using std::sqrt;
    constexpr int phases = phases_of<Port<S>>;
    const double weight = phases * Port<S>::kind().electric;
    WorstPhase<S> worst{S(0.0), S(0.0)};
    for (int k = 0; k < phases; ++k) {
        const Phasor<S> s = times(phase_voltage(a, k), phase_current(a, k).conjugate());
        const S P = -weight * s.re, apparent = sqrt(S(weight * weight * s.squared() + 1e-12));
        if (k == 0 || P > worst.P) worst.P = P;
        if (k == 0 || apparent > worst.S_apparent) worst.S_apparent = apparent;
    }
    return worst;
}

/// Reports a violated limit if a load needs power while its bus is dead.
template <class S, class Port>
void report_fed(Report<S>& out, const Port& a, bool wants) {
    constexpr double half = 0.5;  // threshold between live (1) and dead (0)
    out.at_least("fed", "share of its supply that is live", "1", S(a.live > 0.0 ? 1.0 : 0.0),
                 wants ? S(half) : S(not_given),
                 "a load in service has a supply; power: contingencies: accept_lost names exceptions");
}

/// Draws P + jQ exactly while the voltage is above `floor` (as stated in data); less below, so that the current stays
/// finite. On four wires all phases have the same admittance; if one phase is lost, the others carry its share.
template <class S, template <class> class Port>
void draw(Port<S>& a, const S& P, const S& Q, const S& floor) {
    const S least = floor / line_over_phase<Port<S>>, v2 = smooth::divisor(S(voltage_squared(a)), S(least * least));
    if constexpr (is_dc<Port<S>>) {
        a.i += P * a.v / v2;
    } else {
        constexpr int phases = phases_of<Port<S>>;
        const double weight = phases * Port<S>::kind().electric;
        const Phasor<S> Y{P / (weight * v2), -Q / (weight * v2)};
        for (int k = 0; k < phases; ++k) add_phase_current(a, k, times(Y, phase_voltage(a, k)));
    }
}
/// The same from one phase to neutral.
template <class S>
void draw_phase(Ac4Port<S>& a, int k, const S& P, const S& Q, const S& floor) {
    const Phasor<S> v = phase_voltage(a, k);
    const S v2 = smooth::divisor(v.squared(), S(floor * floor / 3.0));
    add_phase_current(a, k, times(Phasor<S>{P / v2, -Q / v2}, v));
}
/// Reactive over active power for a lagging power factor; its slope is finite at power factor 1.
template <class P>
P tangent_of(const P& power_factor) {
    using std::sqrt;
    return sqrt(P(1.0 - power_factor * power_factor + 1e-12)) / power_factor;
}

template <class S, template <class> class Port>
void add_insulation(Port<S>& a) {
    constexpr int phases = is_three_phase<Port<S>> ? 6 : Port<S>::size;
    for (int k = 0; k < Port<S>::size; ++k) a.flow(k) += (k < phases ? G_insulation : G_neutral) * a.potential(k);
}

/// 1 while the input is live and above `V_min`, 0 below 0.9 V_min, smooth between.
template <class S, template <class> class Port>
S input_share(Port<S>& a, const S& V_min) {
    if (!(a.live > 0.0)) return S(0.0);
    constexpr double line2 = line_over_phase<Port<S>> * line_over_phase<Port<S>>;
    const S r2 = line2 * voltage_squared(a) / (V_min * V_min);
    return smooth::step(r2, 0.81, 1.0);
}

/// The same for one phase to neutral.
template <class S>
S phase_share(Ac4Port<S>& a, int k, const S& V_min) {
    if (!(a.live > 0.0)) return S(0.0);
    return smooth::step(S(3.0 * phase_voltage(a, k).squared() / (V_min * V_min)), 0.81, 1.0);
}

}  // namespace kelvolt::models
