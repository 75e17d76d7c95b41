/// A liquid, or a gas near one pressure, as plain numbers: density, heat capacity, conductivity and viscosity fitted in
/// temperature, each with its source and error. T in K, SI units.
///   rho, cp, k = sum c_i (T - T_ref)^i
///   mu = exp(sum c_i (T - T_ref)^i + B/(T - C))
///   h(T, p) = integral of cp dT from 273.15 K + (p - p_zero)/rho(T)
/// The term p/rho puts pump work and friction heat into every energy balance. p_zero is 0 for liquids. For a gas it is
/// the pressure of its density, so that its heat capacity at constant pressure is cp; a gas is held to have that density
/// at any pressure, as is usual in fan networks, where pressures differ by less than 1 %.
/// The data behind the fits cover T_min..T_max; the fits are evaluated over hold_min..hold_max, which is at least as
/// wide. Outside, every property becomes constant within 2 K, with continuous slope, and h continues with constant cp:
/// finite and monotone. Pressure acts on h only; the compressibility of liquids (5e-10 per Pa for water) is neglected.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "solver/scalar/dual.hpp"
#include "solver/scalar/pattern.hpp"

namespace kelvolt {

/// Fit of one property: up to six coefficients about T_ref. B and C are used for viscosity only.
struct PropertyFit {
    double T_ref = 273.15;
    std::array<double, 6> c{};
    int degree = 5;  ///< of the polynomial; set by `trim`
    double B = 0.0, C = 0.0;
    double max_error = 0.0;  ///< largest relative error against `source` between T_min and T_max
    std::string source;

    template <class S>
    S polynomial(const S& T) const {
        const S t = T - T_ref;
        if (degree <= 2) return c[0] + t * (c[1] + t * c[2]);
        return c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * (c[4] + t * c[5]))));
    }
    void trim() {
        degree = 5;
        while (degree > 0 && c[degree] == 0.0) --degree;
    }
    /// Integral of the polynomial from T_ref to T.
    template <class S>
    S integral(const S& T) const {
        const S t = T - T_ref;
        if (degree <= 2) return t * (c[0] + t * (c[1] * (1.0 / 2) + t * (c[2] * (1.0 / 3))));
        return t * (c[0] + t * (c[1] * (1.0 / 2) +
                                t * (c[2] * (1.0 / 3) +
                                     t * (c[3] * (1.0 / 4) + t * (c[4] * (1.0 / 5) + t * (c[5] * (1.0 / 6)))))));
    }
};

/// The properties at one temperature: kg/m3, J/(kg K), W/(m K), Pa s.
template <class S>
struct FluidState {
    S rho, cp, k, mu;
    S Pr() const { return cp * mu / k; }
};

struct Medium {
    std::string name, title, source, grade, date;
    std::vector<std::string> aliases;
    double T_min = 0.0, T_max = 0.0;        ///< temperatures the data behind the fits cover [K]
    double hold_min = 0.0, hold_max = 0.0;  ///< properties are held constant outside [K]
    double T_freeze = 0.0, T_boil = 0.0;    ///< at 101325 Pa [K]; 0 where the source has none
    double p_zero = 0.0;                    ///< pressure at which h is the integral of cp alone [Pa]; of a gas
    double water_activity = 0.0;            ///< vapour pressure over that of water; from T_boil; 0 where unknown
    PropertyFit rho_fit, cp_fit, k_fit, mu_fit;
    std::vector<std::string> notes;

    static constexpr double T_zero_enthalpy = 273.15;
    static constexpr double soft_band = 2.0;  ///< band outside the held range in which properties become constant [K]

    bool covers(double T) const { return T >= T_min && T <= T_max; }
    /// What is done outside the data: the fits are extrapolated, or held constant where extrapolation would mislead.
    template <class S>
    std::string_view beyond(const S& T) const {
        return value(T) < hold_min || value(T) > hold_max ? "held at its end" : "extrapolated";
    }

