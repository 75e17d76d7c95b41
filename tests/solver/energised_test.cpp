// which buses are live, what stands on dead ones, sources that do not agree, and how much load can be carried.
#include "solver/electric/energised.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "solver/case/case.hpp"
#include "solver/curve/curve.hpp"
#include "solver/transient/simulation.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;
using doctest::Approx;

namespace {

/// Two feeds, each over a breaker, onto one board with a cable and a load behind a third breaker.
Builder two_feeds(double angle_b, double closed_b) {
    Builder b;
    for (const char* name : {"a", "b"}) {
        put(b, fmt::format("grid_{}", name), "ac_utility", {{"V", 400.0}, {"S_sc", 30e6}});
        put(b, fmt::format("breaker_{}", name), "ac_switch");
        b.connect(fmt::format("grid_{}.bus", name), fmt::format("breaker_{}.a", name));
        b.connect(fmt::format("breaker_{}.b", name), "breaker_a.b");
    }
    b.set_number("grid_b", "angle", angle_b);
    b.set_number("breaker_b", "closed", closed_b);
    put(b, "outlet", "ac_switch", {{"I_rated", 200.0}});
    put(b, "cable", "ac_cable", {{"length", 50.0}, {"R", 2e-4}, {"X", 1e-4}});
    put(b, "load", "ac_load", {{"P", 60e3}, {"V", 400.0}});
    b.connect("breaker_a.b", "outlet.a");
    b.connect("outlet.b", "cable.a");
    b.connect("cable.b", "load.bus");
    return b;
}

double magnitude(const Network& net, const std::vector<double>& y, const std::string& path, const std::string& port) {
    return std::hypot(y[node(net, path, port, 0)], y[node(net, path, port, 1)]);
}

template <class F>
std::string message_of(Error::Kind kind, F&& run) {
    try {
        run();
    } catch (const Error& e) {
        CHECK(e.kind == kind);
        return e.what();
    }
    FAIL("nothing was thrown");
    return {};
}
bool says(const std::string& text, std::initializer_list<const char*> words) {
    for (const char* word : words)
        if (text.find(word) == std::string::npos) {
            MESSAGE("missing '" << std::string(word) << "' in: " << text);
            return false;
        }
    return true;
}

}  // namespace

TEST_CASE("what an open breaker cuts off is dead: exactly zero volts, also from a warm start") {
    const Network net = two_feeds(0.0, 0.0).build();
    SteadySolver solver(net);
    const SteadyState on = solver.solve(net.initial);
    CHECK(magnitude(net, on.y, "load", "bus") > 220.0);
    Values off = net.initial;
    off.params[param_of(net, "outlet", "closed")] = 0.0;
    for (const std::vector<double>* guess : {static_cast<const std::vector<double>*>(nullptr), &on.y}) {
        const SteadyState dead = solver.solve(off, {}, guess);
        for (const char* path : {"load", "cable"})
            for (int part = 0; part < 2; ++part)
                CHECK(dead.y[node(net, path, path[0] == 'l' ? "bus" : "a", part)] == 0.0);
        CHECK(magnitude(net, dead.y, "outlet", "a") == Approx(400.0 / std::sqrt(3.0)).epsilon(1e-6));
        // closed again, it starts from the voltage without load
        const SteadyState again = solver.solve(net.initial, {}, &dead.y);
        CHECK(magnitude(net, again.y, "load", "bus") == Approx(magnitude(net, on.y, "load", "bus")).epsilon(1e-9));
        CHECK(again.newton_iterations <= 4);
    }
}

TEST_CASE("a source out of service feeds nothing; the other feed takes over when its breaker closes") {
    const Network net = two_feeds(0.0, 0.0).build();
    Values values = net.initial;
    values.params[param_of(net, "grid_a", "in_service")] = 0.0;
    const SteadyState dark = SteadySolver(net).solve(values);
    CHECK(dark.y[node(net, "load", "bus")] == 0.0);
    values.params[param_of(net, "breaker_b", "closed")] = 1.0;
    const SteadyState other = SteadySolver(net).solve(values);
    CHECK(magnitude(net, other.y, "load", "bus") > 220.0);
    const Energised state = net.electric->look(net, Point{other.y.data(), other.y.data(), values});
    int alive = 0;
    for (const ElectricIsland& island : state.islands)
        if (island.reference >= 0) {
            ++alive;
            CHECK(net.component(island.reference).path == "grid_b");
        }
    CHECK(alive == 1);
}

