/// Plain paths, and the paths that other text holds; the grammar is that of path_pattern.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kelvolt {

/// A level of a plain path, without copies.
struct PathLevel {
    std::string_view name;
    int element = 0;  ///< 0: no index
};
/// Takes the first level off `path`. Of text that is no path the levels mean nothing.
PathLevel next_level(std::string_view& path);

/// "rack.tray[3]" of "rack.tray[3].power"; empty for a single level.
std::string_view owner_of(std::string_view path);
/// "power" of "rack.tray[3].power"
std::string_view last_level(std::string_view path);
/// The first `count` levels.
std::string_view first_levels(std::string_view path, int count);
/// "rack[1].tray" of "rack[1].tray[3]"; empty for what is no element.
std::string_view array_of(std::string_view path);

/// "hose" of "hose.cell[2]"; of what is no cell the path itself.
std::string_view chain_of(std::string_view path);
/// 2 of "hose.cell[2]"; 0 of what is no cell.
int cell_number(std::string_view path);

/// Is it `owner`, or something in it? The array rack is the owner of rack[2], too.
bool inside(std::string_view path, std::string_view owner);

/// "rack.tray.power" of "rack.tray[3].power", and of patterns. Also in text that holds several paths.
std::string without_indices(std::string_view text);
/// "rack.tray[*].power" of "rack.tray[3].power", and of patterns. Also in text that holds several paths.
std::string any_element(std::string_view text);

/// The paths of an expression in their order, and the expression with path_0, path_1, … in their place. A path has two
/// levels or more; where an operator may stand, * and ** are operators, elsewhere they begin a pattern.
struct Lifted {
    std::string text;
    std::vector<std::string> paths;
};
Lifted lift_paths(std::string_view expression);

// ---- what the grammar is made of ----

inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_of_name(char c) { return is_letter(c) || is_digit(c); }
/// Where the level that begins at `at` ends; dots inside brackets ("[1..4]") do not end it.
std::size_t end_of_level(std::string_view path, std::size_t at);

}  // namespace kelvolt
