/// What a component reports at a solved point: derived quantities, limits, validity ranges, and what crosses the
/// boundary of the system. A model has one function `outputs` for all of them.
#pragma once

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "solver/model/info.hpp"

namespace kelvolt {

/// Comparison of a value with a limit. A limit of NaN was not given: "not assessed".
struct CheckValue {
    std::string_view id, quantity, unit, basis;
    double value, limit;
    bool at_most;
    /// Distance to the limit, positive if it is kept.
    double margin() const { return at_most ? limit - value : value - limit; }
};
/// A value outside the range that its data or correlation covers.
struct ValidityFlag {
    std::string what, unit, source;
    double value, lo, hi;
    std::string_view beyond = "extrapolated";  ///< how values outside were obtained
};
/// What crosses the boundary of the system and what is stored inside. Filled by `Report::power_in` and the functions
/// after it.
struct Tally {
    double power_in = 0.0, power_size = 0.0;  ///< W: sum and sum of magnitudes
    double stored = 0.0;                      ///< J, relative to 273.15 K
    struct Mass {
        double in = 0.0, size = 0.0;  ///< kg/s: flow over the boundary; largest flow inside
        double warming = 0.0;         ///< W: rate at which coolant held in components stores heat
        double held = 0.0;            ///< kg of coolant in components
        double capacity = 0.0;        ///< J/K of that coolant
    };
    std::vector<Mass> circuits;
};

/// Collects one component's outputs. `S` is double for values and a dual for their derivatives.
template <class S>
class Report {
   public:
    std::vector<OutputInfo>* infos = nullptr;
    S* values = nullptr;
    std::vector<CheckValue>* checks = nullptr;
    std::vector<S>* margins = nullptr;  ///< of the checks, in their order
    std::vector<ValidityFlag>* flags = nullptr;
    Tally* tally = nullptr;

    /// A derived quantity.
    template <class V>
    void value(std::string_view name, std::string_view unit, std::string_view doc, const V& v) {
        put(name, unit, doc, v, false);
    }
    /// A derived quantity that is recorded unless the case says otherwise.
    template <class V>
    void key(std::string_view name, std::string_view unit, std::string_view doc, const V& v) {
        put(name, unit, doc, v, true);
    }
    template <class A, class B>
    void at_most(std::string_view id, std::string_view quantity, std::string_view unit, const A& v, const B& limit,
                 std::string_view basis) {
        if (checks) keep(*checks, {id, quantity, unit, basis, plain(v), plain(limit), true});
        if (margins) keep(*margins, number(limit) - number(v));
    }
    template <class A, class B>
    void at_least(std::string_view id, std::string_view quantity, std::string_view unit, const A& v, const B& limit,
                  std::string_view basis) {
        if (checks) keep(*checks, {id, quantity, unit, basis, plain(v), plain(limit), false});
        if (margins) keep(*margins, number(v) - number(limit));
    }
    /// Flags a value outside the range that its source covers.
    template <class V>
    void within(std::string_view what, std::string_view unit, const V& v, double lo, double hi, std::string_view source,
                std::string_view beyond = "extrapolated") {
        const double x = plain(v), slack = 1e-9 * (std::abs(lo) + std::abs(hi));
        if (flags && (x < lo - slack || x > hi + slack)) keep_flag(what, unit, source, x, lo, hi, beyond);
    }
    /// Power that enters the system from outside: electric, shaft, or enthalpy and heat over the boundary. Negative: it
    /// leaves.
    template <class V>
    void power_in(const V& watts) {
        if (!tally) return;
        tally->power_in += plain(watts);
        tally->power_size += std::abs(plain(watts));
    }
    /// Energy stored in this component.
    template <class V>
    void stored(const V& joules) {
        if (tally) tally->stored += plain(joules);
    }
    /// Coolant in this component: `mass` [kg] at the temperature T [K], which rises by T_der [K/s].
    template <class F, class M, class T>
    void coolant(int circuit, const F& fluid, const M& mass, const T& temperature, const T& T_der) {
        if (!tally) return;
        stored(mass * fluid.u(temperature));
        if (Tally::Mass* there = mass_of(circuit)) {
            const double C = plain(mass * fluid.cp(temperature));
            there->held += plain(mass);
            there->capacity += C;
            there->warming += C * plain(T_der);
        }
    }
    /// Coolant that enters circuit `circuit` from outside.
    template <class V>
    void mass_in(int circuit, const V& m_flow) {
        if (Tally::Mass* mass = mass_of(circuit)) mass->in += plain(m_flow);
    }
    /// Coolant that flows through this component; reference of the mass balance.
    template <class V>
    void through(int circuit, const V& m_flow) {
        if (Tally::Mass* mass = mass_of(circuit)) mass->size = std::max(mass->size, std::abs(plain(m_flow)));
    }

   private:
    // Not inlined: every model has many of these calls, and the code of a growing list would be repeated in each.
    template <class Item>
    [[gnu::noinline]] static void keep(std::vector<Item>& list, const Item& item) {
        list.push_back(item);
    }
    [[gnu::noinline]] void keep_flag(std::string_view what, std::string_view unit, std::string_view source, double x,
                                     double lo, double hi, std::string_view beyond) {
        flags->push_back({std::string(what), std::string(unit), std::string(source), x, lo, hi, beyond});
    }
    [[gnu::noinline]] void keep_info(std::string_view name, std::string_view unit, std::string_view doc, bool key) {
        infos->push_back({std::string(name), std::string(unit), std::string(doc), key});
    }
    static double plain(double x) { return x; }
    template <class V>
    static double plain(const Unknown<V>& x) {
        return plain(x.value);
    }
    template <class V>
    static double plain(const V& x) {
        return x.v;
    }
    template <class V>
    static S number(const Unknown<V>& x) {
        return S(x.value);
    }
    template <class V>
    static S number(const V& x) {
        return S(x);
    }
    template <class V>
    void put(std::string_view name, std::string_view unit, std::string_view doc, const V& v, bool key) {
        if (infos) keep_info(name, unit, doc, key);
        if (values) *values++ = S(v);
    }
    Tally::Mass* mass_of(int circuit) {
        if (!tally || circuit < 0 || circuit >= static_cast<int>(tally->circuits.size())) return nullptr;
        return &tally->circuits[circuit];
    }
};

}  // namespace kelvolt
