/// Capacitor banks: shared by ac_capacitor, ac1_capacitor and ac4_capacitor.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <tuple>

#include "models/fluid/flow_laws.hpp"
#include "models/power/branch.hpp"

namespace kelvolt::models {

/// A bank of capacitors in equal steps, with or without a series reactor.
///   Q at V_rated = Q_rated steps_on/steps/(1 - detuning)
///   i = (G + jB) v, B = Q/V_rated^2, G = loss_factor B
///   voltage of the capacitors = v/(1 - detuning)
///   order of the parallel resonance with the grid: 1/sqrt(Q/S_sc + detuning), where S_sc is given
/// detuning is the reactance of the series reactor over that of the capacitors at the frequency of the supply.
/// Limits: 1.1 of the rated voltage, 1.3 of the rated current of the steps that are on.
/// Source: IEC 60831-1 (permissible voltage and current; clause not verified).
template <template <class> class Port>
struct CapacitorOf {
    static constexpr Role role = Role::load;
    static constexpr bool four_wires = is_three_phase<Port<double>>;
    enum class Connection { delta, star, star_isolated };

    template <class P>
    struct Params {
        P V, Q_rated, V_rated, steps, steps_on, detuning, loss_factor, S_sc, V_max, I_max, in_service;
        Connection connection;
        static constexpr auto common() {
            return std::tuple{
                param(&Params::V, "V", "V", "nominal voltage of the bus (line to line for three phases)", above(0)),
                param(&Params::Q_rated, "Q_rated", "var", "reactive power of the capacitors of all steps at V_rated",
                      above(0)),
                param(&Params::V_rated, "V_rated", "V", "rated voltage of the capacitors; as V where not given",
                      above(0), not_given),
                param(&Params::steps, "steps", "1", "equal steps of the bank", from(1), 1.0),
                param(&Params::steps_on, "steps_on", "1", "steps that are on; all where not given", from(0), not_given),
                param(&Params::detuning, "detuning", "1", "reactance of the series reactor over that of the capacitors",
                      between(0, 0.5), 0.0),
                param(&Params::loss_factor, "loss_factor", "1", "loss over reactive power", between(0, 0.1), 0.0),
                param(&Params::S_sc, "S_sc", "VA", "short-circuit power at the bus, for the order of the resonance",
                      above(0), not_given),
                param(&Params::V_max, "V_max", "1", "largest voltage of the capacitors over V_rated (IEC 60831-1)",
                      share_of_nominal, 1.1),
                param(&Params::I_max, "I_max", "1", "largest current over rated (IEC 60831-1)", share_of_rating, 1.3),
                param(&Params::in_service, "in_service", "1", "1: in service, 0: off", between(0, 1), 1.0).service()};
        }
        static constexpr auto declare() {
            if constexpr (four_wires)
                return std::tuple_cat(common(), std::tuple{choice(&Params::connection, "connection",
                                                                  "connection of the phases; star: to the neutral",
                                                                  {"delta", "star", "star_isolated"})});
            else
                return common();
        }
        P rated() const { return otherwise(V_rated, V); }
        P share() const { return otherwise(steps_on, steps) / steps; }
        P Q() const { return Q_rated * share() / (1.0 - detuning); }  ///< at V_rated [var]
    };
    template <class S>
    struct Vars {
        Port<S> bus;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::bus, "bus", "where it is connected").rated("V")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const P B = p.in_service * p.Q() / (p.rated() * p.rated());  // star admittance; of one phase alone, the whole
        const Phasor<P> Y{P(p.loss_factor * B), B};
        if constexpr (four_wires) {
            Phasor<S> mean;
            for (int k = 0; k < 3; ++k) mean = mean + (1.0 / 3.0) * voltage_of(x.bus, k);
            const bool to_neutral = p.connection == Connection::star;
            for (int k = 0; k < 3; ++k) {
                const Phasor<S> i = times(Y, voltage_of(x.bus, k) - (to_neutral ? voltage_of(x.bus, 3) : mean));
                add_current(x.bus, k, i);
                if (to_neutral) add_current(x.bus, 3, -i);
            }
        } else {
            add_current(x.bus, times(Y, voltage_of(x.bus)));
        }
        add_insulation(x.bus);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        using std::sqrt;
        const bool on = x.bus.live > 0.0 && value(p.in_service * p.share()) > 1e-9;
        const S V = highest_across(x, p), off(not_given);
        const P rated = p.Q_rated * p.share() / p.rated() / line_over_phase<Port<S>>;
        out.key("Q", "var", "reactive power delivered", -reactive_into(x.bus));
        out.value("I", "A", "largest current of a conductor", current_of(x.bus));
        out.value("loss", "W", "loss, to the surroundings", power_into(x.bus));
        out.value(
            "resonance", "1", "order of the parallel resonance with the grid; 0 where S_sc is not given",
            given(p.S_sc) && on
                ? S(1.0 / sqrt(P(p.Q_rated * p.share() * p.V * p.V / (p.rated() * p.rated()) / p.S_sc + p.detuning)))
                : S(0.0));
        out.at_most("capacitor_voltage", "voltage of the capacitors over rated", "1",
                    V / ((1.0 - p.detuning) * p.rated()), on ? S(p.V_max) : off, "IEC 60831-1");
        out.at_most("capacitor_current", "current over rated", "1", on ? S(current_of(x.bus) / rated) : S(0.0),
                    on ? S(p.I_max) : off, "IEC 60831-1");
        out.power_in(-power_into(x.bus));
    }
    /// For harmonics: the capacitors and their reactor, whose loss is that of loss_factor.
    ///   X_C = V_rated^2/(share Q_rated), X_L = detuning X_C
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase& fault,
                              FaultEquivalent& out) {
        const double Q = p.Q_rated * p.share();
        if (!fault.harmonics || p.in_service < 0.5 || !(Q > 0.0)) return;
        const double X_C = p.rated() * p.rated() / Q;
        const std::complex<double> Z(p.loss_factor * (1.0 - p.detuning) * X_C, p.detuning * X_C);
        out.capacitor(Z, X_C, 0);
        if constexpr (four_wires)
            if (p.connection == Connection::star) out.capacitor_to_neutral(Z, X_C, 0);
    }
    static std::string problem(const Params<double>& p) {
        if (p.steps_on > p.steps)
            return fmt::format("steps_on = {:g} of steps = {:g}; at most all are on", p.steps_on, p.steps);
        if (std::floor(p.steps) != p.steps || (given(p.steps_on) && std::floor(p.steps_on) != p.steps_on))
            return "steps and steps_on are whole numbers";
        return {};
    }

   private:
    /// Highest voltage across a unit [V], as stated in data: in delta between phases, in star to the neutral times sqrt(3).
    template <class S, class P>
    static S highest_across(Vars<S>& x, const Params<P>& p) {
        if constexpr (four_wires) {
            if (p.connection != Connection::star) {
                S most = magnitude(voltage_of(x.bus, 0) - voltage_of(x.bus, 1));
                for (int k = 1; k < 3; ++k) {
                    const S here = magnitude(voltage_of(x.bus, k) - voltage_of(x.bus, (k + 1) % 3));
                    most = select(here > most, here, most);
                }
                return most;
            }
        }
        return highest_voltage(x.bus);
    }
};

struct AcCapacitor : CapacitorOf<AcPort> {
    static constexpr std::string_view type = "ac_capacitor";
    static constexpr std::string_view doc = "Capacitor bank, three phases in balance";
};
struct Ac1Capacitor : CapacitorOf<Ac1Port> {
    static constexpr std::string_view type = "ac1_capacitor";
    static constexpr std::string_view doc = "Capacitor bank, single-phase";
};
struct Ac4Capacitor : CapacitorOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_capacitor";
    static constexpr std::string_view doc = "Capacitor bank on four wires";
};

}  // namespace kelvolt::models
