// Cases: reading, querying, changing, solving and running them. Long computations release Python's lock and react to
// Ctrl-C.
#include "solver/case/case.hpp"

#include <chrono>

#include "python/bindings.hpp"
#include "python/found.hpp"
#include "solver/case/run_file.hpp"

namespace kelvolt::bindings {

namespace {

/// Gives Python control while a run works without its lock: signals every 50 ms, progress ten times a second. An
/// exception raised in Python ends the run; it is raised again when the file is closed.
class Window {
   public:
    explicit Window(py::object progress) : progress_(std::move(progress)) {}

    bool interrupted() {
        if (raised_) return true;
        if (!due(signals_, 0.05)) return false;
        const py::gil_scoped_acquire lock;
        if (PyErr_CheckSignals() != 0) raised_ = std::make_unique<py::error_already_set>();
        return raised_ != nullptr;
    }
    void progress(double t) {
        if (raised_ || progress_.is_none() || !due(shown_, 0.1)) return;
        const py::gil_scoped_acquire lock;
        try {
            progress_(t);
        } catch (py::error_already_set& e) {
            raised_ = std::make_unique<py::error_already_set>(e);
        }
    }
    /// Raises the exception that Python raised meanwhile; requires the lock.
    void raise_again() {
        if (raised_) throw *std::exchange(raised_, nullptr);
    }

   private:
    using Clock = std::chrono::steady_clock;
    static bool due(Clock::time_point& last, double seconds) {
        const auto now = Clock::now();
        if (std::chrono::duration<double>(now - last).count() < seconds) return false;
        last = now;
        return true;
    }

