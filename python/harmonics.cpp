// Harmonics of a solved state.
#include "solver/electric/harmonics.hpp"

#include <pybind11/complex.h>

#include "python/bindings.hpp"
#include "solver/case/case.hpp"

namespace kelvolt::bindings {

namespace {

using Drawn = std::vector<std::tuple<int, int, std::vector<std::complex<double>>>>;

std::vector<HarmonicCurrent> currents(const Drawn& drawn) {
    std::vector<HarmonicCurrent> made;
    for (const auto& [component, port, I] : drawn) made.push_back({component, port, {I.at(0), I.at(1), I.at(2)}});
    return made;
}
View rows(const std::vector<std::array<double, 4>>& from) {
    auto kept = std::make_shared<const std::vector<std::array<double, 4>>>(from);
    const double* data = kept->empty() ? nullptr : kept->front().data();
    return {kept, data, {static_cast<py::ssize_t>(kept->size()), 4}};
}

}  // namespace

void bind_harmonics(py::module_& m) {
    py::class_<HarmonicFlow>(m, "HarmonicFlow", "RMS magnitudes at one order; SI.")
        .def_property_readonly(
            "voltages", [](const HarmonicFlow& f) { return rows(f.V); },
            "By node: phases a, b, c against the neutral, neutral against earth [V].")
        .def_property_readonly(
            "currents", [](const HarmonicFlow& f) { return rows(f.I); },
            "By port, as HarmonicNetwork.ports: phases a, b, c, neutral [A].")
        .def_property_readonly(
            "zero_voltages", [](const HarmonicFlow& f) { return view_of(f.V_zero); }, "Zero sequence by node [V].")
        .def_readonly("blocked", &HarmonicFlow::blocked, "Nodes whose zero-sequence current has no way back.");
    py::class_<HarmonicNetwork>(m, "HarmonicNetwork", "Network of the state of a solution for harmonics.")
        .def(py::init([](const Solution& s) {
                 return std::make_unique<HarmonicNetwork>(s.network(), Point{s.y.data(), nullptr, s.values});
             }),
             py::arg("solution"), py::keep_alive<1, 2>())
        .def_property_readonly(
            "ports",
            [](const HarmonicNetwork& n) {
                std::vector<std::tuple<int, int, int>> found;
                for (const auto& p : n.ports()) found.emplace_back(p.component, p.port, p.node);
                return found;
            },
            "Component, number of the port and node of every AC port, in the order of the rows of currents.")
        .def("zero_unknown", &HarmonicNetwork::zero_unknown, py::arg("node"),
             "What would have to be stated for the zero-sequence voltage at a node; empty where it is known.")
        .def("conducts", &HarmonicNetwork::conducts, py::arg("component"), py::arg("port"),
             "Whether a component conducts harmonics through a port; what does not may draw a current of its own.")
        .def("set_order", &HarmonicNetwork::set_order, py::arg("h"), "Sets the order; any positive number.")
        .def(
            "flow",
            [](const HarmonicNetwork& n, const Drawn& drawn, double alpha) { return n.flow(currents(drawn), alpha); },
            py::arg("drawn"), py::arg("alpha"),
            "Flow of the currents (component, port, phases [A]) that loads draw; alpha 0: phasors.")
        .def("impedance", &HarmonicNetwork::impedance, py::arg("node"),
             "Impedance seen from a node at the order that was set [ohm].");
}

}  // namespace kelvolt::bindings
