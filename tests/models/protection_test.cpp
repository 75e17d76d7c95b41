// breakers, fuses and relays: closed forms of IEC 60255-151 and of the thermal memory, conventional points, published
// points of a fuse, trips in time.
#include <doctest/doctest.h>

#include <cmath>

#include "solver/transient/simulation.hpp"
#include "tests/models/one_component.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;
using doctest::Approx;

namespace {

TripTimes times(const OneComponent& c, double I) { return c.block->trip_times(0, c.values, I, 0.0); }

// miniature breaker of characteristic C, 16 A (IEC 60898-1)
OneComponent miniature() {
    OneComponent c(model_info("ac1_breaker"));
    for (const auto& [name, x] : std::initializer_list<std::pair<const char*, double>>{{"I_rated", 16.0},
                                                                                       {"no_trip", 1.13},
                                                                                       {"trip", 1.45},
                                                                                       {"t_conventional", 3600.0},
                                                                                       {"x_point", 2.55},
                                                                                       {"t_point_min", 1.0},
                                                                                       {"t_point_max", 60.0},
                                                                                       {"instant_min", 5.0},
                                                                                       {"instant_max", 10.0},
                                                                                       {"t_open", 0.0}})
        c.number(name) = x;
    return c;
}

// a source of 100 V, a breaker and a resistance that takes the current I at that voltage
Network circuit(double I, std::initializer_list<std::pair<const char*, double>> numbers) {
    Builder b;
    put(b, "source", "dc_source", {{"V", 100.0}, {"R", 1e-6}});
    put(b, "device", "dc_breaker", {{"R", 1e-6}});
    for (const auto& [name, x] : numbers) b.set_number("device", name, x);
    put(b, "load", "dc_load", {{"P", 100.0 * I}, {"V", 100.0}, {"z_share", 1.0}});
    b.connect("source.bus", "device.a");
    b.connect("device.b", "load.bus");
    return std::move(b).build();
}

struct Listener final : Observer {
    std::vector<std::pair<double, std::string>> said;
    void event(double t, const std::string& component, const std::string& text) override {
        said.emplace_back(t, component + " " + text);
    }
    void point(double, const Point&) override {}
    double next_wanted(double) const override { return infinite; }
};

// the load steps to the power [W] at each time; returns what was said
std::vector<std::pair<double, std::string>> run(const Network& net, double duration,
                                                const std::vector<std::pair<double, double>>& steps) {
    Schedule schedule;
    for (const auto& [t, P] : steps)
        schedule.add(ScheduledEvent{t, {param_of(net, "load", "P")}, false, P, 0.0, "step"});
    SimulationOptions options;
    options.duration = duration;
    options.tolerance = 1e-8;
    Listener listener;
    (void)simulate_network(net, net.initial, std::move(schedule), solve_steady(net).y, options, listener);
    std::erase_if(listener.said, [](const auto& x) { return x.second == " step"; });
    return listener.said;
}

}  // namespace

TEST_CASE("an inverse relay trips in TMS k/((I/Is)^alpha - 1), as IEC 60255-151 has its four curves") {
    struct Curve4 {
        double k, alpha;
    };
    for (const Curve4& curve : {Curve4{0.14, 0.02}, {13.5, 1.0}, {80.0, 2.0}, {120.0, 1.0}}) {
        OneComponent c(model_info("ac_breaker"));
        c.choose("law", "inverse");
        for (const auto& [name, x] : std::initializer_list<std::pair<const char*, double>>{{"I_rated", 630.0},
                                                                                           {"I_r", 100.0},
                                                                                           {"k", curve.k},
                                                                                           {"alpha", curve.alpha},
                                                                                           {"TMS", 0.4},
                                                                                           {"t_open", 0.0}})
            c.number(name) = x;
        for (const double m : {1.1, 2.0, 5.0, 10.0, 20.0}) {
            const double t = 0.4 * curve.k / (std::pow(m, curve.alpha) - 1.0);
            CHECK(times(c, 100.0 * m).earliest == Approx(0.95 * t).epsilon(1e-12));
            CHECK(times(c, 100.0 * m).latest == Approx(1.05 * t).epsilon(1e-12));
        }
        CHECK(std::isinf(times(c, 99.0).latest));
    }
    // 0.4 x 0.14/(5^0.02 - 1): the standard inverse at five times its setting
    OneComponent c(model_info("ac_breaker"));
    c.choose("law", "inverse");
    c.number("I_rated") = 100.0;
    c.number("TMS") = 0.4;
    c.number("tolerance") = 0.0;
    c.number("t_open") = 0.0;
    CHECK(times(c, 500.0).earliest == Approx(1.7119).epsilon(1e-4));
}

