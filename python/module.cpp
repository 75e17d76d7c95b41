#include "models/library.hpp"
#include "python/bindings.hpp"

PYBIND11_MODULE(_core, m) {
    namespace py = pybind11;
    using namespace kelvolt::bindings;
    m.doc() = "Kelvolt's solver, models and cases as Python sees them; the package kelvolt is what people use.";
    m.attr("__version__") = KELVOLT_VERSION;
    m.attr("instruction_set") = KELVOLT_ISA;
    py::class_<View>(m, "View", py::buffer_protocol(),
                     "Numbers that the solver owns; numpy.asarray(view) copies nothing.")
        .def_buffer([](View& v) {
            std::vector<py::ssize_t> strides(v.shape.size());
            py::ssize_t step = sizeof(double);
            for (std::size_t d = v.shape.size(); d-- > 0; step *= v.shape[d]) strides[d] = step;
            const bool read_only = true;
            return py::buffer_info(const_cast<double*>(v.data), sizeof(double), py::format_descriptor<double>::format(),
                                   static_cast<py::ssize_t>(v.shape.size()), v.shape, strides, read_only);
        });
    kelvolt::bring_models();
    bind_errors();
    bind_units(m);
    bind_registry(m);
    bind_builder(m);
    bind_network(m);
    bind_results(m);
    bind_case(m);
    bind_case_format(m);
    bind_case_text(m);
    bind_paths(m);
    bind_bench(m);
    bind_sweep(m);
    bind_sensitivity(m);
    bind_unbalance(m);
    bind_plant(m);
    bind_short_circuit(m);
    bind_harmonics(m);
}
