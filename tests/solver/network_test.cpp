// the system of equations as a whole: structure, Jacobian, parameter products, and a hot path that takes nothing from
// the heap
#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "tests/heap_counter.hpp"
#include "tests/solver/small_networks.hpp"

using namespace kelvolt;
using namespace kelvolt::test;

namespace {

// a loop with two branches, walls, a chip and a room: every kind of port and several circuits' worth of models
Network small_plant() {
    Builder b;
    pressure_supply(b, "in", medium("melinder_pg25"), 305.0, 3e5);
    put(b, "out", "return_line", {{"p", 2e5}});
    for (const char* name : {"left", "right"}) {
        b.add_chain(name, model_info("pipe"), 3);
        b.set_number(name, "length", name[0] == 'l' ? 4.0 : 6.0);
        b.set_number(name, "diameter", 0.012);
        b.set_number(name, "minor_loss", 3.0);
    }
    b.connect("in.port", "left.a"), b.connect("in.port", "right.a");
    b.connect("left.b", "out.port"), b.connect("right.b", "out.port");
    put(b, "valve_leg", "pipe", {{"length", 1.0}, {"diameter", 0.006}});
    b.connect("left.way[1]", "valve_leg.a"), b.connect("valve_leg.b", "right.way[2]");
    put(b, "chip", "chip", {{"power", 300.0}, {"R_jc", 0.02}, {"C_die", 20.0}, {"leakage_nominal", 20.0}});
    put(b, "lid", "conductance", {{"G", 30.0}});
    b.connect("chip.case", "lid.a"), b.connect("lid.b", "left.wall");
    heat_to_surroundings(b, "room", "right.wall", 2.0, 298.0);
    return std::move(b).build();
}

struct State {
    std::vector<double> y, yp;
    Point at(const Values& v) const { return {y.data(), yp.data(), v}; }
};
// a state near the start, everywhere non-zero, the same every time
State some_state(const Network& net, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> spread(-1.0, 1.0);
    State s{net.start, std::vector<double>(net.size())};
    for (int u = 0; u < net.size(); ++u) {
        s.y[u] +=
            net.nominal[u] * (net.domain[u] == Domain::hydraulic && net.nominal[u] < 1.0 ? 0.3 : 0.1) * spread(random);
        s.yp[u] = net.nominal[u] * 0.01 * spread(random);
    }
    return s;
}

}  // namespace

TEST_CASE(
    "the Jacobian of a whole network equals differences of its residual, in values and derivatives, column by column") {
    const Network net = small_plant();
    const int n = net.size();
    State s = some_state(net, 7);
    for (const bool in_der : {false, true}) {
        std::vector<double> value_seed(n, in_der ? 0.0 : 1.0), der_seed(n, in_der ? 1.0 : 0.0), r(n),
            jac(net.structure.nonzeros());
        net.jacobian(s.at(net.initial), {value_seed.data(), der_seed.data()}, r.data(), jac.data());
        std::vector<double> plain(n), up(n), down(n);
        net.residual(s.at(net.initial), plain.data());
        for (int row = 0; row < n; ++row) CHECK(r[row] == doctest::Approx(plain[row]).epsilon(1e-12));
        long nonzero = 0;
        for (int col = 0; col < n; ++col) {
            double& x = in_der ? s.yp[col] : s.y[col];
            const double x0 = x, h = 1e-6 * net.nominal[col];
            x = x0 + h, net.residual(s.at(net.initial), up.data());
            x = x0 - h, net.residual(s.at(net.initial), down.data());
            x = x0;
            std::vector<double> exact(n, 0.0);
            for (auto k = net.structure.col_ptr[col]; k < net.structure.col_ptr[col + 1]; ++k)
                exact[net.structure.row[k]] = jac[k];
            for (int row = 0; row < n; ++row) {
                const double difference = (up[row] - down[row]) / (2.0 * h);
                // differences of balances whose terms are h(T, p) m_flow of some 1e4 W are rounded to 1e-11 W / h
                const double rounding = 1e-15 * 3e5 / h;
                INFO(net.equation_name(row), " by ", net.variable_name(col), in_der ? "'" : "");
                CHECK(std::abs(exact[row] - difference) <= 2e-5 * std::abs(difference) + rounding);
                nonzero += exact[row] != 0.0;
            }
        }
        CHECK(nonzero > (in_der ? 10 : 3 * n));
    }
}

