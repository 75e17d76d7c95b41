#pragma once

#include <complex>

#include "models/power/dc_output.hpp"

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
template <template <class> class In>
struct RectifierOf {
    static constexpr Role role = Role::converter;
    enum class Regulation { fixed_voltage, fixed_ratio };
    template <class P>
    struct Params : InputData<P> {
        P P_rated, units, in_service, V_out, setpoint_error, droop, current_limit, limit_hold, to_air, load_max;
        Regulation regulation;
        const Curve* loss;
        static constexpr auto declare() {
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
                InputData<P>::input(1.0));
        }
    };
    template <class S>
    struct Vars {
        In<S> in;
        DcPort<S> out;
        HeatPort<S> heat, air;
        Unknown<S> s;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::in, "in", "input").rated("V_in"), port(&Vars::out, "out", "DC output").fed_by("in"),
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
        const S share = p.in_service * input_share(x.in, S(p.V_in_min));
        const DcOutput<S> source = output(x, p);
        const S s = x.s, i = source.current(share, s);
        const S P_out = x.out.v * i;
        const S P_in = P_out + share * conversion_loss(*p.loss, P_out, p.P_rated, p.units);
        x.s.residual = source.residual(share, x.out.v, s);
        x.out.i = -i;
        draw(x.in, P_in, S(P_in * tangent_of(p.power_factor)), S(0.5 * p.V_in_min));
        add_insulation(x.in);
        add_insulation(x.out);
        place_heat(x.heat, x.air, lost(x), p.to_air);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S P_out = -power_into(x.out), loss = lost(x), load = P_out / (p.P_rated * p.units);
        const S v_in = line_voltage(x.in);
        const bool on = x.in.live > 0.0 && value(p.in_service) > 0.5;
        report_conversion(out, power_into(x.in), P_out, loss, load, heat_outside(x.heat, x.air, loss));
        out.value("I", "A", "output current", -x.out.i);
        out.value("efficiency", "1", "power given over power taken", P_out / smooth::max(power_into(x.in), 1e-9, 1e-9));
        out.value("v_in", "V", "input voltage", v_in);
        out.at_most("converter_load", "load over rating", "1", load, p.load_max, "rating");
        report_input_window(out, "input_voltage_min", "input_voltage_max", x.in, p.V_in_min, p.V_in_max, on);
    }
    static bool feeds(const Vars<double>&, const Params<double>& p, int, int) { return p.in_service > 0.5; }
    static std::complex<double> open_voltage(const Params<double>& p, int) {
        return p.V_out * (1.0 + p.setpoint_error);
    }
    static std::string problem(const Params<double>& p) {
        if (std::string input = p.input_problem(); !input.empty()) return input;
        return loss_problem(*p.loss);
    }

    static void short_circuit(const Vars<double>& x, const Params<double>& p, const FaultCase&, FaultEquivalent& out) {
        if (p.in_service < 0.5 || !(x.in.live > 0.0)) return;
        fault_output(out, {p.V_out, p.units * p.P_rated / p.V_out, p.droop, p.current_limit, p.limit_hold}, 1);
    }

   private:
    template <class S, class P>
    static DcOutput<S> output(Vars<S>& x, const Params<P>& p) {
        const S I = S(p.units * p.P_rated / p.V_out);
        S V = S(p.V_out * (1.0 + p.setpoint_error));
        if (p.regulation == Regulation::fixed_ratio) V = V * smooth::max(S(line_voltage(x.in) / p.V_in), 0.1, 1e-3);
        return {V, I, S(p.droop), S(p.current_limit), S(p.limit_hold)};
    }
    template <class S>
    static S lost(Vars<S>& x) {
        return power_into(x.in) + power_into(x.out);
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
