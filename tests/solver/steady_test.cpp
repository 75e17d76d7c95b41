#include <doctest/doctest.h>

#include <cmath>

#include "solver/case/case.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;

namespace {

double bar(double p) { return p / 1e5; }

// density and viscosity that pandapipes' reference of these cases does not publish; ours at the stated temperature
const Medium& water() { return medium("water"); }

void long_pipe(Builder& b, const std::string& path, double length, double diameter, double roughness, const char* law) {
    put(b, path, "pipe", {{"length", length}, {"diameter", diameter}, {"roughness", roughness}});
    b.set_choice(path, "friction", law);
}

// a chain of cells with an overall coefficient of 5 W/m2K to surroundings at 293 K
void losing_pipe(Builder& b, const std::string& path, double length, int cells) {
    b.add_chain(path, model_info("pipe"), cells);
    b.set_number(path, "length", length);
    b.set_number(path, "diameter", 0.075);
    b.set_number(path, "U", 5.0);
    b.set_choice(path, "heat", "overall");
    put(b, path + "_ground", "ambient", {{"T", 293.0}});
    b.connect(path + ".wall", path + "_ground.port");
}

Network single_pipe(double length, double T, double p_in, double m_flow) {
    Builder b;
    b.settings.T_start = T;
    pressure_supply(b, "in", water(), T, p_in);
    long_pipe(b, "pipe", length, 0.075, 1e-4, "colebrook");
    flow_supply(b, "sink", water(), T, -m_flow / water().rho(T));
    b.connect("in.port", "pipe.a");
    b.connect("pipe.b", "sink.port");
    return std::move(b).build();
}

}  // namespace

TEST_CASE("a ladder of lumps reaches the temperatures of its series resistances") {
    const Network net = heat_ladder(8, 50.0, 4.0, 30.0, 290.0).build();
    const SteadyState s = solve_steady(net);
    // lump i sees n - i + 1 conductances towards the surroundings, each with 30/4 K
    for (int i = 1; i <= 8; ++i)
        CHECK(s.y[node(net, fmt::format("C{}", i), "port")] == doctest::Approx(290.0 + 7.5 * (9 - i)).epsilon(1e-12));
    CHECK(s.y[unknown_of(net, "ambient", "Q_flow")] == doctest::Approx(30.0).epsilon(1e-10));
}

TEST_CASE("a pipe of 2 km loses the pressure of Colebrook's law (OpenModelica's 4.636695 bar, in pandapipes)") {
    const double g = 1.01325e5;  // the published pressures are gauge
    struct BuiltCase {
        double length, p, m, expected, velocity;
    };
    // the reference's density and viscosity are not published: 0.5 % of the drop is allowed for them
    for (const BuiltCase& c :
         {BuiltCase{2000.0, 5.0, 1.3821, 4.636695, 0.3133525}, BuiltCase{10000.0, 5.0, 1.325, 3.318369, 0.3004158},
          BuiltCase{3000.0, 7.0, 0.56, 6.893022, 0.0}}) {
        INFO("length ", c.length);
        const Network net = single_pipe(c.length, 293.15, c.p * 1e5 + g, c.m);
        const SteadyState s = solve_steady(net);
        const double drop = c.p - bar(s.y[node(net, "pipe", "b")] - g);
        CHECK(drop == doctest::Approx(c.p - c.expected).epsilon(5e-3));
        const double v = s.y[unknown_of(net, "pipe", "m_flow")] / (water().rho(293.15) * M_PI / 4.0 * 0.075 * 0.075);
        if (c.velocity > 0.0) CHECK(v == doctest::Approx(c.velocity).epsilon(1e-3));
    }
}

TEST_CASE("a pipe at 10 degC loses the pressure of Prandtl-Colebrook (STANET's 4.9755 bar, in pandapipes)") {
    const Network net = single_pipe(2000.0, 283.15, 6.01325e5, 0.2777778);
    const SteadyState s = solve_steady(net);
    // Re is about 3600, inside our laminar-turbulent blend, where no law is agreed: 6 % of the drop
    CHECK(6.01325 - bar(s.y[node(net, "pipe", "b")]) == doctest::Approx(5.0 - 4.9755).epsilon(0.06));
}

