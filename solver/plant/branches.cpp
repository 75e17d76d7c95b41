#include "solver/plant/branches.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <tuple>
#include <unordered_set>

#include "solver/network/path_text.hpp"
#include "solver/plant/groups.hpp"

namespace kelvolt {

namespace {

/// Components of one element.
struct Element {
    std::string_view path;
    std::vector<int> components;
};
/// One element with what coolant it passes.
struct Part {
    std::string_view path;
    std::vector<int> components;
    Crossing crossing;  ///< of the circuit with the largest flow
    double heat;        ///< W, gained by the coolant of all circuits: what one circuit gives another inside is none
};
struct Key {
    std::size_t rank;
    double T, m_flow;
};

Part part_of(const Element& e, const std::vector<Crossing>& crossings, bool through_only) {
    Part part{e.path, e.components, {}, 0.0};
    const Crossing* largest = nullptr;
    for (const Crossing& x : crossings) {
        part.heat += x.heat;
        const bool counts = !through_only || (!x.nodes_in.empty() && !x.nodes_out.empty());
        if (counts && (!largest || x.m_flow > largest->m_flow)) largest = &x;
    }
    part.crossing = *largest;
    return part;
}

bool passes(const std::vector<Crossing>& crossings) {
    return std::any_of(crossings.begin(), crossings.end(),
                       [](const Crossing& x) { return !x.nodes_in.empty() && !x.nodes_out.empty(); });
}

class BranchFinder {
   public:
    explicit BranchFinder(const Plant& plant) : plant_(plant) { find_arrays(); }

    std::vector<Part> find(const std::optional<std::string>& level) {
        if (level) return of_level(*level);
        std::vector<std::pair<std::string_view, std::vector<Part>>> cooled;
        std::unordered_set<std::string_view> names;
        for (const auto& [name, elements] : arrays_) {
            std::optional<std::vector<Part>> parts = parallel(elements);
            if (!parts || std::none_of(parts->begin(), parts->end(), [&](const Part& p) { return is_cooled(p); }))
                continue;
            names.insert(name);
            cooled.emplace_back(name, std::move(*parts));
        }
        std::vector<Part> found;
        for (auto& [name, parts] : cooled)
            if (!lies_in(name, names)) std::move(parts.begin(), parts.end(), std::back_inserter(found));
        return found.empty() ? heated_components() : found;
    }

   private:
    const Plant& plant_;
    std::deque<std::string> names_;            // of arrays: paths without indices
    Groups<std::vector<std::size_t>> arrays_;  // by name ("rack.tray"): its elements
    std::vector<Element> elements_;            // "rack[1].tray[3]"

    void find_arrays() {
        std::unordered_map<std::string_view, std::size_t> known;
        for (int c = 0; c < plant_.size(); ++c) {
            const std::string_view path = plant_.network().components[c].path;
            for (std::string_view rest = path; !rest.empty();) {
                if (next_level(rest).element == 0) continue;
                const std::size_t after = rest.empty() ? path.size() : path.size() - rest.size() - 1;
                const std::string_view element = path.substr(0, after);
                const auto [found, added] = known.try_emplace(element, elements_.size());
                if (added) {
                    elements_.push_back({element, {}});
                    arrays_.at(names_.emplace_back(without_indices(element))).push_back(found->second);
                }
                elements_[found->second].components.push_back(c);
            }
        }
    }

    static bool lies_in(std::string_view name, const std::unordered_set<std::string_view>& outer) {
        while (!(name = owner_of(name)).empty())
            if (outer.contains(name)) return true;
        return false;
    }

    std::vector<Part> of_level(const std::string& level) {
        std::vector<std::string_view> others;
        for (const auto& [name, elements] : arrays_)
            if (name == level)
                if (std::optional<std::vector<Part>> parts = parallel(elements)) return std::move(*parts);
        for (const auto& [name, elements] : arrays_)
            if (parallel(elements)) others.push_back(name);
        throw input_error(fmt::format("'{}' is no array of parallel branches; there is {}", level,
                                      others.empty() ? "none" : fmt::format("{}", fmt::join(others, ", "))));
    }

    /// How the main coolant crosses each element; nothing when they do not lie side by side.
    std::optional<std::vector<Part>> parallel(const std::vector<std::size_t>& elements) const {
        if (elements.size() < 2) return {};
        std::vector<Part> parts;
        for (const std::size_t e : elements) {
            const std::vector<Crossing> crossings = plant_.crossings(elements_[e].components);
            if (!passes(crossings)) return {};
            parts.push_back(part_of(elements_[e], crossings, true));
        }
        // a node that one element fills and the next one drains makes a row, unless all share the same ends
        std::unordered_set<int> inlets;
        for (const Part& p : parts) inlets.insert(p.crossing.nodes_in.begin(), p.crossing.nodes_in.end());
        const bool row = std::any_of(parts.begin(), parts.end(), [&](const Part& p) {
            const std::vector<int>& out = p.crossing.nodes_out;
            return std::any_of(out.begin(), out.end(), [&](int n) { return inlets.contains(n); });
        });
        if (row && !same_ends(parts)) return {};
        return parts;
    }

