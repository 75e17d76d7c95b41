/// Things counted under names, in the order in which the names were first met.
#pragma once

#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kelvolt {

/// Names must outlive it.
template <class T>
class Groups {
   public:
    T& at(std::string_view name) {
        const auto [found, added] = place_.try_emplace(name, all_.size());
        if (added) all_.emplace_back(name, T{});
        return all_[found->second].second;
    }
    std::size_t size() const { return all_.size(); }
    auto begin() const { return all_.begin(); }
    auto end() const { return all_.end(); }

   private:
    std::unordered_map<std::string_view, std::size_t> place_;
    std::vector<std::pair<std::string_view, T>> all_;
};

}  // namespace kelvolt
