/// The kinds of connection: potentials are equal at a node, flows into the components sum to zero there. A new kind of
/// connection is one struct here.
#pragma once

#include <numbers>

#include "models/correlations/scalar.hpp"
#include "models/media/medium.hpp"
#include "solver/model/declare.hpp"
#include "solver/model/info.hpp"
#include "solver/model/report.hpp"
#include "solver/scalar/smooth.hpp"

namespace kelvolt::models {

/// Coolant: pressure (absolute) and temperature of the node; mass and enthalpy flow into the component.
template <class S>
struct FluidPort {
    static constexpr int size = 2;
    S p{}, T{}, p_der{}, T_der{}, m_flow{0.0}, H_flow{0.0};
    const Medium* medium = nullptr;
    int circuit = -1;

    S& potential(int i) { return i == 0 ? p : T; }
    S& derivative(int i) { return i == 0 ? p_der : T_der; }
    S& flow(int i) { return i == 0 ? m_flow : H_flow; }
    S h() const { return medium->h(T, p); }  ///< specific enthalpy of the node [J/kg]
    static const PortKind& kind() {
        static const PortKind k{"fluid",
                                {{"p", "Pa_abs", "m_flow", "kg/s", 1e5, 0.1, Domain::hydraulic},
                                 {"T", "K", "H_flow", "W", 10.0, 100.0, Domain::thermal}},
                                true,
                                false};
        return k;
    }
};

/// Heat: temperature of the node; heat flow into the component.
template <class S>
struct HeatPort {
    static constexpr int size = 1;
    S T{}, T_der{}, Q_flow{0.0};
    bool connected = true;  ///< another component is connected here; if not, no heat flows

    S& potential(int) { return T; }
    S& derivative(int) { return T_der; }
    S& flow(int) { return Q_flow; }
    static const PortKind& kind() {
        static const PortKind k{"heat", {{"T", "K", "Q_flow", "W", 10.0, 100.0, Domain::thermal}}, false, false};
        return k;
    }
};

/// Direct current: voltage against the common return; current into the component.
/// Every electric port knows whether its bus is energised (`live`, 0 or 1, found on the graph of the network) and which
/// share of their power loads draw (`load` = live times the load factor of the study: between 0 and 1 while a start for
/// Newton's method is found, above 1 while the margin is searched). What loads draw is multiplied by `load`; what a
/// converter gives is multiplied by the `live` of its input. Thus no equation branches on a state.
template <class S>
struct DcPort {
    static constexpr int size = 1;
    S v{}, v_der{}, i{0.0};
    ValueOf<S> live = 1.0, load = 1.0;

    S& potential(int) { return v; }
    S& derivative(int) { return v_der; }
    S& flow(int) { return i; }
    static const PortKind& kind() {
        static const PortKind k{"dc", {{"v", "V", "i", "A", 100.0, 10.0, Domain::electric}}, false, false, 1.0};
        return k;
    }
};

/// One phasor of voltage against one phasor of current [RMS]; P + jQ into the component = weight v conj(i).
template <class S>
struct PhasorPort {
    static constexpr int size = 2;
    S v_re{}, v_im{}, v_re_der{}, v_im_der{}, i_re{0.0}, i_im{0.0};
    ValueOf<S> live = 1.0, load = 1.0;

    S& potential(int k) { return k == 0 ? v_re : v_im; }
    S& derivative(int k) { return k == 0 ? v_re_der : v_im_der; }
    S& flow(int k) { return k == 0 ? i_re : i_im; }
};

/// Balanced three-phase AC, modelled by one phase: voltage of phase a to neutral and current of phase a; P + jQ = 3 v
/// conj(i).
template <class S>
struct AcPort : PhasorPort<S> {
    static constexpr double weight = 3.0;
    static const PortKind& kind() {
        static const PortKind k{"ac",
                                {{"v_re", "V", "i_re", "A", 100.0, 10.0, Domain::electric},
                                 {"v_im", "V", "i_im", "A", 100.0, 10.0, Domain::electric}},
                                false,
                                false,
                                3.0,
                                std::numbers::inv_sqrt3};
        return k;
    }
};

/// Single-phase AC: line against its own return (a phase against neutral, or phase against phase); P + jQ = v conj(i).
template <class S>
struct Ac1Port : PhasorPort<S> {
    static constexpr double weight = 1.0;
    static const PortKind& kind() {
        static const PortKind k{"ac1",
                                {{"v_re", "V", "i_re", "A", 100.0, 10.0, Domain::electric},
                                 {"v_im", "V", "i_im", "A", 100.0, 10.0, Domain::electric}},
                                false,
                                false,
                                1.0};
        return k;
    }
};

/// Three phases and neutral, each against earth, in the order a, b, c, n; P + jQ = sum of v conj(i).
template <class S>
struct Ac4Port {
    static constexpr int size = 8;
    S v_re[4]{}, v_im[4]{}, v_re_der[4]{}, v_im_der[4]{}, i_re[4]{}, i_im[4]{};
    ValueOf<S> live = 1.0, load = 1.0;

