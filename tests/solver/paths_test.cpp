#include "solver/network/paths.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "solver/case/built_case.hpp"
#include "solver/network/path_pattern.hpp"

using namespace kelvolt;

namespace {

// three trays of two lumps each lose heat to the room; beside them a closed loop of water with a divided hose
const BuiltCase& rack() {
    static const BuiltCase c = read_case(R"(
kelvolt: 1
assemblies:
  sled:
    ports: {heat: plate.b}
    parameters: {lump_C: "gpu[*].C"}
    components:
      gpu: {model: heat_capacity, count: 2, C: 100 J/K}
      film: {model: conductance, count: 2, G: 5 W/K}
      plate: {model: conductance, G: 10 W/K}
    connections:
      - gpu[*].port -> film[*].a
      - film[*].b -> plate.a
  rack:
    ports: {heat: sink.b}
    components:
      tray: {model: sled, count: 3}
      sink: {model: conductance, G: 100 W/K}
    connections: ["tray[*].heat -> sink.a"]
components:
  rack: {model: rack}
  air: {model: ambient, T: 25 degC}
  vessel: {model: expansion_vessel, p: 2 bar(a), medium: water}
  tank: {model: volume, volume: 1 L}
  hose: {model: pipe, length: 2 m, diameter: 25 mm, cells: 5}
  back: {model: pipe, length: 2 m, diameter: 25 mm}
connections:
  - rack.heat -> air.port
  - hose -> back.a
  - back.b -> hose.a
  - vessel.port -> hose.a
  - tank.port -> hose.a
set: {"rack.tray[3].gpu[2].C": 250 J/K}
)",
                                         "rack.yaml", ".");
    return c;
}
const Network& net() { return rack().network; }

std::vector<std::string> paths(std::string_view pattern) {
    std::vector<std::string> found;
    for (const ValueRef& ref : find_values(net(), pattern)) found.push_back(ref.path);
    return found;
}
std::string refusal(std::string_view pattern) {
    try {
        find_values(net(), pattern);
    } catch (const Error& e) {
        return e.what();
    }
    return "";
}
bool says(std::string_view text, std::string_view part) {
    if (text.find(part) != std::string_view::npos) return true;
    MESSAGE(std::string(text));
    return false;
}

}  // namespace

TEST_CASE("patterns name parameters, unknowns, outputs, potentials and flows") {
    CHECK(paths("rack.tray[2].gpu[1].C") == std::vector<std::string>{"rack.tray[2].gpu[1].C"});
    CHECK(paths("rack.tray[*].gpu[*].C").size() == 6);
    CHECK(paths("rack.tray[2..3].gpu[2].C") ==
          std::vector<std::string>{"rack.tray[2].gpu[2].C", "rack.tray[3].gpu[2].C"});
    CHECK(paths("rack.*[*].g*[1].C").size() == 3);
    CHECK(paths("**.G").size() == 3 * 3 + 1);
    CHECK(paths("rack.**.C").size() == 6);
    const auto kind = [](std::string_view path) { return find_values(net(), path).front().kind; };
    CHECK(kind("back.length") == ValueRef::Kind::parameter);
    CHECK(kind("back.T") == ValueRef::Kind::unknown);
    CHECK(kind("back.velocity") == ValueRef::Kind::output);
    CHECK(kind("back.a.p") == ValueRef::Kind::potential);
    CHECK(kind("back.a.m_flow") == ValueRef::Kind::flow);
    CHECK(find_values(net(), "back.a.p").front().quantity.kind == Kind::pressure_absolute);
    CHECK(find_values(net(), "back.dp").front().quantity.kind == Kind::pressure_difference);
}

TEST_CASE("what is solved hides a parameter of the same name, which setting still finds") {
    CHECK(find_values(net(), "tank.volume").size() == 1);
    CHECK(find_values(net(), "tank.volume").front().kind == ValueRef::Kind::output);
    CHECK(find_parameters(net(), "tank.volume").front().kind == ValueRef::Kind::parameter);
}

TEST_CASE("a chain gives its parameters for all cells, its outward ports at its ends, and results cell by cell") {
    CHECK(paths("hose.length").size() == 5);
    CHECK(paths("hose.cell[2].T") == std::vector<std::string>{"hose.cell[2].T"});
    CHECK(paths("hose.cell[*].dp").size() == 5);
    const ValueRef in = find_values(net(), "hose.a.p").front(), out = find_values(net(), "hose.b.p").front();
    CHECK(net().components[in.component].path == "hose.cell[1]");
    CHECK(net().components[out.component].path == "hose.cell[5]");
    CHECK(paths("hose.b.m_flow").size() == 1);
    CHECK(says(refusal("hose.T"), "hose is divided into 5 cells; write hose.cell[*].T"));
    // a connected pair is one potential
    CHECK(unknown_of(net(), out) == unknown_of(net(), find_values(net(), "back.a.p").front()));
}

