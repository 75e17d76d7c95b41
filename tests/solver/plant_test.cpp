// The view of a solved point, on small networks whose answers are worked out by hand.
#include "solver/plant/plant.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "solver/curve/curve.hpp"
#include "solver/plant/branches.hpp"
#include "solver/plant/receivers.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;
using doctest::Approx;

namespace {

constexpr double rho = 1000.0, cp = 4000.0;
const Medium liquid = constant_medium(rho, cp);
const auto pump_dp = std::make_shared<const Curve>(Curve::table({0.0, 1e-3, 2e-3, 3e-3}, {2.0e5, 1.9e5, 1.5e5, 0.7e5}));

/// A network at its steady state.
struct Solved {
    Network net;
    SteadyState state;
    std::vector<double> zero;
    Plant plant;

    explicit Solved(Builder b)
        : net(std::move(b).build()),
          state(solve_steady(net)),
          zero(net.size(), 0.0),
          plant(net, Point{state.y.data(), zero.data(), net.initial}) {}
    Solved(const Solved&) = delete;

    std::vector<int> group(std::initializer_list<const char*> paths) const {
        std::vector<int> found;
        for (const char* path : paths) found.push_back(net.find(path));
        return found;
    }
};

void tray(Builder& b, const std::string& path, double heat, double V_nominal = 1e-4) {
    put(b, path, "tray",
        {{"dp_nominal", 1e4},
         {"V_flow_nominal", V_nominal},
         {"exponent", 2.0},
         {"volume", 1e-3},
         {"C", 5e3},
         {"G", 5e2},
         {"heat", heat}});
    b.set_choice(path, "by", "nominal");
}

/// One stream of 0.3 kg/s at 300 K that two trays side by side share as 1 to 2, with a heat of 10 kW each.
Builder two_trays() {
    Builder b;
    flow_supply(b, "source", liquid, 300.0, 3e-4);
    put(b, "sink", "return_line", {{"p", 2e5}});
    tray(b, "tray[1]", 1e4, 1e-4);
    tray(b, "tray[2]", 1e4, 2e-4);
    for (const char* path : {"tray[1]", "tray[2]"}) {
        b.connect("source.port", std::string(path) + ".a");
        b.connect(std::string(path) + ".b", "sink.port");
    }
    return b;
}

/// Pump, tray and vessel on the secondary of an exchanger that facility water of the same properties cools.
Builder cooled_loop(double heat) {
    Builder b;
    tray(b, "tray", heat, 2e-3);
    put(b, "hx", "plate_exchanger",
        {{"UA", 3e4},
         {"V_flow_primary", 2e-3},
         {"V_flow_secondary", 2e-3},
         {"dp_primary", 5e4},
         {"dp_secondary", 2e4},
         {"volume_primary", 2e-3},
         {"volume_secondary", 3e-3},
         {"C_wall", 8e3}});
    b.set_choice("hx", "by", "UA");
    put(b, "facility", "facility", {{"T_supply", 300.0}, {"p_return", 3e5}, {"dp", 5e4}});
    b.set_medium("facility", "medium", liquid);
    put(b, "pump", "pump", {{"efficiency", 0.6}, {"to_coolant", 0.5}, {"C_motor", 700.0}});
    b.set_curve("pump", "dp", pump_dp);
    put(b, "vessel", "expansion_vessel", {{"p", 2e5}});
    b.set_medium("vessel", "medium", liquid);
    put(b, "body", "heat_capacity", {{"C", 1234.0}});
    put(b, "strap", "conductance", {{"G", 10.0}});
    b.connect("facility.supply", "hx.primary_a");
    b.connect("hx.primary_b", "facility.return");
    b.connect("hx.secondary_b", "pump.a");
    b.connect("pump.b", "tray.a");
    b.connect("tray.b", "hx.secondary_a");
    b.connect("vessel.port", "pump.a");
    b.connect("pump.motor", "strap.a");
    b.connect("strap.b", "body.port");
    return b;
}

double shares_of(const std::vector<std::pair<int, double>>& heat, int receiver) {
    for (const auto& [to, watts] : heat)
        if (to == receiver) return watts;
    return 0.0;
}

}  // namespace