TEST_CASE(
    "two equal branches behind a long pipe share the flow (OpenModelica's 2.947766 and 2.101285 bar, in pandapipes)") {
    Builder b;
    b.settings.T_start = 293.15;
    pressure_supply(b, "in", water(), 293.15, 6e5);
    for (const char* name : {"trunk", "left", "right"}) long_pipe(b, name, 5000.0, 0.075, 1e-4, "colebrook");
    b.connect("in.port", "trunk.a");
    for (const char* side : {"left", "right"}) {
        flow_supply(b, std::string(side) + "_sink", water(), 293.15, -1.33 / water().rho(293.15));
        b.connect("trunk.b", std::string(side) + ".a");
        b.connect(std::string(side) + ".b", std::string(side) + "_sink.port");
    }
    const Network net = std::move(b).build();
    const SteadyState s = solve_steady(net);
    CHECK(6.0 - bar(s.y[node(net, "trunk", "b")]) == doctest::Approx(6.0 - 2.947766).epsilon(5e-3));
    CHECK(6.0 - bar(s.y[node(net, "left", "b")]) == doctest::Approx(6.0 - 2.101285).epsilon(5e-3));
    CHECK(s.y[node(net, "left", "b")] == doctest::Approx(s.y[node(net, "right", "b")]).epsilon(1e-12));
    CHECK(s.y[unknown_of(net, "trunk", "m_flow")] == doctest::Approx(2.66).epsilon(1e-12));
}

TEST_CASE("a mesh with almost no flow is solved, with laminar and reversed legs (OpenModelica, in pandapipes)") {
    Builder b;
    const double T = 293.15, rho = water().rho(T);
    b.settings.T_start = T;
    pressure_supply(b, "n0", water(), T, 3.5e5);
    flow_supply(b, "n1", water(), T, -0.2778 / rho);
    flow_supply(b, "n2", water(), T, 0.2778 / rho);
    long_pipe(b, "p10", 1000.0, 0.075, 1e-3, "colebrook");
    long_pipe(b, "p20", 200.0, 0.09, 1e-3, "colebrook");
    long_pipe(b, "p12", 100.0, 0.1, 1e-3, "colebrook");
    b.connect("n1.port", "p10.a"), b.connect("n0.port", "p10.b");
    b.connect("n2.port", "p20.a"), b.connect("n0.port", "p20.b");
    b.connect("n1.port", "p12.a"), b.connect("n2.port", "p12.b");
    const Network net = std::move(b).build();
    const SteadyState s = solve_steady(net);
    const auto velocity = [&](const char* pipe, double d) {
        return s.y[unknown_of(net, pipe, "m_flow")] / (rho * M_PI / 4.0 * d * d);
    };
    // the leg 1-2 runs at Re 3300, where laws differ: 25 % of the 26 Pa between the ends
    CHECK(3.5e5 - s.y[node(net, "n1", "port")] == doctest::Approx(350000.0 - 349976.2599).epsilon(0.25));
    CHECK(s.y[node(net, "n2", "port")] - 3.5e5 == doctest::Approx(2.2898).epsilon(0.25));
    CHECK(velocity("p10", 0.075) == doctest::Approx(-0.004169).epsilon(0.25));
    CHECK(velocity("p20", 0.09) == doctest::Approx(0.002895).epsilon(0.25));
    CHECK(velocity("p12", 0.1) == doctest::Approx(-0.033085).epsilon(0.01));
    // what leaves node 0 enters it: continuity is exact whatever the law
    CHECK(s.y[unknown_of(net, "n0", "m_flow")] == doctest::Approx(0.0).scale(0.2778).epsilon(1e-10));
}

