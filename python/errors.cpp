// Converts kelvolt::Error to the Python class of its kind; the classes are defined in kelvolt/errors.py.
#include "python/bindings.hpp"
#include "solver/error.hpp"

namespace kelvolt::bindings {

namespace {

const char* class_of(Error::Kind kind) {
    switch (kind) {
        case Error::Kind::input:
            return "InputError";
        case Error::Kind::topology:
            return "TopologyError";
        case Error::Kind::no_convergence:
            return "NoConvergence";
        case Error::Kind::no_steady_state:
            return "NoSteadyState";
        case Error::Kind::thermal_runaway:
            return "ThermalRunaway";
        case Error::Kind::no_stable_point:
            return "NoStablePoint";
        case Error::Kind::no_gradient:
            return "NoGradient";
        case Error::Kind::no_power_flow:
            return "NoPowerFlow";
        case Error::Kind::out_of_step:
            return "OutOfStep";
        case Error::Kind::io:
            return "FileError";
        case Error::Kind::no_file:
            return "MissingFile";
        case Error::Kind::interrupted:
            return "Interrupted";
    }
    return "Error";
}

// a message may quote bytes of the user's file that are not UTF-8
py::str text(const std::string& bytes) {
    return py::reinterpret_steal<py::str>(
        PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "backslashreplace"));
}

void set_python_error(const Error& e) {
    try {
        const py::object type = py::module_::import("kelvolt.base.errors").attr(class_of(e.kind));
        const py::object file = e.where.file.empty() ? py::object(py::none()) : py::object(text(e.where.file));
        const py::object line = e.where.line > 0 ? py::object(py::int_(e.where.line)) : py::object(py::none());
        PyErr_SetObject(type.ptr(), type(text(e.message), file, line).ptr());
    } catch (py::error_already_set& broken) {
        broken.restore();  // the package itself cannot be imported: reports that error
    }
}

}  // namespace

void bind_errors() {
    py::register_exception_translator([](std::exception_ptr thrown) {
        try {
            if (thrown) std::rethrow_exception(thrown);
        } catch (const Error& e) {
            set_python_error(e);
        }
    });
}

}  // namespace kelvolt::bindings
