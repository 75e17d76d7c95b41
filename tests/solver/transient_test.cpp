// runs in time against closed forms
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "solver/model/registration.hpp"
#include "solver/transient/consistent.hpp"
#include "solver/transient/ida_engine.hpp"
#include "solver/transient/simulation.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;

namespace {

/// Every point shown, for one unknown.
class Watch final : public Observer {
   public:
    Watch(int unknown, double every) : unknown_(unknown), every_(every) {}
    void point(double t, const Point& at) override {
        ordered = ordered && (times.empty() || t >= times.back());
        times.push_back(t);
        values.push_back(at.y[unknown_]);
    }
    void event(double t, const std::string& component, const std::string& text) override {
        events.push_back({t, component + ": " + text});
    }
    double next_wanted(double t) const override { return (std::floor(t / every_ + 1e-9) + 1.0) * every_; }

    /// Last value shown at t (behind a jump).
    double at(double t) const {
        for (std::size_t k = times.size(); k-- > 0;)
            if (std::abs(times[k] - t) < 1e-9) return values[k];
        FAIL("no point at ", t);
        return 0.0;
    }
    ~Watch() override { CHECK(ordered); }

    bool ordered = true;
    std::vector<double> times, values;
    std::vector<std::pair<double, std::string>> events;

   private:
    int unknown_;
    double every_;
};

SimulationResult run(const Network& net, Schedule schedule, std::vector<double> y, double duration, double tolerance,
                     Observer& observer) {
    SimulationOptions options;
    options.duration = duration;
    options.tolerance = tolerance;
    return simulate_network(net, net.initial, std::move(schedule), std::move(y), options, observer);
}

// one lump of 100 J/K and 5 W/K to surroundings of 300 K: time constant 20 s
Network one_mass(double power) { return heat_ladder(1, 100.0, 5.0, power, 300.0).build(); }
constexpr double tau = 20.0;

std::vector<double> uniform(const Network& net, double T) {
    std::vector<double> y = net.start;
    for (int u = 0; u < net.size(); ++u)
        if (net.temperature[u]) y[u] = T;
    return y;
}

Schedule power_profile(const Network& net, Profile profile) {
    Schedule s;
    s.add({param_of(net, "source", "power")}, std::move(profile), 1.0);
    return s;
}

}  // namespace

TEST_CASE("one lump follows the exponential of its time constant") {
    const Network net = one_mass(50.0);
    Watch watch(node(net, "C1", "port"), 5.0);
    run(net, {}, uniform(net, 300.0), 100.0, 1e-5, watch);
    // 300 + 50/5 (1 - exp(-t/20))
    for (double t = 5.0; t <= 100.0; t += 5.0)
        CHECK(std::abs(watch.at(t) - (310.0 - 10.0 * std::exp(-t / tau))) < 1e-3);
}

TEST_CASE("two lumps follow the sum of their two exponentials") {
    // C T1' = P - G (T1 - T2), C T2' = G (T1 - 2 T2 + Ta): eigenvalues -(3 +- sqrt 5)/2 G/C
    const double C = 60.0, G = 3.0, P = 30.0, a = C / G;
    const Network net = heat_ladder(2, C, G, P, 300.0).build();
    Watch watch(node(net, "C1", "port"), 10.0);
    run(net, {}, uniform(net, 300.0), 200.0, 1e-5, watch);
    const double s = std::sqrt(5.0), slow = (3.0 - s) / 2.0, fast = (3.0 + s) / 2.0;
    // T1 - Ta = P/G (2 - c1 exp(-slow t/a) - c2 exp(-fast t/a)); value 0 and slope P/C at t = 0
    const double c2 = (1.0 - 2.0 * slow) / (fast - slow), c1 = 2.0 - c2;
    for (double t = 10.0; t <= 200.0; t += 10.0) {
        const double exact = 300.0 + P / G * (2.0 - c1 * std::exp(-slow * t / a) - c2 * std::exp(-fast * t / a));
        CHECK(std::abs(watch.at(t) - exact) < 2e-3);
    }
}

