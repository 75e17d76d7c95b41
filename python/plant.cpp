// The plant view: circuits, crossings, heat, pumps, passages and branches of a solution, as plain records.
#include "solver/plant/plant.hpp"

#include <fmt/format.h>

#include <map>

#include "python/bindings.hpp"
#include "solver/case/case.hpp"
#include "solver/plant/branches.hpp"
#include "solver/plant/receivers.hpp"

namespace kelvolt::bindings {

namespace {

/// Keeps the solution that the view refers to.
struct SolvedPlant {
    explicit SolvedPlant(std::shared_ptr<Solution> s)
        : solution(std::move(s)),
          view(solution->network(), {solution->y.data(), solution->yp.data(), solution->values}) {}
    SolvedPlant(const SolvedPlant&) = delete;

    std::shared_ptr<Solution> solution;
    Plant view;
    std::optional<HeatReceivers> receivers;
};
using PlantPtr = std::shared_ptr<SolvedPlant>;

int checked(const SolvedPlant& p, int component) {
    if (component < 0 || component >= p.view.size()) throw py::index_error();
    return component;
}
const std::vector<int>& checked(const SolvedPlant& p, const std::vector<int>& group) {
    for (const int c : group) checked(p, c);
    return group;
}

std::map<std::string, double> heat_of(SolvedPlant& p, int component) {
    if (!p.receivers) p.receivers.emplace(p.view);
    std::map<std::string, double> heat;
    for (const auto& [receiver, watts] : p.receivers->of(checked(p, component)))
        heat[std::string(p.receivers->name(receiver))] += watts;
    return heat;
}

std::vector<std::pair<std::string, std::vector<int>>> exchangers(const SolvedPlant& p) {
    std::vector<std::pair<std::string, std::vector<int>>> found;
    for (ExchangerState& x : p.view.exchangers()) found.emplace_back(x.path, std::move(x.components));
    return found;
}

/// Per component: its ports that hold coolant.
std::vector<std::vector<int>> fluid_ports(const SolvedPlant& p) {
    std::vector<std::vector<int>> ports;
    for (int c = 0; c < p.view.size(); ++c) {
        const std::span<const int> of = p.view.fluid_ports(c);
        ports.emplace_back(of.begin(), of.end());
    }
    return ports;
}

std::vector<int> circuits_of(const SolvedPlant& p, int component) {
    std::vector<int> circuits;
    for (int k = 0; k < p.view.circuit_count(checked(p, component)); ++k)
        circuits.push_back(p.view.circuit_of(component, k));
    return circuits;
}

void bind_passages(py::module_& m) {
    py::class_<Crossing>(m, "Crossing", "What one circuit carries through a group of components; SI.")
        .def_readonly("circuit", &Crossing::circuit)
        .def_readonly("m_flow", &Crossing::m_flow, "kg/s into the group")
        .def_readonly("V_flow", &Crossing::V_flow, "m3/s at T_in")
        .def_readonly("p_in", &Crossing::p_in)
        .def_readonly("p_out", &Crossing::p_out)
        .def_readonly("T_in", &Crossing::T_in)
        .def_readonly("T_out", &Crossing::T_out)
        .def_readonly("heat", &Crossing::heat, "W that its coolant takes up: carried on by the flow, or stored there");
    py::class_<Passage>(m, "Passage", "Flow through an element between two ports of one circuit; SI.")
        .def_readonly("path", &Passage::path)
        .def_readonly("V_flow", &Passage::V_flow)
        .def_readonly("dp", &Passage::dp)
        .def_readonly("velocity", &Passage::velocity, "The highest inside; not a number where no model says.")
        .def_readonly("p_in", &Passage::p_in, "Absolute, where the flow enters.")
        .def_readonly("p_out", &Passage::p_out, "Absolute, where the flow leaves.");
}

void bind_records(py::module_& m) {
    bind_passages(m);
    py::class_<CircuitState>(m, "Circuit", "One coolant circuit; SI.")
        .def_readonly("number", &CircuitState::number)
        .def_readonly("name", &CircuitState::name, "Path of what fixes its pressure.")
        .def_readonly("medium", &CircuitState::medium)
        .def_readonly("closed", &CircuitState::closed)
        .def_readonly("volume", &CircuitState::volume, "m3 of coolant held in components")
        .def_readonly("capacity", &CircuitState::capacity, "J/K of coolant and what is coupled to it")
        .def_readonly(
            "m_flow", &CircuitState::m_flow,
            "kg/s, all parallel flows together: the most that passes one level of pressure downwards outside pumps.")
        .def_readonly("V_flow", &CircuitState::V_flow, "m3/s at the coldest temperature")
        .def_readonly(
            "dp", &CircuitState::dp,
            "Pa, what drives the flow: the rise of running pumps and the difference between boundaries, each times "
            "its flow, over that of the circuit; not a number where nothing flows.")
        .def_readonly("T_low", &CircuitState::T_low, "K, coldest connection or outlet where coolant flows.")
        .def_readonly("T_high", &CircuitState::T_high, "K, hottest connection or outlet where coolant flows.")
        .def_readonly("approach", &CircuitState::approach,
                      "K of the exchanger that cools it; not a number without one");
    py::class_<PumpState>(m, "Pump", "Where a pump runs; SI, not a number where its model does not say.")
        .def_readonly("path", &PumpState::path)
        .def_readonly("service", &PumpState::service, "The parameter that stops it at 0; empty without one.")
        .def_readonly("running", &PumpState::running)
        .def_readonly("speed", &PumpState::speed)
        .def_readonly("V_flow", &PumpState::V_flow)
        .def_readonly("dp", &PumpState::dp)
        .def_readonly("P_el", &PumpState::P_el)
        .def_readonly("efficiency", &PumpState::efficiency)
        .def_readonly("powered", &PumpState::powered, "As its supply says; 1 where none is joined.")
        .def_property_readonly("on", &PumpState::on)
        .def_property_readonly("state", &PumpState::state,
                               "Whether it is driven: on, off, or switched on without a supply.");
    py::class_<HeatBalance>(m, "Balance", "Where heat goes; W.")
        .def_readonly("to_liquid", &HeatBalance::to_liquid,
                      "Heat that parts other than pumps give to the coolant, stored there or carried on.")
        .def_readonly("to_air", &HeatBalance::to_air, "Into fixed surroundings and, from motors, into the room.")
        .def_readonly("pumps", &HeatBalance::pumps, "Electric.")
        .def_readonly("sources", &HeatBalance::sources,
                      "From outside into chips, trays, heaters, and from the electric supply.")
        .def_readonly("boundary", &HeatBalance::boundary, "Net enthalpy that leaves with coolant over the boundary.")
        .def_readonly("from_pumps", &HeatBalance::from_pumps,
                      "Into the coolant: their power without what their motors give to the room.")
        .def_readonly("from_liquid", &HeatBalance::from_liquid,
                      "What the coolant gives up by heat ports: radiators, coolers, walls.")
        .def_property_readonly("into_coolant", &HeatBalance::into_coolant,
                               "All that enters it; what leaves it is from_liquid and boundary, the rest is stored.")
        .def_property_readonly("direct_to_air", &HeatBalance::direct_to_air, "To the air without passing the coolant.");
}

/// The columns of the table of branches, in order, each with its unit.
constexpr std::pair<const char*, const char*> branch_columns[] = {
    {"branch", ""},      {"m_flow", "kg/s"}, {"V_flow", "m3/s"}, {"dp", "Pa"},        {"heat", "W"},
    {"T_in", "K"},       {"T_out", "K"},     {"T_die", "K"},     {"T_case", "K"},     {"margin", ""},
    {"margin_unit", ""}, {"limit", ""},      {"verdict", ""},    {"margin_time", "s"}};

py::dict row_of(const Branch& b) {
    py::dict row;
    const py::object values[] = {py::str(b.path),      py::float_(b.m_flow),     py::float_(b.V_flow),
                                 py::float_(b.dp),     py::float_(b.heat),       py::float_(b.T_in),
                                 py::float_(b.T_out),  py::float_(b.T_die),      py::float_(b.T_case),
                                 py::float_(b.margin), py::str(b.margin_unit),   py::str(b.limit),
                                 py::str(b.verdict),   py::float_(b.margin_time)};
    static_assert(std::size(values) == std::size(branch_columns));
    for (std::size_t k = 0; k < std::size(values); ++k) row[branch_columns[k].first] = values[k];
    return row;
}

void bind_branch(py::module_& m) {
    py::class_<Branch>(m, "Branch",
                       "One branch; SI. Temperatures of chips and margins are the worst inside it, not a number where "
                       "there is none.")
        .def_readonly("branch", &Branch::path)
        .def_readonly("m_flow", &Branch::m_flow)
        .def_readonly("V_flow", &Branch::V_flow)
        .def_readonly("dp", &Branch::dp)
        .def_readonly("heat", &Branch::heat)
        .def_readonly("T_in", &Branch::T_in)
        .def_readonly("T_out", &Branch::T_out)
        .def_readonly("T_die", &Branch::T_die)
        .def_readonly("T_case", &Branch::T_case)
        .def_readonly("margin", &Branch::margin)
        .def_readonly("margin_unit", &Branch::margin_unit)
        .def_readonly("limit", &Branch::limit, "Which limit the margin belongs to.")
        .def_readonly("verdict", &Branch::verdict)
        .def_readonly("margin_time", &Branch::margin_time,
                      "When the margin was smallest [s]; of a run all other values are those of its end.")
        .def("row", &row_of)
        .def_static("columns",
                    [] {
                        std::vector<std::string> names;
                        for (const auto& [name, unit] : branch_columns) names.emplace_back(name);
                        return names;
                    })
        .def_static(
            "units",
            [] {
                std::vector<std::string> units;
                for (const auto& [name, unit] : branch_columns) units.emplace_back(unit);
                return units;
            },
            "Of the columns in SI; empty where there is none.")
        .def("__repr__", [](const Branch& b) {
            return fmt::format("<Branch {}: {:.4g} kg/s, {:.4g} W, {}>", b.path, b.m_flow, b.heat, b.verdict);
        });
}

using PlantClass = py::class_<SolvedPlant, PlantPtr>;

/// What is asked of single components.
void bind_components(PlantClass& plant) {
    plant
        .def_property_readonly(
            "power", [](const PlantPtr& p) { return view_of(p, p->view.power()); },
            "Per component: power from outside [W].")
        .def_property_readonly("fluid_ports", &fluid_ports, "Per component: its ports that hold coolant.")
        .def_property_readonly("components_of_circuits",
                               [](const SolvedPlant& p) { return p.view.components_of_circuits(); })
        .def("circuits_of", &circuits_of, py::arg("component"))
        .def(
            "is_pump", [](const SolvedPlant& p, int c) { return p.view.is_pump(checked(p, c)); }, py::arg("component"))
        .def(
            "output",
            [](const SolvedPlant& p, int c, const std::string& name) { return p.view.output(checked(p, c), name); },
            py::arg("component"), py::arg("name"),
            "An output of a component; not a number when its model has none of that name.")
        .def(
            "parameter",
            [](const SolvedPlant& p, int c, const std::string& name) { return p.view.parameter(checked(p, c), name); },
            py::arg("component"), py::arg("name"),
            "A number parameter of a component; not a number when its model has none of that name.")
        .def(
            "having_output", [](const SolvedPlant& p, const std::string& name) { return p.view.having_output(name); },
            py::arg("name"), "Components whose model has an output of that name.");
}

}  // namespace

void bind_plant(py::module_& m) {
    bind_records(m);
    bind_branch(m);
    PlantClass plant(m, "Plant", "A solution as an engineer sees it; found once, asked often.");
    bind_components(plant);
    plant
        .def(py::init([](std::shared_ptr<Solution> s) {
                 const py::gil_scoped_release released;
                 return std::make_shared<SolvedPlant>(std::move(s));
             }),
             py::arg("solution"))
        .def(
            "crossings",
            [](const SolvedPlant& p, const std::vector<int>& group) { return p.view.crossings(checked(p, group)); },
            py::arg("components"),
            "What each circuit carries through a group, from the flows at nodes shared with others.")
        .def(
            "net_flows",
            [](const SolvedPlant& p, const std::vector<int>& group, int circuit) {
                return p.view.net_flows(checked(p, group), circuit);
            },
            py::arg("components"), py::arg("circuit"), "(node, kg/s into the group) at each node of a circuit.")
        .def("circuits", [](const SolvedPlant& p) { return p.view.circuits(); })
        .def(
            "main_circuit", [](const SolvedPlant& p) { return p.view.main_circuit(); },
            "The circuit that takes most heat from chips and trays; -1 without any.")
        .def("exchangers", &exchangers, "Components that touch two circuits, cells of one chain together.")
        .def("balance", [](const SolvedPlant& p) { return p.view.balance(); })
        .def("pumps", [](const SolvedPlant& p) { return p.view.pumps(); })
        .def(
            "passages", [](const SolvedPlant& p) { return p.view.passages(); },
            "Elements with two ports in one circuit, pumps left out, largest pressure drop first.")
        .def("heat_of", &heat_of, py::arg("component"),
             "W that leaves a component by its heat ports, by what receives it: coolant, or a path.")
        .def(
            "branches",
            [](const SolvedPlant& p, const std::optional<std::string>& level) {
                return find_branches(p.view, p.solution->verdicts, level);
            },
            py::arg("level") = py::none(),
            "Parallel branches, worst first: by the smallest margin, then the hottest chip, then the least flow.");
}

}  // namespace kelvolt::bindings
