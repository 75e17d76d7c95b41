#include "solver/network/path_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace kelvolt {

namespace {

// glob with '*' only; iterative, so a long name cannot cost more than its square
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

class PatternReader {
   public:
    PatternReader(std::string_view pattern, const Where& where) : pattern_(pattern), where_(where) {}

    std::vector<PathStep> read() {
        if (pattern_.empty()) fail("it is empty");
        if (pattern_.size() > 1000) fail("it is longer than 1000 characters");
        std::vector<PathStep> steps;
        std::size_t begin = 0;
        while (true) {
            const std::size_t dot = end_of_step(begin);
            PathStep step = read_step(pattern_.substr(begin, dot - begin));
            // "**.**" says no more than "**" and would cost much more
            if (!(step.any_depth() && !steps.empty() && steps.back().any_depth())) steps.push_back(std::move(step));
            if (dot == pattern_.size()) return steps;
            begin = dot + 1;
        }
    }

   private:
    std::string_view pattern_;
    const Where& where_;

    [[noreturn]] void fail(const std::string& why) const {
        throw input_error(fmt::format("the path '{}' cannot be read: {}", pattern_, why), where_);
    }
    // dots inside brackets ("[1..4]") do not end a step
    std::size_t end_of_step(std::size_t at) const {
        bool inside = false;
        for (; at < pattern_.size(); ++at) {
            if (pattern_[at] == '[') inside = true;
            if (pattern_[at] == ']') inside = false;
            if (pattern_[at] == '.' && !inside) break;
        }
        return at;
    }
    PathStep read_step(std::string_view text) const {
        const std::size_t open = text.find('[');
        PathStep step;
        step.name = std::string(text.substr(0, open));
        if (step.name.empty()) fail("a level between the dots is empty");
        for (char c : step.name)
            if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '*')
                fail(fmt::format("'{}' is not allowed in a name; use letters, digits, _ and * for any text", c));
        if (open == std::string_view::npos) return step;
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
    int count(std::string_view text) const {
        int n = 0;
        const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), n);
        if (text.empty() || status != std::errc() || end != text.data() + text.size())
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
    return PatternReader(pattern, where).read();
}

PathLevel next_level(std::string_view& path) {
    std::size_t at = 0;
    while (at < path.size() && path[at] != '.' && path[at] != '[') ++at;
    PathLevel level{path.substr(0, at), 0};
    if (at < path.size() && path[at] == '[') {
        const auto [end, status] = std::from_chars(path.data() + at + 1, path.data() + path.size(), level.element);
        at = static_cast<std::size_t>(end - path.data()) + 1;
    }
    path.remove_prefix(std::min(path.size(), at + 1));
    return level;
}

bool matches(std::string_view path, const PathStep* first, const PathStep* last) {
    for (; first != last; ++first) {
        if (first->any_depth()) {
            // any number of levels, none included
            while (!matches(path, first + 1, last)) {
                if (path.empty()) return false;
                next_level(path);
            }
            return true;
        }
        if (path.empty()) return false;
        const PathLevel level = next_level(path);
        if (!first->holds_name(level.name) || !first->holds_index(level.element)) return false;
    }
    return path.empty();
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
