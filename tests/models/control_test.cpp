// controllers, sensors, actuators and switches against closed forms and hand-made sequences.
#include <doctest/doctest.h>

#include "models/control/pi_law.hpp"
#include "tests/models/one_component.hpp"

using namespace kelvolt;
using doctest::Approx;
using test::OneComponent;

namespace {

OneComponent pi_of(double Kp, double Ti, double u_max = 1.0) {
    OneComponent pi(model_info("pi_controller"));
    pi.number("Kp") = Kp;
    pi.number("Ti") = Ti;
    pi.number("u_max") = u_max;
    return pi;
}
double output_of(const OneComponent& c, const char* signal = "output.value") {
    return -c.equation(signal);
}  // at value 0
double rate_of(const OneComponent& c) {
    return c.equation("integral") / c.values.params[c.info.param("Ti")->index];
}  // at der 0

}  // namespace

TEST_CASE("a constant writes its value") {
    OneComponent c(model_info("constant"));
    c.number("value") = 0.7;
    c.at("signal.value") = 0.7;
    CHECK(c.equation("signal.value") == 0.0);
}

TEST_CASE(
    "holding between limits is exact inside, at the limit outside, and off by an eighth of the band at the edge") {
    const auto held = [](double x) { return models::hold_between(x, 0.0, 1.0, 0.02); };
    CHECK(held(0.5) == 0.5);
    CHECK(held(0.985) == 0.985);
    CHECK(held(1.0) == Approx(1.0 - 0.02 / 8));
    CHECK(held(1.02) == Approx(1.0));
    CHECK(held(50.0) == Approx(1.0));
    CHECK(held(-50.0) == Approx(0.0));
}

TEST_CASE("a PI loop whose integral time cancels the plant's lag closes as a first-order step") {
    // plant tau dy/dt = K u - y with Ti = tau: y = y_set (1 - exp(-Kp K t/tau))
    const double tau = 20.0, K = 2.0, Kp = 3.0, y_set = 0.4;
    OneComponent pi = pi_of(Kp, tau, 10.0);
    pi.number("setpoint") = y_set;
    double y = 0.0, share = 0.0;
    const auto slopes = [&](double y_at, double share_at) {
        pi.at("measurement.value") = y_at;
        pi.at("integral") = share_at;
        return std::pair{(K * output_of(pi) - y_at) / tau, rate_of(pi)};
    };
    const double h = 0.01;
    for (int step = 1; step <= 1000; ++step) {
        const auto [k1, i1] = slopes(y, share);
        const auto [k2, i2] = slopes(y + 0.5 * h * k1, share + 0.5 * h * i1);
        const auto [k3, i3] = slopes(y + 0.5 * h * k2, share + 0.5 * h * i2);
        const auto [k4, i4] = slopes(y + h * k3, share + h * i3);
        y += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
        share += h / 6 * (i1 + 2 * i2 + 2 * i3 + i4);
        // below 2 % of its range the output is rounded off, so the first moments are left out of the comparison
        if (step % 250 == 0) CHECK(y == Approx(y_set * (1.0 - std::exp(-Kp * K * step * h / tau))).epsilon(1e-6));
    }
}

TEST_CASE("at rest an unsaturated PI has no error, and a saturated one stops its integral at v - u = Kp e") {
    OneComponent pi = pi_of(0.5, 10.0);
    pi.number("setpoint") = 3.0;
    pi.at("integral") = 0.6;
    pi.at("measurement.value") = 3.0;
    CHECK(pi.equation("integral") == 0.0);
    CHECK(output_of(pi) == Approx(0.6));
    pi.at("measurement.value") = 2.9;
    CHECK(rate_of(pi) == Approx(0.5 * 0.1 / 10.0));
    // error 4: Kp e = 2, u = 1, so v = 3 and the integral stands at 1
    pi.at("measurement.value") = -1.0;
    pi.at("integral") = 1.0;
    CHECK(output_of(pi) == Approx(1.0));
    CHECK(pi.equation("integral") == Approx(0.0));
    // once the error is gone the output is back at its limit's edge, not wound up beyond it
    pi.at("measurement.value") = 3.5;
    CHECK(output_of(pi) == Approx(0.75));
}

