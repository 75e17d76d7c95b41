// cooling tower, dry cooler with finite air and pads, chillers by EIR curves, tank, outdoor air, stager: ratings,
// closed forms, published curves and the second law.
#include <doctest/doctest.h>

#include "models/correlations/cooling_tower.hpp"
#include "models/correlations/crossflow_rating.hpp"
#include "models/correlations/moist_air.hpp"
#include "tests/models/model_probe.hpp"

using namespace kelvolt;
using doctest::Approx;
using test::Probe;

namespace {

const Medium water = test::coolant_of(995.0, 4181.0);

// the tower of the EnergyPlus example CoolingTower:VariableSpeed:Merkel
Probe tower(std::string_view by = "merkel") {
    Probe c("cooling_tower", water);
    c.choose("by", by);
    c.set("V_flow_nominal", 1.09317e-3).set("dp_nominal", 30e3).set("range_nominal", 5.5).set("approach_nominal", 3.9);
    c.set("T_wet_bulb_nominal", 298.75).set("water_air_ratio", 1.7377).set("P_fan", 213.27);
    c["a.p"] = c["b.p"] = 2e5, c["p_air.value"] = 101325.0, c["T_dry_bulb.value"] = 308.15;
    c["wet_bulb.T"] = 298.75, c["a.T"] = 298.75 + 9.4, c["b.T"] = 300.0, c["m_flow"] = 995.0 * 1.09317e-3;
    c["running.value"] = 1.0, c["speed_signal.value"] = c["powered.value"] = 1.0;
    return c;
}

void add_carrier_curves(Probe& c) {
    // Carrier 19XR 742 kW, COP 5.42 [Buildings.Fluid.Chillers.Data.ElectricEIR]
    const double cap[] = {.9797101, -.002895701, -.0008970718, .01031440, -.0007431651, .001453508},
                 eir[] = {.9946139, -.04829399, .0004674277, -.001158726, .0005762583, .0002148192},
                 part[] = {.1202277, .1396384, .7394038};
    for (int k = 0; k < 6; ++k)
        c.set("cap_" + std::to_string(k + 1), cap[k]).set("eir_" + std::to_string(k + 1), eir[k]);
    for (int k = 0; k < 3; ++k) c.set("part_" + std::to_string(k + 1), part[k]);
    c.set("Q_nominal", 742e3).set("COP_nominal", 5.42).set("T_set", 273.15 + 5.56).set("PLR_min", 0.1);
    c.set("T_set_lo", 273.15 + 5.0).set("T_set_hi", 273.15 + 10.0).set("T_cond_lo", 285.0).set("T_cond_hi", 305.0);
    c.set("V_flow_nominal", 0.03).set("dp_nominal", 50e3);
    c["running.value"] = c["powered.value"] = 1.0, c["a.p"] = 2.5e5, c["b.p"] = 2e5;
}

}  // namespace

TEST_CASE("a cooling tower meets its rating by both laws, and its heat leaves at the wet bulb with the fan's power") {
    for (const char* by : {"merkel", "york"}) {
        Probe c = tower(by);
        c.solve("T_air_out", 305.0);
        const double C = 995.0 * 1.09317e-3 * 4181.0;
        CHECK(c.output("Q") == Approx(C * 5.5).epsilon(2e-4));
        CHECK(c.output("T_out") == Approx(298.75 + 3.9).epsilon(2e-6));
        CHECK(c.output("P_el") == Approx(213.27).epsilon(1e-4));
        CHECK(c.flow("wet_bulb.T") == Approx(-(c.output("Q") + c.output("P_el"))).epsilon(1e-9));
        // energy balance of the air, worked out with the ASHRAE relations: 25.0 kW warm 0.626 kg/s to 33.4 degC
        CHECK(c["T_air_out"] - 273.15 == Approx(33.38).epsilon(1e-3));
    }
}

TEST_CASE("a tower's make-up is evaporation, drift and blow-down; evaporation is about the heat over that of vapour") {
    Probe c = tower();
    c.set("drift", 1e-4).set("cycles", 4.0);
    c.solve("T_air_out", 305.0);
    const double evaporation = c.output("evaporation"), drift = 1e-4 * c["m_flow"];
    CHECK(c.output("drift") == Approx(drift));
    CHECK(c.output("blow_down") == Approx(evaporation / 3.0 - drift).epsilon(1e-3));
    CHECK(c.output("make_up") == Approx(evaporation + drift + c.output("blow_down")));
    // air of 35 degC leaves at 33 degC: it gives heat to the evaporation, too
    CHECK(evaporation == Approx(c.output("Q") / 2.42e6).epsilon(0.12));
}

