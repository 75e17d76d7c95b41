// air networks and immersion: fan laws, servers, coils dry and wet, white space, free convection in a tank; closed
// forms, published values and the second law.
#include <doctest/doctest.h>

#include "models/correlations/crossflow_rating.hpp"
#include "models/correlations/exchanger_rating.hpp"
#include "models/correlations/free_convection.hpp"
#include "models/correlations/moist_air.hpp"
#include "models/media/library.hpp"
#include "solver/data_folder.hpp"
#include "tests/models/model_probe.hpp"

using namespace kelvolt;
using doctest::Approx;
using test::Probe;

namespace {

const Medium& fluid(const char* name) {
    set_data_directory(KELVOLT_SOURCE_DIR "/data");
    return medium(name);
}
constexpr double p_room = 101325.0;

// fan of 2 m3/s free delivery and 600 Pa at rest, 50 % efficient
Probe fan() {
    Probe c("air_fan", fluid("air"));
    c.give("dp", Curve::table({0.0, 0.5, 1.0, 1.5, 2.0}, {600.0, 580.0, 480.0, 290.0, 0.0})).set("efficiency", 0.5);
    c.set("rho_nominal", fluid("air").rho(293.15));
    c["a.p"] = p_room, c["b.p"] = p_room + 480.0, c["a.T"] = c["b.T"] = 293.15;
    c["m_flow"] = fluid("air").rho(293.15);
    return c;
}
Probe coil(const char* arrangement = "crossflow") {
    Probe c("air_coil", fluid("water"), &fluid("air"));
    c.choose("arrangement", arrangement);
    c.set("Q_nominal", 40e3).set("T_air_nominal", 310.15).set("T_nominal", 289.15).set("V_flow_nominal", 1e-3);
    c.set("V_flow_air", 2.5).set("dp_nominal", 50e3).set("dp_air", 40.0);
    c["a.p"] = 3e5, c["b.p"] = 2.5e5, c["air_a.p"] = p_room, c["air_b.p"] = p_room - 40.0;
    c["a.T"] = c["b.T"] = 289.15, c["air_a.T"] = c["air_b.T"] = 310.15;
    c["m_flow"] = 1e-3 * fluid("water").rho(289.15), c["m_air"] = 2.5 * fluid("air").rho(310.15);
    return c;
}

}  // namespace

TEST_CASE("a fan follows the affinity laws: flow with speed, pressure with its square, power with its cube") {
    Probe c = fan();
    CHECK(std::abs(c.flow("m_flow")) < 0.1);  // Pa; 480 Pa at 1 m3/s
    CHECK(c.output("P_el") == Approx(480.0 * 1.0 / 0.5).epsilon(2e-3));
    CHECK(c.flow("a.T") + c.flow("b.T") == Approx(-c.output("P_el")).epsilon(1e-9));  // all of it warms the air
    const double full = c.output("P_el"), m = c["m_flow"];
    c["speed_signal.value"] = 0.6, c["m_flow"] = 0.6 * m, c["b.p"] = p_room + 0.36 * 480.0;
    CHECK(std::abs(c.flow("m_flow")) < 0.5);  // Pa
    CHECK(c.output("P_el") == Approx(0.216 * full).epsilon(2e-3));
    c["powered.value"] = 0.0;
    CHECK(c.output("P_el") == Approx(0.0).scale(1.0));
    CHECK(c.flow("m_flow") < -100.0);  // a stopped fan is a resistance
}

TEST_CASE("equal fans in parallel share the flow, and thin air gives less pressure") {
    Probe one = fan(), three = fan();
    three.set("units", 3.0), three["m_flow"] = 3.0 * one["m_flow"];
    CHECK(three.flow("m_flow") == Approx(one.flow("m_flow")).scale(0.1));
    CHECK(three.output("P_el") == Approx(3.0 * one.output("P_el")).epsilon(1e-9));
    one["a.T"] = one["b.T"] = 313.15;  // the same volume of air of 40 degC
    one["m_flow"] = fluid("air").rho(313.15);
    CHECK(one.flow("m_flow") ==
          Approx(480.0 * (fluid("air").rho(313.15) / fluid("air").rho(293.15) - 1.0)).epsilon(0.01));
}

TEST_CASE("a fan whose power is below its pressure rise times flow is refused") {
    Probe c = fan();
    c.give("power", Curve::constant(100.0));
    CHECK(c.problem().find("more than the electric power") != std::string::npos);
}

