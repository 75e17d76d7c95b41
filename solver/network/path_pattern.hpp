/// The grammar of paths, the only one: "rack.tray[3].gpu[1..2].power", "tray[*].q*", "**.T_die". A path has levels with a
/// dot between them; a level is a name of letters, digits and _, and the element of an array has its number behind it,
/// counted from 1. A pattern may have * for any text in a name, [a..b] or [*] for elements, ** for any levels.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "solver/error.hpp"
#include "solver/network/path_text.hpp"

namespace kelvolt {

/// One level of a path, in text order.
struct PathStep {
    enum class Index { none, all, range };
    std::string name;  ///< may contain "*" in a pattern; "**" means any number of levels
    Index index = Index::none;
    int first = 0, last = 0;  ///< of a range; equal for one element

    bool any_depth() const { return name == "**"; }
    bool name_is_pattern() const { return name.find('*') != std::string::npos; }
    /// Does this step name exactly one element, or a component without index?
    bool is_exact() const {
        return !name_is_pattern() && (index == Index::none || (index == Index::range && first == last));
    }
    bool holds_name(std::string_view text) const;
    /// `element` 0 means "not an element of an array".
    bool holds_index(int element) const;
};

/// Splits a pattern into steps. Error(input) quotes the pattern and states what is wrong with it.
std::vector<PathStep> parse_path(std::string_view pattern, const Where& where = {});

/// Does `path` match the steps [first, last)?
bool matches(std::string_view path, const PathStep* first, const PathStep* last);

/// A pattern of components that stands for what lies inside them, too: "rack" covers rack, rack[2] and rack[2].tray.
/// "one of ups[1..2]" covers single units only, which are called "one of ups[1].modules"; no other pattern covers those.
constexpr std::string_view one_of = "one of ";
class Cover {
   public:
    /// Error(input) as parse_path.
    explicit Cover(std::string_view pattern, const Where& where = {});
    bool holds(std::string_view path) const;

   private:
    bool one_of_;
    std::vector<PathStep> steps_;
};
bool covers(std::string_view pattern, std::string_view path);

/// Every path that a pattern of ranges stands for, "tray[1..18].inlet"; * and [*] stay as they are. Error(input) where
/// they are more than `most`.
std::vector<std::string> expanded(std::string_view pattern, std::size_t most);

/// The text of a step: "tray[1..18]" and the like.
std::string text_of(const PathStep& step);
std::string text_of(const std::vector<PathStep>& steps, std::size_t count);

/// Error(input) for what is no path of a component.
void check_path(std::string_view path, const Where& where);

}  // namespace kelvolt
