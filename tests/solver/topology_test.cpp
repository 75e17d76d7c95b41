// what the builder refuses, by name, and what it adds
#include <doctest/doctest.h>

#include <algorithm>

#include "solver/network/path_pattern.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;

namespace {

// the message of the error `act` throws must hold all of `parts`
template <class F>
void refuses(Error::Kind kind, std::initializer_list<const char*> parts, F&& act) {
    try {
        act();
        FAIL("nothing was refused");
    } catch (const Error& e) {
        INFO(std::string(e.what()));
        CHECK(e.kind == kind);
        for (const char* part : parts) CHECK(e.message.find(part) != std::string::npos);
    }
}
constexpr auto input = Error::Kind::input, topology = Error::Kind::topology;

const Medium& water() { return medium("water"); }

// supply -> pipe -> return
Builder line() {
    Builder b;
    pressure_supply(b, "in", water(), 300.0, 2e5);
    put(b, "pipe", "pipe", {{"length", 1.0}, {"diameter", 0.02}});
    put(b, "out", "return_line", {{"p", 1e5}});
    b.connect("in.port", "pipe.a");
    b.connect("pipe.b", "out.port");
    return b;
}

}  // namespace

TEST_CASE("a name used twice is refused with the line of its first use") {
    refuses(input, {"rack.pipe", "already used", "line 7"}, [] {
        Builder b;
        b.add("rack.pipe", model_info("pipe"), {"case.yaml", 7});
        b.add("rack.pipe", model_info("volume"), {"case.yaml", 9});
    });
    refuses(input, {"hose", "already used"}, [] {
        Builder b;
        b.add("hose", model_info("pipe"));
        b.add_chain("hose", model_info("pipe"), 3);
    });
}

TEST_CASE("an index of 0 is refused and says that elements count from 1") {
    for (const char* path : {"tray[0].pipe", "tray[0]", "tray[00].pipe"})
        refuses(input, {path, "counting starts at 1"}, [&] { check_path(path, {}); });
}

TEST_CASE("malformed component names are refused, well-formed ones pass") {
    for (const char* path : {"", "a b", "a..b", ".a", "a.", "a[1", "a]1[", "a[]", "a[x]", "[1]", "a[1]b", "a[01]",
                             "a/b", "a-b", "\xc3\xa4", "grid[1][2]", "a[1..2]", "a[*]", "a*"}) {
        INFO("'", std::string(path), "'");
        refuses(input, {"not a component name"}, [&] { check_path(path, {}); });
    }
    for (const char* path : {"a", "rack[1].tray[12].gpu[4].die", "m_1", "Pump", "bus33"}) {
        INFO("'", std::string(path), "'");
        CHECK_NOTHROW(check_path(path, {}));
    }
}

TEST_CASE("unknown models, parameters, ports and words are refused and the nearest is named") {
    refuses(input, {"'pip'", "pipe"}, [] { model_info("pip"); });
    refuses(input, {"pipe", "'lenght'", "length"}, [] { line().set_number("pipe", "lenght", 1.0); });
    refuses(input, {"pipe", "no port 'c'", "a, b, wall"}, [] { line().connect("pipe.c", "out.port"); });
    refuses(input, {"'pip.a'", "pipe"}, [] { line().connect("pip.a", "out.port"); });
    refuses(input, {"no component 'pip'", "pipe"}, [] { line().set_number("pip", "length", 1.0); });
    refuses(input, {"friction", "'colbrook'", "colebrook"}, [] { line().set_choice("pipe", "friction", "colbrook"); });
    refuses(input, {"length", "a number"}, [] { line().set_choice("pipe", "length", "long"); });
}

TEST_CASE("a number outside its range is refused with value, unit and range") {
    refuses(input, {"pipe", "diameter", "-0.02", " m ", "above 0"},
            [] { line().set_number("pipe", "diameter", -0.02); });
    refuses(input, {"pipe", "diameter", "nan"}, [] { line().set_number("pipe", "diameter", not_given); });
    refuses(input, {"in", "T", "1000", "at least 200", "at most 500"}, [] { line().set_number("in", "T", 1000.0); });
}

