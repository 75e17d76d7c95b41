// electric networks against closed forms: sources, lines, transformers, loads, switches, taps.
#include <doctest/doctest.h>

#include <cmath>
#include <complex>

#include "models/power/vector_group.hpp"
#include "solver/transient/simulation.hpp"
#include "tests/models/one_component.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;
using doctest::Approx;
using Complex = std::complex<double>;

namespace {

constexpr double root3 = 1.7320508075688772;
const Complex j(0.0, 1.0);

Complex turned(double degrees) { return std::polar(1.0, degrees * M_PI / 180.0); }

struct Solved {
    Network net;
    SteadyState state;

    explicit Solved(Builder b, SteadyOptions options = {})
        : net(std::move(b).build()), state(solve_steady(net, options)) {}
    double v(const std::string& path, const std::string& port, int pair = 0) const {
        return state.y[node(net, path, port, pair)];
    }
    /// Phasor of conductor k.
    Complex phasor(const std::string& path, const std::string& port, int k = 0) const {
        return {v(path, port, 2 * k), v(path, port, 2 * k + 1)};
    }
    Point point() const { return {state.y.data(), nullptr, net.initial}; }
    double output(const std::string& path, const std::string& name) const {
        const Component& c = component(net, path);
        std::vector<double> values(c.info->outputs.size());
        Report<double> report;
        report.values = values.data();
        net.block_of(c).outputs(c.instance, point(), report);
        return values.at(c.info->output(name));
    }
    /// Energy that enters less that leaves, over what passes.
    double imbalance() const {
        const Audit audit = steady_audit(net, point());
        return std::abs(audit.energy_in) / audit.energy_size;
    }
};

SteadyOptions tight() {
    SteadyOptions options;
    options.newton.tolerance = 1e-12;
    return options;
}

// R + jX of a grid of short-circuit power S at V
Complex behind(double V, double S, double X_over_R) {
    const double Z = V * V / S, R = Z / std::sqrt(1.0 + X_over_R * X_over_R);
    return {R, R * X_over_R};
}

Builder dc_ladder(int n, double V, double R_source, double R, double G_load) {
    Builder b;
    put(b, "source", "dc_source", {{"V", V}, {"R", R_source}});
    std::string before = "source.bus";
    for (int k = 1; k <= n; ++k) {
        const std::string cable = fmt::format("cable[{}]", k), load = fmt::format("load[{}]", k);
        put(b, cable, "dc_cable", {{"length", 1.0}, {"R", R}, {"alpha", 0.0}});
        put(b, load, "dc_load", {{"P", V * V * G_load}, {"V", V}, {"z_share", 1.0}});
        b.connect(before, cable + ".a");
        b.connect(cable + ".b", load + ".bus");
        before = cable + ".b";
    }
    return b;
}

}  // namespace

TEST_CASE("a DC source, cable and constant-power load meet the quadratic's upper root to 1e-9") {
    const double V = 50.0, R = 0.01, P = 10e3;
    Builder b;
    put(b, "source", "dc_source", {{"V", V}, {"R", 0.4 * R}});
    put(b, "cable", "dc_cable", {{"length", 3.0}, {"R", 0.2 * R}, {"alpha", 0.0}, {"I_max", 300.0}});
    put(b, "load", "dc_load", {{"P", P}, {"V", V}});
    b.connect("source.bus", "cable.a");
    b.connect("cable.b", "load.bus");
    const Solved s(std::move(b), tight());
    const double v = 0.5 * (V + std::sqrt(V * V - 4.0 * R * P));
    CHECK(s.v("load", "bus") == Approx(v).epsilon(1e-9));
    CHECK(s.output("cable", "loss") == Approx(0.6 * R * (P / v) * (P / v)).epsilon(1e-7));
    CHECK(s.output("cable", "loading") == Approx(P / v / 300.0).epsilon(1e-8));
    CHECK(s.imbalance() < 1e-9);
    CHECK(s.state.newton_iterations <= 5);
}