TEST_CASE("two sources out of step on one bus are refused, at the build and when a switch joins them; both are named") {
    const std::string at_build = message_of(Error::Kind::out_of_step, [] { (void)two_feeds(0.6, 1.0).build(); });
    CHECK(says(at_build, {"grid_a", "grid_b", "34.4 degrees", "Open a switch"}));
    const Network net = two_feeds(0.6, 0.0).build();
    CHECK_NOTHROW((void)SteadySolver(net).solve(net.initial));
    Values joined = net.initial;
    joined.params[param_of(net, "breaker_b", "closed")] = 1.0;
    CHECK(says(message_of(Error::Kind::out_of_step, [&] { (void)SteadySolver(net).solve(joined); }),
               {"grid_a", "grid_b"}));
    CHECK_NOTHROW((void)two_feeds(0.1, 1.0).build());  // in step: 6 degrees, a power flow between them
}

TEST_CASE("transformers of different clock numbers in parallel close a loop out of step") {
    const auto parallel = [](const char* second) {
        Builder b;
        put(b, "grid", "ac_utility", {{"V", 20e3}, {"S_sc", 300e6}});
        for (const char* t : {"t1", "t2"}) {
            put(b, t, "ac_transformer",
                {{"S_rated", 1e6}, {"V_hv", 20e3}, {"V_lv", 400.0}, {"vk", 0.06}, {"Pk", 9e3}, {"P0", 1400.0}});
            b.connect("grid.bus", std::string(t) + ".hv");
            b.connect("t1.lv", std::string(t) + ".lv");
        }
        b.set_choice("t2", "group", second);
        put(b, "load", "ac_load", {{"P", 1e6}, {"V", 400.0}});
        b.connect("t1.lv", "load.bus");
        return b;
    };
    CHECK_NOTHROW((void)parallel("Dyn11").build());
    CHECK(says(message_of(Error::Kind::out_of_step, [&] { (void)parallel("Dyn5").build(); }),
               {"t2 closes a loop out of step", "clock number"}));
}

TEST_CASE("a bus that a source of another voltage would feed is refused: 12 V on a bus of 48 V") {
    Builder b;
    put(b, "shelf", "dc_source", {{"V", 48.0}, {"R", 1e-3}});
    put(b, "other", "dc_source", {{"V", 12.0}, {"R", 1e-3}});
    b.connect("shelf.bus", "other.bus");
    CHECK(says(message_of(Error::Kind::out_of_step, [&] { (void)std::move(b).build(); }),
               {"shelf", "other", "12 V", "48 V"}));
}

