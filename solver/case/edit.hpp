/// The editor of case texts. It works on the tree that was read, so that messages still name the lines of the file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "solver/case/yaml.hpp"

namespace kelvolt {

/// A value at a dotted path of a case replaced: "components.pump.model" by the text of another value, in YAML or JSON.
/// Items of a list are counted from 1; the last key may be new.
struct Edit {
    std::string path, value;
};

/// Error(input) where the path leads to nothing.
void apply(const Edit& edit, yaml::Node& root);

/// The path into the text of a case that "cdu.coolant" means beside "components.cdu.coolant"; a key of a component may
/// be one that is left to its default. None where the text has no such place.
std::optional<std::string> path_in_text(const yaml::Node& root, std::string_view path);

/// A tree as text, in YAML's manner of JSON, each key on the line it was read from where that is possible.
std::string written(const yaml::Node& root);

}  // namespace kelvolt