TEST_CASE("unlike ports do not connect") {
    refuses(input, {"pipe.a", "fluid", "pipe.wall", "heat"}, [] { line().connect("pipe.a", "pipe.wall"); });
}

TEST_CASE("a missing parameter is named with its meaning and unit") {
    refuses(input, {"pipe", "diameter", "inner", "in m"}, [] {
        Builder b;
        pressure_supply(b, "in", water(), 300.0, 2e5);
        put(b, "pipe", "pipe", {{"length", 1.0}});
        put(b, "out", "return_line", {{"p", 1e5}});
        b.connect("in.port", "pipe.a");
        b.connect("pipe.b", "out.port");
        std::move(b).build();
    });
}

TEST_CASE("a port connected to nothing is named, also when it is connected to itself") {
    for (bool itself : {false, true})
        refuses(topology, {"pipe.b", "connected to nothing"}, [&] {
            Builder b;
            pressure_supply(b, "in", water(), 300.0, 2e5);
            put(b, "pipe", "pipe", {{"length", 1.0}, {"diameter", 0.02}});
            b.connect("in.port", "pipe.a");
            if (itself) b.connect("pipe.b", "pipe.b");
            std::move(b).build();
        });
}

TEST_CASE("a heat port connected to nothing is insulated") {
    const Network net = line().build();
    const SteadyState s = solve_steady(net);
    CHECK(s.y[node(net, "pipe", "wall")] == doctest::Approx(s.y[unknown_of(net, "pipe", "T")]).epsilon(1e-12));
}

TEST_CASE("a circuit without a pressure reference, or with two vessels, is named with its ports") {
    const auto loop = [](int vessels, bool boundary) {
        Builder b;
        for (const char* name : {"p1", "p2"}) put(b, name, "pipe", {{"length", 1.0}, {"diameter", 0.02}});
        b.connect("p1.b", "p2.a");
        b.connect("p2.b", "p1.a");
        for (int k = 1; k <= vessels; ++k) {
            const std::string name = fmt::format("vessel{}", k);
            put(b, name, "expansion_vessel", {{"p", 2e5}});
            b.set_medium(name, "medium", water());
            b.connect(name + ".port", "p1.a");
        }
        if (boundary) {
            put(b, "drain", "return_line", {{"p", 1e5}});
            b.connect("drain.port", "p2.a");
        }
        return b;
    };
    refuses(topology, {"p1.a", "no pressure reference", "expansion_vessel"}, [&] { loop(0, false).build(); });
    refuses(topology, {"vessel1.port", "vessel2.port", "2 pressure references"}, [&] { loop(2, false).build(); });
    refuses(topology, {"vessel1.port", "drain.port"}, [&] { loop(1, true).build(); });
    const Network net = loop(1, false).build();
    REQUIRE(net.circuits.size() == 1);
    CHECK(net.circuits[0].closed);
    CHECK(net.circuits[0].medium == &water());
}

TEST_CASE("a circuit given two coolants is refused, one given none too") {
    refuses(topology, {"two coolants", "in.port", "in2.port"}, [] {
        Builder b = line();
        pressure_supply(b, "in2", medium("melinder_pg25"), 300.0, 2e5);
        b.connect("in2.port", "pipe.a");
        std::move(b).build();
    });
    refuses(topology, {"no coolant", "out1.port"}, [] {
        Builder b;
        put(b, "out1", "return_line", {{"p", 1e5}});
        put(b, "pipe", "pipe", {{"length", 1.0}, {"diameter", 0.02}});
        put(b, "out2", "return_line", {{"p", 2e5}});
        b.connect("out1.port", "pipe.a");
        b.connect("pipe.b", "out2.port");
        std::move(b).build();
    });
}

