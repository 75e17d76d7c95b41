// Builder::build: makes the immutable Network from components and connections.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "solver/assembly/builder.hpp"
#include "solver/assembly/heights.hpp"
#include "solver/assembly/index_check.hpp"
#include "solver/electric/energised.hpp"
#include "solver/model/registry.hpp"
#include "solver/network/union_find.hpp"

namespace kelvolt {

class NetworkAssembly {
   public:
    explicit NetworkAssembly(Builder builder) : b_(std::move(builder)) {}

    Network build() {
        give_constants_to_open_signals();
        find_nodes();
        add_junction_volumes();
        check_parameters_given();
        make_blocks();
        number_unknowns();
        find_circuits();
        fill_blocks();
        check_parameter_sets();
        check_pressures();
        node_heights(net_, net_.initial);
        make_structure();
        for (auto& block : net_.blocks) block->prepare();
        add_electric_graph(net_);
        check_index(net_);
        return std::move(net_);
    }

   private:
    Builder b_;
    Network net_;
    std::vector<int> node_of_;  // per running number of a port
    std::map<const ModelInfo*, int> block_of_;

    int running(PortRef r) const { return b_.first_port_[r.component] + r.port; }
    std::string name_of(PortRef r) const {
        return b_.drafts_[r.component].path + "." + b_.drafts_[r.component].info->ports[r.port].name;
    }
    const PortInfo& info_of(PortRef r) const { return b_.drafts_[r.component].info->ports[r.port]; }

    void give_constants_to_open_signals() {
        std::vector<char> connected(b_.port_count_, 0);
        for (const auto& [a, b] : b_.joins_) connected[running(a)] = connected[running(b)] = 1;
        const int count = static_cast<int>(b_.drafts_.size());
        for (int c = 0; c < count; ++c) {
            const ModelInfo& info = *b_.drafts_[c].info;
            for (int k = 0; k < static_cast<int>(info.ports.size()); ++k) {
                const PortInfo& port = info.ports[k];
                if (!port.kind->is_signal || port.writes || connected[running({c, k})]) continue;
                const std::string path = b_.drafts_[c].path;
                const Where where = b_.drafts_[c].where;
                if (std::isnan(port.otherwise))
                    throw topology_error(
                        fmt::format("{}.{}: no signal is connected ({}); connect a sensor or controller, or "
                                    "give it a number",
                                    path, port.name, port.doc),
                        where);
                b_.set_signal(path, port.name, port.otherwise, where);
            }
        }
    }

    void find_nodes() {
        UnionFind sets(b_.port_count_);
        for (const auto& [a, b] : b_.joins_) sets.join(running(a), running(b));
        node_of_.assign(b_.port_count_, -1);
        for (int c = 0; c < static_cast<int>(b_.drafts_.size()); ++c)
            for (int k = 0; k < static_cast<int>(b_.drafts_[c].info->ports.size()); ++k) {
                const PortRef ref{c, k};
                const int root = sets.find(running(ref));
                if (node_of_[root] < 0) {
                    node_of_[root] = static_cast<int>(net_.nodes.size());
                    net_.nodes.push_back({info_of(ref).kind, 0, -1, {}});
                }
                node_of_[running(ref)] = node_of_[root];
                net_.nodes[node_of_[root]].ports.push_back(ref);
            }
        check_nodes();
    }

    void check_nodes() const {
        for (const Node& node : net_.nodes) {
            const PortRef first = node.ports.front();
            const Where where = b_.drafts_[first.component].where;
            if (node.kind->is_signal) {
                std::vector<std::string> writers;
                for (PortRef r : node.ports)
                    if (info_of(r).writes) writers.push_back(name_of(r));
                if (writers.size() != 1)
                    throw topology_error(
                        fmt::format("the signal at {} is written by {}: {}; every signal has exactly one writer",
                                    name_of(first), writers.empty() ? "nothing" : "several components",
                                    fmt::join(writers, ", ")),
                        where);
            } else if (node.ports.size() == 1 && node.kind->name != "heat") {
                throw topology_error(fmt::format("{} is connected to nothing ({}); connect it, or {}", name_of(first),
                                                 info_of(first).doc, remedy_of(first)),
                                     where);
            }
        }
    }

