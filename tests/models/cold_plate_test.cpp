// the plate: published curves come back, for any number of cells, either convention, either direction and another
// coolant.
#include <doctest/doctest.h>

#include "models/silicon/plate_resistance.hpp"
#include "tests/models/one_component.hpp"

using namespace kelvolt;
using doctest::Approx;
using test::OneComponent;

namespace {

const bool data_is_here = (set_data_directory(KELVOLT_SOURCE_DIR "/data"), true);

constexpr double litre_per_minute = 1e-3 / 60.0;
// OCP OAI System Liquid Cooling Guidelines, March 2023, 1 kW OAM, R = (T_case - T_inlet)/Q, as digitised by LBNL; L/min
// and K/W
const std::vector<double> ocp_pg25_flow{.4, .5, .6, .7, .8, .9, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.4};
const std::vector<double> ocp_pg25_R{.0389, .0325, .0300, .0280, .0265, .0255, .0245,
                                     .0230, .0220, .0214, .0209, .0204, .0200, .0197};
const std::vector<double> ocp_water_flow{2, 3, 4, 5}, ocp_water_R{.0172, .0160, .0154, .0151};

Curve table(std::vector<double> flow, std::vector<double> R) {
    for (double& f : flow) f *= litre_per_minute;
    return Curve::table(std::move(flow), std::move(R));
}

const double probe_rho_cp = probe_medium()->rho(300.0) * probe_medium()->cp(300.0);

OneComponent plate_of(Curve R, double cells = 1.0) {
    OneComponent plate(model_info("cold_plate"));
    plate.give("R", std::move(R));
    plate.number("rho_cp_test") = probe_rho_cp;
    plate.number("dp_nominal") = 50e3;
    plate.number("V_flow_nominal") = 1.25 * litre_per_minute;
    plate.number("volume") = 3e-5;
    plate.number("C") = 300.0;
    plate.number("cells") = cells;
    plate.at("a.p") = plate.at("b.p") = 2e5;
    return plate;
}
struct Outcome {
    double Q, T_out;
};
// steady heat of a base of 340 K into coolant entering at 310 K through `cells` cells in a row
Outcome through_cells(Curve R, double flow, int cells, const char* convention = "case_to_inlet",
                      const Medium* medium = probe_medium()) {
    OneComponent plate = plate_of(std::move(R), cells);
    plate.choose("convention", convention);
    plate.fill(*medium);
    double T = 310.0, Q = 0.0;
    for (int i = 0; i < cells; ++i) {
        plate.at("base.T") = 340.0;
        plate.at("a.T") = T;
        plate.at("T") = plate.at("b.T") = T;
        plate.at("m_flow") = flow * medium->rho(310.0);
        const int k = plate.local("T");
        for (int n = 0; n < 20; ++n) plate.y[k] -= plate.residual()[k] / plate.jacobian(1.0, 0.0)(k, k);
        T = plate.y[k];
        Q += plate.equation("base.T");
    }
    return {Q, T};
}

}  // namespace

TEST_CASE("in the test's coolant the plate gives R(V_flow) back, for any number of cells") {
    for (std::size_t i = 0; i < ocp_pg25_R.size(); ++i)
        for (const int cells : {1, 2, 3, 5, 20}) {
            const Outcome o =
                through_cells(table(ocp_pg25_flow, ocp_pg25_R), ocp_pg25_flow[i] * litre_per_minute, cells);
            CHECK(30.0 / o.Q == Approx(ocp_pg25_R[i]).epsilon(3e-6));
        }
}

TEST_CASE("a resistance to the mean coolant temperature comes back as one") {
    for (const int cells : {1, 4}) {
        const Outcome o = through_cells(Curve::constant(0.02), 1.5 * litre_per_minute, cells, "case_to_mean");
        CHECK((340.0 - 0.5 * (310.0 + o.T_out)) / o.Q == Approx(0.02).epsilon(3e-6));
    }
}

TEST_CASE("R_effective is what the plate does, also with reversed flow") {
    OneComponent plate = plate_of(table(ocp_pg25_flow, ocp_pg25_R));
    for (const double direction : {1.0, -1.0}) {
        plate.at("m_flow") = direction * 1.2 * litre_per_minute * probe_medium()->rho(300.0);
        plate.at("T") = 312.0;
        CHECK(plate.output("R_effective") == Approx(0.0230).epsilon(1e-6));
    }
}