TEST_CASE("direct action turns the sign of the error, and the shift adds to the set point") {
    OneComponent pi = pi_of(0.1, 10.0);
    pi.number("setpoint") = 3.0;
    pi.at("setpoint_shift.value") = 1.0;
    pi.at("measurement.value") = 5.0;
    pi.at("integral") = 0.5;
    CHECK(output_of(pi) == Approx(0.4));
    pi.choose("action", "direct");
    CHECK(output_of(pi) == Approx(0.6));
    CHECK(pi.output("error") == Approx(1.0));
}

TEST_CASE(
    "in manual the output is what was set, and the integral follows so that automatic takes over without a bump") {
    OneComponent pi = pi_of(0.5, 10.0);
    pi.number("setpoint") = 3.0;
    pi.number("manual") = 0.3;
    pi.number("automatic") = 0.0;
    pi.at("measurement.value") = 1.0;
    pi.at("integral") = 0.8;
    CHECK(output_of(pi) == Approx(0.3));
    CHECK(rate_of(pi) == Approx((0.3 - 0.8) / 10.0));
    pi.at("integral") = 0.3;
    CHECK(pi.equation("integral") == Approx(0.0));
    pi.number("automatic") = 1.0;
    pi.at("measurement.value") = 3.0;
    CHECK(output_of(pi) == Approx(0.3));
}

TEST_CASE("limits the wrong way round are refused") {
    OneComponent pi = pi_of(1.0, 1.0);
    CHECK(pi.problem() == "");
    pi.number("u_min") = 1.0;
    CHECK(pi.problem() != "");
}

TEST_CASE("a temperature controller opens the valve when its lagging sensor reads too warm") {
    OneComponent c(model_info("temperature_control"));
    c.number("T_set") = 313.15;
    c.at("integral") = 0.5;
    c.at("T_measured") = 315.15;
    c.at("sensor.T") = 316.15;
    CHECK(output_of(c) == Approx(0.5 + 0.05 * 2.0));
    c.der("T_measured") = 1.0 / 3.0;  // 1 K behind, tau 3 s
    CHECK(c.equation("T_measured") == Approx(0.0));
    CHECK(c.equation("sensor.p") == 0.0);
    CHECK(c.equation("sensor.T") == 0.0);
}

TEST_CASE("CDU control holds a pressure difference, a flow or a speed") {
    OneComponent c(model_info("cdu_control"));
    c.number("dp_set") = 1.15e5;
    c.number("V_flow_set") = 2e-3;
    c.number("speed_set") = 0.9;
    const double at_rest = 0.2 + 0.5 * 0.8;  // integral 0.5 of the range 0.2 to 1
    c.at("integral") = 0.5;
    c.at("supply.T") = 313.15;
    c.at("supply.p") = 3.15e5;
    c.at("return.p") = 2e5;
    CHECK(output_of(c, "speed.value") == Approx(at_rest));
    CHECK(c.equation("integral") == Approx(0.0));
    c.at("return.p") = 2.115e5;  // 10 % short
    CHECK(output_of(c, "speed.value") == Approx(at_rest + 0.3 * 0.1));
    c.choose("mode", "constant_flow");
    c.at("m_flow.value") = 2e-3 * probe_medium()->rho(313.15);
    CHECK(output_of(c, "speed.value") == Approx(at_rest));
    c.at("m_flow.value") *= 1.2;
    CHECK(output_of(c, "speed.value") == Approx(at_rest - 0.3 * 0.2));
    c.choose("mode", "constant_speed");
    CHECK(output_of(c, "speed.value") == Approx(0.9));
    for (const char* flow : {"supply.p", "supply.T", "return.p", "return.T"}) CHECK(c.equation(flow) == 0.0);
}

