#include "solver/case/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "solver/network/path_diagnosis.hpp"

namespace kelvolt {

const Assembly::Port* Assembly::port(std::string_view wanted) const {
    const auto found = std::find_if(ports.begin(), ports.end(), [&](const Port& p) { return p.name == wanted; });
    return found == ports.end() ? nullptr : &*found;
}

const Assembly::ShortName* Assembly::short_name(std::string_view wanted) const {
    const auto found =
        std::find_if(short_names.begin(), short_names.end(), [&](const ShortName& s) { return s.name == wanted; });
    return found == short_names.end() ? nullptr : &*found;
}

void Part::set(const Setting& setting) {
    for (Setting& s : settings)
        if (s.param == setting.param && s.signal == setting.signal) {
            s = setting;
            return;
        }
    settings.push_back(setting);
}

void check_name(const std::string& name, const Where& where) {
    const bool plain =
        !name.empty() && name.size() <= 100 && std::isalpha(static_cast<unsigned char>(name[0])) &&
        std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    if (!plain)
        throw input_error(
            fmt::format("'{}' is not a component name; begin with a letter and use letters, digits and _ (count: n "
                        "makes an array)",
                        name),
            where);
}

std::size_t leaves(const Part& part) {
    if (part.is_leaf()) return static_cast<std::size_t>(std::max(1, part.cells));
    std::size_t n = 0;
    // all elements of an array have the same number of components
    for (const PartGroup& g : part.groups) n += g.elements.empty() ? 0 : g.elements.size() * leaves(g.elements.front());
    return n;
}

std::string joined(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

std::string path_of(const std::string& path, const PartGroup& group, std::size_t i) {
    return group.is_array ? fmt::format("{}[{}]", joined(path, group.name), i + 1) : joined(path, group.name);
}

struct PartFinder::Walk {
    const std::vector<PathStep>& steps;
    std::size_t count;
    bool stop_at_leaf;
    const Where& where;
    std::vector<Found> found;
    bool several_depths;  ///< with two "**" a part can be reached in several ways
    std::set<std::pair<const Part*, std::size_t>> seen;
};

PartGroup* PartFinder::group_of(Part& part, std::string_view name) {
    constexpr std::size_t few = 16;
    if (part.groups.size() <= few) {
        for (PartGroup& g : part.groups)
            if (g.name == name) return &g;
        return nullptr;
    }
    auto& index = index_[&part];
    if (index.empty())
        for (std::size_t i = 0; i < part.groups.size(); ++i) index.emplace(part.groups[i].name, i);
    const auto found = index.find(name);
    return found == index.end() ? nullptr : &part.groups[found->second];
}

namespace {
[[noreturn]] void refuse_step(const Part& part, const std::string& path, const PathStep& step, const Where& where) {
    std::vector<std::string> known;
    for (const PartGroup& g : part.groups) {
        if (g.name == step.name && !step.name_is_pattern())
            throw input_error(index_problem(step, g.is_array ? static_cast<int>(g.elements.size()) : 0, path), where);
        known.push_back(g.name);
    }
    std::string hint = did_you_mean(step.name, known);
    throw input_error(fmt::format("{} has no component '{}'{}; it has {}", path.empty() ? "the case" : path, step.name,
                                  hint, listed(known)),
                      where);
}
}  // namespace

void PartFinder::descend(Walk& walk, Part& part, const std::string& path, std::size_t step) {
    if (walk.several_depths && !walk.seen.emplace(&part, step).second) return;
    if (step == walk.count || (part.is_leaf() && walk.stop_at_leaf)) {
        walk.found.push_back({&part, path, step});
        return;
    }
    const PathStep& s = walk.steps[step];
    if (s.any_depth()) {
        descend(walk, part, path, step + 1);
        for (PartGroup& g : part.groups)
            for (std::size_t i = 0; i < g.elements.size(); ++i) descend(walk, g.elements[i], path_of(path, g, i), step);
        return;
    }
    const auto enter = [&](PartGroup& g) {
        if (!g.is_array) {
            if (s.holds_index(0)) descend(walk, g.elements.front(), joined(path, g.name), step + 1);
            return s.holds_index(0);
        }
        if (s.index == PathStep::Index::none ||
            (s.index == PathStep::Index::range && s.last > static_cast<int>(g.elements.size())))
            return false;
        const std::size_t first = s.index == PathStep::Index::all ? 0 : static_cast<std::size_t>(s.first - 1);
        const std::size_t last = s.index == PathStep::Index::all ? g.elements.size() : static_cast<std::size_t>(s.last);
        for (std::size_t i = first; i < last; ++i) descend(walk, g.elements[i], path_of(path, g, i), step + 1);
        return true;
    };
    bool any = false;
    if (s.name_is_pattern()) {
        for (PartGroup& g : part.groups)
            if (s.holds_name(g.name)) any = enter(g) || any;
    } else if (PartGroup* g = group_of(part, s.name)) {
        any = enter(*g);
    }
    const bool searched_widely = std::any_of(walk.steps.begin(), walk.steps.begin() + static_cast<std::ptrdiff_t>(step),
                                             [](const PathStep& before) { return before.any_depth(); });
    if (!any && !searched_widely) refuse_step(part, path, s, walk.where);
}

std::vector<PartFinder::Found> PartFinder::find(Part& root, const std::string& root_path,
                                                const std::vector<PathStep>& steps, std::size_t count,
                                                bool stop_at_leaf, const Where& where) {
    const auto depths = std::count_if(steps.begin(), steps.end(), [](const PathStep& s) { return s.any_depth(); });
    Walk walk{steps, count, stop_at_leaf, where, {}, depths > 1, {}};
    descend(walk, root, root_path, 0);
    return std::move(walk.found);
}

}  // namespace kelvolt