TEST_CASE("coolant through each of two trays, and through both, by the balance of its enthalpy") {
    const Solved s(two_trays());
    const std::vector<Crossing> one = s.plant.crossings(s.group({"tray[1]"})),
                                two = s.plant.crossings(s.group({"tray[2]"}));
    REQUIRE(one.size() == 1);
    REQUIRE(two.size() == 1);
    CHECK(one[0].m_flow == Approx(0.1).epsilon(1e-6));
    CHECK(two[0].m_flow == Approx(0.2).epsilon(1e-6));
    // both pour into one connection: its temperature is the mixture's, not that of either outlet
    CHECK(one[0].T_out - 300.0 == Approx(1e4 / (0.1 * cp)).epsilon(1e-3));
    CHECK(two[0].T_out - 300.0 == Approx(1e4 / (0.2 * cp)).epsilon(1e-3));
    CHECK(one[0].p_in - one[0].p_out == Approx(1e4).epsilon(1e-6));
    CHECK(one[0].heat == Approx(1e4).epsilon(1e-9));
    const std::vector<Crossing> both = s.plant.crossings(s.group({"tray[1]", "tray[2]"}));
    REQUIRE(both.size() == 1);
    CHECK(both[0].m_flow == Approx(0.3).epsilon(1e-9));
    CHECK(both[0].T_out - 300.0 == Approx(2e4 / (0.3 * cp)).epsilon(1e-3));
    CHECK(both[0].heat == Approx(2e4).epsilon(1e-9));
    CHECK(s.plant.crossings({}).empty());
    CHECK(s.plant.net_flows(s.group({"tray[1]", "tray[2]"}), 0).size() == 2);
}

TEST_CASE("an open circuit: flow, range of states, heat over its boundary") {
    const Solved s(two_trays());
    const std::vector<CircuitState> circuits = s.plant.circuits();
    REQUIRE(circuits.size() == 1);
    const CircuitState& c = circuits[0];
    CHECK(!c.closed);
    CHECK(c.medium == "constant");
    CHECK((c.name == "source" || c.name == "sink"));
    CHECK(c.m_flow == Approx(0.3).epsilon(1e-9));
    CHECK(c.V_flow == Approx(3e-4).epsilon(1e-9));
    CHECK(c.dp == Approx(1e4).epsilon(1e-6));
    CHECK(c.T_low == Approx(300.0).epsilon(1e-9));
    CHECK(c.T_high - 300.0 == Approx(1e4 / (0.1 * cp)).epsilon(1e-3));  // the hotter outlet, not the mixture
    CHECK(std::isnan(c.approach));
    CHECK(s.plant.main_circuit() == 0);
    const HeatBalance b = s.plant.balance();
    CHECK(b.to_liquid == Approx(2e4).epsilon(1e-9));
    CHECK(b.boundary == Approx(2e4).epsilon(1e-6));
    CHECK(b.sources == Approx(2e4).epsilon(1e-9));
    CHECK(b.to_air == 0.0);
}

TEST_CASE("branches are the elements side by side, the one with the least flow first where no limit is given") {
    const Solved s(two_trays());
    const std::vector<Branch> found = find_branches(s.plant, {});
    REQUIRE(found.size() == 2);
    CHECK(found[0].path == "tray[1]");
    CHECK(found[1].path == "tray[2]");
    CHECK(found[0].V_flow == Approx(1e-4).epsilon(1e-6));
    CHECK(found[0].verdict == "not assessed");
    CHECK(std::isnan(found[0].T_die));
    // a verdict on a value of the second one puts it first
    Verdict v;
    v.id = "flow", v.quantity = "flow", v.unit = "m3/s", v.basis = "test";
    v.value = 1.0, v.limit = 2.0, v.at_most = false;
    v.element = "tray[2].V_flow";
    const std::vector<Branch> judged = find_branches(s.plant, {v}, "tray");
    CHECK(judged[0].path == "tray[2]");
    CHECK(judged[0].verdict == "broken");
    CHECK(judged[0].margin == -1.0);
    CHECK(judged[0].limit == "flow");
    try {
        find_branches(s.plant, {}, "rack");
        FAIL("no array of that name");
    } catch (const Error& e) {
        CHECK(e.message == "'rack' is no array of parallel branches; there is tray");
    }
}