TEST_CASE("a ladder of ten lumps relaxes with its slowest mode") {
    const int n = 10;
    const double C = 20.0, G = 10.0;
    const Network net = heat_ladder(n, C, G, 0.0, 300.0).build();
    std::vector<double> y = net.start;
    // the mode cos((i - 1/2) k) of a ladder insulated at one end and tied at the other, k = pi/(2n + 1)
    const double k = M_PI / (2 * n + 1), rate = 2.0 * G / C * (1.0 - std::cos(k));
    for (int i = 1; i <= n; ++i) y[node(net, fmt::format("C{}", i), "port")] = 300.0 + 20.0 * std::cos((i - 0.5) * k);
    Watch watch(node(net, "C1", "port"), 20.0);
    run(net, {}, y, 100.0, 1e-5, watch);
    for (double t = 20.0; t <= 100.0; t += 20.0)
        CHECK(std::abs(watch.at(t) - 300.0 - 20.0 * std::cos(0.5 * k) * std::exp(-rate * t)) < 2e-3);
}

TEST_CASE("the error falls with the tolerance, and the energy audit stays below it") {
    const Network net = one_mass(50.0);
    double before = 1e300;
    for (double tolerance : {1e-3, 1e-4, 1e-5, 1e-6}) {
        Watch watch(node(net, "C1", "port"), 1.0);
        const SimulationResult r =
            run(net, power_profile(net, Profile::step(30.0, 50.0, 0.0)), uniform(net, 300.0), 100.0, tolerance, watch);
        double error = 0.0;
        for (double t = 1.0; t <= 100.0; t += 1.0) {
            const double rise =
                10.0 * (1.0 - std::exp(-std::min(t, 30.0) / tau)) * std::exp(-std::max(t - 30.0, 0.0) / tau);
            error = std::max(error, std::abs(watch.at(t) - 300.0 - rise));
        }
        INFO("tolerance ", tolerance, ", error ", error, " K, audit ", r.audit.energy_relative());
        CHECK(error < 20.0 * tolerance * 10.0);  // the tolerance bounds the error of a step: 10 K times it
        CHECK(error < 0.5 * before);
        before = error;
        CHECK(r.audit.energy_relative() < tolerance);
        CHECK(r.audit.energy_size > 1500.0);  // 50 W for 30 s, and what left
    }
}

TEST_CASE("a step that ends on a break sees the old power: a pulse enters exactly its energy") {
    // 2 kW for 10 s into 100 J/K, almost adiabatic: 200 K; one step at the new power would miss it by whole kelvins
    const Network net = heat_ladder(1, 100.0, 1e-6, 0.0, 300.0).build();
    Profile pulse = Profile::piecewise({{0.0, 0.0}, {7.3, 2000.0}, {17.3, 0.0}}, Profile::Between::step);
    Watch watch(node(net, "C1", "port"), 1.0);
    const SimulationResult r = run(net, power_profile(net, pulse), uniform(net, 300.0), 60.0, 1e-4, watch);
    CHECK(std::abs(watch.at(7.3) - 300.0) < 1e-4);
    CHECK(std::abs(watch.at(17.3) - 500.0) < 1e-3);
    CHECK(std::abs(watch.at(60.0) - 500.0) < 2e-2);  // 1e-6 W/K over 43 s: nothing
    CHECK(r.audit.energy_in == doctest::Approx(2e4).epsilon(1e-6));
    CHECK(r.restarts == 3);
}

TEST_CASE("a ramp adds the square of time") {
    // adiabatic: C T' = 10 t, until 20 s; then 200 W
    const Network net = heat_ladder(1, 100.0, 1e-9, 0.0, 300.0).build();
    Watch watch(node(net, "C1", "port"), 5.0);
    run(net, power_profile(net, Profile::piecewise({{0.0, 0.0}, {20.0, 200.0}}, Profile::Between::linear)),
        uniform(net, 300.0), 40.0, 1e-5, watch);
    CHECK(std::abs(watch.at(10.0) - 305.0) < 1e-3);
    CHECK(std::abs(watch.at(20.0) - 320.0) < 1e-3);
    CHECK(std::abs(watch.at(40.0) - 360.0) < 1e-3);
}

