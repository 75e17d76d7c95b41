// The grammar of paths as Python sees it; kelvolt.base.paths hands it on to the package.
#include <algorithm>

#include "python/bindings.hpp"
#include "solver/network/path_pattern.hpp"

namespace kelvolt::bindings {

namespace {

std::vector<std::pair<std::string, int>> levels(std::string_view path) {
    std::vector<std::pair<std::string, int>> found;
    while (!path.empty()) {
        const PathLevel level = next_level(path);
        found.emplace_back(level.name, level.element);
    }
    return found;
}

bool any_covers(const std::vector<std::string>& patterns, std::string_view path) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) { return covers(p, path); });
}

std::vector<std::string> matching(std::string_view pattern, const std::vector<std::string>& paths) {
    const std::vector<PathStep> steps = parse_path(pattern);
    std::vector<std::string> found;
    std::copy_if(paths.begin(), paths.end(), std::back_inserter(found),
                 [&](const std::string& path) { return matches(path, steps.data(), steps.data() + steps.size()); });
    return found;
}

}  // namespace

void bind_paths(py::module_& m) {
    const auto path = py::arg("path"), text = py::arg("text"), pattern = py::arg("pattern"), paths = py::arg("paths");
    m.def("path_levels", &levels, path, "Name and index of each level; 0 stands for no index.");
    m.def("owner_of", &owner_of, path, "rack.tray[3] of rack.tray[3].power; empty for a single level.");
    m.def("last_level", &last_level, path, "power of rack.tray[3].power.");
    m.def("first_levels", &first_levels, path, py::arg("count"), "The first levels of a path.");
    m.def("array_of", &array_of, path, "rack[1].tray of rack[1].tray[3]; empty for what is no element.");
    m.def("chain_of", &chain_of, path, "hose of hose.cell[2]; of what is no cell the path itself.");
    m.def("cell_number", &cell_number, path, "2 of hose.cell[2]; 0 of what is no cell.");
    m.def("inside", &inside, path, py::arg("owner"), "Whether it is the owner, or something in it.");
    m.def("without_indices", &without_indices, text,
          "rack.tray.power of rack.tray[3].power, also in text that holds several paths.");
    m.def("any_element", &any_element, text,
          "rack.tray[*].power of rack.tray[3].power, also in text that holds several paths.");
    m.def("covers", &covers, pattern, path,
          "Whether a pattern of components stands for what is at a path, or for something that it lies in. \"one of "
          "ups[1..2]\" stands for single units, which are called \"one of ups[1].modules\".");
    m.def("any_covers", &any_covers, py::arg("patterns"), path, "Whether one of the patterns covers the path.");
    m.def("matching", &matching, pattern, paths, "The paths that a pattern names, level by level.");
    m.def("expanded", &expanded, pattern, py::arg("most"),
          "Every path that a pattern of ranges stands for; an error where they are more than `most`.");
    m.def(
        "lift_paths",
        [](std::string_view expression) {
            Lifted lifted = lift_paths(expression);
            return std::pair(std::move(lifted.text), std::move(lifted.paths));
        },
        py::arg("expression"), "An expression with path_0, path_1, … in place of its paths, and the paths.");
}

}  // namespace kelvolt::bindings