TEST_CASE("elements one after the other are no branches") {
    Builder b;
    flow_supply(b, "source", liquid, 300.0, 3e-4);
    put(b, "sink", "return_line", {{"p", 2e5}});
    tray(b, "tray[1]", 1e4);
    tray(b, "tray[2]", 1e4);
    b.connect("source.port", "tray[1].a");
    b.connect("tray[1].b", "tray[2].a");
    b.connect("tray[2].b", "sink.port");
    const Solved s(std::move(b));
    CHECK(find_branches(s.plant, {}).empty());
    CHECK_THROWS_AS(find_branches(s.plant, {}, "tray"), Error);
}

TEST_CASE("heat capacity and volume of two circuits and the exchanger between them") {
    const double heat = 2e4;
    const Solved s(cooled_loop(heat));
    const std::vector<CircuitState> circuits = s.plant.circuits();
    REQUIRE(circuits.size() == 2);
    const int inner = s.plant.circuit_of(s.net.find("tray"));
    const CircuitState &loop = circuits[inner], &facility = circuits[1 - inner];
    CHECK(loop.closed);
    CHECK(loop.name == "vessel");
    CHECK(!facility.closed);
    double junctions = 0.0;  // m3, which the builder added
    for (int c = 0; c < s.plant.size(); ++c)
        if (s.net.components[c].path.ends_with("_junction") && s.plant.circuit_of(c) == inner)
            junctions += s.plant.output(c, "volume");
    CHECK(loop.volume == Approx(1e-3 + 3e-3 + junctions).epsilon(1e-9));
    // coolant, the tray's metal, the motor and the body strapped to it; the plates between the circuits belong to none
    CHECK(loop.capacity == Approx(rho * loop.volume * cp + 5e3 + 700.0 + 1234.0).epsilon(1e-7));
    CHECK(facility.capacity == Approx(rho * facility.volume * cp).epsilon(1e-7));
    const std::vector<ExchangerState> exchangers = s.plant.exchangers();
    REQUIRE(exchangers.size() == 1);
    CHECK(exchangers[0].path == "hx");
    CHECK(exchangers[0].hot == inner);
    CHECK(loop.approach == exchangers[0].approach);
    CHECK(std::isnan(facility.approach));
    const int hx = s.net.find("hx");
    CHECK(loop.approach == Approx(s.plant.output(hx, "approach")).epsilon(1e-3));
    CHECK(s.plant.main_circuit() == inner);
}

TEST_CASE("a pump's power is in its coolant and in the room, and all heat leaves with the facility's water") {
    const Solved s(cooled_loop(2e4));
    const std::vector<PumpState> pumps = s.plant.pumps();
    REQUIRE(pumps.size() == 1);
    CHECK(pumps[0].path == "pump");
    CHECK(pumps[0].service == "running");
    CHECK(pumps[0].on());
    CHECK(pumps[0].state() == "on");
    CHECK(pumps[0].speed == Approx(1.0));
    const HeatBalance b = s.plant.balance();
    CHECK(b.pumps == pumps[0].P_el);
    CHECK(b.to_liquid == Approx(2e4).epsilon(1e-9));
    CHECK(b.from_pumps + b.to_air == Approx(b.pumps).epsilon(1e-9));
    CHECK(b.boundary == Approx(b.into_coolant()).epsilon(1e-6));
    CHECK(s.plant.is_reference(s.net.find("vessel")));
    CHECK(!s.plant.is_reference(s.net.find("tray")));
}

