#include "solver/assembly/index_check.hpp"

#include <btf.h>
#include <fmt/format.h>

namespace kelvolt {

namespace {

// the ports at the node of an unknown, " (at a.port, b.port)"; empty for an unknown of a component itself
std::string ports_at(const Network& net, int unknown) {
    std::vector<std::string> ports;
    for (const Node& node : net.nodes)
        if (unknown >= node.first && unknown < node.first + static_cast<int>(node.kind->pairs.size()))
            for (const PortRef& p : node.ports)
                ports.push_back(net.components[p.component].path + "." +
                                net.components[p.component].info->ports[p.port].name);
    return ports.empty() ? "" : fmt::format(" (at {})", fmt::join(ports, ", "));
}

// the stored unknowns that an equation determines, by name
std::string stored_in(const Network& net, int equation) {
    const Structure& s = net.structure;
    std::vector<std::string> names;
    for (int col = 0; col < net.size(); ++col)
        for (auto k = s.col_ptr[col]; k < s.col_ptr[col + 1]; ++k)
            if (s.row[k] == equation && s.on_value[k] && net.differential[col])
                names.push_back(net.variable_name(col) + ports_at(net, col));
    return names.empty() ? "" : fmt::format(" fixes {}", fmt::join(names, " and "));
}

}  // namespace

void check_index(const Network& net) {
    const int n = net.size();
    const Structure& s = net.structure;
    std::vector<std::int64_t> ptr(n + 1, 0), row;
    for (int col = 0; col < n; ++col) {
        for (auto k = s.col_ptr[col]; k < s.col_ptr[col + 1]; ++k)
            if (net.differential[col] ? s.on_der[k] : s.on_value[k]) row.push_back(s.row[k]);
        ptr[col + 1] = static_cast<std::int64_t>(row.size());
    }
    std::vector<std::int64_t> match(n), work(5 * std::size_t(n) + 1);
    double flops = 0.0;
    if (btf_l_maxtrans(n, n, ptr.data(), row.data(), 0.0, &flops, match.data(), work.data()) == n) return;
    std::vector<std::string> unmatched;
    for (int r = 0; r < n && unmatched.size() < 4; ++r)
        if (match[r] < 0) unmatched.push_back(net.equation_name(r) + stored_in(net, r));
    throw topology_error(
        fmt::format("the transient problem would not be index 1: {}. Something fixes a quantity that something "
                    "else stores; put a conductance (or resistance) between them",
                    fmt::join(unmatched, "; ")));
}

}  // namespace kelvolt
