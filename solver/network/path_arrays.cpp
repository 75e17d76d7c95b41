// group_by_array: groups paths such as rack.tray[3].gpu[1].T_die into arrays with named dimensions.
#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "solver/network/path_pattern.hpp"
#include "solver/network/paths.hpp"

namespace kelvolt {

namespace {

/// A path split into its name without indices and, for each indexed level, the prefix and the element.
struct Indexed {
    std::string name;
    std::vector<std::string> prefixes;
    std::vector<int> elements;
};

Indexed take_apart(std::string_view path) {
    Indexed parts;
    while (!path.empty()) {
        const PathLevel level = next_level(path);
        if (!parts.name.empty()) parts.name += '.';
        parts.name += level.name;
        if (level.element == 0) continue;
        parts.prefixes.push_back(parts.name);
        parts.elements.push_back(level.element);
    }
    return parts;
}

// Names that every result has for something else.
constexpr std::string_view taken_names[] = {"time", "time_bnds", "bnds", "seconds", "event", "warning"};

// The short name if all dimensions of that name have the same extent, else the prefix with _ for its dots: letters,
// digits and _ only, so that ds.sel(rack_tray=3) is Python. Where two would be the same, _ is appended.
std::map<std::string, std::string> dimension_names(const std::map<std::string, int>& extent_of) {
    std::map<std::string, std::vector<int>> extents;
    for (const auto& [prefix, extent] : extent_of) extents[std::string(last_level(prefix))].push_back(extent);
    std::set<std::string> used(std::begin(taken_names), std::end(taken_names));
    const auto fresh = [&](std::string name) {
        while (used.count(name)) name += '_';
        used.insert(name);
        return name;
    };
    std::map<std::string, std::string> short_names, names;
    const auto is_one = [&](const std::string& last) {
        const auto& same_name = extents.at(last);
        return std::all_of(same_name.begin(), same_name.end(), [&](int e) { return e == same_name.front(); });
    };
    for (const auto& [last, all] : extents)
        if (is_one(last)) short_names[last] = fresh(last);
    for (const auto& [prefix, extent] : extent_of) {
        const std::string last(last_level(prefix));
        std::string whole = prefix;
        std::replace(whole.begin(), whole.end(), '.', '_');
        names[prefix] = is_one(last) ? short_names.at(last) : fresh(std::move(whole));
    }
    return names;
}

}  // namespace

std::size_t ArrayLayout::size() const {
    return std::accumulate(sizes.begin(), sizes.end(), std::size_t{1}, std::multiplies<>());
}

std::vector<ArrayGroup> group_by_array(const std::vector<ValueRef>& values) {
    std::vector<Indexed> parts;
    std::map<std::string, int> extent_of;
    for (const ValueRef& value : values) {
        parts.push_back(take_apart(value.path));
        for (std::size_t d = 0; d < parts.back().prefixes.size(); ++d) {
            int& extent = extent_of[parts.back().prefixes[d]];
            extent = std::max(extent, parts.back().elements[d]);
        }
    }
    const auto names = dimension_names(extent_of);
    std::vector<ArrayGroup> groups;
    std::map<std::string, std::size_t> group_of;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Indexed& p = parts[i];
        const auto [at, fresh] = group_of.try_emplace(p.name, groups.size());
        if (fresh) {
            groups.push_back({{p.name, {}, {}, {}}, {}});
            for (const std::string& prefix : p.prefixes) {
                groups.back().layout.dims.push_back(names.at(prefix));
                groups.back().layout.sizes.push_back(static_cast<std::size_t>(extent_of.at(prefix)));
            }
        }
        ArrayGroup& group = groups[at->second];
        std::size_t position = 0;
        for (std::size_t d = 0; d < p.elements.size(); ++d)
            position = position * group.layout.sizes[d] + static_cast<std::size_t>(p.elements[d] - 1);
        group.layout.position.push_back(position);
        group.values.push_back(i);
    }
    return groups;
}

}  // namespace kelvolt
