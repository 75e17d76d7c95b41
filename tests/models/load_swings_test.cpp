// parts that answer load swings and failures: capacitor shelf, storage in power supplies, power smoothing, shedding
#include "tests/models/model_probe.hpp"

using namespace kelvolt;
using doctest::Approx;
using kelvolt::test::OneComponent;
using kelvolt::test::Probe;

namespace {

// lets every root function that is positive decide, as a run does at an instant
int settle_decisions(OneComponent& c, double t) {
    c.values.time = t;
    std::vector<double> g(c.block->roots());
    int changes = 0;
    for (bool changed = true; changed && changes < 50;) {
        changed = false;
        c.block->root_values(0, c.point(), g.data());
        for (int k = 0; k < static_cast<int>(g.size()); ++k)
            if (g[k] > 0.0 && c.update(k)) changed = true, ++changes;
    }
    return changes;
}
double signal(const OneComponent& c, std::string_view port) {
    const std::string name = std::string(port) + ".value";
    return c.y[c.local(name)] - c.equation(name);
}

Probe shelf() {
    Probe c("capacitor_shelf", test::coolant_of());
    c.set("P_rated", 10e3).set("V_bus", 50.0).set("C", 100.0).set("ESR", 0.004).set("V_max", 48.0).set("V_min", 36.0);
    c.set("recentring", 1e12);
    c["bus.v"] = c["mean"] = 50.0;
    c["charge"] = 0.5;
    return c;
}

}  // namespace

TEST_CASE("a capacitor shelf gives what the load draws above its even share, and its capacitors pay for their ESR") {
    Probe c = shelf();
    c["load.value"] = 8e3;
    c["even"] = 0.2;
    CHECK(c.flow("bus.v") * 50.0 == Approx(-6e3).epsilon(1e-6));
    const double V2 = 36.0 * 36.0 + 0.5 * (48.0 * 48.0 - 36.0 * 36.0);
    const double I = (std::sqrt(V2) - std::sqrt(V2 - 4.0 * 0.004 * 6e3)) / (2.0 * 0.004);
    const double energy = 0.5 * 100.0 * (48.0 * 48.0 - 36.0 * 36.0);
    CHECK(c.flow("charge") == Approx(std::sqrt(V2) * I / energy));
    CHECK(c.output("loss") == Approx(0.004 * I * I));
    CHECK(c.output("v_capacitor") == Approx(std::sqrt(V2)));
    CHECK(c.output("I_capacitor") == Approx(I));
    c.set("I_max", 0.9 * I);
    CHECK(c.check("capacitor_current").margin() == Approx(-0.1 * I));
    CHECK(c.output("time_left") == Approx(0.5 * energy / (std::sqrt(V2) * I)));
}
TEST_CASE("a capacitor shelf gives and takes at most its rated power") {
    Probe c = shelf();
    c["even"] = 0.0;
    c["load.value"] = 30e3;
    CHECK(c.output("P_out") == Approx(10e3).epsilon(1e-6));
    c["even"] = 5.0;
    CHECK(c.output("P_out") == Approx(-10e3).epsilon(1e-6));
}
TEST_CASE("an empty capacitor shelf gives nothing, a full one takes nothing, and both are told") {
    Probe c = shelf();
    c["load.value"] = 5e3;
    c["even"] = 0.0;
    c["charge"] = 0.0;
    CHECK(std::abs(c.output("P_out")) < 1e-3);
    CHECK(c.check("store_charge").margin() < 0.0);
    c["even"] = 1.0;
    CHECK(c.output("P_out") == Approx(-5e3).epsilon(1e-6));
    c["charge"] = 1.0;
    CHECK(std::abs(c.output("P_out")) < 1e-3);
    CHECK(c.check("store_room").margin() < 0.0);
}
TEST_CASE("a capacitor shelf with a droop answers to the fall of its bus below the mean") {
    Probe c = shelf();
    c["load.value"] = c["even"] = 0.0;
    c["mean"] = 50.1;
    CHECK(std::abs(c.output("P_out")) < 1e-3);
    c.set("droop", 0.5);
    CHECK(c.output("P_out") == Approx(2e3).epsilon(1e-6));
    c["mean"] = 49.9;
    CHECK(c.output("P_out") == Approx(-2e3).epsilon(1e-6));
}
TEST_CASE("a capacitor shelf whose capacitors cannot give its rated power is refused") {
    Probe c = shelf();
    CHECK(c.problem() == "");
    c.set("ESR", 0.01);
    CHECK(c.problem().find("ESR") != std::string::npos);
}

