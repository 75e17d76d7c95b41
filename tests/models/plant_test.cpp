// pump and plate exchanger: closed forms, rating points, properties at random states, and the two in small circuits.
#include "models/correlations/exchanger_rating.hpp"
#include "tests/models/model_probe.hpp"

using namespace kelvolt;
using namespace kelvolt::models;
using namespace kelvolt::test;
using doctest::Approx;

namespace {

const Medium plain = coolant_of(), warm = varying_coolant();

Approx near(double x, double relative) { return Approx(x).epsilon(relative).scale(0.0); }

// Wilo Stratos 50/1-12, manufacturer's curve as in Modelica Buildings (Fluid.Movers.Data.Pumps.Wilo)
const Curve wilo_dp = Curve::table({5.6e-7, .00210, .00304, .00390, .00462, .00547, .00621, .00696, .00756},
                                   {74.3e3, 74.2e3, 73.4e3, 70.7e3, 66.9e3, 59.4e3, 49.5e3, 38.0e3, 28.0e3});
const Curve wilo_P = Curve::table({5.6e-7, .00210, .00304, .00390, .00462, .00547, .00621, .00696, .00756},
                                  {205, 338, 401, 454, 488, 516, 528, 531, 524});

Probe wilo(const Medium& medium) {
    Probe probe("pump", medium);
    probe.give("dp", wilo_dp).give("power", wilo_P).set("rho_nominal", 1000.0).set("efficiency_motor", 0.8);
    probe["a.T"] = probe["b.T"] = probe["motor.T"] = probe["T_motor"] = 303.15;
    probe["a.p"] = 2e5, probe["b.p"] = 2e5;
    probe["powered.value"] = probe["speed_signal.value"] = probe["n"] = 1.0;
    return probe;
}
Probe exchanger(const Medium& one, const Medium& two) {
    Probe probe("plate_exchanger", one, &two);
    probe.set("Q_nominal", 121e3)
        .set("approach_nominal", 4.0)
        .set("T_nominal", 313.15)
        .set("V_flow_primary", 2e-3)
        .set("V_flow_secondary", 2e-3);
    probe.set("dp_primary", 5e4)
        .set("dp_secondary", 4e4)
        .set("volume_primary", 2e-3)
        .set("volume_secondary", 2e-3)
        .set("C_wall", 8e3);
    return probe;
}

// steady outlets of a chain of cells with constant cp: Newton by differences on T_primary, T_secondary, T_wall of all
// cells
struct Outlets {
    double primary, secondary;
};
Outlets chain_outlets(int cells, double UA, double m1, double m2, double T1_in, double T2_in) {
    Probe cell("plate_exchanger", plain, &plain);
    cell.choose("by", "UA")
        .set("UA", UA)
        .set("V_flow_primary", std::abs(m1) / 1000)
        .set("V_flow_secondary", std::abs(m2) / 1000)
        .set("cells", cells);
    cell.set("dp_primary", 1.0)
        .set("dp_secondary", 1.0)
        .set("volume_primary", 1e-3)
        .set("volume_secondary", 1e-3)
        .set("C_wall", 1e3);
    cell["m_primary"] = m1, cell["m_secondary"] = m2;
    const int n = 3 * cells;
    Eigen::VectorXd T = Eigen::VectorXd::LinSpaced(n, T1_in, T2_in);
    const auto residual = [&](const Eigen::VectorXd& x) {
        Eigen::VectorXd r(n);
        for (int i = 0; i < cells; ++i) {
            const double before1 =
                m1 > 0 ? (i == 0 ? T1_in : x(3 * (i - 1))) : (i == cells - 1 ? T1_in : x(3 * (i + 1)));
            const double before2 =
                m2 > 0 ? (i == cells - 1 ? T2_in : x(3 * (i + 1) + 1)) : (i == 0 ? T2_in : x(3 * (i - 1) + 1));
            cell["primary_a.T"] = m1 > 0 ? before1 : x(3 * i), cell["primary_b.T"] = m1 > 0 ? x(3 * i) : before1;
            cell["secondary_a.T"] = m2 > 0 ? before2 : x(3 * i + 1),
            cell["secondary_b.T"] = m2 > 0 ? x(3 * i + 1) : before2;
            cell["T_primary"] = x(3 * i), cell["T_secondary"] = x(3 * i + 1), cell["T_wall"] = x(3 * i + 2);
            const auto f = cell.residual();
            r(3 * i) = f[cell.local("T_primary")], r(3 * i + 1) = f[cell.local("T_secondary")],
                  r(3 * i + 2) = f[cell.local("T_wall")];
        }
        return r;
    };
    for (int k = 0; k < 6; ++k) {
        const Eigen::VectorXd r = residual(T);
        Eigen::MatrixXd J(n, n);
        for (int j = 0; j < n; ++j) {
            Eigen::VectorXd shifted = T;
            shifted(j) += 1e-4;
            J.col(j) = (residual(shifted) - r) / 1e-4;
        }
        T -= J.partialPivLu().solve(r);
    }
    return {m1 > 0 ? T(n - 3) : T(0), m2 > 0 ? T(1) : T(n - 2)};
}

}  // namespace

