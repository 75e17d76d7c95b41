#include "solver/sensitivity/time_gradients.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace kelvolt;
using Over = TimeFunctional::Kind;

namespace {

// a lump of 500 J/K with 10 W/K to 300 K, heated: time constant 50 s
constexpr const char* lump = R"(
kelvolt: 1
components:
  source: {model: heat_source, power: 100 W}
  lump: {model: heat_capacity, C: 500 J/K}
  path: {model: conductance, G: 10 W/K}
  room: {model: ambient, T: 300 K}
connections: [source.port -> lump.port, lump.port -> path.a, path.b -> room.port]
)";
// a chip of 100 J/K with 5 W/K to 300 K whose power is switched off above 310 K: time constant 20 s
constexpr const char* thermostat = R"(
kelvolt: 1
components:
  chip: {model: chip, power: 100 W, R_jc: 1e-9 K/W, C_die: 100 J/K}
  path: {model: conductance, G: 5 W/K}
  room: {model: ambient, T: 300 K}
  switch: {model: hysteresis, on_above: 310, off_below: 305, value_on: 0, value_off: 1}
connections: [chip.case -> path.a, path.b -> room.port, chip.temperature -> switch.input, switch.output -> chip.throttle]
run: {duration: 20 s, start: {T: 300 K}}
)";
// the same watched by firmware every 0.5 s
constexpr const char* firmware = R"(
kelvolt: 1
components:
  chip: {model: chip, power: 100 W, R_jc: 1e-9 K/W, C_die: 100 J/K}
  path: {model: conductance, G: 5 W/K}
  room: {model: ambient, T: 300 K}
  firmware: {model: throttle, T_limit: 310 K, sample_period: 0.5 s, step_down: 0.1, step_up: 0}
connections: [chip.case -> path.a, path.b -> room.port, chip.temperature -> firmware.temperature, firmware.throttle -> chip.throttle]
run: {duration: 18 s, start: {T: 300 K}}
)";

Case the_case(const std::string& text) { return Case(read_case(text, "test.yaml", ".")); }
Run run_of(const Case& s) {
    RunOptions options;
    options.every = 1.0;
    return s.simulate(options);
}
TimeGradient gradient(const Case& s, const char* of, Over kind, double width = 0.0) {
    return time_gradients(run_of(s), {{s.find(of)[0], kind, width}});
}
double by(const Case& s, const TimeGradient& g, const char* path) {
    double sum = 0.0;
    for (const ValueRef& r : s.subject().parameters(path)) sum += g.by_params[0][position_of(s.network(), r)];
    return sum;
}
// of a tight run, with the functionals' own quadrature
double value_at(Case s, const char* path, double factor, const TimeFunctional& f) {
    const std::vector<ValueRef> refs = s.subject().parameters(path);
    std::vector<double> si = s.get(refs);
    for (double& x : si) x *= factor;
    s.set(refs, si);
    const std::vector<ValueRef> none;
    return time_gradients(run_of(s), {f}, &none, 1e-7, 1e-4).value[0];
}

}  // namespace