TEST_CASE("an air-cooled server has its sink's resistance at the nominal flow and warms the air by its whole power") {
    Probe c("air_server", fluid("air"));
    c.give("dp_fans", Curve::table({0.0, 0.02, 0.04, 0.06}, {500.0, 450.0, 300.0, 0.0}));
    c.set("power", 800.0).set("P_sink", 350.0).set("R_sink", 0.12).set("C_sink", 500.0);
    c.set("V_flow_nominal", 0.04).set("dp_chassis", 300.0).set("units", 10.0);
    c["a.p"] = c["b.p"] = p_room, c["a.T"] = 298.15, c["b.T"] = 298.15;
    c["m_flow"] = 10.0 * 0.04 * fluid("air").rho(298.15);
    c["T_sink"] = 298.15 + 0.12 * 350.0;
    CHECK(std::abs(c.flow("T_sink")) < 0.1);  // W
    const double P = c.output("P_el");
    CHECK(P == Approx(8000.0 + c.output("P_fans")).epsilon(1e-9));
    CHECK(c.output("P_fans") == Approx(10.0 * 300.0 * 0.04 / 0.35 * fluid("air").rho(298.15) / 1.2).epsilon(1e-3));
    CHECK(c.output("T_out") - 298.15 == Approx(P / (c["m_flow"] * 1012.78)).epsilon(1e-4));
    // half the air: 1/UA rises by the film's 60 % times 2^0.6, and so does the sink
    c["m_flow"] *= 0.5;
    c.solve("T_sink", 350.0);
    const double C = 0.02 * fluid("air").rho(298.15) * 1012.78, UA_n = -2.0 * C * std::log1p(-1.0 / (0.12 * 2.0 * C)),
                 UA = UA_n / (0.4 + 0.6 * std::pow(2.0, 0.6)), R = 1.0 / (C * (1.0 - std::exp(-UA / C)));
    CHECK(c["T_sink"] == Approx(298.15 + 350.0 * R).epsilon(1e-4));
    CHECK(c.output("T_out") < c["T_sink"]);
}

TEST_CASE("a heat sink better than its air can be is refused with the least resistance") {
    Probe c("air_server", fluid("air"));
    c.give("dp_fans", Curve::table({0.0, 0.06}, {500.0, 0.0}));
    c.set("power", 800.0).set("P_sink", 350.0).set("R_sink", 0.02).set("C_sink", 500.0);
    c.set("V_flow_nominal", 0.04).set("dp_chassis", 300.0);
    CHECK(c.problem().find("least resistance") != std::string::npos);
}

TEST_CASE("a dry coil meets its rating in both arrangements and follows effectiveness-NTU away from it") {
    for (const char* arrangement : {"crossflow", "counterflow"}) {
        Probe c = coil(arrangement);
        CHECK(c.problem() == "");
        c.solve("T_surface", 295.0);
        CHECK(c.output("Q") == Approx(40e3).epsilon(1e-3));  // cp at the mean instead of at the inlets
        CHECK(c.output("Q_sensible") == c.output("Q"));
        CHECK(c.output("condensate") == 0.0);
        CHECK(std::abs(c.flow("m_flow")) < 1.0);  // Pa
        CHECK(std::abs(c.flow("m_air")) < 1e-3);
        CHECK(c.flow("a.T") + c.flow("b.T") == Approx(-40e3).epsilon(1e-3));  // the water carries it away
        CHECK(c.flow("air_a.T") + c.flow("air_b.T") == Approx(40e3).epsilon(1e-3));
        // water 5 K warmer: heat is proportional to the difference of the inlets
        const double Q = c.output("Q");
        c["a.T"] = c["b.T"] = 294.15;
        c.solve("T_surface", 298.0);
        CHECK(c.output("Q") == Approx(Q * 16.0 / 21.0).epsilon(1e-2) /* warmer water has the better film */);
        // half the air: UA_air falls with the root
        c["a.T"] = c["b.T"] = 289.15, c["m_air"] *= 0.5;
        c.solve("T_surface", 295.0);
        const double C = c["m_flow"] * fluid("water").cp(299.65), C_air = c["m_air"] * 1012.78;
        const double UA_n = arrangement[1] == 'r' ? rated_UA_crossflow(40e3 / 21.0, C, 2.0 * C_air)
                                                  : rated_UA(40e3, 0.0, C, 21.0, 2.0 * C_air);
        const double UA = UA_n / (0.75 * std::sqrt(2.0) + 0.25);
        const double G =
            arrangement[1] == 'r' ? crossflow_conductance(UA, C, C_air) : counterflow_conductance(UA, C, C_air, 0.0);
        CHECK(c.output("Q") == Approx(21.0 * G).epsilon(3e-3));
    }
}