TEST_CASE("pump and plate exchanger conserve energy and have exact derivatives in both directions and at rest") {
    for (const double running : {0.0, 1.0}) {
        Probe by_power = wilo(warm);
        check_properties(by_power.set("running", running).set("to_coolant", 0.4), 6.0);
        Probe by_efficiency = wilo(warm);
        by_efficiency.block->curves[by_efficiency.info.param("power")->index] = nullptr;
        check_properties(by_efficiency.set("running", running).set("efficiency", 0.55).set("Kv_stopped", 2e-5), 6.0);
    }
    Probe rated = exchanger(warm, plain);
    check_properties(rated, 3.0);
    Probe by_UA = exchanger(warm, warm);
    check_properties(by_UA.choose("by", "UA").set("UA", 2.8e4).set("cells", 5.0).set("primary_share", 0.4), 3.0);
}

TEST_CASE("a pump follows the manufacturer's curve and power at nominal speed, and the affinity laws at any other") {
    Probe probe = wilo(plain);
    for (const double n : {1.0, 0.7, 0.3}) {
        probe["n"] = probe["speed_signal.value"] = n;
        for (std::size_t k = 1; k < wilo_dp.x().size(); ++k) {
            probe["m_flow"] = 1000.0 * wilo_dp.x()[k] * n;
            CHECK(probe.flow("m_flow") ==
                  near(n * n * wilo_dp.y()[k], 3e-4));  // a linear term of 1e-4 keeps the slope at rest
            const double friction =
                10.0 / 0.8 * (n * n - n * n * n);  // bearing friction goes with n^2, the rest with n^3
            CHECK(probe.output("P_el") == near(n * n * n * wilo_P.y()[k] + friction, 1e-4));
        }
    }
    const Medium heavy = coolant_of(1100.0);
    Probe other = wilo(heavy);
    other["m_flow"] = 1100.0 * 0.0039;
    CHECK(other.flow("m_flow") == near(1.1 * 70.7e3, 4e-4));  // head in metres is the same, so dp goes with density
}

TEST_CASE("a pump against a shut valve has a finite power that all becomes heat") {
    Probe probe = wilo(plain);
    probe["b.p"] = 2e5 + 74.3e3;
    probe["m_flow"] = 0.0;
    CHECK(std::abs(probe.flow("m_flow")) < 30.0);
    CHECK(probe.output("P_el") == near(205.0, 2e-3));
    CHECK(-probe.flow("b.T") - probe.flow("a.T") == near(205.0 * 0.8 - 10.0, 2e-3));  // shaft power less friction
    probe.block->curves[probe.info.param("power")->index] = nullptr;
    probe.set("efficiency", 0.6);
    const double half = wilo_dp.line(0.00378) * 0.00378 / 0.6;
    CHECK(probe.output("P_el") == near((0.5 * half + 10.0) / 0.8, 1e-4));
}