TEST_CASE("a DC ladder of equal cells equals its transfer matrix to 1e-9, from 0.8 V to 34.5 kV") {
    const int n = 40;
    for (const double V : {0.8, 48.0, 800.0, 34500.0}) {
        const double R = 1e-3 * V, G = 0.4 / V, R_source = 2.0 * R;  // the same ratios at currents near 1 A per load
        // backwards from 1 V at the end, with the insulation of two ports on every node
        const double G_leak = 1e-9;
        double v = 1.0, i = 0.0;
        std::vector<double> from_end{v};
        for (int k = n; k >= 1; --k) {
            i += (G + (k < n ? 2.0 : 1.0) * G_leak) * v;
            v += R * i;
            from_end.push_back(v);
        }
        const double at_source = v, EMF = v + R_source * (i + 2.0 * G_leak * v);
        const Solved s(dc_ladder(n, V, R_source, R, G), tight());
        CHECK(s.v("source", "bus") == Approx(V * at_source / EMF).epsilon(1e-9));
        for (int k = 1; k <= n; ++k)
            CHECK(s.v(fmt::format("load[{}]", k), "bus") == Approx(V * from_end[n - k] / EMF).epsilon(1e-9));
        CHECK(s.imbalance() < 1e-9);
        CHECK(s.state.newton_iterations <= 3);
    }
}

TEST_CASE("a busbar in cells is tapped along its length, warms what it is joined to, and resists more when warm") {
    Builder b;
    put(b, "source", "dc_source", {{"V", 54.0}, {"R", 1e-5}});
    b.add_chain("bar", model_info("dc_cable"), 4);
    b.set_number("bar", "length", 1.8);
    b.set_number("bar", "R", 3e-5);
    put(b, "room", "ambient", {{"T", 343.15}});
    b.connect("source.bus", "bar.a");
    b.connect("bar.heat", "room.port");
    for (int k = 1; k <= 4; ++k) {
        put(b, fmt::format("load[{}]", k), "dc_load", {{"P", 1000.0}, {"V", 54.0}});
        b.connect(fmt::format("bar.way[{}]", k), fmt::format("load[{}].bus", k));
    }
    const Solved s(std::move(b), tight());
    const double R = 3e-5 * 1.8 / 4.0 * (1.0 + 0.00393 * 50.0);
    for (int k = 1; k <= 4; ++k) {
        double I = 0.0;
        for (int m = k; m <= 4; ++m) I += 1000.0 / s.v(fmt::format("load[{}]", m), "bus");
        const std::string cell = fmt::format("bar.cell[{}]", k);
        CHECK(s.v(cell, "a") - s.v(cell, "b") == Approx(R * I).epsilon(1e-6));
    }
    double loss = 0.0;
    for (int k = 1; k <= 4; ++k) loss += s.output(fmt::format("bar.cell[{}]", k), "loss");
    const Component& room = component(s.net, "room");
    std::vector<double> flow(room.info->size);
    s.net.block_of(room).local_residual(room.instance, s.point(), flow.data());
    CHECK(flow[0] == Approx(loss).epsilon(1e-9));  // each loss arrives in the node it is joined to
    CHECK(s.imbalance() < 1e-9);
}

