#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "solver/case/built_case.hpp"

using namespace kelvolt;

namespace {

/// A mistake, and what its message must hold.
struct Mistake {
    const char* name;
    std::string text;
    std::vector<const char*> says;
};

std::string refusal(const std::string& text) {
    try {
        read_case(text, "bad.yaml", ".");
    } catch (const Error& e) {
        return e.what();
    }
    return "accepted";
}

void check(const Mistake& mistake) {
    const std::string message = refusal(mistake.text);
    for (const char* part : mistake.says) {
        INFO(std::string(mistake.name) << " -> " << message);
        CHECK(message.find(part) != std::string::npos);
    }
    // one line, no yaml-cpp vocabulary, no empty brackets
    CHECK(message.find("yaml-cpp") == std::string::npos);
    CHECK(message.size() < 600);
}

// lines 1 to 4 are a good beginning; the component that is wrong stands on line 5
std::string components(const std::string& line) {
    return "kelvolt: 1\ncomponents:\n  air: {model: ambient, T: 25 degC}\n  path: {model: conductance, G: 2 W/K}\n  " +
           line + "\n";
}
// a good case; what is wrong stands on line 9
std::string beside(const std::string& line) {
    return "kelvolt: 1\ncomponents:\n  air: {model: ambient, T: 25 degC}\n  path: {model: conductance, G: 2 W/K, "
           "count: 3}\n"
           "  lump: {model: heat_capacity, C: 9 J/K}\nconnections:\n  - lump.port -> path[*].a\n  - path[*].b -> "
           "air.port\n" +
           line + "\n";
}
std::string connected(const std::string& line) {
    return "kelvolt: 1\ncomponents:\n  air: {model: ambient, T: 25 degC}\n  path: {model: conductance, G: 2 W/K, "
           "count: 3}\n"
           "  lump: {model: heat_capacity, C: 9 J/K, count: 2}\n  hose: {model: pipe, length: 2 m, diameter: 25 mm, "
           "cells: 4}\nconnections:\n  - " +
           line + "\n";
}

}  // namespace

TEST_CASE("files that are no case at all are refused with what is missing") {
    const Mistake mistakes[] = {
        {"empty", "", {"bad.yaml:1", "the file is empty", "kelvolt"}},
        {"only comments", "# nothing\n", {"the file is empty"}},
        {"text", "hello", {"bad.yaml:1", "not a case"}},
        {"list", "- a\n- b\n", {"not a case"}},
        {"no version", "title: x\ncomponents: {}\n", {"'kelvolt: 1' is missing"}},
        {"other version", "kelvolt: 2\n", {"bad.yaml:1", "2 is not a format", "reads 1"}},
        {"no components", "kelvolt: 1\n", {"'components' is missing"}},
        {"empty components", "kelvolt: 1\ncomponents: {}\n", {"bad.yaml:2", "no components"}},
        {"components nothing", "kelvolt: 1\ncomponents:\n", {"components must be a block of keys"}},
        {"components list", "kelvolt: 1\ncomponents: [a, b]\n", {"must be a block of keys, but a list"}},
        {"unknown key",
         "kelvolt: 1\ncomponets: {}\n",
         {"bad.yaml:2", "no key 'componets'", "did you mean 'components'"}},
        {"duplicate key", "kelvolt: 1\ntitle: a\ntitle: b\n", {"bad.yaml:3", "'title' is already given on line 2"}},
        {"two documents", "kelvolt: 1\n---\nkelvolt: 1\n", {"second YAML document"}},
        {"tab", "kelvolt: 1\ncomponents:\n\ta: 1\n", {"bad.yaml:3", "tab", "spaces"}},
        {"zero byte", std::string("kelvolt: 1\n\0", 12), {"bad.yaml:2", "zero byte"}},
        {"open bracket", "kelvolt: 1\nrecord: {also: [a\n", {"bad.yaml:", "not valid YAML", "quotes"}},
        {"unquoted pattern", "kelvolt: 1\nrecord: {also: [*.T]}\n", {"bad.yaml:2", "quotes"}},
        {"unknown alias", "kelvolt: 1\ntitle: *none\n", {"bad.yaml:2", "not valid YAML"}},
        {"tag", "kelvolt: 1\ntitle: !!python/object:os.system x\n", {"bad.yaml:2", "tag", "no meaning here"}},
        {"key that is a list", "kelvolt: 1\n[a, b]: c\n", {"bad.yaml:2", "key must be plain text"}},
        {"title is a list", beside("title: [a]"), {"bad.yaml:9", "title must be text, but a list"}},
    };
    for (const Mistake& m : mistakes) check(m);
}

