#include "solver/bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <random>

#include "solver/steady/steady.hpp"
#include "solver/transient/simulation.hpp"

namespace kelvolt {

namespace {

double seconds_of(const auto& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// a group of repeats lasts at least 2 ms, so that the resolution of the clock does not matter
double median_seconds(const auto& work, int repeats = 9) {
    const int group = std::max(1, static_cast<int>(2e-3 / std::max(seconds_of(work), 1e-9)));
    std::vector<double> times;
    for (int r = 0; r < repeats; ++r)
        times.push_back(seconds_of([&] {
                            for (int i = 0; i < group; ++i) work();
                        }) /
                        group);
    std::nth_element(times.begin(), times.begin() + repeats / 2, times.end());
    return times[repeats / 2];
}

bool is_temperature(const Network& net, int unknown) {
    return net.domain[unknown] == Domain::thermal && net.start[unknown] > 100.0 && net.start[unknown] < 1000.0;
}

/// Stores the temperatures of every full second.
class Thermometer final : public Observer {
   public:
    explicit Thermometer(const Network& net) : net_(net) {
        for (int u = 0; u < net.size(); ++u)
            if (is_temperature(net, u)) watched_.push_back(u);
    }
    void point(double t, const Point& at) override {
        if (std::abs(t - std::round(t)) > 1e-9) return;
        std::vector<double>& row = rows_[std::lround(t)];
        row.clear();
        for (int u : watched_) row.push_back(at.y[u]);
    }
    void event(double, const std::string&, const std::string&) override {}
    double next_wanted(double t) const override { return std::floor(t + 1e-9) + 1.0; }

    /// The largest difference, and its place and time.
    std::pair<double, std::string> largest_difference(const Thermometer& other) const {
        double worst = 0.0;
        std::string where;
        for (const auto& [t, row] : rows_)
            for (std::size_t k = 0; k < row.size(); ++k) {
                const double difference = std::abs(row[k] - other.rows_.at(t)[k]);
                if (!(difference > worst)) continue;
                worst = difference;
                where = fmt::format("{} at {} s", net_.variable_name(watched_[k]), t);
            }
        return {worst, where};
    }

   private:
    const Network& net_;
    std::vector<int> watched_;
    std::map<long, std::vector<double>> rows_;
};

/// Positions of all parameters of that name.
std::vector<std::size_t> positions_named(const Network& net, std::string_view name) {
    std::vector<std::size_t> positions;
    for (const Component& c : net.components)
        if (const ParamInfo* p = c.info->param(name); p && p->type == ParamInfo::Type::number)
            positions.push_back(net.param_position(c, p->index));
    return positions;
}

// as in Gradients, with the pivots a case keeps
void time_gradient(const Network& net, const std::vector<double>& y, BenchResult& out) {
    std::vector<double> r(net.size()), product(net.initial.params.size());
    const Point at{y.data(), nullptr, net.initial};
    SteadySolver solver(net);
    solver.prepare();
    const auto gradient = [&] {
        std::fill(r.begin(), r.end(), 0.0);
        r[0] = 1.0;
        solver.solve_transposed(r.data());
        net.param_product(at, r.data(), product.data());
    };
    solver.linearise(y, net.initial);
    out.gradient_us = 1e6 * median_seconds(gradient);
    out.gradient_first_us = 1e6 * median_seconds([&] {
                                solver.linearise(y, net.initial);
                                gradient();
                            });
    out.gradient_over_solve = 1e-3 * out.gradient_us / out.steady_variant_ms;
}

void time_parts(const Network& net, const std::vector<double>& y, BenchResult& out) {
    std::vector<double> r(net.size()), jacobian(net.structure.nonzeros());
    const Point at{y.data(), nullptr, net.initial};  // all derivatives zero, as in the steady solver
    const double residual = median_seconds([&] { net.residual(at, r.data()); });
    const double derivative = median_seconds([&] { net.jacobian(at, {}, r.data(), jacobian.data()); });
    out.residual_ns_per_unknown = 1e9 * residual / net.size();
    out.jacobian_over_residual = derivative / residual;
    SparseLU lu(net.structure.col_ptr, net.structure.row);
    if (!lu.factor(jacobian.data()))
        throw Error(Error::Kind::no_convergence, "bench: the Jacobian of the steady state is singular");
    lu.keep();
    const auto refactor = [&] {
        lu.factor(jacobian.data());
        std::fill(r.begin(), r.end(), 1.0);
        lu.solve(r.data());  // the first solution after a factorisation is checked for accuracy
    };
    // alternately, so that other work on the machine affects both equally
    std::vector<double> solves, factors;
    for (int repeat = 0; repeat < 5; ++repeat) {
        const double both = median_seconds(refactor, 3);
        solves.push_back(median_seconds([&] { std::fill(r.begin(), r.end(), 1.0), lu.solve(r.data()); }, 3));
        factors.push_back(both - solves.back());
    }
    for (std::vector<double>* of : {&solves, &factors}) std::sort(of->begin(), of->end());
    out.solve_us = 1e6 * solves[2];
    out.refactor_us = 1e6 * factors[2];
}

/// Variants of a case as in a sweep; always the same.
std::vector<Values> variants(const Network& net, int count) {
    std::mt19937 random(1);
    const auto between = [&](double low, double high) { return low + (high - low) * (random() / 4294967296.0); };
    std::vector<Values> all(count, net.initial);
    for (Values& values : all) {
        for (const char* name : {"power", "heat", "Cv", "Q_nominal"}) {
            const double factor = between(0.8, 1.2);
            for (std::size_t p : positions_named(net, name)) values.params[p] *= factor;
        }
        const double warmer = between(-8.0, 8.0);
        for (std::size_t p : positions_named(net, "T_supply")) values.params[p] += warmer;
    }
    return all;
}

void time_stability(const Network& net, const std::vector<Values>& asked, const std::vector<double>& start,
                    BenchResult& out) {
    DomainParts parts(net);
    Stability stability(net, parts);
    Newton newton(net, Subsystem(net, [](int) { return true; }));
    SteadySolver solver(net);
    long before = 0;
    double seconds = 0.0;
    for (const Values& values : asked) {
        const std::vector<double> y = solver.solve(values, {}, &start).y;
        newton.linearise(y, values);
        const auto ask = [&] {
            return stability.heat(y, values, newton.jacobian()) && stability.flow(y, values, newton.jacobian());
        };
        ask();
        out.stability_factorised += double(stability.factorised() - before) / double(asked.size());
        seconds += median_seconds(ask, 3) / double(asked.size());
        before = stability.factorised();
    }
    out.stability_us = 1e6 * seconds;
    out.stability_over_variant = 1e-3 * out.stability_us / out.steady_variant_ms;
}

SteadyState time_steady(const Network& net, BenchResult& out) {
    SteadyState cold;
    out.steady_cold_ms = 1e3 * median_seconds([&] { cold = SteadySolver(net).solve(net.initial); });
    out.steady_cold_iterations = cold.newton_iterations;
    Values more = net.initial;
    for (const char* name : {"power", "heat"})
        for (std::size_t p : positions_named(net, name)) more.params[p] *= 1.01;
    SteadySolver solver(net);
    solver.prepare();
    SteadyState warm;
    out.steady_warm_ms = 1e3 * median_seconds([&] { warm = solver.solve(more, {}, &cold.y); });
    out.steady_warm_iterations = warm.newton_iterations;
    const std::vector<Values> asked = variants(net, 64);
    const auto solve_all = [&] {
        for (const Values& values : asked) solver.solve(values, {}, &cold.y);
    };
    out.steady_variant_ms = 1e3 * median_seconds(solve_all) / asked.size();
    time_stability(net, asked, cold.y, out);
    return cold;
}

Schedule trip_and_step(const Network& net, BenchResult& out) {
    Schedule schedule;
    for (const Component& c : net.components) {
        const ParamInfo* running = c.info->param("running");
        if (!running || net.initial.params[net.param_position(c, running->index)] == 0.0) continue;
        out.tripped = c.path;
        schedule.add(ScheduledEvent{60.0, {net.param_position(c, running->index)}, false, 0.0, 0.0, c.path + " trips"});
        break;
    }
    if (const auto loads = positions_named(net, "activity"); !loads.empty())
        schedule.add(ScheduledEvent{300.0, loads, false, 0.6, 0.0, "loads at 60 %"});
    return schedule;
}

void time_trip(const Network& net, const std::vector<double>& y, BenchResult& out) {
    const auto run = [&](double tolerance, Thermometer& seen) {
        SimulationOptions options;
        options.duration = 600.0;
        options.tolerance = tolerance;
        return simulate_network(net, net.initial, trip_and_step(net, out), y, options, seen);
    };
    Thermometer usual(net), tight(net);
    std::vector<double> times;
    for (int repeat = 0; repeat < 5; ++repeat)
        times.push_back(
            seconds_of([&] { out.transient_trip_steps = run(SimulationOptions{}.tolerance, usual).steps; }));
    std::nth_element(times.begin(), times.begin() + 2, times.end());
    out.transient_trip_ms = 1e3 * times[2];
    run(1e-8, tight);
    const auto [error, where] = usual.largest_difference(tight);
    out.transient_trip_error_mK = 1e3 * error;
    out.transient_trip_worst = where;
}

}  // namespace

BenchResult bench(BuiltCase subject) {
    const Network& net = subject.network;
    BenchResult out;
    out.unknowns = net.size();
    out.jacobian_entries = static_cast<long>(net.structure.nonzeros());
    const SteadyState cold = time_steady(net, out);
    time_parts(net, cold.y, out);
    time_gradient(net, cold.y, out);
    time_trip(net, cold.y, out);
    return out;
}

}  // namespace kelvolt
