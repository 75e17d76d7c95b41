// the package: ladder of resistances, shares of heat, memory, ripple, leakage and where it runs away.
#include <doctest/doctest.h>

#include <complex>

#include "solver/transient/simulation.hpp"
#include "tests/models/one_component.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using doctest::Approx;
using test::OneComponent;

namespace {

OneComponent chip_of(double power) {
    OneComponent chip(model_info("chip"));
    chip.number("power") = power;
    chip.number("R_jc") = 0.01;
    chip.number("C_die") = 20.0;
    chip.at("throttle.value") = 1.0;
    chip.at("case.T") = 330.0;
    return chip;
}
// the package's own steady temperatures at the case temperature given; returns that of the die
double steady_die(OneComponent& chip) {
    const int at[] = {chip.local("T_die"), chip.local("T_lid"), chip.local("T_memory")};
    for (int k : at) chip.y[k] = chip.at("case.T");
    for (int i = 0; i < 50; ++i) {
        const auto r = chip.residual();
        const auto J = chip.jacobian(1.0, 0.0);
        Eigen::Matrix3d own;
        Eigen::Vector3d f;
        for (int row = 0; row < 3; ++row) {
            f(row) = r[at[row]];
            for (int col = 0; col < 3; ++col) own(row, col) = J(at[row], at[col]);
        }
        const Eigen::Vector3d step = own.fullPivLu().solve(f);
        for (int k = 0; k < 3; ++k) chip.y[at[k]] -= step(k);
    }
    return chip.at("T_die");
}

}  // namespace

TEST_CASE("without leakage the die stands P R_jc above its case and all power leaves through the case") {
    OneComponent chip = chip_of(1000.0);
    chip.number("memory_power") = 150.0;
    chip.number("io_power") = 50.0;
    CHECK(steady_die(chip) == Approx(340.0));
    CHECK(chip.equation("case.T") == Approx(-1200.0));
    CHECK(chip.output("P") == Approx(1200.0));
    chip.number("other_at_die") = 0.25;
    CHECK(steady_die(chip) == Approx(340.5));
    CHECK(chip.equation("case.T") == Approx(-1200.0));
    for (double share : {0.1, 0.5, 0.9}) {  // however R_jc is divided
        chip.number("die_share") = share;
        CHECK(steady_die(chip) == Approx(340.5));
        CHECK(chip.at("T_lid") == Approx(340.5 - share * 10.5));
    }
}

TEST_CASE("memory stands its power times R_memory above the case, and without power at the case") {
    OneComponent chip = chip_of(1000.0);
    chip.number("memory_power") = 200.0;
    chip.number("R_memory") = 0.05;
    chip.number("T_memory_max") = 368.15;
    steady_die(chip);
    CHECK(chip.output("T_memory") == Approx(340.0));
    CHECK(chip.checks()[2].id == "memory_temperature");
    CHECK(chip.checks()[2].margin() == Approx(28.15));
    chip.number("memory_power") = 0.0;
    steady_die(chip);
    CHECK(chip.output("T_memory") == Approx(330.0));
    CHECK(std::isnan(chip.checks()[2].limit));  // no memory, nothing to judge
}

TEST_CASE("activity and throttle scale the logic's power alone") {
    OneComponent chip = chip_of(1000.0);
    chip.number("memory_power") = 200.0;
    chip.number("activity") = 0.5;
    chip.at("throttle.value") = 0.8;
    steady_die(chip);
    CHECK(chip.output("P") == Approx(600.0));
}

TEST_CASE("the die heats at (P - Q)/C") {
    OneComponent chip = chip_of(1000.0);
    chip.at("T_die") = 335.0;  // 500 W leave
    chip.at("T_lid") = 332.5;
    chip.at("T_memory") = 331.0;
    chip.der("T_die") = 25.0;
    chip.number("C_lid") = 30.0;
    chip.number("C_memory") = 2.0;
    CHECK(chip.equation("T_die") == Approx(0.0));
    CHECK(chip.equation("T_lid") == Approx(0.0));
    CHECK(chip.tally().power_in == Approx(1000.0));
    CHECK(chip.tally().stored == Approx(20.0 * (335.0 - 273.15) + 30.0 * (332.5 - 273.15) + 2.0 * (331.0 - 273.15)));
}

