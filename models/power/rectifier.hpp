#pragma once

#include <complex>

#include "models/power/dc_output.hpp"
#include "models/power/hold_up.hpp"

namespace kelvolt::models {

/// Converter from `in` (AC of any kind, or DC) to a DC bus: `units` of rating P_rated in parallel.
///   v = V - droop i/I_rated, I_rated = units P_rated/V_out
///   fixed_voltage: V = V_out (1 + setpoint_error)
///   fixed_ratio: V = V_out (1 + setpoint_error) v_in/V_in
///   P_in = P_out + units P_rated loss(P_out/(units P_rated)), at `power_factor`
/// The first law holds up to the limit of the output (dc_output.hpp). The converter turns off as the input falls from
/// V_in_min to 0.9 V_in_min. An ORing device prevents reverse current.
/// The share `to_air` of the loss goes to `air`, the rest to `heat`.
/// On four wires all phases of the input have the same admittance.
/// With an AC input its capacitors hold the energy of `hold_up` at rated output; in a run in time it carries the load
/// while the input is out (hold_up.hpp).
template <template <class> class In>
struct RectifierOf {
    static constexpr Role role = Role::converter;
    static constexpr bool holds = !is_dc<In<double>>;  ///< energy in capacitors carries it over gaps of the input
    enum class Regulation { fixed_voltage, fixed_ratio };
    template <class P>
    struct Params : InputData<P>, HoldUpData<P>, OutputCapacitor<P>, InputCapacitor<P> {
        P P_rated, units, in_service, V_out, setpoint_error, droop, current_limit, limit_hold, to_air, load_max;
        Regulation regulation;
        const Curve* loss;
        static constexpr auto declare() {
            if constexpr (holds)
                return std::tuple_cat(converter(), Params::hold_up_param());
            else
                return std::tuple_cat(converter(), Params::template input_capacitor<Params>());
        }
        static constexpr auto converter() {
            return std::tuple_cat(
                std::tuple{
                    param(&Params::P_rated, "P_rated", "W", "rated output of one unit", above(0)).rating(),
                    param(&Params::units, "units", "1", "units running side by side", above(0), 1.0).counts(),
                    param(&Params::in_service, "in_service", "1", "1: in service, 0: out", between(0, 1), 1.0)
                        .service(),
                    param(&Params::V_out, "V_out", "V", "output voltage at no load", above(0)),
                    param(&Params::setpoint_error, "setpoint_error", "1", "error of the set point", between(-0.2, 0.2),
                          0.0),
                    param(&Params::droop, "droop", "V", "voltage lost from no load to rated current", above(0)),
                    param(&Params::current_limit, "current_limit", "1",
                          "current over rated current where the limit begins (assumed)", Range{0.1, 10.0, true, false},
                          1.2),
                    param(&Params::limit_hold, "limit_hold", "1", limit_hold_meaning, between(0.2, 1), 0.85),
                    param(&Params::to_air, "to_air", "1", "share of the loss that goes to `air`", between(0, 1), 0.0),
                    param(&Params::load_max, "load_max", "1", "largest load over rating", share_of_rating, 1.0),
                    choice(&Params::regulation, "regulation", "quantity that determines the output voltage",
                           {"fixed_voltage", "fixed_ratio"}),
                    curve(&Params::loss, "loss", "1", "1", "loss over rating against load over rating")},
                InputData<P>::input(1.0), Params::template output_capacitor<Params>());
        }
    };
    template <class S>
    struct Vars {
        In<S> in;
        DcPort<S> out;
        HeatPort<S> heat, air;
        Unknown<S> s, held;
        Discrete ready, spent;
        static constexpr auto declare() {
            if constexpr (holds)
                return std::tuple_cat(converter(),
                                      std::tuple{unknown(&Vars::held, "held", "J", 100.0, "energy in the capacitors",
                                                         "energy balance of the capacitors", "W")
                                                     .start(0.0)
                                                     .electric()
                                                     .store(),
                                                 discrete(&Vars::ready, "ready", 0.0, HoldUp<S>::ready_meaning),
                                                 discrete(&Vars::spent, "spent", 0.0, HoldUp<S>::spent_meaning)});
            else
                return converter();
        }
        static constexpr auto output_port() {
            const auto out = port(&Vars::out, "out", "DC output").fed_by("in");
            if constexpr (holds)
                return out.source();
            else
                return out;
        }
        static constexpr auto converter() {
            return std::tuple{
                port(&Vars::in, "in", "input").rated("V_in"), output_port(),
                port(&Vars::heat, "heat", "takes the loss: plate, air or room"),
                port(&Vars::air, "air", "takes the share `to_air` of the loss"),
                unknown(&Vars::s, "s", "1", droop_nominal,
                        "current on the droop line at the terminal voltage, over rated current", "output voltage", "1")
                    .start(droop_start)
                    .electric()};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Balance<S> b = balance(x, p);
        const S P_in = b.from_input * b.P_all + b.refill;
        x.s.residual = output(x, p).residual(b.share, x.out.v, S(x.s));
        x.out.i = -b.i;
        if constexpr (holds) x.held.stores(stored(b), S(full(p)));
        draw(x.in, P_in, S(P_in * tangent_of(p.power_factor)), S(0.5 * p.V_in_min));
        add_insulation(x.in);
        add_insulation(x.out);
        place_heat(x.heat, x.air, lost(x, b), p.to_air);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S P_out = -power_into(x.out), loss = lost(x, balance(x, p)), load = P_out / (p.P_rated * p.units);
        const S v_in = line_voltage(x.in);
        const bool on = x.in.live > 0.0 && value(p.in_service) > 0.5;
        report_conversion(out, power_into(x.in), P_out, loss, load, heat_outside(x.heat, x.air, loss));
        out.value("I", "A", "output current", -x.out.i);
        out.value("efficiency", "1", "power given over power taken", P_out / smooth::max(power_into(x.in), 1e-9, 1e-9));
        out.value("v_in", "V", "input voltage", v_in);
        out.at_most("converter_load", "load over rating", "1", load, p.load_max, "rating");
        report_input_window(out, "input_voltage_min", "input_voltage_max", x.in, p.V_in_min, p.V_in_max, on);
        if constexpr (holds) {
            if (!x.held.at_rest) out.stored(x.held);
        }
    }
    static bool feeds(const Vars<double>& x, const Params<double>& p, int from, int) {
        return p.in_service > 0.5 && (from >= 0 || HoldUp<double>::available(x.ready, x.spent) > 0.5);
    }
    static void begin(Vars<double>& x, const Params<double>& p) requires holds {
        x.ready.value = p.hold_up > 0.0 ? 1.0 : 0.0;
    }
    static constexpr int root_count = holds ? 2 : 0;
    static void roots(Vars<double>& x, const Params<double>& p, double* g) {
        if constexpr (holds)
            HoldUp<double>::roots(by_capacitors(x, input_share(x.in, double(p.V_in_min))), x.held, full(p), x.spent, g);
    }
    static bool update(Vars<double>& x, const Params<double>&, int which) {
        x.spent.value = which == 0 ? 1.0 : 0.0;
        return true;
    }
    static std::complex<double> open_voltage(const Params<double>& p, int) {
        return p.V_out * (1.0 + p.setpoint_error);
    }
    static std::string problem(const Params<double>& p) {
        if (std::string input = p.input_problem(); !input.empty()) return input;
        return loss_problem(*p.loss);
    }

