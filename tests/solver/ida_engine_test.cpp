// the integrator alone, without schedule and events
#include "solver/transient/ida_engine.hpp"

#include <doctest/doctest.h>

#include "solver/model/registration.hpp"
#include "solver/transient/consistent.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;

namespace {

/// Robertson's kinetics, y1 -> y2 -> y3 with rates 0.04, 1e4 y2 y3 and 3e7 y2^2, as a component without ports that
/// matter.
struct Robertson {
    static constexpr std::string_view type = "test_robertson";
    static constexpr std::string_view doc = "three species";
    static constexpr Role role = Role::heat_store;
    template <class P>
    struct Params {
        P k1;
        static constexpr auto declare() {
            return std::tuple{param(&Params::k1, "k1", "1/s", "slow rate", above(0), 0.04)};
        }
    };
    template <class S>
    struct Vars {
        Unknown<S> y1, y2, y3;
        static constexpr auto declare() {
            return std::tuple{unknown(&Vars::y1, "y1", "1", 1.0, "first species", "first balance", "1/s"),
                              unknown(&Vars::y2, "y2", "1", 1e-5, "second species", "second balance", "1/s").start(0.0),
                              unknown(&Vars::y3, "y3", "1", 1.0, "third species", "sum of species", "1").start(0.0)};
        }
    };
    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S a = x.y1, b = x.y2, c = x.y3, slow = p.k1 * a, back = 1e4 * b * c, fast = 3e7 * b * b;
        x.y1.residual = back - slow - x.y1.der;
        x.y2.residual = slow - back - fast - x.y2.der;
        x.y3.residual = a + b + c - 1.0;
    }
};

}  // namespace

TEST_CASE("the integrator alone: Robertson's kinetics reach the published values at 4e10 s") {
    Builder b;
    b.add("r", register_model<Robertson>());
    const Network net = std::move(b).build();
    std::vector<double> y = net.start, yp(net.size(), 0.0);
    ConsistentStart start(net);
    REQUIRE(start.solve(y, yp, net.initial));
    IdaProblem problem;
    problem.net = &net;
    problem.values = &net.initial;
    problem.at_time = [](double) {};
    // the species fall to 5e-8 and 2e-13, so the absolute tolerances (1, 1e-5, 1) 1e-12 must lie far below
    IdaEngine engine(problem, 1e-12);
    engine.restart(0.0, y, yp, 4e10);
    while (engine.step() != IdaEngine::Outcome::stop) continue;
    engine.interpolate(engine.time(), y, yp);
    CHECK(engine.time() == 4e10);
    // Hairer & Wanner, Solving ODEs II, and SUNDIALS' own idaRoberts example: y(4e10) = 5.2083e-8, 2.0833e-13, 1.0
    CHECK(y[unknown_of(net, "r", "y1")] == doctest::Approx(5.2083e-8).epsilon(1e-2));
    CHECK(y[unknown_of(net, "r", "y2")] == doctest::Approx(2.0833e-13).epsilon(1e-2));
    CHECK(y[unknown_of(net, "r", "y3")] == doctest::Approx(1.0).epsilon(1e-6));
    CHECK(engine.statistics().steps > 100);
}