TEST_CASE("water never leaves a tower below the wet bulb nor above where it enters, at any speed, flow and law") {
    for (const char* by : {"merkel", "york"}) {
        Probe c = tower(by);
        for (const double n : {0.0, 0.2, 0.6, 1.0})
            for (const double m : {1e-9, 1e-3, 0.3, 1.1, 8.0})
                for (const double T_wb : {265.0, 290.0, 305.0})
                    for (const double T_in : {306.0, 310.0, 330.0}) {
                        c["wet_bulb.T"] = T_wb, c["a.T"] = c["b.T"] = T_in, c["m_flow"] = m;
                        c["speed_signal.value"] = n;
                        c.solve("T_air_out", 0.7 * T_wb + 0.3 * T_in);
                        const double Q = c.output("Q"), C = 4181.0 * std::hypot(m, 1e-6);
                        CAPTURE(by);
                        CHECK(Q >= -1e-6);
                        CHECK(Q <= C * (T_in - T_wb) * (1.0 + 1e-9));
                        CHECK(c["T_air_out"] <= T_in + 0.05);
                        CHECK(c["T_air_out"] >= T_wb - 1e-6);
                    }
    }
}

TEST_CASE("half of a tower's cells carry half of the water like a tower of half the size") {
    Probe one = tower(), four = tower();
    four.set("units", 4.0);
    for (const double on : {1.0, 2.0, 4.0}) {
        four["running.value"] = on, four["m_flow"] = on * one["m_flow"];
        one.solve("T_air_out", 305.0), four.solve("T_air_out", 305.0);
        for (const char* name : {"Q", "P_el", "make_up"})
            CHECK(four.output(name) == Approx(on * one.output(name)).epsilon(1e-6));
        CHECK(four.flow("m_flow") == Approx(one.flow("m_flow")).epsilon(1e-6));
    }
    four["running.value"] = 0.0;
    CHECK(four.output("P_el") < 0.02 * 213.27);
}

TEST_CASE("a tower follows its fan: cubic power or a given curve, natural draught with the fans off") {
    Probe c = tower();
    c["speed_signal.value"] = 0.5;
    CHECK(c.output("P_el") == Approx(213.27 / 8).epsilon(1e-3));
    c.give("fan_power", Curve::table({0.0, 0.5, 1.0}, {0.0, 0.142516, 1.0}));
    CHECK(c.output("P_el") == Approx(213.27 * 0.142516).epsilon(1e-3));
    c.solve("T_air_out", 305.0);
    const double half = c.output("Q");
    c["speed_signal.value"] = 0.0;
    c.solve("T_air_out", 305.0);
    CHECK(c.output("P_el") == Approx(0.0).scale(1.0));
    CHECK(c.output("Q") > 0.1 * half);
    CHECK(c.output("Q") < 0.5 * half);
}

TEST_CASE("a tower that its air cannot serve is refused, and the York fit says where it is held") {
    Probe c = tower();
    c.set("water_air_ratio", 4.5);
    CHECK(c.problem().find("give a smaller water_air_ratio") != std::string::npos);
    Probe york = tower("york");
    york["wet_bulb.T"] = 302.0, york["a.T"] = 311.0;
    std::vector<ValidityFlag> flags;
    Report<double> report;
    report.flags = &flags;
    york.block->outputs(0, york.point(), report);
    CHECK(std::any_of(flags.begin(), flags.end(), [](const auto& f) { return f.what.find("wet bulb") == 0; }));
}

TEST_CASE("the York fit gives the approach of its published polynomial") {
    // by hand with the 27 coefficients at 25.55 degC, range 5.56 K, ratio 1: the rating of the fit, 10 F and 7 F
    CHECK(york::approach(273.15 + 25.55, 5.56, 1.0) == Approx(3.89).epsilon(0.02));
    double before = 0.0;
    for (const double ratio : {0.5, 1.0, 1.5, 3.0}) {
        const double a = york::approach(293.15, 6.0, ratio);
        CHECK(a > before);
        before = a;
    }
    const double T_in = 306.0, T_wb = 293.0, range = york::range(T_in, T_wb, 1.0, 1.0);
    CHECK(range + york::approach(T_wb, range, 1.0) == Approx(T_in - T_wb).epsilon(1e-9));
}