    std::string remedy_of(PortRef open) const {
        const PortInfo& port = info_of(open);
        if (!(port.kind->electric > 0.0))
            return "close it with a component of one port (fluid: model: " + closed_end().type + ")";
        const ModelInfo& info = *b_.drafts_[open.component].info;
        for (const PortInfo& fed : info.ports)  // another input may be connected to the same bus
            for (const int other : fed.feeders)
                if (fed.feeders.size() > 1 && other != open.port &&
                    std::find(fed.feeders.begin(), fed.feeders.end(), open.port) != fed.feeders.end())
                    return fmt::format("join it to the bus of {}", info.ports[other].name);
        return "remove " + b_.drafts_[open.component].path;
    }

    /// The model of a place that only holds coolant: a junction with one port.
    static const ModelInfo& closed_end() {
        static const ModelInfo& found =
            model_of(Role::junction, [](const ModelInfo& m) { return m.ports.size() == 1; });
        return found;
    }

    // A fluid node whose energy balance has no storage gets a small volume, so that its temperature is determined in
    // time. Nodes between two cells of one chain get none: the flow from one cell into the other determines the
    // temperature, and dividing a pipe must not add coolant.
    void add_junction_volumes() {
        const ModelInfo& volume = closed_end();
        const int nodes = static_cast<int>(net_.nodes.size());
        std::vector<char> inner(nodes, 0);
        for (PortRef r : b_.inner_joints_)
            if (const int n = node_of_[running(r)]; net_.nodes[n].ports.size() == 2) inner[n] = 1;
        int added = 0;
        for (int n = 0; n < nodes; ++n) {
            if (!net_.nodes[n].kind->has_medium || inner[n] || stores_energy(net_.nodes[n])) continue;
            const PortRef at = net_.nodes[n].ports.front();
            const std::string path = fmt::format("{}_junction", name_of(at));
            const int id = b_.add(path, volume, b_.drafts_[at.component].where);
            b_.set_number(path, volume.params.front().name, b_.settings.junction_volume);
            node_of_.push_back(n);
            net_.nodes[n].ports.push_back({id, 0});
            ++added;
        }
        if (added > 0)
            net_.notes.push_back(fmt::format("{} connections without a volume of their own hold {:g} mL each (assumed)",
                                             added, b_.settings.junction_volume * 1e6));
    }

    bool stores_energy(const Node& node) {
        for (PortRef r : node.ports) {
            const int row = info_of(r).first + 1;  // a fluid port is (p, T)
            for (const LocalEntry& e : block_for(b_.drafts_[r.component].info).entries)
                if (e.row == row && e.col == row && e.on_der) return true;
        }
        return false;
    }

    Block& block_for(const ModelInfo* info) {
        const auto [found, fresh] = block_of_.try_emplace(info, static_cast<int>(net_.blocks.size()));
        if (fresh) net_.blocks.push_back(info->make());
        return *net_.blocks[found->second];
    }

    void check_parameters_given() const {
        for (const auto& draft : b_.drafts_)
            for (const ParamInfo& p : draft.info->params) {
                const bool missing =
                    (p.type == ParamInfo::Type::number && p.required && std::isnan(draft.numbers[p.index])) ||
                    (p.type == ParamInfo::Type::curve && p.required && !draft.curves[p.index]) ||
                    (p.type == ParamInfo::Type::medium && !draft.media[p.index]);
                if (missing)
                    throw input_error(
                        fmt::format("{}: {} is missing ({}{}); model {} has no default for it", draft.path, p.name,
                                    p.doc, p.unit.empty() || p.unit == "1" ? "" : ", in " + p.unit, draft.info->type),
                        draft.where);
            }
    }

    void make_blocks() {
        for (auto& draft : b_.drafts_) {
            Block& block = block_for(draft.info);
            net_.components.push_back({draft.path, draft.info, block_of_[draft.info], block.count++, draft.where});
        }
        place_alike_together();
        for (auto& [path, ids] : b_.members_)
            if (ids.size() == 1 && b_.drafts_[ids[0]].path == path) net_.by_path.emplace(path, ids[0]);
        std::size_t params = 0, discretes = 0;
        for (auto& block : net_.blocks) {
            block->param_offset = params;
            block->discrete_offset = discretes;
            params += std::size_t(block->info->numbers) * block->count;
            discretes += block->info->discretes.size() * block->count;
        }
        net_.initial.params.resize(params);
        net_.initial.discretes.resize(discretes);
    }