TEST_CASE("the coolant of a losing pipe cools as exp(-U pi d x/(m cp)), for any number of cells") {
    // 1 kg/s, cp 4182, 330 K in, 293 K outside: closed form
    const double expected[] = {320.9163, 314.0627, 308.8917, 304.9902, 302.0466, 299.8256};
    const Medium plain = constant_medium(1000.0, 4182.0);
    for (int per_km : {1, 4}) {
        Builder b;
        flow_supply(b, "in", plain, 330.0, 1e-3);
        losing_pipe(b, "pipe", 6000.0, 6 * per_km);
        put(b, "out", "return_line", {{"p", 1e5}});
        b.connect("in.port", "pipe.a");
        b.connect("pipe.b", "out.port");
        const Network net = std::move(b).build();
        const SteadyState s = solve_steady(net);
        // friction heats too (9 kPa a km), which the closed form leaves out: as if the surroundings were warmer by m
        // dp/rho over U A
        const double dp =
            s.y[node(net, "pipe.cell[1]", "a")] - s.y[node(net, fmt::format("pipe.cell[{}]", 6 * per_km), "b")];
        const double warmer = 1e-3 * dp / (5.0 * M_PI * 0.075 * 6000.0);
        CHECK(warmer < 0.01);
        for (int km = 1; km <= 6; ++km) {
            INFO(per_km, " cells a km, at ", km, " km");
            const double by_friction = warmer * (1.0 - std::exp(-5.0 * M_PI * 0.075 * 1000.0 * km / 4182.0));
            CHECK(s.y[unknown_of(net, fmt::format("pipe.cell[{}]", km * per_km), "T")] - by_friction ==
                  doctest::Approx(expected[km - 1]).epsilon(per_km == 1 ? 4e-6 : 1e-6));
        }
    }
}

TEST_CASE("two streams cool, mix and cool on as the closed form says") {
    const Medium plain = constant_medium(1000.0, 4182.0);
    Builder b;
    flow_supply(b, "hot", plain, 350.0, 1e-3);
    flow_supply(b, "warm", plain, 300.0, 1e-3);
    losing_pipe(b, "p1", 2500.0, 3);
    losing_pipe(b, "p2", 2500.0, 3);
    losing_pipe(b, "p3", 2500.0, 3);
    put(b, "out", "return_line", {{"p", 1e5}});
    b.connect("hot.port", "p1.a"), b.connect("warm.port", "p2.a");
    b.connect("p1.b", "p3.a"), b.connect("p2.b", "p3.a"), b.connect("p3.b", "out.port");
    flow_supply(b, "tap", plain, 300.0, -1e-3);  // half of the mixture is taken where it mixes
    b.connect("tap.port", "p3.a");
    const Network net = std::move(b).build();
    const SteadyState s = solve_steady(net);
    // closed form: 321.1849 and 296.4613 K mix to 308.8231 K, of which 1 kg/s cools to 300.8241 K; friction adds up to
    // 5 mK
    CHECK(s.y[unknown_of(net, "p1.cell[3]", "T")] == doctest::Approx(321.1849).epsilon(2e-5));
    CHECK(s.y[unknown_of(net, "p2.cell[3]", "T")] == doctest::Approx(296.4613).epsilon(2e-5));
    CHECK(s.y[node(net, "p3.cell[1]", "a", 1)] == doctest::Approx(308.8231).epsilon(2e-5));
    CHECK(s.y[unknown_of(net, "p3.cell[3]", "T")] == doctest::Approx(300.8241).epsilon(2e-5));
}