TEST_CASE("below its lowest flow the plate keeps its conductance, at rest too") {
    OneComponent plate = plate_of(table(ocp_pg25_flow, ocp_pg25_R));
    plate.at("T") = 312.0;
    const auto UA = [&](double litres) {
        plate.at("m_flow") = litres * litre_per_minute * probe_medium()->rho(300.0);
        return plate.output("UA");
    };
    CHECK(UA(0.3) == UA(0.0));
    CHECK(UA(0.0) == UA(-0.3));
    CHECK(UA(0.0) == Approx(UA(0.4)).epsilon(0.06));
}

TEST_CASE("the water curve of the same plate predicts the PG25 curve when the film follows conductivity") {
    // film and solid parts read from the two OCP curves: R_solid about 0.0045 K/W; water 0.631 W/(m K) at 40 degC
    OneComponent plate = plate_of(table(ocp_water_flow, ocp_water_R));
    const Medium& pg25 = medium("dowfrost_lc25");
    plate.fill(pg25);
    plate.choose("scale", "conductivity");
    plate.number("rho_cp_test") = 992.2 * 4179.0;
    plate.number("R_solid") = 0.0045;
    plate.number("k_test") = 0.631;
    REQUIRE(plate.problem() == "");
    plate.at("T") = 313.15;
    for (const auto& [flow, published] : {std::pair{2.0, .0204}, {2.2, .0200}, {2.4, .0197}}) {
        plate.at("m_flow") = flow * litre_per_minute * pg25.rho(313.15);
        CHECK(plate.output("R_effective") == Approx(published).epsilon(0.02));
    }
}

TEST_CASE("the film alone follows conductivity: R = R_solid + R_film k_test/k") {
    CHECK(models::film_scaled(50.0, 0.005, 1.0) == Approx(50.0));
    CHECK(1.0 / models::film_scaled(50.0, 0.005, 2.0) == Approx(0.005 + 0.015 * 2.0));
}

TEST_CASE("the pressure drop passes its nominal point with exponent 1.85, odd in flow, shared by the cells") {
    OneComponent plate = plate_of(Curve::constant(0.03)), cell = plate_of(Curve::constant(0.03), 5.0);
    const auto drop = [](OneComponent& c, double litres) {
        c.at("T") = 300.0;
        c.at("m_flow") = litres * litre_per_minute * probe_medium()->rho(300.0);
        return -c.equation("m_flow");
    };
    CHECK(drop(plate, 1.25) == Approx(50e3).epsilon(1e-12));
    CHECK(drop(plate, 2.5) == Approx(50e3 * std::pow(2.0, 1.85)).epsilon(1e-4));
    CHECK(drop(plate, -1.25) == Approx(-50e3).epsilon(1e-12));
    CHECK(drop(plate, 0.0) == 0.0);
    CHECK(drop(plate, 1e-6) > 0.0);
    CHECK(drop(cell, 1.25) == Approx(10e3).epsilon(1e-12));
    cell.number("viscosity_exponent") = 0.15;
    cell.number("mu_test") = probe_medium()->mu(300.0) / 2.0;
    CHECK(drop(cell, 1.25) == Approx(10e3 * std::pow(2.0, 0.15)).epsilon(1e-12));
}

TEST_CASE("data that no plate can have are refused with the reason") {
    // 0.03 K/W read as case to inlet at 0.3 L/min would need more heat than the flow carries
    CHECK(plate_of(table({0.3, 1.0}, {0.03, 0.02})).problem().find("effectiveness of 1.596") != std::string::npos);
    OneComponent no_dp = plate_of(Curve::constant(0.03));
    no_dp.number("dp_nominal") = not_given;
    CHECK(no_dp.problem().find("dp_nominal") != std::string::npos);
    OneComponent film = plate_of(Curve::constant(0.03));
    film.choose("scale", "conductivity");
    CHECK(film.problem().find("k_test") != std::string::npos);
    film.number("k_test") = 0.6;
    film.number("R_solid") = 0.05;
    CHECK(film.problem().find("less than 5 %") != std::string::npos);
    CHECK(plate_of(table(ocp_pg25_flow, ocp_pg25_R)).problem() == "");
}

TEST_CASE("a flow outside the resistance curve is flagged with its range") {
    OneComponent plate = plate_of(table(ocp_pg25_flow, ocp_pg25_R));
    plate.at("T") = 312.0;
    std::vector<ValidityFlag> flags;
    Report<double> report;
    report.flags = &flags;
    plate.at("m_flow") = 1.0 * litre_per_minute * probe_medium()->rho(300.0);
    plate.block->outputs(0, plate.point(), report);
    CHECK(flags.empty());
    plate.at("m_flow") = 3.0 * litre_per_minute * probe_medium()->rho(300.0);
    plate.block->outputs(0, plate.point(), report);
    REQUIRE(flags.size() == 1);
    CHECK(flags[0].hi == Approx(2.4 * litre_per_minute));
}
