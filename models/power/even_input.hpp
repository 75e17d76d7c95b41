/// The energy store in a power supply that keeps its input even while its output swings.
#pragma once

#include "models/control/ramp_law.hpp"
#include "models/power/port_power.hpp"

namespace kelvolt::models {

/// Parameters of such a store, of all power supplies of a shelf together.
template <class P>
struct EvenInputData {
    P store_energy, store_loss, tau, ramp_up, ramp_down, charge_set, recentring, smooths;
    static constexpr auto even_input_params() {
        using Owner = EvenInputData;
        return std::tuple{
            param(&Owner::store_energy, "store_energy", "J", "energy that it takes from empty to full", above(0)),
            param(&Owner::store_loss, "store_loss", "1",
                  "share of what passes into or out of it that is lost (assumed)", between(0, 0.5), 0.02),
            param(&Owner::tau, "tau", "s", "time constant with which the input follows the output (assumed)", above(0),
                  0.1),
            param(&Owner::ramp_up, "ramp_up", "W/s", ramp_up_meaning, above(0), not_given),
            param(&Owner::ramp_down, "ramp_down", "W/s", ramp_down_meaning, above(0), not_given),
            param(&Owner::charge_set, "charge_set", "1", "charge at the begin of a run, to which it returns",
                  Range{0.1, 0.9}, 0.5),
            param(&Owner::recentring, "recentring", "s", "time constant of the return to charge_set (assumed)",
                  above(0), 10.0),
            param(&Owner::smooths, "smooths", "1", "1: the store keeps the input even, 0: it does nothing",
                  between(0, 1), 1.0)};
    }
};

/// Its unknowns.
template <class S>
struct EvenInputVars {
    Unknown<S> charge, even;
    static constexpr auto even_input_vars() {
        using Owner = EvenInputVars;
        return std::tuple{
            unknown(&Owner::charge, "charge", "1", 0.01, "state of charge of the store that evens the input",
                    "energy balance of the store", "1/s")
                .start(0.5)
                .electric()
                .store(),
            unknown(&Owner::even, "even", "1", 1.0, "even power over rating", "ramp of the input", "1/s")
                .electric()
                .store()};
    }
};

/// Power of the store [W].
template <class S>
struct EvenInput {
    S wanted, given;  ///< asked for, and given to the supply; below zero it takes
    S drawn;          ///< out of the store, its loss included

    /// P: power that the supply needs [W], rating: of the supply [W].
    ///   wanted = P - even - energy (charge_set - charge)/recentring
    /// Near empty and near full, within 5 % of the charge, the power falls to zero. Writes both equations.
    ///   d even/dt = (P - even)/tau within the ramps, d charge/dt = -drawn/energy
    template <class X, class D, class R>
    static EvenInput of(const X& x, const D& p, const S& P, const R& rating) {
        const S zero(0.0), charge = x.charge;
        EvenInput f;
        f.wanted = P - rating * x.even - p.store_energy / p.recentring * (p.charge_set - charge);
        const S out = select(f.wanted > zero, f.wanted, zero), in = out - f.wanted;
        const S out_now = smooth::step(charge, 0.0, taper) * out,
                in_now = smooth::step(S(1.0 - charge), 0.0, taper) * in;
        f.given = p.smooths * (out_now - in_now);
        f.drawn = p.smooths * (out_now / (1.0 - p.store_loss) - in_now * (1.0 - p.store_loss));
        return f;
    }
    template <class X, class D, class R>
    void write(X& x, const D& p, const S& P, const R& rating) const {
        using A = std::decay_t<decltype(p.tau)>;
        x.charge.stores(S(-drawn / p.store_energy), S(p.charge_set));
        const S share = P / rating;
        x.even.stores(following_rate(S(share - x.even), p.tau, A(p.ramp_up / rating), A(p.ramp_down / rating)), share);
    }
    template <class X, class D>
    void report(const X& x, const D& p, Report<S>& out) const {
        const double asked = value(p.smooths) > 0.5 ? value(wanted) : 0.0;
        out.key("P_store", "W", "power out of the store that evens the input; below zero it takes", drawn);
        out.value("store_left", "J", "energy in it", S(p.store_energy * x.charge));
        out.at_least("store_charge", "state of charge of a store that is needed", "1", S(x.charge),
                     asked > least ? S(taper) : S(not_given), "below it less than what is asked for is given");
        out.at_most("store_room", "state of charge of a store that is to take power", "1", S(x.charge),
                    asked < -least ? S(1.0 - taper) : S(not_given), "above it less than what is asked for is taken");
        if (x.charge.at_rest)
            out.power_in(drawn);
        else
            out.stored(p.store_energy * x.charge);
    }

   private:
    static constexpr double taper = 0.05, least = 1.0;  // of the charge; power that is judged [W]
};

}  // namespace kelvolt::models
