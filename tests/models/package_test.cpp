// parts of a package: interface material with ageing, layers of a Cauer ladder, dies by frequency and voltage.
#include <doctest/doctest.h>

#include "tests/models/one_component.hpp"

using namespace kelvolt;
using doctest::Approx;
using test::OneComponent;

namespace {

OneComponent grease() {
    OneComponent tim(model_info("thermal_interface"));
    tim.number("area") = 16e-4;
    tim.number("bond_line") = 40e-6;
    tim.number("k") = 5.0;
    tim.number("R_contact") = 2e-6;
    tim.at("a.T") = 340.0, tim.at("b.T") = 330.0;
    return tim;
}

// 500 W at 2 GHz and 1 V, 0.8 V at 1 GHz and below
OneComponent die() {
    OneComponent d(model_info("silicon_die"));
    d.number("power") = 500.0;
    d.number("frequency_nominal") = d.number("frequency") = 2e9;
    d.number("C") = 1.0;
    d.give("voltage", Curve::table({0.5e9, 1e9, 2e9}, {0.8, 0.8, 1.0}));
    d.at("throttle.value") = 1.0;
    d.at("port.T") = 350.0;
    return d;
}

}  // namespace

TEST_CASE("an interface has its bond line and contacts in series, times what ageing data say at its age") {
    OneComponent tim = grease();
    CHECK(tim.output("R") == Approx((8e-6 + 2e-6) / 16e-4));
    CHECK(tim.equation("a.T") == Approx(10.0 / 0.00625));
    CHECK(tim.equation("b.T") == Approx(-1600.0));
    tim.number("age") = 1500.0;
    CHECK(tim.problem().find("without the curve `ageing`") != std::string::npos);
    tim.give("ageing", Curve::table({0.0, 1000.0, 3000.0}, {1.0, 1.2, 1.6}));
    CHECK(tim.problem() == "");
    tim.number("age") = 3000.0;
    tim.number("R_max") = 0.009;
    CHECK(tim.output("R") == Approx(1.6 * 0.00625));
    CHECK(tim.checks()[0].margin() == Approx(-0.001));
}

TEST_CASE("a layer conducts k A/t between its faces and stores rho cp A t in its middle") {
    OneComponent layer(model_info("package_layer"));
    layer.number("area") = 8e-4;
    layer.number("thickness") = 0.6e-3;
    layer.number("k") = 120.0;
    layer.number("rho_cp") = 1.65e6;
    const double G = 120.0 * 8e-4 / 0.6e-3;
    layer.at("a.T") = 350.0, layer.at("b.T") = 348.0, layer.at("T") = 349.0;
    CHECK(layer.equation("a.T") == Approx(2.0 * G));
    CHECK(layer.equation("b.T") == Approx(-2.0 * G));
    CHECK(layer.equation("T") == Approx(0.0));
    layer.at("T") = 348.5;  // 3 G enter, 1 G leaves
    layer.der("T") = 2.0 * G / (1.65e6 * 8e-4 * 0.6e-3);
    CHECK(layer.equation("T") == Approx(0.0));
    layer.number("cells") = 4.0;
    CHECK(layer.equation("a.T") == Approx(4.0 * 3.0 * G));
}

TEST_CASE("dynamic power goes with frequency and the square of the voltage that it needs") {
    OneComponent d = die();
    CHECK(d.output("P") == Approx(500.0));
    d.number("frequency") = 1e9;
    CHECK(d.output("P") == Approx(500.0 * 0.5 * 0.64));
    d.at("throttle.value") = 0.5;  // at the least voltage only the frequency saves
    CHECK(d.output("P") == Approx(500.0 * 0.25 * 0.64));
    d.number("activity") = 0.5;
    CHECK(d.output("P") == Approx(500.0 * 0.125 * 0.64));
    d.at("throttle.value") = 0.0;
    CHECK(d.output("P") == Approx(0.0));
}

TEST_CASE("leakage rises by e in each scale of temperature and with a power of the voltage, also of an idle die") {
    OneComponent d = die();
    d.number("leakage_nominal") = 40.0;
    d.number("T_leak_ref") = 350.0;
    d.number("activity") = 0.0;
    CHECK(d.output("P") == Approx(40.0));
    d.at("port.T") = 350.0 + 36.0;
    CHECK(d.output("P") == Approx(40.0 * std::exp(1.0)));
    d.number("frequency") = 1e9;
    CHECK(d.output("leakage") == Approx(40.0 * std::exp(1.0) * 0.512));  // 0.8^3
}

TEST_CASE("the die warms by what is left of its power, and writes temperature and power") {
    OneComponent d = die();
    d.der("port.T") = 100.0;
    CHECK(d.equation("port.T") == Approx(100.0 - 500.0));
    d.at("temperature.value") = 350.0, d.at("power.value") = 500.0;
    CHECK(d.equation("temperature.value") == Approx(0.0));
    CHECK(d.equation("power.value") == Approx(0.0));
    CHECK(d.tally().power_in == Approx(500.0));
    d.number("frequency_min") = 1.8e9;
    d.at("throttle.value") = 0.8;
    CHECK(d.checks()[1].margin() == Approx(-0.2e9));
}