TEST_CASE(
    "events change parameters at their time, at once or along a ramp, absolutely or by a difference; the latest "
    "decides") {
    const Network net = heat_ladder(1, 100.0, 1e-9, 10.0, 300.0).build();
    const std::vector<std::size_t> power{param_of(net, "source", "power")};
    Schedule s;
    s.add(ScheduledEvent{20.0, power, true, 90.0, 0.0, "90 W more"});
    s.add(ScheduledEvent{10.0, power, false, 0.0, 0.0, "off"});
    s.add(ScheduledEvent{30.0, power, false, 200.0, 20.0, "rises to 200 W in 20 s"});
    s.add(ScheduledEvent{40.0, power, false, 0.0, 0.0, "off for good"});
    Watch watch(node(net, "C1", "port"), 5.0);
    const SimulationResult r = run(net, std::move(s), uniform(net, 300.0), 80.0, 1e-5, watch);
    // 10 s at 10 W, 10 s at 0, 10 s at 90 W, 10 s from 90 W to 145 W, then nothing
    CHECK(std::abs(watch.at(10.0) - 301.0) < 1e-3);
    CHECK(std::abs(watch.at(20.0) - 301.0) < 1e-3);
    CHECK(std::abs(watch.at(30.0) - 310.0) < 1e-3);
    CHECK(std::abs(watch.at(40.0) - 321.75) < 1e-3);
    CHECK(std::abs(watch.at(80.0) - 321.75) < 1e-3);
    REQUIRE(watch.events.size() == 4);
    CHECK(watch.events[0] == std::pair<double, std::string>{10.0, ": off"});
    CHECK(watch.events[3].first == 40.0);
    CHECK(r.events == 4);
}

TEST_CASE("an event at the start acts before the first step") {
    const Network net = one_mass(50.0);
    Schedule s;
    s.add(ScheduledEvent{0.0, {param_of(net, "source", "power")}, false, 0.0, 0.0, "off"});
    Watch watch(node(net, "C1", "port"), 5.0);
    run(net, std::move(s), uniform(net, 300.0), 20.0, 1e-4, watch);
    CHECK(watch.at(20.0) == doctest::Approx(300.0).epsilon(1e-9));
}

TEST_CASE("a square wave settles into the periodic ripple of its closed form") {
    // 100 W half of every 10 s: mean 10 K above 300 K; peaks at 20/(1 + exp(-5/20)) and 20/(1 + exp(5/20)) K
    const Network net = one_mass(0.0);
    const SquareWave wave{100.0, 0.0, 10.0, 0.5};
    Watch watch(node(net, "C1", "port"), 0.5);
    const SimulationResult r =
        run(net, power_profile(net, Profile::square_wave(wave)), uniform(net, 310.0), 300.0, 1e-4, watch);
    const double top = 20.0 / (1.0 + std::exp(-0.25)), bottom = 20.0 / (1.0 + std::exp(0.25));
    CHECK(std::abs(watch.at(295.0) - 300.0 - top) < 5e-3);
    CHECK(std::abs(watch.at(290.0) - 300.0 - bottom) < 5e-3);
    // and the next period is the same
    CHECK(std::abs(watch.at(285.0) - watch.at(295.0)) < 5e-3);
    CHECK(r.restarts == 60);
    CHECK(r.audit.energy_relative() < 1e-4);
}

TEST_CASE("breaks that differ by rounding alone do not stop the integrator") {
    const Network net = one_mass(0.0);
    const std::size_t power = param_of(net, "source", "power");
    Schedule s;
    for (double phase : {0.3, 0.1 + 0.2, std::nextafter(0.3, 0.0)}) {
        SquareWave wave{100.0, 0.0, 1.0, 0.5};
        wave.phase = phase;
        s.add({power}, Profile::square_wave(wave), 1.0);
    }
    Watch watch(node(net, "C1", "port"), 0.5);
    run(net, std::move(s), uniform(net, 310.0), 50.0, 1e-4, watch);
    CHECK(std::abs(watch.at(50.0) - 310.0) < 0.5);
}

TEST_CASE("a run starts from given temperatures with consistent flows") {
    Builder b;
    pressure_supply(b, "in", medium("water"), 320.0, 2.5e5);
    b.add_chain("pipe", model_info("pipe"), 4);
    b.set_number("pipe", "length", 20.0), b.set_number("pipe", "diameter", 0.02);
    put(b, "out", "return_line", {{"p", 2e5}});
    b.connect("in.port", "pipe.a"), b.connect("pipe.b", "out.port");
    const Network net = std::move(b).build();
    std::vector<double> y = uniform(net, 290.0), yp(net.size(), 0.0);
    ConsistentStart start(net);
    REQUIRE(start.solve(y, yp, net.initial));
    std::vector<double> r(net.size());
    net.residual(Point{y.data(), yp.data(), net.initial}, r.data());
    for (int u = 0; u < net.size(); ++u) {
        INFO(net.equation_name(u));
        CHECK(std::abs(r[u]) < 1e-6);
        if (net.differential[u]) CHECK(y[u] == 290.0);
    }
    CHECK(y[unknown_of(net, "pipe.cell[1]", "m_flow")] > 0.3);
    CHECK(yp[node(net, "in", "port", 1)] > 1.0);  // the warm supply heats the first junction
}