    S& potential(int k) { return k % 2 == 0 ? v_re[k / 2] : v_im[k / 2]; }
    S& derivative(int k) { return k % 2 == 0 ? v_re_der[k / 2] : v_im_der[k / 2]; }
    S& flow(int k) { return k % 2 == 0 ? i_re[k / 2] : i_im[k / 2]; }
    static const PortKind& kind() {
        static const PortKind k{"ac4",
                                {{"va_re", "V", "ia_re", "A", 100.0, 10.0, Domain::electric},
                                 {"va_im", "V", "ia_im", "A", 100.0, 10.0, Domain::electric},
                                 {"vb_re", "V", "ib_re", "A", 100.0, 10.0, Domain::electric},
                                 {"vb_im", "V", "ib_im", "A", 100.0, 10.0, Domain::electric},
                                 {"vc_re", "V", "ic_re", "A", 100.0, 10.0, Domain::electric},
                                 {"vc_im", "V", "ic_im", "A", 100.0, 10.0, Domain::electric},
                                 {"vn_re", "V", "in_re", "A", 100.0, 10.0, Domain::electric},
                                 {"vn_im", "V", "in_im", "A", 100.0, 10.0, Domain::electric}},
                                false,
                                false,
                                1.0,
                                std::numbers::inv_sqrt3};
        return k;
    }
};

/// A number that one component writes and others read. The writer sets `equation = value - what it states`; readers use
/// `value` only.
template <class S>
struct SignalPort {
    static constexpr int size = 1;
    bool connected = true;  ///< a sensor or controller writes here; false for a number that is a constant of the case
    S value{}, der{}, equation{0.0};

    S& potential(int) { return value; }
    S& derivative(int) { return der; }
    S& flow(int) { return equation; }
    static const PortKind& kind() {
        static const PortKind k{"signal", {{"value", "1", "equation", "1", 1.0, 1.0, Domain::control}}, false, true};
        return k;
    }
};

/// What is demanded of an actuator with the range lo..hi. Within a thousandth of an end it is that end: a controller
/// that saturates there, as a run in time leaves it.
template <class S>
S settled_demand(const S& demand, double lo, double hi) {
    const auto at = [&](double end) { return std::abs(value(demand) - end) < 1e-3 * std::abs(hi - lo); };
    return at(hi) ? S(hi) : at(lo) ? S(lo) : demand;
}

/// Ranges of shares of a rating and of a nominal value: wide enough for any equipment, narrow enough to refuse a
/// percentage that is written without its sign (80 for 80 %).
inline constexpr Range share_of_rating{0.0, 10.0, true, false}, share_of_nominal{0.0, 2.0, true, false},
    share_of_whole{0.0, 1.0, true, false};

inline constexpr double pi = 3.14159265358979323846;

/// Temperature at which circuits are filled and their coolant mass is counted [K].
inline constexpr double T_filling = 293.15;
/// Coolant mass in a volume [kg]: that of the filling, which does not change (incompressible circuit with an expansion
/// vessel).
template <class V>
V filling(const Medium& medium, const V& volume) {
    return medium.rho(T_filling) * volume;
}

/// Temperature [K] of a part that gives heat while nothing is connected that takes it: 20 degC.
inline constexpr double T_room = 293.15;
/// Gives heat [W] to what is connected to a port. If nothing is, the heat leaves the system and the port has the
/// temperature T.
template <class S, class P = double>
void give_heat(HeatPort<S>& port, const S& heat, const P& T = T_room) {
    // 0.0 * port.T: both branches depend on the temperature, so that the Jacobian keeps its structure
    port.Q_flow = port.connected ? S(0.0 * port.T - heat) : S(port.T - T);
}

/// Flow below which upwinding is smoothed [kg/s]: at rest two neighbours exchange about 2 mW per kelvin.
inline constexpr double m_flow_rest = 1e-6;

/// Pressure loss without storage between two ports: mass and enthalpy of the upstream node pass through; `power` [W] is
/// added on the way.
template <class S, class Q>
void pass_through(FluidPort<S>& a, FluidPort<S>& b, const S& m_flow, const Q& power) {
    const auto part = smooth::split(m_flow, m_flow_rest);
    const S H = part.forward * a.h() + part.backward * b.h();
    a.m_flow = m_flow;
    b.m_flow = -m_flow;
    a.H_flow = H;
    b.H_flow = -H - power;
}

/// Flow through a well-mixed volume at temperature T: what enters comes from the upstream node, what leaves is at T.
/// Returns the net enthalpy flow into the volume [W]; the mass inside is constant.
template <class S>
S flow_through(FluidPort<S>& a, FluidPort<S>& b, const S& m_flow, const S& T) {
    // enthalpy flow at a node of pressure p: with the state of the node while m > 0, with that of the inside otherwise
    const auto inside = a.medium->caloric(T);
    const auto carried = [&](const auto& m, const auto& p, const auto& T_node, const auto& u, const auto& v) {
        const auto part = smooth::split(m, m_flow_rest);
        return part.forward * a.medium->h(T_node, p) + part.backward * (u + p * v);
    };
    a.m_flow = m_flow;
    b.m_flow = -m_flow;
    a.H_flow = with_few_derivatives<double>(carried, m_flow, a.p, a.T, inside.u, inside.v);
    b.H_flow = with_few_derivatives<double>(carried, S(-m_flow), b.p, b.T, inside.u, inside.v);
    return a.H_flow + b.H_flow;
}

/// Temperature of what flows in at port a or b [K], smooth through rest.
template <class S>
S upstream(const S& T_a, const S& T_b, const S& m_flow) {
    const S share = 0.5 + 0.5 * m_flow / smooth::abs(m_flow, m_flow_rest);
    return T_b + share * (T_a - T_b);
}

}  // namespace kelvolt::models
