#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "solver/case/built_case.hpp"
#include "solver/curve/curve.hpp"

using namespace kelvolt;
namespace fs = std::filesystem;

namespace {

/// A folder with files that goes away with the test.
struct Folder {
    fs::path path;
    explicit Folder(const char* name) : path(fs::temp_directory_path() / name) {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    ~Folder() { fs::remove_all(path); }
    void write(const char* file, std::string_view text) const { std::ofstream(path / file) << text; }
};

double value(const BuiltCase& c, std::string_view path) {
    const auto refs = find_parameters(c.network, path);
    REQUIRE(refs.size() == 1);
    return read_parameter(c.network, c.network.initial, refs[0]);
}
/// Do two ports share their potential?
bool joined(const BuiltCase& c, const std::string& a, const std::string& b) {
    const auto unknown = [&](const std::string& port) {
        return unknown_of(c.network, find_values(c.network, port).front());
    };
    return unknown(a) == unknown(b);
}

const char* small = R"(kelvolt: 1
title: A lump cools down
components:
  lump: {model: heat_capacity, C: 0.1 kJ/K}
  path: {model: conductance, G: 2}
  air: {model: ambient, T: 25 degC}
connections:
  - lump.port -> path -> air.port
)";

}  // namespace

TEST_CASE("a small case becomes a network with its values in SI") {
    const BuiltCase c = read_case(small, "small.yaml", ".");
    CHECK(c.title == "A lump cools down");
    CHECK(c.network.components.size() == 3);
    CHECK(value(c, "lump.C") == 100.0);
    CHECK(value(c, "path.G") == 2.0);
    CHECK(value(c, "air.T") == doctest::Approx(298.15));
    CHECK(joined(c, "lump.port.T", "path.a.T"));
    CHECK(joined(c, "path.b.T", "air.port.T"));
    CHECK(c.text == small);
    CHECK(c.network.components[1].where.line == 5);
    CHECK(c.assumptions.empty());
}

TEST_CASE("arrays nest, ranges pair up, and a single one is tied to all") {
    const BuiltCase c = read_case(R"(
kelvolt: 1
assemblies:
  sled:
    ports: {heat: plate.b}
    parameters: {lump_C: "gpu[*].C", both: ["gpu[*].C", cpu.C]}
    components:
      gpu: {model: heat_capacity, count: 4, C: 100 J/K}
      cpu: {model: heat_capacity, C: 50 J/K}
      plate: {model: conductance, G: 10 W/K}
    connections:
      - gpu[*].port -> plate.a
      - cpu.port -> plate.a
components:
  tray: {model: sled, count: 18, lump_C: 200 J/K, "gpu[1].C": 300 J/K}
  slot: {model: conductance, count: 18, G: 1 W/K}
  air: {model: ambient, T: 25 degC}
connections:
  - tray[1..18].heat -> slot[1..18] -> air.port
set:
  "tray[7].both": 1 J/K
  "tray[8..9].gpu[2..3].C": 7 J/K
)",
                                  "t.yaml", ".");
    CHECK(c.network.components.size() == 18 * 6 + 18 + 1);
    CHECK(value(c, "tray[2].gpu[1].C") == 300.0);
    CHECK(value(c, "tray[2].gpu[2].C") == 200.0);
    CHECK(value(c, "tray[2].cpu.C") == 50.0);
    CHECK(value(c, "tray[7].gpu[1].C") == 1.0);
    CHECK(value(c, "tray[7].cpu.C") == 1.0);
    CHECK(value(c, "tray[8].gpu[3].C") == 7.0);
    CHECK(value(c, "tray[9].gpu[4].C") == 200.0);
    CHECK(joined(c, "tray[5].plate.b.T", "slot[5].a.T"));
    CHECK_FALSE(joined(c, "tray[5].plate.b.T", "slot[6].a.T"));
    CHECK(joined(c, "slot[3].b.T", "slot[18].b.T"));
    CHECK(c.short_names.size() == 2);
}

