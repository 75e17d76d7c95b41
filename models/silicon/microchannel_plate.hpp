#pragma once

#include <fmt/format.h>

#include "models/correlations/microchannel.hpp"
#include "models/correlations/well_mixed.hpp"
#include "models/fluid/flow_laws.hpp"
#include "models/ports.hpp"

namespace kelvolt::models {

enum class PlateFlow { straight, split };
inline constexpr std::string_view plate_flow_names[] = {"straight", "split"};
enum class PlateEntrance { developing, developed };
inline constexpr std::string_view plate_entrance_names[] = {"developing", "developed"};

/// Cold plate given by its geometry: parallel rectangular channels between fins on a base, or one of its `cells`.
///   Q_flow = (1 - exp(-UA/(m_flow cp))) m_flow cp (T_base - T_in)
///   1/UA = 1/(h N L (width + 2 height eta)) + R_solid, h = Nu k/d, eta that of the fins
///   R_solid: across the base, and spreading in it where source_area is given
///   dp = f L/d rho v|v|/2 + (K_inlet + K_outlet) rho v|v|/2 + K_ports rho v_port|v_port|/2
/// Laminar flow (Re < 2000 for friction, 2300 for heat) by correlations/microchannel.hpp; turbulent flow (Re > 4000) by
/// Haaland's smooth duct and Gnielinski; between, a C2 step. d is the hydraulic diameter of a channel.
/// flow: split lets the coolant in at the middle and out at both ends: twice the channels of half the length.
/// entrance: developed is for a plate that follows another in the same channels. Several dies on one plate are several
/// of these, in series (the second `developed`) or side by side, each with its own base.
/// The cover is adiabatic and the flow is shared evenly between the channels. Heat through the cover, and jets onto the
/// base at a central inlet, are not in these laws. The metal's heat capacity is at the temperature of the base.
struct MicrochannelPlate {
    static constexpr std::string_view type = "microchannel_plate";
    static constexpr std::string_view doc = "Cold plate given by the geometry of its channels, fins and base";
    static constexpr Role role = Role::cold_plate;