TEST_CASE("a stopped pump resists flow either way as its Kv says and takes no power") {
    Probe probe = wilo(plain);
    probe.set("running", 0.0).set("Kv_stopped", 2e-5);
    probe["n"] = 0.0;
    for (const double V : {0.002, -0.002, 0.0005, -0.0005}) {
        probe["m_flow"] = 1000.0 * V;
        const double beyond = -V / 2e-5 * std::abs(V) / 2e-5;
        CHECK(probe.flow("m_flow") == near(beyond, 0.03));
        CHECK(std::abs(probe.output("P_el")) < 1e-9);
        CHECK(std::abs(probe.flow("n")) < 1e-12);
    }
    double before = 1e9;  // strictly falling through rest
    for (double V = -1e-4; V < 1e-4; V += 1e-6) {
        probe["m_flow"] = 1000.0 * V;
        CHECK(probe.flow("m_flow") < before);
        before = probe.flow("m_flow");
    }
}

TEST_CASE(
    "a tripped pump loses its kinetic energy to coolant and bearings, and coasts as 1/(1 + t/t0) without friction") {
    Probe probe = wilo(plain);
    probe.set("running", 0.0).set("P_friction", 0.0).set("inertia", 4e-3).set("speed_nominal", 300.0);
    const double x = 0.0039, P = 454 * 0.8, t0 = 4e-3 * 9e4 / P;  // at constant V/n the torque goes with n^2
    double n = 1.0, t = 0.0;
    const double dt = t0 / 2000;
    for (; t < 2 * t0; t += dt) {
        const auto slope = [&](double at) {
            probe["n"] = at, probe["m_flow"] = 1000.0 * x * at, probe.der("n") = 0.0;
            return probe.flow("n");
        };
        n += dt * slope(n + 0.5 * dt * slope(n));
    }
    CHECK(n == near(1.0 / (1.0 + t / t0), 1e-5));
}

TEST_CASE("a driven pump approaches its set speed within the drive's range, and its motor warms the room") {
    Probe probe = wilo(plain);
    probe.set("speed", 0.9)
        .set("n_max", 0.85)
        .set("tau_drive", 2.0)
        .set("G_room", 10.0)
        .set("T_room", 300.0)
        .set("to_coolant", 0.25);
    probe["m_flow"] = 3.0, probe["n"] = 0.5;
    CHECK(probe.flow("n") == near((0.85 - 0.5) / 2.0, 1e-4));
    probe["n"] = 0.85 - 5e-6;
    probe.set("speed", 0.85).set("n_max", 1.0);
    probe["n"] = 0.85;
    const double loss = probe.output("P_el") * 0.2 + 10.0 * 0.85 * 0.85;  // motor and bearings
    probe["T_motor"] = 300.0 + 0.75 * loss / 10.0, probe["motor.T"] = probe["T_motor"];
    CHECK(std::abs(probe.flow("T_motor")) < 1e-3 * loss);
    CHECK(probe.flow("motor.T") == Approx(0.0));
}

TEST_CASE(
    "a pump beyond its curve, below its least flow or short of inlet pressure breaks its limits; at standstill flow is "
    "not assessed") {
    Probe probe = wilo(plain);
    probe.set("V_flow_min", 1e-3).set("p_in_min", 1.5e5);
    probe["m_flow"] = 8.0;
    CHECK(probe.check("pump_runout").margin() == near(0.00756 - 0.008, 1e-6));
    probe["n"] = 0.5, probe["m_flow"] = 0.4;
    CHECK(probe.check("pump_min_flow").margin() == near(0.4e-3 - 0.5e-3, 1e-9));
    CHECK(probe.check("pump_suction").margin() == near(0.5e5, 1e-9));
    probe["n"] = 0.0;
    CHECK(std::isnan(probe.check("pump_min_flow").limit));
}

