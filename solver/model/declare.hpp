/// The functions with which a model declares its parameters, ports, unknowns and discrete variables. Documentation,
/// schema, Python arguments, range checks and the network are derived from these declarations.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string_view>

namespace kelvolt {

class Curve;
struct Medium;

inline constexpr double not_given = std::numeric_limits<double>::quiet_NaN();
inline constexpr double infinite = std::numeric_limits<double>::infinity();
/// The time of a change that is not due [s].
inline constexpr double never = 1e30;
/// Root function of a timer: positive from the time `due` on, within a nanosecond, also where that is now.
constexpr double passed(double t, double due) { return t - due + 1e-9 * (t > 1.0 ? t : 1.0); }

/// Allowed values of a parameter, in SI.
struct Range {
    double lo = -infinite, hi = infinite;
    bool open_lo = false, open_hi = false;
    constexpr bool holds(double x) const { return (open_lo ? x > lo : x >= lo) && (open_hi ? x < hi : x <= hi); }
};
constexpr Range any() { return {}; }
constexpr Range above(double lo) { return {lo, infinite, true, false}; }
constexpr Range from(double lo) { return {lo, infinite, false, false}; }
constexpr Range between(double lo, double hi) { return {lo, hi, false, false}; }

/// Function of a component in the plant. Tables, drawings, checks and contingencies use it, never the name of a model.
enum class Role {
    pipe,
    header,    ///< manifold
    junction,  ///< tee, volume
    fitting,   ///< orifice
    coupling,  ///< quick disconnect
    filter,
    valve,
    pump,
    vessel,     ///< holds the pressure of a closed circuit
    boundary,   ///< coolant enters or leaves the system here
    exchanger,  ///< between two coolants
    heat_rejection,
    chiller,
    cooler,  ///< transfers heat of a room to coolant
    fan,
    cold_plate,
    tray,  ///< several parts given as one
    chip,
    heater,
    heat_store,
    conductor,  ///< of heat
    ambient,    ///< fixed surroundings: heat that enters has left the system
    source,     ///< of electric power, from outside
    store,      ///< of electric power: a battery
    converter,
    drive,  ///< supplies machines that state their power as a signal
    transformer,
    switching,   ///< switch, transfer switch
    protection,  ///< a switch that trips by its current: breaker, fuse
    line,
    tap,  ///< connects two kinds of port
    load,
    bus,
    earth,
    sensor,
    controller,
    signal
};

/// How studies use a number parameter.
enum class ParamUse {
    plain,
    service,  ///< 1: in service, 0: out
    closed,   ///< 1: closed, 0: open
    count,    ///< equal units in parallel; one of them may fail
    rating,   ///< reference of the output `loading`
    pole,     ///< 1: the conductor of one phase is closed, 0: open
    neutral   ///< the same of the neutral
};

/// A number with a unit. `P` is the scalar of the parameters.
template <class Owner, class P>
struct NumberDecl {
    P Owner::*member;
    std::string_view name, unit, doc;
    Range range;
    double fallback;
    bool required;
    bool homotopy_ = false;
    std::string_view answer_ = {};
    ParamUse use_ = ParamUse::plain;

    constexpr NumberDecl service() const { return used(ParamUse::service); }
    constexpr NumberDecl closes() const { return used(ParamUse::closed); }
    constexpr NumberDecl counts() const { return used(ParamUse::count); }
    constexpr NumberDecl rating() const { return used(ParamUse::rating); }
    constexpr NumberDecl opens_phase() const { return used(ParamUse::pole); }
    constexpr NumberDecl opens_neutral() const { return used(ParamUse::neutral); }
    /// The solver may scale this parameter from 0 to its value; if there is no steady state at the full value, `answer`
    /// is the physical reason.
    constexpr NumberDecl lost_by(std::string_view answer) const {
        NumberDecl copy = *this;
        copy.homotopy_ = true;
        copy.answer_ = answer;
        return copy;
    }