    static bool same_ends(const std::vector<Part>& parts) {
        const auto ends = [](const Part& p) {
            std::vector<int> all = p.crossing.nodes_in;
            all.insert(all.end(), p.crossing.nodes_out.begin(), p.crossing.nodes_out.end());
            std::sort(all.begin(), all.end());
            return all;
        };
        const std::vector<int> first = ends(parts.front());
        return std::all_of(parts.begin(), parts.end(), [&](const Part& p) { return ends(p) == first; });
    }

    /// Does power enter here that is no pump's, by itself or over wires, and warm the coolant?
    ///
    /// What rejects heat (a dry cooler) is none, although its fans take power, and neither is what passes heat from one
    /// circuit to another (a CDU), whichever of the two carries more.
    bool is_cooled(const Part& part) const {
        double inside = 0.0, pumps = 0.0;
        bool powered = false, joined = false;
        for (const int c : part.components) {
            const double watts = plant_.power()[c];
            if (plant_.is_pump(c)) pumps += watts;
            if (plant_.is_pump(c) || plant_.is_reference(c)) continue;
            inside += watts;
            powered = powered || watts > 0.0;
            joined = joined || plant_.is_wired(c);
        }
        return powered ? part.heat > -inside : part.heat > 1.5 * pumps && joined;
    }

    /// Components that share a heat node with a chip, cells of one chain together, with the chips on them.
    std::vector<Part> heated_components() const {
        const Network& net = plant_.network();
        std::vector<char> chip(net.components.size(), 0);
        for (const int c : plant_.having_output("T_case")) chip[c] = 1;
        Groups<std::vector<int>> members;
        for (int c = 0; c < plant_.size(); ++c) {
            if (plant_.fluid_ports(c).empty()) continue;
            for (int p = plant_.first_port(c); p < plant_.first_port(c + 1); ++p) {
                const Node& node = net.nodes[plant_.port_node(p)];
                if (node.kind->name != "heat") continue;
                std::vector<int> chips;
                for (const PortRef& other : node.ports)
                    if (chip[other.component]) chips.push_back(other.component);
                if (chips.empty()) continue;
                std::vector<int>& all = members.at(chain_of(net.components[c].path));
                all.push_back(c);
                all.insert(all.end(), chips.begin(), chips.end());
            }
        }
        std::vector<Part> found;
        for (auto [path, components] : members) {
            std::sort(components.begin(), components.end());
            components.erase(std::unique(components.begin(), components.end()), components.end());
            const std::vector<Crossing> crossings = plant_.crossings(components);
            if (!crossings.empty()) found.push_back(part_of({path, std::move(components)}, crossings, false));
        }
        return found;
    }
};

/// Per component the place of its worst verdict among all; a value's path stands for its component.
std::vector<std::size_t> worst_verdicts(const Plant& plant, const std::vector<Verdict>& verdicts) {
    std::vector<std::size_t> worst(plant.network().components.size(), verdicts.size());
    const auto note = [&](std::string_view path, std::size_t rank) {
        if (const int c = plant.network().find(path); c >= 0) worst[c] = std::min(worst[c], rank);
    };
    for (std::size_t rank = 0; rank < verdicts.size(); ++rank) {
        if (!verdicts[rank].assessed()) continue;
        const std::string_view element = verdicts[rank].element;
        note(element, rank);
        note(owner_of(element), rank);
    }
    return worst;
}

}  // namespace

std::vector<Branch> find_branches(const Plant& plant, const std::vector<Verdict>& verdicts,
                                  const std::optional<std::string>& level) {
    BranchFinder finder(plant);
    const std::vector<Part> parts = finder.find(level);
    const std::vector<std::size_t> worst = worst_verdicts(plant, verdicts);
    std::vector<std::pair<Key, Branch>> ranked;
    for (const Part& part : parts) {
        const Crossing& x = part.crossing;
        double T_die = std::nan(""), T_case = std::nan("");
        std::size_t rank = verdicts.size();
        for (const int c : part.components) {
            T_die = std::fmax(T_die, plant.output(c, "T_die"));
            T_case = std::fmax(T_case, plant.output(c, "T_case"));
            rank = std::min(rank, worst[c]);
        }
        Branch b{std::string(part.path), x.m_flow, x.V_flow, x.p_in - x.p_out, x.heat, x.T_in, x.T_out, T_die, T_case,
                 std::nan(""),           "1",      "",       "not assessed"};
        if (rank < verdicts.size()) {
            const Verdict& v = verdicts[rank];
            b.margin = v.margin(), b.margin_unit = v.unit, b.limit = v.id, b.verdict = v.word(), b.margin_time = v.time;
        }
        ranked.emplace_back(Key{rank, std::fmax(std::fmax(T_die, T_case), 0.0), x.m_flow}, std::move(b));
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
        return std::tuple(a.first.rank, -a.first.T, a.first.m_flow) <
               std::tuple(b.first.rank, -b.first.T, b.first.m_flow);
    });
    std::vector<Branch> found;
    for (auto& [key, branch] : ranked) found.push_back(std::move(branch));
    return found;
}

}  // namespace kelvolt
