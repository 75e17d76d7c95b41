#pragma once

#include "models/power/load.hpp"
#include "models/power/unbalance.hpp"

namespace kelvolt::models {

/// Load on four wires with a separate power for each phase, in star (phase to neutral) or delta (P_a from phase a to
/// phase b, and so on).
///   P_k(r_k) = scale P_k (z_share r_k^2 + i_share r_k + 1 - z_share - i_share), Q_k likewise
/// Instead of P_k and Q_k, the apparent power S_k with power_factor: P_k = S_k power_factor.
/// r_k is the voltage across the load of phase k over its nominal value, V/sqrt(3) in star and V in delta. Below V_min
/// as in load.hpp. The power drawn leaves the system.
struct Ac4Load {
    static constexpr std::string_view type = "ac4_load";
    static constexpr std::string_view former = "ac3_load";
    static constexpr std::string_view doc = "Load on four wires, phase by phase, star or delta";
    static constexpr Role role = Role::load;
    enum class Connection { star, delta };

    template <class X>
    struct Params : LoadData<X>, MotorData<X> {
        X P_a, P_b, P_c, Q_a, Q_b, Q_c, S_a, S_b, S_c, power_factor, unbalance_max;
        Connection connection;
        static constexpr auto declare() {
            return std::tuple_cat(
                std::tuple{param(&Params::P_a, "P_a", "W", "power of phase a at nominal voltage", any(), 0.0),
                           param(&Params::P_b, "P_b", "W", "power of phase b at nominal voltage", any(), 0.0),
                           param(&Params::P_c, "P_c", "W", "power of phase c at nominal voltage", any(), 0.0),
                           param(&Params::Q_a, "Q_a", "var", "reactive power of phase a", any(), 0.0),
                           param(&Params::Q_b, "Q_b", "var", "reactive power of phase b", any(), 0.0),
                           param(&Params::Q_c, "Q_c", "var", "reactive power of phase c", any(), 0.0),
                           param(&Params::S_a, "S_a", "VA",
                                 "apparent power of phase a, with power_factor instead of P_a", from(0), not_given),
                           param(&Params::S_b, "S_b", "VA",
                                 "apparent power of phase b, with power_factor instead of P_b", from(0), not_given),
                           param(&Params::S_c, "S_c", "VA",
                                 "apparent power of phase c, with power_factor instead of P_c", from(0), not_given),
                           param(&Params::power_factor, "power_factor", "1", "of all phases, lagging, instead of Q",
                                 between(0.05, 1), not_given),
                           param(&Params::unbalance_max, "unbalance_max", "1",
                                 "largest deviation of a phase current from the mean", share_of_nominal, not_given),
                           choice(&Params::connection, "connection", "connection of the phases", {"star", "delta"})},
                LoadData<X>::common(supply_low, supply_high), MotorData<X>::template motors<Params>());
        }
    };
    template <class S>
    struct Vars {
        Ac4Port<S> bus;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::bus, "bus", "where it draws").rated("V").draws()};
        }
    };

    template <class S, class X>
    static void equations(Vars<S>& x, const Params<X>& p) {
        const X P[3] = {active(p, p.P_a, p.S_a), active(p, p.P_b, p.S_b), active(p, p.P_c, p.S_c)};
        const X Q[3] = {reactive(p, p.Q_a, P[0]), reactive(p, p.Q_b, P[1]), reactive(p, p.Q_c, P[2])};
        const X V2 = p.V * p.V / (p.connection == Connection::star ? 3.0 : 1.0);
        const X size = p.scale * p.in_service * x.bus.load / V2;
        for (int k = 0; k < 3; ++k) {
            const int other = other_end(p, k);
            const Phasor<S> v = voltage_of(x.bus, k) - voltage_of(x.bus, other);
            const S y = size * p.admittance(S(v.squared() / V2));
            const Phasor<S> i = times(Phasor<S>{y * P[k], -y * Q[k]}, v);
            add_current(x.bus, k, i);
            add_current(x.bus, other, -i);
        }
    }
    template <class S, class X>
    static void outputs(Vars<S>& x, const Params<X>& p, Report<S>& out) {
        const S V = S(p.V / (p.connection == Connection::star ? sqrt3 : 1.0));
        const bool on = x.bus.live > 0.0 && value(p.in_service) > 0.5;
        S I[3], r[3], off(not_given);
        for (int k = 0; k < 3; ++k) {
            I[k] = magnitude(Phasor<S>{x.bus.i_re[k], x.bus.i_im[k]});
            r[k] = magnitude(voltage_of(x.bus, k) - voltage_of(x.bus, other_end(p, k))) / V;
        }
        const S lower = select(r[0] < r[1], r[0], r[1]), least = select(lower < r[2], lower, r[2]);
        const S upper = select(r[0] > r[1], r[0], r[1]), most = select(upper > r[2], upper, r[2]);
        const auto current = [&](int k) { return Phasor<S>{x.bus.i_re[k], x.bus.i_im[k]}; };
        const auto skew = current_unbalance(current(0), current(1), current(2));
        out.key("P", "W", "power drawn", power_into(x.bus));
        out.value("Q", "var", "reactive power drawn", reactive_into(x.bus));
        out.key("v_min", "V", "lowest of the three voltages", least * V);
        out.value("I_a", "A", "current of phase a", I[0]);
        out.value("I_b", "A", "current of phase b", I[1]);
        out.value("I_c", "A", "current of phase c", I[2]);
        out.value("I_neutral", "A", "current of the neutral", magnitude(Phasor<S>{x.bus.i_re[3], x.bus.i_im[3]}));
        out.value("unbalance_phases", "1", "largest deviation of a phase current from their mean, over the mean",
                  skew.phases);
        out.value("I2_over_I1", "1", "negative over positive sequence of the current", skew.I2_over_I1);
        out.at_least("input_voltage_min", "voltage over nominal", "1", least, on ? S(p.V_low) : off, "input window");
        out.at_most("input_voltage_max", "voltage over nominal", "1", most, on ? S(p.V_high) : off, "input window");
        out.at_most("current_unbalance_phases", "deviation of a phase current from their mean", "1", skew.phases,
                    p.unbalance_max, "unbalance_max");
        if (on) out.within("voltage over nominal", "1", least, value(p.V_min), 1e9, "V_min: below it less is drawn");
        const bool wants = value(p.P_a) != 0.0 || value(p.P_b) != 0.0 || value(p.P_c) != 0.0 || value(p.Q_a) != 0.0 ||
                           value(p.Q_b) != 0.0 || value(p.Q_c) != 0.0 || value(p.S_a) > 0.0 || value(p.S_b) > 0.0 ||
                           value(p.S_c) > 0.0;
        report_fed(out, x.bus, wants && value(p.in_service * p.scale) > 0.5e-6);
        out.power_in(-power_into(x.bus));
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        const double P[] = {active(p, p.P_a, p.S_a), active(p, p.P_b, p.S_b), active(p, p.P_c, p.S_c)};
        const double Q = reactive(p, p.Q_a, P[0]) + reactive(p, p.Q_b, P[1]) + reactive(p, p.Q_c, P[2]);
        const double all = P[0] + P[1] + P[2];
        if (p.in_service > 0.5 && p.scale > 0.0) p.feed(out, fault, p.V, std::hypot(all, Q), all);
    }
    static NeutralPath neutral(const Params<double>& p, int) {
        return p.connection == Connection::star ? NeutralPath::through : NeutralPath::blocked;
    }
    static std::string problem(const Params<double>& p) {
        const double P[] = {p.P_a, p.P_b, p.P_c}, Q[] = {p.Q_a, p.Q_b, p.Q_c}, S[] = {p.S_a, p.S_b, p.S_c};
        for (int k = 0; k < 3; ++k) {
            const char phase = "abc"[k];
            if (given(S[k]) && (P[k] != 0.0 || Q[k] != 0.0))
                return fmt::format(
                    "S_{0} = {1:g} VA is given beside P_{0} = {2:g} W and Q_{0} = {3:g} var; give S_{0} with "
                    "power_factor, or P_{0} and Q_{0}",
                    phase, S[k], P[k], Q[k]);
            if (given(S[k]) && !given(p.power_factor))
                return fmt::format("S_{} = {:g} VA needs power_factor", phase, S[k]);
            if (given(p.power_factor) && Q[k] != 0.0)
                return fmt::format("Q_{} = {:g} var and power_factor = {:g} are both given; give one of them", phase,
                                   Q[k], p.power_factor);
        }
        return p.shares_problem();
    }

   private:
    template <class X>
    static X active(const Params<X>& p, const X& P, const X& S) {
        return select(is_nan(value(S)), X(P), X(S * p.power_factor));
    }
    template <class X>
    static X reactive(const Params<X>& p, const X& Q, const X& P) {
        return select(is_nan(value(p.power_factor)), X(Q), X(P * tangent_of(p.power_factor)));
    }
    template <class X>
    static int other_end(const Params<X>& p, int k) {
        return p.connection == Connection::star ? 3 : (k + 1) % 3;
    }
};

}  // namespace kelvolt::models