TEST_CASE("UA in crossflow is found from a rated point, and equal to that of counterflow where one stream dominates") {
    for (const double share : {0.2, 0.6, 0.85}) {
        const double UA = rated_UA_crossflow(share * 100.0, 100.0, 140.0);
        CHECK(crossflow_conductance(UA, 100.0, 140.0) == Approx(share * 100.0).epsilon(1e-9));
        CHECK(crossflow_conductance(UA, 140.0, 100.0) == Approx(share * 100.0).epsilon(1e-9));
    }
    CHECK(crossflow_conductance(500.0, 100.0, 100.0 / 0.7) == Approx(100.0 * 0.84448218).epsilon(1e-6));  // ht
    CHECK(rated_UA_crossflow(60.0, 100.0, 1e9) == Approx(-100.0 * std::log(0.4)).epsilon(1e-6));
}

TEST_CASE("a dry cooler in crossflow meets the rating of a catalogue: 2931 kW, 46.11 to 40.55 degC in air of 35 degC") {
    // BAC TrilliumSeries TDFS1238N-C60ET40B, in Buildings.Fluid.HeatExchangers.CoolingTowers.Data.DryCooler
    Probe c("dry_cooler", water);
    c.choose("arrangement", "crossflow");
    const double V = 2931e3 / (995.0 * 4181.0 * 5.56);
    c.set("Q_nominal", 2931e3).set("ITD_nominal", 11.11).set("V_flow_nominal", V).set("dp_nominal", 50e3);
    c.set("P_fan", 117.68e3).set("still", 0.02);
    c["a.T"] = 319.26, c["b.T"] = 313.7, c["air.T"] = 308.15, c["wet_bulb.T"] = 298.15, c["m_flow"] = 995.0 * V;
    c["running.value"] = c["wetted.value"] = c["speed_signal.value"] = c["powered.value"] = 1.0;
    c["p_air.value"] = 101325.0;
    CHECK(c.output("Q") == Approx(2931e3).epsilon(1e-3));
    CHECK(c.output("T_out") == Approx(313.7).epsilon(2e-5));
    CHECK(c.output("P_el") == Approx(117.68e3).epsilon(1e-3));
    CHECK(c.output("make_up") == Approx(0.0).scale(1e-3));
    for (const double n : {0.0, 0.05, 0.3, 1.0})
        for (const double m : {1e-9, 0.1, 30.0, 126.0, 500.0}) {
            c["speed_signal.value"] = n, c["m_flow"] = m;
            const double f = 0.02 + 0.98 * n, Q = c.output("Q");
            CHECK(Q >= 0.0);
            CHECK(Q <= 2931e3 / (0.6 * 11.11) * f * 11.11 * 1.01);
            CHECK(Q <= 4181.0 * std::hypot(m, 1e-6) * 11.111);
        }
}

TEST_CASE(
    "wetted pads cool a dry cooler's air towards its wet bulb, evaporate what that takes, and take their share there") {
    Probe c("dry_cooler", water);
    c.set("Q_nominal", 500e3).set("ITD_nominal", 15.0).set("V_flow_nominal", 0.02).set("dp_nominal", 50e3);
    c.set("P_fan", 8e3).set("V_flow_air", 45.0).set("pad_effectiveness", 0.8).set("cycles", 3.0);
    c["a.T"] = 315.0, c["b.T"] = 309.0, c["air.T"] = 308.15, c["wet_bulb.T"] = 295.15, c["m_flow"] = 20.0;
    c["running.value"] = c["wetted.value"] = c["speed_signal.value"] = c["powered.value"] = 1.0;
    c["p_air.value"] = 101325.0;
    const double T_air = 308.15 - 0.8 * 13.0, wet = c.output("Q");
    CHECK(c.output("T_air_in") == Approx(T_air).epsilon(1e-6));
    // air of constant enthalpy along its wet bulb: 10.4 K over about 2.45 K per gram
    const double C_air = 45.0 * 101325.0 / 287.05 / (313.15 - 15.0) * 1006.0, m_air = C_air / 1006.0;
    CHECK(c.output("evaporation") == Approx(m_air * 1025.0 * 10.4 / 2.44e6).epsilon(0.03));
    CHECK(c.output("make_up") == Approx(1.5 * c.output("evaporation")));
    CHECK(c.flow("wet_bulb.T") == Approx(-0.8 * wet).epsilon(2e-5));
    CHECK(c.flow("air.T") == Approx(-0.2 * wet - 8e3).epsilon(1e-4));
    c["wetted.value"] = 0.0;
    CHECK(c.output("T_air_in") == Approx(308.15).epsilon(1e-6));
    CHECK(c.output("Q") / wet == Approx((315.0 - 308.15) / (315.0 - T_air)).epsilon(0.01));
    c["wetted.value"] = 1.0;
    c.block->connected[3] = 0;  // wet_bulb is joined to nothing
    CHECK(c.output("T_air_in") == Approx(308.15).epsilon(1e-6));
}

