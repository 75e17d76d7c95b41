// parts of an electric plan against closed forms: single-phase, centre-tapped and three-winding transformers, lines by
// matrix, open conductors, generation, capacitors, earthing transformers, loads by kVA.
#include <doctest/doctest.h>

#include <cmath>
#include <complex>

#include "tests/models/one_component.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;
using doctest::Approx;

namespace {

using Phase = std::complex<double>;
constexpr double sqrt_3 = 1.7320508075688772;

struct Plan {
    Network net;
    SteadyState state;

    explicit Plan(Builder b) : net(std::move(b).build()), state(solve_steady(net, tight_options())) {}
    static SteadyOptions tight_options() {
        SteadyOptions options;
        options.newton.tolerance = 1e-12;
        return options;
    }
    Phase volts(const std::string& path, const std::string& port, int k = 0) const {
        return {state.y[node(net, path, port, 2 * k)], state.y[node(net, path, port, 2 * k + 1)]};
    }
    double output(const std::string& path, const std::string& name) const {
        const Component& c = component(net, path);
        std::vector<double> values(c.info->outputs.size()), still(net.size(), 0.0);
        Report<double> report;
        report.values = values.data();
        net.block_of(c).outputs(c.instance, Point{state.y.data(), still.data(), net.initial}, report);
        return values.at(c.info->output(name));
    }
};

/// A stiff four-wire grid whose phase a gives a single-phase circuit of voltage V at "tap.line".
Builder single_phase(double V) {
    Builder b;
    put(b, "grid", "ac4_utility", {{"V", V * sqrt_3}, {"S_sc", 1e13}});
    put(b, "tap", "phase_tap");
    b.connect("grid.bus", "tap.bus");
    return b;
}
Builder four_wires(double V = 400.0) {
    Builder b;
    put(b, "grid", "ac4_utility", {{"V", V}, {"S_sc", 1e13}});
    return b;
}

/// What a component says is wrong with its numbers; empty: nothing.
std::string refused(Builder b) {
    try {
        std::move(b).build();
    } catch (const Error& e) {
        return e.message;
    }
    return "";
}

}  // namespace

TEST_CASE("a single-phase transformer drops by its circuit, and its polarity turns the voltage by 180 degrees") {
    for (const bool against : {false, true}) {
        const double V = 480.0, S = 25e3, vk = 0.03, Pk = 500.0, R_load = 240.0 * 240.0 / 20e3;
        Builder b = single_phase(V);
        put(b, "trafo", "ac1_transformer", {{"S_rated", S}, {"V_hv", V}, {"V_lv", 240.0}, {"vk", vk}, {"Pk", Pk}});
        b.set_choice("trafo", "group", against ? "Ii6" : "Ii0");
        put(b, "load", "ac1_load", {{"P", 20e3}, {"V", 240.0}, {"z_share", 1.0}});
        b.connect("tap.line", "trafo.hv");
        b.connect("trafo.lv", "load.bus");
        const Plan s(std::move(b));
        const double base = 240.0 * 240.0 / S, r = Pk / S;
        const Phase Z(base * r, base * std::sqrt(vk * vk - r * r)), v = 240.0 * R_load / (R_load + Z);
        CHECK(std::abs(s.volts("load", "bus") - (against ? -v : v)) < 1e-6 * 240.0);
        CHECK(s.output("trafo", "loading") == Approx(std::abs(v) / R_load * 240.0 / S).epsilon(1e-4));
    }
}