TEST_CASE("bad electric input is answered by one clear error each") {
    SUBCASE("a loop without impedance") {
        Builder b;
        put(b, "grid", "ac4_utility", {{"V", 400.0}, {"S_sc", 1e7}});
        for (const char* tap : {"tap_1", "tap_2"}) {
            b.add(tap, model_info("phase_tap"));
            b.connect("grid.bus", std::string(tap) + ".bus");
            b.connect("tap_1.line", std::string(tap) + ".line");
        }
        put(b, "load", "ac1_load", {{"P", 100.0}, {"V", 230.0}});
        b.connect("tap_1.line", "load.bus");
        CHECK(says(message_of(Error::Kind::topology, [&] { (void)std::move(b).build(); }),
                   {"tap_2", "loop without impedance", "put a cable or a switch"}));
    }
    SUBCASE("a line without impedance") {
        Builder b;
        put(b, "grid", "ac_utility", {{"V", 400.0}, {"S_sc", 1e7}});
        put(b, "cable", "ac_cable", {{"length", 1.0}, {"R", 0.0}});
        put(b, "load", "ac_load", {{"P", 100.0}, {"V", 400.0}});
        b.connect("grid.bus", "cable.a");
        b.connect("cable.b", "load.bus");
        CHECK(says(message_of(Error::Kind::input, [&] { (void)std::move(b).build(); }),
                   {"cable", "without impedance", "Give one of them above 0"}));
    }
    SUBCASE("an AC device on a DC bus") {
        Builder b;
        put(b, "shelf", "dc_source", {{"V", 48.0}, {"R", 1e-3}});
        put(b, "load", "ac_load", {{"P", 100.0}, {"V", 400.0}});
        CHECK(says(message_of(Error::Kind::input, [&] { b.connect("shelf.bus", "load.bus"); }),
                   {"shelf.bus is a dc port", "load.bus", "only like ports connect", "rectifier"}));
    }
    SUBCASE("a balanced device on four wires") {
        Builder b;
        put(b, "grid", "ac4_utility", {{"V", 400.0}, {"S_sc", 1e7}});
        put(b, "load", "ac_load", {{"P", 100.0}, {"V", 400.0}});
        CHECK(says(message_of(Error::Kind::input, [&] { b.connect("grid.bus", "load.bus"); }), {"balanced_tap"}));
    }
    SUBCASE("an unconnected phase") {
        Builder b;
        put(b, "grid", "ac4_utility", {{"V", 400.0}, {"S_sc", 1e7}});
        put(b, "load", "ac4_load", {{"P_a", 100.0}, {"V", 400.0}});
        b.add("tap", model_info("phase_tap"));
        b.connect("grid.bus", "load.bus");
        b.connect("grid.bus", "tap.bus");
        CHECK(says(message_of(Error::Kind::topology, [&] { (void)std::move(b).build(); }),
                   {"tap.line is connected to nothing", "the single-phase circuit", "remove tap"}));
    }
    SUBCASE("a transformer whose losses leave no reactance") {
        Builder b;
        put(b, "grid", "ac_utility", {{"V", 20e3}, {"S_sc", 1e8}});
        put(b, "t", "ac_transformer", {{"S_rated", 1e6}, {"V_hv", 20e3}, {"V_lv", 400.0}, {"vk", 0.06}, {"Pk", 90e3}});
        put(b, "load", "ac_load", {{"P", 100.0}, {"V", 400.0}});
        b.connect("grid.bus", "t.hv");
        b.connect("t.lv", "load.bus");
        CHECK(says(message_of(Error::Kind::input, [&] { (void)std::move(b).build(); }), {"t: Pk", "vk"}));
    }
}

TEST_CASE("a breaker smaller than its load is a broken limit with its margin") {
    Builder b = two_feeds(0.0, 0.0);
    b.set_number("outlet", "I_rated", 63.0);
    const Network net = std::move(b).build();
    const SteadyState s = solve_steady(net);
    const std::vector<double> still(net.size(), 0.0);
    const Component& breaker = component(net, "outlet");
    std::vector<CheckValue> checks;
    Report<double> report;
    report.checks = &checks;
    net.block_of(breaker).outputs(breaker.instance, Point{s.y.data(), still.data(), net.initial}, report);
    REQUIRE(checks.size() == 1);
    CHECK(checks[0].id == "breaker_load");
    CHECK(checks[0].limit == 63.0);
    CHECK(checks[0].margin() < -20.0);
}

TEST_CASE("a load beyond what the network can carry is answered with the share that it can, and the bus") {
    const double V = 50.0, R = 0.01, most = V * V / (4.0 * R);
    const auto feeder = [&](double P) {
        Builder b;
        put(b, "source", "dc_source", {{"V", V}, {"R", 0.2 * R}});
        put(b, "cable", "dc_cable", {{"length", 1.0}, {"R", 0.8 * R}, {"alpha", 0.0}});
        put(b, "rack", "dc_load", {{"P", P}, {"V", V}});
        put(b, "near", "dc_load", {{"P", 0.0}, {"V", V}});
        b.connect("source.bus", "cable.a");
        b.connect("source.bus", "near.bus");
        b.connect("cable.b", "rack.bus");
        return b;
    };
    const std::string why =
        message_of(Error::Kind::no_power_flow, [&] { (void)solve_steady(feeder(1.25 * most).build()); });
    CHECK(says(why, {"up to 80.0 %", "cable.b", "5"}));
    CHECK_NOTHROW((void)solve_steady(feeder(0.999 * most).build()));

    const Network net = feeder(0.5 * most).build();
    const Loadability margin = SteadySolver(net).loadability(net.initial);
    CHECK(margin.lost);
    CHECK(margin.factor == Approx(2.0).epsilon(1e-4));
    CHECK(margin.bus == "cable.b");
    CHECK(margin.voltage == Approx(0.5).epsilon(0.02));
    CHECK_FALSE(SteadySolver(net).loadability(net.initial, {}, 1.5).lost);
}