namespace {

// a package on a case of 330 K: silicon of two dies of 800 mm2 and 0.775 mm, a lid of about 9 cm3 of copper
struct Ladder {
    double R_jc = 0.01, share = 0.5, C_die = 2.0, C_lid = 30.0;
    double R1() const { return share * R_jc; }
    double R2() const { return (1.0 - share) * R_jc; }
    Network network() const {
        Builder b;
        test::put(b, "chip", "chip",
                  {{"power", 1000.0}, {"R_jc", R_jc}, {"die_share", share}, {"C_die", C_die}, {"C_lid", C_lid}});
        test::put(b, "plate", "ambient", {{"T", 330.0}});
        b.connect("chip.case", "plate.port");
        return std::move(b).build();
    }
    /// Impedance from the die to the case at angular frequency w [K/W].
    std::complex<double> Z(double w) const {
        const std::complex<double> jw(0.0, w), lid = 1.0 / (jw * C_lid + 1.0 / R2());
        return 1.0 / (jw * C_die + 1.0 / (R1() + lid));
    }
    /// Peak to peak of the die under a square wave of 0 and 1 W, duty 1/2, from its Fourier series.
    double ripple(double frequency) const {
        const auto at = [&](double phase) {
            double T = 0.0;
            for (int n = 1; n < 4001; n += 2) {
                const double w = 2.0 * M_PI * n * frequency;
                T += 2.0 / (M_PI * n) * std::imag(Z(w) * std::polar(1.0, 2.0 * M_PI * n * phase));
            }
            return T;
        };
        return at(0.5) - at(0.0);  // it rises throughout the first half and falls throughout the second
    }
};
// lowest and highest die temperature of the points after `from`
class Extremes final : public Observer {
   public:
    Extremes(int unknown, double from) : unknown_(unknown), from_(from) {}
    void point(double t, const Point& at) override {
        const double T = at.y[unknown_];
        if (t >= from_) low = std::min(low, T), high = std::max(high, T);
        last = T;
    }
    void event(double, const std::string&, const std::string&) override {}
    double next_wanted(double) const override { return infinite; }
    double low = infinite, high = -infinite, last = 0.0;

   private:
    int unknown_;
    double from_;
};
Extremes run_die(const Ladder& ladder, const Profile& activity, double from, double duration) {
    const Network net = ladder.network();
    Schedule schedule;
    schedule.add({test::param_of(net, "chip", "activity")}, activity, 1.0);
    SimulationOptions options;
    options.duration = duration, options.tolerance = 1e-7;
    std::vector<double> y(net.start);
    for (int u = 0; u < net.size(); ++u)
        if (net.temperature[u]) y[u] = 330.0;
    Extremes seen(test::unknown_of(net, "chip", "T_die"), from);
    simulate_network(net, net.initial, std::move(schedule), y, options, seen);
    return seen;
}
double simulated_ripple(const Ladder& ladder, double frequency) {
    SquareWave wave;
    wave.period = 1.0 / frequency;
    const Extremes seen = run_die(ladder, Profile::square_wave(wave), 3.0, 3.0 + 2.0 * wave.period);
    return seen.high - seen.low;
}

}  // namespace

TEST_CASE("a step of power warms the die along the two exponentials of its Cauer ladder") {
    const Ladder c;
    // (a, b) (d, e): dT/dt of rise of die and lid, P = 1 kW; eigenvalues of the two
    const double a = -1.0 / (c.R1() * c.C_die), b = -a, d = 1.0 / (c.R1() * c.C_lid), e = -d - 1.0 / (c.R2() * c.C_lid);
    const double half = 0.5 * (a + e), root = std::sqrt(half * half - (a * e - b * d));
    const double fast = half - root, slow = half + root, end = 1000.0 * c.R_jc, start = 1000.0 / c.C_die;
    // T = end + A exp(fast t) + B exp(slow t), T(0) = 0, T'(0) = start
    const double A = (start + end * slow) / (fast - slow), B = -end - A;
    CHECK(-1.0 / fast == Approx(0.0095).epsilon(0.05));  // the silicon: about 10 ms, the lid 160 ms
    for (double t : {2e-3, 1e-2, 5e-2, 0.2, 1.0}) {
        const double T = run_die(c, Profile::constant(1.0), 0.0, t).last - 330.0;
        CHECK(T == Approx(end + A * std::exp(fast * t) + B * std::exp(slow * t)).epsilon(1e-4));
    }
}

TEST_CASE("the ripple of a square wave is that of the ladder's impedance, at 1 Hz and at 20 Hz") {
    const Ladder c;
    for (double frequency : {1.0, 20.0})
        CHECK(simulated_ripple(c, frequency) == Approx(1000.0 * c.ripple(frequency)).epsilon(2e-3));
}