TEST_CASE("CDU control asks for the set point of its mode") {
    OneComponent c(model_info("cdu_control"));
    CHECK(c.problem().find("dp_set") != std::string::npos);
    c.choose("mode", "constant_flow");
    CHECK(c.problem().find("V_flow_set") != std::string::npos);
    c.choose("mode", "constant_speed");
    CHECK(c.problem() == "");
}

TEST_CASE("temperature sensors lag by their time constant and draw nothing") {
    OneComponent fluid(model_info("sensor_temperature")), surface(model_info("sensor_surface"));
    for (auto* c : {&fluid, &surface}) {
        c->number("tau") = 4.0;
        c->at("port.T") = 320.0;
        c->at("T_measured") = 312.0;
        c->der("T_measured") = 2.0;
        CHECK(c->equation("T_measured") == Approx(0.0));
        CHECK(output_of(*c, "signal.value") == Approx(312.0));
        CHECK(c->equation("port.T") == 0.0);
    }
}

TEST_CASE("pressure sensors show absolute pressure and difference, with their error") {
    OneComponent p(model_info("sensor_pressure")), dp(model_info("sensor_dp"));
    p.at("port.p") = 3.1e5;
    p.number("offset") = 500.0;
    CHECK(output_of(p, "signal.value") == Approx(3.105e5));
    dp.at("a.p") = 3.1e5;
    dp.at("b.p") = 1.9e5;
    CHECK(output_of(dp, "signal.value") == Approx(1.2e5));
}

TEST_CASE("a flow meter shows mass and volume flow at its stated pressure drop and passes enthalpy on") {
    OneComponent c(model_info("sensor_flow"));
    const Medium& fluid = *probe_medium();
    c.at("a.p") = 2e5;
    c.at("b.p") = 2e5 - 20.0;
    c.at("a.T") = 310.0;
    c.at("b.T") = 300.0;
    c.at("m_flow") = 2.0;
    CHECK(c.equation("m_flow") == Approx(0.0));
    CHECK(output_of(c, "m_signal.value") == Approx(2.0));
    CHECK(output_of(c, "V_signal.value") == Approx(2.0 / fluid.rho(310.0)));
    CHECK(c.equation("a.T") == Approx(2.0 * fluid.h(310.0, 2e5)).epsilon(1e-6));
    CHECK(c.equation("a.T") + c.equation("b.T") == Approx(0.0));
}

TEST_CASE("an actuator runs at its rate when far from its goal and with its lag when near") {
    OneComponent c(model_info("actuator_rate"));
    c.number("rate") = 0.1;
    c.number("tau") = 0.5;
    const auto speed = [&](double from, double to) {  // dy/dt that satisfies the equation
        c.at("y") = from;
        c.at("input.value") = to;
        const int k = c.local("y");
        return -c.residual()[k] / c.jacobian(0.0, 1.0)(k, k);
    };
    CHECK(speed(0.0, 1.0) == Approx(0.1).epsilon(2e-3));
    CHECK(speed(1.0, 0.0) == Approx(-0.1).epsilon(2e-3));
    CHECK(speed(0.5, 0.501) == Approx(0.001 / 0.5).epsilon(1e-3));
    // z/sqrt(1 + z^2) at z = 1
    CHECK(speed(0.0, 0.05) == Approx(0.1 / std::sqrt(2.0)));
    CHECK(speed(0.3, 0.3) == 0.0);
    // the closed form of z' = -z/(tau sqrt(1 + z^2)): t/tau = F(z0) - F(z), F = sqrt(1 + z^2) - asinh(1/z)
    double y = 0.0, t = 0.0;
    const double h = 1e-3;
    while (y < 0.45) {
        const double k1 = speed(y, 0.5), k2 = speed(y + 0.5 * h * k1, 0.5);
        y += h * k2;
        t += h;
    }
    const auto F = [](double z) { return std::sqrt(1 + z * z) - std::asinh(1 / z); };
    CHECK(t == Approx(0.5 * (F(10.0) - F((0.5 - y) / 0.05))).epsilon(1e-5));
}

