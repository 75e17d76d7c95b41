#pragma once

#include "models/fluid/flow_laws.hpp"

namespace kelvolt::models {

/// Facility water as a rack or CDU sees it: a supply at fixed temperature and a return at fixed pressure, driven by a
/// fixed pressure difference or a fixed flow.
///   p_return_port = p_return
///   mode dp: p_supply_port = p_return + dp
///   mode flow: m_flow_supply = rho(T_supply) V_flow, or the parameter m_flow
///   Q_flow = H_flow_supply + H_flow_return
/// Coolant leaves the supply at T_supply; coolant that flows backward out of the return is at T_supply, too. Q_flow is
/// the heat the facility takes, from the enthalpies that cross both ports.
struct Facility {
    static constexpr std::string_view type = "facility";
    static constexpr std::string_view doc =
        "Facility supply and return: fixed temperature, fixed pressure difference or flow";
    static constexpr Role role = Role::boundary;
    static constexpr bool surroundings = true;
    enum class Mode { dp, flow };

    template <class P>
    struct Params {
        P T_supply, p_return, dp, V_flow, m_flow, V_flow_max, T_return_max;
        Mode mode;
        const Medium* fluid;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::T_supply, "T_supply", "K", "supply temperature", between(200, 500)),
                param(&Params::p_return, "p_return", "Pa_abs", "absolute pressure of the return", above(0)),
                param(&Params::dp, "dp", "Pa", "supply over return, for mode: dp", any(), not_given),
                param(&Params::V_flow, "V_flow", "m3/s", "supplied volume flow at T_supply, for mode: flow", any(),
                      not_given),
                param(&Params::m_flow, "m_flow", "kg/s", "supplied mass flow, for mode: flow, instead of V_flow", any(),
                      not_given),
                param(&Params::V_flow_max, "V_flow_max", "m3/s", "limit of the flow that the facility supplies",
                      above(0), not_given),
                param(&Params::T_return_max, "T_return_max", "K", "limit of the return temperature", above(0),
                      not_given),
                choice(&Params::mode, "mode", "quantity that the facility keeps constant", {"dp", "flow"}),
                kelvolt::medium(&Params::fluid, "medium", "coolant of the circuit")};
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> supply, ret;
        Unknown<S> m_supply, m_return;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::supply, "supply", "where facility water leaves").reference(Reference::boundary),
                port(&Vars::ret, "return", "where facility water returns").reference(Reference::boundary),
                unknown(&Vars::m_supply, "m_supply", "kg/s", 0.1, "flow out of the supply", "supply condition",
                        "Pa or kg/s"),
                unknown(&Vars::m_return, "m_return", "kg/s", 0.1, "flow into the return", "return pressure", "Pa")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Medium& fluid = *x.supply.medium;
        const S out = x.m_supply, in = x.m_return;
        x.m_supply.residual = select(p.mode == Mode::dp, S(x.supply.p - p.p_return - p.dp),
                                     S(given_mass_flow(fluid, p.T_supply, p) - out));
        x.m_return.residual = x.ret.p - p.p_return;
        const auto leaving = smooth::split(out, m_flow_rest), returning = smooth::split(in, m_flow_rest);
        x.supply.m_flow = -out;
        x.supply.H_flow = -(leaving.forward * fluid.h(S(p.T_supply), x.supply.p) + leaving.backward * x.supply.h());
        x.ret.m_flow = in;
        x.ret.H_flow = returning.forward * x.ret.h() + returning.backward * fluid.h(S(p.T_supply), x.ret.p);
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        const Medium& fluid = *x.supply.medium;
        const S V_flow = x.m_supply.value / fluid.rho(S(p.T_supply));
        out.key("V_flow", "m3/s", "supplied flow, at T_supply", V_flow);
        out.key("dp", "Pa", "supply over return", x.supply.p - x.ret.p);
        out.key("T_return", "K", "return temperature", x.ret.T);
        out.key("Q_flow", "W", "enthalpy the facility takes", x.supply.H_flow + x.ret.H_flow);
        out.at_most("facility_flow", "facility flow", "m3/s", smooth::abs(V_flow, 0.0), p.V_flow_max, "facility");
        out.at_most("facility_return", "return temperature", "K", x.ret.T, p.T_return_max, "facility");
        out.within("supply temperature", "K", S(p.T_supply), fluid.T_min, fluid.T_max, fluid.source,
                   fluid.beyond(S(p.T_supply)));
        out.power_in(-x.supply.H_flow - x.ret.H_flow);
        out.mass_in(x.supply.circuit, x.m_supply.value);
        out.mass_in(x.ret.circuit, -x.m_return.value);
        out.through(x.supply.circuit, x.m_supply.value);
    }
    static std::string problem(const Params<double>& p) {
        if (p.mode == Mode::dp && !given(p.dp)) return "mode: dp needs dp, the pressure of the supply over the return";
        return p.mode == Mode::flow ? flow_problem(p) : "";
    }
    static bool holds_pressure(const Params<double>& p, int port) { return port == 1 || p.mode == Mode::dp; }
};

}  // namespace kelvolt::models