TEST_CASE("a wet coil takes total heat as the enthalpies of the air say, along a line to its surface") {
    Probe c = coil("counterflow");
    c["a.T"] = c["b.T"] = 279.15, c["air_a.T"] = c["air_b.T"] = 300.15;
    const double w = 0.0112;  // 27 degC, 50 %: dew point 15.7 degC
    c["w.value"] = w;
    c.solve("T_surface", 285.0);
    const double dry = [&] {
        Probe d = coil("counterflow");
        d["a.T"] = d["b.T"] = 279.15, d["air_a.T"] = d["air_b.T"] = 300.15;
        d.solve("T_surface", 285.0);
        return d.output("Q");
    }();
    const double T_out = c.output("T_air_out"), w_out = c.output("w_out"), Ts = c["T_surface"];
    CHECK(c.output("condensate") > 1e-3);
    CHECK(c.output("Q") > 1.1 * dry);
    CHECK(c.output("Q_sensible") < dry);
    // enthalpy balance of the dry air by the ASHRAE relations, less that of the water that drips off at the surface
    const double m_dry = c["m_air"] / (1.0 + w);
    const double by_air = m_dry * (moist_air::enthalpy(300.15, w) - moist_air::enthalpy(T_out, w_out) -
                                   (w - w_out) * 4186.0 * (Ts - 273.15));
    CHECK(c.output("Q") == Approx(by_air).epsilon(0.01));
    CHECK(c.output("condensate") == Approx(m_dry * (w - w_out)).epsilon(1e-6));
    // the outlet lies on the straight line from the inlet to saturated air at the surface (40 Pa warm it by 0.03 K)
    const double w_s = moist_air::saturated_humidity_ratio(Ts, p_room);
    CHECK((w - w_out) / (w - w_s) == Approx((300.15 - T_out) / (300.15 - Ts)).epsilon(4e-3));
    // energy: what the air loses in temperature plus the heat of condensation goes into the water
    CHECK(c.output("Q") - c.output("Q_sensible") ==
          Approx(c.output("condensate") * (2501e3 - 2326.0 * (Ts - 273.15))).epsilon(1e-6));
}

TEST_CASE("air whose dew point lies below the coil stays as humid as it was; supersaturation and heating stay sane") {
    Probe c = coil();
    c["w.value"] = 0.006;  // dew point 6.6 degC, water of 16 degC
    c.solve("T_surface", 295.0);
    CHECK(c.output("condensate") == 0.0);
    CHECK(c.output("SHR") == 1.0);
    c.set("dew_margin", 2.0);
    CHECK(c.check("coil_dew_point").margin() == Approx(289.15 - (273.15 + 6.6) - 2.0).epsilon(0.02));
    c["w.value"] = 0.015, c["a.T"] = c["b.T"] = 330.0;  // warm coolant heats the air: liquid-to-air
    c.solve("T_surface", 320.0);
    CHECK(c.output("condensate") == 0.0);
    CHECK(c.output("Q") < -10e3);
}

TEST_CASE("no coil passes the second law: water at most as warm as the air, air at most as cold as the water") {
    for (const char* arrangement : {"crossflow", "counterflow"})
        for (const double m : {0.01, 0.3, 1.0, 5.0})
            for (const double m_air : {0.05, 0.5, 3.0, 10.0})
                for (const double w : {0.0, 0.008, 0.013, 0.02}) {
                    Probe c = coil(arrangement);
                    c["a.T"] = c["b.T"] = 280.15, c["air_a.T"] = c["air_b.T"] = 299.15;
                    c["m_flow"] = m, c["m_air"] = m_air, c["w.value"] = w;
                    c.solve("T_surface", 288.0);
                    CAPTURE(m);
                    CAPTURE(m_air);
                    CAPTURE(w);
                    CAPTURE(arrangement);
                    CHECK(std::abs(c.flow("T_surface")) < 1e-6);
                    CHECK(c.output("Q") > 0.0);
                    CHECK(c.output("T_out") <= 299.15 + 0.02);  // 50 kPa of friction warm water by 0.012 K
                    CHECK(c.output("T_air_out") >= 280.15 - 1e-6);
                    CHECK(c["T_surface"] >= 280.15 - 1e-6);
                    CHECK(c.output("w_out") >= -1e-9);
                }
}

TEST_CASE("racks draw the mean of supply and warm air by recirculation, and what is not supplied is warm air") {
    Probe c("white_space", fluid("air"));
    c.set("volume", 300.0).set("recirculation", 0.2);
    const double T_s = 291.15, T_w = 308.15, m = 4.0;
    for (const char* port : {"supply", "cold", "hot", "ret"}) {
        c[std::string(port) + ".p"] = p_room;
        c[std::string(port) + ".T"] = T_s;
    }
    c["air.T"] = T_w, c["hot.T"] = T_w, c["outside.T"] = T_w;
    c["m_supply"] = m, c["m_ret"] = -m, c["m_cold"] = -m, c["m_hot"] = m;
    c.solve("T_cold", 295.0);
    CHECK(c["T_cold"] == Approx(T_s + 0.2 * (T_w - T_s)).epsilon(1e-6));  // equal flows: bypass as much as comes back
    CHECK(c.output("bypass") == Approx(0.2).epsilon(1e-3));
    // racks draw twice what is supplied: half of it is warm air, whatever the containment
    c.set("recirculation", 0.0);
    c["m_cold"] = -2.0 * m, c["m_hot"] = 2.0 * m;
    c.solve("T_cold", 295.0);
    CHECK(c["T_cold"] == Approx(0.5 * (T_s + T_w)).epsilon(1e-5));
    CHECK(c.output("recirculated") == Approx(0.5).epsilon(1e-3));
    // more than enough: supply air alone
    c["m_cold"] = -0.5 * m, c["m_hot"] = 0.5 * m;
    c.solve("T_cold", 295.0);
    CHECK(c["T_cold"] == Approx(T_s).epsilon(1e-5));
    CHECK(c.output("bypass") == Approx(0.5).epsilon(1e-3));
}

