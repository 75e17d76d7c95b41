#include "solver/network/path_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace kelvolt {

namespace {

constexpr std::size_t longest_pattern = 1000;

// pattern matching with "*" only; iterative, so that the work is at most the product of both lengths
bool glob(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p, ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

class PathReader {
   public:
    enum class Kind { pattern, component };
    PathReader(std::string_view path, Kind kind, const Where& where) : path_(path), kind_(kind), where_(where) {}

    std::vector<PathStep> read() {
        if (path_.empty()) fail("it is empty");
        if (kind_ == Kind::pattern && path_.size() > longest_pattern)
            fail(fmt::format("it is longer than {} characters", longest_pattern));
        std::vector<PathStep> steps;
        std::size_t begin = 0;
        while (true) {
            const std::size_t dot = end_of_level(path_, begin);
            PathStep step = read_step(path_.substr(begin, dot - begin));
            // "**.**" means the same as "**" and would cost much more
            if (!(step.any_depth() && !steps.empty() && steps.back().any_depth())) steps.push_back(std::move(step));
            if (dot == path_.size()) return steps;
            begin = dot + 1;
        }
    }
    [[noreturn]] void fail(std::string_view why) const {
        const char* what =
            kind_ == Kind::pattern ? "the path '{}' cannot be read: {}" : "'{}' is not a component name: {}";
        throw input_error(fmt::format(fmt::runtime(what), path_, why), where_);
    }

   private:
    std::string_view path_;
    Kind kind_;
    const Where& where_;

    PathStep read_step(std::string_view text) const {
        const std::size_t open = text.find('[');
        PathStep step;
        step.name = std::string(text.substr(0, open));
        if (step.name.empty()) fail("a level between the dots is empty");
        for (char c : step.name)
            if (!is_of_name(c) && (c != '*' || kind_ == Kind::component))
                fail(fmt::format("'{}' is not allowed in a name; use letters, digits{}", c,
                                 kind_ == Kind::pattern ? ", _ and * for any text" : " and _"));
        if (open == std::string_view::npos) return step;
        if (step.any_depth()) fail("** stands for any levels and has no index; write **.name[n]");
        if (text.back() != ']' || text.find('[', open + 1) != std::string_view::npos)
            fail("write an index as [n], [a..b] or [*] at the end of a name");
        read_index(text.substr(open + 1, text.size() - open - 2), step);
        return step;
    }
    void read_index(std::string_view text, PathStep& step) const {
        if (text == "*") {
            step.index = PathStep::Index::all;
            return;
        }
        step.index = PathStep::Index::range;
        const std::size_t dots = text.find("..");
        step.first = count(text.substr(0, dots));
        step.last = dots == std::string_view::npos ? step.first : count(text.substr(dots + 2));
        if (step.last < step.first)
            fail(fmt::format("the range [{}..{}] runs backwards; write [{}..{}]", step.first, step.last, step.last,
                             step.first));
    }
    /// A number beyond every index counts as the largest.
    int count(std::string_view text) const {
        int n = 0;
        const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), n);
        if (status == std::errc::result_out_of_range) n = std::numeric_limits<int>::max();
        if (text.empty() || status == std::errc::invalid_argument || end != text.data() + text.size())
            fail(fmt::format("'{}' is not an index; write [n], [a..b] or [*]", text));
        if (n < 1) fail(fmt::format("[{}] does not exist: counting starts at 1", n));
        return n;
    }
};

}  // namespace

bool PathStep::holds_name(std::string_view text) const { return name_is_pattern() ? glob(name, text) : name == text; }

bool PathStep::holds_index(int element) const {
    switch (index) {
        case Index::none:
            return element == 0;
        case Index::all:
            return element > 0;
        case Index::range:
            return element >= first && element <= last;
    }
    return false;
}

std::vector<PathStep> parse_path(std::string_view pattern, const Where& where) {
    return PathReader(pattern, PathReader::Kind::pattern, where).read();
}

void check_path(std::string_view path, const Where& where) {
    PathReader reader(path, PathReader::Kind::component, where);
    const auto steps = reader.read();
    // what reads alike and is written otherwise: a[01], a[2..2]
    if (!std::all_of(steps.begin(), steps.end(), [](const PathStep& s) { return s.is_exact(); }) ||
        text_of(steps, steps.size()) != path)
        reader.fail("an element has one number, without zeros before it");
}

namespace {

/// With `within`, does it match a component that `path` lies in? The last step then stands for an array, too.
bool match(std::string_view path, const PathStep* first, const PathStep* last, bool within) {
    // every other step takes one level, so only the last "**" ever needs to be extended, and no work is repeated
    const PathStep* after_any = nullptr;
    std::string_view taken;  // what follows the levels taken by the last "**"
    while (true) {
        if (first != last && first->any_depth()) {
            after_any = ++first;
            taken = path;
            continue;
        }
        if (first == last && (within || path.empty())) return true;
        if (first != last && !path.empty()) {
            const PathLevel level = next_level(path);
            const bool any_element = within && first + 1 == last && first->index == PathStep::Index::none;
            if (first->holds_name(level.name) && (any_element || first->holds_index(level.element))) {
                ++first;
                continue;
            }
        }
        if (!after_any || taken.empty()) return false;
        next_level(taken);
        path = taken;
        first = after_any;
    }
}

}  // namespace

bool matches(std::string_view path, const PathStep* first, const PathStep* last) {
    return match(path, first, last, false);
}

Cover::Cover(std::string_view pattern, const Where& where)
    : one_of_(pattern.starts_with(one_of)), steps_(parse_path(pattern.substr(one_of_ ? one_of.size() : 0), where)) {}

bool Cover::holds(std::string_view path) const {
    if (path.starts_with(one_of) != one_of_) return false;
    return match(path.substr(one_of_ ? one_of.size() : 0), steps_.data(), steps_.data() + steps_.size(), true);
}

bool covers(std::string_view pattern, std::string_view path) { return Cover(pattern).holds(path); }

std::vector<std::string> expanded(std::string_view pattern, std::size_t most) {
    const std::vector<PathStep> steps = parse_path(pattern);
    std::size_t count = 1;
    for (const PathStep& s : steps) {
        const std::size_t elements = s.index == PathStep::Index::range ? s.last - s.first + 1 : 1;
        if (elements > most / count)
            throw input_error(fmt::format("{}: a range names at most {} ports", pattern, most));
        count *= elements;
    }
    std::vector<std::string> paths{""};
    for (const PathStep& s : steps) {
        std::vector<std::string> longer;
        longer.reserve(count);
        for (const std::string& path : paths)
            for (int i = s.first; i <= s.last; ++i) {
                PathStep one = s;
                one.first = one.last = i;
                longer.push_back((path.empty() ? "" : path + ".") + text_of(one));
            }
        paths = std::move(longer);
    }
    return paths;
}

std::string text_of(const PathStep& step) {
    switch (step.index) {
        case PathStep::Index::none:
            return step.name;
        case PathStep::Index::all:
            return step.name + "[*]";
        case PathStep::Index::range:
            break;
    }
    return step.first == step.last ? fmt::format("{}[{}]", step.name, step.first)
                                   : fmt::format("{}[{}..{}]", step.name, step.first, step.last);
}

std::string text_of(const std::vector<PathStep>& steps, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += (i ? "." : "") + text_of(steps[i]);
    return text;
}

}  // namespace kelvolt
