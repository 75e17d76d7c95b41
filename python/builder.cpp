// Networks built by code: adds components and connections in bulk, so that ten thousand cost little time.
#include "solver/assembly/builder.hpp"

#include <fmt/format.h>

#include <optional>

#include "models/media/library.hpp"
#include "python/bindings.hpp"
#include "solver/case/case.hpp"
#include "solver/curve/curve.hpp"

namespace kelvolt::bindings {

namespace {

/// A Builder, usable until it has built the network.
class Draft {
   public:
    std::vector<std::string> paths;  ///< by component number
    Builder& open() {
        if (!builder_) throw input_error("this network is built; begin a new one to change its components");
        return *builder_;
    }
    Network build() {
        Builder builder = std::move(open());
        builder_.reset();
        return std::move(builder).build();
    }

   private:
    std::optional<Builder> builder_ = Builder{};
};

std::string element(const std::string& path, int i) { return fmt::format("{}[{}]", path, i + 1); }

// count 0: one component of that name; else elements path[1..count]. Returns the number of the first one.
int add(Draft& draft, const std::string& type, const std::string& path, int count) {
    Builder& builder = draft.open();
    const ModelInfo& info = model_info(type);
    int first = -1;
    for (int i = 0; i < std::max(count, 1); ++i) {
        std::string name = count == 0 ? path : element(path, i);
        const int id = builder.add(name, info);
        if (i == 0) first = id;
        draft.paths.resize(static_cast<std::size_t>(id) + 1);
        draft.paths.back() = std::move(name);
    }
    return first;
}

// calls set(path of the element, i) for every element
template <class F>
void each_element(const std::string& path, int count, F&& set) {
    if (count == 0) return set(path, 0);
    for (int i = 0; i < count; ++i) set(element(path, i), i);
}

void set_numbers(Draft& draft, const std::string& path, int count, const std::string& param, const py::buffer& buffer) {
    const Array<double> si(buffer);
    Builder& builder = draft.open();
    const auto wanted = static_cast<std::size_t>(std::max(count, 1));
    if (si.size() != 1 && si.size() != wanted)
        throw input_error(fmt::format("{}: {} has {} values for {} components; give one, or one for each", path, param,
                                      si.size(), wanted));
    each_element(path, count, [&](const std::string& p, int i) { builder.set_number(p, param, si[i]); });
}

void connect(Draft& draft, const py::buffer& a, int port_a, const py::buffer& b, int port_b) {
    const Array<std::int64_t> from(a), to(b);
    if (from.size() != to.size() && from.size() != 1 && to.size() != 1)
        throw input_error(fmt::format("{} ports cannot be paired with {}; lists of one length, or one to all",
                                      from.size(), to.size()));
    Builder& builder = draft.open();
    for (std::size_t i = 0; i < std::max(from.size(), to.size()); ++i)
        builder.connect(PortRef{static_cast<int>(from[i]), port_a}, PortRef{static_cast<int>(to[i]), port_b});
}

void connect_names(Draft& draft, const std::vector<std::string>& a, const std::vector<std::string>& b) {
    if (a.size() != b.size() && a.size() != 1 && b.size() != 1)
        throw input_error(
            fmt::format("{} ports cannot be paired with {}; lists of one length, or one to all", a.size(), b.size()));
    Builder& builder = draft.open();
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
        builder.connect(a[a.size() == 1 ? 0 : i], b[b.size() == 1 ? 0 : i]);
}

std::shared_ptr<Case> build(Draft& draft, const std::string& title) {
    BuiltCase subject;
    subject.title = title;
    subject.network = draft.build();
    return std::make_shared<Case>(std::move(subject));
}

void bind_values(py::class_<Draft>& draft) {
    draft.def("set_numbers", &set_numbers, py::arg("path"), py::arg("count"), py::arg("param"), py::arg("si"))
        .def(
            "set_choice",
            [](Draft& d, const std::string& path, int count, const std::string& param, const std::string& option) {
                each_element(path, count, [&](const std::string& p, int) { d.open().set_choice(p, param, option); });
            },
            py::arg("path"), py::arg("count"), py::arg("param"), py::arg("option"))
        .def(
            "set_medium",
            [](Draft& d, const std::string& path, int count, const std::string& param, const std::string& name) {
                const Medium& fluid = medium(name);
                each_element(path, count, [&](const std::string& p, int) { d.open().set_medium(p, param, fluid); });
            },
            py::arg("path"), py::arg("count"), py::arg("param"), py::arg("name"))
        .def(
            "set_signal",
            [](Draft& d, const std::string& path, int count, const std::string& port, double value) {
                each_element(path, count, [&](const std::string& p, int) { d.open().set_signal(p, port, value); });
            },
            py::arg("path"), py::arg("count"), py::arg("port"), py::arg("value"))
        .def(
            "set_constant_curve",
            [](Draft& d, const std::string& path, int count, const std::string& param, double y) {
                const auto curve = std::make_shared<const Curve>(Curve::constant(y));
                each_element(path, count, [&](const std::string& p, int) { d.open().set_curve(p, param, curve); });
            },
            py::arg("path"), py::arg("count"), py::arg("param"), py::arg("y"))
        .def(
            "set_table",
            [](Draft& d, const std::string& path, int count, const std::string& param, std::vector<double> x,
               std::vector<double> y, bool log_log, const std::string& source) {
                Curve table =
                    Curve::table(std::move(x), std::move(y), log_log ? Curve::Scale::log_log : Curve::Scale::linear);
                table.source = source;
                const auto curve = std::make_shared<const Curve>(std::move(table));
                each_element(path, count, [&](const std::string& p, int) { d.open().set_curve(p, param, curve); });
            },
            py::arg("path"), py::arg("count"), py::arg("param"), py::arg("x"), py::arg("y"), py::arg("log_log"),
            py::arg("source"));
}

}  // namespace

void bind_builder(py::module_& m) {
    py::class_<Draft> draft(m, "Draft",
                            "Components and connections of a network that is not built yet; numbers in SI.");
    draft.def(py::init<>())
        .def(
            "settings",
            [](Draft& d, double T_start, double junction_volume) {
                d.open().settings = {T_start, junction_volume};
            },
            py::arg("T_start"), py::arg("junction_volume"))
        .def("add", &add, py::arg("type"), py::arg("path"), py::arg("count"))
        .def(
            "add_chain",
            [](Draft& d, const std::string& type, const std::string& path, int cells) {
                d.open().add_chain(path, model_info(type), cells);
            },
            py::arg("type"), py::arg("path"), py::arg("cells"))
        .def_readonly("paths", &Draft::paths, "Of components added one by one or in bulk, by number.")
        .def(
            "model_of",
            [](Draft& d, const std::string& path) {
                d.open().members(path);  // throws an error with a similar name if there is none
                return d.open().info_of(path);
            },
            py::arg("path"), py::return_value_policy::reference)
        .def("connect", &connect, py::arg("a"), py::arg("port_a"), py::arg("b"), py::arg("port_b"))
        .def("connect_names", &connect_names, py::arg("a"), py::arg("b"))
        .def("build", &build, py::arg("title"), py::call_guard<py::gil_scoped_release>());
    bind_values(draft);
}

}  // namespace kelvolt::bindings