TEST_CASE("throttling firmware steps down while the margin is short, waits in the band, and steps up beyond it") {
    OneComponent c(model_info("throttle"));
    c.number("T_limit") = 363.15;
    c.number("margin_wanted") = 3.0;
    c.number("factor_min") = 0.88;
    c.at("cap.value") = 1.0;
    CHECK(c.block->sample_period(0, c.values) == 0.1);
    const auto sample = [&](double T) {
        c.at("temperature.value") = T;
        const bool changed = c.update(-1);
        return std::pair{changed, output_of(c, "throttle.value")};
    };
    CHECK(sample(350.0) == std::pair{false, 1.0});
    CHECK(sample(361.0).second == Approx(0.95));
    CHECK(sample(361.0).second == Approx(0.90));
    CHECK(sample(361.0).second == Approx(0.88));
    CHECK(sample(361.0).first == false);
    CHECK(sample(359.0) == std::pair{false, 0.88});  // margin 4.15 K: in the band of 3 to 5 K
    CHECK(sample(350.0).second == Approx(0.89));
    CHECK(c.output("margin") == Approx(13.15));
}

TEST_CASE("a throttle factor that rounding leaves just below 1 is no change any more") {
    OneComponent c(model_info("throttle"));
    c.number("T_limit") = 363.15;
    c.number("step_down") = c.number("step_up") = 0.1;
    c.at("cap.value") = 1.0;
    const auto changes = [&](double T) {
        c.at("temperature.value") = T;
        return c.update(-1);
    };
    for (int i = 0; i < 3; ++i) CHECK(changes(370.0));
    for (int i = 0; i < 3; ++i) CHECK(changes(300.0));
    for (int i = 0; i < 3; ++i) CHECK_FALSE(changes(300.0));
    CHECK(output_of(c, "throttle.value") == Approx(1.0));
}

TEST_CASE("a two-point switch goes on above, off below, and its root function is above zero while a change is due") {
    OneComponent c(model_info("hysteresis"));
    c.number("on_above") = 310.0;
    c.number("off_below") = 305.0;
    c.number("value_on") = 0.8;
    const auto root = [&](double input) {
        c.at("input.value") = input;
        double g = 0.0;
        c.block->root_values(0, c.point(), &g);
        return g;
    };
    CHECK(c.block->roots() == 1);
    CHECK(root(309.0) == Approx(-1.0));
    CHECK(c.update(0) == false);
    CHECK(root(310.0) == Approx(0.0));
    CHECK(c.update(0) == true);
    CHECK(output_of(c) == Approx(0.8));
    CHECK(root(310.0) == Approx(-5.0));
    CHECK(root(304.0) == Approx(1.0));
    CHECK(c.update(0) == true);
    CHECK(output_of(c) == Approx(0.0));
    c.number("off_below") = 311.0;
    CHECK(c.problem() != "");
}

TEST_CASE("a power cap falls after its reaction time, is cancelled by a short call, and is released later") {
    OneComponent c(model_info("power_cap"));
    c.number("cap") = 0.6;
    c.number("reaction_time") = 2.0;
    c.number("release_time") = 30.0;
    c.block->begin(0, c.point(), c.values);
    // lets every root function that is positive at the time decide, as a run does
    const auto at = [&](double t, double call) {
        c.values.time = t;
        c.at("call.value") = call;
        double g[3];
        for (int round = 0; round < 3; ++round) {
            c.block->root_values(0, c.point(), g);
            for (int k = 0; k < 3; ++k)
                if (g[k] > 0.0) c.update(k);
        }
        return output_of(c, "factor.value");
    };
    CHECK(at(0.0, 0.0) == 1.0);
    CHECK(at(10.0, 1.0) == 1.0);
    CHECK(at(11.0, 0.0) == 1.0);  // the call was shorter than the reaction time
    CHECK(at(13.0, 0.0) == 1.0);
    CHECK(at(20.0, 1.0) == 1.0);
    CHECK(at(21.999, 1.0) == 1.0);
    CHECK(at(22.0, 1.0) == Approx(0.6));
    CHECK(at(40.0, 0.0) == Approx(0.6));
    CHECK(at(70.0, 0.0) == 1.0);
}
