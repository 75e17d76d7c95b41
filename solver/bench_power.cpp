#include "solver/bench_power.hpp"

#include <ctime>

#include "solver/steady/steady.hpp"

namespace kelvolt {

namespace {

// CPU time of this thread, so that other work on the machine does not count
double thread_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

}  // namespace

RowsBench bench_rows(const Case& base, const std::vector<ValueRef>& targets, const std::vector<double>& table,
                     const std::vector<ValueRef>& reads, double tolerance) {
    const std::size_t columns = targets.size(), rows = columns ? table.size() / columns : 0;
    const Network& net = base.network();
    std::vector<std::size_t> places;
    for (const ValueRef& target : targets) places.push_back(position_of(net, target));
    SteadySolver solver(net);
    solver.prepare();
    SteadyOptions options;
    options.newton.tolerance = tolerance;
    Values values = base.steady_values();
    Probe probe(net, reads);
    RowsBench out;
    out.values.resize(rows * reads.size());
    const std::vector<double> still(net.size(), 0.0);
    const double begin = thread_seconds();
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t k = 0; k < columns; ++k) values.params[places[k]] = table[r * columns + k];
        const SteadyState state = solver.solve(values, options);
        out.iterations += state.newton_iterations;
        probe.read(Point{state.y.data(), still.data(), values}, &out.values[r * reads.size()]);
    }
    out.seconds = thread_seconds() - begin;
    return out;
}

}  // namespace kelvolt