TEST_CASE("a divided pipe is passed through, left on the way and touched cell by cell") {
    const BuiltCase c = read_case(R"(
kelvolt: 1
components:
  vessel: {model: expansion_vessel, p: 2 bar(g), medium: water}
  hose: {model: pipe, length: 2 m, diameter: 25 mm, cells: 3}
  back: {model: pipe, length: 2 m, diameter: 25 mm, count: 2}
  air: {model: ambient, T: 25 degC}
connections:
  - vessel.port -> hose -> back[1] -> vessel.port
  - hose.way[2] -> back[2] -> vessel.port
  - hose.cell[*].wall -> air.port
settings: {T_start: 20 degC, junction_volume: 5 mL, strict: true}
)",
                                  "t.yaml", ".");
    CHECK(joined(c, "hose.b.p", "back[1].a.p"));
    CHECK(joined(c, "hose.cell[2].b.p", "back[2].a.p"));
    CHECK(joined(c, "hose.cell[1].wall.T", "air.port.T"));
    CHECK(joined(c, "hose.cell[3].wall.T", "air.port.T"));
    CHECK(value(c, "hose.cell[3].length") == 2.0);
    CHECK(value(c, "hose.cell[3].cells") == 3.0);
    CHECK(value(c, "vessel.p") == doctest::Approx(301325.0));
    CHECK(c.strict);
    CHECK(c.network.start[unknown_of(c.network, find_values(c.network, "back[1].T").front())] ==
          doctest::Approx(293.15));
    CHECK(
        std::any_of(c.sources.begin(), c.sources.end(), [](const std::string& s) { return s.starts_with("water: "); }));
}

TEST_CASE("profiles drive parameters; events change them in order of time; limits and records name values") {
    Folder folder("kelvolt_case_profiles");
    folder.write("trace.csv", "t (min), G (W/K), T (degC)\n0, 1, 20\n1, 3, 40\n");
    const BuiltCase c = read_case(std::string(small) + R"(
profiles:
  wave:    {square_wave: {high: 3 W/K, low: 1, period: 1 s, duty: 0.6, from: 60 s, until: 2 min}, otherwise: 2}
  ramp:    {piecewise: [[0 s, 20 degC], [10 s, 30 degC]]}
  unused:  {constant: 0.8}
  trace:   {csv: trace.csv, time: t, value: G, between: step}
apply:
  - {profile: wave, to: path.G, scale: 1.5, phase: 100 ms}
events:
  - {at: 5 min, set: air.T, by: 5 K, over: 30 s}
  - {at: 2 min, set: air.T, to: 50 degC}
limits:
  - {of: lump.T, max: 80 degC, basis: design rule, id: hot}
  - {of: path.Q_flow, min: -100, max: 1 kW}
record: {every: 500 ms, also: ["*.Q_flow", "**.T"], all: yes}
run: {duration: 10 min, start: {T: 25 degC}, tolerance: 1e-5, steady_at: mean}
)",
                                  "t.yaml", folder.path);
    REQUIRE(c.inputs.size() == 1);
    CHECK(c.inputs[0].positions ==
          std::vector<std::size_t>{position_of(c.network, find_parameters(c.network, "path.G")[0])});
    CHECK(c.inputs[0].scale == 1.5);
    CHECK(c.inputs[0].profile.segment(60.1).v0 == 3.0);
    CHECK(c.inputs[0].profile.segment(60.05).v0 == 1.0);
    CHECK(c.inputs[0].profile.segment(0.0).v0 == 2.0);
    REQUIRE(c.events.size() == 2);
    CHECK(c.events[0].time == 120.0);
    CHECK(c.events[0].value == doctest::Approx(323.15));
    CHECK_FALSE(c.events[0].relative);
    CHECK(c.events[1].relative);
    CHECK(c.events[1].value == 5.0);
    CHECK(c.events[1].ramp == 30.0);
    CHECK(c.events[1].text == "air.T by 5 K over 30 s");
    CHECK(c.events[1].where.line == 18);
    REQUIRE(c.limits.size() == 2);
    CHECK(c.limits[0].id == "hot");
    CHECK(c.limits[0].max == doctest::Approx(353.15));
    CHECK(std::isnan(c.limits[0].min));
    CHECK(c.limits[1].id == "Q_flow");
    CHECK(c.limits[1].max == 1000.0);
    CHECK(c.record.every == 0.5);
    CHECK(c.record.all);
    CHECK(c.run.duration == 600.0);
    CHECK(c.run.T_start == doctest::Approx(298.15));
    CHECK(c.run.steady_at == "mean");
}