TEST_CASE("flow forced back through a running pump is a broken limit; shut-off, coasting and standstill are not") {
    Probe probe = wilo(plain);
    const double allowed = 0.01 * 0.00756;  // of the end of the curve
    for (const auto& [n, m] : {std::pair{1.0, 0.0}, {1.0, -0.05}, {1.0, -0.1}, {0.5, -0.5}}) {
        probe["n"] = n, probe["m_flow"] = m;
        CHECK(probe.check("pump_reverse_flow").margin() == near(allowed + 1e-3 * m, 1e-6));
    }
    for (const auto& [n, powered] : {std::pair{0.0, 1.0}, {0.3, 0.0}}) {
        probe["n"] = n, probe["powered.value"] = powered, probe["m_flow"] = -1.0;
        CHECK(std::isnan(probe.check("pump_reverse_flow").limit));
    }
}

TEST_CASE("a pump's inlet must lie above the vapour pressure by its margin, or by the head its NPSH curve asks for") {
    // IAPWS: water at 60 degC boils at 19.946 kPa
    Probe probe = wilo(medium("water"));
    probe["a.T"] = probe["b.T"] = 333.15, probe["a.p"] = 45e3, probe["m_flow"] = 0.983 * 4.0;
    CHECK(probe.check("pump_npsh").limit == near(19.946e3 + 20e3, 1e-3));
    CHECK(probe.check("pump_npsh").margin() == near(45e3 - 39.95e3, 0.01));
    probe.set("NPSH_margin", 30e3);
    CHECK(probe.check("pump_npsh").margin() < 0.0);
    probe.give("NPSH_required", Curve::table({0.0, 0.004, 0.008}, {1.0, 2.0, 5.0}));
    CHECK(probe.check("pump_npsh").limit == near(19.946e3 + 983.2 * 9.80665 * 2.0, 1e-3));
    probe["n"] = 0.5, probe["m_flow"] = 0.5 * 0.983 * 4.0;  // affinity: a quarter of the head at half the flow
    CHECK(probe.check("pump_npsh").limit == near(19.946e3 + 983.2 * 9.80665 * 0.5, 1e-3));
    Probe nameless = wilo(plain);  // a coolant whose vapour pressure nobody knows
    CHECK(std::isnan(nameless.check("pump_npsh").limit));
}

TEST_CASE("the margin of NPSH has the derivative of the vapour pressure in it") {
    Probe probe = wilo(medium("water"));
    probe["a.T"] = 333.15, probe["m_flow"] = 3.0;
    int k = static_cast<int>(probe.info.outputs.size());
    for (const CheckValue& c : probe.checks()) {
        if (c.id == "pump_npsh") break;
        ++k;
    }
    std::vector<double> by_local(probe.size()), by_param(probe.info.numbers);
    probe.block->output_gradient(0, k, probe.point(), by_local.data(), by_param.data());
    const auto margin = [&](double T) {
        probe["a.T"] = T;
        return probe.check("pump_npsh").margin();
    };
    CHECK(by_local[probe.local("a.T")] == near((margin(333.16) - margin(333.14)) / 0.02, 1e-5));
    CHECK(by_local[probe.local("a.T")] < -900.0);  // water at 60 degC: 0.92 kPa/K
    CHECK(by_local[probe.local("a.p")] == 1.0);
}

TEST_CASE("a pump curve with a hump offers flows along it to start from, at the present speed; a falling one none") {
    Probe probe = wilo(plain);
    CHECK(probe.block->other_starts(0, probe.point()).empty());
    probe.give("dp", Curve::table({0.0, 0.002, 0.004, 0.006, 0.008}, {60e3, 72e3, 70e3, 50e3, 20e3}));
    probe["n"] = 0.5;
    const std::vector<double> flows = probe.block->other_starts(0, probe.point());
    REQUIRE(flows.size() == 11);
    CHECK(flows.front() == near(0.25, 1e-9));  // a sixteenth of the curve, 1000 kg/m3, half speed
    CHECK(flows[7] == near(3.75, 1e-9));
    CHECK(flows.back() < 0.0);  // backwards, where a header of higher pressure holds it
    probe["n"] = 0.0;
    CHECK(probe.block->other_starts(0, probe.point()).empty());
}

