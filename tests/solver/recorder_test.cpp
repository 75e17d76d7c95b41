#include "solver/transient/recorder.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;

namespace {

class Rows final : public RowSink {
   public:
    struct Row {
        double t, value, mean, low, high;
    };
    void row(double t, const std::vector<double>& value, const std::vector<double>& mean,
             const std::vector<double>& low, const std::vector<double>& high) override {
        rows.push_back({t, value[0], mean[0], low[0], high[0]});
    }
    void event(double t, const std::string& component, const std::string&) override {
        events.push_back({t, component});
    }
    std::vector<Row> rows;
    std::vector<std::pair<double, std::string>> events;
};

ValueRef potential(const Network& net, const std::string& path, const std::string& port) {
    ValueRef ref;
    ref.kind = ValueRef::Kind::potential;
    ref.component = net.find(path);
    ref.index = component(net, path).info->port(port)->first;
    ref.path = path + "." + port + ".T";
    return ref;
}
ValueRef parameter(const Network& net, const std::string& path, const std::string& name) {
    ValueRef ref;
    ref.kind = ValueRef::Kind::parameter;
    ref.component = net.find(path);
    ref.index = component(net, path).info->param(name)->index;
    ref.path = path + "." + name;
    return ref;
}

// 100 J/K, 5 W/K: time constant 20 s; 100 W for the first half of every second
Network one_mass() { return heat_ladder(1, 100.0, 5.0, 0.0, 300.0).build(); }
Schedule one_hertz(const Network& net) {
    Schedule s;
    s.add({param_of(net, "source", "power")}, Profile::square_wave({100.0, 0.0, 1.0, 0.5}), 1.0);
    return s;
}

std::vector<double> at(const Network& net, double T) {
    std::vector<double> y = net.start;
    for (int u = 0; u < net.size(); ++u)
        if (net.temperature[u]) y[u] = T;
    return y;
}

SimulationResult run(const Network& net, Recorder& recorder, Schedule schedule, std::vector<double> y,
                     double duration) {
    SimulationOptions options;
    options.duration = duration;
    options.tolerance = 1e-6;
    const SimulationResult r = simulate_network(net, net.initial, std::move(schedule), std::move(y), options, recorder);
    recorder.finish();
    return r;
}

}  // namespace

TEST_CASE("an interval keeps mean, minimum and maximum of a 1 Hz wave that its sampled value does not show") {
    const Network net = one_mass();
    // periodic steady state: lowest at every full second, highest at every half
    const double low = 20.0 / (1.0 + std::exp(0.5 / 20.0)), high = 20.0 / (1.0 + std::exp(-0.5 / 20.0));
    Rows rows;
    Recorder recorder(net, {potential(net, "C1", "port")}, 1.0, rows);
    run(net, recorder, one_hertz(net), at(net, 300.0 + low), 10.0);
    REQUIRE(rows.rows.size() == 11);
    for (std::size_t k = 1; k < rows.rows.size(); ++k) {
        const auto& row = rows.rows[k];
        INFO("row ", k);
        CHECK(row.t == double(k));
        CHECK(std::abs(row.value - 300.0 - low) < 1e-3);
        CHECK(std::abs(row.low - 300.0 - low) < 1e-3);
        CHECK(std::abs(row.high - 300.0 - high) < 1e-3);
        CHECK(std::abs(row.mean - 310.0) < 2e-3);  // 50 W mean over 5 W/K
    }
    CHECK(high - low > 0.2);  // the wave is there
    CHECK(recorder.extremes()[0].highest == doctest::Approx(300.0 + high).epsilon(1e-5));
    CHECK(std::abs(std::fmod(recorder.extremes()[0].t_highest, 1.0) - 0.5) < 1e-9);
}

TEST_CASE("the mean of a quantity that jumps counts each level for its own time") {
    const Network net = one_mass();
    Rows rows;
    Recorder recorder(net, {parameter(net, "source", "power")}, 0.8, rows);
    run(net, recorder, one_hertz(net), at(net, 310.0), 4.0);
    REQUIRE(rows.rows.size() == 6);
    // 100 W in [0, 0.5), [1, 1.5), ...: seconds at 100 W in each interval of 0.8 s
    const double on[] = {0.5, 0.5, 0.4, 0.3, 0.3};
    for (int k = 0; k < 5; ++k) {
        INFO("interval ", k + 1);
        CHECK(rows.rows[k + 1].mean == doctest::Approx(100.0 * on[k] / 0.8).epsilon(1e-9));
        CHECK(rows.rows[k + 1].low == 0.0);
        CHECK(rows.rows[k + 1].high == 100.0);
    }
}

TEST_CASE("the interval begun when a run ends is written by finish") {
    const Network net = one_mass();
    Rows rows;
    Recorder recorder(net, {potential(net, "C1", "port")}, 3.0, rows);
    run(net, recorder, {}, at(net, 310.0), 7.0);
    REQUIRE(rows.rows.size() == 4);
    CHECK(rows.rows[0].t == 0.0);
    CHECK(rows.rows[2].t == 6.0);
    CHECK(rows.rows[3].t == 7.0);
    // cooling from 310 K: the mean of the last second by the integral of the exponential
    const double mean = 10.0 * 20.0 * (std::exp(-6.0 / 20.0) - std::exp(-7.0 / 20.0));
    CHECK(std::abs(rows.rows[3].mean - 300.0 - mean) < 1e-3);
    recorder.finish();
    CHECK(rows.rows.size() == 4);
}