TEST_CASE("the gradient of a lump after a step of power is that of its closed form") {
    const Case s =
        the_case(std::string(lump) + "events: [{at: 10 s, set: source.power, by: 200 W}]\nrun: {duration: 60 s}");
    // T(60) = 300 + P/G + 200/G (1 - e), e = exp(-50 G/C): steady at 310 K before the step
    const double e = std::exp(-1.0), G = 10.0, C = 500.0, t = 50.0;
    const TimeGradient end = gradient(s, "lump.T", Over::end);
    CHECK(end.value[0] == doctest::Approx(310.0 + 20.0 * (1.0 - e)).epsilon(1e-6));
    CHECK(by(s, end, "source.power") == doctest::Approx(1.0 / G).epsilon(1e-3));
    CHECK(by(s, end, "room.T") == doctest::Approx(1.0).epsilon(1e-4));
    CHECK(by(s, end, "lump.C") == doctest::Approx(-200.0 / G * e * t * G / (C * C)).epsilon(1e-3));
    CHECK(by(s, end, "path.G") ==
          doctest::Approx(-100.0 / (G * G) - 200.0 / (G * G) * (1.0 - e) + 200.0 / G * e * t / C).epsilon(1e-3));
    // int T dt = 60 (300 + P/G) + 200/G (50 - C/G (1 - e))
    const TimeGradient integral = gradient(s, "lump.T", Over::integral), mean = gradient(s, "lump.T", Over::mean);
    CHECK(integral.value[0] == doctest::Approx(60.0 * 310.0 + 20.0 * (t - C / G * (1.0 - e))).epsilon(1e-6));
    const double by_C = 200.0 / G * (-(1.0 - e) / G + C / G * e * t * G / (C * C));
    CHECK(by(s, integral, "lump.C") == doctest::Approx(by_C).epsilon(1e-3));
    CHECK(by(s, mean, "lump.C") == doctest::Approx(by_C / 60.0).epsilon(1e-3));
}

TEST_CASE("a parameter counts as far as profiles and events leave it its value") {
    const auto by_power = [](const std::string& more) {
        const Case s = the_case(std::string(lump) + more + "\nrun: {duration: 50 s, start: {T: 300 K}}");
        return by(s, gradient(s, "lump.T", Over::end), "source.power");
    };
    const double e = std::exp(-1.0), half = std::exp(-0.5);
    CHECK(by_power("") == doctest::Approx(0.1 * (1.0 - e)).epsilon(1e-3));
    CHECK(by_power("events: [{at: 25 s, set: source.power, to: 0 W}]") ==
          doctest::Approx(0.1 * (1.0 - half) * half).epsilon(1e-3));
    CHECK(by_power("events: [{at: 25 s, set: source.power, by: 50 W}]") ==
          doctest::Approx(0.1 * (1.0 - e)).epsilon(1e-3));
    // ramped down over the whole run the share 1 - t/50 is left: T = 1/C int exp(-(50 - t)/50) (1 - t/50) dt
    CHECK(by_power("events: [{at: 0 s, set: source.power, to: 0 W, over: 50 s}]") ==
          doctest::Approx(0.1 * (1.0 - 2.0 * e)).epsilon(1e-3));
    CHECK(by_power("profiles: {p: {piecewise: [[0 s, 1], [20 s, 2]], between: step}}\n"
                   "apply: [{profile: p, to: source.power, scale: 50}]") == 0.0);
}

TEST_CASE("a switch moves with its threshold") {
    const Case s = the_case(thermostat);
    // on from 300 K: 310 K at t1 = 20 ln 2, then it cools: T(20) = 300 + 10 exp(-(20 - t1)/20)
    const double t1 = 20.0 * std::log(2.0), T = 10.0 * std::exp(-(20.0 - t1) / 20.0);
    const TimeGradient end = gradient(s, "chip.T_die", Over::end);
    CHECK(end.value[0] == doctest::Approx(300.0 + T).epsilon(1e-5));
    // with the threshold 300 + d: T = d exp(-(20 - t1)/20), t1 = -20 ln(1 - d/20)
    CHECK(by(s, end, "switch.on_above") == doctest::Approx(T / 10.0 + T / 20.0 * 20.0 / (20.0 - 10.0)).epsilon(1e-3));
    // T = 300 + 5 P/5 ... from 300 K and P/5 towards: d t1/dP = -t1'(d/(P/5)): t1 = -20 ln(1 - 50/P)
    CHECK(by(s, end, "chip.power") == doctest::Approx(T / 20.0 * -20.0 * (50.0 / 1e4) / (1.0 - 0.5)).epsilon(1e-3));
    // int (T - 300) dt by the energy that came in, P t1 - C (T - 300), over G
    const TimeGradient integral = gradient(s, "chip.T_die", Over::integral);
    CHECK(integral.value[0] == doctest::Approx(6000.0 + (100.0 * t1 - 100.0 * T) / 5.0).epsilon(1e-5));
    const double dt1 = 20.0 / 10.0, dT = T / 10.0 + T / 20.0 * dt1;
    CHECK(by(s, integral, "switch.on_above") == doctest::Approx((100.0 * dt1 - 100.0 * dT) / 5.0).epsilon(1e-3));
}