TEST_CASE("smoothed power follows what is wanted with its ramps, exactly, and then with its time constant") {
    OneComponent c(model_info("power_smoothing"));
    c.number("ramp_up") = 0.5;
    c.number("ramp_down") = 0.2;
    c.number("response") = 0.01;
    const auto rate = [&](double wanted, double level) {
        c.at("wanted.value") = wanted, c.at("level") = level;
        c.der("level") = 0.0;
        return -c.equation("level");  // der - rate, at der 0
    };
    CHECK(rate(1.0, 0.1) == Approx(0.5).epsilon(1e-12));
    CHECK(rate(0.1, 1.0) == Approx(-0.2).epsilon(1e-12));
    CHECK(rate(0.502, 0.5) == Approx(0.2).epsilon(1e-12));
    CHECK(rate(0.5, 0.5) == 0.0);
}
TEST_CASE("the floor is held while the work pauses for less than the hysteresis, and released after it") {
    OneComponent c(model_info("power_smoothing"));
    c.number("floor") = 0.6;
    c.number("hysteresis") = 2.0;
    c.number("response") = 0.01;
    const auto target = [&](double t, double wanted) {  // where the level would not move
        c.at("wanted.value") = wanted;
        settle_decisions(c, t);
        c.at("level") = 0.0;
        return -0.01 * c.equation("level");
    };
    CHECK(target(0.0, 0.2) == Approx(0.2));  // the work has not begun
    CHECK(target(1.0, 0.9) == Approx(0.9));
    CHECK(target(2.0, 0.3) == Approx(0.6));
    CHECK(target(3.9, 0.3) == Approx(0.6));
    CHECK(target(3.95, 0.8) == Approx(0.8));
    CHECK(target(4.5, 0.3) == Approx(0.6));
    CHECK(target(6.4, 0.3) == Approx(0.6));
    CHECK(target(6.5, 0.3) == Approx(0.3));
    CHECK(settle_decisions(c, 6.6) == 0);
}
TEST_CASE("power smoothing out of service draws what is wanted") {
    OneComponent c(model_info("power_smoothing"));
    c.number("in_service") = 0.0;
    c.at("level") = 0.3;
    c.at("wanted.value") = 0.9;
    CHECK(signal(c, "drawn") == Approx(0.9));
}

TEST_CASE("a shedding ladder drops its groups in order by their delays and restores them in reverse") {
    OneComponent c(model_info("shed_ladder"));
    c.number("groups") = 3.0;
    c.number("delay_1") = 1.0, c.number("delay_2") = 5.0, c.number("delay_3") = 10.0;
    c.number("share_2") = 0.4;
    c.number("restore_delay") = 20.0;
    c.at("measure.value") = c.info.port("measure")->otherwise;
    const auto at = [&](double t, double call) {
        c.at("call.value") = call;
        settle_decisions(c, t);
        return std::vector{signal(c, "group_1"), signal(c, "group_2"), signal(c, "group_3"), signal(c, "group_4")};
    };
    using State = std::vector<double>;
    CHECK(at(0.0, 0.0) == State{1, 1, 1, 1});
    CHECK(at(1.0, 1.0) == State{1, 1, 1, 1});
    CHECK(at(2.0, 1.0) == State{0, 1, 1, 1});
    CHECK(at(6.9, 1.0) == State{0, 1, 1, 1});
    CHECK(at(7.0, 1.0) == State{0, 0.4, 1, 1});
    CHECK(at(17.0, 1.0) == State{0, 0.4, 0, 1});
    CHECK(at(100.0, 1.0) == State{0, 0.4, 0, 1});  // the fourth is not one of its groups
    CHECK(at(101.0, 0.0) == State{0, 0.4, 0, 1});
    CHECK(at(121.0, 0.0) == State{0, 0.4, 1, 1});
    CHECK(at(141.0, 0.0) == State{0, 1, 1, 1});
    CHECK(at(150.0, 1.0) == State{0, 1, 1, 1});  // called again before the last was restored
    CHECK(at(155.0, 1.0) == State{0, 0.4, 1, 1});
}
TEST_CASE("a shedding ladder sheds by levels of what it measures, and not below them") {
    OneComponent c(model_info("shed_ladder"));
    c.choose("sheds", "below");
    c.number("groups") = 2.0;
    c.number("level_1") = 0.5, c.number("level_2") = 0.25;
    c.number("delay_1") = c.number("delay_2") = 0.0;
    c.number("restore_level") = 0.8;
    c.number("restore_delay") = 30.0;
    c.at("call.value") = 1.0;
    const auto at = [&](double t, double charge) {
        c.at("measure.value") = charge;
        settle_decisions(c, t);
        return c.output("shed");
    };
    CHECK(at(0.0, 0.9) == 0.0);
    CHECK(at(10.0, 0.49) == 1.0);
    CHECK(at(20.0, 0.3) == 1.0);
    CHECK(at(30.0, 0.24) == 2.0);
    CHECK(at(40.0, 0.7) == 2.0);  // between the levels and restore_level nothing changes
    CHECK(at(50.0, 0.81) == 2.0);
    CHECK(at(80.0, 0.85) == 1.0);
    CHECK(at(110.0, 0.9) == 0.0);
}
TEST_CASE("a shedding ladder whose restore level calls for shedding is refused") {
    OneComponent c(model_info("shed_ladder"));
    CHECK(c.problem() == "");
    c.number("restore_level") = 0.6;
    CHECK(c.problem().find("restore_level") != std::string::npos);
}