   private:
    constexpr NumberDecl used(ParamUse use) const {
        NumberDecl copy = *this;
        copy.use_ = use;
        return copy;
    }
};
template <class Owner, class P>
constexpr auto param(P Owner::*member, std::string_view name, std::string_view unit, std::string_view doc,
                     Range range) {
    return NumberDecl<Owner, P>{member, name, unit, doc, range, not_given, true};
}
template <class Owner, class P>
constexpr auto param(P Owner::*member, std::string_view name, std::string_view unit, std::string_view doc, Range range,
                     double fallback) {
    return NumberDecl<Owner, P>{member, name, unit, doc, range, fallback, false};
}

/// One of a few words; `E` is an enum whose values count from 0 in the order of `options`.
template <class Owner, class E, std::size_t N>
struct ChoiceDecl {
    E Owner::*member;
    std::string_view name, doc;
    std::array<std::string_view, N> options;
    int fallback;
};
template <class Owner, class E, std::size_t N>
constexpr auto choice(E Owner::*member, std::string_view name, std::string_view doc,
                      const std::string_view (&options)[N], int fallback = 0) {
    ChoiceDecl<Owner, E, N> decl{member, name, doc, {}, fallback};
    for (std::size_t i = 0; i < N; ++i) decl.options[i] = options[i];
    return decl;
}

/// A curve y(x): constant, table, power law or CSV. Optional curves are null when not given.
template <class Owner>
struct CurveDecl {
    const Curve* Owner::*member;
    std::string_view name, x_unit, unit, doc;
    bool required;
};
template <class Owner>
constexpr auto curve(const Curve* Owner::*member, std::string_view name, std::string_view x_unit, std::string_view unit,
                     std::string_view doc) {
    return CurveDecl<Owner>{member, name, x_unit, unit, doc, true};
}
template <class Owner>
constexpr auto optional_curve(const Curve* Owner::*member, std::string_view name, std::string_view x_unit,
                              std::string_view unit, std::string_view doc) {
    return CurveDecl<Owner>{member, name, x_unit, unit, doc, false};
}

/// The coolant of a circuit, stated once, by the component that fixes the pressure of the circuit.
template <class Owner>
struct MediumDecl {
    const Medium* Owner::*member;
    std::string_view name, doc;
};
template <class Owner>
constexpr auto medium(const Medium* Owner::*member, std::string_view name, std::string_view doc) {
    return MediumDecl<Owner>{member, name, doc};
}

/// How a port takes part in fixing the pressure of its circuit.
enum class Reference { none, vessel, boundary };

/// How ports are connected when `cells: n` makes a chain of a component: forward (a to b), in counterflow, or all tied
/// together.
enum class Chain { tied, forward_in, forward_out, counter_in, counter_out };

/// What a component does with the current in the neutral of an electric port: passes it on to its other ports, closes
/// its path, or blocks it.
enum class NeutralPath { through, closed, blocked };

template <class Owner, class Port>
struct PortDecl {
    Port Owner::*member;
    std::string_view name, doc;
    int circuit_ = 0;
    Reference reference_ = Reference::none;
    Chain chain_ = Chain::tied;
    bool writes_ = false, temperature_ = false;
    double otherwise_ = not_given;
    double nominal_ = 1.0;
    bool source_ = false, draws_ = false;
    std::array<std::string_view, 3> feeders_{};
    bool way_ = false;
    std::string_view rated_{};

