#pragma once

#include <complex>

#include "models/power/dc_output.hpp"
#include "models/power/even_input.hpp"
#include "models/power/hold_up.hpp"

namespace kelvolt::models {

/// Shelf of equal PSUs on two feeds: `psus_a` on input `in_a`, `psus_b` on `in_b` (with one feed, connect both to it).
///   v = V_out - droop i/(psus I_psu), I_psu = P_psu/V_out, for the PSUs of one feed
///   P_in = P_out + psus P_psu loss(P_out/(psus P_psu)), at `power_factor`, for one feed
///   worst_psu_load = (V_out (1 + tolerance) - v)/droop
/// The first law holds up to the limit of the output (dc_output.hpp), and so does the third: set points differ by up to
/// `tolerance`, so the PSU with the highest set point has the highest load.
/// Both feeds share the load of the bus by droop; there is no reverse current.
/// The capacitors hold the energy of `hold_up` at rated output; in a run in time it carries the load while both feeds are
/// out (hold_up.hpp).
/// On four wires the PSUs are connected phase to neutral in the proportion phase_1 : phase_2 : phase_3; those on a lost
/// phase are off.
/// A shelf with energy storage (`stores`) takes from its inputs what the even_input law leaves of output and loss; the
/// store gives or takes the rest while an input is live (even_input.hpp). In a steady state the store does nothing.
template <template <class> class In, bool stores = false>
struct PowerShelfOf {
    static constexpr Role role = Role::converter;
    enum class Redundancy { n, n_plus_1, n_plus_n };
    struct Nothing {};
    template <class P>
    struct Params : InputData<P>,
                    HoldUpData<P>,
                    OutputCapacitor<P>,
                    std::conditional_t<stores, EvenInputData<P>, Nothing> {
        P P_psu, psus_a, psus_b, in_service, V_out, tolerance, droop, current_limit, limit_hold, phase_1, phase_2,
            phase_3, to_air, load_max;
        Redundancy redundancy;
        const Curve* loss;
        static constexpr auto declare() {
            if constexpr (stores)
                return std::tuple_cat(common(), Params::even_input_params());
            else
                return common();
        }
        static constexpr auto common() {
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
                InputData<P>::input(1.0), Params::hold_up_param(), Params::template output_capacitor<Params>());
        }
    };
    template <class S>
    struct Vars : std::conditional_t<stores, EvenInputVars<S>, Nothing> {
        In<S> in_a, in_b;
        DcPort<S> out;
        HeatPort<S> heat, air;
        Unknown<S> s_a, s_b, held;
        Discrete ready, spent;
        static constexpr auto declare() {
            if constexpr (stores)
                return std::tuple_cat(common(), Vars::even_input_vars());
            else
                return common();
        }
        static constexpr auto common() {
            return std::tuple{
                port(&Vars::in_a, "in_a", "feed a").circuit(0).rated("V_in"),
                port(&Vars::in_b, "in_b", "feed b").circuit(1).rated("V_in"),
                port(&Vars::out, "out", "DC bus").fed_by("in_a", "in_b").source(),
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
                    .electric(),
                unknown(&Vars::held, "held", "J", 100.0, "energy in the capacitors", "energy balance of the capacitors",
                        "W")
                    .start(0.0)
                    .electric()
                    .store(),
                discrete(&Vars::ready, "ready", 0.0, HoldUp<S>::ready_meaning),
                discrete(&Vars::spent, "spent", 0.0, HoldUp<S>::spent_meaning)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Balance<S> now = balance(x, p);
        if constexpr (stores) now.eased.store.write(x, p, S(now.a.P_all + now.b.P_all), rating(p));
        const Supply<S>& supply = now.supply;
        draw_group(x, x.in_a, x.s_a, now.a, supply.alone, S(supply.refill_a - now.eased.a), p);
        draw_group(x, x.in_b, x.s_b, now.b, supply.alone, S(supply.refill_b - now.eased.b), p);
        x.held.stores(stored(now), S(full(p)));
        add_insulation(x.out);
        place_heat(x.heat, x.air, lost(x, now), p.to_air);
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Balance<S> now = balance(x, p);
        const S P_out = -power_into(x.out), loss = lost(x, now), none(not_given),
                psus = S(p.psus_a + p.psus_b + few_psus);
        const S running = p.psus_a * now.a.share + p.psus_b * now.b.share + few_psus;
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
        if (!x.held.at_rest) out.stored(x.held);
        if constexpr (stores) {
            now.eased.store.report(x, p, out);
        }
    }
    static bool feeds(const Vars<double>& x, const Params<double>& p, int from, int) {
        if (from < 0) return p.in_service > 0.5 && HoldUp<double>::available(x.ready, x.spent) > 0.5;
        return p.in_service > 0.5 && (from == 0 ? p.psus_a : p.psus_b) > 0.0;
    }
    static void begin(Vars<double>& x, const Params<double>& p) { x.ready.value = p.hold_up > 0.0 ? 1.0 : 0.0; }
    static constexpr int root_count = 2;
    static void roots(Vars<double>& x, const Params<double>& p, double* g) {
        HoldUp<double>::roots(supply_of(x, p).alone, x.held, full(p), x.spent, g);
    }
    static bool update(Vars<double>& x, const Params<double>&, int which) {
        x.spent.value = which == 0 ? 1.0 : 0.0;
        return true;
    }
    static std::complex<double> open_voltage(const Params<double>& p, int) { return p.V_out; }
    static void short_circuit(const Vars<double>& x, const Params<double>& p, const FaultCase&, FaultEquivalent& out) {
        const double psus = (x.in_a.live > 0.0 ? p.psus_a : 0.0) + (x.in_b.live > 0.0 ? p.psus_b : 0.0);
        if (p.in_service < 0.5 || !(psus > 0.0)) return;
        fault_output(out, source(p.V_out, psus * p.P_psu / p.V_out, p), 2);
        p.feed_output(out, psus, 2);
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
    struct Supply {
        S alone, refill_a, refill_b;  ///< share of the load from the capacitors; power into them from either feed
    };
    template <class S, class P>
    static Supply<S> supply_of(Vars<S>& x, const Params<P>& p) {
        std::array<S, 3> part;
        const S a = some(p.psus_a) * phase_shares(x.in_a, p, part), b = some(p.psus_b) * phase_shares(x.in_b, p, part),
                both = a + b + few_psus;
        const S alone = p.in_service * HoldUp<S>::available(x.ready, x.spent) * (1.0 - a) * (1.0 - b);
        const S refill = HoldUp<S>::refill(S(p.in_service * (1.0 - (1.0 - a) * (1.0 - b))), S(x.held), full(p)) / both;
        return {alone, a * refill, b * refill};
    }
    /// 1 where there is a PSU, 0 without.
    template <class P>
    static P some(const P& psus) {
        return smooth::step(psus, 0.0, 1.0);
    }
    /// Energy of full capacitors [J].
    template <class P>
    static P full(const Params<P>& p) {
        return p.hold_up * p.P_psu * (p.psus_a + p.psus_b);
    }
    template <class S, class P>
    static DcOutput<S> source(const S& V, const S& I_rated, const Params<P>& p) {
        return {V, I_rated, S(p.droop), S(p.current_limit), S(p.limit_hold)};
    }
    /// The PSUs of one feed.
    template <class S>
    struct Group {
        S share, i, P_all;      ///< share of them that runs; output current; output and loss
        DcOutput<S> together;   ///< their characteristic
        std::array<S, 3> part;  ///< share of each phase
    };
    template <class S, class P>
    static Group<S> group_of(Vars<S>& x, In<S>& in, const S& s, const P& psus, const Supply<S>& supply,
                             const Params<P>& p) {
        Group<S> g;
        g.share = p.in_service * phase_shares(in, p, g.part) + some(psus) * supply.alone;
        const S units = (psus + few_psus) * smooth::divisor(g.share, S(0.05));
        g.together = source(S(p.V_out), S(units * p.P_psu / p.V_out), p);
        g.i = g.together.current(g.share, s);
        const S P_out = x.out.v * g.i;
        g.P_all = P_out + S(psus) * g.share * p.P_psu * S((*p.loss)(S(P_out / (p.P_psu * units))));
        return g;
    }
    /// What the store that evens the input takes off the feeds [W].
    template <class S>
    struct Eased {
        S a, b;  ///< off either feed
        EvenInput<S> store;
    };
    template <class S, class P>
    static Eased<S> eased_of(Vars<S>& x, const Supply<S>& supply, const Group<S>& a, const Group<S>& b,
                             const Params<P>& p) {
        Eased<S> eased{S(0.0), S(0.0), {S(0.0), S(0.0), S(0.0)}};
        if constexpr (stores) {
            // the part of both groups that is on its feeds; the store rests while there is none
            const S fed_a = p.psus_a * (a.share - some(p.psus_a) * supply.alone),
                    fed_b = p.psus_b * (b.share - some(p.psus_b) * supply.alone), fed = fed_a + fed_b + few_psus;
            const S on = smooth::step(S(fed / (p.psus_a + p.psus_b + few_psus)), 0.0, 0.25);
            eased.store = EvenInput<S>::of(x, p, S(a.P_all + b.P_all), rating(p));
            eased.store.wanted = on * eased.store.wanted;
            eased.store.given = on * eased.store.given;
            eased.store.drawn = on * eased.store.drawn;
            eased.a = eased.store.given * fed_a / fed;
            eased.b = eased.store.given * fed_b / fed;
        }
        return eased;
    }
    /// Of all PSUs [W].
    template <class P>
    static P rating(const Params<P>& p) {
        return p.P_psu * (p.psus_a + p.psus_b + few_psus);
    }
    template <class S>
    struct Balance {
        Supply<S> supply;
        Group<S> a, b;
        Eased<S> eased;
    };
    template <class S, class P>
    static Balance<S> balance(Vars<S>& x, const Params<P>& p) {
        const Supply<S> supply = supply_of(x, p);
        const Group<S> a = group_of(x, x.in_a, S(x.s_a), p.psus_a, supply, p),
                       b = group_of(x, x.in_b, S(x.s_b), p.psus_b, supply, p);
        return {supply, a, b, eased_of(x, supply, a, b, p)};
    }
    /// Power into the capacitors [W].
    template <class S>
    static S stored(const Balance<S>& now) {
        return now.supply.refill_a + now.supply.refill_b - now.supply.alone * (now.a.P_all + now.b.P_all);
    }
    template <class S>
    static S lost(Vars<S>& x, const Balance<S>& now) {
        return power_into(x.in_a) + power_into(x.in_b) + power_into(x.out) - stored(now) + now.eased.store.drawn;
    }
    // Equation of the position s on the characteristic, output current, input power with what refills the capacitors.
    template <class S, class P>
    static void draw_group(Vars<S>& x, In<S>& in, Unknown<S>& s, const Group<S>& g, const S& alone, const S& refill,
                           const Params<P>& p) {
        s.residual = g.together.residual(smooth::step(g.share, 0.0, 0.25), x.out.v, S(s));
        x.out.i -= g.i;
        const S P_in = (1.0 - alone) * g.P_all + refill, Q_in = P_in * tangent_of(p.power_factor);
        if constexpr (is_three_phase<In<S>>) {
            for (int k = 0; k < 3; ++k)
                draw_phase(in, k, S(g.part[k] * P_in), S(g.part[k] * Q_in), S(0.5 * p.V_in_min));
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
struct AcStorageShelf : PowerShelfOf<AcPort, true> {
    static constexpr std::string_view type = "ac_storage_shelf";
    static constexpr std::string_view doc = "Shelf of PSUs with energy storage that keeps its input even";
};
struct Ac4PowerShelf : PowerShelfOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_power_shelf";
    static constexpr std::string_view former = "power_shelf3";
    static constexpr std::string_view doc = "Shelf of single-phase PSUs on four wires, assigned to phases";
};

}  // namespace kelvolt::models
