// Short-circuit currents of a solved state.
#include "solver/electric/short_circuit.hpp"

#include "python/bindings.hpp"
#include "solver/case/case.hpp"
#include "solver/electric/dc_circuit.hpp"

namespace kelvolt::bindings {

namespace {

void bind_dc_circuits(py::module_& m) {
    py::class_<DcCircuit::Line>(m, "DcLine", "Resistance and inductance between two points.")
        .def_readonly("component", &DcCircuit::Line::component)
        .def_readonly("a", &DcCircuit::Line::a)
        .def_readonly("b", &DcCircuit::Line::b)
        .def_readonly("R", &DcCircuit::Line::R)
        .def_readonly("L", &DcCircuit::Line::L);
    py::class_<DcCircuit::Source>(m, "DcSource", "A voltage behind R and L, or a converter and its limit.")
        .def_readonly("component", &DcCircuit::Source::component)
        .def_readonly("at", &DcCircuit::Source::at)
        .def_property_readonly("converter",
                               [](const DcCircuit::Source& s) { return s.kind == FaultSource::Kind::converter; })
        .def_readonly("E", &DcCircuit::Source::E)
        .def_readonly("R", &DcCircuit::Source::R)
        .def_readonly("L", &DcCircuit::Source::L)
        .def_readonly("I_limit", &DcCircuit::Source::I_limit)
        .def_readonly("duration", &DcCircuit::Source::duration);
    py::class_<DcCircuit::Capacitor>(m, "DcCapacitor", "A charged capacitor behind its series resistance.")
        .def_readonly("component", &DcCircuit::Capacitor::component)
        .def_readonly("at", &DcCircuit::Capacitor::at)
        .def_readonly("C", &DcCircuit::Capacitor::C)
        .def_readonly("R", &DcCircuit::Capacitor::R);
    py::class_<DcCircuit>(m, "DcCircuit", "DC buses that conduct into each other, and what feeds them.")
        .def_readonly("nodes", &DcCircuit::nodes)
        .def_readonly("point", &DcCircuit::point)
        .def_readonly("points", &DcCircuit::points)
        .def_readonly("V", &DcCircuit::V)
        .def_readonly("lines", &DcCircuit::lines)
        .def_readonly("sources", &DcCircuit::sources)
        .def_readonly("capacitors", &DcCircuit::capacitors)
        .def_readonly("missing", &DcCircuit::missing, "Components, and what they would have to state.");
    m.def(
        "dc_circuits",
        [](const Solution& s) {
            return dc_circuits(s.network(), Point{s.y.data(), nullptr, s.values});
        },
        py::arg("solution"), "What feeds short circuits on the DC buses in the state of a solution, with L and C.");
}

}  // namespace

void bind_short_circuit(py::module_& m) {
    py::class_<BusFault>(m, "BusFault", "One kind of fault at one bus; currents in A, NaN where not assessed.")
        .def_readonly("node", &BusFault::node)
        .def_property_readonly("kind",
                               [](const BusFault& f) {
                                   static const char* const names[] = {"3ph", "2ph", "1ph", "dc"};
                                   return names[static_cast<int>(f.kind)];
                               })
        .def_readonly("V_n", &BusFault::V_n)
        .def_readonly("stated", &BusFault::stated, "V_n is stated, by a bus component in the same network.")
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
        .def_readonly("lasts", &BusFault::lasts)
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
    bind_dc_circuits(m);
}

}  // namespace kelvolt::bindings