TEST_CASE("a converter that its input keeps off is named by the bus it leaves without voltage") {
    const auto chain = [](double V_in_min) {
        Builder b;
        put(b, "grid", "ac_utility", {{"V", 400.0}, {"S_sc", 1e7}});
        put(b, "psu", "ac_rectifier",
            {{"P_rated", 5e3}, {"V_out", 50.0}, {"droop", 0.5}, {"V_in", 1.2 * V_in_min}, {"V_in_min", V_in_min}});
        b.set_curve("psu", "loss", std::make_shared<const Curve>(Curve::parabola(0.004, 0.003, 0.03)));
        put(b, "rack", "dc_load", {{"P", 3e3}, {"V", 50.0}});
        b.connect("grid.bus", "psu.in");
        b.connect("psu.out", "rack.bus");
        return std::move(b).build();
    };
    const Network net = chain(180.0);
    CHECK(solve_steady(net).y[node(net, "rack", "bus")] == Approx(50.0).epsilon(0.02));
    CHECK(says(message_of(Error::Kind::no_power_flow, [&] { (void)solve_steady(chain(450.0)); }),
               {"psu.out", "although a source feeds it", "a converter before it is off"}));
}

TEST_CASE("the nose of an AC line is where the closed form puts it") {
    const double V = 400.0, X = 0.4;
    Builder b;
    put(b, "grid", "ac_utility", {{"V", V}, {"S_sc", 1e12}, {"X_over_R", 1000.0}});
    put(b, "line", "ac_line", {{"length", 1.0}, {"R", 1e-9}, {"X", X}});
    put(b, "load", "ac_load", {{"P", 50e3}, {"Q", 25e3}, {"V", V}});
    b.connect("grid.bus", "line.a");
    b.connect("line.b", "load.bus");
    const Network net = std::move(b).build();
    // Q = E^2/(4 X) - P^2 X/E^2 per phase at the nose; P and Q grow together
    const double E2 = V * V / 3.0, P = 50e3 / 3.0, Q = 25e3 / 3.0, a = P * P * X / E2;
    const double factor = (-Q + std::sqrt(Q * Q + a * E2 / X)) / (2.0 * a);
    const Loadability margin = SteadySolver(net).loadability(net.initial);
    CHECK(margin.lost);
    CHECK(margin.factor == Approx(factor).epsilon(1e-4));
}

TEST_CASE("a breaker that opens during a run leaves its island dead, and closing it again brings the load back") {
    const Network net = two_feeds(0.0, 0.0).build();
    struct Seen final : Observer {
        const Network& net;
        std::vector<std::pair<double, double>> load;
        explicit Seen(const Network& n) : net(n) {}
        void point(double t, const Point& at) override {
            load.emplace_back(t, std::hypot(at.y[node(net, "load", "bus")], at.y[node(net, "load", "bus", 1)]));
        }
        double next_wanted(double t) const override { return t + 1.0; }
        std::vector<std::string> said;
        void event(double, const std::string&, const std::string& text) override { said.push_back(text); }
    } seen(net);
    Schedule schedule;
    const std::size_t closed = param_of(net, "outlet", "closed");
    schedule.add(ScheduledEvent{3.0, {closed}, false, 0.0, 0.0, "opens"});
    schedule.add(ScheduledEvent{6.0, {closed}, false, 1.0, 0.0, "closes"});
    SimulationOptions options;
    options.duration = 10.0;
    (void)simulate_network(net, net.initial, std::move(schedule), solve_steady(net).y, options, seen);
    for (const auto& [t, v] : seen.load) {
        if (t < 3.0 || t > 6.0) CHECK(v > 220.0);
        if (t > 3.0 && t < 6.0) CHECK(v == 0.0);
    }
    CHECK(seen.said == std::vector<std::string>{"opens", "outlet, cable, load: dead, nothing feeds them", "closes",
                                                "outlet, cable, load: live again"});
}