TEST_CASE("the limit of a pump's speed is on what a controller demands, and only while the pump is driven") {
    Probe probe = wilo(plain);
    const auto margin = [&](double demand) {
        probe["speed_signal.value"] = demand, probe["n"] = std::min(demand, 0.8);
        return probe.check("pump_speed").margin();
    };
    probe.set("n_max", 0.8);
    CHECK(margin(0.7) == near(0.1, 1e-9));
    CHECK(margin(0.8 + 3e-6) == 0.0);  // as the integrator leaves a controller that saturates there
    CHECK(margin(1.15) == near(-0.35, 1e-9));
    CHECK(probe.check("pump_speed").value == near(1.15, 1e-9));
    probe["powered.value"] = 0.0;
    CHECK(std::isnan(margin(1.15)));
    probe["powered.value"] = 1.0, probe.set("running", 0.0);
    CHECK(std::isnan(margin(0.7)));
}

namespace {

std::string flag_of(const Probe& probe, std::string_view what) {
    std::vector<ValidityFlag> flags;
    Report<double> report;
    report.flags = &flags;
    probe.block->outputs(0, probe.point(), report);
    for (const ValidityFlag& f : flags)
        if (f.what == what) return std::string(f.beyond);
    return "";
}

}  // namespace

TEST_CASE("a pump at a constant speed has no limit of speed; a speed that its drive does not have is flagged") {
    Probe probe = wilo(plain);
    std::fill(probe.block->connected.begin(), probe.block->connected.end(), 0);
    for (const double demand : {0.98, 1.0, 1.15, 0.05}) {
        probe["speed_signal.value"] = demand, probe["n"] = std::clamp(demand, 0.2, 1.0);
        CHECK(std::isnan(probe.check("pump_speed").limit));
        CHECK(flag_of(probe, "demanded speed").empty() == (demand >= 0.2 && demand <= 1.0));
    }
}

TEST_CASE(
    "fans, dry coolers and valves flag a demand that they cannot follow; a valve's stem stays within its stroke") {
    for (const char* type : {"fan", "dry_cooler"}) {
        Probe probe(type, plain);
        probe["powered.value"] = 1.0;
        for (const double demand : {-0.2, 0.0, 0.7, 1.0, 1.4}) {
            probe["speed_signal.value"] = demand;
            CHECK(flag_of(probe, "demanded speed").empty() == (demand >= 0.0 && demand <= 1.0));
        }
    }
    Probe valve("valve", plain);
    valve.set("stroke_time", 10.0);
    valve["y"] = 1.0, valve["position.value"] = 1.0;
    const double at_end = valve.flow("y");
    valve["position.value"] = 1.4;
    CHECK(valve.flow("y") == at_end);
    CHECK(flag_of(valve, "demanded opening") == "it holds the nearest end");
}

TEST_CASE("a pump whose power nothing states is refused") {
    Probe probe("pump", plain);
    probe.give("dp", wilo_dp);
    CHECK(probe.problem().find("efficiency") != std::string::npos);
    probe.set("efficiency", 0.5);
    CHECK(probe.problem().empty());
    probe.give("dp", Curve::constant(5e4));
    CHECK(probe.problem().find("must end at a flow") != std::string::npos);
}