TEST_CASE("a miniature breaker meets the conventional points of IEC 60898-1 at both edges of its band") {
    const OneComponent c = miniature();
    CHECK(std::isinf(times(c, 1.13 * 16.0).earliest));                    // never trips at 1.13
    CHECK(std::isfinite(times(c, 1.14 * 16.0).earliest));                 // but the earliest may just above
    CHECK(times(c, 1.45 * 16.0).latest == Approx(3600.0).epsilon(1e-3));  // trips within an hour at 1.45
    CHECK(times(c, 2.55 * 16.0).earliest == Approx(1.0));
    CHECK(times(c, 2.55 * 16.0).latest == Approx(60.0).epsilon(1e-3));
    CHECK(times(c, 4.99 * 16.0).earliest > 0.0);
    CHECK(times(c, 5.01 * 16.0).earliest == 0.0);
    CHECK(times(c, 9.99 * 16.0).latest > 1.0);
    CHECK(times(c, 10.01 * 16.0).latest == 0.0);
}

TEST_CASE("between both edges the latest device is never faster than the earliest, at any current") {
    OneComponent c = miniature();
    c.number("short_at") = 4.0;
    c.number("i2t_below") = 10.0;
    for (double I = 1.0; I < 1e4; I *= 1.05) CHECK(times(c, I).earliest <= times(c, I).latest);
}

TEST_CASE("a short-time delay with I2t falls with the square of the current up to its knee and is constant beyond") {
    OneComponent c(model_info("ac_breaker"));
    for (const auto& [name, x] : std::initializer_list<std::pair<const char*, double>>{{"I_rated", 1000.0},
                                                                                       {"short_at", 3.0},
                                                                                       {"short_tolerance", 0.0},
                                                                                       {"t_short_min", 0.3},
                                                                                       {"t_short_max", 0.3},
                                                                                       {"i2t_below", 10.0},
                                                                                       {"t_open", 0.0}})
        c.number(name) = x;
    CHECK(times(c, 5000.0).latest == Approx(0.3 * 4.0));
    CHECK(times(c, 10000.0).latest == Approx(0.3));
    CHECK(times(c, 20000.0).latest == Approx(0.3));
    CHECK(times(c, 2900.0).latest > 1.0);
}

TEST_CASE("a fuse takes its times from points, log-log between them: NH-2-315 at 2 kA") {
    // points and interpolated value of pandapower's standard type and its fuse test
    OneComponent c(model_info("ac_fuse"));
    const Curve curve =
        Curve::table({550.0, 920.0, 1900.0, 5000.0, 11000.0}, {4800.0, 120.0, 7.0, 0.1, 0.004}, Curve::Scale::log_log);
    c.give("earliest", curve);
    c.give("latest", curve);
    c.number("I_rated") = 315.0;
    CHECK(c.problem().empty());
    for (const auto& [I, t] : {std::pair{920.0, 120.0}, {1900.0, 7.0}, {5000.0, 0.1}, {11000.0, 0.004}})
        CHECK(times(c, I).latest == Approx(t).epsilon(1e-9));
    CHECK(std::isinf(times(c, 549.0).earliest));
}

TEST_CASE("a band the wrong way round, a missing curve and a setting above the frame are refused with the reason") {
    OneComponent c(model_info("ac_breaker"));
    c.number("I_rated") = 100.0;
    c.number("I_r") = 120.0;
    CHECK(c.problem().find("I_r") != std::string::npos);
    c.number("I_r") = 80.0;
    CHECK(c.problem().empty());
    c.choose("law", "curve");
    CHECK(c.problem().find("both curves") != std::string::npos);
    c.give("earliest", Curve::table({2.0, 10.0}, {100.0, 1.0}));
    c.give("latest", Curve::table({1.5, 10.0}, {10.0, 0.5}));
    CHECK(c.problem().find("exchanged") != std::string::npos);
    c.number("instant_min") = 5.0;
    c.give("latest", Curve::table({2.5, 10.0}, {500.0, 2.0}));
    CHECK(c.problem().find("belong together") != std::string::npos);
}

