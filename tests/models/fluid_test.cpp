// boundaries, restrictors, valves, couplings, tee and the black-box tray: each at closed forms, and its properties at
// random states.
#include "tests/models/model_probe.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::models;
using namespace kelvolt::test;
using doctest::Approx;

namespace {

const Medium plain = coolant_of(), warm = varying_coolant();
constexpr double per_Kv = 1.0 / 3600.0 / 316.22776601683796;  // (m3/h)/bar^0.5 in m3/s/Pa^0.5
constexpr double litre_per_minute = 1e-3 / 60.0, gpm = 6.30901964e-5, psi = 6894.757293;

Approx near(double x, double relative) { return Approx(x).epsilon(relative).scale(0.0); }

void at_rest_between(Probe& probe, double p_a, double p_b, double T_a = 313.15, double T_b = 303.15) {
    probe["a.p"] = p_a, probe["b.p"] = p_b, probe["a.T"] = T_a, probe["b.T"] = T_b;
}
Probe with_nominal_point(const char* type, const Medium& medium) {
    Probe probe(type, medium);
    probe.set("dp_nominal", 5e4).set("V_flow_nominal", 1e-4);
    return probe;
}
Probe a_tray(const Medium& medium) {
    Probe probe = with_nominal_point("tray", medium);
    probe.set("heat", 5800.0).set("volume", 4e-4).set("C", 3000.0).set("G", 400.0);
    return probe;
}
Probe a_facility(const Medium& medium) {
    Probe probe("facility", medium);
    probe.set("T_supply", 309.15).set("p_return", 3e5).set("dp", 8e4).set("V_flow", 2e-3);
    return probe;
}

}  // namespace

TEST_CASE("fluid models conserve energy and have exact derivatives in both directions and at rest") {
    Probe nominal = with_nominal_point("orifice", warm);
    check_properties(nominal.set("exponent", 1.9), 0.3);
    Probe hole("orifice", warm);
    check_properties(hole.choose("by", "hole").set("diameter", 4e-3), 0.3);
    Probe filter = with_nominal_point("filter", warm);
    check_properties(filter.set("loading", 1.7), 0.3);
    Probe coupling("quick_disconnect", warm);
    check_properties(coupling.set("Cv", 0.9 * per_Kv).set("Cv_min", 0.7 * per_Kv), 0.3);
    for (const char* kind : {"linear", "equal_percentage"}) {
        Probe valve("valve", warm);
        check_properties(
            valve.choose("characteristic", kind).set("Kv", 4 * per_Kv).set("leak", 1e-4).set("opening", 0.8), 0.3);
    }
    Probe check_valve("check_valve", warm);
    check_properties(check_valve.set("Kv", 4 * per_Kv).set("leak", 1e-3).set("p_crack", 2e3), 0.3);
    Probe tee("tee", warm);
    check_properties(tee.set("diameter", 0.02).set("diameter_branch", 0.01).set("K_straight", 0.4).set("K_branch", 1.2),
                     0.3);
    Probe manifold("manifold", warm);
    check_properties(manifold.set("length", 0.5).set("diameter", 0.03).set("minor_loss", 0.2).set("cells", 4.0), 0.3);
    Probe tray = a_tray(warm);
    check_properties(tray, 0.3);
    const Curve dp = Curve::table({0.0, 5e-5, 1e-4, 4e-4}, {0.0, 1.4e4, 5e4, 7e5});
    check_properties(tray.choose("by", "curve").give("dp", dp), 0.3);
    for (const char* mode : {"dp", "flow"}) {
        Probe facility = a_facility(warm);
        check_properties(facility.choose("mode", mode), 0.3);
    }
    for (const char* mode : {"pressure", "flow"}) {
        Probe supply("supply", warm);
        check_properties(supply.choose("mode", mode).set("T", 300.0).set("p", 2e5).set("V_flow", 1e-3), 0.3);
    }
    Probe back("return_line", warm);
    check_properties(back.set("p", 1.5e5), 0.3);
    Probe vessel("expansion_vessel", warm);
    check_properties(vessel.set("p", 2e5), 0.3);
}

