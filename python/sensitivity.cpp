// Gradients of solutions, several values with one factorisation, and curves multiplied by factors.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>

#include "python/bindings.hpp"
#include "python/found.hpp"
#include "solver/network/path_text.hpp"
#include "solver/sensitivity/curve_factors.hpp"
#include "solver/sensitivity/gradients.hpp"
#include "solver/sensitivity/time_gradients.hpp"

namespace kelvolt::bindings {

namespace {

/// [values, parameters]: derivative of each value with respect to each parameter.
View table_of(const std::vector<std::vector<double>>& rows, std::size_t columns) {
    auto flat = std::make_shared<std::vector<double>>();
    for (const auto& row : rows) flat->insert(flat->end(), row.begin(), row.end());
    return view_of(flat, *flat, {static_cast<py::ssize_t>(rows.size()), static_cast<py::ssize_t>(columns)});
}

std::vector<std::size_t> positions(const Network& net, const Found& by) {
    std::vector<std::size_t> at;
    for (const ValueRef& r : by.refs) at.push_back(position_of(net, r));
    return at;
}

std::vector<double> picked(const std::vector<double>& all, const std::vector<std::size_t>& at) {
    std::vector<double> wanted;
    wanted.reserve(at.size());
    for (const std::size_t p : at) wanted.push_back(all[p]);
    return wanted;
}

View gradients(const Solution& s, const Found& of, const Found& by) {
    std::vector<std::vector<double>> rows;
    {
        const py::gil_scoped_release released;
        const std::vector<std::size_t> wanted = positions(s.network(), by);
        Gradients at(s, &by.refs);
        for (const ValueRef& value : of.refs) rows.push_back(picked(at.of(value), wanted));
    }
    return table_of(rows, by.refs.size());
}

View margin_gradients(const Solution& s, const std::vector<std::size_t>& verdicts, const Found& by) {
    std::vector<std::vector<double>> rows;
    {
        const py::gil_scoped_release released;
        const std::vector<std::size_t> wanted = positions(s.network(), by);
        Gradients at(s, &by.refs);
        for (const std::size_t k : verdicts) rows.push_back(picked(at.of_margin(s.verdicts.at(k)), wanted));
    }
    return table_of(rows, by.refs.size());
}

TimeFunctional::Kind kind_of(const std::string& name) {
    using Kind = TimeFunctional::Kind;
    if (name == "end") return Kind::end;
    if (name == "integral") return Kind::integral;
    if (name == "mean") return Kind::mean;
    if (name == "soft_max") return Kind::soft_max;
    throw py::value_error("kind must be end, integral, mean or soft_max");
}

/// Checks every 50 ms whether Ctrl-C was pressed.
class Signals {
   public:
    bool pending() {
        const auto now = std::chrono::steady_clock::now();
        if (raised_ || now - last_ < std::chrono::milliseconds(50)) return raised_;
        last_ = now;
        const py::gil_scoped_acquire lock;
        return raised_ = PyErr_CheckSignals() != 0;
    }
    void raise_again() const {
        if (raised_) throw py::error_already_set();
    }