TEST_CASE("one node of 30 J/K understates the ripple by 28 % at 1 Hz and seven to ten times at 20 Hz") {
    const Ladder c, one{0.01, 0.5, 30.0, 1e-3};  // silicon and lid at one temperature
    CHECK(one.ripple(1.0) == Approx(0.01 * std::tanh(1.0 / (4.0 * 0.3))).epsilon(1e-3));  // one exponential
    CHECK(one.ripple(1.0) / c.ripple(1.0) == Approx(0.72).epsilon(0.01));
    CHECK(c.ripple(20.0) / one.ripple(20.0) == Approx(10.1).epsilon(0.02));
    CHECK(simulated_ripple(one, 20.0) == Approx(1000.0 * one.ripple(20.0)).epsilon(5e-3));
    const Ladder low{0.01, 0.3, 2.0, 20.0};  // the low ends of the assumed share and of the lid
    CHECK(one.ripple(1.0) / low.ripple(1.0) == Approx(0.72).epsilon(0.01));
    CHECK(low.ripple(20.0) / one.ripple(20.0) == Approx(7.2).epsilon(0.02));
}

TEST_CASE(
    "leakage is nominal at its reference, doubles each ln 2 scales, and goes on along its tangent six scales up") {
    OneComponent chip = chip_of(0.0);
    chip.number("leakage_nominal") = 50.0;
    const double ref = 338.15, scale = 36.0;
    const auto leakage_at = [&](double T) {
        chip.at("T_die") = T;
        return chip.output("leakage");
    };
    CHECK(leakage_at(ref) == Approx(50.0));
    CHECK(leakage_at(ref + scale * std::log(2.0)) == Approx(100.0));
    CHECK(leakage_at(ref - scale * std::log(4.0)) == Approx(12.5));
    const double top = 50.0 * std::exp(6.0), T_top = ref + 6.0 * scale, step = 1e-4;
    CHECK(leakage_at(T_top) == Approx(top));
    CHECK(leakage_at(T_top + 2.0 * scale) == Approx(3.0 * top));
    const double below = leakage_at(T_top) - leakage_at(T_top - step),
                 above = leakage_at(T_top + step) - leakage_at(T_top);
    CHECK(above == Approx(below).epsilon(1e-4));
    CHECK(above == Approx(top * step / scale).epsilon(1e-4));
}

TEST_CASE("a limit that is not given is carried as not given, one that is given has its margin") {
    OneComponent chip = chip_of(1000.0);
    chip.number("T_die_max") = 361.0;
    steady_die(chip);
    const auto checks = chip.checks();
    REQUIRE(checks.size() == 3);
    CHECK(checks[0].id == "die_temperature");
    CHECK(checks[0].margin() == Approx(21.0));
    CHECK(std::isnan(checks[1].limit));
}

namespace {

// a chip whose case sees a room of 300 K over R; leakage 40 W at 338.15 K, e-fold 36 K
struct Cooled {
    double R = 0.2, L = 40.0, T_ref = 338.15, s = 36.0, R_jc = 0.01;
    double R_all() const { return R + R_jc; }
    // where the line of the cooling touches the leakage curve: R L/s exp(z) = 1
    double T_fold() const { return T_ref + s * std::log(s / (R_all() * L)); }
    double P_fold() const { return (T_fold() - 300.0 - s) / R_all(); }
    double solve(double power) const {
        Builder b;
        b.add("chip", model_info("chip"));
        b.set_number("chip", "power", power);
        b.set_number("chip", "R_jc", R_jc);
        b.set_number("chip", "C_die", 20.0);
        b.set_number("chip", "leakage_nominal", L);
        b.add("sink", model_info("thermal_resistance"));
        b.set_number("sink", "R", R);
        b.add("room", model_info("ambient"));
        b.set_number("room", "T", 300.0);
        b.connect("chip.case", "sink.a");
        b.connect("sink.b", "room.port");
        const Network net = std::move(b).build();
        const Component& c = net.component(net.find("chip"));
        return solve_steady(net).y[net.global(c, c.info->unknowns[c.info->unknown("T_die")].local)];
    }
};

}  // namespace

TEST_CASE(
    "below the fold power the die settles where its heat line meets the leakage curve; above it the answer is thermal "
    "runaway") {
    const Cooled c;
    const double P = 0.98 * c.P_fold(), T = c.solve(P);
    CHECK(T < c.T_fold());
    CHECK(T == Approx(300.0 + c.R_all() * (P + c.L * std::exp((T - c.T_ref) / c.s))).epsilon(1e-8));
    try {
        c.solve(1.02 * c.P_fold());
        FAIL("a steady state was found where none exists");
    } catch (const Error& e) {
        CHECK(e.kind == Error::Kind::thermal_runaway);
    }
}