TEST_CASE("an orifice by Kv passes Kv cubic metres an hour of water at one bar, and less of a denser coolant") {
    Probe probe("orifice", plain);
    probe.choose("by", "Kv").set("Kv", 2.5 * per_Kv);
    at_rest_between(probe, 3e5, 2e5);
    CHECK(probe.solve("m_flow", 0.5) == near(2.5 / 3.6, 1e-5));
    const Medium heavy = coolant_of(1210.0);
    Probe other("orifice", heavy);
    other.choose("by", "Kv").set("Kv", 2.5 * per_Kv);
    at_rest_between(other, 3e5, 2e5);
    CHECK(other.solve("m_flow", 0.5) ==
          near(2.5 / 3.6 * 1.1, 1e-5));  // V falls with 1/sqrt(rho), m rises with sqrt(rho)
}

TEST_CASE("a hole passes Cd A sqrt(2 rho dp), the same backward") {
    Probe probe("orifice", plain);
    probe.choose("by", "hole").set("diameter", 5e-3).set("discharge", 0.62);
    at_rest_between(probe, 2.5e5, 2e5);
    const double expected = 0.62 * 0.25 * M_PI * 25e-6 * std::sqrt(2.0 * 1000.0 * 5e4);
    CHECK(probe.solve("m_flow", 0.1) == near(expected, 2e-5));
    at_rest_between(probe, 2e5, 2.5e5);
    CHECK(probe.solve("m_flow", -0.1) == near(-expected, 2e-5));
}

TEST_CASE("a nominal point is met at its flow, temperature and coolant, and followed with its exponent") {
    Probe probe = with_nominal_point("orifice", warm);
    probe.set("exponent", 1.85).set("T_nominal", 313.15);
    at_rest_between(probe, 3e5, 2.5e5, 313.15, 313.15);
    const double rho = warm.rho(313.15);
    CHECK(probe.solve("m_flow", 0.1) == near(1e-4 * rho, 1e-6));
    probe["m_flow"] = 3e-4 * rho;
    CHECK(5e4 - probe.flow("m_flow") == near(5e4 * std::pow(3.0, 1.85), 1e-6));
    // Blasius' law (exponent 1.75) in one pipe: dp ~ rho^0.75 mu^0.25
    probe.set("exponent", 1.75).set("rho_nominal", 900.0).set("mu_nominal", 2e-3);
    probe["m_flow"] = 1e-4 * rho;
    CHECK(5e4 - probe.flow("m_flow") ==
          near(5e4 * std::pow(rho / 900.0, 0.75) * std::pow(warm.mu(313.15) / 2e-3, 0.25), 1e-6));
}

TEST_CASE("a fouled filter holds back its loading times the clean drop and says when it must be changed") {
    Probe probe = with_nominal_point("filter", plain);
    probe.set("loading", 2.5).set("dp_max", 1e5);
    at_rest_between(probe, 3.25e5, 2e5);
    CHECK(probe.solve("m_flow", 0.1) == near(0.1, 1e-6));
    CHECK(probe.check("filter_dp").margin() == near(-2.5e4, 1e-9));
}

TEST_CASE("a UQD04 at its minimum Cv of 0.80 drops about 31 kPa at 1.7 US gallons a minute of water") {
    Probe probe("quick_disconnect", plain);
    const double Cv = gpm / std::sqrt(psi);
    probe.set("Cv", 1.1 * Cv)
        .set("Cv_min", 0.8 * Cv)
        .choose("use", "minimum")
        .set("V_flow_max", 1.7 * gpm)
        .set("p_max", 100 * psi + 101325);
    at_rest_between(probe, 8e5, 8e5 - psi * (1.7 / 0.8) * (1.7 / 0.8));  // OCP UQD v1.0; 31 kPa in hardware.md
    CHECK(8e5 - probe["b.p"] == near(31e3, 0.01));
    CHECK(probe.solve("m_flow", 0.1) == near(1.7 * gpm * 1000.0, 2e-5));
    CHECK(probe.check("coupling_pressure").margin() == near(100 * psi + 101325 - 8e5, 1e-9));
    probe["a.p"] = 7e5, probe["b.p"] = 8.2e5;  // the larger side counts
    CHECK(probe.check("coupling_pressure").value == near(8.2e5, 1e-12));
    CHECK(std::isnan(probe.check("coupling_hot").limit));
    CHECK(probe.problem().empty());
    probe.set("Cv", 0.7 * Cv);
    CHECK(probe.problem().find("Cv_min") != std::string::npos);
}