TEST_CASE("a trace from a file takes the unit of what it drives; skew delays one element after the other") {
    Folder folder("kelvolt_case_trace");
    folder.write("trace.csv", "t (min), T (degC)\n0, 20\n1, 40\n2, 30\n");
    const BuiltCase c = read_case(R"(
kelvolt: 1
components:
  lump: {model: heat_capacity, C: 100 J/K}
  path: {model: conductance, G: 2 W/K, count: 3}
  air: {model: ambient, T: 25 degC, count: 3}
connections:
  - lump.port -> path[*] -> air[*].port
profiles: {trace: {csv: trace.csv, time: t, value: T, between: step}}
apply:
  - {profile: trace, to: "air[*].T", skew: 10 s}
)",
                                  "t.yaml", folder.path);
    REQUIRE(c.inputs.size() == 3);
    CHECK(c.inputs[0].profile.segment(60.0).v0 == doctest::Approx(313.15));
    CHECK(c.inputs[2].profile.segment(79.0).v0 == doctest::Approx(293.15));
    CHECK(c.inputs[2].profile.segment(80.0).v0 == doctest::Approx(313.15));
    CHECK(c.inputs[2].text == "trace on air[3].T");
}

TEST_CASE("assumed values of a library entry become one line, whatever uses the entry; overridden ones vanish") {
    Folder folder("kelvolt_case_library");
    folder.write("joint.yaml", R"(
title: A joint
source: "handbook"
date: 2024-05
grade: B
model: conductance
parameters:
  G: {value: 4 W/K, range: [2 W/K, 0.008 kW/K], grade: assumed, source: "guess, no data"}
)");
    folder.write("good_joint.yaml",
                 "title: Better\nsource: data sheet\ngrade: A\nmodel: joint\nparameters: {G: 5 W/K}\n");
    const BuiltCase c = read_case(R"(
kelvolt: 1
components:
  lump: {model: heat_capacity, C: {value: 100 J/K, range: [50 J/K, 150 J/K], grade: assumed}}
  top: {model: joint, count: 3}
  side: {model: joint}
  other: {model: joint, G: 3 W/K}
  good: {model: good_joint}
  air: {model: ambient, T: 25 degC}
connections:
  - lump.port -> top[*] -> air.port
  - lump.port -> side -> air.port
  - lump.port -> other -> air.port
  - lump.port -> good -> air.port
)",
                                  "t.yaml", folder.path);
    REQUIRE(c.assumptions.size() == 2);
    CHECK(c.assumptions[0].path == "lump");
    CHECK(c.assumptions[0].lo == 50.0);
    const Assumption& joint = c.assumptions[1];
    CHECK(joint.path == "joint");
    CHECK(joint.parameter == "G");
    CHECK(joint.unit == "W/K");
    CHECK(joint.value == 4.0);
    CHECK(joint.hi == 8.0);
    CHECK(joint.count == 4);
    CHECK(joint.source == "guess, no data");
    CHECK(value(c, "good.G") == 5.0);
    CHECK(c.sources == std::vector<std::string>{"guess, no data", "data sheet"});
}

TEST_CASE("assemblies of the library bring their own components; equal elements are one line of assumptions") {
    Folder folder("kelvolt_case_assembly");
    folder.write("box.yaml", R"(
title: A box
grade: C
source: drawing
assembly:
  ports: {out: wall.b}
  parameters: {lump_C: lump.C}
  components:
    lump: {model: heat_capacity, C: {value: 5 J/K, range: [1, 9], grade: assumed}}
    wall: {model: conductance, G: 1 W/K}
  connections: [lump.port -> wall]
  set: {wall.G: 2 W/K}
)");
    const BuiltCase c = read_case(R"(
kelvolt: 1
components:
  box: {model: box, count: 5, wall.G: 3 W/K}
  air: {model: ambient, T: 25 degC}
connections: ["box[*] -> air.port"]
)",
                                  "t.yaml", folder.path);
    CHECK(value(c, "box[5].wall.G") == 3.0);
    REQUIRE(c.assumptions.size() == 1);
    CHECK(c.assumptions[0].path == "box[*].lump");
    CHECK(c.assumptions[0].count == 5);
    CHECK(joined(c, "box[2].wall.b.T", "air.port.T"));
}