TEST_CASE("a wrong component says its name, what it takes and the line") {
    const Mistake mistakes[] = {
        {"no model", components("x: {C: 1}"), {"bad.yaml:5", "x: 'model' is missing"}},
        {"not a block", components("x: heat_capacity"), {"bad.yaml:5", "x: say its model"}},
        {"nothing", components("x:"), {"bad.yaml:5", "x: say its model"}},
        {"unknown model",
         components("x: {model: heat_capasity, C: 1}"),
         {"bad.yaml:5", "'heat_capasity'", "did you mean 'heat_capacity'"}},
        {"model with path", components("x: {model: ../secret}"), {"bad.yaml:5", "no model, assembly or library entry"}},
        {"unknown parameter",
         components("x: {model: heat_capacity, mass: 1}"),
         {"bad.yaml:5", "x: model heat_capacity has no parameter 'mass'", "it has C"}},
        {"misspelt parameter", components("x: {model: pipe, lenght: 1 m}"), {"bad.yaml:5", "did you mean 'length'"}},
        {"wrong dimension", components("x: {model: heat_capacity, C: 3 W}"), {"bad.yaml:5", "x: C", "3 W", "J/K"}},
        {"unknown unit", components("x: {model: heat_capacity, C: 3 flurbs}"), {"bad.yaml:5", "x: C", "flurbs"}},
        {"no number", components("x: {model: heat_capacity, C: big}"), {"bad.yaml:5", "x: C", "'big'"}},
        {"NaN", components("x: {model: heat_capacity, C: .nan}"), {"bad.yaml:5", "x: C", ".nan"}},
        {"infinite", components("x: {model: heat_capacity, C: .inf}"), {"bad.yaml:5", "x: C"}},
        {"value nothing",
         components("x: {model: heat_capacity, C: }"),
         {"bad.yaml:5", "x: C takes", "nothing is given"}},
        {"value list", components("x: {model: heat_capacity, C: [1, 2]}"), {"bad.yaml:5", "a list is given"}},
        {"negative",
         components("x: {model: heat_capacity, C: -5 J/K}"),
         {"bad.yaml:5", "x: C = -5 J/K is outside its range (above 0 J/K)"}},
        {"negative diameter",
         components("x: {model: pipe, length: 1 m, diameter: -1 mm}"),
         {"bad.yaml:5", "diameter = -0.001 m is outside"}},
        {"parameter missing", components("x: {model: heat_capacity}"), {"bad.yaml:5", "x: C is missing", "J/K"}},
        {"degrees without unit", components("x: {model: ambient, T: 36}"), {"bad.yaml:5", "x: T", "36 degC"}},
        {"gauge for absolute",
         components("x: {model: expansion_vessel, p: 2 bar, medium: water}"),
         {"bad.yaml:5", "x: p", "bar(a) or bar(g)"}},
        {"unknown coolant",
         components("x: {model: expansion_vessel, p: 2 bar(a), medium: watr}"),
         {"bad.yaml:5", "x: medium", "did you mean 'water'"}},
        {"unknown word",
         components("x: {model: pipe, length: 1 m, diameter: 9 mm, heat: flim}"),
         {"bad.yaml:5", "heat = 'flim' is not one of film, overall", "did you mean 'film'"}},
        {"port as parameter",
         components("x: {model: pipe, length: 1 m, diameter: 9 mm, a: 3}"),
         {"bad.yaml:5", "a is a port", "connections"}},
        {"count 0",
         components("x: {model: heat_capacity, C: 1, count: 0}"),
         {"bad.yaml:5", "x: count = '0' must be a whole number from 1"}},
        {"count 2.5", components("x: {model: heat_capacity, C: 1, count: 2.5}"), {"bad.yaml:5", "count = '2.5'"}},
        {"count text", components("x: {model: heat_capacity, C: 1, count: many}"), {"count = 'many'"}},
        {"cells 0",
         components("x: {model: pipe, length: 1 m, diameter: 9 mm, cells: 0}"),
         {"bad.yaml:5", "x: cells = '0'"}},
        {"cells of a lump",
         components("x: {model: heat_capacity, C: 1, cells: 3}"),
         {"bad.yaml:5", "no parameter 'cells'"}},
        {"bad character",
         components("x-1: {model: heat_capacity, C: 1}"),
         {"bad.yaml:5", "'x-1' is not a component name"}},
        {"name with index",
         components("\"x[3]\": {model: heat_capacity, C: 1}"),
         {"bad.yaml:5", "'x[3]' is not a component name", "count: n"}},
        {"name with dot",
         components("a.b: {model: heat_capacity, C: 1}"),
         {"bad.yaml:5", "'a.b' is not a component name"}},
        {"twice the same",
         components("air: {model: heat_capacity, C: 1}"),
         {"bad.yaml:5", "'air' is already given on line 3"}},
        {"assumed without range",
         components("x: {model: heat_capacity, C: {value: 1, grade: assumed}}"),
         {"bad.yaml:5", "x: C", "must say its range"}},
        {"outside own range",
         components("x: {model: heat_capacity, C: {value: 9, range: [1, 3]}}"),
         {"bad.yaml:5", "value 9 lies outside its own range 1 to 3"}},
        {"range backwards",
         components("x: {model: heat_capacity, C: {value: 2, range: [3, 1]}}"),
         {"bad.yaml:5", "runs backwards"}},
        {"range of three",
         components("x: {model: heat_capacity, C: {value: 2, range: [1, 2, 3]}}"),
         {"list of two values"}},
        {"unknown grade",
         components("x: {model: heat_capacity, C: {value: 2, grade: great}}"),
         {"bad.yaml:5", "grade 'great' is not one of A, B"}},
        {"unknown provenance",
         components("x: {model: heat_capacity, C: {value: 2, sauce: me}}"),
         {"bad.yaml:5", "no key 'sauce'", "did you mean 'source'"}},
        {"provenance without value",
         components("x: {model: heat_capacity, C: {source: me}}"),
         {"bad.yaml:5", "'value' is missing"}},
        {"too many",
         components("x: {model: y, count: 100000}\nassemblies: {y: {components: {z: {model: heat_capacity, count: "
                    "100000, C: 1}}}}"),
         {"bad.yaml:5", "would make 10000000000 components"}},
    };
    for (const Mistake& m : mistakes) check(m);
}