TEST_CASE("a valve follows its characteristic, and a shut one passes its leak") {
    for (const bool equal : {false, true}) {
        Probe probe("valve", plain);
        probe.choose("characteristic", equal ? "equal_percentage" : "linear").set("Kv", 4 * per_Kv).set("leak", 1e-4);
        at_rest_between(probe, 3e5, 2e5);
        probe.solve("m_open", 1.0);
        for (const double y : {0.0, 0.25, 0.5, 1.0}) {
            probe["y"] = y;
            const double linear = 1e-4 + (1 - 1e-4) * y, phi = y == 0.0 ? 1e-4
                                                               : equal  ? std::pow(50.0, y - 1.0)
                                                                        : linear;
            CHECK(probe.output("m_flow") == near(4 / 3.6 * phi, 1e-5));
        }
    }
}

TEST_CASE("a valve's stem runs at one stroke per stroke time and rests at opening times position") {
    Probe probe("valve", plain);
    probe.set("Kv", 4 * per_Kv).set("leak", 1e-4).set("stroke_time", 30.0).set("opening", 0.8);
    at_rest_between(probe, 3e5, 2e5);
    probe["position.value"] = 0.5;
    probe["y"] = 1.0;
    CHECK(probe.flow("y") / 30.0 == near(-1.0 / 30.0, 0.005));
    probe["y"] = 0.4;
    CHECK(std::abs(probe.flow("y")) < 1e-12);
}

TEST_CASE(
    "a check valve passes its Kv forward above the cracking pressure, its leak backward, nothing at no difference") {
    Probe probe("check_valve", plain);
    probe.set("Kv", 4 * per_Kv).set("leak", 1e-3).set("p_crack", 2e3);
    at_rest_between(probe, 3e5, 2e5);
    probe.solve("s", 1.0);
    CHECK(probe.output("m_flow") == near(4 / 3.6 * std::sqrt(0.98), 1e-5));
    at_rest_between(probe, 2e5, 3e5);
    probe.solve("s", -1.0);
    CHECK(probe.output("m_flow") == near(-4 / 3.6 * 1e-3, 1e-5));
    at_rest_between(probe, 2e5, 2e5);
    probe.solve("s", 0.1);
    CHECK(std::abs(probe.output("m_flow")) < 1e-12);
    double before = -1.0;  // flow rises with the pressure difference all the way through
    for (double dp = -3e3; dp < 6e3; dp += 25.0) {
        at_rest_between(probe, 2e5 + dp, 2e5);
        probe.solve("s", 0.05);
        CHECK(probe.output("m_flow") > before);
        before = probe.output("m_flow");
    }
}

TEST_CASE("a tee shares its flow so that each leg drops K rho v|v|/2") {
    Probe probe("tee", plain);
    probe.set("diameter", 0.02).set("diameter_branch", 0.01).set("K_straight", 0.4).set("K_branch", 1.2);
    for (const char* port : {"a", "b", "c"})
        probe[std::string(port) + ".p"] = 2e5, probe[std::string(port) + ".T"] = 300.0;
    probe["p"] = 2e5, probe["T"] = 310.0;
    probe["m_c"] = -0.1;
    const double v = 0.1 / (1000.0 * 0.25 * M_PI * 1e-4);
    CHECK(probe.flow("m_c") == near(1.2 * 500.0 * v * v + v, 1e-5));
    probe["m_a"] = 0.3;
    const double v_a = 0.3 / (1000.0 * 0.25 * M_PI * 4e-4);
    CHECK(-probe.flow("m_a") == near(0.2 * 500.0 * v_a * v_a + v_a, 1e-5));
    const double v_b = 0.2 / (1000.0 * 0.25 * M_PI * 4e-4);  // what a brings and c does not take leaves at b
    CHECK(probe.flow("p") == near(0.2 * 500.0 * v_b * v_b + v_b, 1e-5));
}