TEST_CASE("a grid, a cable and a constant-power load meet the two-node AC closed form to 1e-9") {
    const double V = 400.0, P = 80e3, Q = 30e3;
    Builder b;
    put(b, "grid", "ac_utility", {{"V", V}, {"S_sc", 20e6}, {"X_over_R", 5.0}, {"angle", 0.3}});
    put(b, "cable", "ac_cable", {{"length", 100.0}, {"R", 2e-4}, {"X", 0.8e-4}, {"alpha", 0.0}, {"V", V}});
    put(b, "load", "ac_load", {{"P", P}, {"Q", Q}, {"V", V}});
    b.connect("grid.bus", "cable.a");
    b.connect("cable.b", "load.bus");
    const Solved s(std::move(b), tight());
    // u^2 solves u^4 + u^2 (2 (R P + X Q) - E^2) + |Z|^2 |S|^2 = 0 per phase
    const Complex Z = behind(V, 20e6, 5.0) + 100.0 * Complex(2e-4, 0.8e-4), S(P / 3.0, Q / 3.0);
    const double E = V / root3, h = E * E / 2.0 - (Z.real() * S.real() + Z.imag() * S.imag());
    const double u = std::sqrt(h + std::sqrt(h * h - std::norm(Z) * std::norm(S)));
    CHECK(std::abs(s.phasor("load", "bus")) == Approx(u).epsilon(1e-9));
    const Complex v = s.phasor("load", "bus"), E_there = E * std::polar(1.0, 0.3);
    CHECK(std::abs(v + Z * std::conj(S / v) - E_there) < 1e-9 * E * 2);
    CHECK(s.output("grid", "P") - s.output("cable", "loss") == Approx(P).epsilon(1e-8));
    CHECK(s.imbalance() < 1e-9);
    CHECK(s.state.newton_iterations <= 5);
}

TEST_CASE("an AC cable with charging is the pi section of its parameters; ac_line is the same without heat") {
    for (const char* model : {"ac_cable", "ac_line"}) {
        Builder b;
        put(b, "grid", "ac_utility", {{"V", 20e3}, {"S_sc", 500e6}});
        put(b, "line", model, {{"length", 5e3}, {"R", 1e-4}, {"X", 1.1e-4}, {"B", 8e-8}, {"parallel", 2.0}});
        put(b, "load", "ac_load", {{"P", 4e6}, {"power_factor", 0.95}, {"V", 20e3}, {"z_share", 1.0}});
        b.connect("grid.bus", "line.a");
        b.connect("line.b", "load.bus");
        const Solved s(std::move(b), tight());
        const double P = 4e6, Q = P * std::sqrt(1.0 - 0.95 * 0.95) / 0.95;
        const Complex Y_load = std::conj(Complex(P, Q)) / (20e3 * 20e3), half = j * (8e-8 * 5e3 * 2.0 / 2.0);
        const Complex Z = Complex(1e-4, 1.1e-4) * 5e3 / 2.0, Z_grid = behind(20e3, 500e6, 10.0);
        const Complex behind_line = 1.0 / (Y_load + half), at_grid = 1.0 / (half + 1.0 / (Z + behind_line));
        const Complex v_a = 20e3 / root3 * at_grid / (at_grid + Z_grid), v_b = v_a * behind_line / (Z + behind_line);
        CHECK(std::abs(s.phasor("load", "bus") - v_b) < 4e-9 * std::abs(v_b));
        CHECK(s.output("line", "loss") ==
              Approx(3.0 * (std::norm((v_a - v_b) / Z) * Z.real() + 2e-9 * std::norm(v_b))).epsilon(1e-6));
        CHECK(s.imbalance() < 1e-9);
    }
}