TEST_CASE("a wrong curve says which point or key") {
    const auto plate = [](const std::string& R) {
        return components(
            "x: {model: cold_plate, rho_cp_test: 4e6, volume: 1 mL, C: 1, dp_nominal: 1 kPa, V_flow_nominal: 1 L/min, "
            "R: " +
            R + "}");
    };
    const Mistake mistakes[] = {
        {"no form",
         plate("{x: L/min, y: K/W}"),
         {"bad.yaml:5", "x: R", "one of value, points, csv, table, power_law, parabola, efficiency is missing"}},
        {"two forms", plate("{value: 1, csv: a.csv}"), {"both 'value' and 'csv'"}},
        {"no unit", plate("{points: [[1, 2], [2, 1]], y: K/W}"), {"bad.yaml:5", "no unit for x"}},
        {"point of three",
         plate("{points: [[1, 2, 3], [2, 1]], x: L/min, y: K/W}"),
         {"a point must be a list of two numbers"}},
        {"unsorted",
         plate("{points: [[2, 2], [1, 1]], x: L/min, y: K/W}"),
         {"bad.yaml:5", "x must increase strictly", "point 2"}},
        {"one point", plate("{points: [[2, 2]], x: L/min, y: K/W}"), {"at least 2 points"}},
        {"wrong axis unit", plate("{points: [[1, 2], [2, 1]], x: kg, y: K/W}"), {"bad.yaml:5", "x: R", "kg"}},
        {"unknown kind",
         plate("{points: [[1, 2], [2, 1]], x: L/min, y: K/W, kind: spline}"),
         {"kind 'spline' is not one of table, log_table"}},
        {"no file", plate("{csv: none.csv, x: Q, y: R}"), {"bad.yaml:5", "no file", "none.csv"}},
        {"power law", plate("{power_law: {x: 0 L/min, y: 1 K/W, exponent: 1}}"), {"x_ref is 0"}},
        {"power law key", plate("{power_law: {x: 1 L/min, exponent: 1}}"), {"'y' is missing"}},
    };
    for (const Mistake& m : mistakes) check(m);
    const auto converter = [](const std::string& loss) {
        return "kelvolt: 1\ncomponents:\n  source: {model: dc_source, V: 48 V, R: 1 mohm}\n"
               "  load: {model: dc_load, P: 100 W, V: 12 V}\n"
               "  x: {model: dc_converter, P_rated: 1 kW, V_in: 48 V, V_in_min: 40 V, V_out: 12 V, droop: 0.1 V, "
               "loss: " +
               loss + "}\nconnections: [source.bus -> x.in, x.out -> load.bus]\n";
    };
    const Mistake losses[] = {
        {"negative loss",
         converter("{parabola: [0.01, -0.05, 0.02]}"),
         {"bad.yaml:5", "x", "loss is negative", "at the load share", "efficiency:"}},
        {"efficiency above one",
         converter("{efficiency: [[0.5, 1.02]]}"),
         {"bad.yaml:5", "x: loss", "1.02", "negative"}},
        {"load in percent without its sign", converter("{efficiency: [[50, 0.97]]}"), {"load share 50", "50 %"}},
        {"efficiency point of one number", converter("{efficiency: [0.97]}"), {"[load share, efficiency]"}},
        {"parabola of two numbers", converter("{parabola: [0.1, 0.2]}"), {"three numbers"}},
        {"efficiency of what is no loss", plate("{efficiency: [[0.5, 0.9]]}"), {"x: R", "for loss curves only"}},
    };
    for (const Mistake& m : losses) check(m);
}

