#pragma once

#include "models/fluid/flow_laws.hpp"
#include "models/ports.hpp"
#include "solver/curve/curve.hpp"

namespace kelvolt::models {

/// Interface material between two faces (TIM): its bond line, the contact on both sides, and what ageing adds.
///   Q_flow = (T_a - T_b)/R
///   R = ageing(age) (bond_line/k + R_contact)/area
/// `ageing` is the factor on the resistance against `age`, in power cycles, hours or whatever its data count (pump-out
/// of a grease, drying); `age` is said in the same.
struct ThermalInterface {
    static constexpr std::string_view type = "thermal_interface";
    static constexpr std::string_view doc = "Interface material with bond line, contact resistance and ageing";
    static constexpr Role role = Role::conductor;

    template <class P>
    struct Params {
        P area, bond_line, k, R_contact, age, R_max;
        const Curve* ageing;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::area, "area", "m2", "wetted area", above(0)),
                param(&Params::bond_line, "bond_line", "m", "thickness in use", above(0)),
                param(&Params::k, "k", "W/(m K)", "conductivity of the material", above(0)),
                param(&Params::R_contact, "R_contact", "m2 K/W", "contact resistance of both faces together", from(0),
                      0.0),
                optional_curve(&Params::ageing, "ageing", "1", "1", "factor on the resistance against age"),
                param(&Params::age, "age", "1", "cycles or hours, as the curve `ageing` counts them", from(0), 0.0),
                param(&Params::R_max, "R_max", "K/W", "resistance at which it is to be renewed", above(0), not_given)};
        }
    };
    template <class S>
    struct Vars {
        HeatPort<S> a, b;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::a, "a", "one face"), port(&Vars::b, "b", "other face")};
        }
    };

    template <class P>
    static P factor(const Params<P>& p) {
        return p.ageing ? P((*p.ageing)(p.age)) : P(1.0);
    }
    template <class P>
    static P resistance(const Params<P>& p) {
        return factor(p) * (p.bond_line / p.k + p.R_contact) / p.area;
    }
    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        x.a.Q_flow = (x.a.T - x.b.T) / resistance(p);
        x.b.Q_flow = -x.a.Q_flow;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.value("Q_flow", "W", "heat from a to b", x.a.Q_flow);
        out.value("R", "K/W", "resistance, aged", resistance(p));
        out.value("ageing_factor", "1", "resistance over that of the new interface", factor(p));
        out.at_most("interface_resistance", "resistance", "K/W", S(resistance(p)), p.R_max, "R_max");
        if (p.ageing)
            out.within("age in the curve of ageing", "1", S(p.age), p.ageing->lo(), p.ageing->hi(), p.ageing->source);
    }
    static std::string problem(const Params<double>& p) {
        if (p.age > 0.0 && !p.ageing) return "age is given without the curve `ageing`, which says what it does";
        return "";
    }
};

}  // namespace kelvolt::models
