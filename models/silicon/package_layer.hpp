#pragma once

#include "models/ports.hpp"

namespace kelvolt::models {

/// One layer of a package, or one of its `cells`: an element of a Cauer ladder, its heat capacity between two halves of
/// its resistance.
///   C dT/dt = (T_a - T)/(R/2) - (T - T_b)/(R/2)
///   R = thickness/(k area), C = rho_cp area thickness
/// A package is a list of these between dies (`silicon_die.hpp`) and its case; dies and memory stacks beside each other
/// are joined by a `conductance`. Heat flows straight through: an area that spreads is to be given as its mean.
/// Each halving of the cells' size resolves times four times shorter.
/// Source: JESD51-14, annex on Cauer networks.
struct PackageLayer {
    static constexpr std::string_view type = "package_layer";
    static constexpr std::string_view doc = "Layer of a package as one element of a Cauer ladder";
    static constexpr Role role = Role::heat_store;

    template <class P>
    struct Params {
        P area, thickness, k, rho_cp, cells;
        static constexpr auto declare() {
            return std::tuple{param(&Params::area, "area", "m2", "mean area across the heat", above(0)),
                              param(&Params::thickness, "thickness", "m", "along the heat", above(0)),
                              param(&Params::k, "k", "W/(m K)", "conductivity", above(0)),
                              param(&Params::rho_cp, "rho_cp", "J/(m3 K)", "heat capacity by volume", above(0)),
                              param(&Params::cells, "cells", "1",
                                    "cells the layer is divided into (set by the builder)", from(1), 1.0)};
        }
        P R() const { return thickness / (k * area * cells); }
        P C() const { return rho_cp * area * thickness / cells; }
    };
    template <class S>
    struct Vars {
        HeatPort<S> a, b;
        Unknown<S> T;
        static constexpr auto declare() {
            return std::tuple{
                port(&Vars::a, "a", "face towards the die").chain(Chain::forward_in),
                port(&Vars::b, "b", "face towards the case").chain(Chain::forward_out),
                unknown(&Vars::T, "T", "K", 10.0, "temperature in the middle", "energy balance of the layer", "W")};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const P G = 2.0 / p.R();
        x.a.Q_flow = G * (x.a.T - x.T);
        x.b.Q_flow = G * (x.b.T - x.T);
        x.T.residual = x.a.Q_flow + x.b.Q_flow - p.C() * x.T.der;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>& p, Report<S>& out) {
        out.value("T", "K", "temperature in the middle", x.T);
        out.value("Q_flow", "W", "heat into face a", x.a.Q_flow);
        out.stored(p.C() * (x.T.value - 273.15));
    }
};

}  // namespace kelvolt::models