TEST_CASE("a wrong connection is quoted with what does not fit") {
    const Mistake mistakes[] = {
        {"no arrow", connected("lump[1].port"), {"bad.yaml:8", "has no '->'"}},
        {"empty end", connected("lump[1].port -> "), {"bad.yaml:8", "nothing beside an arrow"}},
        {"map", connected("lump: port"), {"bad.yaml:8", "a connection must be text"}},
        {"missing component",
         connected("lmp[1].port -> air.port"),
         {"bad.yaml:8", "no component 'lmp'", "did you mean 'lump'"}},
        {"missing port",
         connected("lump[1].prt -> air.port"),
         {"bad.yaml:8", "lump[1]: model heat_capacity has no port 'prt'", "did you mean 'port'"}},
        {"index 0", connected("lump[0].port -> air.port"), {"bad.yaml:8", "[0] does not exist: counting starts at 1"}},
        {"index too large",
         connected("lump[3].port -> air.port"),
         {"bad.yaml:8", "lump has 2 elements", "lump[3] does not exist"}},
        {"no index", connected("lump.port -> air.port"), {"bad.yaml:8", "lump has 2 elements; write lump[*]"}},
        {"index of a single one",
         connected("air[1].port -> lump[1].port"),
         {"bad.yaml:8", "air is a single component"}},
        {"lists that do not pair",
         connected("lump[*].port -> path[*].a"),
         {"bad.yaml:8", "does not pair up", "2 elements", "3"}},
        {"unlike ports", connected("lump[1].port -> hose"), {"bad.yaml:8", "heat port", "fluid port"}},
        {"port in the middle",
         connected("lump[1].port -> path[1].a -> air.port"),
         {"bad.yaml:8", "names a port in its middle"}},
        {"itself", connected("lump[1].port -> lump[1].port"), {"bad.yaml:8", "with itself"}},
        {"cell too far", connected("hose.cell[5].wall -> air.port"), {"bad.yaml:8", "hose.cell has 4 elements"}},
        {"cells of one", connected("lump[1].cell[1].port -> air.port"), {"bad.yaml:8", "not divided into cells"}},
        {"open port", connected("lump[*].port -> air.port"), {"bad.yaml:6", "connected to nothing"}},
        {"bad index", connected("lump[a].port -> air.port"), {"bad.yaml:8", "'a' is not an index"}},
        {"not a list",
         beside("").replace(beside("").find("connections:"), std::string::npos, "connections: {a: b}"),
         {"bad.yaml:6", "connections must be a list"}},
        {"no pressure reference", connected("hose.b -> hose.a"), {"bad.yaml:6", "no pressure reference"}},
    };
    for (const Mistake& m : mistakes) check(m);
}