    template <class P>
    struct Params {
        P channels, channel_width, channel_height, fin_thickness, length, base_thickness, k_solid, rho_cp_solid;
        P source_area, K_inlet, K_outlet, K_ports, port_diameter, volume_headers, C_cover, V_flow_min, dp_max, cells;
        PlateFlow flow;
        PlateEntrance entrance;
        ChannelWall wall;
        SpotTemperature spot;
        static constexpr auto declare() {
            return std::tuple{
                param(&Params::channels, "channels", "1", "channels side by side", from(1)),
                param(&Params::channel_width, "channel_width", "m", "between two fins", above(0)),
                param(&Params::channel_height, "channel_height", "m", "from base to cover", above(0)),
                param(&Params::fin_thickness, "fin_thickness", "m", "of the fins between the channels", above(0)),
                param(&Params::length, "length", "m", "of the finned field along the flow", above(0)),
                param(&Params::base_thickness, "base_thickness", "m", "metal between the source and the channels",
                      above(0)),
                param(&Params::k_solid, "k_solid", "W/(m K)", "conductivity of base and fins (default: copper)",
                      above(0), 390.0),
                param(&Params::rho_cp_solid, "rho_cp_solid", "J/(m3 K)", "heat capacity of base and fins by volume",
                      above(0), 3.45e6),
                param(&Params::source_area, "source_area", "m2",
                      "heated area in the middle of the base; not given: the whole of it", above(0), not_given),
                choice(&Params::spot, "spot", "temperature of the source that stands at the base port",
                       spot_temperature_names),
                choice(&Params::flow, "flow", "through the whole length, or from the middle to both ends",
                       plate_flow_names),
                choice(&Params::entrance, "entrance", "profiles at the inlet of the channels", plate_entrance_names),
                choice(&Params::wall, "wall", "constant along the channels, in laminar flow", channel_wall_names),
                param(&Params::K_inlet, "K_inlet", "1", "loss into the channels, of the velocity in them", from(0),
                      0.5),
                param(&Params::K_outlet, "K_outlet", "1", "loss out of the channels, of the velocity in them", from(0),
                      1.0),
                param(&Params::K_ports, "K_ports", "1", "loss of fittings and headers, of the velocity in the ports",
                      from(0), 0.0),
                param(&Params::port_diameter, "port_diameter", "m", "bore of the ports, for K_ports", above(0),
                      not_given),
                param(&Params::volume_headers, "volume_headers", "m3", "coolant outside the channels", from(0), 0.0),
                param(&Params::C_cover, "C_cover", "J/K", "heat capacity beside base and fins", from(0), 0.0),
                param(&Params::V_flow_min, "V_flow_min", "m3/s", "required flow", above(0), not_given),
                param(&Params::dp_max, "dp_max", "Pa", "allowed pressure drop", above(0), not_given),
                param(&Params::cells, "cells", "1", "cells the plate is divided into (set by the builder)", from(1),
                      1.0)};
        }
        bool split() const { return flow == PlateFlow::split; }
        P passages() const { return channels * (split() ? 2.0 : 1.0); }
        P run() const { return length * (split() ? 0.5 : 1.0); }
        P diameter() const { return 2.0 * channel_width * channel_height / (channel_width + channel_height); }
        P aspect() const {
            return select(channel_width < channel_height, P(channel_width / channel_height),
                          P(channel_height / channel_width));
        }
        P entry() const { return entrance == PlateEntrance::developed ? P(0.0) : P(diameter() / run()); }
        P area() const { return channels * (channel_width + fin_thickness) * length; }
        P volume() const { return channels * channel_width * channel_height * length + volume_headers; }
        P C() const {
            return rho_cp_solid * (area() * base_thickness + channels * fin_thickness * channel_height * length) +
                   C_cover;
        }
    };
    template <class S>
    struct Vars {
        FluidPort<S> a, b;
        HeatPort<S> base;
        Unknown<S> m_flow, T;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "inlet").chain(Chain::forward_in),
                port(&Vars::b, "b", "outlet").chain(Chain::forward_out),
                port(&Vars::base, "base", "face on the chip's case"),
                unknown(&Vars::m_flow, "m_flow", "kg/s", 0.02, "mass flow from a to b", "pressure drop", "Pa"),
                unknown(&Vars::T, "T", "K", 10.0, "coolant temperature", "energy balance", "W")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const Medium& fluid = *x.a.medium;
        const S &m = x.m_flow, &T = x.T;
        const P per_cell = 1.0 / p.cells;
        const auto loss = [&](const auto& m, const auto& T) { return drop(m, T, fluid, p) * per_cell; };
        const auto G = [&](const auto& m, const auto& T) {
            const auto UA = film(m, T, fluid, p, Along::mean).UA * per_cell;
            return well_mixed_conductance(UA, smooth::abs(m, m_flow_rest) * fluid.cp(T));
        };
        x.m_flow.residual = x.a.p - x.b.p - with_few_derivatives<P>(loss, m, T);
        const S Q = with_few_derivatives<P>(G, m, T) * (x.base.T - T);
        x.base.Q_flow = Q + p.C() * per_cell * x.base.T_der;
        x.T.residual = flow_through(x.a, x.b, m, T) + Q - filling(fluid, p.volume()) * per_cell * fluid.cp(T) * x.T.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        using std::expm1;
        const Medium& fluid = *x.a.medium;
        const S m = x.m_flow, T = x.T, capacity = smooth::abs(m, m_flow_rest) * fluid.cp(T);
        const Film<S> at = film(m, T, fluid, p, Along::mean);
        out.key("dp", "Pa", "pressure drop from a to b", x.a.p - x.b.p);
        const S V_in = m / fluid.rho(upstream(x.a.T, x.b.T, m));
        out.key("V_flow", "m3/s", "volume flow from a to b, at the inlet", V_in);
        out.key("Q_flow", "W", "heat from the base into the coolant", x.base.Q_flow - p.C() / p.cells * x.base.T_der);
        out.value("R_effective", "K/W", "base to inlet, whole plate", -1.0 / (capacity * expm1(S(-at.UA / capacity))));
        out.value("R_flux", "K/W", "hottest point of the base, above the end of the channels, to inlet; even heat flux",
                  1.0 / capacity + 1.0 / film(m, T, fluid, p, Along::end).UA);
        out.value("UA", "W/K", "conductance of the whole plate", at.UA);
        out.value("R_solid", "K/W", "part of 1/UA in the base", at.R_solid);
        out.value("Re", "1", "Reynolds number in the channels", at.Re);
        out.value("Nu", "1", "Nusselt number, mean", at.Nu);
        out.value("h", "W/(m2 K)", "heat transfer coefficient, mean", at.h);
        out.value("fin_efficiency", "1", "efficiency of the fins", at.eta);
        out.value("volume", "m3", "coolant volume", p.volume() / p.cells);
        out.at_least("required_flow", "flow", "m3/s", V_in, p.V_flow_min, "V_flow_min");
        out.at_most("plate_dp", "pressure drop", "Pa", smooth::abs(S(drop(m, T, fluid, p)), 0.0), p.dp_max, "dp_max");
        out.within("coolant temperature", "K", T, fluid.T_min, fluid.T_max, fluid.source, fluid.beyond(T));
        out.coolant(x.a.circuit, fluid, filling(fluid, p.volume()) / p.cells, T, x.T.der);
        out.stored(p.C() / p.cells * (x.base.T - 273.15));
        out.through(x.a.circuit, m);
    }
    static std::string problem(const Params<double>& p) {
        if (p.source_area > p.area())
            return fmt::format("source_area = {:g} m2 is more than the finned field of {:g} m2", p.source_area,
                               p.area());
        if (p.K_ports > 0.0 && !given(p.port_diameter)) return "K_ports needs port_diameter";
        return "";
    }

