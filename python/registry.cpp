// Descriptions of the models, and the available fluids.
#include "models/media/library.hpp"
#include "python/bindings.hpp"
#include "solver/data_folder.hpp"
#include "solver/model/info.hpp"

namespace kelvolt::bindings {

namespace {

const char* type_name(ParamInfo::Type type) {
    static const char* names[] = {"number", "choice", "curve", "medium"};
    return names[static_cast<int>(type)];
}
const char* reference_name(Reference r) {
    static const char* names[] = {"none", "vessel", "boundary"};
    return names[static_cast<int>(r)];
}

void bind_parts(py::module_& m) {
    py::class_<ParamInfo>(m, "Parameter", "A parameter as its model declares it; numbers are in SI.")
        .def_property_readonly("type", [](const ParamInfo& p) { return type_name(p.type); })
        .def_readonly("name", &ParamInfo::name)
        .def_readonly("unit", &ParamInfo::unit)
        .def_readonly("doc", &ParamInfo::doc)
        .def_readonly("default", &ParamInfo::fallback)
        .def_readonly("required", &ParamInfo::required)
        .def_readonly("options", &ParamInfo::options)
        .def_readonly("x_unit", &ParamInfo::x_unit)
        .def_property_readonly(
            "use", [](const ParamInfo& p) { return name_of(p.use); },
            "What studies do with it: service (0 is out), closed (0 is open), count (equal units), rating; or nothing.")
        .def_property_readonly("minimum", [](const ParamInfo& p) { return p.range.lo; })
        .def_property_readonly("maximum", [](const ParamInfo& p) { return p.range.hi; })
        .def_property_readonly("above_minimum", [](const ParamInfo& p) { return p.range.open_lo; })
        .def_property_readonly("below_maximum", [](const ParamInfo& p) { return p.range.open_hi; });
    py::class_<PortInfo>(m, "Port", "A port as its model declares it.")
        .def_readonly("name", &PortInfo::name)
        .def_readonly("doc", &PortInfo::doc)
        .def_property_readonly("kind", [](const PortInfo& p) { return std::string(p.kind->name); })
        .def_readonly("circuit", &PortInfo::circuit)
        .def_property_readonly("reference", [](const PortInfo& p) { return reference_name(p.reference); })
        .def_readonly("writes", &PortInfo::writes)
        .def_readonly("otherwise", &PortInfo::otherwise)
        .def_readonly("source", &PortInfo::source)
        .def_readonly("draws", &PortInfo::draws)
        .def_readonly("feeders", &PortInfo::feeders)
        .def_property_readonly("potentials", [](const PortInfo& p) { return p.kind->pairs.size(); })
        .def_property_readonly(
            "electric", [](const PortInfo& p) { return p.kind->electric; },
            "Power into the component over the sum of potential times flow; 0 where the port is not electric.");
    py::class_<UnknownInfo>(m, "Unknown", "An unknown as its model declares it.")
        .def_readonly("name", &UnknownInfo::name)
        .def_readonly("unit", &UnknownInfo::unit)
        .def_readonly("doc", &UnknownInfo::doc)
        .def_readonly("balance", &UnknownInfo::balance)
        .def_readonly("balance_unit", &UnknownInfo::balance_unit)
        .def_readonly("nominal", &UnknownInfo::nominal)
        .def_readonly("store", &UnknownInfo::store, "The content of a store, which a steady state keeps.");
    py::class_<OutputInfo>(m, "Output", "A result as its model declares it; `key` ones are recorded by default.")
        .def_readonly("name", &OutputInfo::name)
        .def_readonly("unit", &OutputInfo::unit)
        .def_readonly("doc", &OutputInfo::doc)
        .def_readonly("key", &OutputInfo::key);
    py::class_<DiscreteInfo>(m, "Discrete", "A variable that changes at events only.")
        .def_readonly("name", &DiscreteInfo::name)
        .def_readonly("doc", &DiscreteInfo::doc)
        .def_readonly("initial", &DiscreteInfo::initial);
}

}  // namespace

void bind_registry(py::module_& m) {
    bind_parts(m);
    py::class_<ModelInfo, std::unique_ptr<ModelInfo, py::nodelete>>(m, "Model", "A model of the registry.")
        .def_readonly("type", &ModelInfo::type)
        .def_readonly("doc", &ModelInfo::doc)
        .def_readonly("former", &ModelInfo::former, "An earlier name that is still read; empty without one.")
        .def_property_readonly(
            "role", [](const ModelInfo& m) { return name_of(m.role); }, "What it is in its plant: pump, valve, chip …")
        .def_property_readonly(
            "electric_role", [](const ModelInfo& m) { return electric_role(m); },
            "What its electric ports make it: source, converter, transformer, switch, branch, bus or load.")
        .def_readonly("params", &ModelInfo::params)
        .def_readonly("ports", &ModelInfo::ports)
        .def_readonly("unknowns", &ModelInfo::unknowns)
        .def_readonly("discretes", &ModelInfo::discretes)
        .def_readonly("outputs", &ModelInfo::outputs)
        .def_readonly("chainable", &ModelInfo::chainable);
    m.def(
        "models",
        [] {
            py::list all;
            for (const ModelInfo* info : all_models()) all.append(py::cast(info, py::return_value_policy::reference));
            return all;
        },
        "Every registered model.");
    m.def(
        "model", [](const std::string& type) { return &model_info(type); }, py::arg("type"),
        py::return_value_policy::reference, "The model of that name.");
    m.def("media", &medium_names, "Names of the coolants in the data folder.");
    m.def(
        "fluid_properties",
        [](const std::string& name, double T) {
            const FluidState<double> s = medium(name).state(T);
            return std::make_tuple(s.rho, s.cp, s.k, s.mu);
        },
        py::arg("medium"), py::arg("T"),
        "Density, heat capacity, conductivity and viscosity of a coolant at T [K]; SI.");
    m.def("data_directory", &data_directory, "The folder of fluids, components and cases.");
    m.def("set_data_directory", &set_data_directory, py::arg("directory"), "Use this data folder from now on.");
}

}  // namespace kelvolt::bindings