    py::object progress_;
    Clock::time_point signals_ = Clock::now(), shown_ = Clock::now();
    std::unique_ptr<py::error_already_set> raised_;
};

std::shared_ptr<Run> simulate(const Case& the_case, RunOptions options, py::object progress) {
    Window window(std::move(progress));
    options.interrupted = [&] { return window.interrupted(); };
    options.progress = [&](double t) { window.progress(t); };
    std::shared_ptr<Run> run;
    try {
        const py::gil_scoped_release released;
        run = std::make_shared<Run>(the_case.simulate(options));
    } catch (const Error&) {
        window.raise_again();
        throw;
    }
    return run;
}

std::shared_ptr<Solution> steady(const Case& the_case, const Solution* guess, int max_iterations, bool fallback) {
    SteadyOptions options;
    options.newton.max_iterations = max_iterations;
    options.fallback = fallback;
    const py::gil_scoped_release released;
    return std::make_shared<Solution>(the_case.steady(options, guess));
}

std::vector<ValueRef> key_outputs(const Network& net) {
    std::vector<ValueRef> refs;
    for (int id = 0; id < static_cast<int>(net.components.size()); ++id) {
        const Component& c = net.component(id);
        for (int k = 0; k < static_cast<int>(c.info->outputs.size()); ++k) {
            const OutputInfo& o = c.info->outputs[k];
            if (o.key) refs.push_back({ValueRef::Kind::output, id, k, declared(o.unit), c.path + "." + o.name});
        }
    }
    return refs;
}

void write(const Case& asked, const Solution& s, const std::filesystem::path& file) {
    const std::vector<ValueRef> refs = key_outputs(s.network());
    RunFile out(file, asked, refs, asked.subject().run.tolerance);
    const std::vector<double> values = s.read(refs);
    out.row(0.0, values, values, values, values);
    out.close(s);
}

void bind_asking(py::class_<Case, std::shared_ptr<Case>>& the_case) {
    the_case.def(
        "state_of",
        [](const Case& s, const Run& run, std::size_t row) {
            const py::gil_scoped_release released;
            return std::make_shared<Solution>(s.state_of(run, row));
        },
        py::arg("run"), py::arg("row"),
        "The state at a row of a run that kept its states, with the verdicts of that time.");
    the_case
        .def(
            "find",
            [](const Case& s, const std::string& pattern) {
                if (const Knob* knob = s.subject().knob(pattern)) return std::make_shared<Found>(knob->of);
                return std::make_shared<Found>(s.find(pattern));
            },
            py::arg("pattern"), "The values of a path, a pattern or a short name; of a knob the parameters it turns.")
        .def(
            "find_parameters",
            [](const Case& s, const std::string& pattern) {
                if (const Knob* knob = s.subject().knob(pattern)) return std::make_shared<Found>(knob->of);
                return std::make_shared<Found>(s.subject().parameters(pattern));
            },
            py::arg("pattern"), "The parameters of a path, a pattern, a short name or a knob.")
        .def(
            "get", [](const Case& s, const Found& f) { return view_of(s.get(f.refs)); }, py::arg("found"),
            "Parameters as they stand [values], SI.")
        .def(
            "set", [](Case& s, const std::string& pattern, const std::string& text) { s.set(pattern, text); },
            py::arg("pattern"), py::arg("text"))
        .def(
            "set", [](Case& s, const std::string& pattern, double si) { s.set(pattern, si); }, py::arg("pattern"),
            py::arg("si"))
        .def(
            "set_each",
            [](Case& s, const Found& f, const py::buffer& si) {
                const Array<double> values(si);
                if (values.size() != f.refs.size()) throw py::value_error("give one value for each parameter");
                s.set(f.refs, std::vector<double>(values.data(), values.data() + values.size()));
            },
            py::arg("found"), py::arg("si"), "Sets each parameter to its own value, SI.")
        .def(
            "copy", [](const Case& s) { return std::make_shared<Case>(s); }, "Values of its own, the same network.");
}

void bind_assumption(py::module_& m) {
    py::class_<Assumption>(m, "Assumption", "A value that is no measurement, with the range it may lie in; SI.")
        .def_readonly("path", &Assumption::path)
        .def_readonly("parameter", &Assumption::parameter)
        .def_readonly("value", &Assumption::value)
        .def_readonly("unit", &Assumption::unit)
        .def_readonly("minimum", &Assumption::lo)
        .def_readonly("maximum", &Assumption::hi)
        .def_readonly("grade", &Assumption::grade)
        .def_readonly("source", &Assumption::source)
        .def_readonly("count", &Assumption::count)
        .def_readonly("elements", &Assumption::elements, "Paths of the components it is used in.")
        .def("__repr__", [](const Assumption& a) { return "<Assumption " + a.path + "." + a.parameter + ">"; });
}

void bind_reading(py::module_& m) {
    py::class_<LibraryEntry>(m, "LibraryEntry", "An entry of the component library.")
        .def_readonly("name", &LibraryEntry::name)
        .def_readonly("title", &LibraryEntry::title)
        .def_readonly("base", &LibraryEntry::base, "The model or entry it builds on; empty for an assembly.")
        .def_readonly("source", &LibraryEntry::source)
        .def_readonly("grade", &LibraryEntry::grade)
        .def_readonly("file", &LibraryEntry::file)
        .def("__repr__", [](const LibraryEntry& e) { return "<LibraryEntry " + e.name + ": " + e.title + ">"; });
    m.def("library", &library, "Every entry of the component library, sorted by name.");
    m.def(
        "key_outputs", [](const Case& s) { return std::make_shared<Found>(key_outputs(s.network())); }, py::arg("case"),
        "The outputs that models record by default.");
    m.def("write", &write, py::arg("case"), py::arg("solution"), py::arg("file"),
          py::call_guard<py::gil_scoped_release>(),
          "The key outputs of a solution of the case as a result file of one row.");
    m.def(
        "load",
        [](const std::filesystem::path& path, std::vector<std::filesystem::path> allow) {
            return std::make_shared<Case>(load_case(path, std::move(allow)));
        },
        py::arg("path"), py::arg("allow"), py::call_guard<py::gil_scoped_release>(),
        "The case in a file; it may name files in its folder, in the library and in the folders `allow`.");
    m.def(
        "read",
        [](const std::string& text, const std::string& name, const std::filesystem::path& folder,
           std::vector<std::filesystem::path> allow) {
            return std::make_shared<Case>(read_case(text, name, folder, {}, std::move(allow)));
        },
        py::arg("text"), py::arg("name"), py::arg("folder"), py::arg("allow"), py::call_guard<py::gil_scoped_release>(),
        "The case in a text; files it names are relative to the folder.");
}

}  // namespace

void bind_case(py::module_& m) {
    bind_assumption(m);
    py::class_<Case, std::shared_ptr<Case>> the_case(m, "Case",
                                                     "A case, its current values, and what can be asked of it.");
    the_case.def_property_readonly("title", [](const Case& s) { return s.subject().title; })
        .def_property_readonly("about", [](const Case& s) { return s.subject().about; })
        .def_property_readonly("file", [](const Case& s) { return s.subject().file; })
        .def_property_readonly("duration", [](const Case& s) { return s.subject().run.duration; })
        .def_property_readonly("every", [](const Case& s) { return s.subject().record.every; })
        .def_property_readonly("assumptions", [](const Case& s) { return s.subject().assumptions; })
        .def_property_readonly(
            "tolerances", [](const Case& s) { return s.subject().tolerances; },
            "Values with a source that states a range.")
        .def_property_readonly("sources", [](const Case& s) { return s.subject().sources; })
        .def_property_readonly("steady_at", [](const Case& s) { return s.subject().steady_load(); })
        .def_property_readonly(
            "start_at", [](const Case& s) { return s.subject().run.start == "steady" ? s.subject().start_load() : ""; },
            "The load of the steady state from which a run begins; empty where it begins at a temperature.")
        .def_property_readonly(
            "warnings", [](const Case& c) { return c.subject().warnings; }, "About the text, such as former names.")
        .def_property_readonly("notes", [](const Case& s) { return s.network().notes; })
        .def_property_readonly("unknowns", [](const Case& s) { return s.network().size(); })
        .def_property_readonly("changes", &Case::changes_text,
                               "What was set since it was read, as a JSON mapping of paths to SI; empty without.")
        .def_property_readonly("size", [](const Case& s) { return s.network().components.size(); })
        .def("steady", &steady, py::arg("guess") = nullptr, py::arg("max_iterations") = NewtonOptions{}.max_iterations,
             py::arg("fallback") = true)
        .def(
            "loadability",
            [](const Case& s, double most) {
                Loadability found;
                {
                    py::gil_scoped_release released;
                    found = s.loadability(most);
                }
                return std::make_tuple(found.factor, found.lost, found.bus, found.voltage, found.converter);
            },
            py::arg("most"),
            "Factor on all electric loads up to which a power flow exists, whether it is lost there, the weakest bus, "
            "its voltage over that without load, and the converter whose current limit ends it.")
        .def(
            "simulate",
            [](const Case& s, std::optional<double> duration, std::optional<double> every,
               std::optional<double> tolerance, const std::filesystem::path& output, std::vector<std::string> record,
               bool record_all, const std::vector<std::tuple<double, std::string, double>>& events, bool partial,
               py::object progress, bool states) {
                RunOptions options{duration, every, tolerance, output, std::move(record), record_all, {},
                                   {},       {},    partial,   states};
                for (const auto& [time, pattern, value] : events) options.events.push_back({time, pattern, value});
                return simulate(s, options, std::move(progress));
            },
            py::arg("duration"), py::arg("every"), py::arg("tolerance"), py::arg("output"), py::arg("record"),
            py::arg("record_all"), py::arg("events"), py::arg("partial"), py::arg("progress"),
            py::arg("states") = false);
    bind_asking(the_case);
    bind_reading(m);
}

}  // namespace kelvolt::bindings
