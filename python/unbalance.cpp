// The two definitions of unbalance, for points of a network without a bus component.
#include "models/power/unbalance.hpp"

#include <pybind11/complex.h>

#include <complex>
#include <utility>

#include "python/bindings.hpp"

namespace kelvolt::bindings {

namespace {

using Complex = std::complex<double>;

models::Phasor<double> phasor(Complex x) { return {x.real(), x.imag()}; }

}  // namespace

void bind_unbalance(py::module_& m) {
    m.def(
        "voltage_unbalance",
        [](Complex a, Complex b, Complex c) {
            const auto u = models::voltage_unbalance(phasor(a), phasor(b), phasor(c));
            return std::pair(u.lines, u.V2_over_V1);
        },
        py::arg("a"), py::arg("b"), py::arg("c"),
        "Of the voltages of three conductors: largest deviation of a line-to-line voltage from their mean over the "
        "mean (NEMA MG 1, ANSI C84.1), and negative over positive sequence (IEC 61000-3-13, EN 50160).");
    m.def(
        "current_unbalance",
        [](Complex a, Complex b, Complex c) {
            const auto u = models::current_unbalance(phasor(a), phasor(b), phasor(c));
            return std::pair(u.phases, u.I2_over_I1);
        },
        py::arg("a"), py::arg("b"), py::arg("c"),
        "Of three phase currents: largest deviation from their mean over the mean, and negative over positive "
        "sequence.");
}

}  // namespace kelvolt::bindings