TEST_CASE(
    "the state behind a jump satisfies the algebraic equations of the new parameters, stored quantities keep theirs") {
    const Network net = one_mass(50.0);
    Schedule s;
    s.add(ScheduledEvent{10.0, {param_of(net, "ambient", "T")}, false, 280.0, 0.0, "colder"});
    struct Jump final : Observer {
        int T, Q;
        double before = 0.0, after = 0.0, Q_before = 0.0, Q_after = 0.0;
        void point(double t, const Point& at) override {
            if (t < 10.0) return;
            if (t > 10.0) return;
            if (before == 0.0) before = at.y[T], Q_before = at.y[Q];
            after = at.y[T], Q_after = at.y[Q];
        }
        void event(double, const std::string&, const std::string&) override {}
        double next_wanted(double t) const override { return std::floor(t) + 1.0; }
    } jump;
    jump.T = node(net, "C1", "port"), jump.Q = unknown_of(net, "ambient", "Q_flow");
    run(net, std::move(s), uniform(net, 300.0), 20.0, 1e-5, jump);
    CHECK(jump.before == jump.after);
    CHECK(jump.Q_before == doctest::Approx(5.0 * (jump.before - 300.0)).epsilon(1e-6));
    CHECK(jump.Q_after == doctest::Approx(5.0 * (jump.before - 280.0)).epsilon(1e-9));
}

TEST_CASE("a front moves through a pipe of n cells at the speed of the coolant, and its spread falls at first order") {
    const Medium plain = constant_medium(1000.0, 4000.0);
    const double area = M_PI / 4.0 * 0.02 * 0.02, length = 10.0, V_flow = 1e-4,
                 transit = length * area / V_flow;  // 31.4 s
    double before = 0.0;
    for (int cells : {10, 20, 40}) {
        Builder b;
        b.settings.junction_volume = 1e-12;
        flow_supply(b, "in", plain, 310.0, V_flow);
        b.add_chain("pipe", model_info("pipe"), cells);
        b.set_number("pipe", "length", length), b.set_number("pipe", "diameter", 0.02);
        put(b, "out", "return_line", {{"p", 1e5}});
        b.connect("in.port", "pipe.a"), b.connect("pipe.b", "out.port");
        const Network net = std::move(b).build();
        Watch watch(unknown_of(net, fmt::format("pipe.cell[{}]", cells), "T"), 0.05);
        const SimulationResult r = run(net, {}, uniform(net, 300.0), 3.0 * transit, 1e-5, watch);
        // n mixed cells in a row: the outlet's step response is a gamma distribution of mean `transit` and variance
        // transit^2/n
        double mean = 0.0, square = 0.0;
        for (std::size_t k = 1; k < watch.times.size(); ++k) {
            const double t = 0.5 * (watch.times[k] + watch.times[k - 1]),
                         share = (watch.values[k] - watch.values[k - 1]) / 10.0;
            mean += share * t, square += share * t * t;
        }
        const double variance = square - mean * mean;
        INFO(cells, " cells");
        CHECK(mean == doctest::Approx(transit).epsilon(2e-3));
        CHECK(variance == doctest::Approx(transit * transit / cells).epsilon(0.02));
        if (before > 0.0) CHECK(before / variance == doctest::Approx(2.0).epsilon(0.03));
        before = variance;
        CHECK(r.audit.energy_relative() < 1e-4);
        CHECK(r.audit.mass_relative < 1e-8);
    }
}

namespace {

/// A lump whose loss is not a number above 350 K: a model at fault.
struct Faulty {
    static constexpr std::string_view type = "test_faulty";
    static constexpr std::string_view doc = "a loss that is undefined above 350 K";
    static constexpr Role role = Role::heat_store;
    template <class P>
    struct Params {
        P C, power;
        static constexpr auto declare() {
            return std::tuple{param(&Params::C, "C", "J/K", "capacity", above(0), 10.0),
                              param(&Params::power, "power", "W", "heat", any(), 100.0)};
        }
    };
    template <class S>
    struct Vars {
        Unknown<S> T;
        static constexpr auto declare() {
            return std::tuple{unknown(&Vars::T, "T", "K", 10.0, "temperature", "energy balance", "W")};
        }
    };
    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        using std::sqrt;
        const S T = x.T;
        x.T.residual = p.power - sqrt(S(350.0 - T)) - p.C * x.T.der;
    }
};

}  // namespace

