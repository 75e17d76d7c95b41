// The content of a built network as flat lists, in which reports find branches and circuits without knowing any model.
#include "solver/network/network.hpp"

#include "models/media/medium.hpp"
#include "python/bindings.hpp"
#include "python/found.hpp"
#include "solver/case/case.hpp"
#include "solver/units/attribute.hpp"

namespace kelvolt::bindings {

const char* kind_name(ValueRef::Kind kind) {
    static const char* names[] = {"parameter", "unknown", "potential", "flow", "output", "discrete"};
    return names[static_cast<int>(kind)];
}

namespace {

const ModelInfo* info_of(const Network& net, const ValueRef& ref) { return net.component(ref.component).info; }

std::string doc_of(const Network& net, const ValueRef& ref) {
    const ModelInfo& info = *info_of(net, ref);
    switch (ref.kind) {
        case ValueRef::Kind::output:
            return info.outputs[ref.index].doc;
        case ValueRef::Kind::discrete:
            return info.discretes[ref.index].doc;
        case ValueRef::Kind::unknown:
            for (const UnknownInfo& u : info.unknowns)
                if (u.local == ref.index) return u.doc;
            return {};
        case ValueRef::Kind::parameter:
            for (const ParamInfo& p : info.params)
                if (p.type == ParamInfo::Type::number && p.index == ref.index) return p.doc;
            return {};
        default:
            return {};
    }
}

/// The network as lists; the ports of all components are numbered consecutively.
struct Topology {
    std::vector<std::string> paths, types, media, node_kinds;
    std::vector<int> port_component, port_number, port_node, node_first, node_circuit;
    std::vector<bool> closed;
    std::vector<std::vector<int>> references;  ///< per circuit: components that fix its pressure
};

Topology topology_of(const Network& net) {
    Topology t;
    std::vector<int> first_port{0};
    for (const Component& c : net.components) {
        t.paths.push_back(c.path);
        t.types.push_back(c.info->type);
        first_port.push_back(first_port.back() + static_cast<int>(c.info->ports.size()));
        for (std::size_t k = 0; k < c.info->ports.size(); ++k) {
            t.port_component.push_back(static_cast<int>(t.paths.size()) - 1);
            t.port_number.push_back(static_cast<int>(k));
        }
    }
    t.port_node.assign(t.port_component.size(), -1);
    for (std::size_t n = 0; n < net.nodes.size(); ++n) {
        const Node& node = net.nodes[n];
        t.node_kinds.emplace_back(node.kind->name);
        t.node_first.push_back(node.first);
        t.node_circuit.push_back(node.circuit);
        for (const PortRef& p : node.ports) t.port_node[first_port[p.component] + p.port] = static_cast<int>(n);
    }
    for (const Circuit& c : net.circuits) {
        t.media.push_back(c.medium ? c.medium->name : "");
        t.closed.push_back(c.closed);
        std::vector<int> components;
        for (const PortRef& r : c.references) components.push_back(r.component);
        t.references.push_back(std::move(components));
    }
    return t;
}

}  // namespace

void bind_network(py::module_& m) {
    py::class_<Found, std::shared_ptr<Found>>(m, "Found",
                                              "The values that one pattern names, and the arrays they form.")
        .def("__len__", [](const Found& f) { return f.refs.size(); })
        .def_property_readonly("paths",
                               [](const Found& f) {
                                   std::vector<std::string> paths;
                                   for (const ValueRef& r : f.refs) paths.push_back(r.path);
                                   return paths;
                               })
        .def(
            "kind", [](const Found& f, std::size_t i) { return kind_name(f.refs.at(i).kind); }, py::arg("i"))
        .def(
            "unit", [](const Found& f, std::size_t i) { return units::declared_unit(f.refs.at(i).quantity); },
            py::arg("i"))
        .def(
            "component", [](const Found& f, std::size_t i) { return f.refs.at(i).component; }, py::arg("i"))
        .def_property_readonly(
            "groups",
            [](const Found& f) {
                std::vector<std::tuple<std::string, std::vector<std::string>, std::vector<std::size_t>,
                                       std::vector<std::size_t>, std::vector<std::size_t>>>
                    all;
                for (const ArrayGroup& g : f.groups)
                    all.emplace_back(g.layout.name, g.layout.dims, g.layout.sizes, g.values, g.layout.position);
                return all;
            },
            "Per array: name, dimensions, sizes, numbers of its values, their row-major positions.");
    py::class_<Topology>(m, "Topology", "Components, ports, nodes and circuits of a built network as flat lists.")
        .def_readonly("paths", &Topology::paths)
        .def_readonly("types", &Topology::types)
        .def_readonly("port_component", &Topology::port_component)
        .def_readonly("port_number", &Topology::port_number)
        .def_readonly("port_node", &Topology::port_node)
        .def_readonly("node_kinds", &Topology::node_kinds)
        .def_readonly("node_first", &Topology::node_first)
        .def_readonly("node_circuit", &Topology::node_circuit)
        .def_readonly("media", &Topology::media)
        .def_readonly("closed", &Topology::closed)
        .def_readonly("references", &Topology::references);
    m.def(
        "topology", [](const Case& s) { return topology_of(s.network()); }, py::arg("case"),
        "The network of a case as flat lists.");
    m.def(
        "doc_of", [](const Case& s, const Found& f, std::size_t i) { return doc_of(s.network(), f.refs.at(i)); },
        py::arg("case"), py::arg("found"), py::arg("i"), "What value i of a pattern means.");
}

}  // namespace kelvolt::bindings