TEST_CASE("a transformer turns by its vector group, steps by its taps and drops by vk and Pk, as its circuit says") {
    const double S_r = 2.5e6, V1 = 20e3, V2 = 400.0, vk = 0.06, Pk = 19e3, P0 = 2790.0, i0 = 0.005;
    const Complex Z_grid = behind(V1, 300e6, 10.0);
    for (const auto& [group, clock] : {std::pair{"Dyn11", 11}, {"Dyn5", 5}, {"Dd0", 0}, {"Yd1", 1}, {"Yyn6", 6}})
        for (const bool t_shaped : {false, true}) {
            Builder b;
            put(b, "grid", "ac_utility", {{"V", V1}, {"S_sc", 300e6}});
            put(b, "trafo", "ac_transformer",
                {{"S_rated", S_r},
                 {"V_hv", V1},
                 {"V_lv", V2},
                 {"vk", vk},
                 {"Pk", Pk},
                 {"P0", P0},
                 {"i0", i0},
                 {"tap", 2.0},
                 {"tap_step", 0.025}});
            b.set_choice("trafo", "group", group);
            b.set_choice("trafo", "shunt", t_shaped ? "t" : "pi");
            put(b, "load", "ac_load", {{"P", 2e6}, {"Q", 0.6e6}, {"V", V2}, {"z_share", 1.0}});
            b.connect("grid.bus", "trafo.hv");
            b.connect("trafo.lv", "load.bus");
            const Solved s(std::move(b), tight());
            // everything on the low-voltage side, then turned by the clock
            const double n = V2 / (V1 * 1.05), base = V2 * V2 / S_r, r = Pk / S_r, g = P0 / S_r;
            const Complex Z = base * Complex(r, std::sqrt(vk * vk - r * r));
            const Complex Y0 = Complex(g, -std::sqrt(i0 * i0 - g * g)) / base;
            const Complex Y_load = std::conj(Complex(2e6, 0.6e6)) / (V2 * V2), Z_in = Z_grid * n * n;
            const double E = V1 / root3 * n;
            Complex v;
            if (t_shaped) {
                const Complex behind_middle = 1.0 / (Y0 + 1.0 / (0.5 * Z + 1.0 / Y_load));
                const Complex middle = E * behind_middle / (behind_middle + 0.5 * Z + Z_in);
                v = middle / (1.0 + 0.5 * Z * Y_load);
            } else {
                const Complex end = Y_load + 0.5 * Y0, front = 1.0 / (0.5 * Y0 + 1.0 / (Z + 1.0 / end));
                v = E * front / (front + Z_in) / (1.0 + Z * end);
            }
            v *= turned(-30.0 * clock);
            CHECK(std::abs(s.phasor("load", "bus") - v) < 3e-9 * std::abs(v));
            CHECK(s.output("trafo", "loading") == Approx(std::abs(v * Y_load) * root3 * V2 / S_r).epsilon(1e-2));
            CHECK(s.imbalance() < 1e-9);
        }
}

TEST_CASE("on four wires a transformer in balance is the balanced transformer, in every vector group") {
    for (const std::string_view group : models::vector_groups) {
        const auto build = [&](bool four_wires) {
            Builder b;
            put(b, "grid", four_wires ? "ac4_utility" : "ac_utility", {{"V", 20e3}, {"S_sc", 300e6}});
            put(b, "trafo", four_wires ? "ac4_transformer" : "ac_transformer",
                {{"S_rated", 1e6},
                 {"V_hv", 20e3},
                 {"V_lv", 400.0},
                 {"vk", 0.06},
                 {"Pk", 9e3},
                 {"P0", 1395.0},
                 {"i0", 0.006},
                 {"tap", -1.0}});
            b.set_choice("trafo", "group", group);
            if (four_wires) {
                put(b, "load", "ac4_load",
                    {{"P_a", 200e3},
                     {"P_b", 200e3},
                     {"P_c", 200e3},
                     {"Q_a", 50e3},
                     {"Q_b", 50e3},
                     {"Q_c", 50e3},
                     {"V", 400.0}});
                b.set_choice("load", "connection", "delta");
            } else {
                put(b, "load", "ac_load", {{"P", 600e3}, {"Q", 150e3}, {"V", 400.0}});
            }
            b.connect("grid.bus", "trafo.hv");
            b.connect("trafo.lv", "load.bus");
            return b;
        };
        const Solved one(build(false), tight()), all(build(true), tight());
        for (int k = 0; k < 3; ++k) {
            const Complex v = one.phasor("load", "bus") * turned(-120.0 * k);
            INFO(std::string(group) << " phase " << k << " " << all.phasor("load", "bus", k).real() << " " << v.real());
            CHECK(std::abs(all.phasor("load", "bus", k) - v) < 1e-6 * std::abs(v));
        }
        // a side without neutral is insulated by 1e-6 of the rated admittance: 1 W
        CHECK(all.output("trafo", "loss") == Approx(one.output("trafo", "loss")).epsilon(3e-4));
        CHECK(all.imbalance() < 1e-9);
    }
}

