#pragma once

#include <complex>

#include "models/power/dc_output.hpp"

namespace kelvolt::models {

/// Shelf of equal PSUs on two feeds: `psus_a` on input `in_a`, `psus_b` on `in_b` (with one feed, connect both to it).
///   v = V_out - droop i/(psus I_psu), I_psu = P_psu/V_out, for the PSUs of one feed
///   P_in = P_out + psus P_psu loss(P_out/(psus P_psu)), at `power_factor`, for one feed
///   worst_psu_load = (V_out (1 + tolerance) - v)/droop
/// The first law holds up to the limit of the output (dc_output.hpp), and so does the third: set points differ by up to
/// `tolerance`, so the PSU with the highest set point has the highest load.
/// Both feeds share the load of the bus by droop; there is no reverse current.
/// On four wires the PSUs are connected phase to neutral in the proportion phase_1 : phase_2 : phase_3; those on a lost
/// phase are off.
template <template <class> class In>
struct PowerShelfOf {
    static constexpr Role role = Role::converter;
    enum class Redundancy { n, n_plus_1, n_plus_n };
    template <class P>
    struct Params : InputData<P> {
        P P_psu, psus_a, psus_b, in_service, V_out, tolerance, droop, current_limit, limit_hold, phase_1, phase_2,
            phase_3, to_air, load_max;
        Redundancy redundancy;
        const Curve* loss;
        static constexpr auto declare() {
            return std::tuple_cat(
                std::tuple{
                    param(&Params::P_psu, "P_psu", "W", "rated output of one PSU", above(0)).rating(),
                    param(&Params::psus_a, "psus_a", "1", "PSUs in service on feed a", from(0)).counts(),
                    param(&Params::psus_b, "psus_b", "1", "PSUs in service on feed b", from(0), 0.0).counts(),
                    param(&Params::in_service, "in_service", "1", "1: in service, 0: out", between(0, 1), 1.0)
                        .service(),
                    param(&Params::V_out, "V_out", "V", "output voltage at no load", above(0)),
                    param(&Params::tolerance, "tolerance", "1", "spread of the PSUs' set points, plus or minus",
                          between(0, 0.2), 0.0),
                    param(&Params::droop, "droop", "V", "voltage lost from no load to rated current", above(0)),
                    param(&Params::current_limit, "current_limit", "1",
                          "current of a PSU over its rated current where the limit begins (assumed)", above(0.1), 1.5),
                    param(&Params::limit_hold, "limit_hold", "1", limit_hold_meaning, between(0.2, 1), 0.85),
                    param(&Params::phase_1, "phase_1", "1", "PSUs on phase a, four wires only (proportion)", from(0),
                          1.0),
                    param(&Params::phase_2, "phase_2", "1", "PSUs on phase b (proportion)", from(0), 1.0),
                    param(&Params::phase_3, "phase_3", "1", "PSUs on phase c (proportion)", from(0), 1.0),
                    param(&Params::to_air, "to_air", "1", "share of the loss that goes to `air`", between(0, 1), 0.0),
                    param(&Params::load_max, "load_max", "1", "largest load over rating", share_of_rating, 1.0),
                    choice(&Params::redundancy, "redundancy",
                           "what must carry the load: all PSUs, all but one, or one feed",
                           {"n", "n_plus_1", "n_plus_n"}),
                    curve(&Params::loss, "loss", "1", "1", "loss over rating against load over rating, one PSU")},
                InputData<P>::input(1.0));
        }
    };
    template <class S>
    struct Vars {
        In<S> in_a, in_b;
        DcPort<S> out;
        HeatPort<S> heat, air;
        Unknown<S> s_a, s_b;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::in_a, "in_a", "feed a").circuit(0).rated("V_in"),
                port(&Vars::in_b, "in_b", "feed b").circuit(1).rated("V_in"),
                port(&Vars::out, "out", "DC bus").fed_by("in_a", "in_b"),
                port(&Vars::heat, "heat", "takes the loss: air or coolant"),
                port(&Vars::air, "air", "takes the share `to_air` of the loss"),
                unknown(&Vars::s_a, "s_a", "1", droop_nominal,
                        "current of the PSUs on feed a on the droop line at the bus voltage, over rated current",
                        "output voltage", "1")
                    .start(droop_start)
                    .electric(),
                unknown(&Vars::s_b, "s_b", "1", droop_nominal,
                        "current of the PSUs on feed b on the droop line at the bus voltage, over rated current",
                        "output voltage", "1")
                    .start(droop_start)
                    .electric()};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        group(x, x.in_a, x.s_a, p.psus_a, p);
        group(x, x.in_b, x.s_b, p.psus_b, p);
        add_insulation(x.out);
        place_heat(x.heat, x.air, lost(x), p.to_air);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S P_out = -power_into(x.out), loss = lost(x), none(not_given), psus = S(p.psus_a + p.psus_b + few_psus);
        std::array<S, 3> part;
        const S running =
            p.psus_a * phase_shares(x.in_a, p, part) + p.psus_b * phase_shares(x.in_b, p, part) + few_psus;
        const DcOutput<S> highest = source(S(p.V_out * (1.0 + p.tolerance)), S(1.0), p);
        const S load = P_out / (p.P_psu * running), worst = highest.current(S((highest.V_open - x.out.v) / p.droop));
        const S one_left = p.P_psu * smooth::max(S(psus - 1.0), few_psus, few_psus),
                feed_left = p.P_psu * smooth::min(S(p.psus_a + few_psus), S(p.psus_b + few_psus), few_psus);
        const bool fed_a = x.in_a.live > 0.0 && value(p.psus_a) > 0.0,
                   fed_b = x.in_b.live > 0.0 && value(p.psus_b) > 0.0;
        const bool on = value(p.in_service) > 0.5 && (fed_a || fed_b), plus_1 = p.redundancy == Redundancy::n_plus_1;
        report_conversion(out, S(power_into(x.in_a) + power_into(x.in_b)), P_out, loss, load,
                          heat_outside(x.heat, x.air, loss));
        out.key("P_a", "W", "power taken from feed a", power_into(x.in_a));
        out.key("P_b", "W", "power taken from feed b", power_into(x.in_b));
        const S worst_load = on ? worst : S(0.0);
        out.value("worst_psu_load", "1", "load over rating of the PSU with the highest set point", worst_load);
        out.at_most("shelf_load", "load over rating of the PSUs in service", "1", load, p.load_max, "rating");
        out.at_most("psu_load", "load over rating of the PSU highest within tolerance", "1", worst_load, p.load_max,
                    "set-point tolerance over droop");
        out.at_most("shelf_redundancy", "load over the rating left after the failure to be survived", "1",
                    P_out / (plus_1 ? one_left : feed_left), p.redundancy == Redundancy::n ? none : S(p.load_max),
                    "redundancy");
        report_input_window(out, "shelf_input_min", "shelf_input_max", x.in_a, p.V_in_min, p.V_in_max, fed_a);
        report_input_window(out, "shelf_input_min_b", "shelf_input_max_b", x.in_b, p.V_in_min, p.V_in_max, fed_b);
    }
    static bool feeds(const Vars<double>&, const Params<double>& p, int from, int) {
        return p.in_service > 0.5 && (from == 0 ? p.psus_a : p.psus_b) > 0.0;
    }
    static std::complex<double> open_voltage(const Params<double>& p, int) { return p.V_out; }
    static void short_circuit(const Vars<double>& x, const Params<double>& p, const FaultCase&, FaultEquivalent& out) {
        const double psus = (x.in_a.live > 0.0 ? p.psus_a : 0.0) + (x.in_b.live > 0.0 ? p.psus_b : 0.0);
        if (p.in_service > 0.5 && psus > 0.0) fault_output(out, source(p.V_out, psus * p.P_psu / p.V_out, p), 2);
    }
    static std::string problem(const Params<double>& p) {
        if (std::string input = p.input_problem(); !input.empty()) return input;
        if (p.psus_a + p.psus_b <= 0.0) return "the shelf has no PSU; give psus_a or psus_b above 0";
        if (p.phase_1 + p.phase_2 + p.phase_3 <= 0.0)
            return "no phase has a PSU; give phase_1, phase_2 or phase_3 above 0";
        return loss_problem(*p.loss);
    }

   private:
    static constexpr double few_psus = 1e-6;  // added to numbers of PSUs, so that zero PSUs cause no division by zero
    template <class S>
    static S lost(Vars<S>& x) {
        return power_into(x.in_a) + power_into(x.in_b) + power_into(x.out);
    }
    template <class S, class P>
    static DcOutput<S> source(const S& V, const S& I_rated, const Params<P>& p) {
        return {V, I_rated, S(p.droop), S(p.current_limit), S(p.limit_hold)};
    }
    // The PSUs of one feed: equation of their position s on the characteristic, output current, input power.
    template <class S, class P>
    static void group(Vars<S>& x, In<S>& in, Unknown<S>& s, const P& psus, const Params<P>& p) {
        std::array<S, 3> part;
        const S share = p.in_service * phase_shares(in, p, part);
        const S units = (psus + few_psus) * smooth::divisor(share, S(0.05));
        const DcOutput<S> together = source(S(p.V_out), S(units * p.P_psu / p.V_out), p);
        s.residual = together.residual(smooth::step(share, 0.0, 0.25), x.out.v, S(s));
        const S i = together.current(share, S(s)), P_out = x.out.v * i;
        x.out.i -= i;
        const S P_in = P_out + S(psus) * share * p.P_psu * S((*p.loss)(S(P_out / (p.P_psu * units))));
        const S Q_in = P_in * tangent_of(p.power_factor);
        if constexpr (is_three_phase<In<S>>) {
            for (int k = 0; k < 3; ++k) draw_phase(in, k, S(part[k] * P_in), S(part[k] * Q_in), S(0.5 * p.V_in_min));
        } else {
            draw(in, P_in, Q_in, S(0.5 * p.V_in_min));
        }
        add_insulation(in);
    }
    // Returns the share of the PSUs that run; `part` receives the share of each phase in them.
    template <class S, class P>
    static S phase_shares(In<S>& in, const Params<P>& p, std::array<S, 3>& part) {
        if constexpr (is_three_phase<In<S>>) {
            const S number[3] = {S(p.phase_1), S(p.phase_2), S(p.phase_3)};
            S running(0.0);
            for (int k = 0; k < 3; ++k) running += part[k] = number[k] * phase_share(in, k, S(p.V_in_min));
            for (S& one : part) one = one / (running + 1e-12);
            return running / (number[0] + number[1] + number[2]);
        } else {
            return input_share(in, S(p.V_in_min));
        }
    }
};

struct AcPowerShelf : PowerShelfOf<AcPort> {
    static constexpr std::string_view type = "ac_power_shelf";
    static constexpr std::string_view former = "power_shelf";
    static constexpr std::string_view doc = "Shelf of PSUs on one or two feeds: sharing by droop, redundancy";
};
struct Ac4PowerShelf : PowerShelfOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_power_shelf";
    static constexpr std::string_view former = "power_shelf3";
    static constexpr std::string_view doc = "Shelf of single-phase PSUs on four wires, assigned to phases";
};

}  // namespace kelvolt::models
