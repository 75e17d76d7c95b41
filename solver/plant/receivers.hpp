/// Where heat of electric parts goes: to coolant, to fixed surroundings, or into a room from which machines move it on.
///
/// What meets at a connection of heat ports mixes: each receiver takes the same share of the heat of every part there,
/// in proportion to the heat that flows towards it. What heats up on the way is no receiver; its share goes where the
/// rest goes.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "solver/plant/plant.hpp"

namespace kelvolt {

class HeatReceivers {
   public:
    /// A component (surroundings, what stores the heat of a room, a machine) or one of these.
    static constexpr int coolant = -1, not_known = -2;

    /// Refers to the plant, which must outlive it.
    explicit HeatReceivers(const Plant& plant);

    /// W that leaves a component by its heat ports, by what receives it, in ascending order.
    std::vector<std::pair<int, double>> of(int component) const;
    /// "coolant", "not known" or the path of a component.
    std::string_view name(int receiver) const;

   private:
    using Shares = std::vector<std::pair<int, double>>;  // receiver and share, which sum to 1

    void find_nodes();
    int end_at(int node) const;
    int room_at(int node) const;
    void find_nearest();
    void divide(int node);
    void pass_on(int node, int component, double watts, Shares& found) const;

    const Plant& plant_;
    std::vector<char> moves_;  // per component: states electric power
    std::vector<int> heat_nodes_;
    std::vector<std::vector<int>> ports_;  // per node: its heat ports, none at other nodes
    std::vector<int> nearest_;             // per node: the receiver with the fewest components between
    std::vector<Shares> shares_;           // per node; empty: not divided (yet)
};

}  // namespace kelvolt