TEST_CASE(
    "a tray warms its coolant by heat over capacity flow, and is judged by the vendor's flow at its supply "
    "temperature") {
    // Lenovo LP2357: GB300 NVL72 needs 25/30/35/40/45 degC -> 59/71/89/119/177 L/min
    const Curve required = Curve::table({298.15, 303.15, 308.15, 313.15, 318.15},
                                        {59 * litre_per_minute, 71 * litre_per_minute, 89 * litre_per_minute,
                                         119 * litre_per_minute, 177 * litre_per_minute});
    Probe probe = a_tray(plain);
    probe.set("heat", 121.5e3).set("activity", 0.5).give("required_flow", required).set("p_max", 6e5);
    at_rest_between(probe, 2e5, 2e5, 313.15, 333.15);
    probe["m_flow"] = 1.9;
    probe["T"] = 313.15 + 0.5 * 121.5e3 / (1.9 * 4000.0);
    probe["T_body"] = probe["T"] + 0.5 * 121.5e3 / 400.0;
    CHECK(std::abs(probe.flow("T")) < 1e-6 * 121.5e3);
    CHECK(std::abs(probe.flow("T_body")) < 1e-9 * 121.5e3);
    CHECK(probe.check("required_flow").margin() == near((114.0 - 119.0) * litre_per_minute, 1e-9));
    CHECK(probe.check("pressure").margin() == near(4e5, 1e-12));
    probe["a.T"] = 308.15;
    CHECK(probe.check("required_flow").margin() == near((114.0 - 89.0) * litre_per_minute, 1e-9));
}

TEST_CASE("a required flow is converted to the heat of the tray and to its coolant at the same rise of temperature") {
    // Lenovo LP2048: 6.0 L/min of water at 40 degC for 4 x 1.2 kW + 2 x 300 W = 5.4 kW
    const Curve required = Curve::table({305.15, 313.15}, {4.8 * litre_per_minute, 6.0 * litre_per_minute});
    Probe probe = a_tray(plain);  // 4.0 MJ/(m3 K)
    probe.set("heat", 5800.0)
        .set("required_heat", 5400.0)
        .set("required_rho_cp", 4.147e6)
        .give("required_flow", required);
    at_rest_between(probe, 2e5, 2e5, 313.15, 333.15);
    probe["m_flow"] = 0.1;  // 6.0 L/min
    const double needed = 6.0 * 5.8 / 5.4 * 4.147 / 4.0;
    CHECK(needed == near(6.68, 1e-3));
    CHECK(probe.check("required_flow").limit == near(needed * litre_per_minute, 1e-9));
    CHECK(probe.check("required_flow").basis == "vendor, converted to this coolant and heat");
    CHECK(probe.output("V_flow_stated") == near(6.0 * litre_per_minute, 1e-9));
    // the same rise: m cp dT of both
    CHECK(5800.0 / (needed * 4.0) == near(5400.0 / (6.0 * 4.147), 1e-9));
    probe.set("heat", 0.0).set("heat_served", 5800.0);  // a block whose heat enters at the plates behind it
    CHECK(probe.check("required_flow").limit == near(needed * litre_per_minute, 1e-9));
    probe.set("heat_served", not_given);
    CHECK(probe.problem().find("heat_served") != std::string::npos);
    probe.set("required_heat", not_given);
    CHECK(probe.check("required_flow").basis == "vendor, converted to this coolant");
    probe.set("required_rho_cp", not_given);
    CHECK(probe.check("required_flow").basis == "vendor");
    CHECK(probe.check("required_flow").limit == near(6.0 * litre_per_minute, 1e-9));
}