TEST_CASE("a model that gives no number at some state ends the run with an error that names it, not with a crash") {
    Builder b;
    b.settings.T_start = 340.0;
    b.add("kiln", register_model<Faulty>());
    const Network net = std::move(b).build();
    Watch watch(unknown_of(net, "kiln", "T"), 0.1);
    try {
        run(net, {}, net.start, 10.0, 1e-4, watch);
        FAIL("the run went on");
    } catch (const Error& e) {
        INFO(std::string(e.what()));
        CHECK(e.kind == Error::Kind::no_convergence);
        CHECK(e.message.find("kiln") != std::string::npos);
        CHECK(e.message.find("t = 1") != std::string::npos);  // 10 K at about 10 K/s
    }
    CHECK(watch.values.back() > 349.0);  // what was reached is shown
    CHECK_THROWS_AS(solve_steady(net), Error);
}

TEST_CASE("an error thrown inside the equations or by the observer leaves the run as that error") {
    const Network net = one_mass(50.0);
    struct Thrower final : Observer {
        void point(double t, const Point&) override {
            if (t > 5.0) throw input_error("enough");
        }
        void event(double, const std::string&, const std::string&) override {}
        double next_wanted(double t) const override { return t + 1.0; }
    } thrower;
    CHECK_THROWS_WITH_AS(run(net, {}, uniform(net, 300.0), 20.0, 1e-4, thrower), "enough", Error);
    IdaProblem problem;
    problem.net = &net;
    problem.values = &net.initial;
    problem.at_time = [](double t) {
        if (t > 1.0) throw input_error("no parameter after 1 s");
    };
    std::vector<double> y = uniform(net, 300.0), yp(net.size(), 0.0);
    REQUIRE(ConsistentStart(net).solve(y, yp, net.initial));
    IdaEngine engine(problem, 1e-6);
    engine.restart(0.0, y, yp, 20.0);
    CHECK_THROWS_WITH_AS(
        [&] {
            while (engine.step() != IdaEngine::Outcome::stop) continue;
        }(),
        "no parameter after 1 s", Error);
}

TEST_CASE("an interruption ends the run as such, between two steps") {
    const Network net = one_mass(50.0);
    Watch watch(node(net, "C1", "port"), 1.0);
    SimulationOptions options;
    options.duration = 1e6;
    options.interrupted = [&] { return watch.times.back() > 10.0; };
    try {
        simulate_network(net, net.initial, power_profile(net, Profile::square_wave({50.0, 0.0, 5.0, 0.5})),
                         uniform(net, 300.0), options, watch);
        FAIL("the run went on");
    } catch (const Error& e) {
        CHECK(e.kind == Error::Kind::interrupted);
    }
    CHECK(watch.times.back() < 20.0);
}

TEST_CASE("one pulsed lump is followed as closely among five hundred at rest as alone") {
    const auto history = [](int others) {
        Builder b;
        put(b, "air", "ambient", {{"T", 300.0}});
        put(b, "source", "heat_source", {{"power", 0.0}});
        for (int i = 0; i <= others; ++i) {
            const std::string lump = fmt::format("lump{}", i), path = fmt::format("path{}", i);
            put(b, lump, "heat_capacity", {{"C", 20.0}});
            put(b, path, "conductance", {{"G", 40.0}});
            b.connect(lump + ".port", path + ".a"), b.connect(path + ".b", "air.port");
        }
        b.connect("source.port", "lump0.port");
        const Network net = std::move(b).build();
        Watch watch(node(net, "lump0", "port"), 0.05);
        SquareWave wave;
        wave.high = 1000.0;
        run(net, power_profile(net, Profile::square_wave(wave)), uniform(net, 300.0), 5.0, 1e-4, watch);
        std::vector<double> seen;
        for (int k = 1; k <= 100; ++k) seen.push_back(watch.at(0.05 * k));
        return seen;
    };
    const std::vector<double> alone = history(0), among = history(500);
    double worst = 0.0;
    for (std::size_t k = 0; k < alone.size(); ++k) worst = std::max(worst, std::abs(alone[k] - among[k]));
    CHECK(*std::max_element(alone.begin(), alone.end()) > 310.0);
    CHECK(worst < 2e-3);
}
