// switches, samples and their times
#include "solver/transient/simulation.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;

namespace {

/// Every point and event shown, with one unknown and one discrete variable.
class Watch final : public Observer {
   public:
    Watch(const Network& net, int unknown, const std::string& path = {}) : unknown_(unknown) {
        if (path.empty()) return;
        const Component& c = component(net, path);
        discrete_ = static_cast<int>(net.block_of(c).discrete_offset) + c.instance;
    }
    struct Row {
        double t, value, discrete;
    };
    void point(double t, const Point& at) override {
        rows.push_back({t, at.y[unknown_], discrete_ < 0 ? 0.0 : at.values.discretes[discrete_]});
    }
    void event(double t, const std::string& component, const std::string& text) override {
        events.push_back({t, component, text});
    }
    double next_wanted(double t) const override { return (std::floor(t / 0.5 + 1e-9) + 1.0) * 0.5; }

    struct Event {
        double t;
        std::string component, text;
    };
    std::vector<Row> rows;
    std::vector<Event> events;

   private:
    int unknown_, discrete_ = -1;
};

SimulationResult run(const Network& net, Schedule schedule, double T, double duration, Observer& observer,
                     double tolerance = 1e-6) {
    std::vector<double> y = net.start;
    for (int u = 0; u < net.size(); ++u)
        if (net.temperature[u]) y[u] = T;
    SimulationOptions options;
    options.duration = duration;
    options.tolerance = tolerance;
    return simulate_network(net, net.initial, std::move(schedule), std::move(y), options, observer);
}

// a chip of 100 J/K with 5 W/K to 300 K whose power is switched by its own temperature: a thermostat; time constant 20
// s
Network thermostat(double on_above, double off_below) {
    Builder b;
    put(b, "chip", "chip", {{"power", 100.0}, {"R_jc", 1e-9}, {"C_die", 100.0}});
    heat_to_surroundings(b, "air", "chip.case", 5.0, 300.0);
    put(b, "switch", "hysteresis",
        {{"on_above", on_above}, {"off_below", off_below}, {"value_on", 0.0}, {"value_off", 1.0}});
    b.connect("chip.temperature", "switch.input");
    b.connect("switch.output", "chip.throttle");
    return std::move(b).build();
}

// the same chip throttled by firmware
Network firmware(double period, double T_limit, double step_down) {
    Builder b;
    put(b, "chip", "chip", {{"power", 100.0}, {"R_jc", 1e-9}, {"C_die", 100.0}});
    heat_to_surroundings(b, "air", "chip.case", 5.0, 300.0);
    put(b, "firmware", "throttle",
        {{"sample_period", period},
         {"T_limit", T_limit},
         {"step_down", step_down},
         {"step_up", 0.0},
         {"factor_min", 0.25}});
    b.connect("chip.temperature", "firmware.temperature");
    b.connect("firmware.throttle", "chip.throttle");
    return std::move(b).build();
}

constexpr double tau = 20.0;

}  // namespace

TEST_CASE("a thermostat switches at the times of its closed form") {
    // heating towards 320 K from 300 K: 310 K after 20 ln 2; cooling towards 300 K to 305 K after 20 ln 2; heating 305
    // to 310 K: 20 ln 1.5
    const Network net = thermostat(310.0, 305.0);
    Watch watch(net, unknown_of(net, "chip", "T_die"), "switch");
    const SimulationResult r = run(net, {}, 300.0, 60.0, watch);
    double expected = tau * std::log(2.0);
    REQUIRE(watch.events.size() >= 4);
    for (std::size_t k = 0; k < watch.events.size(); ++k) {
        INFO("switching ", k);
        CHECK(watch.events[k].t == doctest::Approx(expected).epsilon(1e-4));
        CHECK(watch.events[k].component == "switch");
        CHECK(watch.events[k].text == (k % 2 ? "on = 0" : "on = 1"));
        expected += tau * std::log(k % 2 ? 1.5 : 2.0);
    }
    CHECK(r.events == static_cast<long>(watch.events.size()));
    for (const auto& row : watch.rows) CHECK(row.value < 310.01);
    CHECK(r.audit.energy_relative() < 1e-4);
}

TEST_CASE("a switch whose input starts beyond its threshold switches at the start") {
    const Network net = thermostat(310.0, 305.0);
    Watch watch(net, unknown_of(net, "chip", "T_die"), "switch");
    run(net, {}, 315.0, 40.0, watch);
    REQUIRE(watch.events.size() >= 2);
    CHECK(watch.events[0].t == 0.0);
    CHECK(watch.events[1].t == doctest::Approx(tau * std::log(3.0)).epsilon(1e-4));  // 315 K to 305 K towards 300 K
}

TEST_CASE("a jump that carries an input over a threshold trips the switch at that time") {
    // the input is a constant that an event sets: no step of the integrator ever sees it pass the threshold
    Builder b;
    put(b, "chip", "chip", {{"power", 100.0}, {"R_jc", 1e-9}, {"C_die", 100.0}});
    heat_to_surroundings(b, "air", "chip.case", 5.0, 300.0);
    put(b, "level", "constant", {{"value", 0.0}});
    put(b, "switch", "hysteresis", {{"on_above", 1.0}, {"off_below", 0.5}, {"value_on", 0.0}, {"value_off", 1.0}});
    b.connect("level.signal", "switch.input");
    b.connect("switch.output", "chip.throttle");
    const Network net = std::move(b).build();
    Schedule s;
    const std::vector<std::size_t> level{param_of(net, "level", "value")};
    s.add(ScheduledEvent{10.0, level, false, 2.0, 0.0, "up"});
    s.add(ScheduledEvent{30.0, level, false, 0.0, 0.0, "down"});
    Watch watch(net, unknown_of(net, "chip", "T_die"), "switch");
    run(net, std::move(s), 300.0, 40.0, watch);
    REQUIRE(watch.events.size() == 4);
    CHECK(watch.events[1].t == 10.0);
    CHECK(watch.events[1].text == "on = 1");
    CHECK(watch.events[3].t == 30.0);
    CHECK(watch.events[3].text == "on = 0");
    // 10 s of heat, 20 s without, 10 s with: the closed form
    const double at10 = 20.0 * (1.0 - std::exp(-0.5)), at30 = at10 * std::exp(-1.0);
    const double at40 = 20.0 + (at30 - 20.0) * std::exp(-0.5);
    CHECK(std::abs(watch.rows.back().value - 300.0 - at40) < 2e-3);
}