namespace {

// three ways on two manifolds of 30 mm without friction to speak of; each way an orifice of dp = R V^2
struct ThreeWays {
    double R = 1e11, V = 2e-3, k_d = 0.5, k_c = 1.1, d_out = 0.03;
    bool reverse = false;
    static double area(double d) { return 0.25 * M_PI * d * d; }
    std::vector<double> solved() const {
        Builder b;
        flow_supply(b, "supply", plain, 300.0, V);
        put(b, "return", "return_line", {{"p", 2e5}});
        for (const char* name : {"in", "out"}) {
            b.add_chain(name, model_info("manifold"), 3);
            for (const auto& [key, x] :
                 {std::pair{"length", 3e-6}, {"diameter", 0.03}, {"k_dividing", k_d}, {"k_combining", k_c}})
                b.set_number(name, key, x);
            if (name == std::string("out")) b.set_number(name, "diameter", d_out);
        }
        const std::string exit = reverse ? "out.b" : "out.a", closed = reverse ? "out.a" : "out.b";
        b.connect("supply.port", "in.a");
        b.connect(exit, "return.port");
        int ends = 0;
        for (const std::string& end : {std::string("in.b"), closed}) {
            const std::string cap = fmt::format("cap{}", ++ends);
            put(b, cap, "volume", {{"volume", 1e-5}});
            b.connect(end, cap + ".port");
        }
        for (int k = 1; k <= 3; ++k) {
            const std::string way = fmt::format("way{}", k);
            put(b, way, "orifice", {{"dp_nominal", R * 1e-6}, {"V_flow_nominal", 1e-3}, {"exponent", 2.0}});
            b.connect(fmt::format("in.way[{}]", k), way + ".a");
            b.connect(way + ".b", fmt::format("out.way[{}]", k));
        }
        const Network net = std::move(b).build();
        const SteadyState at = solve_steady(net);
        std::vector<double> flows;
        for (int k = 1; k <= 3; ++k) flows.push_back(at.y[unknown_of(net, fmt::format("way{}", k), "m_flow")] / 1000.0);
        return flows;
    }
    // what p_in - p_out of each way must be, beside a constant, for these flows: summed by hand along both manifolds
    std::vector<double> pressures(const std::vector<double>& q) const {
        const auto head = [&](double k, double V1, double V2) {
            return k * 1000.0 * (V1 * V1 - V2 * V2) / (area(0.03) * area(0.03));
        };
        const double v0 = q[0] + q[1] + q[2], v1 = q[1] + q[2], v2 = q[2];
        const double d1 = head(k_d, v0, v1), d2 = head(k_d, v1, v2), d3 = head(k_d, v2, 0.0);
        const std::vector<double> in{0.5 * d1, d1 + 0.5 * d2, d1 + d2 + 0.5 * d3};
        // the return from its closed end to its outlet: the pressure falls by k_c rho (v_after^2 - v_before^2)
        std::vector<double> out(3);
        double p = 0.0, before = 0.0;
        for (int i = 0; i < 3; ++i) {
            const int k = reverse ? i : 2 - i;
            const double fall = head(k_c, before + q[k], before);
            out[k] = p - 0.5 * fall;
            p -= fall, before += q[k];
        }
        return {in[0] - out[0], in[1] - out[1], in[2] - out[2]};
    }
};

}  // namespace

TEST_CASE(
    "momentum in two manifolds shares the flow of three ways as summed by hand, by direct and by reverse return") {
    // R (q_i^2 - q_1^2) = change of p_in - p_out from way 1 to way i by k rho (v_a^2 - v_b^2), dividing and combining
    for (const bool reverse : {false, true}) {
        ThreeWays ways;
        ways.reverse = reverse;
        const auto q = ways.solved(), p = ways.pressures(q);
        CHECK(q[0] + q[1] + q[2] == near(ways.V, 1e-9));
        for (int i : {1, 2}) {
            const double taken = ways.R * (q[i] * q[i] - q[0] * q[0]);
            CHECK(taken == Approx(p[i] - p[0]).epsilon(1e-3));
        }
        // combining flow changes more than dividing regains: a direct return starves the far end, a reverse one feeds
        // it
        CHECK((q[2] > q[0]) == reverse);
    }
}

TEST_CASE("past a branch a manifold produces entropy, dividing and combining, with the coefficients it ships with") {
    // what enters and leaves at its ports: sum of m cp ln(T/T_ref) of a coolant whose enthalpy is cp T + p/rho
    for (const double direction : {1.0, -1.0}) {
        Probe probe("manifold", plain);
        probe.set("length", 1e-6).set("diameter", 0.04).set("cells", 1.0);
        for (const char* name : {"a.T", "b.T", "branch.T", "T"}) probe[name] = 300.0;
        probe["m_flow"] = 1.5 * direction, probe["m_branch"] = 0.1 * direction;
        probe["a.p"] = 3e5, probe["b.p"] = 3e5, probe["branch.p"] = 3e5;
        probe["b.p"] += probe.flow("m_flow");
        probe["branch.p"] += probe.flow("m_branch");
        CHECK((probe["b.p"] > probe["a.p"]));  // towards the slower end, whichever way it flows
        const double inside = probe.solve("T", 300.0);
        CHECK(inside > 300.0);  // all that enters is at 300 K: the coolant leaves warmer
        CHECK(inside < 300.001);
        CHECK(probe.energy_balance().flows + probe.tally().power_in == Approx(0.0).epsilon(1e-6).scale(1.0));
    }
}