    static void short_circuit(const Vars<double>& x, const Params<double>& p, const FaultCase&, FaultEquivalent& out) {
        if (p.in_service < 0.5 || !(x.in.live > 0.0)) return;
        if constexpr (!holds) p.feed_input(out, 0);
        p.feed_output(out, p.units, 1);
        fault_output(out, {p.V_out, p.units * p.P_rated / p.V_out, p.droop, p.current_limit, p.limit_hold}, 1);
    }

   private:
    /// Energy of full capacitors [J].
    template <class P>
    static P full(const Params<P>& p) {
        return p.hold_up * p.P_rated * p.units;
    }
    template <class S>
    struct Balance {
        S share, i, P_all;     ///< share of the converter that runs; output current; output and loss
        S from_input, refill;  ///< share of P_all that the input gives, not the capacitors; power into the capacitors
    };
    /// Share of the load that the capacitors carry.
    template <class S>
    static S by_capacitors(const Vars<S>& x, const S& mains) {
        return HoldUp<S>::available(x.ready, x.spent) * (1.0 - mains);
    }
    template <class S, class P>
    static Balance<S> balance(Vars<S>& x, const Params<P>& p) {
        const S mains = input_share(x.in, S(p.V_in_min));
        Balance<S> b{S(p.in_service * mains), S(0.0), S(0.0), S(1.0), S(0.0)};
        if constexpr (holds) {
            const S alone = by_capacitors(x, mains);
            b.share += p.in_service * alone;
            b.from_input = 1.0 - alone;
            b.refill = HoldUp<S>::refill(S(p.in_service * mains), S(x.held), full(p));
        }
        b.i = output(x, p).current(b.share, S(x.s));
        const S P_out = x.out.v * b.i;
        b.P_all = P_out + b.share * conversion_loss(*p.loss, P_out, p.P_rated, p.units);
        return b;
    }
    /// Power into the capacitors [W].
    template <class S>
    static S stored(const Balance<S>& b) {
        return b.refill - (1.0 - b.from_input) * b.P_all;
    }
    template <class S, class P>
    static DcOutput<S> output(Vars<S>& x, const Params<P>& p) {
        const S I = S(p.units * p.P_rated / p.V_out);
        S V = S(p.V_out * (1.0 + p.setpoint_error));
        if (p.regulation == Regulation::fixed_ratio) V = V * smooth::max(S(line_voltage(x.in) / p.V_in), 0.1, 1e-3);
        return {V, I, S(p.droop), S(p.current_limit), S(p.limit_hold)};
    }
    template <class S>
    static S lost(Vars<S>& x, const Balance<S>& b) {
        return power_into(x.in) + power_into(x.out) - stored(b);
    }
};

struct AcRectifier : RectifierOf<AcPort> {
    static constexpr std::string_view type = "ac_rectifier";
    static constexpr std::string_view former = "rectifier";
    static constexpr std::string_view doc = "Rectifier, PSU or solid-state transformer: balanced AC to DC, with droop";
};
struct Ac1Rectifier : RectifierOf<Ac1Port> {
    static constexpr std::string_view type = "ac1_rectifier";
    static constexpr std::string_view former = "rectifier1";
    static constexpr std::string_view doc = "Single-phase rectifier or PSU to DC, with droop";
};
struct Ac4Rectifier : RectifierOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_rectifier";
    static constexpr std::string_view former = "rectifier3";
    static constexpr std::string_view doc = "Three-phase rectifier on four wires to DC, with droop";
};
struct DcConverter : RectifierOf<DcPort> {
    static constexpr std::string_view type = "dc_converter";
    static constexpr std::string_view doc =
        "DC-DC converter: intermediate bus, regulator at the die, 800 to 54 or 12 V";
};

}  // namespace kelvolt::models
