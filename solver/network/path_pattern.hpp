/// The grammar of value paths: "rack.tray[3].gpu[1..2].power", "tray[*].q*", "**.T_die". Counting starts at 1.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "solver/error.hpp"

namespace kelvolt {

/// One level of a path, in text order.
struct PathStep {
    enum class Index { none, all, range };
    std::string name;  ///< may hold '*' in a pattern; "**" stands for any number of levels
    Index index = Index::none;
    int first = 0, last = 0;  ///< of a range; equal for one element

    bool any_depth() const { return name == "**"; }
    bool name_is_pattern() const { return name.find('*') != std::string::npos; }
    /// Does this step stand for exactly one element or a component without index?
    bool is_exact() const {
        return !name_is_pattern() && (index == Index::none || (index == Index::range && first == last));
    }
    bool holds_name(std::string_view text) const;
    /// `element` 0 means "not an element of an array".
    bool holds_index(int element) const;
};

/// Splits a pattern into steps. Error(input) quotes the pattern and says what is wrong with it.
std::vector<PathStep> parse_path(std::string_view pattern, const Where& where = {});

/// A level of a plain path, without copies.
struct PathLevel {
    std::string_view name;
    int element = 0;  ///< 0: no index
};
/// Takes the first level off `path`; `path` must be well-formed (made by the builder).
PathLevel next_level(std::string_view& path);
/// "rack.tray[3].gpu[1]" to "rack.tray[*].gpu[*]".
std::string any_element(std::string_view path);

/// Does `path` match the steps [first, last)?
bool matches(std::string_view path, const PathStep* first, const PathStep* last);

/// Does a pattern of components name what stands at `path`, or something that it lies in? `**` stands for any text, `*`
/// for text within a name or an index, `[1..3]` for those indices; all else is meant as it stands, so that a pattern
/// may also name what is no path ("one of ups[1..2]"). The work is bounded by the product of both lengths.
bool covers(std::string_view pattern, std::string_view path);
/// Error(input) for a pattern of components that is too long or whose range runs backwards.
void check_pattern(std::string_view pattern, const Where& where);

/// "tray[1..18]" and the like, back to text.
std::string text_of(const PathStep& step);
std::string text_of(const std::vector<PathStep>& steps, std::size_t count);

}  // namespace kelvolt
