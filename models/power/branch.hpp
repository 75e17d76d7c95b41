/// Shared by lines, switches and transformers: resistance at temperature, heat of the loss, currents and reactive
/// power.
#pragma once

#include "models/power/phasor.hpp"
#include "models/power/port_power.hpp"

namespace kelvolt::models {

/// Resistance divided by that at T_reference:
///   r = 1 + alpha (T - T_reference), at least 0.1
/// Without the lower limit the resistance would be negative far below T_reference, and the loss a source.
template <class S, class P>
S warm(const S& T, const P& alpha, const P& T_reference) {
    return smooth::max(S(1.0 + alpha * (T - T_reference)), 0.1, 1e-6);
}

/// x, or `fallback` where x is not given (NaN).
template <class P>
P otherwise(const P& x, const P& fallback) {
    return select(is_nan(value(x)), fallback, x);
}
/// The same for a parameter x with an unknown as the fallback.
template <class S, class P>
S stated_or(const P& x, const S& fallback) {
    return select(is_nan(value(x)), fallback, S(x));
}
/// Reports the loss; counts it as leaving the system if nothing is connected to the heat port.
template <class S>
void report_loss(Report<S>& out, const HeatPort<S>& heat, const S& loss) {
    out.key("loss", "W", "loss, all of it heat", loss);
    if (!heat.connected) out.power_in(-loss);
}

/// Resistance of a line over that at T_reference: at T if given, else at the temperature of the heat port, 20 degC where
/// the line has none.
template <bool heated, class S, class X, class P>
S line_warmth(const X& x, const P& p) {
    if constexpr (heated)
        return warm(stated_or(p.T, x.heat.T), p.alpha, p.T_reference);
    else
        return S(warm(otherwise(p.T, std::decay_t<decltype(p.T)>(T_room)), p.alpha, p.T_reference));
}
/// Resistance of a line in a fault over that at T_reference: at 20 degC for the largest currents, at T_end for the
/// smallest (IEC 60909-0:2016, 7.1).
template <class P>
double fault_warmth(const P& p, const FaultCase& fault) {
    return warm(fault.maximum ? T_room : p.T_end, p.alpha, p.T_reference);
}
/// Contacts between ports a and b: conductance(k) [S] at potential k, insulation, and the loss as heat.
template <class S, class X, class T, class G>
void contact(X& x, const T& T_own, G&& conductance) {
    for (int k = 0; k < std::decay_t<decltype(x.a)>::size; ++k) {
        x.a.flow(k) = conductance(k) * (x.a.potential(k) - x.b.potential(k));
        x.b.flow(k) = -x.a.flow(k);
    }
    add_insulation(x.a);
    add_insulation(x.b);
    give_heat(x.heat, S(power_into(x.a) + power_into(x.b)), T_own);
}
/// What all contacts report; returns the current.
template <class S, class X>
S report_contact(Report<S>& out, X& x) {
    const S I = current_of(x.a);
    out.key("I", "A", "current of the conductor that carries most", I);
    out.value("P", "W", "power into side a", power_into(x.a));
    out.value("Q", "var", "reactive power into side a", reactive_into(x.a));
    report_loss(out, x.heat, S(power_into(x.a) + power_into(x.b)));
    return I;
}
/// A closed contact in a fault: no resistance for the largest currents, R for the smallest and for harmonics. On four
/// wires it is in the zero sequence and in the neutral, too.
inline void fault_contact(FaultEquivalent& out, const FaultCase& fault, double R, int a, int b, bool four_wires) {
    if (fault.maximum && !fault.harmonics) return out.tie(a, b);
    out.branch(R, a, b);
    out.zero(R, a, b);
    if (four_wires) out.neutral(R, a, b);
}
/// Descriptions of the short-circuit ratings of breakers, switches and fuses.
inline constexpr std::string_view breaking_capacity_meaning =
    "breaking capacity: largest fault current it may interrupt (IEC 60947-2: Icu; fuses: breaking range)";
inline constexpr std::string_view withstand_meaning =
    "short-time withstand current (IEC 60947: Icw), RMS; against the fault current of what does not interrupt it";
inline constexpr std::string_view making_capacity_meaning =
    "making capacity, peak (IEC 60947-2: Icm); against the peak fault current";
/// Declares T_end.
template <class Params, class P>
constexpr auto end_temperature(P Params::*member) {
    return param(member, "T_end", "K",
                 "conductor temperature at the end of a fault, for the smallest currents (assumed 160 degC, PVC; XLPE "
                 "250 degC)",
                 above(0), 433.15);
}
/// Power lost between the ends of a line [W].
template <class X>
auto line_loss(X& x) {
    return power_into(x.a) + power_into(x.b);
}
/// Reports the loss, which goes to the heat port or, of a line without one, to the surroundings.
template <bool heated, class S, class X>
void report_line_loss(Report<S>& out, const X& x, const S& loss) {
    if constexpr (heated)
        report_loss(out, x.heat, loss);
    else
        out.key("loss", "W", "loss, to the surroundings", loss), out.power_in(-loss);
}
/// Voltage to neutral at a less that at b [V], of the phase with the largest difference.
template <class S, template <class> class Vars>
S largest_drop(Vars<S>& x) {
    S drop(0.0);
    for (int k = 0; k < 3; ++k) {
        const S here = magnitude(phase_voltage(x.a, k)) - magnitude(phase_voltage(x.b, k));
        if (k == 0 || smooth::abs(here, 1e-9) > smooth::abs(drop, 1e-9)) drop = here;
    }
    return drop;
}
/// Checks the voltage drop [V] of a line in service against drop_max, a share of the nominal voltage V.
template <class S, class X, class P>
void report_drop(Report<S>& out, const X& x, const P& p, const S& drop) {
    const bool on = x.a.live > 0.0 && x.b.live > 0.0 && value(p.in_service) > 0.5;
    out.at_most("voltage_drop", "voltage drop over nominal", "1",
                smooth::abs(drop, 1e-9) * line_over_phase<std::decay_t<decltype(x.a)>> / S(p.V),
                on ? S(p.drop_max) : S(not_given), "drop_max of the line");
}

/// The conductors of a line or switch on four wires, each of which can be open alone: 1 closed, 0 open.
template <class P>
struct Poles {
    P pole_a = P(1.0), pole_b = P(1.0), pole_c = P(1.0), pole_n = P(1.0);