TEST_CASE("two circuits that meet in no component may hold different coolants") {
    Builder b = line();
    pressure_supply(b, "in2", medium("melinder_pg25"), 300.0, 2e5);
    put(b, "pipe2", "pipe", {{"length", 1.0}, {"diameter", 0.02}});
    put(b, "out2", "return_line", {{"p", 1e5}});
    b.connect("in2.port", "pipe2.a");
    b.connect("pipe2.b", "out2.port");
    b.connect("pipe.wall", "pipe2.wall");
    const Network net = std::move(b).build();
    REQUIRE(net.circuits.size() == 2);
    CHECK(net.circuits[0].medium != net.circuits[1].medium);
    CHECK_FALSE(net.circuits[0].closed);
}

TEST_CASE("a signal has exactly one writer") {
    const auto signals = [](int writers, bool reader) {
        Builder b;
        for (int k = 1; k <= writers; ++k) put(b, fmt::format("w{}", k), "constant", {{"value", 1.0}});
        if (reader) put(b, "lag", "actuator_rate", {{"rate", 1.0}});
        if (reader && writers > 0) b.connect("w1.signal", "lag.input");
        for (int k = 2; k <= writers; ++k) b.connect("w1.signal", fmt::format("w{}.signal", k));
        return b;
    };
    refuses(topology, {"w1.signal", "w2.signal", "several components", "exactly one"},
            [&] { signals(2, false).build(); });
    refuses(topology, {"lag.input", "no signal is connected"}, [&] { signals(0, true).build(); });
    CHECK_NOTHROW(signals(1, true).build());
}

TEST_CASE("an open signal with a default reads that default") {
    Builder b;
    put(b, "chip", "chip", {{"power", 100.0}, {"R_jc", 0.1}, {"C_die", 10.0}});
    heat_to_surroundings(b, "air", "chip.case", 10.0, 300.0);
    const Network net = std::move(b).build();
    CHECK(net.find("chip.throttle_constant") >= 0);
    const SteadyState s = solve_steady(net);
    CHECK(s.y[node(net, "chip", "throttle")] == doctest::Approx(1.0));
    // 300 K + 100 W (0.1 K/W + 1/(10 W/K))
    CHECK(s.y[unknown_of(net, "chip", "T_die")] == doctest::Approx(320.0).epsilon(1e-12));
}

TEST_CASE("a constant given for a signal stands at that port") {
    Builder b;
    put(b, "chip", "chip", {{"power", 100.0}, {"R_jc", 0.1}, {"C_die", 10.0}});
    b.set_signal("chip", "throttle", 0.25);
    heat_to_surroundings(b, "air", "chip.case", 10.0, 300.0);
    const Network net = std::move(b).build();
    const SteadyState s = solve_steady(net);
    CHECK(s.y[unknown_of(net, "chip", "T_die")] == doctest::Approx(305.0).epsilon(1e-12));
}

TEST_CASE("a chain joins its cells in order, ties connected walls and offers the outlet of every cell") {
    Builder b;
    pressure_supply(b, "in", water(), 300.0, 2e5);
    b.add_chain("hose", model_info("pipe"), 3);
    b.set_number("hose", "length", 3.0);
    b.set_number("hose", "diameter", 0.02);
    put(b, "out", "return_line", {{"p", 1e5}});
    put(b, "branch", "pipe", {{"length", 1.0}, {"diameter", 0.02}});
    put(b, "out2", "return_line", {{"p", 1e5}});
    b.connect("in.port", "hose.a");
    b.connect("hose.b", "out.port");
    b.connect("hose.way[2]", "branch.a");
    b.connect("branch.b", "out2.port");
    b.add_chain("insulated", model_info("pipe"), 3);
    b.set_number("insulated", "length", 3.0);
    b.set_number("insulated", "diameter", 0.02);
    b.connect("in.port", "insulated.a");
    b.connect("insulated.b", "out.port");
    put(b, "air", "ambient", {{"T", 290.0}});
    b.connect("hose.wall", "air.port");
    const Network net = std::move(b).build();
    CHECK(node(net, "hose.cell[1]", "a") == node(net, "in", "port"));
    CHECK(node(net, "hose.cell[1]", "b") == node(net, "hose.cell[2]", "a"));
    CHECK(node(net, "hose.cell[2]", "b") == node(net, "branch", "a"));
    CHECK(node(net, "hose.cell[3]", "b") == node(net, "out", "port"));
    CHECK(node(net, "hose.cell[1]", "wall") == node(net, "hose.cell[3]", "wall"));
    CHECK(node(net, "hose.cell[1]", "wall") == node(net, "air", "port"));
    // tied to one temperature, a wall without surroundings would carry heat from the warm end to the cold one
    CHECK(node(net, "insulated.cell[1]", "wall") != node(net, "insulated.cell[2]", "wall"));
    CHECK(node(net, "insulated.cell[2]", "wall") != node(net, "insulated.cell[3]", "wall"));
    for (int i = 1; i <= 3; ++i)
        CHECK(net.initial.params[param_of(net, fmt::format("hose.cell[{}]", i), "cells")] == 3.0);
    refuses(input, {"hose", "no port 'way[4]'"}, [] {
        Builder c;
        c.add_chain("hose", model_info("pipe"), 3);
        c.port("hose.way[4]");
    });
}