    // Orders instances so that those which differ in numbers only follow each other: groups of eight then read their
    // matrix columns in one load.
    void place_alike_together() {
        using Kind = std::pair<std::vector<int>, std::vector<std::shared_ptr<const Curve>>>;
        std::vector<std::map<Kind, std::vector<int>>> alike(net_.blocks.size());
        std::vector<std::vector<std::vector<int>*>> in_order(net_.blocks.size());  // of first appearance
        for (int c = 0; c < static_cast<int>(net_.components.size()); ++c) {
            const int b = net_.components[c].block;
            const auto [at, fresh] = alike[b].try_emplace({b_.drafts_[c].choices, b_.drafts_[c].curves});
            if (fresh) in_order[b].push_back(&at->second);
            at->second.push_back(c);
        }
        for (const auto& groups : in_order) {
            int instance = 0;
            for (const auto* group : groups)
                for (int c : *group) net_.components[c].instance = instance++;
        }
    }

    void number_unknowns() {
        const auto add = [&](double nominal, double start, Domain domain, std::string_view unit,
                             bool integrator = false) {
            net_.nominal.push_back(nominal);
            net_.start.push_back(start);
            net_.domain.push_back(domain);
            net_.temperature.push_back(unit == "K");
            net_.integrator.push_back(integrator);
        };
        for (Node& node : net_.nodes) {
            node.first = net_.size();
            double signal = 1.0;
            bool in_kelvin = false;
            for (PortRef r : node.ports)
                if (info_of(r).writes) signal = info_of(r).nominal, in_kelvin = info_of(r).writes_temperature;
            for (const auto& pair : node.kind->pairs) {
                const double nominal = pair.nominal * signal;
                const double start = pair.unit == "K" || in_kelvin ? b_.settings.T_start
                                     : pair.unit == "Pa_abs"       ? 2e5
                                                                   : nominal;
                add(nominal, start, pair.domain, pair.unit);
            }
        }
        for (auto& block : net_.blocks) block->index.resize(std::size_t(block->count) * block->info->size);
        for (int c = 0; c < static_cast<int>(net_.components.size()); ++c) {
            const Component& comp = net_.components[c];
            int* index = net_.blocks[comp.block]->index.data() + std::size_t(comp.instance) * comp.info->size;
            for (int k = 0; k < static_cast<int>(comp.info->ports.size()); ++k) {
                const PortInfo& port = comp.info->ports[k];
                for (int q = 0; q < static_cast<int>(port.kind->pairs.size()); ++q)
                    index[port.first + q] = net_.nodes[node_of_[running({c, k})]].first + q;
            }
            for (const UnknownInfo& u : comp.info->unknowns) {
                index[u.local] = net_.size();
                const ParamInfo* stated = comp.info->param(u.name + "_start");
                const double start = stated ? b_.drafts_[c].numbers[stated->index] : u.start;
                const double otherwise = u.domain == Domain::thermal && u.unit == "K" ? b_.settings.T_start : u.nominal;
                add(u.nominal, std::isnan(start) ? otherwise : start, u.domain, u.unit, u.integrator);
            }
        }
    }

    void find_circuits() {
        const int nodes = static_cast<int>(net_.nodes.size());
        UnionFind sets(nodes);
        for (int c = 0; c < static_cast<int>(net_.components.size()); ++c) {
            std::map<int, int> seen;  // the component's circuit number -> one of its nodes
            const auto& ports = net_.components[c].info->ports;
            for (int k = 0; k < static_cast<int>(ports.size()); ++k) {
                if (!ports[k].kind->has_medium) continue;
                const int node = node_of_[running({c, k})];
                const auto [it, fresh] = seen.try_emplace(ports[k].circuit, node);
                if (!fresh) sets.join(it->second, node);
            }
        }
        std::map<int, int> number;
        for (int n = 0; n < nodes; ++n) {
            if (!net_.nodes[n].kind->has_medium) continue;
            const auto [it, fresh] = number.try_emplace(sets.find(n), static_cast<int>(net_.circuits.size()));
            if (fresh) net_.circuits.push_back({nullptr, {}, true});
            net_.nodes[n].circuit = it->second;
        }
        for (const Node& node : net_.nodes)
            if (node.circuit >= 0)
                for (PortRef r : node.ports)
                    if (info_of(r).reference != Reference::none) net_.circuits[node.circuit].references.push_back(r);
        for (int k = 0; k < static_cast<int>(net_.circuits.size()); ++k) check_circuit(k);
    }

