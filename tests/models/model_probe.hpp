/// For tests of flow components: coolants of known properties, and properties checked more tightly than over the
/// registry, at chosen states.
#pragma once

#include <doctest/doctest.h>

#include "models/ports.hpp"
#include "tests/models/one_component.hpp"

namespace kelvolt::test {

/// A coolant of constant properties, so that closed forms are exact.
Medium coolant_of(double rho = 1000.0, double cp = 4000.0, double k = 0.6, double mu = 1e-3);
/// A coolant whose properties all change with temperature.
Medium varying_coolant();

/// One component with chosen coolants; setters in a row, variables by name.
class Probe : public OneComponent {
   public:
    Probe(std::string_view type, const Medium& one, const Medium* two = nullptr) : OneComponent(model_info(type)) {
        for (std::size_t k = 0; k < info.ports.size(); ++k)
            if (info.ports[k].kind->has_medium) block->media[k] = info.ports[k].circuit == 1 && two ? two : &one;
        for (const PortInfo& port : info.ports)  // signals to which nothing is connected
            if (port.kind->is_signal && !std::isnan(port.otherwise)) y[port.first] = port.otherwise;
    }
    Probe& set(std::string_view name, double x);
    Probe& choose(std::string_view name, std::string_view word);
    Probe& give(std::string_view name, const Curve& curve);
    double& operator[](std::string_view name) { return at(name); }
    double flow(std::string_view name) const { return equation(name); }
    CheckValue check(std::string_view id) const;
    /// Changes one unknown until its own residual vanishes (secant); the others stay.
    double solve(std::string_view name, double guess);
    /// A random state: flows to both sides up to `m_size`, 280 to 360 K, 1 to 4 bar.
    void scatter(std::mt19937& random, double m_size);
};

/// `noise`: relative rounding of the equations, by which differences err. Exact Jacobian against central differences,
/// by value and by derivative, entry by entry; a missing structural entry shows too.
void check_jacobian(Probe& probe, double tolerance = 1e-6, double noise = 2e-15);

/// Parameter gradient against central differences, with a random weighting of the equations.
void check_parameters(Probe& probe, std::mt19937& random, double tolerance = 1e-6);

/// What enters by ports and from outside, less what the energy balances leave open, is what is stored: at yp = 0 to
/// 1e-12 of the flows, and with yp against the difference of the stored energy.
void check_energy(Probe& probe);

/// All of the above at rest, near rest and at random states in both directions.
void check_properties(Probe& probe, double m_size, double tolerance = 1e-6, double noise = 2e-15);

}  // namespace kelvolt::test