   private:
    template <class S>
    struct Film {
        S UA, R_solid, Re, Nu, h, eta;
    };
    // heat transfer of the whole plate at mass flow m
    template <class S, class P>
    static Film<S> film(const S& m, const S& T, const Medium& fluid, const Params<P>& p, Along along) {
        const auto at = fluid.state(T);
        const P d = p.diameter(), n_run = p.passages() * p.run();
        Film<S> f;
        f.Re = smooth::abs(reynolds(m, at.mu, p), 1.0);
        const S Pr = at.Pr();
        f.Nu = nusselt(f.Re, Pr, Nu_developing(S(f.Re * Pr * p.entry()), Pr, S(p.aspect()), p.wall, along));
        f.h = f.Nu * at.k / d;
        f.eta = fin_efficiency(f.h, p.k_solid, p.channel_height, p.fin_thickness);
        const S G = f.h * n_run * (p.channel_width + 2.0 * p.channel_height * f.eta);
        f.R_solid = S(p.base_thickness / (p.k_solid * p.area()));
        if (given(p.source_area))
            f.R_solid =
                spreading_resistance(S(p.source_area), S(p.area()), S(p.base_thickness), S(p.k_solid), G, p.spot);
        f.UA = G / (1.0 + G * f.R_solid);
        return f;
    }
    template <class S, class P>
    static S reynolds(const S& m, const S& mu, const Params<P>& p) {
        return m * (2.0 / (p.passages() * (p.channel_width + p.channel_height))) / mu;
    }
    // pressure drop of the whole plate [Pa]
    template <class S, class P>
    static S drop(const S& m, const S& T, const Medium& fluid, const Params<P>& p) {
        const S rho = fluid.rho(T), mu = fluid.mu(T);
        const P d = p.diameter(), flow_area = p.passages() * p.channel_width * p.channel_height;
        const S v = m / (rho * flow_area), Re = smooth::abs(reynolds(m, mu, p), 1.0);
        const S turbulent = select(Re > S(Re_laminar), Re, S(Re_laminar));
        const S fRe = smooth::blend(Re, Re_laminar, Re_turbulent, S(fRe_developing(Re, p.aspect(), p.entry())),
                                    S(turbulent * friction_factor(turbulent, 0.0, Friction::haaland)));
        const S channels = 0.5 * mu * v / d * (fRe * (p.run() / d) + Re * (p.K_inlet + p.K_outlet));
        if (!given(p.port_diameter)) return channels;
        const P bore = (0.25 * std::numbers::pi) * p.port_diameter * p.port_diameter;
        const S v_port = m / (rho * bore);
        return channels + 0.5 * p.K_ports * rho * v_port * smooth::abs(v_port, 1e-4);
    }
};

}  // namespace kelvolt::models
