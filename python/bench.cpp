#include "solver/bench.hpp"

#include "python/bindings.hpp"
#include "python/found.hpp"
#include "solver/bench_power.hpp"

namespace kelvolt::bindings {

namespace {

using Several = std::vector<std::shared_ptr<Found>>;

std::vector<ValueRef> all_of(const Several& several) {
    std::vector<ValueRef> refs;
    for (const auto& found : several) refs.insert(refs.end(), found->refs.begin(), found->refs.end());
    return refs;
}

}  // namespace

void bind_bench(py::module_& m) {
    py::class_<BenchResult>(m, "BenchResult", "Times of the solver on one case, medians of repeats.")
        .def_readonly("unknowns", &BenchResult::unknowns)
        .def_readonly("jacobian_entries", &BenchResult::jacobian_entries)
        .def_readonly("residual_ns_per_unknown", &BenchResult::residual_ns_per_unknown)
        .def_readonly("jacobian_over_residual", &BenchResult::jacobian_over_residual)
        .def_readonly("refactor_us", &BenchResult::refactor_us)
        .def_readonly("solve_us", &BenchResult::solve_us)
        .def_readonly("gradient_us", &BenchResult::gradient_us)
        .def_readonly("gradient_first_us", &BenchResult::gradient_first_us)
        .def_readonly("gradient_over_solve", &BenchResult::gradient_over_solve)
        .def_readonly("steady_cold_ms", &BenchResult::steady_cold_ms)
        .def_readonly("steady_cold_iterations", &BenchResult::steady_cold_iterations)
        .def_readonly("steady_warm_ms", &BenchResult::steady_warm_ms)
        .def_readonly("steady_warm_iterations", &BenchResult::steady_warm_iterations)
        .def_readonly("steady_variant_ms", &BenchResult::steady_variant_ms)
        .def_readonly("transient_trip_ms", &BenchResult::transient_trip_ms)
        .def_readonly("stability_us", &BenchResult::stability_us)
        .def_readonly("stability_over_variant", &BenchResult::stability_over_variant)
        .def_readonly("stability_factorised", &BenchResult::stability_factorised)
        .def_readonly("transient_trip_error_mK", &BenchResult::transient_trip_error_mK)
        .def_readonly("transient_trip_worst", &BenchResult::transient_trip_worst)
        .def_readonly("transient_trip_steps", &BenchResult::transient_trip_steps)
        .def_readonly("tripped", &BenchResult::tripped);
    m.def(
        "bench", [](const std::filesystem::path& file) { return bench(load_case(file)); }, py::arg("file"),
        py::call_guard<py::gil_scoped_release>(), "Times the solver on the components of a case.");
    m.def(
        "bench_rows",
        [](const Case& base, const Several& targets, const py::buffer& table, const Several& reads, double tolerance) {
            const Array<double> rows(table);
            const std::vector<ValueRef> set = all_of(targets), read = all_of(reads);
            if (set.empty() || rows.size() % set.size() != 0)
                throw py::value_error("the table needs one number per row and target");
            RowsBench out = [&] {
                const py::gil_scoped_release released;
                return bench_rows(base, set, {rows.data(), rows.data() + rows.size()}, read, tolerance);
            }();
            return py::make_tuple(view_of(std::move(out.values)), out.seconds, out.iterations);
        },
        py::arg("base"), py::arg("targets"), py::arg("table"), py::arg("reads"), py::arg("tolerance"),
        "Steady states of many rows of parameters, each from nothing: values, processor seconds, Jacobians.");
}

}  // namespace kelvolt::bindings