TEST_CASE("equal pressures on a symmetric ladder leave its bridges without flow") {
    const double T = 293.15;
    Builder b;
    b.settings.T_start = T;
    pressure_supply(b, "in", water(), T, 4e5);
    for (const char* leg : {"left", "right"})
        for (int i = 1; i <= 4; ++i) {
            const std::string path = fmt::format("{}{}", leg, i);
            long_pipe(b, path, 1000.0, 0.25, 1e-4, "colebrook");
            b.connect(path + ".a", i == 1 ? std::string("in.port") : fmt::format("{}{}.b", leg, i - 1));
        }
    for (int i = 1; i <= 3; ++i) {
        const std::string path = fmt::format("bridge{}", i);
        long_pipe(b, path, 100.0, 0.25, 1e-4, "colebrook");
        b.connect(path + ".a", fmt::format("left{}.b", i));
        b.connect(path + ".b", fmt::format("right{}.b", i));
    }
    flow_supply(b, "tap", water(), T, -0.08);
    b.connect("left4.b", "tap.port"), b.connect("right4.b", "tap.port");
    const Network net = std::move(b).build();
    const SteadyState s = solve_steady(net);
    const double m = 0.04 * water().rho(T);  // half of 80 L/s in each leg
    for (int i = 1; i <= 4; ++i)
        for (const char* leg : {"left", "right"})
            CHECK(s.y[unknown_of(net, fmt::format("{}{}", leg, i), "m_flow")] == doctest::Approx(m).epsilon(1e-8));
    for (int i = 1; i <= 3; ++i) CHECK(std::abs(s.y[unknown_of(net, fmt::format("bridge{}", i), "m_flow")]) < 1e-6 * m);
}

TEST_CASE("equal pressures at both ends give no flow, also through wide pipes where rounding is all that is left") {
    Builder b;
    pressure_supply(b, "a", water(), 300.0, 1e6);
    put(b, "wide", "pipe", {{"length", 1.0}, {"diameter", 0.4}});
    pressure_supply(b, "b", water(), 300.0, 1e6);
    b.connect("a.port", "wide.a"), b.connect("wide.b", "b.port");
    const Network net = std::move(b).build();
    const SteadyState s = solve_steady(net);
    // 1e-10 Pa of rounding over 128 mu L/(pi rho d^4) = 1.3e-3 Pa per kg/s
    CHECK(std::abs(s.y[unknown_of(net, "wide", "m_flow")]) < 1e-6);
}

TEST_CASE("exchanged pressures reverse the flow, and the coolant comes from the other end") {
    for (double sign : {1.0, -1.0}) {
        Builder b;
        pressure_supply(b, "a", water(), 300.0, 2e5 + sign * 1e4);
        put(b, "pipe", "pipe", {{"length", 10.0}, {"diameter", 0.02}});
        pressure_supply(b, "b", water(), 320.0, 2e5 - sign * 1e4);
        b.connect("a.port", "pipe.a"), b.connect("pipe.b", "b.port");
        const Network net = std::move(b).build();
        const SteadyState s = solve_steady(net);
        CHECK(sign * s.y[unknown_of(net, "pipe", "m_flow")] > 0.3);
        CHECK(s.y[unknown_of(net, "pipe", "T")] == doctest::Approx(sign > 0.0 ? 300.0 : 320.0).epsilon(1e-4));
    }
}

TEST_CASE("the answer does not depend on the start") {
    const Network net = single_pipe(2000.0, 293.15, 6e5, 1.4);
    SteadySolver solver(net);
    const SteadyState cold = solver.solve(net.initial);
    for (double factor : {-3.0, 0.0, 0.01, 20.0}) {
        std::vector<double> guess = cold.y;
        for (int u = 0; u < net.size(); ++u)
            if (!net.temperature[u])
                guess[u] *= factor;
            else
                guess[u] += 15.0 * factor;
        INFO("factor ", factor);
        const SteadyState s = solver.solve(net.initial, {}, &guess);
        for (int u = 0; u < net.size(); ++u) CHECK(std::abs(s.y[u] - cold.y[u]) / net.nominal[u] < 1e-6);
    }
    const SteadyState warm = solver.solve(net.initial, {}, &cold.y);
    CHECK(warm.newton_iterations <= 2);
}

TEST_CASE("what a case solved before leaves no mark on the next answer") {
    Case the_case(load_case(KELVOLT_SOURCE_DIR "/data/cases/gb200_nvl72_rack.yaml"));
    const std::vector<double> fresh = the_case.steady().y;
    the_case.set("facility.T_supply", "20 degC");
    CHECK(the_case.steady().y != fresh);
    the_case.set("facility.T_supply", the_case.network().initial.params[position_of(
                                          the_case.network(), the_case.subject().parameters("facility.T_supply")[0])]);
    CHECK(the_case.steady().y == fresh);
}