TEST_CASE("firmware decides at its samples only, and a point before a sample shows the decision that held then") {
    // 312 K is passed at 20 ln 2.5 = 18.33 s; with a sample every 4 s the first decision falls at 20 s
    const Network net = firmware(4.0, 312.0, 0.1);
    Watch watch(net, unknown_of(net, "chip", "T_die"), "firmware");
    run(net, {}, 300.0, 60.0, watch);
    REQUIRE(watch.events.size() >= 2);
    CHECK(watch.events[0].t == doctest::Approx(20.0).epsilon(1e-12));
    CHECK(watch.events[0].text == "factor = 0.9");
    for (const auto& e : watch.events) CHECK(std::abs(e.t / 4.0 - std::round(e.t / 4.0)) < 1e-12);
    bool left = false, right = false;
    for (const auto& row : watch.rows) {
        if (row.t < 20.0) CHECK(row.discrete == 1.0);
        if (row.t == 20.0) (row.discrete == 1.0 ? left : right) = true;
        if (row.t < 20.0 || (row.t == 20.0 && row.discrete == 1.0))
            CHECK(std::abs(row.value - 300.0 - 20.0 * (1.0 - std::exp(-row.t / tau))) < 1e-3);
    }
    CHECK(left);
    CHECK(right);
    // 312 K is held by 60 W: it settles below after falling in steps of 10 W
    CHECK(watch.rows.back().value < 316.0);
}

TEST_CASE("a sample that falls a rounding before a break of the profile loses neither") {
    // 3 samples of 0.3 s end at 0.8999999999999999, the profile breaks at 0.9; every sample changes the factor
    const Network net = firmware(0.3, 250.0, 0.125);
    Schedule s;
    s.add({param_of(net, "chip", "power")},
          Profile::piecewise({{0.0, 100.0}, {0.9, 0.0}, {2.1, 100.0}}, Profile::Between::step), 1.0);
    Watch watch(net, unknown_of(net, "chip", "T_die"), "firmware");
    const SimulationResult r = run(net, std::move(s), 300.0, 3.0, watch);
    REQUIRE(watch.events.size() == 6);  // in steps of 1/8 from 1 to the lowest factor, 1/4
    for (std::size_t k = 0; k < watch.events.size(); ++k)
        CHECK(watch.events[k].t == doctest::Approx(0.3 * double(k + 1)).epsilon(1e-12));
    // electric energy: 100 W 0.3 s (1 + 7/8 + 6/8) before the break and 25 W 0.9 s behind 2.1 s; what leaves counts
    // against it in `in` only
    CHECK(0.5 * (r.audit.energy_size + r.audit.energy_in) == doctest::Approx(78.75 + 22.5).epsilon(1e-6));
    CHECK(r.audit.energy_relative() < 1e-4);
}

TEST_CASE("a steady start without events stays steady and costs few steps") {
    const Network net = heat_ladder(5, 50.0, 4.0, 30.0, 290.0).build();
    const SteadyState s = solve_steady(net);
    Watch watch(net, node(net, "C1", "port"));
    SimulationOptions options;
    options.duration = 3600.0;
    const SimulationResult r = simulate_network(net, net.initial, {}, s.y, options, watch);
    for (const auto& row : watch.rows) CHECK(std::abs(row.value - s.y[node(net, "C1", "port")]) < 1e-6);
    CHECK(r.steps < 20);
    CHECK(r.restarts == 1);
    CHECK(r.time == 3600.0);
}

TEST_CASE("the audit of a coolant loop closes over a power step, pump work and friction included") {
    Builder b;
    pressure_supply(b, "in", medium("water"), 300.0, 4e5);
    b.add_chain("pipe", model_info("pipe"), 3);
    b.set_number("pipe", "length", 10.0), b.set_number("pipe", "diameter", 0.015);
    put(b, "out", "return_line", {{"p", 1e5}});
    put(b, "block", "heat_capacity", {{"C", 500.0}});
    put(b, "source", "heat_source", {{"power", 0.0}});
    b.connect("in.port", "pipe.a"), b.connect("pipe.b", "out.port"), b.connect("pipe.wall", "block.port");
    b.connect("source.port", "block.port");
    const Network net = std::move(b).build();
    Schedule s;
    s.add({param_of(net, "source", "power")}, Profile::step(20.0, 0.0, 3000.0), 1.0);
    Watch watch(net, node(net, "block", "port"));
    const SteadyState steady = solve_steady(net);
    SimulationOptions options;
    options.duration = 120.0;
    const SimulationResult r = simulate_network(net, net.initial, std::move(s), steady.y, options, watch);
    CHECK(r.audit.energy_relative() < 1e-4);
    CHECK(r.audit.mass_relative < 1e-9);
    CHECK(r.audit.energy_stored > 1e3);  // the block and the water are warmer at the end
    const std::vector<double> zero(net.size(), 0.0);
    CHECK(steady_audit(net, Point{steady.y.data(), zero.data(), net.initial}).energy_relative() < 1e-6);
}
