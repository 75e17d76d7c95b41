// lumps, resistances, sources and surroundings against their closed forms.
#include <doctest/doctest.h>

#include "solver/assembly/builder.hpp"
#include "solver/steady/steady.hpp"
#include "tests/models/one_component.hpp"

using namespace kelvolt;
using doctest::Approx;
using test::OneComponent;

TEST_CASE("a lump takes its capacity times its rate of heating, and says what it holds") {
    OneComponent lump(model_info("heat_capacity"));
    lump.number("C") = 385.0;
    lump.at("port.T") = 313.15;
    lump.der("port.T") = 0.2;
    CHECK(lump.equation("port.T") == Approx(77.0));
    CHECK(lump.tally().stored == Approx(385.0 * 40.0));
}

TEST_CASE("a conductance and the resistance that is its inverse pass the same heat") {
    OneComponent G(model_info("conductance")), R(model_info("thermal_resistance"));
    G.number("G") = 40.0;
    R.number("R") = 0.025;
    for (auto* c : {&G, &R}) {
        c->at("a.T") = 350.0;
        c->at("b.T") = 325.0;
        CHECK(c->equation("a.T") == Approx(1000.0));
        CHECK(c->equation("b.T") == Approx(-1000.0));
        CHECK(c->output("Q_flow") == Approx(1000.0));
    }
}

TEST_CASE("a heat source and the air-cooled remainder give their power whatever the temperature") {
    OneComponent source(model_info("heat_source")), air(model_info("heat_to_air"));
    source.number("power") = 750.0;
    air.number("power") = 17000.0;
    air.number("activity") = 0.5;
    for (const double T : {250.0, 400.0}) {
        source.at("port.T") = air.at("air.T") = T;
        CHECK(source.equation("port.T") == Approx(-750.0));
        CHECK(air.equation("air.T") == Approx(-8500.0));
        CHECK(source.tally().power_in == Approx(750.0));
        CHECK(air.output("Q_to_air") == Approx(8500.0));
    }
}

TEST_CASE("surroundings keep their temperature and take the heat that keeps it") {
    OneComponent room(model_info("ambient"));
    room.number("T") = 298.15;
    room.at("port.T") = 300.15;
    room.at("Q_flow") = 120.0;
    CHECK(room.equation("Q_flow") == Approx(2.0));
    CHECK(room.equation("port.T") == Approx(120.0));
    CHECK(room.tally().power_in == Approx(-120.0));
}

TEST_CASE("a source behind a lump and two resistances stands P (R1 + R2) above the room") {
    Builder b;
    b.add("source", model_info("heat_source"));
    b.set_number("source", "power", 800.0);
    b.add("lid", model_info("heat_capacity"));
    b.set_number("lid", "C", 200.0);
    b.add("paste", model_info("thermal_resistance"));
    b.set_number("paste", "R", 0.01);
    b.add("sink", model_info("conductance"));
    b.set_number("sink", "G", 50.0);
    b.add("room", model_info("ambient"));
    b.set_number("room", "T", 295.0);
    b.connect("source.port", "lid.port");
    b.connect("lid.port", "paste.a");
    b.connect("paste.b", "sink.a");
    b.connect("sink.b", "room.port");
    const Network net = std::move(b).build();
    const SteadyState s = solve_steady(net);
    const auto T = [&](const char* path) {
        const Component& c = net.component(net.find(path));
        return s.y[net.global(c, 0)];
    };
    CHECK(T("lid") == Approx(295.0 + 800.0 * (0.01 + 1.0 / 50.0)).epsilon(1e-9));
    CHECK(T("sink") == Approx(295.0 + 800.0 / 50.0).epsilon(1e-9));
}

TEST_CASE("a room's air has the dew point that tables give, and none where no humidity is given") {
    OneComponent room(model_info("ambient"));
    room.number("T") = 298.15;
    CHECK(std::isnan(room.output("T_dew")));
    for (const auto& [t, RH, dew] :
         {std::tuple{25.0, 0.5, 13.87}, {20.0, 0.5, 9.27}, {35.0, 0.4, 19.43}, {25.0, 1.0, 25.0}}) {
        room.number("T") = t + 273.15, room.number("RH") = RH;  // psychrometric tables, as by ASHRAE Fundamentals
        CHECK(room.output("T_dew") - 273.15 == doctest::Approx(dew).epsilon(0.05 / dew));
        CHECK(room.problem().empty());
    }
    room.number("T_dew") = 285.0;
    CHECK(room.problem().find("give one") != std::string::npos);
    room.number("RH") = std::nan("");
    CHECK(room.problem().empty());
    CHECK(room.output("T_dew") == 285.0);
    room.number("T_dew") = 300.0;
    CHECK(room.problem().find("above T") != std::string::npos);
}