TEST_CASE("three unequal impedances on four wires: voltages and neutral current of the closed form to 1e-9") {
    const double E = 230.0, length = 50.0;
    const double P[3] = {9000.0, 3000.0, 0.0}, Q[3] = {0.0, 1500.0, 0.0};
    Builder b;
    put(b, "grid", "ac4_utility", {{"V", E * root3}, {"S_sc", 1e12}, {"Z0_over_Z", 1.0}});
    put(b, "cable", "ac4_cable",
        {{"length", length}, {"R", 1e-3}, {"X", 1e-4}, {"alpha", 0.0}, {"R_n", 2e-3}, {"X_n", 1e-4}});
    put(b, "load", "ac4_load",
        {{"P_a", P[0]},
         {"P_b", P[1]},
         {"P_c", P[2]},
         {"Q_a", Q[0]},
         {"Q_b", Q[1]},
         {"V", E * root3},
         {"z_share", 1.0}});
    b.connect("grid.bus", "cable.a");
    b.connect("cable.b", "load.bus");
    const Solved s(std::move(b), tight());
    // star point of the load against that of the source (Millman), behind Z_n
    const Complex Z = behind(E * root3, 1e12, 10.0), Z_line = Z + length * Complex(1e-3, 1e-4),
                  Z_n = length * Complex(2e-3, 1e-4);
    Complex sum_Y = 1.0 / Z_n, sum_EY = 0.0, Y[3], i_n = 0.0;
    for (int k = 0; k < 3; ++k) {
        const Complex y = std::conj(Complex(P[k], Q[k])) / (E * E);
        Y[k] = y == 0.0 ? 0.0 : 1.0 / (Z_line + 1.0 / y);
        sum_Y += Y[k], sum_EY += Y[k] * E * turned(-120.0 * k);
    }
    const Complex star = sum_EY / sum_Y;
    for (int k = 0; k < 3; ++k) {
        const Complex i = Y[k] * (E * turned(-120.0 * k) - star), v = E * turned(-120.0 * k) - Z_line * i - star;
        i_n += i;
        CHECK(std::abs(s.phasor("load", "bus", k) - s.phasor("load", "bus", 3) - v) < 1e-9 * E * 2);
    }
    // the neutral leaks through its insulation: 1e-6 S at each port
    CHECK(s.output("cable", "I_neutral") == Approx(std::abs(i_n)).epsilon(1e-6));
    CHECK(s.output("load", "I_neutral") == Approx(std::abs(i_n)).epsilon(1e-6));
    CHECK(s.imbalance() < 1e-9);
}

TEST_CASE("a line with earth return carries its zero sequence, as sequence networks say") {
    Builder b;
    put(b, "grid", "ac4_utility", {{"V", 400.0}, {"S_sc", 1e13}, {"R_ground", 1e-6}});
    put(b, "line", "ac4_line", {{"length", 1000.0}, {"R", 3e-4}, {"X", 1e-4}, {"R_0", 9e-4}, {"X_0", 3e-4}});
    b.set_choice("line", "return_path", "earth");
    put(b, "load", "ac4_load", {{"P_a", 20e3}, {"Q_a", 5e3}, {"V", 400.0}, {"z_share", 1.0}});
    b.connect("grid.bus", "line.a");
    b.connect("line.b", "load.bus");
    const Solved s(std::move(b), tight());
    // one phase loaded: Z = (2 Z_1 + Z_0)/3 in series
    const double E = 400.0 / root3;
    const Complex Z = (2.0 * Complex(0.3, 0.1) + Complex(0.9, 0.3)) / 3.0, Y = std::conj(Complex(20e3, 5e3)) / (E * E);
    const Complex v = E / (1.0 + Z * Y), i = v * Y, Z_m = (Complex(0.9, 0.3) - Complex(0.3, 0.1)) / 3.0;
    CHECK(std::abs(s.phasor("load", "bus", 0) - v) < 1e-5 * E);
    CHECK(std::abs(s.phasor("load", "bus", 1) - (E * turned(-120.0) - Z_m * i)) < 1e-5 * E);
}