TEST_CASE("a centre tap loaded on one half drops by the half's impedance, on both lines by that of the whole winding") {
    const double V = 7200.0, S = 50e3, r = 0.012, x = 0.02, n = 60.0;  // hv to one half
    const Phase whole = V * V / S * Phase(r, x), half = V * V / S * Phase(1.5 * r, 1.2 * x);
    for (const bool both : {false, true}) {
        const double V_load = both ? 240.0 : 120.0, R_load = V_load * V_load / 15e3;
        Builder b = single_phase(V);
        put(b, "trafo", "ac1_centre_tap",
            {{"S_rated", S}, {"V_hv", V}, {"V_lv", 240.0}, {"vk_hl", std::hypot(r, x)}, {"Pk_hl", r * S}});
        put(b, "load", "ac1_load", {{"P", 15e3}, {"V", V_load}, {"z_share", 1.0}});
        b.connect("tap.line", "trafo.hv");
        if (both) {
            put(b, "lines", "split_phase_tap");
            b.connect("trafo.lv_1", "lines.leg_1");
            b.connect("trafo.lv_2", "lines.leg_2");
            b.connect("lines.line", "load.bus");
        } else {
            put(b, "other", "ac1_bus", {{"V", 120.0}});
            b.connect("trafo.lv_1", "load.bus");
            b.connect("trafo.lv_2", "other.bus");
        }
        const Plan s(std::move(b));
        const double ratio = both ? n / 2.0 : n;
        const Phase Z = (both ? whole : half) / (ratio * ratio), v = V_load * R_load / (R_load + Z);
        CHECK(std::abs(s.volts("load", "bus") - v) < 1e-6 * V_load);
        CHECK(s.output("trafo", "I_neutral") == Approx(both ? 0.0 : std::abs(v) / R_load).epsilon(1e-5).scale(1.0));
    }
}

TEST_CASE(
    "a three-winding transformer drops between two windings by their own short-circuit voltage, turned by the clock") {
    const double S[] = {40e6, 25e6, 15e6}, V[] = {110e3, 20e3, 10e3}, vk_hm = 0.10, Pk_hm = 120e3;
    Builder b;
    put(b, "grid", "ac_utility", {{"V", V[0]}, {"S_sc", 1e15}});
    put(b, "trafo", "ac_three_winding",
        {{"S_hv", S[0]},
         {"S_mv", S[1]},
         {"S_lv", S[2]},
         {"V_hv", V[0]},
         {"V_mv", V[1]},
         {"V_lv", V[2]},
         {"vk_hm", vk_hm},
         {"vk_hl", 0.16},
         {"vk_ml", 0.07},
         {"Pk_hm", Pk_hm},
         {"Pk_hl", 90e3},
         {"Pk_ml", 60e3},
         {"clock_lv", 11.0}});
    put(b, "load", "ac_load", {{"P", 15e6}, {"Q", 6e6}, {"V", V[1]}, {"z_share", 1.0}});
    put(b, "open", "ac_bus", {{"V", V[2]}});
    b.connect("grid.bus", "trafo.hv");
    b.connect("trafo.mv", "load.bus");
    b.connect("trafo.lv", "open.bus");
    const Plan s(std::move(b));
    const double base = V[1] * V[1] / S[1], r = Pk_hm / S[1];
    const Phase Z(base * r, base * std::sqrt(vk_hm * vk_hm - r * r)), Y = Phase(15e6, -6e6) / (V[1] * V[1]);
    const Phase v = V[1] / sqrt_3 / (1.0 + Z * Y);
    CHECK(std::abs(s.volts("load", "bus") - v) < 1e-6 * V[1]);
    // the open winding has the voltage of the star point, 30 degrees ahead (clock 11)
    const auto pair = [&](double vk, double Pk, double rating) {
        const double r_pair = Pk / rating;
        return V[0] * V[0] / rating * Phase(r_pair, std::sqrt(vk * vk - r_pair * r_pair));
    };
    const Phase Z_1 = 0.5 * (pair(vk_hm, Pk_hm, S[1]) + pair(0.16, 90e3, S[2]) - pair(0.07, 60e3, S[2]));
    const Phase star = V[0] / sqrt_3 - Z_1 * (v * Y * V[1] / V[0]);
    CHECK(std::abs(s.volts("open", "bus") - star * V[2] / V[0] * std::polar(1.0, M_PI / 6.0)) < 1e-6 * V[2]);
}