TEST_CASE("flow from 1e-9 to 10 kg/s and back gives a finite state") {
    for (double size = 1e-9; size <= 10.0; size *= 10.0)
        for (double m : {size, -size}) {
            INFO("m_flow ", m);
            Builder b;
            flow_supply(b, "in", water(), 310.0, m / water().rho(310.0));
            b.add_chain("pipe", model_info("pipe"), 3);
            b.set_number("pipe", "length", 5.0), b.set_number("pipe", "diameter", 0.025);
            put(b, "out", "return_line", {{"p", 2e5}, {"T_back", 290.0}});
            b.connect("in.port", "pipe.a"), b.connect("pipe.b", "out.port");
            heat_to_surroundings(b, "room", "pipe.wall", 1.0, 295.0);
            const Network net = std::move(b).build();
            const SteadyState s = solve_steady(net);
            CHECK(s.y[unknown_of(net, "pipe.cell[2]", "m_flow")] == doctest::Approx(m).epsilon(1e-6));
            // temperatures between the surroundings and what flows in; friction heats at 10 kg/s by 0.4 K
            const double T = s.y[unknown_of(net, "pipe.cell[2]", "T")];
            CHECK(T > 289.9);
            CHECK(T < 310.9);
        }
}

TEST_CASE("the gradient by one transposed solve equals differences of whole solutions") {
    Builder b;
    flow_supply(b, "in", water(), 310.0, 2e-4);
    b.add_chain("pipe", model_info("pipe"), 2);
    b.set_number("pipe", "length", 30.0), b.set_number("pipe", "diameter", 0.02),
        b.set_number("pipe", "roughness", 5e-5);
    put(b, "out", "return_line", {{"p", 2e5}});
    b.connect("in.port", "pipe.a"), b.connect("pipe.b", "out.port");
    heat_to_surroundings(b, "room", "pipe.wall", 20.0, 290.0);
    const Network net = std::move(b).build();
    SteadySolver solver(net);
    const SteadyState s = solver.solve(net.initial);
    // outlet temperature and inlet pressure together, so that heat and hydraulics both count
    std::vector<double> dg_dy(net.size(), 0.0), dg_dp(net.initial.params.size());
    const int T_out = unknown_of(net, "pipe.cell[2]", "T"), p_in = node(net, "in", "port");
    dg_dy[T_out] = 1.0, dg_dy[p_in] = 1e-4;
    REQUIRE(solver.linearise(s.y, net.initial));
    std::vector<double> lambda = dg_dy;
    solver.solve_transposed(lambda.data());
    net.param_product({s.y.data(), nullptr, net.initial}, lambda.data(), dg_dp.data());
    for (double& x : dg_dp) x = -x;
    int compared = 0;
    for (const auto& [path, name] : {std::pair{"in", "T"},
                                     {"in", "V_flow"},
                                     {"pipe.cell[1]", "length"},
                                     {"pipe.cell[2]", "diameter"},
                                     {"pipe.cell[1]", "roughness"},
                                     {"out", "p"},
                                     {"room_G", "G"},
                                     {"room", "T"}}) {
        const std::size_t k = param_of(net, path, name);
        Values values = net.initial;
        const double h = 1e-4 * std::abs(values.params[k]);
        const auto g = [&](double x) {
            values.params[k] = x;
            const SteadyState t = solver.solve(values, {}, &s.y);
            return t.y[T_out] + 1e-4 * t.y[p_in];
        };
        const double x = values.params[k], difference = (g(x + h) - g(x - h)) / (2.0 * h);
        INFO(std::string(path), ".", std::string(name));
        CHECK(dg_dp[k] == doctest::Approx(difference).epsilon(1e-5));
        CHECK(difference != 0.0);
        ++compared;
    }
    CHECK(compared == 8);
}