TEST_CASE("in a steady state the memory is (I/Ir)^2, and a limit says that the device trips in time") {
    for (const double m : {0.8, 1.04, 1.2}) {
        const Network net = circuit(100.0, {{"I_rated", 100.0 / m}});
        const auto r = solve_steady(net);
        CHECK(r.y[unknown_of(net, "device", "theta")] == Approx(m * m).epsilon(1e-4));
        std::vector<CheckValue> checks;
        Report<double> report;
        report.checks = &checks;
        const Component& c = component(net, "device");
        net.block_of(c).outputs(c.instance, Point{r.y.data(), nullptr, net.initial}, report);
        const auto thermal =
            std::find_if(checks.begin(), checks.end(), [](const CheckValue& v) { return v.id == "breaker_thermal"; });
        REQUIRE(thermal != checks.end());
        CHECK((thermal->margin() > 0.0) == (m < 1.05));
    }
}

TEST_CASE("after a step the thermal memory trips at tau ln((m^2 - theta_0)/(m^2 - k^2)), once, and stays open") {
    // typical device: k^2 = 1.05 x 1.30, tau from 10 s at six times
    const double k2 = 1.05 * 1.30, tau = 10.0 / std::log(36.0 / (36.0 - k2)), before = 0.5, after = 2.0;
    const Network net = circuit(50.0, {{"I_rated", 100.0}, {"t_point_min", 5.0}, {"t_point_max", 20.0}});
    const auto said = run(net, 600.0, {{10.0, 100.0 * 200.0}});
    REQUIRE(said.size() == 2);
    const double m2 = after * after, t = 10.0 + tau * std::log((m2 - before * before) / (m2 - k2));
    CHECK(said[0].first == Approx(t).epsilon(1e-4));
    CHECK(said[0].second.find("device trips by its long-time part at 200 A, 2 times") != std::string::npos);
    CHECK(said[1].second.find("dead") != std::string::npos);
}

TEST_CASE(
    "pulses whose RMS is below the setting do not trip a thermal memory; their peak trips the instantaneous part") {
    // 150 A for 1 s, 40 A for 1 s: RMS 109.8 A of 100 A x sqrt(1.365) = 116.8 A
    std::vector<std::pair<double, double>> pulses;
    for (int k = 0; k < 300; ++k) pulses.emplace_back(k + 1.0, 100.0 * (k % 2 ? 40.0 : 150.0));
    CHECK(run(circuit(40.0, {{"I_rated", 100.0}}), 300.0, pulses).empty());
    const auto said =
        run(circuit(40.0, {{"I_rated", 100.0}, {"instant_min", 1.2}, {"instant_max", 1.6}}), 300.0, pulses);
    REQUIRE(!said.empty());
    CHECK(said[0].first == Approx(1.0));
    CHECK(said[0].second.find("device trips at once at 150 A") != std::string::npos);
}

TEST_CASE("under pulses the memory ripples about the mean square as the first-order lag does") {
    // 180 A and 0 A in turn, 5 s each: trips when theta reaches k^2; the closed form is a sum of exponentials
    const double k2 = 1.05 * 1.30, tau = 10.0 / std::log(36.0 / (36.0 - k2)), m2 = 1.8 * 1.8;
    std::vector<std::pair<double, double>> pulses;
    for (int k = 0; k < 400; ++k) pulses.emplace_back(5.0 * k + 5.0, k % 2 ? 0.1 : 100.0 * 180.0);
    double theta = 0.0, t = 5.0;
    for (;; t += 10.0) {
        const double end = m2 + (theta - m2) * std::exp(-5.0 / tau);
        if (end > k2) break;
        theta = end * std::exp(-5.0 / tau);
    }
    t += tau * std::log((m2 - theta) / (m2 - k2));
    const auto said = run(circuit(0.001, {{"I_rated", 100.0}}), 2000.0, pulses);
    REQUIRE(!said.empty());
    CHECK(said[0].first == Approx(t).epsilon(1e-4));
}