TEST_CASE("a transformer's own zero-sequence impedance is felt by one phase alone, as sequence networks say") {
    const double V = 400.0, E = V / root3, S_r = 1e6, vk_0 = 0.04, Pk_0 = 15e3;
    Builder b;
    put(b, "grid", "ac4_utility", {{"V", 20e3}, {"S_sc", 1e13}, {"R_ground", 1e-6}});
    put(b, "trafo", "ac4_transformer",
        {{"S_rated", S_r},
         {"V_hv", 20e3},
         {"V_lv", V},
         {"vk", 0.06},
         {"Pk", 10e3},
         {"vk_0", vk_0},
         {"Pk_0", Pk_0},
         {"R_ground", 1e-9}});
    b.set_choice("trafo", "group", "Dyn11");
    put(b, "load", "ac4_load", {{"P_a", 200e3}, {"Q_a", 50e3}, {"V", V}, {"z_share", 1.0}});
    b.connect("grid.bus", "trafo.hv");
    b.connect("trafo.lv", "load.bus");
    const Solved s(std::move(b), tight());
    const auto leakage = [&](double vk, double r) { return V * V / S_r * Complex(r, std::sqrt(vk * vk - r * r)); };
    const Complex Z_1 = leakage(0.06, 10e3 / S_r), Z_0 = leakage(vk_0, Pk_0 / S_r);
    const Complex Y = std::conj(Complex(200e3, 50e3)) / (E * E), v = E / (1.0 + (2.0 * Z_1 + Z_0) / 3.0 * Y);
    CHECK(std::abs(s.phasor("load", "bus", 0) - v * turned(30.0)) < 1e-6 * E);
    const Complex b_open = E * turned(-120.0) - (Z_0 - Z_1) / 3.0 * v * Y;
    CHECK(std::abs(s.phasor("load", "bus", 1) - b_open * turned(30.0)) < 1e-6 * E);
    CHECK(s.imbalance() < 1e-9);
}

TEST_CASE("single-phase circuits are tapped from four wires, between a phase and neutral or between phases") {
    for (const auto& [phase, V, turn] : {std::tuple{"b", 230.0, -120.0}, {"ab", 230.0 * root3, 30.0}}) {
        Builder b;
        put(b, "grid", "ac4_utility", {{"V", 230.0 * root3}, {"S_sc", 1e9}});
        b.add("tap", model_info("phase_tap"));
        b.set_choice("tap", "phase", phase);
        put(b, "breaker", "ac1_switch", {{"R", 1e-3}, {"I_rated", 16.0}, {"load_max", 0.8}});
        put(b, "cord", "ac1_cable", {{"length", 10.0}, {"R", 0.01}, {"alpha", 0.0}});
        put(b, "psu", "ac1_load", {{"P", 3000.0}, {"V", V}, {"i_share", 1.0}});
        b.connect("grid.bus", "tap.bus");
        b.connect("tap.line", "breaker.a");
        b.connect("breaker.b", "cord.a");
        b.connect("cord.b", "psu.bus");
        const Solved s(std::move(b), tight());
        const Complex Z_grid = behind(230.0 * root3, 1e9, 10.0) * (V > 300.0 ? 2.0 : 1.0),
                      i = s.phasor("cord", "a") - s.phasor("cord", "b");
        const Complex current = i / 0.1;
        CHECK(std::abs(current) == Approx(3000.0 / V).epsilon(1e-7));
        const Complex v = V * turned(turn) - (Z_grid + 1e-3 + 0.1) * current;
        CHECK(std::abs(s.phasor("psu", "bus") - v) < 1e-6);
        CHECK(s.output("breaker", "loading") == Approx(3000.0 / V / 16.0).epsilon(1e-6));
        CHECK(s.imbalance() < 1e-9);
    }
}

