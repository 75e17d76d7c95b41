/// The tree of components as the case describes it, with arrays expanded, before the network is built. Equal elements
/// are copies that share their values, so ten thousand trays are read once.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "solver/case/values.hpp"
#include "solver/network/path_pattern.hpp"

namespace kelvolt {

/// A value given to a component: to a parameter, or to a signal port (`param` is null).
struct Setting {
    const ParamInfo* param;
    const PortInfo* signal;
    std::shared_ptr<const Given> given;
};

/// One line of `connections`.
struct ConnectionLine {
    std::vector<std::vector<PathStep>> ends;
    std::string text;
    Where where;
};

/// What an assembly defines besides its components.
struct Assembly {
    struct Port {
        std::string name;
        std::vector<PathStep> target;
        Where where;
    };
    struct ShortName {
        std::string name;
        std::vector<std::string> targets;  ///< patterns relative to the assembly
        Where where;
    };
    std::string name;
    std::vector<Port> ports;
    std::vector<ShortName> short_names;
    std::vector<ConnectionLine> connections;

    const Port* port(std::string_view name) const;
    const ShortName* short_name(std::string_view name) const;
};

struct PartGroup;

/// One component (`info`) or one assembly (`assembly`, `groups`).
struct Part {
    Where where;
    const ModelInfo* info = nullptr;
    int cells = 0;  ///< 0: not divided
    std::vector<Setting> settings;
    std::shared_ptr<const yaml::Node> conductor;  ///< of a line, as the case says it
    std::shared_ptr<const Assembly> assembly;
    std::vector<PartGroup> groups;

    bool is_leaf() const { return info != nullptr; }
    /// Sets a value; replaces an earlier one of the same parameter or port.
    void set(const Setting& setting);
};
/// A component or assembly with its name, or the elements of an array.
struct PartGroup {
    std::string name;
    bool is_array = false;
    Where where;
    std::vector<Part> elements;
};

/// Error(input) for what is no name of a component.
void check_name(const std::string& name, const Where& where);

/// Number of components in a part, on all levels.
std::size_t leaves(const Part& part);

/// Finds parts by path, with an index for assemblies of many components.
class PartFinder {
   public:
    /// A part with its path below the root.
    struct Found {
        Part* part;
        std::string path;
        std::size_t steps;  ///< of the path that were used: the search ends at a component
    };
    /// Parts that the first `count` steps name, below `root`. With `stop_at_leaf`, the steps after a component are left
    /// to the caller (ports, cells). Error(input) states which level is wrong.
    std::vector<Found> find(Part& root, const std::string& root_path, const std::vector<PathStep>& steps,
                            std::size_t count, bool stop_at_leaf, const Where& where);

   private:
    std::unordered_map<const Part*, std::unordered_map<std::string_view, std::size_t>> index_;

    struct Walk;
    PartGroup* group_of(Part& part, std::string_view name);
    void descend(Walk& walk, Part& part, const std::string& path, std::size_t step);
};

/// Path of a child: "rack.tray" and its name.
std::string joined(const std::string& path, std::string_view name);
/// The path of element `i` (from 0) of a group.
std::string path_of(const std::string& path, const PartGroup& group, std::size_t i);

}  // namespace kelvolt
