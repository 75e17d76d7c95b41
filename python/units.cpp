#include "solver/units/units.hpp"

#include "python/bindings.hpp"
#include "solver/model/states.hpp"
#include "solver/units/attribute.hpp"

namespace kelvolt::bindings {

void bind_units(py::module_& m) {
    m.def(
        "to_si", [](const std::string& text, const std::string& unit) { return to_si(text, declared(unit)); },
        py::arg("text"), py::arg("unit"),
        "Text such as '1.1 kW' as a number of the declared SI unit ('W', 'K', 'delta_K', 'Pa', 'Pa_abs', ...).");
    m.def(
        "from_si",
        [](double si, const std::string& unit, const std::string& to) { return from_si(si, to, declared(unit)); },
        py::arg("si"), py::arg("unit"), py::arg("to"), "A number of the declared SI unit in another unit.");
    m.def(
        "display_unit",
        [](const std::string& unit, const std::string& system) { return display_unit(declared(unit), system); },
        py::arg("unit"), py::arg("system"),
        "The unit a declared SI unit is shown in; system 'si', 'si-field' or 'us'.");
    m.def(
        "accepted_units", [](const std::string& unit) { return accepted_units(declared(unit)); }, py::arg("unit"),
        "A few units that a declared SI unit takes.");
    m.def(
        "quantity_name", [](const std::string& unit) { return quantity_name(declared(unit)); }, py::arg("unit"),
        "The quantity in words.");
    m.def(
        "unit_attribute", [](const std::string& unit) { return units::attribute(unit); }, py::arg("unit"),
        "A unit as the attribute `units` of a dataset, 'm^3 s^-1' of 'm3/s', which UDUNITS and pint read.");
    m.def(
        "states", [](const std::string& meaning) { return states_in(meaning); }, py::arg("meaning"),
        "The states that a meaning such as '0: open, 1: closed' lists, as (value, word); empty where it lists none.");
    m.def("seconds", &seconds, py::arg("text"), "A duration such as '10 min' in seconds.");
}

}  // namespace kelvolt::bindings