TEST_CASE("a balanced network joined to four wires takes the positive sequence and keeps the power") {
    Builder b;
    put(b, "grid", "ac4_utility", {{"V", 400.0}, {"S_sc", 20e6}});
    b.add("join", model_info("balanced_tap"));
    put(b, "rack", "ac_load", {{"P", 90e3}, {"Q", 10e3}, {"V", 400.0}});
    b.connect("grid.bus", "join.bus");
    b.connect("join.line", "rack.bus");
    const Solved s(std::move(b), tight());
    Builder c;
    put(c, "grid", "ac_utility", {{"V", 400.0}, {"S_sc", 20e6}});
    put(c, "rack", "ac_load", {{"P", 90e3}, {"Q", 10e3}, {"V", 400.0}});
    c.connect("grid.bus", "rack.bus");
    const Solved direct(std::move(c), tight());
    CHECK(std::abs(s.phasor("rack", "bus") - direct.phasor("rack", "bus")) < 1e-6);
    CHECK(s.output("grid", "P") == Approx(90e3).epsilon(1e-8));
    CHECK(s.imbalance() < 1e-9);
}

TEST_CASE("loads share constant power, current and impedance by their voltage") {
    const double V = 48.0, v = 46.0, P = 1000.0;
    Builder b;
    put(b, "source", "dc_source", {{"V", v}, {"R", 1e-9}});
    put(b, "load", "dc_load", {{"P", P}, {"V", V}, {"z_share", 0.3}, {"i_share", 0.2}});
    b.connect("source.bus", "load.bus");
    const Solved s(std::move(b), tight());
    const double r = v / V;
    CHECK(s.output("load", "P") == Approx(P * (0.3 * r * r + 0.2 * r + 0.5)).epsilon(1e-7));
}

TEST_CASE("a battery gives from its state of charge and its loss warms what it is joined to") {
    Builder b;
    put(b, "cells", "battery", {{"V_empty", 40.0}, {"V_full", 54.0}, {"R", 0.01}, {"soc", 0.5}, {"energy", 3.6e6}});
    put(b, "load", "dc_load", {{"P", 4000.0}, {"V", 48.0}});
    put(b, "air", "ambient", {{"T", 300.0}});
    b.connect("cells.bus", "load.bus");
    b.connect("cells.heat", "air.port");
    const Solved s(std::move(b), tight());
    const double v = 0.5 * (47.0 + std::sqrt(47.0 * 47.0 - 4.0 * 0.01 * 4000.0)), I = 4000.0 / v;
    CHECK(s.v("load", "bus") == Approx(v).epsilon(1e-9));
    CHECK(s.output("cells", "loss") == Approx(0.01 * I * I).epsilon(1e-7));
    const double left = 3.6e6 * 0.5 * (40.0 + 47.0) / (40.0 + 54.0);  // share of the energy in the lower half of charge
    CHECK(s.output("cells", "time_left") == Approx(left / (47.0 * I)).epsilon(1e-6));
    CHECK(s.imbalance() < 1e-9);
}

TEST_CASE("two generators on one bus share by their impedances; an earth electrode carries what the neutral leaves") {
    Builder b;
    put(b, "g1", "ac_generator", {{"V", 400.0}, {"S_rated", 1e6}, {"z", 0.05}});
    put(b, "g2", "ac_generator", {{"V", 400.0}, {"S_rated", 2e6}, {"z", 0.05}});
    put(b, "load", "ac_load", {{"P", 900e3}, {"V", 400.0}, {"z_share", 1.0}});
    b.connect("g1.bus", "load.bus");
    b.connect("g2.bus", "load.bus");
    const Solved s(std::move(b), tight());
    CHECK(s.output("g2", "P") == Approx(2.0 * s.output("g1", "P")).epsilon(1e-7));
    CHECK(s.output("g1", "loading") < 0.32);

    Builder c;  // the neutral conductor is missing: the earth carries the return
    put(c, "set", "ac4_generator", {{"V", 400.0}, {"S_rated", 1e7}, {"R_ground", 2.0}});
    put(c, "line", "ac4_line", {{"length", 1.0}, {"R", 1e-6}, {"R_n", 1e6}});
    put(c, "load", "ac4_load", {{"P_a", 2000.0}, {"V", 400.0}, {"z_share", 1.0}});
    put(c, "earth", "ground", {{"R", 3.0}});
    c.connect("set.bus", "line.a");
    c.connect("line.b", "load.bus");
    c.connect("load.bus", "earth.bus");
    const Solved e(std::move(c), tight());
    const double E = 400.0 / root3, I = E / (2.0 + 3.0 + E * E / 2000.0);
    CHECK(e.output("earth", "I") == Approx(I).epsilon(1e-3));
    CHECK(e.imbalance() < 1e-9);
}

