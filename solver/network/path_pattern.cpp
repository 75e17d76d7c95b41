#include "solver/network/path_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace kelvolt {

namespace {

constexpr std::size_t longest_pattern = 1000;

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
        if (pattern_.size() > longest_pattern) fail(fmt::format("it is longer than {} characters", longest_pattern));
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

std::string any_element(std::string_view path) {
    std::string pattern;
    while (!path.empty()) {
        const PathLevel level = next_level(path);
        pattern += pattern.empty() ? "" : ".";
        pattern += level.name;
        if (level.element > 0) pattern += "[*]";
    }
    return pattern;
}

bool matches(std::string_view path, const PathStep* first, const PathStep* last) {
    // every other step takes one level, so that only the last "**" ever needs to take more: no work is done twice over
    const PathStep* after_any = nullptr;
    std::string_view taken;  // what the last "**" left
    while (true) {
        if (first != last && first->any_depth()) {
            after_any = ++first;
            taken = path;
            continue;
        }
        if (first == last && path.empty()) return true;
        if (first != last && !path.empty()) {
            const PathLevel level = next_level(path);
            if (first->holds_name(level.name) && first->holds_index(level.element)) {
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

namespace {

/// A pattern of components in pieces.
struct Piece {
    enum class Kind { letter, within, any, range } kind;
    char letter = 0;
    std::uint64_t first = 0, last = 0;
};

/// The number that digits from `at` on write, and how many they are; a number beyond every index counts as the largest.
std::pair<std::uint64_t, std::size_t> digits_of(std::string_view text, std::size_t at) {
    std::uint64_t n = 0;
    std::size_t count = 0;
    for (; at + count < text.size() && text[at + count] >= '0' && text[at + count] <= '9'; ++count)
        n = std::min<std::uint64_t>(n * 10 + static_cast<std::uint64_t>(text[at + count] - '0'), 1'000'000'000'000);
    return {n, count};
}

/// "[1..3]" at `at`: the piece and its length; length 0 for anything else.
std::pair<Piece, std::size_t> range_at(std::string_view text, std::size_t at) {
    const auto [first, n] = text[at] == '[' ? digits_of(text, at + 1) : std::pair<std::uint64_t, std::size_t>{};
    if (n == 0 || text.substr(at + 1 + n, 2) != "..") return {};
    const auto [last, m] = digits_of(text, at + 3 + n);
    if (m == 0 || text.substr(at + 3 + n + m, 1) != "]") return {};
    return {{Piece::Kind::range, 0, first, last}, n + m + 4};
}

std::vector<Piece> pieces_of(std::string_view pattern) {
    std::vector<Piece> pieces;
    for (std::size_t at = 0; at < pattern.size();) {
        if (const auto [range, length] = range_at(pattern, at); length > 0) {
            pieces.push_back(range);
            at += length;
        } else if (pattern[at] == '*') {
            const std::size_t end = std::min(pattern.find_first_not_of('*', at), pattern.size());
            pieces.push_back({end - at > 1 ? Piece::Kind::any : Piece::Kind::within});
            at = end;
        } else {
            pieces.push_back({Piece::Kind::letter, pattern[at++]});
        }
    }
    return pieces;
}

}  // namespace

bool covers(std::string_view pattern, std::string_view path) {
    using Kind = Piece::Kind;
    const std::vector<Piece> pieces = pieces_of(pattern);
    const std::size_t width = pieces.size() + 1;
    // reached[t * width + p]: the first t letters of the path are taken by the first p pieces
    std::vector<char> reached(width * (path.size() + 1), 0);
    reached[0] = 1;
    for (std::size_t t = 0; t <= path.size(); ++t) {
        char* const here = reached.data() + t * width;
        const bool at_end = t == path.size();
        const char next = at_end ? '.' : path[t];
        for (std::size_t p = 0; p < width; ++p) {
            if (!here[p]) continue;
            if (p == pieces.size()) {
                if (next == '.' || next == '[') return true;
                continue;
            }
            const Piece& piece = pieces[p];
            if (piece.kind == Kind::within || piece.kind == Kind::any) {
                here[p + 1] = 1;
                const bool inside_name = next != '.' && next != '[' && next != ']';
                if (!at_end && (piece.kind == Kind::any || inside_name)) here[width + p] = 1;
            } else if (piece.kind == Kind::letter) {
                if (!at_end && next == piece.letter) here[width + p + 1] = 1;
            } else if (!at_end && next == '[') {
                const auto [n, count] = digits_of(path, t + 1);
                if (count > 0 && path.substr(t + 1 + count, 1) == "]" && n >= piece.first && n <= piece.last)
                    here[(count + 2) * width + p + 1] = 1;
            }
        }
    }
    return false;
}

void check_pattern(std::string_view pattern, const Where& where) {
    const auto fail = [&](const std::string& why) {
        throw input_error(fmt::format("the pattern '{:.100}' cannot be read: {}", pattern, why), where);
    };
    if (pattern.empty()) fail("it is empty");
    if (pattern.size() > longest_pattern) fail(fmt::format("it is longer than {} characters", longest_pattern));
    for (const Piece& piece : pieces_of(pattern))
        if (piece.kind == Piece::Kind::range && piece.last < piece.first)
            fail(fmt::format("the range [{}..{}] runs backwards", piece.first, piece.last));
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
