#include "solver/model/lane_groups.hpp"

#include <map>
#include <tuple>

#include "solver/model/block.hpp"

namespace kelvolt {

namespace {

template <class List>
List part(const List& all, int instance, int count) {
    const std::size_t each = all.size() / std::size_t(count);
    return List(all.begin() + each * instance, all.begin() + each * (instance + 1));
}

}  // namespace

std::vector<LaneGroup> lane_groups(const Block& block) {
    const auto kind = [&](int i) {
        return std::tuple{part(block.choices, i, block.count), part(block.connected, i, block.count),
                          part(block.media, i, block.count), part(block.curves, i, block.count)};
    };
    std::map<decltype(kind(0)), int> last;  // for each kind, the group that is being filled
    std::vector<LaneGroup> groups;
    for (int i = 0; i < block.count; ++i) {
        auto [at, fresh] = last.try_emplace(kind(i), static_cast<int>(groups.size()));
        if (!fresh && groups[at->second].used == Pack::size) fresh = true, at->second = static_cast<int>(groups.size());
        if (fresh) groups.push_back({{}, 0, true, {}, {}});
        LaneGroup& group = groups[at->second];
        group.instance[group.used++] = i;
    }
    const int size = block.info->size;
    for (LaneGroup& group : groups) {
        for (int lane = group.used; lane < Pack::size; ++lane) group.instance[lane] = group.instance[group.used - 1];
        for (int lane = 0; lane < Pack::size; ++lane)
            group.adjacent = group.adjacent && group.instance[lane] == group.instance[0] + lane;
        group.index.resize(std::size_t(size) * Pack::size);
        for (int k = 0; k < size; ++k)
            for (int lane = 0; lane < Pack::size; ++lane)
                group.index[k * Pack::size + lane] = block.index[std::size_t(group.instance[lane]) * size + k];
        const std::size_t entries = block.entries.size();
        group.slots.resize(entries * Pack::size);
        for (std::size_t e = 0; e < entries; ++e)
            for (int lane = 0; lane < Pack::size; ++lane)
                group.slots[e * Pack::size + lane] = block.slots[std::size_t(group.instance[lane]) * entries + e];
    }
    return groups;
}

}  // namespace kelvolt
