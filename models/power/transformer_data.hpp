/// Data sheet of a two-winding transformer and the impedances that follow from it: shared by ac_transformer,
/// ac1_transformer and ac4_transformer.
#pragma once

#include <fmt/format.h>

#include "models/fluid/flow_laws.hpp"
#include "models/power/branch.hpp"

namespace kelvolt::models {

/// Rating S_rated, line-to-line voltages, short-circuit voltage vk and load loss Pk (at T_reference), loss P0 and
/// current i0 at no load, a tap changer on the high-voltage side. Definitions: IEC 60076-1.
template <class P>
struct TransformerData {
    P S_rated, V_hv, V_lv, vk, Pk, P0, i0, tap, tap_step, T, alpha, T_reference, units, load_max, in_service;

    static constexpr auto data_sheet() {
        using Owner = TransformerData;
        return std::tuple{
            param(&Owner::S_rated, "S_rated", "VA", "rated apparent power of one unit", above(0)).rating(),
            param(&Owner::V_hv, "V_hv", "V", "rated voltage of side `hv` (line to line for three phases)", above(0)),
            param(&Owner::V_lv, "V_lv", "V", "rated voltage of side `lv` at no load (line to line for three phases)",
                  above(0)),
            param(&Owner::vk, "vk", "1", "short-circuit voltage over rated voltage", between(1e-3, 0.5)),
            param(&Owner::Pk, "Pk", "W", "load loss at rated current and T_reference", from(0)),
            param(&Owner::P0, "P0", "W", "no-load loss", from(0), 0.0),
            param(&Owner::i0, "i0", "1", "no-load current over rated current; not given: that of P0 alone",
                  between(0, 0.5), not_given),
            param(&Owner::tap, "tap", "1", "tap position; each turns the high-voltage winding by tap_step",
                  between(-40, 40), 0.0),
            param(&Owner::tap_step, "tap_step", "1", "voltage of one tap over V_hv", between(0, 0.1), 0.025),
            param(&Owner::T, "T", "K",
                  "winding temperature; not given: that of the heat port, 75 degC if it is not connected", above(0),
                  not_given),
            param(&Owner::alpha, "alpha", "1/delta_K", "temperature coefficient of the load loss", between(0, 0.1),
                  0.0),
            param(&Owner::T_reference, "T_reference", "K", "temperature of Pk (75 degC, IEC 60076-1)", above(0),
                  348.15),
            param(&Owner::units, "units", "1", "equal transformers in parallel", above(0), 1.0).counts(),
            param(&Owner::load_max, "load_max", "1", "largest current over rated current", share_of_rating, 1.0),
            param(&Owner::in_service, "in_service", "1", "1: in service, 0: out", between(0, 1), 1.0).service()};
    }
    P room() const { return otherwise(T, P(348.15)); }  ///< temperature if nothing is connected to the heat port [K]
    /// Leakage impedance of all units together on the low-voltage side, per phase of a star [ohm].
    template <class S>
    Phasor<S> leakage(const S& T_winding) const {
        using std::sqrt;
        const P base = V_lv * V_lv / (S_rated * units), r = Pk / S_rated;
        return {base * r * warm(stated_or(T, T_winding), alpha, T_reference), S(base * sqrt(P(vk * vk - r * r)))};
    }
    /// No-load admittance of all units together on the low-voltage side, per phase of a star [S].
    Phasor<P> magnetising() const {
        using std::sqrt;
        const P base = S_rated * units / (V_lv * V_lv), g = P0 / S_rated;
        return {base * g, given(i0) ? P(-base * sqrt(P(i0 * i0 - g * g + 1e-18))) : P(0.0 * base)};
    }
    /// Impedance of all units for a fault, with the short-circuit voltage `vk_` and load loss `Pk_` of the sequence [ohm].
    ///   Z_TK = K_T Z_T, K_T = 0.95 c_max/(1 + 0.6 x_T) (IEC 60909-0:2016, 6.3.3; largest currents only)
    /// c_max is that of the low-voltage side, x_T the reactance of the positive sequence, per unit.
    std::complex<double> fault_leakage(const FaultCase& fault, double vk_, double Pk_) const {
        const auto reactance = [this](double z, double loss) {
            return std::sqrt(z * z - loss * loss / (S_rated * S_rated));
        };
        const double K = fault.transformer_factor(reactance(vk, Pk), V_lv);
        return K * V_lv * V_lv / (S_rated * units) * std::complex<double>(Pk_ / S_rated, reactance(vk_, Pk_));
    }
    P turns() const { return 1.0 + tap * tap_step; }  ///< turns of the high-voltage winding relative to tap 0
};

inline std::string transformer_problem(const TransformerData<double>& p) {
    if (p.Pk >= p.vk * p.S_rated)
        return fmt::format("Pk = {:g} W is more than vk allows ({:g} W at vk = {:g}); no reactance is left", p.Pk,
                           p.vk * p.S_rated, p.vk);
    if (p.P0 > p.i0 * p.S_rated)
        return fmt::format("P0 = {:g} W is more than i0 allows ({:g} W at i0 = {:g})", p.P0, p.i0 * p.S_rated, p.i0);
    if (p.turns() < 0.2) return "tap and tap_step leave less than 20 % of the turns";
    return {};
}

}  // namespace kelvolt::models