    void check_circuit(int k) {
        Circuit& circuit = net_.circuits[k];
        const auto node = std::ranges::find(net_.nodes, k, &Node::circuit);
        const std::string where_about = name_of(node->ports.front());
        const Where where = b_.drafts_[node->ports.front().component].where;
        std::vector<std::string> names;
        int vessels = 0, boundaries = 0;
        for (PortRef r : circuit.references) {
            names.push_back(name_of(r));
            (info_of(r).reference == Reference::vessel ? vessels : boundaries) += 1;
            const auto& media = b_.drafts_[r.component].media;
            if (media.empty()) continue;
            if (circuit.medium && circuit.medium != media.front())
                throw topology_error(
                    fmt::format("the circuit around {} is given two coolants by {}; a circuit holds one", where_about,
                                fmt::join(names, " and ")),
                    where);
            circuit.medium = media.front();
        }
        circuit.closed = boundaries == 0;
        if (names.empty())
            throw topology_error(
                fmt::format("the circuit around {} has no pressure reference; connect an expansion_vessel (closed "
                            "circuit) or a facility supply and return (open circuit)",
                            where_about),
                where);
        if (vessels > 1 || (vessels == 1 && boundaries > 0))
            throw topology_error(
                fmt::format("the circuit around {} has {} pressure references ({}); a closed circuit has one "
                            "expansion vessel, an open one has boundaries only",
                            where_about, names.size(), fmt::join(names, ", ")),
                where);
        if (!circuit.medium)
            throw topology_error(
                fmt::format("the circuit around {} has no coolant; give `medium` at {}", where_about, names[0]), where);
    }

    void fill_blocks() {
        auto decides = [&](PortRef r) { return info_of(r).writes && b_.drafts_[r.component].info->ports.size() > 1; };
        for (auto& block : net_.blocks) {
            const std::size_t ports = block->info->ports.size();
            block->media.assign(ports * block->count, nullptr);
            block->circuits.assign(ports * block->count, -1);
            block->connected.assign(ports * block->count, 1);
        }
        for (int c = 0; c < static_cast<int>(net_.components.size()); ++c) {
            const Component& comp = net_.components[c];
            auto& draft = b_.drafts_[c];
            Block& block = *net_.blocks[comp.block];
            for (std::size_t k = 0; k < comp.info->ports.size(); ++k) {
                const Node& node = net_.nodes[node_of_[running({c, int(k)})]];
                const std::size_t at = std::size_t(comp.instance) * comp.info->ports.size() + k;
                block.connected[at] =
                    node.kind->is_signal ? std::ranges::any_of(node.ports, decides) : node.ports.size() > 1;
                const int circuit = node.circuit;
                if (circuit < 0) continue;
                block.circuits[at] = circuit;
                block.media[at] = net_.circuits[circuit].medium;
            }
            for (std::size_t j = 0; j < draft.numbers.size(); ++j)
                net_.initial.params[net_.param_position(comp, static_cast<int>(j))] = draft.numbers[j];
            for (std::size_t j = 0; j < comp.info->discretes.size(); ++j)
                net_.initial.discretes[block.discrete_offset + j * block.count + comp.instance] =
                    comp.info->discretes[j].initial;
            // in the order of instances, which differs from that of components
            block.choices.resize(draft.choices.size() * block.count);
            std::copy(draft.choices.begin(), draft.choices.end(),
                      block.choices.begin() + comp.instance * draft.choices.size());
            block.curves.resize(draft.curves.size() * block.count);
            for (std::size_t j = 0; j < draft.curves.size(); ++j) {
                block.curves[comp.instance * draft.curves.size() + j] = draft.curves[j].get();
                if (draft.curves[j]) net_.curves.push_back(draft.curves[j]);
            }
        }
    }