TEST_CASE("passages: a chain of cells is one element, pumps are left out") {
    Builder b;
    flow_supply(b, "source", liquid, 300.0, 1e-3);
    put(b, "sink", "return_line", {{"p", 2e5}});
    b.add_chain("hose", model_info("pipe"), 4);
    b.set_number("hose", "length", 2.0);
    b.set_number("hose", "diameter", 0.025);
    tray(b, "tray", 0.0, 1e-3);
    b.connect("source.port", "hose.a");
    b.connect("hose.b", "tray.a");
    b.connect("tray.b", "sink.port");
    const Solved s(std::move(b));
    const std::vector<Passage> found = s.plant.passages();
    REQUIRE(found.size() == 2);
    CHECK(found[0].dp >= found[1].dp);
    const Passage& hose = found[found[0].path == "hose" ? 0 : 1];
    CHECK(hose.path == "hose");
    CHECK(hose.V_flow == Approx(1e-3).epsilon(1e-9));
    CHECK(hose.velocity == Approx(1e-3 / (0.25 * M_PI * 0.025 * 0.025)).epsilon(1e-9));
    CHECK(std::isnan(found[found[0].path == "hose" ? 1 : 0].velocity));
}

TEST_CASE("heat at one connection is divided among what receives it as it flows") {
    Builder b;
    put(b, "chip", "heat_source", {{"power", 400.0}});
    put(b, "near", "conductance", {{"G", 3.0}});
    put(b, "far", "conductance", {{"G", 2.0}});
    put(b, "farther", "conductance", {{"G", 2.0}});
    put(b, "cold", "ambient", {{"T", 300.0}});
    put(b, "colder", "ambient", {{"T", 300.0}});
    put(b, "metal", "heat_capacity", {{"C", 100.0}});
    b.connect("chip.port", "near.a");
    b.connect("chip.port", "far.a");
    b.connect("chip.port", "metal.port");
    b.connect("near.b", "cold.port");
    b.connect("far.b", "farther.a");
    b.connect("farther.b", "colder.port");
    const Solved s(std::move(b));
    const HeatReceivers receivers(s.plant);
    const auto heat = receivers.of(s.net.find("chip"));
    // 3 W/K one way and 2 in series with 2 the other, both to 300 K
    CHECK(heat.size() == 2);
    CHECK(shares_of(heat, s.net.find("cold")) == Approx(300.0).epsilon(1e-6));
    CHECK(shares_of(heat, s.net.find("colder")) == Approx(100.0).epsilon(1e-6));
    CHECK(receivers.name(s.net.find("cold")) == "cold");
    CHECK(receivers.name(HeatReceivers::coolant) == "coolant");
}

TEST_CASE("warm surroundings receive nothing: all heat, theirs too, is in the coolant") {
    Builder b;
    flow_supply(b, "source", liquid, 300.0, 1e-4);
    put(b, "sink", "return_line", {{"p", 2e5}});
    put(b, "line", "pipe", {{"length", 1.0}, {"diameter", 0.01}, {"U", 1000.0}});
    b.set_choice("line", "heat", "overall");
    b.connect("source.port", "line.a");
    b.connect("line.b", "sink.port");
    put(b, "chip", "heat_source", {{"power", 100.0}});
    b.connect("chip.port", "line.wall");
    heat_to_surroundings(b, "room", "chip.port", 1.0, 400.0);
    const Solved s(std::move(b));
    const HeatReceivers receivers(s.plant);
    const auto heat = receivers.of(s.net.find("chip"));
    REQUIRE(heat.size() == 1);
    CHECK(heat[0].first == HeatReceivers::coolant);
    CHECK(heat[0].second == Approx(100.0).epsilon(1e-9));
    CHECK(s.plant.balance().to_liquid > 100.0);
}