TEST_CASE("a short-time part trips after its delay, and not when the current falls before") {
    const auto numbers = {std::pair{"I_rated", 100.0}, {"short_at", 5.0}, {"t_short_min", 0.3}, {"t_short_max", 0.3}};
    const auto said = run(circuit(50.0, numbers), 3.0, {{1.0, 100.0 * 800.0}});
    REQUIRE(!said.empty());
    CHECK(said[0].first == Approx(1.3).epsilon(1e-5));
    CHECK(said[0].second.find("short-time part at") != std::string::npos);
    CHECK(run(circuit(50.0, numbers), 3.0, {{1.0, 100.0 * 800.0}, {1.25, 100.0 * 50.0}}).empty());
}

TEST_CASE("under a current that changes a relay trips when the integral of dt/t(I) is one") {
    Builder b;
    put(b, "source", "dc_source", {{"V", 100.0}, {"R", 1e-6}});
    put(b, "device", "dc_breaker", {{"I_rated", 100.0}, {"R", 1e-6}, {"k", 13.5}, {"alpha", 1.0}, {"TMS", 0.5}});
    b.set_choice("device", "law", "inverse");
    put(b, "load", "dc_load", {{"P", 5000.0}, {"V", 100.0}, {"z_share", 1.0}});
    b.connect("source.bus", "device.a");
    b.connect("device.b", "load.bus");
    const Network net = std::move(b).build();
    // at 2 times: 6.75 s, at 4 times: 2.25 s; 3 s at the first use 3/6.75, the rest takes (1 - 3/6.75) 2.25 s
    const auto said = run(net, 20.0, {{1.0, 100.0 * 200.0}, {4.0, 100.0 * 400.0}});
    REQUIRE(!said.empty());
    CHECK(said[0].first == Approx(4.0 + (1.0 - 3.0 / 6.75) * 2.25).epsilon(1e-4));
}

TEST_CASE("a breaker or fuse of every kind carries in every conductor until it has tripped, and then in none") {
    for (const char* model :
         {"dc_breaker", "ac_breaker", "ac1_breaker", "ac4_breaker", "dc_fuse", "ac_fuse", "ac1_fuse", "ac4_fuse"}) {
        OneComponent one(model_info(model));
        if (one.info.param("earliest")->required)
            for (const char* name : {"earliest", "latest"})
                one.give(name, Curve::table({100.0, 1000.0}, {1000.0, 1.0}, Curve::Scale::log_log));
        one.number("I_rated") = 100.0;
        one.number("R") = 1e-3;
        const int n = static_cast<int>(one.info.ports[0].kind->pairs.size());
        for (int k = 0; k < 2 * n; ++k) one.y[k] = 100.0 + k * k;
        CHECK(!one.block->separates(0, one.point()));
        const std::vector<double> closed = one.residual();
        one.values.discretes[0] = 1.0;
        const std::vector<double> open = one.residual();
        for (int k = 0; k < n; ++k) {
            CHECK(closed[k] == Approx((one.y[k] - one.y[n + k]) / 1e-3).epsilon(1e-6));
            CHECK(open[k] == Approx((k < 6 ? 1e-9 : 1e-6) * one.y[k]));  // its insulation alone
        }
        CHECK(one.block->separates(0, one.point()));
    }
}

TEST_CASE("on four wires the memory follows the pole that carries most") {
    OneComponent one(model_info("ac4_breaker"));
    one.number("I_rated") = 100.0;
    one.number("R") = 1e-3;
    for (int k = 0; k < 8; ++k) one.y[k] = 0.0;
    one.at("a.va_re") = 0.05;  // 50 A
    one.at("a.vb_im") = 0.12;  // 120 A
    one.at("theta") = 0.5;
    // residual = dtheta/dt - (m^2 - theta)/tau; twice the distance from rest at the same tau
    const double at_worst = one.equation("theta");
    one.at("a.vb_im") = 0.0;
    const double at_other = one.equation("theta");
    CHECK(at_worst / at_other == Approx((1.44 - 0.5) / (0.25 - 0.5)).epsilon(1e-6));
}
