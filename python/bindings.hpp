/// What the binding files share. Each binds one subject; none of them knows a model: everything comes from the
/// registry.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <memory>
#include <vector>

namespace kelvolt::bindings {

namespace py = pybind11;

/// Doubles that something on the C++ side owns, shown through the buffer protocol: `numpy.asarray(view)` copies nothing
/// and keeps the owner alive. The protocol serves every NumPy version, which NumPy's own C structures do not.
struct View {
    std::shared_ptr<const void> owner;
    const double* data;
    std::vector<py::ssize_t> shape;
};
template <class Owner>
View view_of(std::shared_ptr<Owner> owner, const std::vector<double>& data, std::vector<py::ssize_t> shape = {}) {
    if (shape.empty()) shape = {static_cast<py::ssize_t>(data.size())};
    return {std::move(owner), data.data(), std::move(shape)};
}
inline View view_of(std::vector<double> data) {
    auto kept = std::make_shared<const std::vector<double>>(std::move(data));
    return view_of(kept, *kept);
}

/// A one-dimensional contiguous array of T from Python, without a copy.
template <class T>
struct Array {
    py::buffer_info info;
    explicit Array(const py::buffer& buffer) : info(buffer.request()) {
        if (info.ndim != 1 || info.itemsize != sizeof(T) || !py::detail::compare_buffer_info<T>::compare(info) ||
            (info.size > 1 && info.strides[0] != static_cast<py::ssize_t>(sizeof(T))))
            throw py::type_error("expected a contiguous one-dimensional array of " +
                                 std::string(sizeof(T) == 8 && std::is_integral_v<T> ? "int64" : "float64"));
    }
    std::size_t size() const { return static_cast<std::size_t>(info.size); }
    const T* data() const { return static_cast<const T*>(info.ptr); }
    /// Item i, or the only one.
    T operator[](std::size_t i) const { return data()[size() == 1 ? 0 : i]; }
};

/// Sets the Python error that stands for what is being thrown; returns false when it is nothing of ours.
void bind_errors();
void bind_units(py::module_& m);
void bind_registry(py::module_& m);
void bind_builder(py::module_& m);
void bind_network(py::module_& m);
void bind_case(py::module_& m);
void bind_case_format(py::module_& m);
void bind_case_text(py::module_& m);
void bind_paths(py::module_& m);
void bind_results(py::module_& m);
void bind_bench(py::module_& m);
void bind_sweep(py::module_& m);
void bind_sensitivity(py::module_& m);
void bind_unbalance(py::module_& m);
void bind_plant(py::module_& m);
void bind_short_circuit(py::module_& m);
void bind_harmonics(py::module_& m);

}  // namespace kelvolt::bindings