TEST_CASE("a meter states the power that leaves it, in DC and AC") {
    OneComponent dc(model_info("dc_meter"));
    dc.number("R") = 1e-3;
    dc.number("P_rated") = 10e3;
    dc.at("a.v") = 50.1;
    dc.at("b.v") = 50.0;
    CHECK(signal(dc, "power") == Approx(5000.0));
    CHECK(signal(dc, "share") == Approx(0.5));
    OneComponent ac(model_info("ac_meter"));
    ac.number("R") = 1e-3;
    ac.number("P_rated") = 10e3;
    ac.at("a.v_re") = 230.1;
    ac.at("b.v_re") = 230.0;
    CHECK(signal(ac, "power") == Approx(3 * 230.0 * 100.0));
    OneComponent four(model_info("ac4_meter"));
    four.number("R") = 1e-3;
    four.number("P_rated") = 10e3;
    four.at("a.va_re") = 230.1;
    four.at("b.va_re") = 230.0;
    CHECK(signal(four, "power") == Approx(230.0 * 100.0));
}
TEST_CASE("a managed load draws its factor times the power of the same load without a controller") {
    for (const auto& [type, own, v] :
         {std::tuple{"dc_managed_load", "dc_load", "bus.v"}, std::tuple{"ac_managed_load", "ac_load", "bus.v_re"}}) {
        OneComponent managed(model_info(type)), plain(model_info(own));
        for (OneComponent* c : {&managed, &plain}) c->number("P") = 2e3, c->number("V") = 400.0, c->at(v) = 230.0;
        managed.at("factor.value") = 0.3;
        CHECK(managed.equation(v) == Approx(0.3 * plain.equation(v)));
    }
}

TEST_CASE("the store of a power shelf takes the difference between the power needed and its even share off the feed") {
    OneComponent with(model_info("ac_storage_shelf")), without(model_info("ac_power_shelf"));
    for (OneComponent* c : {&with, &without}) {
        c->number("P_psu") = 5e3, c->number("psus_a") = 2.0, c->number("V_out") = 50.0, c->number("droop") = 0.5;
        c->number("V_in") = 400.0, c->number("V_in_min") = 300.0;
        c->give("loss", Curve::table({0.0, 2.0}, {0.02, 0.02}));
        c->at("in_a.v_re") = 400.0 / std::sqrt(3.0);
        c->at("out.v") = 49.8;
        c->at("s_a") = 0.4;
    }
    const double before = without.output("P_a"), needed = 49.8 * 0.4 * 10e3 / 50.0 + 0.02 * 10e3;
    CHECK(before == Approx(needed).epsilon(1e-4));
    with.number("store_energy") = 1e3;
    with.number("recentring") = 1e12;
    with.at("charge") = 0.5;
    with.at("even") = 0.3;
    CHECK(with.output("P_a") == Approx(3e3).epsilon(1e-4));
    CHECK(with.output("P_store") == Approx((needed - 3e3) / 0.98).epsilon(1e-3));
    with.number("smooths") = 0.0;
    CHECK(with.output("P_a") == Approx(before));
}
