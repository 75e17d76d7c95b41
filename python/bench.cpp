#include "solver/bench.hpp"

#include "python/bindings.hpp"

namespace kelvolt::bindings {

void bind_bench(py::module_& m) {
    py::class_<BenchResult>(m, "BenchResult", "Times of the solver on one case, medians of repeats.")
        .def_readonly("unknowns", &BenchResult::unknowns)
        .def_readonly("jacobian_entries", &BenchResult::jacobian_entries)
        .def_readonly("residual_ns_per_unknown", &BenchResult::residual_ns_per_unknown)
        .def_readonly("jacobian_over_residual", &BenchResult::jacobian_over_residual)
        .def_readonly("refactor_us", &BenchResult::refactor_us)
        .def_readonly("solve_us", &BenchResult::solve_us)
        .def_readonly("gradient_us", &BenchResult::gradient_us)
        .def_readonly("gradient_over_solve", &BenchResult::gradient_over_solve)
        .def_readonly("steady_cold_ms", &BenchResult::steady_cold_ms)
        .def_readonly("steady_cold_iterations", &BenchResult::steady_cold_iterations)
        .def_readonly("steady_warm_ms", &BenchResult::steady_warm_ms)
        .def_readonly("steady_warm_iterations", &BenchResult::steady_warm_iterations)
        .def_readonly("transient_trip_ms", &BenchResult::transient_trip_ms)
        .def_readonly("transient_trip_error_mK", &BenchResult::transient_trip_error_mK)
        .def_readonly("transient_trip_worst", &BenchResult::transient_trip_worst)
        .def_readonly("transient_trip_steps", &BenchResult::transient_trip_steps)
        .def_readonly("tripped", &BenchResult::tripped);
    m.def(
        "bench", [](const std::filesystem::path& file) { return bench(load_case(file)); }, py::arg("file"),
        py::call_guard<py::gil_scoped_release>(), "Times the solver on the components of a case.");
}

}  // namespace kelvolt::bindings