TEST_CASE("a chiller by EIR curves has the capacity and power of DOE-2, and cycles below its least part load") {
    Probe c("air_cooled_chiller", water);
    add_carrier_curves(c);
    const double tc = 21.11, te = 5.56;
    const auto cap = [](double u, double v) {
        return .9797101 - .002895701 * u - .0008970718 * u * u + .01031440 * v - .0007431651 * v * v +
               .001453508 * u * v;
    };
    const auto eir = [](double u, double v) {
        return .9946139 - .04829399 * u + .0004674277 * u * u - .001158726 * v + .0005762583 * v * v +
               .0002148192 * u * v;
    };
    CHECK(cap(te, tc) == Approx(1.0).epsilon(0.005));  // the curves are one at the reference point
    CHECK(eir(te, tc) == Approx(1.0).epsilon(0.03));
    c["outside.T"] = 273.15 + tc, c["m_flow"] = 30.0, c["b.T"] = 279.0;
    const auto power = [&](double PLR) {
        const double used = std::max(PLR, 0.1);
        return 742e3 * cap(te, tc) * eir(te, tc) / 5.42 * (.1202277 + .1396384 * used + .7394038 * used * used) * PLR /
               used;
    };
    for (const double PLR : {1.3, 0.75, 0.4, 0.05}) {
        const double Q = std::min(PLR, 1.0) * 742e3 * cap(te, tc);
        c["a.T"] = 273.15 + te + PLR * 742e3 * cap(te, tc) / (30.0 * 4181.0);
        CHECK(c.output("Q") == Approx(Q).epsilon(1.2e-3));
        CHECK(c.output("P_el") == Approx(power(std::min(PLR, 1.0))).epsilon(3e-3));
        CHECK(c.flow("outside.T") == Approx(-(c.output("Q") + c.output("P_el"))).epsilon(1e-9));
    }
    CHECK(c.check("chiller_capacity").margin() > 0.0);
    c["outside.T"] = 310.0;  // beyond the curves: held at 305 K
    CHECK(c.output("PLR") < 1.0);
    c["outside.T"] = 330.0;  // above T_condenser_max it has unloaded
    CHECK(c.output("Q") == Approx(0.0).scale(742e3));
}

TEST_CASE("a water-cooled chiller gives its heat and power to the condenser water and unloads where that runs dry") {
    Probe c("water_cooled_chiller", water, &water);
    add_carrier_curves(c);
    c.set("V_flow_condenser", 0.04).set("dp_condenser", 40e3);
    c["condenser_a.p"] = 2.4e5, c["condenser_b.p"] = 2e5, c["m_flow"] = 30.0, c["m_condenser"] = 40.0;
    c["a.T"] = 273.15 + 10.0, c["b.T"] = 279.0, c["condenser_a.T"] = 294.26, c["condenser_b.T"] = 299.0;
    c.solve("T_condenser", 300.0);
    const double given = c.output("Q") + c.output("P_el");
    CHECK(c.output("Q") == Approx(30.0 * 4181.0 * 4.44).epsilon(1e-3));
    CHECK(c["T_condenser"] == Approx(294.26 + given / (40.0 * 4181.0)).epsilon(1e-6));
    CHECK(c.flow("condenser_a.T") + c.flow("condenser_b.T") == Approx(-given).epsilon(1e-6));
    c["m_condenser"] = 0.5;
    c.solve("T_condenser", 325.0);
    CHECK(c["T_condenser"] < 323.15 + 5.0);
    CHECK(c.output("Q") < 0.2 * 742e3);
    CHECK(c.output("Q") > 0.0);
}