    static constexpr auto poles() {
        using Owner = Poles;
        const Range share = between(0, 1);
        return std::tuple{
            param(&Owner::pole_a, "pole_a", "1", "conductor a: 1 closed, 0 open", share, 1.0).opens_phase(),
            param(&Owner::pole_b, "pole_b", "1", "conductor b: 1 closed, 0 open", share, 1.0).opens_phase(),
            param(&Owner::pole_c, "pole_c", "1", "conductor c: 1 closed, 0 open", share, 1.0).opens_phase(),
            param(&Owner::pole_n, "pole_n", "1",
                  "neutral: 1 closed, 0 open (with return_path earth: its connection to earth at both ends)", share,
                  1.0)
                .opens_neutral()};
    }
    const P& pole(int k) const { return k == 0 ? pole_a : k == 1 ? pole_b : k == 2 ? pole_c : pole_n; }
    bool no_phase() const { return value(pole_a) < 0.5 && value(pole_b) < 0.5 && value(pole_c) < 0.5; }
};

/// RMS current at a port [A], of the conductor with the largest current.
template <class S>
S current_of(const DcPort<S>& a) {
    return smooth::abs(a.i, 1e-9);
}
template <class S>
S current_of(const PhasorPort<S>& a) {
    return magnitude(Phasor<S>{a.i_re, a.i_im});
}
template <class S>
S current_of(const Ac4Port<S>& a) {
    S most = magnitude(Phasor<S>{a.i_re[0], a.i_im[0]});
    for (int k = 1; k < 4; ++k) {
        const S i = magnitude(Phasor<S>{a.i_re[k], a.i_im[k]});
        most = select(i > most, i, most);
    }
    return most;
}

/// Reactive power into a port [var].
template <class S>
S reactive_into(const PhasorPort<S>& a, double weight) {
    return weight * (a.v_im * a.i_re - a.v_re * a.i_im);
}
template <class S>
S reactive_into(const Ac4Port<S>& a) {
    S Q(0.0);
    for (int k = 0; k < 4; ++k) Q += a.v_im[k] * a.i_re[k] - a.v_re[k] * a.i_im[k];
    return Q;
}
template <class S>
S reactive_into(const DcPort<S>&) {
    return S(0.0);
}
template <class S>
S reactive_into(const AcPort<S>& a) {
    return reactive_into(a, AcPort<S>::weight);
}
template <class S>
S reactive_into(const Ac1Port<S>& a) {
    return reactive_into(a, Ac1Port<S>::weight);
}

}  // namespace kelvolt::models
