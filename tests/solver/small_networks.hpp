/// Small networks with known answers, and reading of them by component and port: shared by the tests of the solver's
/// core.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "models/media/library.hpp"
#include "solver/assembly/builder.hpp"
#include "solver/steady/steady.hpp"

namespace kelvolt::test {

inline const Component& component(const Network& net, const std::string& path) {
    const int id = net.find(path);
    if (id < 0) throw input_error("test: no component " + path);
    return net.component(id);
}
/// Global number of a port's potential ("p" and "T" of a fluid port are 0 and 1).
inline int node(const Network& net, const std::string& path, const std::string& port, int pair = 0) {
    const Component& c = component(net, path);
    return net.global(c, c.info->port(port)->first + pair);
}
/// Global number of a component's unknown.
inline int unknown_of(const Network& net, const std::string& path, const std::string& name) {
    const Component& c = component(net, path);
    return net.global(c, c.info->unknowns[c.info->unknown(name)].local);
}
inline std::size_t param_of(const Network& net, const std::string& path, const std::string& name) {
    const Component& c = component(net, path);
    return net.param_position(c, c.info->param(name)->index);
}

/// Adds a component and its numbers in SI.
inline void put(Builder& b, const std::string& path, const char* model,
                std::initializer_list<std::pair<const char*, double>> numbers = {}) {
    b.add(path, model_info(model));
    for (const auto& [name, value] : numbers) b.set_number(path, name, value);
}
inline void heat_to_surroundings(Builder& b, const std::string& path, const std::string& port, double G, double T) {
    put(b, path + "_G", "conductance", {{"G", G}});
    put(b, path, "ambient", {{"T", T}});
    b.connect(path + "_G.a", port);
    b.connect(path + "_G.b", path + ".port");
}

/// heat_source -> C[1] - G - C[2] - G - ... - C[n] - G - ambient. The temperature of lump i is read at node("C<i>",
/// "port").
inline Builder heat_ladder(int n, double C, double G, double power, double T_ambient) {
    Builder b;
    put(b, "source", "heat_source", {{"power", power}});
    for (int i = 1; i <= n; ++i) {
        put(b, fmt::format("C{}", i), "heat_capacity", {{"C", C}});
        put(b, fmt::format("G{}", i), "conductance", {{"G", G}});
        b.connect(fmt::format("G{}.a", i), fmt::format("C{}.port", i));
        if (i > 1) b.connect(fmt::format("G{}.b", i - 1), fmt::format("C{}.port", i));
    }
    put(b, "ambient", "ambient", {{"T", T_ambient}});
    b.connect("source.port", "C1.port");
    b.connect(fmt::format("G{}.b", n), "ambient.port");
    return b;
}

/// A medium of constant properties, for closed forms.
inline Medium constant_medium(double rho, double cp, double mu = 1e-3, double k = 0.6) {
    Medium m;
    m.name = m.title = m.source = "constant";
    m.T_min = m.hold_min = 200.0;
    m.T_max = m.hold_max = 500.0;
    m.rho_fit.c[0] = rho;
    m.cp_fit.c[0] = cp;
    m.k_fit.c[0] = k;
    m.mu_fit.c[0] = std::log(mu);
    return m;
}

/// Coolant from a supply of fixed flow.
inline void flow_supply(Builder& b, const std::string& path, const Medium& medium, double T, double V_flow) {
    put(b, path, "supply", {{"T", T}, {"V_flow", V_flow}});
    b.set_choice(path, "mode", "flow");
    b.set_medium(path, "medium", medium);
}
inline void pressure_supply(Builder& b, const std::string& path, const Medium& medium, double T, double p) {
    put(b, path, "supply", {{"T", T}, {"p", p}});
    b.set_choice(path, "mode", "pressure");
    b.set_medium(path, "medium", medium);
}

}  // namespace kelvolt::test