    void check_parameter_sets() const {
        for (const Component& c : net_.components)
            if (const std::string problem = net_.block_of(c).problem(c.instance, net_.initial); !problem.empty())
                throw input_error(c.path + ": " + problem, c.where);
    }

    bool holds_pressure(PortRef r) const {
        const Component& c = net_.components[r.component];
        return info_of(r).reference != Reference::none &&
               net_.block_of(c).holds_pressure(c.instance, r.port, net_.initial);
    }
    // Checks that every circuit has a pressure reference and no connection has two.
    void check_pressures() const {
        for (const Node& node : net_.nodes) {
            std::vector<std::string> names;
            for (PortRef r : node.ports)
                if (holds_pressure(r)) names.push_back(name_of(r));
            if (names.size() > 1)
                throw topology_error(
                    fmt::format("{} are joined directly and each fixes the pressure there; put a component with a "
                                "pressure drop (pipe, valve) between them, or leave one out",
                                fmt::join(names, " and ")),
                    b_.drafts_[node.ports.front().component].where);
        }
        for (const Circuit& circuit : net_.circuits) {
            std::vector<std::string> names;
            for (PortRef r : circuit.references) names.push_back(name_of(r));
            if (std::ranges::any_of(circuit.references, [&](PortRef r) { return holds_pressure(r); })) continue;
            throw topology_error(
                fmt::format("the circuit at {} has boundaries of given flow only: nothing fixes its level of pressure, "
                            "and inflow and outflow need not be equal; make one of them a boundary of given pressure "
                            "(return_line, or a supply with mode: pressure and p)",
                            fmt::join(names, " and ")),
                b_.drafts_[circuit.references.front().component].where);
        }
    }

    void make_structure() {
        const int n = net_.size();
        struct Entry {
            std::int64_t key;  // col * n + row
            char flags;
            bool operator<(const Entry& other) const { return key < other.key; }
        };
        std::vector<Entry> all;
        const auto for_each_entry = [&](auto&& visit) {
            for (auto& block : net_.blocks)
                for (int i = 0; i < block->count; ++i)
                    for (const LocalEntry& e : block->entries) {
                        const int* g = &block->index[std::size_t(i) * block->info->size];
                        visit(*block, std::int64_t(g[e.col]) * n + g[e.row], e);
                    }
        };
        for_each_entry([&](Block&, std::int64_t key, const LocalEntry& e) {
            all.push_back({key, static_cast<char>((e.on_value ? 1 : 0) | (e.on_der ? 2 : 0))});
        });
        std::sort(all.begin(), all.end());
        std::vector<std::int64_t> keys;
        Structure& s = net_.structure;
        s.col_ptr.assign(n + 1, 0);
        for (const Entry& e : all) {
            if (keys.empty() || keys.back() != e.key) {
                keys.push_back(e.key);
                s.row.push_back(e.key % n);
                s.col_ptr[e.key / n + 1] += 1;
                s.on_value.push_back(0);
                s.on_der.push_back(0);
            }
            if (e.flags & 1) s.on_value.back() = 1;
            if (e.flags & 2) s.on_der.back() = 1;
        }
        std::partial_sum(s.col_ptr.begin(), s.col_ptr.end(), s.col_ptr.begin());
        for_each_entry([&](Block& block, std::int64_t key, const LocalEntry&) {
            block.slots.push_back(static_cast<int>(std::lower_bound(keys.begin(), keys.end(), key) - keys.begin()));
        });
        net_.differential.assign(n, 0);
        for (int col = 0; col < n; ++col)
            for (auto k = s.col_ptr[col]; k < s.col_ptr[col + 1]; ++k)
                if (s.on_der[k]) net_.differential[col] = 1;
    }
};

Network Builder::build() && {
    if (drafts_.empty()) throw input_error("the case has no components; list some under `components:`");
    tie_ports();
    return NetworkAssembly(std::move(*this)).build();
}

}  // namespace kelvolt