TEST_CASE("a probe reads unknowns, node values, parameters, port flows and outputs of one point") {
    const Network net = heat_ladder(1, 100.0, 5.0, 50.0, 300.0).build();
    const SteadyState s = solve_steady(net);
    const Component& source = component(net, "source");
    std::vector<ValueRef> refs{potential(net, "C1", "port"), parameter(net, "source", "power")};
    ValueRef flow = potential(net, "G1", "a");
    flow.kind = ValueRef::Kind::flow;
    ValueRef unknown;
    unknown.kind = ValueRef::Kind::unknown;
    unknown.component = net.find("ambient");
    unknown.index = component(net, "ambient").info->unknowns[0].local;
    ValueRef output;
    output.kind = ValueRef::Kind::output;
    output.component = net.find("source");
    output.index = source.info->output("P");
    refs.insert(refs.end(), {flow, unknown, output});
    std::vector<double> out(refs.size()), zero(net.size(), 0.0);
    Probe(net, refs).read(Point{s.y.data(), zero.data(), net.initial}, out.data());
    CHECK(out[0] == doctest::Approx(310.0));
    CHECK(out[1] == 50.0);
    CHECK(out[2] == doctest::Approx(50.0));
    CHECK(out[3] == doctest::Approx(50.0));
    CHECK(out[4] == 50.0);
    // with the outputs of an assessment it reads the same
    const Point point{s.y.data(), zero.data(), net.initial};
    Assessment looked(net);
    looked.look(0.0, point);
    std::vector<double> again(refs.size());
    Probe(net, refs).read(point, looked, again.data());
    CHECK(again == out);
}

TEST_CASE("a margin that does not apply at the end of a run does not hide the smallest one before") {
    Builder b;
    put(b, "chip", "chip", {{"power", 100.0}, {"R_jc", 1e-9}, {"C_die", 100.0}, {"T_die_max", 312.0}});
    heat_to_surroundings(b, "air", "chip.case", 5.0, 300.0);
    const Network net = std::move(b).build();
    Assessment a(net);
    Values values = net.initial;
    const std::vector<double> y(net.size(), 305.0), still(net.size(), 0.0);
    a.look(0.0, Point{y.data(), still.data(), values});
    values.params[param_of(net, "chip", "T_die_max")] = not_given;
    a.look(1.0, Point{y.data(), still.data(), values});
    for (std::size_t k = 0; k < a.checks().size(); ++k)
        if (a.checks()[k].id == "die_temperature") {
            CHECK(a.checks()[k].margin() == doctest::Approx(7.0));
            CHECK(a.check_rows()[k].time == 0.0);
        }
}

TEST_CASE(
    "an assessment keeps the smallest margin of a run and its time, and the widest excursion from a stated range") {
    Builder b;
    put(b, "chip", "chip", {{"power", 100.0}, {"R_jc", 1e-9}, {"C_die", 100.0}, {"T_die_max", 312.0}});
    heat_to_surroundings(b, "air", "chip.case", 5.0, 300.0);
    const Network net = std::move(b).build();
    Schedule s;
    s.add({param_of(net, "chip", "power")}, Profile::piecewise({{0.0, 100.0}, {10.0, 0.0}}, Profile::Between::step),
          1.0);
    Rows rows;
    Recorder recorder(net, {potential(net, "chip", "case")}, 1.0, rows);
    run(net, recorder, std::move(s), at(net, 300.0), 30.0);
    const auto& checks = recorder.assessment().checks();
    bool found = false;
    for (std::size_t k = 0; k < checks.size(); ++k) {
        if (checks[k].id != "die_temperature") continue;
        found = true;
        // hottest at 10 s: 300 + 20 (1 - exp(-1/2))
        CHECK(checks[k].value == doctest::Approx(300.0 + 20.0 * (1.0 - std::exp(-0.5))).epsilon(1e-6));
        CHECK(checks[k].margin() == doctest::Approx(12.0 - 20.0 * (1.0 - std::exp(-0.5))).epsilon(1e-3));
        CHECK(recorder.assessment().check_rows()[k].time == 10.0);
    }
    CHECK(found);
    for (const CheckValue& check : checks)
        if (check.id == "case_temperature") CHECK(std::isnan(check.margin()));  // no limit given: not assessed
}

TEST_CASE("wanted points are the multiples of the interval, strictly later") {
    const Network net = one_mass();
    Rows rows;
    const Recorder recorder(net, {potential(net, "C1", "port")}, 0.1, rows);
    for (int k = 0; k < 1000; ++k) {
        const double next = recorder.next_wanted(0.1 * k);
        CHECK(next == doctest::Approx(0.1 * (k + 1)).epsilon(1e-12));
        CHECK(next > 0.1 * k);
    }
    CHECK(recorder.next_wanted(0.05) == doctest::Approx(0.1));
}