   private:
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
    bool raised_ = false;
};

/// Values, gradients and computing times, in the form that kelvolt.time_gradient uses.
py::dict time_gradients_of(const Run& run, const Found& of, const Found& by, const std::string& kind, double width,
                           std::optional<double> tolerance, double resolution) {
    std::vector<TimeFunctional> functionals;
    for (const ValueRef& ref : of.refs) functionals.push_back({ref, kind_of(kind), width});
    TimeGradient found;
    Signals signals;
    try {
        const py::gil_scoped_release released;
        found = time_gradients(run, functionals, &by.refs, tolerance, resolution, [&] { return signals.pending(); });
    } catch (const Error&) {
        signals.raise_again();
        throw;
    }
    std::vector<std::vector<double>> rows;
    const std::vector<std::size_t> wanted = positions(run.end.network(), by);
    for (const auto& row : found.by_params) rows.push_back(picked(row, wanted));
    py::dict out;
    out["value"] = view_of(std::move(found.value));
    out["gradient"] = table_of(rows, by.refs.size());
    out["steps"] = found.steps;
    out["seconds"] = found.forward_seconds + found.backward_seconds;
    return out;
}

/// Every number parameter by its path; those of a chain once per cell.
std::shared_ptr<Found> number_parameters(const Case& the_case) {
    std::vector<ValueRef> refs;
    const Network& net = the_case.network();
    for (int id = 0; id < static_cast<int>(net.components.size()); ++id) {
        const Component& c = net.component(id);
        for (const ParamInfo& p : c.info->params)
            if (p.type == ParamInfo::Type::number)
                refs.push_back({ValueRef::Kind::parameter, id, p.index, declared(p.unit), c.path + "." + p.name});
    }
    return std::make_shared<Found>(std::move(refs));
}

/// The number parameters that hold an assumed value, or one with a range; of a divided component those of its cells.
std::vector<ValueRef> parameters_of(const Case& the_case, const Assumption& assumed) {
    const Network& net = the_case.network();
    std::vector<ValueRef> refs;
    for (const std::string& element : assumed.elements) {
        const std::string path = element + "." + assumed.parameter;
        const int id = net.find(element);
        if (id < 0) {
            std::vector<ValueRef> cells = find_parameters(net, path);
            std::move(cells.begin(), cells.end(), std::back_inserter(refs));
            continue;
        }
        const ParamInfo* p = net.component(id).info->param(assumed.parameter);
        if (p && p->type == ParamInfo::Type::number)
            refs.push_back({ValueRef::Kind::parameter, id, p->index, declared(p->unit), path});
    }
    return refs;
}

/// One result for each of `assumptions`, then of `tolerances`: the parameters that still have the value, since one that
/// was set is known. Empty for a curve.
std::vector<std::shared_ptr<Found>> assumed_parameters(const Case& the_case) {
    std::vector<std::shared_ptr<Found>> found;
    for (const auto* listed : {&the_case.subject().assumptions, &the_case.subject().tolerances})
        for (const Assumption& assumed : *listed) {
            std::vector<ValueRef> refs = parameters_of(the_case, assumed);
            const std::vector<double> now = the_case.get(refs);
            std::vector<ValueRef> kept;
            for (std::size_t k = 0; k < refs.size(); ++k) {
                const double size = std::max(std::abs(now[k]), std::abs(assumed.value));
                if (std::abs(now[k] - assumed.value) <= 1e-9 * size) kept.push_back(std::move(refs[k]));
            }
            found.push_back(std::make_shared<Found>(std::move(kept)));
        }
    return found;
}

/// Joins several search results into one.
std::shared_ptr<Found> joined(const std::vector<std::shared_ptr<Found>>& parts) {
    std::vector<ValueRef> refs;
    for (const auto& part : parts) refs.insert(refs.end(), part->refs.begin(), part->refs.end());
    return std::make_shared<Found>(std::move(refs));
}

}  // namespace

void bind_sensitivity(py::module_& m) {
    m.def("gradients", &gradients, py::arg("solution"), py::arg("of"), py::arg("by"),
          "d(of)/d(by) [values, parameters], SI; one factorisation, one transposed solve per value.");
    m.def("margin_gradients", &margin_gradients, py::arg("solution"), py::arg("verdicts"), py::arg("by"),
          "The same of the margins of verdicts, given by their numbers in the solution's list.");
    m.def("time_gradients", &time_gradients_of, py::arg("run"), py::arg("of"), py::arg("by"), py::arg("kind"),
          py::arg("width"), py::arg("tolerance"), py::arg("resolution"),
          "Values of a run (end, integral, mean or soft_max of each of `of`) and d/d(by) [values, parameters], SI.");
    m.def("number_parameters", &number_parameters, py::arg("case"), "Every number parameter of the network.");
    m.def("assumed_parameters", &assumed_parameters, py::arg("case"),
          "For each of the assumptions, then of the tolerances, the number parameters that still have its value.");
    m.def("joined", &joined, py::arg("parts"), "Several finds as one, in their order.");
    py::class_<CurveFactors, std::shared_ptr<CurveFactors>>(
        m, "CurveFactors", "A case read anew whose curves can be multiplied by factors; for one thread.")
        .def(py::init<const Case&>(), py::arg("of"), py::call_guard<py::gil_scoped_release>())
        .def_property_readonly(
            "case", [](const std::shared_ptr<CurveFactors>& c) { return std::shared_ptr<Case>(c, &c->the_case()); })
        .def("set", &CurveFactors::set, py::arg("component"), py::arg("parameter"), py::arg("factor"),
             "The curve as it was given, times a factor above 0.");
}

}  // namespace kelvolt::bindings