TEST_CASE("UA from a rating is the inverse of the counterflow effectiveness") {
    for (const double C2 : {8000.0, 7999.999, 5000.0, 12000.0}) {
        const double UA = 28e3, C1 = 8000.0, G = counterflow_conductance(UA, C1, C2, 0.0), Q = G * 20.0;
        CHECK(rated_UA(Q, 300.0, C1, 320.0, C2) == near(UA, 1e-9));
    }
    // CDU121 of hardware.md: 4 K approach, secondary range 15.1 K, Cr 0.966: NTU 3.55, UA about 28 kW/K
    const double C2 = 121e3 / 15.1, C1 = C2 / 0.966;
    CHECK(rated_UA(121e3, 309.15, C1, 313.15 + 15.1, C2) == near(28e3, 0.02));
}

TEST_CASE("one rating point is met again by the exchanger that was fitted to it") {
    Probe probe = exchanger(warm, warm);
    const double T_p = 309.15, T_s = 313.15, m1 = 2e-3 * warm.rho(T_p), m2 = 2e-3 * warm.rho(T_s);
    const auto outlet = [](double m, double from, double Q) {  // where enthalpy has risen by Q/m
        double T = from;
        for (int i = 0; i < 30; ++i) T -= (warm.u(T) - warm.u(from) - Q / m) / warm.cp(T);
        return T;
    };
    probe["m_primary"] = m1, probe["m_secondary"] = m2;
    probe["primary_a.T"] = T_p, probe["T_primary"] = probe["primary_b.T"] = outlet(m1, T_p, 121e3);
    probe["T_secondary"] = probe["secondary_b.T"] = T_s, probe["secondary_a.T"] = outlet(m2, T_s, 121e3);
    probe["T_wall"] = 315.0;
    probe.solve("T_wall", 315.0);
    CHECK(probe.output("Q_flow") == near(121e3, 1e-5));
    CHECK(probe.output("UA") == near(probe.output("UA_nominal"), 1e-5));
    CHECK(probe.output("approach") == near(4.0, 1e-9));
    CHECK(std::abs(probe.flow("T_primary")) < 1e-4 * 121e3);
}

TEST_CASE(
    "the exchanger's steady state is the exact counterflow effectiveness for 1, 2, 5 and 10 cells, in all directions "
    "of flow") {
    const double UA = 2.2e4, T1 = 300.0, T2 = 330.0;
    for (const auto& [m1, m2] : {std::pair{2.0, 2.0}, {2.0, 1.3}, {-1.1, -1.9}}) {
        const double C1 = 4000 * std::abs(m1), C2 = 4000 * std::abs(m2), C = std::min(C1, C2),
                     Cr = C / std::max(C1, C2), NTU = UA / C;
        const double eps =
            Cr == 1.0 ? NTU / (1 + NTU) : (1 - std::exp(-NTU * (1 - Cr))) / (1 - Cr * std::exp(-NTU * (1 - Cr)));
        for (const int cells : {1, 2, 5, 10}) {
            const Outlets out = chain_outlets(cells, UA, m1, m2, T1, T2);
            CHECK(C1 * (out.primary - T1) == near(eps * C * (T2 - T1), 1e-6));
            CHECK(C2 * (T2 - out.secondary) == near(eps * C * (T2 - T1), 1e-6));
        }
    }
}

TEST_CASE("with one side backwards the exchanger is exactly one in parallel flow, for 1, 2 and 5 cells") {
    const double UA = 2.2e4, T1 = 300.0, T2 = 330.0;
    for (const auto& [m1, m2] : {std::pair{2.0, -2.0}, {2.0, -1.3}, {-1.1, 1.9}}) {
        const double C1 = 4000 * std::abs(m1), C2 = 4000 * std::abs(m2), C = std::min(C1, C2),
                     Cr = C / std::max(C1, C2), NTU = UA / C, eps = (1 - std::exp(-NTU * (1 + Cr))) / (1 + Cr);
        for (const int cells : {1, 2, 5}) {
            const Outlets out = chain_outlets(cells, UA, m1, m2, T1, T2);
            CHECK(C1 * (out.primary - T1) == near(eps * C * (T2 - T1), 1e-6));
            CHECK(C2 * (T2 - out.secondary) == near(eps * C * (T2 - T1), 1e-6));
        }
    }
}