TEST_CASE("a network from 34.5 kV to 0.8 V is solved to the scale of every bus") {
    Builder b;
    put(b, "grid", "ac_utility", {{"V", 34.5e3}, {"S_sc", 500e6}});
    put(b, "t1", "ac_transformer",
        {{"S_rated", 2.5e6},
         {"V_hv", 34.5e3},
         {"V_lv", 415.0},
         {"vk", 0.06},
         {"Pk", 19e3},
         {"P0", 2790.0},
         {"i0", 0.01}});
    put(b, "busway", "ac_cable", {{"length", 30.0}, {"R", 4e-5}, {"X", 2e-5}});
    put(b, "rack", "ac_load", {{"P", 900e3}, {"V", 400.0}});
    put(b, "vrm", "dc_source", {{"V", 0.8}, {"R", 2e-5}});
    put(b, "die", "dc_load", {{"P", 800.0}, {"V", 0.8}});
    b.connect("grid.bus", "t1.hv");
    b.connect("t1.lv", "busway.a");
    b.connect("busway.b", "rack.bus");
    b.connect("vrm.bus", "die.bus");
    const Network net = std::move(b).build();
    CHECK(net.nominal[node(net, "grid", "bus")] == Approx(34.5e3 / std::sqrt(3.0)));
    CHECK(net.nominal[node(net, "rack", "bus")] == Approx(415.0 / std::sqrt(3.0)));
    CHECK(net.nominal[node(net, "die", "bus")] == Approx(0.8));
    const SteadyState s = solve_steady(net);
    CHECK(s.newton_iterations <= 5);
    CHECK(s.y[node(net, "die", "bus")] == Approx(0.4 + std::sqrt(0.16 - 2e-5 * 800.0)).epsilon(1e-9));
    const std::vector<double> still(net.size(), 0.0);
    const Audit audit = steady_audit(net, Point{s.y.data(), still.data(), net.initial});
    CHECK(std::abs(audit.energy_in) < 1e-9 * audit.energy_size);
}

TEST_CASE("a solver used again looks at the graph anew when a switch moves or a tap steps, also from a ratio of 1") {
    Builder b;
    put(b, "grid", "ac_utility", {{"V", 400.0}, {"S_sc", 30e6}});
    put(b, "breaker", "ac_switch");
    put(b, "trafo", "ac_transformer",
        {{"S_rated", 1e6}, {"V_hv", 400.0}, {"V_lv", 400.0}, {"vk", 0.04}, {"Pk", 1e4}, {"tap_step", 0.05}});
    b.set_choice("trafo", "group", "Yyn0");
    put(b, "load", "ac_load", {{"P", 60e3}, {"V", 400.0}});
    b.connect("grid.bus", "breaker.a");
    b.connect("breaker.b", "trafo.hv");
    b.connect("trafo.lv", "load.bus");
    const Network net = std::move(b).build();
    const Component &breaker = component(net, "breaker"), &trafo = component(net, "trafo");
    const auto number = [&](Values& v, const Component& c, const char* name) -> double& {
        return v.params[net.param_position(c, c.info->param(name)->index)];
    };
    SteadySolver again(net);
    for (const auto& [closed, tap] :
         {std::pair{1.0, 0.0}, {0.0, 0.0}, {1.0, 0.0}, {1.0, -8.0}, {1.0, 8.0}, {1.0, 0.0}}) {
        Values values = net.initial;
        number(values, breaker, "closed") = closed;
        number(values, trafo, "tap") = tap;
        const SteadyState fresh = SteadySolver(net).solve(values), used = again.solve(values);
        CHECK(used.y == fresh.y);
        CHECK((magnitude(net, used.y, "load", "bus") > 0.0) == (closed == 1.0));
    }
}