TEST_CASE("a dividing header alone regains pressure towards its closed end, and the far way takes most") {
    ThreeWays ways;
    ways.d_out = 0.3;  // no momentum to speak of there
    const auto q = ways.solved();
    CHECK(q[2] > q[1]);
    CHECK(q[1] > q[0]);
    // regain from inlet to end: k rho V^2/A^2 in all, 5/6, 1/2 and 1/6 ... of nearly equal flows; here between ways 1
    // and 3
    const double third = ways.V / 3.0, velocity = third / ways.area(0.03);
    const double change = 0.5 * 1000.0 * velocity * velocity * (0.5 * (9 - 4) + (4 - 1) + 0.5 * (1 - 0));
    CHECK(ways.R * (q[2] * q[2] - q[0] * q[0]) == Approx(change).epsilon(0.05));
}

TEST_CASE("a tray's curve holds backward too") {
    const Curve dp = Curve::table({0.0, 5e-5, 1e-4, 4e-4}, {0.0, 1.4e4, 5e4, 7e5});
    Probe probe = a_tray(plain);
    probe.choose("by", "curve").give("dp", dp);
    at_rest_between(probe, 2e5, 2e5);
    probe["m_flow"] = 0.1;
    CHECK(-probe.flow("m_flow") == near(5e4, 1e-9));
    probe["m_flow"] = -0.1;
    CHECK(-probe.flow("m_flow") == near(-5e4, 1e-9));
}

TEST_CASE("a facility holds its pressure difference or its flow, and takes the enthalpy it warms by") {
    Probe probe = a_facility(plain);
    probe["supply.p"] = 3.8e5, probe["supply.T"] = 309.15, probe["return.p"] = 3e5, probe["return.T"] = 321.15;
    probe["m_supply"] = probe["m_return"] = 2.0;
    CHECK(std::abs(probe.flow("m_supply")) < 1e-9);
    CHECK(std::abs(probe.flow("m_return")) < 1e-9);
    CHECK(probe.output("Q_flow") == near(2.0 * (4000.0 * 12.0 - 80.0), 1e-6));
    CHECK(probe.tally().circuits[0].in == Approx(0.0));
    probe.choose("mode", "flow");
    CHECK(std::abs(probe.flow("m_supply")) < 1e-12);  // 2 L/s at 1000 kg/m3
    probe["m_supply"] = 1.5;
    CHECK(probe.flow("m_supply") == near(0.5, 1e-12));
    probe.set("V_flow", not_given);
    CHECK(probe.problem().find("V_flow") != std::string::npos);
}

TEST_CASE("an expansion vessel judges the static pressure") {
    Probe probe("expansion_vessel", plain);
    probe.set("p", 2e5).set("p_min", 2.2e5).set("p_max", 5e5);
    probe["port.p"] = 2e5;
    CHECK(probe.flow("m_flow") == Approx(0.0));
    CHECK(probe.check("static_pressure_low").margin() == near(-2e4, 1e-9));
    CHECK(probe.check("static_pressure_high").margin() == near(3e5, 1e-9));
}

TEST_CASE("flow forced back through a check valve breaks its limit where it takes more pressure than its class holds") {
    Probe probe("check_valve", plain);
    probe.set("Kv", 4 * per_Kv).set("leak", 1e-3).set("p_crack", 2e3);
    probe["a.p"] = 2e5;
    for (const auto& [p_b, margin] : {std::pair{1.8e5, 16.2e5}, {3e5, 15e5}, {19e5, -1e5}}) {
        probe["b.p"] = p_b;
        CHECK(probe.check("check_valve_reverse").margin() == Approx(margin));
    }
    probe.set("dp_reverse_max", 20e5);
    CHECK(probe.check("check_valve_reverse").margin() == Approx(3e5));
}

TEST_CASE("a valve's pressure rating is asked of it in both directions, whether or not someone states it") {
    Probe probe("valve", plain);
    probe.set("Kv", 4 * per_Kv).set("leak", 1e-3);
    for (const auto& [p_a, p_b] : {std::pair{20e5, 2e5}, {2e5, 20e5}}) {
        probe["a.p"] = p_a, probe["b.p"] = p_b;
        CHECK(probe.check("valve_dp").margin() == Approx(-2e5));
    }
}