TEST_CASE("a line by matrix with equal conductors is the line of their self and mutual impedance") {
    const auto solve = [](bool matrix) {
        Builder b = four_wires();
        const double R = 3e-4, X = 1e-4, R_0 = 9e-4, X_0 = 3e-4;
        if (matrix) {
            const double R_s = (2.0 * R + R_0) / 3.0, R_m = (R_0 - R) / 3.0, X_s = (2.0 * X + X_0) / 3.0,
                         X_m = (X_0 - X) / 3.0;
            put(b, "line", "ac4_matrix_line",
                {{"length", 800.0},
                 {"R_aa", R_s},
                 {"R_bb", R_s},
                 {"R_cc", R_s},
                 {"R_ab", R_m},
                 {"R_ac", R_m},
                 {"R_bc", R_m},
                 {"X_aa", X_s},
                 {"X_bb", X_s},
                 {"X_cc", X_s},
                 {"X_ab", X_m},
                 {"X_ac", X_m},
                 {"X_bc", X_m}});
        } else {
            put(b, "line", "ac4_line",
                {{"length", 800.0}, {"R", R}, {"X", X}, {"R_0", R_0}, {"X_0", X_0}, {"alpha", 0.0}});
        }
        b.set_choice("line", "return_path", "earth");
        b.set_number("line", "pole_b", 0.0);
        put(b, "load", "ac4_load",
            {{"P_a", 20e3}, {"P_b", 8e3}, {"P_c", 4e3}, {"Q_a", 5e3}, {"V", 400.0}, {"z_share", 1.0}});
        b.connect("grid.bus", "line.a");
        b.connect("line.b", "load.bus");
        return Plan(std::move(b));
    };
    const Plan by_matrix = solve(true), by_sequence = solve(false);
    for (int k = 0; k < 4; ++k)
        CHECK(std::abs(by_matrix.volts("load", "bus", k) - by_sequence.volts("load", "bus", k)) < 1e-6);
    CHECK(std::abs(by_matrix.volts("load", "bus", 1)) < 1e-2);  // the open phase has the voltage of the neutral
}

TEST_CASE("mutual resistances that would give power are refused by name") {
    Builder b = four_wires();
    put(b, "line", "ac4_matrix_line",
        {{"length", 1.0},
         {"R_aa", 1e-4},
         {"R_bb", 1e-4},
         {"R_cc", 1e-4},
         {"R_ab", 2e-4},
         {"X_aa", 1e-4},
         {"X_bb", 1e-4},
         {"X_cc", 1e-4}});
    b.set_choice("line", "return_path", "earth");
    put(b, "load", "ac4_load", {{"P_a", 1e3}, {"V", 400.0}});
    b.connect("grid.bus", "line.a");
    b.connect("line.b", "load.bus");
    CHECK(refused(std::move(b)).find("conductor b would give power") != std::string::npos);
}

TEST_CASE("with the neutral open, the star point of unequal resistances moves as Millman's theorem says") {
    const double P[] = {3e3, 6e3, 12e3}, V = 380.0;
    Builder b = four_wires(V);
    put(b, "switch", "ac4_switch", {{"pole_n", 0.0}});
    put(b, "load", "ac4_load", {{"P_a", P[0]}, {"P_b", P[1]}, {"P_c", P[2]}, {"V", V}, {"z_share", 1.0}});
    b.connect("grid.bus", "switch.a");
    b.connect("switch.b", "load.bus");
    const Plan s(std::move(b));
    Phase sum = 0.0, current = 0.0, E[3];
    for (int k = 0; k < 3; ++k) {
        E[k] = std::polar(V / sqrt_3, -2.0 * M_PI / 3.0 * k);
        current += E[k] * P[k], sum += P[k];
    }
    for (int k = 0; k < 3; ++k) {
        const Phase found = s.volts("load", "bus", k) - s.volts("load", "bus", 3);
        CHECK(std::abs(found - (E[k] - current / sum)) < 1e-3);
    }
}

TEST_CASE("generation delivers its power, and the current of its rating where the voltage is too low for it") {
    for (const char* type : {"ac_generation", "ac1_generation", "ac4_generation"}) {
        const bool four = std::string(type) == "ac4_generation", one = std::string(type) == "ac1_generation";
        for (const double level : {1.0, 0.8}) {
            Builder b = one ? single_phase(level * 230.0) : Builder();
            if (!one) put(b, "grid", four ? "ac4_utility" : "ac_utility", {{"V", level * 400.0}, {"S_sc", 1e13}});
            put(b, "pv", type, {{"V", one ? 230.0 : 400.0}, {"P", 95e3}, {"Q", -20e3}, {"S_rated", 100e3}});
            b.connect(one ? "tap.line" : "grid.bus", "pv.bus");
            const Plan s(std::move(b));
            const double full = std::hypot(95e3, 20e3) / 100e3, share = std::min(1.0, level / full);
            CHECK(s.output("pv", "P") == Approx(95e3 * share).epsilon(1e-6));
            CHECK(s.output("pv", "Q") == Approx(-20e3 * share).epsilon(1e-6));
            CHECK(s.output("pv", "loading") == Approx(std::min(1.0, full / level)).epsilon(1e-6));
            CHECK(s.output("pv", "curtailed") == Approx(95e3 * (1.0 - share)).epsilon(1e-6).scale(95e3));
        }
    }
}

