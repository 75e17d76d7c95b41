// Sweeps: many variants of one network, in chunks, without Python's lock.
#include "solver/sweep/sweep.hpp"

#include "python/bindings.hpp"
#include "python/found.hpp"

namespace kelvolt::bindings {

namespace {

Fold fold_named(const std::string& name) {
    static const std::pair<const char*, Fold> names[] = {
        {"each", Fold::each}, {"max", Fold::max}, {"min", Fold::min}, {"mean", Fold::mean}, {"sum", Fold::sum}};
    for (const auto& [known, fold] : names)
        if (name == known) return fold;
    throw py::value_error("fold must be each, max, min, mean or sum");
}

using ColumnTuple = std::tuple<std::shared_ptr<Found>, bool, double, double, double>;
using RecordTuple = std::tuple<std::shared_ptr<Found>, std::string>;

std::shared_ptr<Sweep> make(const Case& base, const std::vector<ColumnTuple>& columns,
                            const std::vector<RecordTuple>& records, int anchors, int threads) {
    std::vector<SweepColumn> varied;
    for (const auto& [found, relative, low, centre, high] : columns)
        varied.push_back({found->refs, relative, low, centre, high});
    std::vector<SweepRecord> read;
    for (const auto& [found, fold] : records) read.push_back({found->refs, fold_named(fold)});
    const py::gil_scoped_release released;
    return std::make_shared<Sweep>(base, std::move(varied), std::move(read), anchors, threads);
}

// the rows of a table owned by Python; it must stay alive and unchanged during the call
std::size_t rows_of(const Array<double>& table, std::size_t points, std::size_t columns) {
    if (table.size() != points * columns) throw py::value_error("the table needs one number per point and column");
    return points;
}

py::dict plain(SweepChunk&& chunk) {
    py::dict out;
    std::vector<std::string> id, element, unit;
    std::vector<double> margin, broken;
    for (const Binding& b : chunk.binding) {
        id.push_back(b.id), element.push_back(b.element), unit.push_back(b.unit);
        margin.push_back(b.margin), broken.push_back(b.broken);
    }
    out["values"] = view_of(std::move(chunk.values));
    out["status"] = std::move(chunk.status);
    out["reason"] = std::move(chunk.reason);
    out["limit"] = std::move(id);
    out["limit_element"] = std::move(element);
    out["limit_unit"] = std::move(unit);
    out["limit_margin"] = view_of(std::move(margin));
    out["limits_broken"] = view_of(std::move(broken));
    if (!chunk.unsettled.empty()) out["unsettled"] = std::move(chunk.unsettled);
    if (!chunk.stored.empty()) {
        py::list margins;
        for (LimitMargins& m : chunk.margins)
            margins.append(py::make_tuple(m.id, m.element, m.unit, view_of(std::move(m.margin))));
        out["margins"] = std::move(margins);
        out["power"] = view_of(std::move(chunk.power));
        out["stored"] = view_of(std::move(chunk.stored));
        out["flagged"] = std::move(chunk.flagged);
    }
    out["iterations"] = chunk.iterations;
    out["continued"] = chunk.continued;
    return out;
}

Judged judged_named(const std::string& name) {
    if (name == "none") return Judged::none;
    if (name == "tightest") return Judged::tightest;
    if (name == "full") return Judged::full;
    throw py::value_error("judged must be none, tightest or full");
}

py::dict steady(const Sweep& sweep, const py::buffer& table, std::size_t points, std::size_t columns,
                const std::string& judged, bool in_turn) {
    const Array<double> rows(table);
    rows_of(rows, points, columns);
    const Judged how = judged_named(judged);
    SweepChunk chunk;
    {
        const py::gil_scoped_release released;
        chunk = sweep.steady(rows.data(), points, how, in_turn ? Rows::in_turn : Rows::apart);
    }
    return plain(std::move(chunk));
}

py::dict simulate(const Sweep& sweep, const py::buffer& table, std::size_t points, std::size_t columns,
                  const std::vector<double>& times, double every, std::optional<double> tolerance,
                  std::vector<std::string> record, bool limits) {
    const Array<double> rows(table);
    rows_of(rows, points, columns);
    RunOptions options;
    options.duration = times.back();
    options.every = every;
    options.tolerance = tolerance;
    options.record = std::move(record);
    SweepChunk chunk;
    {
        const py::gil_scoped_release released;
        chunk = sweep.simulate(rows.data(), points, options, times, limits);
    }
    return plain(std::move(chunk));
}

}  // namespace

void bind_sweep(py::module_& m) {
    py::class_<Sweep, std::shared_ptr<Sweep>>(m, "Sweep", "Many variants of one network, solved chunk by chunk.")
        .def(py::init(&make), py::arg("case"), py::arg("columns"), py::arg("records"), py::arg("anchors"),
             py::arg("threads") = 1,
             "columns: (found, relative, low, centre, high); records: (found, each|max|min|mean|sum).")
        .def_property_readonly("width", &Sweep::width, "Numbers recorded per point (and time).")
        .def_property_readonly(
            "centre", [](const std::shared_ptr<Sweep>& s) { return view_of(s, s->centre()); },
            "The solution in the middle of the swept region; empty where there is none.")
        .def("steady", &steady, py::arg("table"), py::arg("points"), py::arg("columns"), py::arg("judged"),
             py::arg("in_turn") = false,
             "in_turn: each row begins with what firmware and switches decided in the row before. judged: none; "
             "tightest: the limit with the least margin; full: every limit, the power into each "
             "component, stored energy.")
        .def("simulate", &simulate, py::arg("table"), py::arg("points"), py::arg("columns"), py::arg("times"),
             py::arg("every"), py::arg("tolerance"), py::arg("record"), py::arg("limits"))
        .def("cancel", &Sweep::cancel, "Ends what is being solved; from any thread.");
}

}  // namespace kelvolt::bindings