    /// Ports of one component with different numbers belong to different fluid circuits (the two sides of an
    /// exchanger).
    constexpr PortDecl circuit(int number) const {
        return with([&](PortDecl& d) { d.circuit_ = number; });
    }
    constexpr PortDecl reference(Reference r) const {
        return with([&](PortDecl& d) { d.reference_ = r; });
    }
    constexpr PortDecl chain(Chain c) const {
        return with([&](PortDecl& d) { d.chain_ = c; });
    }
    /// A signal port that determines the signal; every signal has exactly one. `nominal`: its usual size, from which
    /// its tolerance is derived.
    constexpr PortDecl writes(double nominal = 1.0) const {
        return with([&](PortDecl& d) { d.writes_ = true, d.nominal_ = nominal; });
    }
    /// The same for a temperature [K]: a cold start begins at the start temperature of the case.
    constexpr PortDecl writes_temperature() const {
        return with([&](PortDecl& d) { d.writes_ = d.temperature_ = true, d.nominal_ = 10.0; });
    }
    /// An electric port that energises its bus by itself while the component is in service (utility, generator,
    /// battery).
    constexpr PortDecl source() const {
        return with([&](PortDecl& d) { d.source_ = true; });
    }
    /// An electric port of a load, which is not supplied while its bus is dead.
    constexpr PortDecl draws() const {
        return with([&](PortDecl& d) { d.draws_ = true; });
    }
    /// An electric port that is live while one of the named ports is: the output of a converter. Other electric ports
    /// of a component are connected to each other if their `circuit` number is the same.
    constexpr PortDecl fed_by(std::string_view a, std::string_view b = {}, std::string_view c = {}) const {
        return with([&](PortDecl& d) { d.feeders_ = {a, b, c}; });
    }
    /// In a chain of `cells`, `way[i]` is this port of cell i (the branch of a manifold) instead of its outlet.
    constexpr PortDecl way() const {
        return with([&](PortDecl& d) { d.way_ = true; });
    }
    /// An electric port; the parameter of that name states the nominal voltage of its bus.
    constexpr PortDecl rated(std::string_view param) const {
        return with([&](PortDecl& d) { d.rated_ = param; });
    }
    /// Value of a signal port to which nothing is connected.
    constexpr PortDecl otherwise(double value) const {
        return with([&](PortDecl& d) { d.otherwise_ = value; });
    }

   private:
    template <class F>
    constexpr PortDecl with(F change) const {
        PortDecl copy = *this;
        change(copy);
        return copy;
    }
};
template <class Owner, class Port>
constexpr auto port(Port Owner::*member, std::string_view name, std::string_view doc) {
    return PortDecl<Owner, Port>{member, name, doc};
}

/// An unknown of the component with one equation of its own.
template <class S>
struct Unknown {
    S value{}, der{}, residual{};
    bool at_rest = false;  ///< true in a steady state, where all time derivatives are zero
    /// The equation of a store: der = rate. Nothing determines its content in a steady state, which keeps `start`.
    void stores(const S& rate, const S& start) { residual = at_rest ? S(value - start) : S(der - rate); }
    operator const S&() const { return value; }  // NOLINT: an unknown converts to its value
};
template <class Owner, class S>
struct UnknownDecl {
    Unknown<S> Owner::*member;
    std::string_view name, unit, doc;
    std::string_view balance, balance_unit;  ///< name of its equation and unit of the residual, for messages
    double nominal, start_;
    bool integrator_ = false, electric_ = false, store_ = false;
    /// An unknown without a unit that is solved with the electric network (position of a converter on its
    /// characteristic).
    constexpr UnknownDecl electric() const {
        UnknownDecl copy = *this;
        copy.electric_ = true;
        return copy;
    }
    /// The content of a store, whose equation is Unknown::stores.
    constexpr UnknownDecl store() const {
        UnknownDecl copy = *this;
        copy.store_ = true;
        return copy;
    }
    /// The integral state of a controller; networks with one use pseudo-transient iteration before Newton.
    constexpr UnknownDecl integrator() const {
        UnknownDecl copy = *this;
        copy.integrator_ = true;
        return copy;
    }
    /// Cold-start value; without it, the start temperature of the case for K, else the nominal.
    constexpr UnknownDecl start(double x) const {
        UnknownDecl copy = *this;
        copy.start_ = x;
        return copy;
    }
};
template <class Owner, class S>
constexpr auto unknown(Unknown<S> Owner::*member, std::string_view name, std::string_view unit, double nominal,
                       std::string_view doc, std::string_view balance, std::string_view balance_unit) {
    return UnknownDecl<Owner, S>{member, name, unit, doc, balance, balance_unit, nominal, not_given};
}

/// A variable that is constant in the equations and changes only at events or samples.
struct Discrete {
    double value = 0.0;
    operator double() const { return value; }  // NOLINT
};
template <class Owner>
struct DiscreteDecl {
    Discrete Owner::*member;
    std::string_view name, doc;
    double initial;
};
template <class Owner>
constexpr auto discrete(Discrete Owner::*member, std::string_view name, double initial, std::string_view doc) {
    return DiscreteDecl<Owner>{member, name, doc, initial};
}

/// Band of a protective device at one current [s]; infinite: never.
struct TripTimes {
    double earliest;  ///< shortest time until it can no longer be stopped
    double latest;    ///< longest time until it has cleared
};

}  // namespace kelvolt
