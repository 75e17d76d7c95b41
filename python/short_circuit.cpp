// Short-circuit currents of a solved state.
#include "solver/electric/short_circuit.hpp"

#include "python/bindings.hpp"
#include "solver/case/case.hpp"

namespace kelvolt::bindings {

void bind_short_circuit(py::module_& m) {
    py::class_<BusFault>(m, "BusFault", "One kind of fault at one bus; currents in A, NaN where not assessed.")
        .def_readonly("node", &BusFault::node)
        .def_property_readonly("kind",
                               [](const BusFault& f) {
                                   static const char* const names[] = {"3ph", "2ph", "1ph", "dc"};
                                   return names[static_cast<int>(f.kind)];
                               })
        .def_readonly("V_n", &BusFault::V_n)
        .def_readonly("c_max", &BusFault::c_max)
        .def_readonly("c_min", &BusFault::c_min)
        .def_readonly("Ik_max", &BusFault::Ik_max)
        .def_readonly("ip", &BusFault::ip)
        .def_readonly("Ib", &BusFault::Ib)
        .def_readonly("Ik", &BusFault::Ik)
        .def_readonly("Ik_min", &BusFault::Ik_min)
        .def_readonly("R", &BusFault::R)
        .def_readonly("X", &BusFault::X)
        .def_readonly("kappa", &BusFault::kappa)
        .def_readonly("limited", &BusFault::limited)
        .def_readonly("limited_min", &BusFault::limited_min)
        .def_readonly("reason", &BusFault::reason)
        .def_property_readonly(
            "shares",
            [](const BusFault& f) {
                std::vector<std::pair<int, double>> found;
                for (const FaultShare& s : f.shares) found.emplace_back(s.component, s.I);
                return found;
            },
            "Components that feed the fault, and their currents at the voltage of the fault [A].");
    m.def(
        "short_circuits",
        [](const Solution& s, double lv_tolerance, bool corrections, double t_min) {
            return short_circuits(s.network(), Point{s.y.data(), nullptr, s.values},
                                  {lv_tolerance, corrections, t_min});
        },
        py::arg("solution"), py::arg("lv_tolerance"), py::arg("corrections"), py::arg("t_min"),
        "All faults at all electric buses in the state of a solution (IEC 60909-0:2016).");
}

}  // namespace kelvolt::bindings