TEST_CASE("a layer of a stratified tank conducts slowly when warm lies above cold, and mixes when it lies below") {
    Probe c("stratified_tank", water);
    c.set("volume", 5.0).set("height", 2.0).set("dp_nominal", 1e3).set("V_flow_nominal", 0.02).set("k_eff", 2.0);
    c.set("mixing_time", 60.0).set("cells", 5.0).set("UA", 10.0);
    c["a.p"] = c["b.p"] = 2e5, c["room.T"] = 293.15;
    c["a.T"] = c["b.T"] = c["T"] = 310.0, c["above.T"] = 320.0, c["below.T"] = 300.0, c["m_flow"] = 0.0;
    const double G = 2.0 * 2.0 * 2.5 / 0.4;  // 2 k A/layer
    CHECK(c.flow("above.T") == Approx(G * 10.0).epsilon(1e-9));
    CHECK(c.flow("below.T") == Approx(-G * 10.0).epsilon(1e-9));
    CHECK(c.flow("room.T") == Approx(-2.0 * (310.0 - 293.15)).epsilon(1e-6));
    c["below.T"] = 312.0;  // beyond a band of 0.5 K
    CHECK(c.flow("below.T") == Approx(G * 2.0 + 995.0 * 4181.0 / 60.0 * (2.0 - 0.25)).epsilon(1e-9));
}

TEST_CASE(
    "outdoor air states its wet bulb from relative humidity, dew point or wet bulb, and its pressure from altitude") {
    Probe c("outdoor_air", water);
    c.set("T", 273.15 + 7.0).set("RH", 0.61).set("p", 100e3);
    CHECK(c.output("T_wet_bulb") - 273.15 == Approx(3.92634975).epsilon(1e-6));
    c["wet_bulb.T"] = 280.0, c["T_wet_bulb.value"] = 280.0;
    CHECK(c.flow("Q_wet") == Approx(280.0 - 273.15 - 3.92634975).epsilon(1e-6));
    CHECK(c.flow("T_wet_bulb.value") == Approx(280.0 - 273.15 - 3.92634975).epsilon(1e-6));
    const double T_dew = c.output("T_dew"), w = c.output("w");
    c.set("RH", not_given).set("T_dew", T_dew);
    CHECK(c.output("w") == Approx(w).epsilon(1e-9));
    c.set("T_dew", not_given).set("T_wet_bulb", 273.15 + 3.92634975);
    CHECK(c.output("RH") == Approx(0.61).epsilon(1e-5));
    c.set("p", not_given).set("altitude", 1000.0);
    CHECK(c.output("p_air") == Approx(89874.5).epsilon(1e-5));
    c.set("RH", 0.5);
    CHECK(c.problem().find("more than once") != std::string::npos);
}

TEST_CASE("a stager adds units after its delay and drops them after another, within its band, and rotates the lead") {
    Probe c("stager", water);
    c.choose("by", "load");
    c.set("units", 4.0).set("add_at", 0.9).set("drop_at", 0.7).set("unit_load", 100e3).set("sample_period", 10.0);
    c.set("add_delay", 60.0).set("drop_delay", 120.0);
    const auto run = [&](double load, int looks) {
        c["measure.value"] = load;
        for (int k = 0; k < looks; ++k) c.update(-1);
        return c.output("running");
    };
    CHECK(run(80e3, 100) == 1.0);
    CHECK(run(95e3, 6) == 1.0);  // a minute has not passed
    CHECK(run(95e3, 1) == 2.0);
    CHECK(run(95e3, 100) == 2.0);  // 95 < 0.9 * 200, > 0.7 * 100: in the band
    CHECK(run(350e3, 100) == 4.0);
    CHECK(run(200e3, 12) == 4.0);
    CHECK(run(200e3, 1) == 3.0);  // 200 < 0.7 * 300
    CHECK(run(0.0, 1000) == 1.0);
    c.set("lead", 2.0);
    CHECK(c.flow("unit_2.value") == Approx(c["unit_2.value"] - 1.0));
    CHECK(c.flow("unit_1.value") == Approx(c["unit_1.value"]));
    c.set("rotation_period", 100.0);
    run(0.0, 10);
    CHECK(c.flow("unit_3.value") == Approx(c["unit_3.value"] - 1.0));
    CHECK(c.flow("unit_2.value") == Approx(c["unit_2.value"]));
    c.set("drop_at", 0.95);
    CHECK(c.problem().find("leave a band") != std::string::npos);
}