TEST_CASE("between counterflow and parallel flow conductance goes smoothly through rest") {
    Probe probe = exchanger(plain, plain);
    for (const char* name : {"primary_a.T", "primary_b.T", "T_primary"}) probe[name] = 300.0;
    for (const char* name : {"secondary_a.T", "secondary_b.T", "T_secondary"}) probe[name] = 330.0;
    probe["T_wall"] = 315.0;
    probe["m_secondary"] = 2.0;
    double before = 0.0;
    for (double m = -0.1; m < 0.1; m += 1e-4) {  // the nominal flow is 2 kg/s
        probe["m_primary"] = m;
        const double Q = probe.output("Q_flow");
        CHECK(Q > 0.0);
        CHECK(Q < 1.01 * 30.0 * 4000.0 * std::hypot(m, 4e-4));
        if (before > 0.0) CHECK(std::abs(Q - before) < 30.0 * 4000.0 * 1.1e-4);
        before = Q;
    }
}

TEST_CASE("when the primary stands, the plates follow the secondary within seconds and hold the primary off") {
    Probe probe = exchanger(plain, plain);  // two mass flows of 2 kg/s, UA near 28 kW/K, 8 kJ/K of plates
    for (const char* name : {"primary_a.T", "primary_b.T", "T_primary", "T_wall"}) probe[name] = 300.0;
    for (const char* name : {"secondary_a.T", "secondary_b.T", "T_secondary"}) probe[name] = 330.0;
    probe["m_primary"] = 0.0, probe["m_secondary"] = 2.0;
    const Eigen::MatrixXd J = probe.jacobian(1.0, 0.0);
    const int wall = probe.local("T_wall");
    // all but a thousandth of the resistance between the inlets lies on the side that stands: 0.02 % of 8 kW/K there
    CHECK(-J(wall, wall) > 4000.0);
    CHECK(-J(wall, wall) < 2.0 * 8000.0 + 1.0);
    CHECK(8e3 / -J(wall, wall) < 2.0);
    CHECK(J(wall, probe.local("T_primary")) < 2.0);
}

TEST_CASE("an exchanger's rating that would warm the primary above the secondary's inlet is refused with the figures") {
    // energy balance: water 36 degC, 100 kW on 80 L/min leaves at 54.1 degC; the secondary enters at 40 + 7.2 = 47.2
    // degC
    Probe probe = exchanger(medium("water"), medium("water"));
    probe.set("Q_nominal", 100e3).set("V_flow_primary", 80e-3 / 60).set("V_flow_secondary", 200e-3 / 60);
    const std::string problem = probe.problem();
    CHECK(problem.find("54.1 degC") != std::string::npos);
    CHECK(problem.find("47.2 degC") != std::string::npos);
    CHECK(probe.set("V_flow_primary", 200e-3 / 60).problem().empty());
    // 5 L/min cannot carry 400 kW on either side, though the outlets lie in the right order
    probe.set("Q_nominal", 400e3).set("V_flow_primary", 5e-3 / 60).set("V_flow_secondary", 5e-3 / 60);
    for (const char* part : {"Q_nominal = 400 kW", "V_flow_secondary = 5 L/min", "carries at most", "larger V_flow_s"})
        CHECK(probe.problem().find(part) != std::string::npos);
    probe.set("V_flow_secondary", 600e-3 / 60);
    CHECK(probe.problem().find("V_flow_primary = 5 L/min") != std::string::npos);
}

TEST_CASE("the rated approach is asked of a primary that runs backwards too") {
    Probe probe = exchanger(plain, plain);
    probe.set("approach_max", 4.0);
    for (const double m : {2.0, -2.0}) {
        probe["m_primary"] = m, probe["m_secondary"] = 2.0;
        CHECK(probe.check("exchanger_approach").limit == 4.0);
    }
    probe["m_primary"] = 1.0;
    CHECK(std::isnan(probe.check("exchanger_approach").limit));
}