TEST_CASE("a path that names nothing says which level is wrong and what is there") {
    CHECK(says(refusal("rack.tray.gpu[1].C"), "rack.tray has 3 elements; write tray[*]"));
    CHECK(
        says(refusal("rack.tray[4].gpu[1].C"), "rack.tray has 3 elements, counted from 1, so tray[4] does not exist"));
    CHECK(says(refusal("rack.tray[2..4].gpu[1].C"), "so tray[2..4] does not exist"));
    CHECK(says(refusal("rack.tray[0].gpu[1].C"), "[0] does not exist: counting starts at 1"));
    CHECK(says(refusal("rack.tray[3..2].gpu[1].C"), "runs backwards"));
    CHECK(says(refusal("rack[1].tray[1].gpu[1].C"), "rack is a single component, not an array"));
    CHECK(says(refusal("rak.tray[1].gpu[1].C"), "did you mean 'rack'"));
    CHECK(says(refusal("rack.tray[1].gpu[1].c_p"), "it has C, T, port.Q_flow, port.T"));
    CHECK(says(refusal("back.lenght"), "did you mean 'length'"));
    CHECK(says(refusal("back.a.m_flwo"), "did you mean 'a.m_flow'"));
    CHECK(says(refusal("back.friction"), "friction is a choice, fixed when the network is built"));
    CHECK(says(refusal("back.a"), "a is a port; write a.p"));
    CHECK(says(refusal("back"), "is a component and no value"));
    CHECK(says(refusal("rack.tray[*]"), "is a component"));
    CHECK(says(refusal("**.power"), "no component in the network has power"));
    CHECK(says(refusal(""), "it is empty"));
    CHECK(says(refusal("rack..C"), "empty"));
    CHECK(says(refusal("rack.tray[1.C"), "[n], [a..b] or [*]"));
    CHECK(says(refusal("rack.tray[x].C"), "'x' is not an index"));
    CHECK(says(refusal("rack.tr y.C"), "not allowed in a name"));
    CHECK(says(refusal(std::string(2000, 'a')), "longer than 1000"));
}

TEST_CASE("parameters are read and written in SI, and a value outside its range is refused with the range") {
    Values values = net().initial;
    const ValueRef C = find_values(net(), "rack.tray[3].gpu[2].C").front();
    CHECK(read_parameter(net(), values, C) == 250.0);
    write_parameter(net(), values, C, 120.0);
    CHECK(read_parameter(net(), values, C) == 120.0);
    CHECK(read_parameter(net(), net().initial, C) == 250.0);
    CHECK_THROWS_WITH_AS(write_parameter(net(), values, C, -1.0),
                         doctest::Contains("rack.tray[3].gpu[2].C = -1 J/K is outside its range (above 0 J/K)"), Error);
    CHECK_THROWS_AS(write_parameter(net(), values, C, std::nan("")), Error);
    CHECK_THROWS_WITH_AS(write_parameter(net(), values, find_values(net(), "air.T").front(), 20.0),
                         doctest::Contains("air.T = 20 K is outside its range (at least 150 and at most 1000 K)"),
                         Error);
    CHECK_THROWS_WITH_AS(write_parameter(net(), values, find_values(net(), "hose.cells").front(), 3.0),
                         doctest::Contains("fixed when the network is built"), Error);
    CHECK_THROWS_WITH_AS(write_parameter(net(), values, find_values(net(), "back.T").front(), 300.0),
                         doctest::Contains("only parameters can be set"), Error);
    CHECK_THROWS_WITH_AS(find_parameters(net(), "back.T"), doctest::Contains("a result, not a parameter"), Error);
    CHECK(read_parameter(net(), values, C) == 120.0);
}

TEST_CASE("a short name of an assembly stands for the values it names") {
    const auto refs = rack().parameters("rack.tray[2].lump_C");
    REQUIRE(refs.size() == 2);
    CHECK(refs[1].path == "rack.tray[2].gpu[2].C");
    CHECK(rack().parameters("rack.tray[*].lump_C").size() == 6);
}

