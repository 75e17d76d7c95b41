/// For tests of flow components: coolants of known properties, and properties checked more tightly than over the
/// registry, at chosen states.
#pragma once

#include <doctest/doctest.h>

#include "models/ports.hpp"
#include "tests/models/one_component.hpp"

namespace kelvolt::test {

/// A coolant of constant properties, so that closed forms are exact.
inline Medium coolant_of(double rho = 1000.0, double cp = 4000.0, double k = 0.6, double mu = 1e-3) {
    Medium m;
    m.name = "constant";
    m.T_min = m.hold_min = 150.0;
    m.T_max = m.hold_max = 700.0;
    m.rho_fit.c[0] = rho;
    m.cp_fit.c[0] = cp;
    m.k_fit.c[0] = k;
    m.mu_fit.c[0] = std::log(mu);
    return m;
}
/// A coolant whose properties all change with temperature.
inline Medium varying_coolant() {
    Medium m = coolant_of(1000.0, 4000.0, 0.6, 1e-3);
    for (PropertyFit* f : {&m.rho_fit, &m.cp_fit, &m.k_fit, &m.mu_fit}) f->T_ref = 303.15;
    m.rho_fit.c[1] = -0.5;
    m.cp_fit.c[1] = 2.0;
    m.k_fit.c[1] = 1e-3;
    m.mu_fit.c[1] = -0.02;
    return m;
}

/// One component with chosen coolants; setters in a row, variables by name.
class Probe : public OneComponent {
   public:
    Probe(std::string_view type, const Medium& one, const Medium* two = nullptr) : OneComponent(model_info(type)) {
        for (std::size_t k = 0; k < info.ports.size(); ++k)
            if (info.ports[k].kind->has_medium) block->media[k] = info.ports[k].circuit == 1 && two ? two : &one;
        for (const PortInfo& port : info.ports)  // signals to which nothing is connected
            if (port.kind->is_signal && !std::isnan(port.otherwise)) y[port.first] = port.otherwise;
    }
    Probe& set(std::string_view name, double x) {
        number(name) = x;
        return *this;
    }
    Probe& choose(std::string_view name, std::string_view word) {
        OneComponent::choose(name, word);
        return *this;
    }
    Probe& give(std::string_view name, const Curve& curve) {
        OneComponent::give(name, curve);
        return *this;
    }
    double& operator[](std::string_view name) { return at(name); }
    double flow(std::string_view name) const { return equation(name); }
    CheckValue check(std::string_view id) const {
        for (const CheckValue& c : checks())
            if (c.id == id) return c;
        FAIL("no check " << id);
        return {};
    }
    /// Changes one unknown until its own residual vanishes (secant); the others stay.
    double solve(std::string_view name, double guess) {
        const int k = local(name);
        double x0 = guess, x1 = guess * 1.01 + 1e-6;
        y[k] = x0;
        double f0 = residual()[k];
        for (int i = 0; i < 200 && std::abs(x1 - x0) > 1e-15 * (1.0 + std::abs(x1)); ++i) {
            y[k] = x1;
            const double f1 = residual()[k];
            if (f1 == f0) break;
            const double x2 = x1 - f1 * (x1 - x0) / (f1 - f0);
            x0 = x1, f0 = f1, x1 = x2;
        }
        return y[k] = x1;
    }
    /// A random state: flows to both sides up to `m_size`, 280 to 360 K, 1 to 4 bar.
    void scatter(std::mt19937& random, double m_size) {
        std::uniform_real_distribution<double> u(-1.0, 1.0);
        const auto place = [&](int k, std::string_view unit) {
            y[k] = unit == "K"        ? 320.0 + 40.0 * u(random)
                   : unit == "Pa_abs" ? 2.5e5 + 1.5e5 * u(random)
                   : unit == "kg/s"   ? m_size * u(random)
                                      : 0.6 + 0.3 * u(random);
            yp[k] = unit == "K" ? 0.5 * u(random) : 0.0;
        };
        for (const PortInfo& port : info.ports)
            for (std::size_t q = 0; q < port.kind->pairs.size(); ++q)
                place(port.first + static_cast<int>(q), port.kind->pairs[q].unit);
        for (const UnknownInfo& x : info.unknowns) place(x.local, x.unit);
    }
};

/// `noise`: relative rounding of the equations, by which differences err. Exact Jacobian against central differences,
/// by value and by derivative, entry by entry; a missing structural entry shows too.
inline void check_jacobian(Probe& probe, double tolerance = 1e-6, double noise = 2e-15) {
    const int n = probe.size();
    const std::vector<double> r = probe.residual();
    double largest = 0.0;
    for (const bool by_value : {true, false}) {
        const Eigen::MatrixXd jac = by_value ? probe.jacobian(1.0, 0.0) : probe.jacobian(0.0, 1.0);
        std::vector<double>& moved = by_value ? probe.y : probe.yp;
        for (int col = 0; col < n; ++col) {
            const double kept = moved[col];
            // flows near zero bend within 1e-6 kg/s, so their steps are far smaller
            const double h = std::abs(kept) < 1e-5 ? 1e-9 : 1e-6 * std::abs(kept);
            const auto shifted = [&](double by) {
                moved[col] = kept + by;
                return probe.residual();
            };
            const auto up = shifted(h), down = shifted(-h), up2 = shifted(2 * h), down2 = shifted(-2 * h);
            moved[col] = kept;
            for (int row = 0; row < n; ++row) {
                const double d1 = (up[row] - down[row]) / (2 * h), d2 = (up2[row] - down2[row]) / (4 * h),
                             d = (4 * d1 - d2) / 3;
                const double exact = jac(row, col);
                const double rounding =
                    noise * (std::abs(r[row]) + std::abs(kept * exact) + 1e3 * (by_value ? 1.0 : 0.0)) / h;
                largest = std::max(largest, std::abs(exact));
                INFO(probe.info.type << " d/d" << (by_value ? "y" : "der") << " row " << row << " col " << col
                                     << " exact " << exact << " difference " << d);
                CHECK(std::isfinite(exact));
                CHECK(std::abs(exact - d) <= tolerance * (std::abs(exact) + std::abs(d)) + 4 * rounding + 1e-12);
            }
        }
    }
    CHECK(largest > 0.0);
}

/// Parameter gradient against central differences, with a random weighting of the equations.
inline void check_parameters(Probe& probe, std::mt19937& random, double tolerance = 1e-6) {
    const int n = probe.size();
    std::uniform_real_distribution<double> u(0.5, 1.5);
    std::vector<double> lambda(n);
    const auto scale = probe.residual();
    for (int k = 0; k < n; ++k) lambda[k] = u(random) / (1.0 + std::abs(scale[k]));
    const std::vector<double> gradient = probe.param_product(lambda);
    const auto weighted = [&] {
        const auto r = probe.residual();
        double sum = 0.0;
        for (int k = 0; k < n; ++k) sum += lambda[k] * r[k];
        return sum;
    };
    for (std::size_t j = 0; j < gradient.size(); ++j) {
        double& x = probe.values.params[j];
        const double kept = x, h = 1e-5 * std::abs(kept) + 1e-9;
        if (std::isnan(kept)) continue;
        const auto shifted = [&](double by) { return x = kept + by, weighted(); };
        const double d1 = (shifted(h) - shifted(-h)) / (2 * h), d2 = (shifted(2 * h) - shifted(-2 * h)) / (4 * h),
                     d = (4 * d1 - d2) / 3;
        x = kept;
        INFO(probe.info.type << " d/dp " << j << " exact " << gradient[j] << " difference " << d);
        CHECK(std::isfinite(gradient[j]));
        CHECK(std::abs(gradient[j] - d) <= tolerance * (std::abs(gradient[j]) + std::abs(d)) + 1e-13 * n / h);
    }
}

/// What enters by ports and from outside, less what the energy balances leave open, is what is stored: at yp = 0 to
/// 1e-12 of the flows, and with yp against the difference of the stored energy.
inline void check_energy(Probe& probe) {
    const auto open = [&](double& size) {
        const auto r = probe.residual();
        const Tally t = probe.tally();
        double sum = t.power_in;
        size = t.power_size;
        for (const PortInfo& port : probe.info.ports)
            for (std::size_t q = 0; q < port.kind->pairs.size(); ++q)
                if (port.kind->pairs[q].flow_unit == "W") sum += r[port.first + q], size += std::abs(r[port.first + q]);
        for (const UnknownInfo& x : probe.info.unknowns)
            if (x.balance.find("energy") != std::string::npos) sum -= r[x.local], size += std::abs(r[x.local]);
        return sum;
    };
    double size = 0.0;
    const double rounding = 1e-14 * probe.term_size();  // heat inside, between volumes and walls, cancels
    const std::vector<double> rates = probe.yp, state = probe.y;
    std::fill(probe.yp.begin(), probe.yp.end(), 0.0);
    const bool spins = probe.info.unknown("n") >= 0;  // a shaft stores energy by its own equation, whatever yp says
    if (!spins) CHECK(std::abs(open(size)) <= 1e-12 * size + rounding);
    probe.yp = rates;
    if (spins) {
        const int n = probe.local("n");
        probe.yp[n] += probe.residual()[n];
    }
    const double total = open(size), h = 1e-3;
    const auto stored = [&](double by) {
        for (std::size_t k = 0; k < state.size(); ++k) probe.y[k] = state[k] + by * probe.yp[k];
        const double e = probe.tally().stored;
        probe.y = state;
        return e;
    };
    const double rate = (stored(h) - stored(-h)) / (2 * h), energy = std::abs(stored(0.0));
    INFO(probe.info.type << " in " << total << " stored " << rate);
    CHECK(std::abs(total - rate) <= 1e-12 * size + 1e-7 * std::abs(rate) + 1e-15 * energy / h + rounding);
    probe.yp = rates;
}

/// All of the above at rest, near rest and at random states in both directions.
inline void check_properties(Probe& probe, double m_size, double tolerance = 1e-6, double noise = 2e-15) {
    std::mt19937 random(7);
    for (int i = 0; i < 40; ++i) {
        probe.scatter(random, i % 4 == 3 ? 2e-6 : m_size);
        if (i % 10 == 0)
            for (const UnknownInfo& x : probe.info.unknowns)
                if (x.unit == "kg/s") probe.y[x.local] = 0.0;
        check_jacobian(probe, tolerance, noise);
        check_energy(probe);
        if (i % 4 != 3) check_parameters(probe, random, tolerance);
    }
}

}  // namespace kelvolt::test
