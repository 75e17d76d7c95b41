// Solutions and runs: numbers as views, verdicts, events, and what crosses the boundary of each component.
#include <fmt/format.h>

#include <cmath>

#include "models/media/medium.hpp"
#include "python/bindings.hpp"
#include "python/found.hpp"
#include "solver/case/case.hpp"
#include "solver/case/verdicts.hpp"
#include "solver/curve/curve.hpp"
#include "solver/electric/energised.hpp"

namespace kelvolt::bindings {

namespace {

using SolutionPtr = std::shared_ptr<Solution>;

Point point_of(const Solution& s) { return {s.y.data(), s.yp.data(), s.values}; }

/// All flows into the ports: for phases and neutral, real and imaginary parts in turn.
View flows(const Solution& s) {
    std::vector<double> all, local;
    for (const Component& c : s.network().components) {
        local.assign(c.info->size, 0.0);
        s.network().block_of(c).local_residual(c.instance, point_of(s), local.data());
        for (const PortInfo& port : c.info->ports)
            for (std::size_t k = 0; k < port.kind->pairs.size(); ++k) all.push_back(local[port.first + k]);
    }
    return view_of(std::move(all));
}

/// Electric islands: nodes, and the component that sets voltage and angle of each (-1: dead).
std::vector<std::pair<std::vector<int>, int>> islands(const Solution& s) {
    std::vector<std::pair<std::vector<int>, int>> found;
    if (!s.network().electric) return found;
    for (ElectricIsland& island : s.network().electric->look(s.network(), point_of(s)).islands)
        found.emplace_back(std::move(island.nodes), island.reference);
    return found;
}

std::vector<double> outputs(const Solution& s, int component) {
    if (component < 0 || component >= static_cast<int>(s.network().components.size())) throw py::index_error();
    const Component& c = s.network().component(component);
    std::vector<double> values(c.info->outputs.size() + 1);
    Report<double> report;
    report.values = values.data();
    s.network().block_of(c).outputs(c.instance, point_of(s), report);
    values.pop_back();
    return values;
}

/// Earliest and latest times of a protective device at each current [s].
std::pair<View, View> trip_times(const Solution& s, int component, const std::vector<double>& currents, double before) {
    if (component < 0 || component >= static_cast<int>(s.network().components.size())) throw py::index_error();
    const Component& c = s.network().component(component);
    std::vector<double> earliest, latest;
    for (const double current : currents) {
        const TripTimes t = s.network().block_of(c).trip_times(c.instance, s.values, current, before);
        earliest.push_back(t.earliest);
        latest.push_back(t.latest);
    }
    return {view_of(std::move(earliest)), view_of(std::move(latest))};
}

/// Number parameters of a component in the order of its model.
std::vector<double> parameters(const Solution& s, int component) {
    if (component < 0 || component >= static_cast<int>(s.network().components.size())) throw py::index_error();
    const Component& c = s.network().component(component);
    std::vector<double> values;
    for (int k = 0; k < c.info->numbers; ++k) values.push_back(s.values.params[s.network().param_position(c, k)]);
    return values;
}

/// The word that a choice of a component stands at.
std::string choice(const Solution& s, int component, const std::string& name) {
    const Component& c = s.network().components.at(component);
    const ParamInfo* info = c.info->param(name);
    if (!info || info->type != ParamInfo::Type::choice) throw py::key_error(c.info->type + " has no choice " + name);
    const Block& block = s.network().block_of(c);
    return info->options.at(
        block.choices[std::size_t(c.instance) * (block.choices.size() / block.count) + info->index]);
}

/// A curve parameter of a component at the given x, continued along its end slopes; empty if it was not given.
View curve(const Solution& s, int component, const std::string& name, const py::buffer& x) {
    const Component& c = s.network().components.at(component);
    const ParamInfo* info = c.info->param(name);
    if (!info || info->type != ParamInfo::Type::curve) throw py::key_error(c.info->type + " has no curve " + name);
    const Block& block = s.network().block_of(c);
    const Curve* found = block.curves[std::size_t(c.instance) * (block.curves.size() / block.count) + info->index];
    const Array<double> at(x);
    std::vector<double> y;
    for (std::size_t i = 0; found && i < at.size(); ++i) y.push_back(found->line(at[i]));
    return view_of(std::move(y));
}

void bind_rows(py::module_& m) {
    m.def(
        "margin_scale", &margin_scale, py::arg("limit"), py::arg("unit"),
        "What a margin in SI is divided by to compare with others: 10 K for temperatures, else the size of the limit.");
    m.def("closeness", py::overload_cast<double, double, std::string_view>(&closeness), py::arg("margin"),
          py::arg("limit"), py::arg("unit"),
          "The margin over its scale; 1e12 where the limit is no number, or zero and held.");
    // a list of rows keeps its solution alive, which holds their texts
    py::class_<Verdict>(m, "Verdict", "One comparison of a value with its limit; SI units, margin positive when held.")
        .def_readonly("id", &Verdict::id)
        .def_readonly("element", &Verdict::element)
        .def_readonly("quantity", &Verdict::quantity)
        .def_readonly("unit", &Verdict::unit)
        .def_readonly("basis", &Verdict::basis)
        .def_property_readonly("scope", &Verdict::scope,
                               "What it belongs to, wherever it is tightest: the element, or what fixes a circuit's "
                               "pressure.")
        .def_readonly("from_case", &Verdict::from_case, "A limit of the case's own, whatever its id.")
        .def_property_readonly("is_balance", &Verdict::is_balance, "Energy, coolant or entropy, not a limit.")
        .def_property_readonly("verdict", &Verdict::word)
        .def_readonly("value", &Verdict::value)
        .def_readonly("limit", &Verdict::limit)
        .def_property_readonly("margin", [](const Verdict& v) { return v.margin(); })
        .def_property_readonly("closeness", py::overload_cast<const Verdict&>(&closeness),
                               "The margin over 10 K for temperatures, over the limit for all else: by it verdicts are "
                               "sorted.")
        .def_readonly("time", &Verdict::time)
        .def_readonly("since", &Verdict::since, "First time of a run at which it was broken [s]; NaN: never.")
        .def_readonly("at_most", &Verdict::at_most)
        .def("__repr__",
             [](const Verdict& v) { return fmt::format("<Verdict {} of {}: {}>", v.id, v.element, v.word()); });
    py::class_<FlagRow>(m, "Flag", "A value outside the range its data or correlation covers; SI units.")
        .def_property_readonly("what", [](const FlagRow& f) { return f.flag.what; })
        .def_property_readonly("unit", [](const FlagRow& f) { return f.flag.unit; })
        .def_property_readonly("source", [](const FlagRow& f) { return f.flag.source; })
        .def_property_readonly(
            "beyond", [](const FlagRow& f) { return f.flag.beyond; }, "What was done there: extrapolated, held.")
        .def_property_readonly(
            "value", [](const FlagRow& f) { return f.flag.value; }, "The widest excursion.")
        .def_property_readonly("lo", [](const FlagRow& f) { return f.flag.lo; })
        .def_property_readonly("hi", [](const FlagRow& f) { return f.flag.hi; })
        .def_readonly("component", &FlagRow::component)
        .def_readonly("time", &FlagRow::time)
        .def_readonly("count", &FlagRow::count, "At how many points.");
    py::class_<RunEvent>(m, "Event", "Something that happened during a run.")
        .def_readonly("time", &RunEvent::time)
        .def_readonly("component", &RunEvent::component)
        .def_readonly("text", &RunEvent::text)
        .def("__repr__",
             [](const RunEvent& e) { return "<Event at " + std::to_string(e.time) + " s: " + e.text + ">"; });
    py::class_<Audit>(m, "Audit", "Energy and mass balanced over the boundary.")
        .def_readonly("energy_in", &Audit::energy_in)
        .def_readonly("energy_size", &Audit::energy_size)
        .def_readonly("energy_stored", &Audit::energy_stored)
        .def_readonly("mass_relative", &Audit::mass_relative)
        .def_property_readonly("energy_relative", &Audit::energy_relative);
}

void bind_solution(py::module_& m) {
    py::class_<Solution, SolutionPtr>(m, "Solution", "A solved point.")
        .def_property_readonly(
            "y", [](const SolutionPtr& s) { return view_of(s, s->y); }, "Unknowns [n], SI.")
        .def_property_readonly(
            "yp", [](const SolutionPtr& s) { return view_of(s, s->yp); }, "Their rates [n].")
        .def_property_readonly("unknowns", [](const Solution& s) { return s.network().size(); })
        .def_property_readonly("newton_iterations", [](const Solution& s) { return s.statistics.newton_iterations; })
        .def_property_readonly("start_iterations", [](const Solution& s) { return s.statistics.start_iterations; })
        .def_property_readonly("continuation_steps", [](const Solution& s) { return s.statistics.continuation_steps; })
        .def_property_readonly("seconds", [](const Solution& s) { return s.statistics.seconds; })
        .def_readonly("audit", &Solution::audit)
        .def_property_readonly(
            "entropy_production", [](const Solution& s) { return s.entropy.worst < 0 ? not_given : s.entropy.total; },
            "Of all components at rest [W/K]; not a number of a run in time, or where neither heat nor coolant flows.")
        .def_readonly("verdicts", &Solution::verdicts, "Worst first.")
        .def_readonly("warnings", &Solution::warnings)
        .def_readonly("flags", &Solution::flags, "Validity flags; each is a warning too.")
        .def(
            "read", [](const Solution& s, const Found& f) { return view_of(s.read(f.refs)); }, py::arg("found"))
        .def("outputs", &outputs, py::arg("component"), "The outputs of a component, in the order of its model.")
        .def("parameters", &parameters, py::arg("component"),
             "The number parameters of a component, in the order of its model.")
        .def("choice", &choice, py::arg("component"), py::arg("name"), "The word at which a choice stands.")
        .def("curve", &curve, py::arg("component"), py::arg("name"), py::arg("x"),
             "A curve parameter at x; empty when not given.")
        .def("trip_times", &trip_times, py::arg("component"), py::arg("currents"), py::arg("before") = 0.0,
             "Earliest and latest times of a protective device at currents [A] after a steady one [A], 0: from cold; "
             "infinite: never, or no such device [s].")
        .def("reasons", &reasons, "Per verdict why it is not assessed; empty where it is.")
        .def("flows", &flows, "All flows into the ports in their order, as many of each as its kind has; SI.")
        .def("islands", &islands, "Electric islands: nodes, and the component that leads each (-1: dead).")
        .def(
            "coolant_properties",
            [](const Solution& s, int circuit, double T) {
                const FluidState<double> at = s.network().circuits.at(circuit).medium->state(T);
                return std::make_tuple(at.rho, at.cp, at.k, at.mu);
            },
            py::arg("circuit"), py::arg("T"),
            "Density, heat capacity, conductivity and viscosity of a circuit's coolant at T [K]; SI.");
}

View table(const std::shared_ptr<Run>& run, const std::vector<double>& data) {
    return view_of(run, data,
                   {static_cast<py::ssize_t>(run->time.size()), static_cast<py::ssize_t>(run->recorded.size())});
}

}  // namespace

void bind_results(py::module_& m) {
    bind_rows(m);
    bind_solution(m);
    py::class_<Run, std::shared_ptr<Run>>(m, "Run", "What a run in time leaves; tables are [rows, recorded values].")
        .def_property_readonly("start", [](const std::shared_ptr<Run>& r) { return SolutionPtr(r, &r->start); })
        .def_property_readonly("end", [](const std::shared_ptr<Run>& r) { return SolutionPtr(r, &r->end); })
        .def_property_readonly("recorded", [](const Run& r) { return std::make_shared<Found>(r.recorded); })
        .def_property_readonly(
            "time", [](const std::shared_ptr<Run>& r) { return view_of(r, r->time); }, "[rows] s")
        .def_property_readonly("value", [](const std::shared_ptr<Run>& r) { return table(r, r->value); })
        .def_property_readonly("mean", [](const std::shared_ptr<Run>& r) { return table(r, r->mean); })
        .def_property_readonly("minimum", [](const std::shared_ptr<Run>& r) { return table(r, r->minimum); })
        .def_property_readonly("maximum", [](const std::shared_ptr<Run>& r) { return table(r, r->maximum); })
        .def_readonly("events", &Run::events)
        .def_readonly("steps", &Run::steps)
        .def_readonly("seconds", &Run::seconds, "What the integration took.")
        .def_readonly("duration", &Run::duration)
        .def_readonly("tolerance", &Run::tolerance)
        .def_readonly("jacobians", &Run::jacobians)
        .def_readonly("restarts", &Run::restarts)
        .def_readonly("seconds", &Run::seconds)
        .def_readonly("status", &Run::status);
}

}  // namespace kelvolt::bindings