TEST_CASE("paths form arrays whose dimensions carry the names of the levels") {
    auto refs = find_values(net(), "rack.tray[*].gpu[*].T");
    for (ValueRef& ref : find_values(net(), "hose.cell[*].T")) refs.push_back(std::move(ref));
    for (ValueRef& ref : find_values(net(), "back.T")) refs.push_back(std::move(ref));
    const auto groups = group_by_array(refs);
    REQUIRE(groups.size() == 3);
    CHECK(groups[0].layout.name == "rack.tray.gpu.T");
    CHECK(groups[0].layout.dims == std::vector<std::string>{"tray", "gpu"});
    CHECK(groups[0].layout.sizes == std::vector<std::size_t>{3, 2});
    CHECK(groups[0].layout.position == std::vector<std::size_t>{0, 1, 2, 3, 4, 5});
    CHECK(groups[1].layout.dims == std::vector<std::string>{"cell"});
    CHECK(groups[2].layout.dims.empty());
    CHECK(groups[2].layout.size() == 1);
    CHECK(groups[2].values == std::vector<std::size_t>{11});
}

TEST_CASE("equal names of different extent get their prefix, and ragged arrays leave gaps") {
    const auto ref = [](const char* path) { return ValueRef{ValueRef::Kind::unknown, 0, 0, {"K"}, path}; };
    const auto groups = group_by_array({ref("rack.tray[1].gpu[1].T"), ref("rack.tray[2].gpu[1].T"),
                                        ref("rack.tray[2].gpu[2].T"), ref("row.tray[1].T"), ref("rack.tray[1].P")});
    REQUIRE(groups.size() == 3);
    CHECK(groups[0].layout.dims == std::vector<std::string>{"rack_tray", "gpu"});
    CHECK(groups[0].layout.sizes == std::vector<std::size_t>{2, 2});
    CHECK(groups[0].layout.position == std::vector<std::size_t>{0, 2, 3});  // tray[1].gpu[2] is a gap
    CHECK(groups[1].layout.dims == std::vector<std::string>{"row_tray"});
    CHECK(groups[2].layout.sizes == std::vector<std::size_t>{2});  // tray has the extent it has anywhere
}

TEST_CASE("a pattern finds all of ten thousand components") {
    const BuiltCase big = read_case(R"(
kelvolt: 1
components:
  lump: {model: heat_capacity, count: 10000, C: 1 J/K}
  path: {model: conductance, G: 1 W/K}
  air: {model: ambient, T: 300 K}
connections: ["lump[*].port -> path.a", path.b -> air.port]
)",
                                    "big.yaml", ".");
    CHECK(find_values(big.network, "lump[*].C").size() == 10000);
    CHECK(find_values(big.network, "lump[9999..10000].C").size() == 2);
}

TEST_CASE("a plain path is taken apart level by level, and brackets hold no levels") {
    CHECK(owner_of("rack.tray[3].power") == "rack.tray[3]");
    CHECK(owner_of("tray[1..2]") == "");
    CHECK(last_level("rack.tray[1..2]") == "tray[1..2]");
    CHECK(first_levels("rack[1].tray[2].gpu", 2) == "rack[1].tray[2]");
    CHECK(first_levels("rack", 2) == "rack");
    CHECK(array_of("rack[1].tray[3]") == "rack[1].tray");
    CHECK(array_of("rack[1].tray") == "");
    CHECK(chain_of("hose.cell[2]") == "hose");
    CHECK(chain_of("cell[2]") == "cell[2]");
    CHECK(cell_number("hose.cell[12]") == 12);
    CHECK(inside("rack[2].tray", "rack"));
    CHECK(inside("rack", "rack"));
    CHECK_FALSE(inside("racks", "rack"));
    CHECK(without_indices("one of a[1].b[2..3] + c[*]") == "one of a.b + c");
    CHECK(any_element("a[1].b[2..3]") == "a[*].b[*]");
    CHECK(expanded("a[1..2].b[3..4].c", 4) ==
          std::vector<std::string>{"a[1].b[3].c", "a[1].b[4].c", "a[2].b[3].c", "a[2].b[4].c"});
    CHECK_THROWS_WITH_AS(expanded("a[1..2].b[3..4].c", 3), doctest::Contains("at most 3"), Error);
}

TEST_CASE("paths are lifted out of an expression, where a star is an operator or begins a pattern") {
    const auto text = [](const char* expression) { return lift_paths(expression).text; };
    CHECK(text("max(gpu[*].T_die) - facility.T_supply") == "max(path_0) - path_1");
    CHECK(text("a.b*c.d + a.b") == "path_0*path_1 + path_0");
    CHECK(text("a.b *c.d") == "path_0 *path_1");
    CHECK(text("a.b**c.d") == "path_0**path_1");
    CHECK(text("max(*.T, **.x.y)") == "max(path_0, path_1)");
    CHECK(text("2.e5*a.b - 1e-3") == "2.e5*path_0 - 1e-3");
    CHECK(text("x + max(y)") == "x + max(y)");
    CHECK(lift_paths("tray[1..2].*_out/b.c").paths == std::vector<std::string>{"tray[1..2].*_out", "b.c"});
}