TEST_CASE("wrong assemblies and settings name the assembly and what it has") {
    const auto with = [](const std::string& assembly, const std::string& use = "x: {model: box}") {
        return "kelvolt: 1\ncomponents:\n  " + use + "\nassemblies:\n  box: " + assembly + "\n";
    };
    const std::string good =
        "{components: {lump: {model: heat_capacity, C: 1}}, ports: {p: lump.port}, parameters: {C_all: lump.C}}";
    const Mistake mistakes[] = {
        {"contains itself",
         with("{components: {y: {model: box}}}"),
         {"bad.yaml:5", "'box' contains itself: box -> box"}},
        {"cycle of two",
         with("{components: {y: {model: tin}}}\n  tin: {components: {z: {model: box}}}"),
         {"contains itself", "box -> tin -> box"}},
        {"no components", with("{ports: {}}"), {"bad.yaml:5", "'components' is missing"}},
        {"unknown key", with("{componets: {}}"), {"bad.yaml:5", "assembly box has no key 'componets'"}},
        {"name of a model",
         with(good, "x: {model: pipe}") + "  pipe: " + good,
         {"bad.yaml:6", "name of a built-in model"}},
        {"unknown short name",
         with(good, "x: {model: box, C_al: 3}"),
         {"bad.yaml:3", "x: assembly box has no parameter 'C_al'", "did you mean 'C_all'"}},
        {"path to nothing",
         with(good, "x: {model: box, lmp.C: 3}"),
         {"bad.yaml:3", "x has no component 'lmp'", "did you mean 'lump'"}},
        {"path to no parameter",
         with(good, "x: {model: box, lump.D: 3}"),
         {"bad.yaml:3", "x.lump: model heat_capacity has no parameter 'D'"}},
        {"short name to nothing",
         with("{components: {lump: {model: heat_capacity, C: 1}}, parameters: {C_all: lmp.C}}"),
         {"bad.yaml:5", "no component 'lmp'"}},
        {"port of nothing",
         with("{components: {lump: {model: heat_capacity, C: 1}}, ports: {p: lump.prt}}") +
             "connections: [x -> x.lump.port]",
         {"bad.yaml:5", "no port 'prt'"}},
        {"port is a component",
         with("{components: {lump: {model: heat_capacity, C: 1}}, ports: {p: lump}}"),
         {"bad.yaml:5", "must name a port"}},
        {"port with the name of a part",
         with("{components: {lump: {model: heat_capacity, C: 1}}, ports: {lump: lump.port}}"),
         {"bad.yaml:5", "also one of its components"}},
        {"no such outward port", with(good) + "connections: [x.q -> x.p]", {"bad.yaml:6", "no port or component 'q'"}},
        {"without ports",
         with("{components: {lump: {model: heat_capacity, C: 1}}}") + "connections: [x -> x.lump.port]",
         {"bad.yaml:6", "says no ports"}},
        {"set to nothing",
         beside("set: {\"pth[*].G\": 3}"),
         {"bad.yaml:9", "no component 'pth'", "did you mean 'path'"}},
        {"set without index", beside("set: {path.G: 3}"), {"bad.yaml:9", "path has 3 elements; write path[*]"}},
        {"set beyond", beside("set: {\"path[2..4].G\": 3}"), {"bad.yaml:9", "path has 3 elements"}},
        {"set out of range",
         beside("set: {\"path[2].G\": -3 W/K}"),
         {"bad.yaml:9", "path[2]: G = -3 W/K is outside its range (at least 0 W/K)"}},
        {"set a component", beside("set: {lump: 3}"), {"bad.yaml:9", "'lump' names no value"}},
        {"set with pattern at the end",
         beside("set: {\"lump.*\": 3}"),
         {"bad.yaml:9", "must end with the name of one parameter"}},
    };
    for (const Mistake& m : mistakes) check(m);
}