TEST_CASE("a switch carries through its contacts in every conductor, and nothing at all when open") {
    for (const char* model : {"dc_switch", "ac_switch", "ac1_switch", "ac4_switch"}) {
        OneComponent one(model_info(model));
        one.number("R") = 1e-3;
        const int n = one.info.ports[0].kind->pairs.size();
        for (int k = 0; k < 2 * n; ++k) one.y[k] = 100.0 + k * k;
        one.number("closed") = 1.0;
        const std::vector<double> closed = one.residual();
        one.number("closed") = 0.0;
        const std::vector<double> open = one.residual();
        for (int k = 0; k < n; ++k) {
            CHECK(closed[k] == Approx((one.y[k] - one.y[n + k]) / 1e-3).epsilon(1e-6));
            CHECK(open[k] == Approx((k < 6 ? 1e-9 : 1e-6) * one.y[k]));  // its insulation alone
        }
        CHECK(one.block->separates(0, one.point()));
    }
}

TEST_CASE("a named bus states its voltage, judges it against a window, and on four wires its unbalance") {
    for (const char* model : {"dc_bus", "ac_bus", "ac1_bus", "ac4_bus"}) {
        OneComponent bus(model_info(model));
        const bool three = std::string(model) == "ac4_bus", line_to_line = three || std::string(model) == "ac_bus";
        bus.number("V") = line_to_line ? 400.0 : 230.0;
        bus.number("V_low") = 0.9;
        bus.number("V_high") = 1.1;
        const double phases[] = {220.0, 230.0, 240.0};
        for (int k = 0; k < (three ? 3 : 1); ++k) {
            const Complex v = phases[k] * turned(-120.0 * k);
            bus.y[2 * k] = std::string(model) == "dc_bus" ? 220.0 : v.real();
            if (bus.size() > 1) bus.y[2 * k + 1] = v.imag();
        }
        const double V = line_to_line ? 400.0 / root3 : 230.0;
        CHECK(bus.output("v") == Approx(220.0));
        CHECK(bus.output("v_over_nominal") == Approx(220.0 / V));
        for (const CheckValue& check : bus.checks()) {
            if (check.id == "bus_voltage_min") CHECK(check.margin() == Approx(220.0 / V - 0.9));
            if (check.id == "bus_voltage_max") CHECK(check.margin() == Approx(1.1 - (three ? 240.0 : 220.0) / V));
        }
        if (three) {
            // by hand: line voltages 389.744, 407.063, 398.497 V, mean 398.434 V; V1 = 230 V, V2 = 10/sqrt(3) V
            const double ab = std::sqrt(151900.0), bc = std::sqrt(165700.0), ca = std::sqrt(158800.0);
            const double mean = (ab + bc + ca) / 3.0;
            CHECK(bus.output("unbalance_lines") == Approx((mean - ab) / mean));
            CHECK(bus.output("unbalance_lines") == Approx(0.021813).epsilon(1e-4));
            CHECK(bus.output("V2_over_V1") == Approx(10.0 / root3 / 230.0));
        }
        CHECK(bus.equation(std::string("bus.") + std::string(bus.info.ports[0].kind->pairs[0].potential)) ==
              Approx(1e-9 * bus.y[0]));
    }
}