TEST_CASE(
    "every structural entry is non-zero at some state, and what is marked differential has a derivative in the "
    "equations") {
    const Network net = small_plant();
    const int n = net.size();
    std::vector<char> seen(net.structure.nonzeros(), 0), seen_der(net.structure.nonzeros(), 0);
    const std::vector<double> one(n, 1.0), zero(n, 0.0);
    std::vector<double> r(n), jac(net.structure.nonzeros());
    for (unsigned seed = 1; seed <= 10; ++seed) {
        const State s = some_state(net, seed);
        net.jacobian(s.at(net.initial), {one.data(), zero.data()}, r.data(), jac.data());
        for (std::size_t k = 0; k < jac.size(); ++k) seen[k] |= jac[k] != 0.0;
        net.jacobian(s.at(net.initial), {zero.data(), one.data()}, r.data(), jac.data());
        for (std::size_t k = 0; k < jac.size(); ++k) seen_der[k] |= jac[k] != 0.0;
    }
    for (int col = 0; col < n; ++col) {
        bool differential = false;
        for (auto k = net.structure.col_ptr[col]; k < net.structure.col_ptr[col + 1]; ++k) {
            INFO(net.equation_name(static_cast<int>(net.structure.row[k])), " by ", net.variable_name(col));
            // the supply holds a pressure or a flow by choice, a wall is insulated or not: the structure has room for
            // both
            const std::string equation = net.equation_name(static_cast<int>(net.structure.row[k]));
            const bool by_choice =
                equation == "in: supply condition" || equation.find(".wall: sum of Q_flow") != equation.npos;
            if (net.structure.on_value[k] && !by_choice) CHECK(seen[k]);
            if (net.structure.on_der[k]) CHECK(seen_der[k]);
            if (!net.structure.on_der[k]) CHECK_FALSE(seen_der[k]);
            if (!net.structure.on_value[k]) CHECK_FALSE(seen[k]);
            differential = differential || seen_der[k];
        }
        CHECK(bool(net.differential[col]) == differential);
    }
}

TEST_CASE("flows into the components of every node add to zero at a solution") {
    const Network net = small_plant();
    const SteadyState s = solve_steady(net);
    std::vector<double> zero(net.size(), 0.0), sum(net.size(), 0.0), size(net.size(), 0.0);
    const Point at{s.y.data(), zero.data(), net.initial};
    for (const Component& c : net.components) {
        std::vector<double> f(c.info->size);
        net.block_of(c).local_residual(c.instance, at, f.data());
        for (int l = 0; l < c.info->size; ++l) {
            sum[net.global(c, l)] += f[l];
            size[net.global(c, l)] += std::abs(f[l]);
        }
    }
    for (const Node& node : net.nodes)
        for (int q = 0; q < int(node.kind->pairs.size()); ++q)
            CHECK(std::abs(sum[node.first + q]) <= 1e-10 * size[node.first + q] + 1e-9);
}

TEST_CASE("the parameter product equals differences of the residual in every parameter that has a value") {
    const Network net = small_plant();
    const int n = net.size();
    const State s = some_state(net, 3);
    std::vector<double> lambda(n), gradient(net.initial.params.size()), up(n), down(n);
    for (int u = 0; u < n; ++u) lambda[u] = 0.3 + 0.1 * (u % 7);
    net.param_product(s.at(net.initial), lambda.data(), gradient.data());
    Values values = net.initial;
    int compared = 0;
    for (std::size_t k = 0; k < gradient.size(); ++k) {
        if (!std::isfinite(values.params[k])) continue;
        const double p = values.params[k], h = 1e-5 * std::max(std::abs(p), 1e-3);
        values.params[k] = p + h, net.residual(s.at(values), up.data());
        values.params[k] = p - h, net.residual(s.at(values), down.data());
        values.params[k] = p;
        double difference = 0.0, terms = 0.0;
        for (int u = 0; u < n; ++u) {
            difference += lambda[u] * (up[u] - down[u]) / (2.0 * h);
            terms += std::abs(lambda[u] * up[u]);
        }
        INFO("parameter ", k);
        CHECK(std::abs(gradient[k] - difference) <= 1e-4 * std::abs(difference) + 1e-14 * terms / h);
        compared += difference != 0.0;
    }
    CHECK(compared > 20);
}

TEST_CASE("residual, Jacobian and parameter product of a network take nothing from the heap") {
    const Network net = small_plant();
    const int n = net.size();
    const State s = some_state(net, 5);
    std::vector<double> r(n), one(n, 1.0), jac(net.structure.nonzeros()), gradient(net.initial.params.size());
    const long before = heap_allocations();
    net.residual(s.at(net.initial), r.data());
    net.jacobian(s.at(net.initial), {one.data(), one.data()}, r.data(), jac.data());
    net.param_product(s.at(net.initial), r.data(), gradient.data());
    CHECK(heap_allocations() == before);
    // and the counter does count
    std::vector<double> counted(100);
    CHECK(heap_allocations() > before);
    CHECK(counted.size() == 100);
}

TEST_CASE("components are found by path, blocks hold the instances of one model together") {
    const Network net = small_plant();
    CHECK(net.find("left.cell[3]") >= 0);
    CHECK(net.find("left.cell[4]") == -1);
    CHECK(net.find("nothing") == -1);
    for (const Component& c : net.components) {
        CHECK(net.block_of(c).info == c.info);
        CHECK(c.instance < net.block_of(c).count);
    }
    for (std::size_t a = 0; a < net.blocks.size(); ++a)
        for (std::size_t b = a + 1; b < net.blocks.size(); ++b) CHECK(net.blocks[a]->info != net.blocks[b]->info);
}