TEST_CASE("wrong profiles and events say which and why") {
    const auto profile = [](const std::string& text) {
        return beside("profiles: {p: " + text + "}\napply: [{profile: p, to: lump.C}]");
    };
    const Mistake mistakes[] = {
        {"no form", profile("{otherwise: 1}"), {"bad.yaml:9", "profile p", "one of constant, step"}},
        {"unknown form", profile("{square: {}}"), {"bad.yaml:9", "no key 'square'"}},
        {"unsorted times",
         profile("{piecewise: [[5 s, 1], [1 s, 2]]}"),
         {"bad.yaml:9", "profile p: times must increase", "point 1 is at 5 s and point 2 at 1 s"}},
        {"no points", profile("{piecewise: []}"), {"bad.yaml:9", "no points"}},
        {"time without time unit", profile("{piecewise: [[5 m, 1], [6 m, 2]]}"), {"bad.yaml:9", "profile p", "5 m"}},
        {"duty",
         profile("{square_wave: {high: 2, low: 1, period: 1 s, duty: 1.2}}"),
         {"bad.yaml:9", "duty = 1.2 must lie between 0 and 1"}},
        {"period",
         profile("{square_wave: {high: 2, low: 1, period: 0 s, duty: 0.5}}"),
         {"period = 0 s must be at least 0.001 s"}},
        {"no otherwise",
         profile("{square_wave: {high: 2, low: 1, period: 1 s, duty: 0.5, from: 10 s}}"),
         {"bad.yaml:9", "add otherwise"}},
        {"key of another form",
         profile("{constant: 1, between: step}"),
         {"bad.yaml:9", "'between' does not go with 'constant'"}},
        {"wrong between",
         profile("{piecewise: [[0, 1], [1, 2]], between: cubic}"),
         {"between = 'cubic' is not one of linear, step"}},
        {"wrong dimension", profile("{constant: 3 W}"), {"bad.yaml:9", "profile p", "3 W"}},
        {"outside the range",
         profile("{constant: -3}"),
         {"bad.yaml:10", "profile p: lump.C = -3 J/K is outside its range"}},
        {"no csv", profile("{csv: none.csv, time: t, value: v}"), {"bad.yaml:9", "no file", "none.csv"}},
        {"unknown profile",
         beside("profiles: {train: {constant: 1}}\napply: [{profile: tran, to: lump.C}]"),
         {"bad.yaml:10", "no profile 'tran'", "did you mean 'train'"}},
        {"applied to nothing",
         beside("profiles: {p: {constant: 1}}\napply: [{profile: p, to: lump.D}]"),
         {"bad.yaml:10", "lump has no 'D'"}},
        {"applied to a result",
         beside("profiles: {p: {constant: 1}}\napply: [{profile: p, to: lump.T}]"),
         {"bad.yaml:10", "a result, not a parameter"}},
        {"two profiles on one",
         beside(
             "profiles: {p: {constant: 1}}\napply: [{profile: p, to: \"path[1].G\"}, {profile: p, to: \"path[1].G\"}]"),
         {"bad.yaml:10", "two profiles"}},
        {"unlike targets",
         beside("profiles: {p: {constant: 1}}\napply: [{profile: p, to: [\"*.*\"]}]"),
         {"bad.yaml:10", "different quantities"}},
        {"event without time", beside("events: [{set: lump.C, to: 3}]"), {"bad.yaml:9", "'at' is missing"}},
        {"event before the run", beside("events: [{at: -1 s, set: lump.C, to: 3}]"), {"bad.yaml:9", "before the run"}},
        {"event to and by", beside("events: [{at: 1 s, set: lump.C, to: 3, by: 2}]"), {"both 'to' and 'by'"}},
        {"event on nothing", beside("events: [{at: 1 s, set: lmp.C, to: 3}]"), {"bad.yaml:9", "did you mean 'lump'"}},
        {"event out of range",
         beside("events: [{at: 1 s, set: lump.C, by: -30}]"),
         {"bad.yaml:9", "lump.C = -21 J/K is outside"}},
        {"event with wrong unit",
         beside("events: [{at: 1 s, set: lump.C, to: 3 kg}]"),
         {"bad.yaml:9", "event: lump.C", "3 kg"}},
        {"event against a profile",
         beside("profiles: {p: {constant: 1}}\napply: [{profile: p, to: \"path[1].G\"}]\n"
                "events: [{at: 1 s, set: \"path[1].G\", to: 3}]"),
         {"bad.yaml:11", "follows a profile"}},
        {"event on what is stored",
         beside("events: [{at: 1 s, set: lump.C, to: 3}]"),
         {"bad.yaml:9", "cannot change lump.C during a run", "compare two runs"}},
        {"profile on what is stored", profile("{constant: 3}"), {"bad.yaml:10", "cannot change lump.C during a run"}},
        {"limit without bound", beside("limits: [{of: lump.T}]"), {"bad.yaml:9", "none of min, max and spread"}},
        {"spread of one value",
         beside("limits: [{of: lump.T, spread: 5 %}]"),
         {"bad.yaml:9", "spread = 0.05 of 1 value", "tray[*]"}},
        {"limit upside down", beside("limits: [{of: lump.T, min: 90 degC, max: 80 degC}]"), {"lies above max"}},
        {"limit of nothing", beside("limits: [{of: lump.T_die, max: 80 degC}]"), {"bad.yaml:9", "lump has no 'T_die'"}},
        {"limit of two quantities",
         beside("limits: [{of: [lump.T, lump.C], max: 80 degC}]"),
         {"one limit holds for one quantity"}},
        {"record of nothing", beside("record: {also: [lump.X]}"), {"bad.yaml:9", "lump has no 'X'"}},
        {"record every 0", beside("record: {every: 0 s}"), {"record: every = 0 s must be above 0"}},
        {"run start", beside("run: {start: cold}"), {"bad.yaml:9", "start = 'cold' is not steady"}},
        {"run tolerance", beside("run: {tolerance: 2}"), {"tolerance = 2 is outside its range"}},
        {"run duration", beside("run: {duration: 5 kW}"), {"bad.yaml:9", "run: duration", "5 kW"}},
        {"steady at", beside("run: {steady_at: noon}"), {"bad.yaml:9", "nominal, mean or a time"}},
        {"cold start outside",
         beside("settings: {T_start: 30 K}"),
         {"T_start = 30 K is outside its range (200 to 600 K)"}},
        {"strict", beside("settings: {strict: maybe}"), {"strict = 'maybe' must be true or false"}},
    };
    for (const Mistake& m : mistakes) check(m);
}