TEST_CASE("a decision at a sample stays where it is, and what it follows is refused by name") {
    const Case s = the_case(firmware);
    const Run run = run_of(s);
    REQUIRE(run.events.size() >= 2);
    const TimeFunctional end{s.find("chip.T_die")[0], Over::end, 0.0};
    const std::vector<ValueRef> power = s.subject().parameters("chip.power");
    const TimeGradient g = time_gradients(run, {end}, &power);
    const double h = 1e-4;
    const double rough =
        (value_at(s, "chip.power", 1.0 + h, end) - value_at(s, "chip.power", 1.0 - h, end)) / (2.0 * h * 100.0);
    CHECK(by(s, g, "chip.power") == doctest::Approx(rough).epsilon(1e-3));
    for (const char* path : {"firmware.step_down", "firmware.sample_period"}) {
        const std::vector<ValueRef> refused = s.subject().parameters(path);
        try {
            time_gradients(run, {end}, &refused);
            FAIL("no refusal");
        } catch (const Error& e) {
            CHECK(e.kind == Error::Kind::no_gradient);
            CHECK(e.message.find(path) != std::string::npos);
            CHECK(e.message.find(" at t = ") != std::string::npos);
        }
        CHECK(std::isnan(by(s, time_gradients(run, {end}), path)));
    }
}

TEST_CASE("two switches at one time are refused by name") {
    std::string twice = thermostat;
    const auto insert = [&](const std::string& before, const std::string& text) {
        twice.insert(twice.find(before), text);
    };
    insert("connections:", "  second: {model: hysteresis, on_above: 310, off_below: 305}\n");
    insert("]\nrun:", ", chip.temperature -> second.input");
    const Case s = the_case(twice);
    CHECK_THROWS_WITH_AS(gradient(s, "chip.T_die", Over::end),
                         doctest::Contains("switch, second switch together at t = 13.86"), Error);
}

TEST_CASE("gradients of a loop in time are what differences of tight runs say") {
    const Case s(load_case(KELVOLT_SOURCE_DIR "/data/cases/single_loop.yaml"));
    const ValueRef die = s.find("gpu.T_die")[0];
    const std::vector<TimeFunctional> all{
        {die, Over::end, 0.0}, {die, Over::integral, 0.0}, {die, Over::soft_max, 1.0}};
    const TimeGradient g = time_gradients(run_of(s), all);
    CHECK(g.value[2] > g.value[1] / 120.0);
    // a profile drives the activity: only the steady start knows its given value, and the run begins at rest
    for (const char* path : {"gpu.power", "facility.T_supply", "exchanger.C_wall", "gpu.C_lid", "gpu.activity"})
        for (std::size_t k = 0; k < all.size(); ++k) {
            // the lid, and at the end the start, move the die by so little that their differences take a wider step
            const std::string_view name = path;
            const double h = name == "gpu.C_lid" || (name == "gpu.activity" && k == 0) ? 1e-2 : 2e-4;
            const double p = s.get(s.subject().parameters(path))[0];
            const double rough =
                (value_at(s, path, 1.0 + h, all[k]) - value_at(s, path, 1.0 - h, all[k])) / (2.0 * h * p);
            const double exact = g.by_params[k][position_of(s.network(), s.subject().parameters(path)[0])];
            INFO(path, " ", k);
            CHECK(exact == doctest::Approx(rough).epsilon(1e-3));
        }
}