TEST_CASE(
    "UA follows both flows: with equal films and no wall, halving one flow raises its film's resistance by 2^0.65") {
    Probe probe = exchanger(plain, plain);
    probe.choose("by", "UA").set("UA", 2e4).set("wall_share", 0.0);
    for (const char* name :
         {"primary_a.T", "primary_b.T", "secondary_a.T", "secondary_b.T", "T_primary", "T_secondary", "T_wall"})
        probe[name] = 310.0;
    probe["m_primary"] = 2.0, probe["m_secondary"] = 1.0;
    CHECK(probe.output("UA") == near(2e4 / (0.5 + 0.5 * std::pow(2.0, 0.65)), 1e-5));
    probe["m_primary"] = 1.0;
    CHECK(probe.output("UA") == near(2e4 / std::pow(2.0, 0.65), 1e-5));
}

TEST_CASE("an exchanger never cools below its coldest inlet, however small a flow") {
    for (const double m1 : {1e-6, 1e-4, 1e-3, 1e-2, 0.1}) {
        Probe probe = exchanger(plain, plain);
        probe["m_primary"] = m1, probe["m_secondary"] = 2.0;
        probe["primary_a.T"] = 300.0, probe["secondary_a.T"] = 330.0,
        probe["primary_b.T"] = probe["secondary_b.T"] = 320.0;
        const auto all = {"T_primary", "T_secondary", "T_wall"};
        for (const char* name : all) probe[name] = 320.0;
        for (int i = 0; i < 50; ++i) {
            const Eigen::MatrixXd J = probe.jacobian(1.0, 0.0);
            const auto r = probe.residual();
            Eigen::Matrix3d A;
            Eigen::Vector3d f;
            int row = 0;
            for (const char* name : all) {
                f(row) = r[probe.local(name)];
                int col = 0;
                for (const char* other : all) A(row, col++) = J(probe.local(name), probe.local(other));
                ++row;
            }
            const Eigen::Vector3d step = A.partialPivLu().solve(f);
            row = 0;
            for (const char* name : all) probe[name] -= step(row++);
        }
        CHECK(probe["T_primary"] > 300.0);
        CHECK(probe["T_primary"] < 330.0 + 1e-6);
        CHECK(probe["T_secondary"] < 330.0 + 1e-6);
    }
}

TEST_CASE("of several exchangers in parallel those that run share the flows, like one exchanger of that size") {
    const Medium water = test::coolant_of(1000.0, 4000.0);
    const auto exchanger = [&](double units) {
        Probe c("plate_exchanger", water, &water);
        c.choose("by", "UA");
        c.set("UA", 40e3).set("V_flow_primary", 0.01).set("V_flow_secondary", 0.012).set("dp_primary", 40e3);
        c.set("dp_secondary", 40e3).set("volume_primary", 0.02).set("volume_secondary", 0.02).set("C_wall", 1e5);
        c.set("units", units);
        c["primary_a.T"] = 300.0, c["secondary_a.T"] = 320.0, c["T_primary"] = 308.0, c["T_secondary"] = 310.0;
        c["T_wall"] = 309.0;
        return c;
    };
    Probe one = exchanger(1.0), four = exchanger(4.0);
    one["running.value"] = 1.0, one["m_primary"] = 8.0, one["m_secondary"] = 9.0;
    for (const double on : {1.0, 3.0, 4.0}) {
        four["running.value"] = on, four["m_primary"] = on * 8.0, four["m_secondary"] = on * 9.0;
        for (const char* name : {"T_wall", "T_primary", "T_secondary"})
            CHECK(four.flow(name) == doctest::Approx(on * one.flow(name)).epsilon(1e-6));
        CHECK(four.output("UA") == doctest::Approx(on * one.output("UA")).epsilon(1e-6));
        CHECK(four.flow("m_primary") == doctest::Approx(one.flow("m_primary")).epsilon(1e-6));
    }
}