    template <class Temperature>
    auto rho(const Temperature& T) const {
        return in_T(T, [this](const auto& t) { return rho_fit.polynomial(held(t)); });
    }
    template <class Temperature>
    auto cp(const Temperature& T) const {
        return in_T(T, [this](const auto& t) { return cp_fit.polynomial(held(t)); });
    }
    template <class Temperature>
    auto k(const Temperature& T) const {
        return in_T(T, [this](const auto& t) { return k_fit.polynomial(held(t)); });
    }
    template <class Temperature>
    auto mu(const Temperature& T) const {
        return in_T(T, [this](const auto& t) { return viscosity(held(t)); });
    }
    /// ln of the viscosity in Pa s, for powers of it.
    template <class Temperature>
    auto log_mu(const Temperature& T) const {
        return in_T(T, [this](const auto& t) { return log_viscosity(held(t)); });
    }
    template <class Temperature>
    auto Pr(const Temperature& T) const {
        return in_T(T, [this](const auto& t) {
            const auto x = held(t);
            return cp_fit.polynomial(x) * viscosity(x) / k_fit.polynomial(x);
        });
    }
    /// Integral of cp dT from 273.15 K [J/kg].
    template <class Temperature>
    auto u(const Temperature& T) const {
        return in_T(T, [this](const auto& t) {
            const auto x = held(t);
            return cp_fit.integral(x) - cp_fit.integral(T_zero_enthalpy) + cp_fit.polynomial(x) * (t - x);
        });
    }
    /// Specific enthalpy [J/kg]; p absolute [Pa].
    template <class Temperature, class Pressure>
    auto h(const Temperature& T, const Pressure& p) const {
        return caloric(T).h(p);
    }
    /// h at p = 0 and 1/rho at one temperature, for enthalpies at several pressures.
    template <class S>
    struct Caloric {
        S u, v;
        template <class Pressure>
        auto h(const Pressure& p) const {
            return u + p * v;
        }
    };
    template <class Temperature>
    auto caloric(const Temperature& temperature) const {
        using S = decltype(temperature + 0.0);
        const S T(temperature);
        const auto both = [this](const auto& t) {
            const auto x = held(t);
            using X = std::decay_t<decltype(x)>;
            const X v = 1.0 / rho_fit.polynomial(x);
            return Caloric<X>{
                X(cp_fit.integral(x) - cp_fit.integral(T_zero_enthalpy) + cp_fit.polynomial(x) * (t - x) - p_zero * v),
                v};
        };
        if constexpr (is_number<S>) {
            return both(T);
        } else {
            if (is_constant(T)) {
                const auto y = both(value(T));
                return Caloric<S>{S(y.u), S(y.v)};
            }
            using T1 = Dual<1, ValueOf<S>>;
            const Caloric<T1> y = both(T1::seeded(value(T), 0));
            return Caloric<S>{S(chained(y.u.v, y.u.d[0], T)), S(chained(y.v.v, y.v.d[0], T))};
        }
    }
    /// Vapour pressure, absolute [Pa]: that of water times an activity that reproduces the boiling point (from a
    /// mixture of water with an inhibitor or glycol almost only the water evaporates). NaN where the boiling point is
    /// unknown.
    double p_v(double T) const;
    /// Specific entropy relative to that at 273.15 K [J/(kg K)]: integral of cp/T dT.
    double s(double T) const;

    /// All four properties in one pass.
    template <class Temperature>
    auto state(const Temperature& T) const {
        using S = decltype(T + 0.0);
        return FluidState<S>{S(rho(T)), S(cp(T)), S(k(T)), S(mu(T))};
    }

   private:
    template <class S>
    S log_viscosity(const S& T) const {
        return mu_fit.polynomial(T) + mu_fit.B / (T - mu_fit.C);
    }
    template <class S>
    S viscosity(const S& T) const {
        using std::exp;
        return exp(log_viscosity(T));
    }
    /// T inside the held range; outside, it becomes constant half of soft_band beyond the end, with continuous slope.
    template <class S>
    S held(const S& T) const {
        if constexpr (!std::is_same_v<S, Pattern>) {
            if (!any(T > S(hold_max)) && !any(T < S(hold_min))) return T;  // same result as below, at less cost
        }
        const S zero(0.0), rest(soft_band);
        const S above = select(T > S(hold_max), S(T - hold_max), zero),
                below = select(T < S(hold_min), S(hold_min - T), zero);
        const S a = select(above > rest, rest, above), b = select(below > rest, rest, below);
        return T - above + below + a * (1.0 - a / (2.0 * soft_band)) - b * (1.0 - b / (2.0 * soft_band));
    }
    /// Evaluates a function of T alone with one derivative, on Dual<1>, and applies the chain rule to the derivatives
    /// that T carries. The cost does not depend on their number.
    template <class Temperature, class F>
    static auto in_T(const Temperature& temperature, const F& f) {
        using S = decltype(temperature + 0.0);
        const S T(temperature);
        if constexpr (is_number<S>) {
            return f(T);
        } else {
            if (is_constant(T)) return S(f(value(T)));
            using T1 = Dual<1, ValueOf<S>>;
            const T1 y = f(T1::seeded(value(T), 0));
            return S(chained(y.v, y.d[0], T));
        }
    }
};

}  // namespace kelvolt