TEST_CASE("capacitors deliver by the square of the voltage, in the steps that are on, and name their resonance") {
    for (const char* type : {"ac_capacitor", "ac1_capacitor", "ac4_capacitor"}) {
        const bool four = std::string(type) == "ac4_capacitor", one = std::string(type) == "ac1_capacitor";
        const double V = one ? 230.0 : 400.0;
        Builder b = one ? single_phase(1.05 * V) : Builder();
        if (!one) put(b, "grid", four ? "ac4_utility" : "ac_utility", {{"V", 1.05 * V}, {"S_sc", 1e13}});
        put(b, "bank", type,
            {{"V", V},
             {"V_rated", 1.1 * V},
             {"Q_rated", 60e3},
             {"steps", 6.0},
             {"steps_on", 4.0},
             {"detuning", 0.07},
             {"S_sc", 10e6}});
        b.connect(one ? "tap.line" : "grid.bus", "bank.bus");
        const Plan s(std::move(b));
        const double Q = 40e3 / (1.0 - 0.07) * std::pow(1.05 / 1.1, 2);
        CHECK(s.output("bank", "Q") == Approx(Q).epsilon(1e-6));
        CHECK(s.output("bank", "resonance") ==
              Approx(1.0 / std::sqrt(40e3 / (1.1 * 1.1) / 10e6 + 0.07)).epsilon(1e-12));
    }
}

TEST_CASE("an earthing transformer makes a neutral behind a delta, with its zero-sequence impedance") {
    const double V = 400.0, Z_0 = 0.3, P = 5e3;
    Builder b;
    put(b, "grid", "ac4_utility", {{"V", 20e3}, {"S_sc", 1e13}});
    put(b, "trafo", "ac4_transformer", {{"S_rated", 1e9}, {"V_hv", 20e3}, {"V_lv", V}, {"vk", 0.01}, {"Pk", 0.0}});
    b.set_choice("trafo", "group", "Dd0");
    put(b, "star", "ac4_earthing_transformer", {{"V", V}, {"Z_0", Z_0}, {"X_over_R", 0.0}, {"R_ground", 1e3}});
    put(b, "load", "ac4_load", {{"P_a", P}, {"V", V}, {"z_share", 1.0}});
    b.connect("grid.bus", "trafo.hv");
    b.connect("trafo.lv", "load.bus");
    b.connect("load.bus", "star.bus");
    const Plan s(std::move(b));
    // one phase to neutral: E = i (R + Z_0/3), the three phases of the star in parallel
    const double R = V * V / (3.0 * P), i = V / sqrt_3 / (R + Z_0 / 3.0);
    CHECK(s.output("star", "I_neutral") == Approx(i).epsilon(2e-4));
}

TEST_CASE("a load by kVA is the load by kW and kvar; contradictions are named") {
    const auto drawn = [](std::initializer_list<std::pair<const char*, double>> amount) {
        Builder b;
        put(b, "grid", "ac_utility", {{"V", 400.0}, {"S_sc", 1e13}});
        put(b, "load", "ac_load", amount);
        b.set_number("load", "V", 400.0);
        b.connect("grid.bus", "load.bus");
        return b;
    };
    for (const auto& b : {drawn({{"S", 50e3}, {"power_factor", 0.8}}), drawn({{"S", 50e3}, {"P", 40e3}}),
                          drawn({{"S", 50e3}, {"Q", 30e3}}), drawn({{"P", 40e3}, {"power_factor", 0.8}})}) {
        const Plan s{Builder(b)};
        CHECK(s.output("load", "P") == Approx(40e3).epsilon(1e-8));
        CHECK(s.output("load", "Q") == Approx(30e3).epsilon(1e-8));
    }
    CHECK(refused(drawn({{"S", 50e3}, {"P", 60e3}})).find("larger than S") != std::string::npos);
    CHECK(refused(drawn({{"S", 50e3}})).find("leaves P open") != std::string::npos);
    CHECK(refused(drawn({{"S", 50e3}, {"P", 40e3}, {"Q", 30e3}})).find("leave out the others") != std::string::npos);
    CHECK(refused(drawn({{"Q", 30e3}})).find("give P") != std::string::npos);
}