TEST_CASE("curves are a constant, points, a file or a power law") {
    Folder folder("kelvolt_case_curves");
    folder.write("plate.csv", "Q (L/min), R (K/W)\n0.4, 0.0389\n1.0, 0.03\n2.4, 0.025\n");
    const auto read = [&](const std::string& R, const std::string& dp) {
        return read_case(R"(
kelvolt: 1
components:
  vessel: {model: expansion_vessel, p: 2 bar(a), medium: water}
  plate: {model: cold_plate, R: )" +
                             R + ", dp: " + dp + R"(, rho_cp_test: 4.1e6, volume: 50 mL, C: 300 J/K}
connections: [vessel.port -> plate -> vessel.port]
)",
                         "t.yaml", folder.path);
    };
    const auto curve = [](const BuiltCase& c, std::size_t k) {
        return c.network.blocks[c.network.components[1].block]->curves[k];
    };
    const BuiltCase points =
        read("{points: [[0.4, 0.0389], [1.0, 0.03], [2.4 L/min, 0.025 K/W]], x: L/min, y: K/W, kind: log_table}",
             "{power_law: {x: 10 L/min, y: 50 kPa, exponent: 1.85}, covers: [1 L/min, 20 L/min]}");
    CHECK((*curve(points, 0))(1.0 / 60000) == doctest::Approx(0.03));
    CHECK((*curve(points, 1))(10.0 / 60000) == doctest::Approx(50e3));
    CHECK(curve(points, 1)->hi() == doctest::Approx(20.0 / 60000));
    const BuiltCase file = read("{csv: plate.csv, x: Q, y: R, source: OCP, grade: assumed, range: [0.8, 1.3]}",
                                "{points: [[1, 5], [2, 20]], x: gpm, y: psi}");
    CHECK((*curve(file, 0))(2.4 / 60000) == doctest::Approx(0.025));
    REQUIRE(file.assumptions.size() == 1);
    CHECK(file.assumptions[0].unit == "1");
    CHECK(file.assumptions[0].hi == 1.3);
    const BuiltCase constant = read("{value: 0.03 K/W, range: [0.02 K/W, 0.04 K/W], grade: assumed}",
                                    "{points: [[1, 5], [2, 20]], x: gpm, y: psi}");
    CHECK((*curve(constant, 0))(1.0) == 0.03);
    CHECK(constant.assumptions[0].lo == 0.02);
}

TEST_CASE("a converter's loss is read as coefficients or through its efficiencies") {
    const auto loss = [](const std::string& text) {
        const BuiltCase c = read_case(R"(
kelvolt: 1
components:
  source: {model: dc_source, V: 48 V, R: 1 mohm}
  x: {model: dc_converter, P_rated: 1 kW, V_in: 48 V, V_in_min: 40 V, V_out: 12 V, droop: 0.1 V, loss: )" +
                                          text + R"(}
  load: {model: dc_load, P: 500 W, V: 12 V}
connections: [source.bus -> x.in, x.out -> load.bus]
)",
                                      "t.yaml", ".");
        return *c.network.blocks[c.network.components[1].block]->curves[0];
    };
    const Curve stated = loss("{parabola: [0.004, 0.003, 0.0293], range: [0.8, 1.2], grade: assumed}");
    CHECK(stated(0.5) == doctest::Approx(0.004 + 0.0015 + 0.0293 * 0.25));
    const Curve fitted = loss("{efficiency: [[25 %, 96 %], [0.5, 0.969], [0.75, 0.970], [1, 0.968]]}");
    CHECK(0.5 / (0.5 + fitted(0.5)) == doctest::Approx(0.969).epsilon(5e-4));
    CHECK(0.25 / (0.25 + fitted(0.25)) == doctest::Approx(0.960).epsilon(5e-4));
}

TEST_CASE("components keep their own curves and words where unlike ones stand among like ones") {
    const BuiltCase c = read_case(R"(
kelvolt: 1
components:
  source: {model: dc_source, V: 48 V, R: 1 mohm}
  x: {model: dc_converter, count: 5, P_rated: 1 kW, V_in: 48 V, V_in_min: 40 V, V_out: 12 V, droop: 0.1 V, loss: 0.01}
  load: {model: dc_load, count: 5, P: 500 W, V: 12 V}
connections: ["source.bus -> x[*].in", "x[1..5].out -> load[1..5].bus"]
set:
  "x[2].loss": 0.02
  "x[4].loss": 0.04
  "x[4].regulation": fixed_ratio
)",
                                  "t.yaml", ".");
    const double losses[] = {0.01, 0.02, 0.01, 0.04, 0.01};
    for (int k = 0; k < 5; ++k) {
        const Component& x = c.network.components[1 + k];
        const Block& block = *c.network.blocks[x.block];
        CHECK(x.path == "x[" + std::to_string(k + 1) + "]");
        CHECK((*block.curves[x.instance])(0.5) == losses[k]);
        CHECK(block.choices[x.instance] == (k == 3 ? 1 : 0));
    }
}

TEST_CASE("an aliased block is read as if it were written out") {
    const BuiltCase c = read_case(R"(
kelvolt: 1
components:
  one: &lump {model: heat_capacity, C: 3 J/K}
  two: *lump
  path: {model: conductance, G: 1}
  air: {model: ambient, T: 300}
connections: [one.port -> path, two.port -> path.a, path.b -> air.port]
)",
                                  "t.yaml", ".");
    CHECK(value(c, "two.C") == 3.0);
}
