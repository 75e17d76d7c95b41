#pragma once

#include "models/power/dc_capacitor.hpp"
#include "models/power/loss.hpp"
#include "models/power/restart.hpp"

namespace kelvolt::models {

/// Electric supply of machines that state their power as a signal (pumps, fans, chillers).
///   P = power_1 + power_2 + power_3
///   P_in = P + powered (P_base + P_rated loss(P/P_rated)), at `power_factor`
///   machine_power before_drive: P_in = P + powered P_base
/// The power that a data sheet gives for a pump, fan or chiller with its own drive is taken before the drive: its loss
/// is in it already and would count twice. `powered` is 1 while the bus is live and above V_in_min, 0 below 0.9
/// V_in_min, smooth between. With powered = 0 the machines stop as when tripped. Speed signals of controllers go
/// directly to the machines. In a run in time machines that were without supply for longer than `ride_through` stay off
/// until the supply has been back for `restart_delay`; shorter gaps they survive turning. Loss and P_base become heat
/// at `heat`.
template <template <class> class In>
struct DriveOf {
    static constexpr Role role = Role::drive;
    enum class MachinePower { behind_drive, before_drive };

    template <class P>
    struct Params : InputData<P>, InputCapacitor<P> {
        MachinePower machine_power;
        P P_rated, P_base, in_service, load_max, ride_through, restart_delay;
        const Curve* loss;
        static constexpr auto declare() {
            if constexpr (is_dc<In<double>>)
                return std::tuple_cat(drive(), Params::template input_capacitor<Params>());
            else
                return drive();
        }
        static constexpr auto drive() {
            return std::tuple_cat(
                std::tuple{param(&Params::P_rated, "P_rated", "W", "rated output", above(0)).rating(),
                           param(&Params::P_base, "P_base", "W", "controls, taken while powered", from(0), 0.0),
                           param(&Params::in_service, "in_service", "1", "1: in service, 0: out", between(0, 1), 1.0)
                               .service(),
                           param(&Params::load_max, "load_max", "1", "largest load over rating", share_of_rating, 1.0),
                           param(&Params::ride_through, "ride_through", "s",
                                 "longest gap of the supply after which the machines go on at once", from(0), 0.0),
                           param(&Params::restart_delay, "restart_delay", "s",
                                 "from the return of the supply until the machines start again", from(0), 0.0),
                           curve(&Params::loss, "loss", "1", "1", "loss over rating against load over rating"),
                           choice(&Params::machine_power, "machine_power",
                                  "where the power that machines state is taken; before the drive it holds its loss",
                                  {"behind_drive", "before_drive"})},
                InputData<P>::input(0.95));
        }
    };
    template <class S>
    struct Vars {
        In<S> in;
        HeatPort<S> heat;
        SignalPort<S> power_1, power_2, power_3, powered;
        Discrete phase, due;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::in, "in", "supply").rated("V_in").draws(),
                              port(&Vars::heat, "heat", "takes the loss"),
                              port(&Vars::power_1, "power_1", "power of a machine [W]").otherwise(0.0),
                              port(&Vars::power_2, "power_2", "power of a second machine [W]").otherwise(0.0),
                              port(&Vars::power_3, "power_3", "power of a third machine [W]").otherwise(0.0),
                              port(&Vars::powered, "powered", "1 while it can feed its machines, 0 when not").writes(),
                              discrete(&Vars::phase, "phase", Restart::ready, Restart::phase_meaning),
                              discrete(&Vars::due, "due", never, Restart::due_meaning)};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S P_in = x.in.load * (machines(x) + own(x, p));
        draw(x.in, P_in, S(P_in * tangent_of(p.power_factor)), S(0.5 * p.V_in_min));
        add_insulation(x.in);
        x.powered.equation = x.powered.value - powered(x, p);
        give_heat(x.heat, own(x, p));
    }
    template <class S, class P>
    static void outputs(Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const S P_in = power_into(x.in), loss = own(x, p), load = machines(x) / p.P_rated;
        report_conversion(out, P_in, machines(x), loss, load, x.heat.connected ? S(0.0) : loss);
        out.key("powered", "1", "1 while it can feed its machines", x.powered.value);
        out.at_most("drive_load", "load over rating", "1", load, p.load_max, "rating");
        report_input_window(out, "drive_input_min", "drive_input_max", x.in, p.V_in_min, p.V_in_max, x.in.live > 0.0);
        report_fed(out, x.in, value(p.in_service) > 0.5 && !Restart::rides(x.phase));
        out.power_in(loss - P_in);  // handed to the machines, where it enters again
    }
    static void short_circuit(const Vars<double>&, const Params<double>& p, const FaultCase&, FaultEquivalent& out) {
        if constexpr (is_dc<In<double>>)
            if (p.in_service > 0.5) p.feed_input(out, 0);
    }
    static constexpr int root_count = Restart::root_count;
    static void roots(Vars<double>& x, const Params<double>& p, double t, double* g) {
        Restart{x.phase, x.due}.roots(p.restart_delay > 0.0, supply(x, p) > 0.5, t, g);
    }
    static bool update(Vars<double>& x, const Params<double>& p, int which, double t) {
        return Restart{x.phase, x.due}.update(supply(x, p) > 0.5, p.ride_through, p.restart_delay, which, t);
    }
    static std::string problem(const Params<double>& p) {
        if (std::string input = p.input_problem(); !input.empty()) return input;
        return loss_problem(*p.loss);
    }

   private:
    template <class S, class P>
    static S supply(Vars<S>& x, const Params<P>& p) {
        return p.in_service * input_share(x.in, S(p.V_in_min));
    }
    template <class S, class P>
    static S powered(Vars<S>& x, const Params<P>& p) {
        return (Restart::runs(x.phase) ? 1.0 : 0.0) * supply(x, p);
    }
    template <class S>
    static S machines(const Vars<S>& x) {
        return x.power_1.value + x.power_2.value + x.power_3.value;
    }
    template <class S, class P>
    static S own(Vars<S>& x, const Params<P>& p) {
        const double counts = p.machine_power == MachinePower::behind_drive ? 1.0 : 0.0;
        return powered(x, p) * (p.P_base + counts * p.P_rated * S((*p.loss)(S(machines(x) / p.P_rated))));
    }
};

struct AcDrive : DriveOf<AcPort> {
    static constexpr std::string_view type = "ac_drive";
    static constexpr std::string_view former = "drive";
    static constexpr std::string_view doc = "Supply of pumps, fans and chillers from balanced three-phase AC";
};
struct Ac1Drive : DriveOf<Ac1Port> {
    static constexpr std::string_view type = "ac1_drive";
    static constexpr std::string_view former = "drive1";
    static constexpr std::string_view doc = "Supply of pumps, fans and chillers from single-phase AC";
};
struct Ac4Drive : DriveOf<Ac4Port> {
    static constexpr std::string_view type = "ac4_drive";
    static constexpr std::string_view former = "drive3";
    static constexpr std::string_view doc = "Supply of pumps, fans and chillers from four wires";
};
struct DcDrive : DriveOf<DcPort> {
    static constexpr std::string_view type = "dc_drive";
    static constexpr std::string_view former = "drive_dc";
    static constexpr std::string_view doc = "Supply of pumps, fans and chillers from a DC bus";
};

}  // namespace kelvolt::models