TEST_CASE("a room keeps the humidity of its outdoor air and moisture less what its coils take") {
    Probe c("white_space", fluid("air"));
    c.set("volume", 300.0).set("infiltration", 0.1).set("T_dew_outside", 283.15);
    for (const char* port : {"supply", "cold", "hot", "ret"})
        c[std::string(port) + ".p"] = p_room, c[std::string(port) + ".T"] = 295.15;
    c["air.T"] = c["outside.T"] = c["T_cold"] = 295.15;
    const double w_out = moist_air::saturated_humidity_ratio(283.15, p_room), m = 0.1 * fluid("air").rho(293.15);
    c.solve("w_room", 0.01);
    CHECK(c["w_room"] == Approx(w_out).epsilon(1e-9));
    CHECK(c.output("T_dew") == Approx(283.15).epsilon(1e-6));
    c.set("moisture", 2e-4);
    c["condensate.value"] = 5e-5;
    c.solve("w_room", 0.01);
    CHECK(c["w_room"] == Approx(w_out + 1.5e-4 / m).epsilon(1e-9));
}

TEST_CASE("free convection on a vertical surface has the Nusselt number of a textbook example") {
    // Incropera & DeWitt, example of a glass fire screen: Ra = 1.813e9, Pr = 0.690, Nu = 147
    CHECK(churchill_chu(1.813e9, 0.69) == Approx(147.0).epsilon(5e-3));
    CHECK(churchill_chu(0.0, 0.7) == Approx(0.825 * 0.825).epsilon(1.0));
    // laminar plate, Re = 1e4, Pr = 1: 66.4
    CHECK(laminar_plate(1e4, 1.0) == Approx(66.4).epsilon(1e-6));
    CHECK(mixed_convection(3.0, 4.0) == Approx(std::cbrt(91.0)));
}

TEST_CASE("an immersed sink is as warm as the correlation says, in still fluid and in flow") {
    for (const char* name : {"pao2", "hfe7200"}) {
        const Medium& f = fluid(name);
        Probe c("immersion_tank", f);
        c.set("power", 20e3).set("wetted_area", 8.0).set("height", 0.1).set("flow_area", 0.15).set("C", 2e5);
        c.set("volume", 0.6)
            .set("dp_nominal", 500.0)
            .set("V_flow_nominal", 5e-3)
            .set("sinks", 40.0)
            .set("R_case", 0.03);
        c["a.p"] = c["b.p"] = 1.1e5, c["a.T"] = c["b.T"] = c["T"] = 313.15;
        const double Ts = 328.15, Tm = 320.65;
        c["surface.T"] = Ts;
        // by hand: Ra = g rho (rho_f - rho_s) L^3 Pr/mu^2
        const double Pr = f.Pr(Tm), mu = f.mu(Tm);
        const double Ra = 9.80665 * f.rho(Tm) * (f.rho(313.15) - f.rho(Ts)) * 1e-3 * Pr / (mu * mu);
        const double free =
            std::pow(0.825 + 0.387 * std::pow(Ra, 1.0 / 6) / std::pow(1 + std::pow(0.492 / Pr, 9.0 / 16), 8.0 / 27), 2);
        c["m_flow"] = 0.0;
        CAPTURE(name);
        CHECK(c.output("Nu") == Approx(free).epsilon(2e-3));
        CHECK(c.flow("surface.T") + 20e3 == Approx(free * f.k(Tm) / 0.1 * 8.0 * 15.0).epsilon(2e-3));
        c["m_flow"] = 0.02 * 0.15 * f.rho(Tm);  // 2 cm/s
        const double Re = 0.02 * 0.1 * f.rho(Tm) / mu, forced = 0.664 * std::sqrt(Re) * std::cbrt(Pr);
        CHECK(c.output("Nu") == Approx(std::cbrt(free * free * free + forced * forced * forced)).epsilon(2e-3));
        CHECK(c.output("T_case") == Approx(Ts + 0.03 * 500.0).epsilon(1e-9));
    }
}