TEST_CASE("only chainable models are divided, into at least one cell") {
    refuses(input, {"C", "heat_capacity", "cannot be divided"},
            [] { Builder().add_chain("C", model_info("heat_capacity"), 3); });
    refuses(input, {"hose", "cells = 0", "1 to 10000"}, [] { Builder().add_chain("hose", model_info("pipe"), 0); });
}

TEST_CASE("an alias stands for its port and is refused twice") {
    Builder b = line();
    b.alias("rack.inlet", "pipe.a");
    CHECK(b.port("rack.inlet") == b.port("pipe.a"));
    refuses(input, {"rack.inlet", "already used"}, [&] { b.alias("rack.inlet", "pipe.b"); });
}

TEST_CASE("connections without a volume get a small one, counted in a note; those with one get none") {
    Builder b = line();
    b.settings.junction_volume = 3e-5;
    put(b, "tank", "volume", {{"volume", 1e-3}});
    b.connect("tank.port", "pipe.b");
    const Network net = std::move(b).build();
    CHECK(net.find("in.port_junction") >= 0);
    CHECK(std::count_if(net.components.begin(), net.components.end(),
                        [](const Component& c) { return c.info->type == "volume"; }) == 2);
    CHECK(net.initial.params[param_of(net, "in.port_junction", "volume")] == 3e-5);
    REQUIRE(net.notes.size() == 1);
    CHECK(net.notes[0].find("1 connections") == 0);
    CHECK(net.notes[0].find("30 mL") != std::string::npos);
    // so every fluid temperature is differential
    for (const Node& n : net.nodes)
        if (n.circuit >= 0) CHECK(net.differential[n.first + 1]);
}

TEST_CASE("a fixed temperature on a capacity is named by the index check") {
    refuses(topology, {"index 1", "room", "fixed temperature", "block.port"}, [] {
        Builder b;
        put(b, "block", "heat_capacity", {{"C", 10.0}});
        put(b, "room", "ambient", {{"T", 300.0}});
        b.connect("block.port", "room.port");
        std::move(b).build();
    });
}

TEST_CASE("an empty case is refused") {
    refuses(input, {"no components"}, [] { Builder().build(); });
}

TEST_CASE("unknowns and equations are called by component, node and quantity with their units") {
    const Network net = line().build();
    const int m = unknown_of(net, "pipe", "m_flow"), T = node(net, "pipe", "b", 1);
    CHECK(net.variable_name(m) == "pipe: m_flow");
    CHECK(net.variable_unit(m) == "kg/s");
    CHECK(net.equation_name(m) == "pipe: pressure drop");
    CHECK(net.equation_unit(m) == "Pa");
    CHECK(net.equation_name(T).find("sum of H_flow") != std::string::npos);
    CHECK(net.equation_unit(T) == "W");
    CHECK(net.variable_unit(T) == "K");
}
