#include "solver/assembly/islands.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "solver/case/case.hpp"
#include "solver/transient/simulation.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;

namespace {

// supply -> open -> return, and beside it supply -> before -> hose -> after -> return
Builder two_branches(double opening) {
    static const Medium water = constant_medium(1000.0, 4000.0);
    Builder b;
    pressure_supply(b, "in", water, 300.0, 2e5);
    put(b, "out", "return_line", {{"p", 1e5}});
    for (const char* name : {"open", "before", "after"})
        put(b, name, "valve", {{"Kv", 1e-5}, {"leak", 1e-4}, {"stroke_time", 5.0}});
    for (const char* name : {"before", "after"}) b.set_number(name, "opening", opening);
    put(b, "hose", "pipe", {{"length", 1.0}, {"diameter", 0.02}});
    b.connect("in.port", "open.a");
    b.connect("in.port", "before.a");
    b.connect("before.b", "hose.a");
    b.connect("hose.b", "after.a");
    b.connect("after.b", "out.port");
    b.connect("open.b", "out.port");
    return b;
}

std::vector<Island> islands_at_rest(const Network& net) {
    const SteadyState s = solve_steady(net);
    const std::vector<double> still(net.size(), 0.0);
    return find_islands(net, Point{s.y.data(), still.data(), net.initial});
}

struct Listener final : Observer {
    std::vector<std::pair<double, std::string>> events;
    void point(double, const Point&) override {}
    void event(double t, const std::string&, const std::string& text) override { events.emplace_back(t, text); }
    double next_wanted(double t) const override { return t + 10.0; }
    long count(std::string_view part) const {
        return std::count_if(events.begin(), events.end(),
                             [&](const auto& e) { return e.second.find(part) != std::string::npos; });
    }
};

constexpr const char* named = "hose: cut off from the pressure reference by before, after";

}  // namespace

TEST_CASE("two shut valves cut off what lies between them, by name") {
    const Network net = two_branches(0.0).build();
    const std::vector<Island> islands = islands_at_rest(net);
    REQUIRE(islands.size() == 1);
    CHECK(describe(net, islands[0]) == named);
}

TEST_CASE("open valves, or one shut valve alone, cut nothing off") {
    CHECK(islands_at_rest(two_branches(1.0).build()).empty());
    Builder one = two_branches(1.0);
    one.set_number("after", "opening", 0.0);
    CHECK(islands_at_rest(std::move(one).build()).empty());
}

TEST_CASE("in a run an island is named once, when the valves have shut, and again only after they were open") {
    const Network net = two_branches(1.0).build();
    Schedule schedule;
    const std::vector<std::size_t> openings = {param_of(net, "before", "opening"), param_of(net, "after", "opening")};
    for (const auto& [t, opening] : {std::pair{10.0, 0.0}, {60.0, 1.0}, {120.0, 0.0}})
        schedule.add(ScheduledEvent{t, openings, false, opening, 0.0, opening > 0.5 ? "open" : "shut"});
    SimulationOptions options;
    options.duration = 200.0;
    Listener seen;
    simulate_network(net, net.initial, schedule, solve_steady(net).y, options, seen);
    REQUIRE(seen.count(named) == 2);
    std::vector<double> times;
    for (const auto& [t, text] : seen.events)
        if (text == named) times.push_back(t);
    CHECK(times[0] > 14.0);  // a stroke takes 5 s
    CHECK(times[0] < 30.0);
    CHECK(times[1] > 124.0);
    CHECK(times[1] < 140.0);
}

TEST_CASE("a check valve pressed shut separates, one that carries flow or stands at rest does not") {
    static const Medium water = constant_medium(1000.0, 4000.0);
    const auto shut = [&](double p_in) {
        Builder b;
        pressure_supply(b, "in", water, 300.0, p_in);
        put(b, "out", "return_line", {{"p", 1e5}});
        put(b, "check", "check_valve", {{"Kv", 1e-5}, {"leak", 1e-5}, {"p_crack", 2000.0}});
        b.connect("in.port", "check.a");
        b.connect("check.b", "out.port");
        const Network net = std::move(b).build();
        const SteadyState s = solve_steady(net);
        const std::vector<double> still(net.size(), 0.0);
        return shut_components(net, Point{s.y.data(), still.data(), net.initial}).size();
    };
    CHECK(shut(0.5e5) == 1);
    CHECK(shut(1e5) == 0);
    CHECK(shut(2e5) == 0);
}

TEST_CASE("a steady state warns of what shut valves cut off") {
    const auto warnings = [](const char* opening) {
        const Case the_case(read_case(fmt::format(R"(kelvolt: 1
title: a branch between two valves
components:
  in: {{model: supply, medium: water, mode: pressure, p: 2 bar(a), T: 20 degC}}
  out: {{model: return_line, p: 1 bar(a)}}
  open: {{model: valve, Kv: 1 Kv, leak: 0.0001}}
  before: {{model: valve, Kv: 1 Kv, leak: 0.0001, opening: {0}}}
  after: {{model: valve, Kv: 1 Kv, leak: 0.0001, opening: {0}}}
  hose: {{model: pipe, length: 1 m, diameter: 20 mm}}
connections:
  - in.port -> open.a
  - open.b -> out.port
  - in.port -> before.a
  - before.b -> hose.a
  - hose.b -> after.a
  - after.b -> out.port
)",
                                                  opening),
                                      "branch.yaml", "."));
        return the_case.steady().warnings;
    };
    const std::vector<std::string> shut = warnings("0");
    CHECK(std::count(shut.begin(), shut.end(), named) == 1);
    const std::vector<std::string> open = warnings("1");
    CHECK(std::count(open.begin(), open.end(), named) == 0);
}
