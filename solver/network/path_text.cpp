#include "solver/network/path_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace kelvolt {

std::size_t end_of_level(std::string_view path, std::size_t at) {
    bool inside = false;
    for (; at < path.size(); ++at) {
        if (path[at] == '[') inside = true;
        if (path[at] == ']') inside = false;
        if (path[at] == '.' && !inside) break;
    }
    return at;
}

PathLevel next_level(std::string_view& path) {
    std::size_t at = std::min(path.find_first_of(".["), path.size());
    PathLevel level{path.substr(0, at), 0};
    if (at < path.size() && path[at] == '[') {
        std::from_chars(path.data() + at + 1, path.data() + path.size(), level.element);
        at = std::min(path.find(']', at), path.size() - 1) + 1;
    }
    path.remove_prefix(std::min(path.size(), at + 1));
    return level;
}

namespace {

/// Takes an expression apart into paths and what stands between them.
class Lifter {
   public:
    explicit Lifter(std::string_view text) : text_(text) {}

    Lifted run() {
        bool after_operand = false;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (const std::size_t end = after_operand ? at_ : end_of_path(); end > at_) {
                lift(end);
                after_operand = true;
            } else if (is_of_name(c) || (c == '.' && is_digit(peek(at_ + 1)))) {
                copy(end_of_word());
                after_operand = true;
            } else if (after_operand && c == '*' && peek(at_ + 1) == '*') {
                copy(at_ + 2);
                after_operand = false;
            } else {
                if (c != ' ' && c != '\t' && c != '\n') after_operand = c == ')';
                copy(at_ + 1);
            }
        }
        return std::move(found_);
    }

   private:
    std::string_view text_;
    std::size_t at_ = 0;
    Lifted found_;

    char peek(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
    void copy(std::size_t end) {
        found_.text += text_.substr(at_, end - at_);
        at_ = end;
    }
    void lift(std::size_t end) {
        const std::string path(text_.substr(at_, end - at_));
        const auto known = std::find(found_.paths.begin(), found_.paths.end(), path);
        found_.text += fmt::format("path_{}", known - found_.paths.begin());
        if (known == found_.paths.end()) found_.paths.push_back(path);
        at_ = end;
    }
    /// A function, or a number with all that is written onto it: 2.5e-3
    std::size_t end_of_word() const {
        const bool number = !is_letter(text_[at_]);
        std::size_t at = at_;
        while (is_of_name(peek(at)) || (number && (peek(at) == '.' || is_sign_of_exponent(at)))) ++at;
        return at;
    }
    bool is_sign_of_exponent(std::size_t at) const {
        return (peek(at) == '+' || peek(at) == '-') && (text_[at - 1] == 'e' || text_[at - 1] == 'E');
    }
    /// `at_` where no path begins.
    std::size_t end_of_path() const {
        std::size_t at = at_, levels = 0;
        while (true) {
            const std::size_t end = end_of_level_at(at);
            if (end == at) return at_;
            ++levels;
            if (peek(end) != '.' || end_of_level_at(end + 1) == end + 1) return levels > 1 ? end : at_;
            at = end + 1;
        }
    }
    /// Of a name that may begin with *, or of **, with what stands in brackets behind it.
    std::size_t end_of_level_at(std::size_t at) const {
        if (!is_letter(peek(at)) && peek(at) != '*') return at;
        if (peek(at) == '*' && peek(at + 1) == '*') return at + 2;
        ++at;
        while (is_of_name(peek(at))) ++at;
        if (peek(at) != '[') return at;
        const std::size_t close = text_.find(']', at);
        return close == std::string_view::npos ? at : close + 1;
    }
};

/// Where an index [n], [a..b] or [*] that begins at `at` ends; `at` for anything else.
std::size_t end_of_index(std::string_view text, std::size_t at) {
    if (text[at] != '[') return at;
    const std::size_t close = text.find(']', at);
    if (close == std::string_view::npos || close == at + 1) return at;
    const std::string_view held = text.substr(at + 1, close - at - 1);
    const bool numbers = std::all_of(held.begin(), held.end(), [](char c) { return is_digit(c) || c == '.'; });
    return held == "*" || numbers ? close + 1 : at;
}

std::string with_indices(std::string_view text, std::string_view replaced_by) {
    std::string made;
    made.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = end_of_index(text, at);
        if (end > at)
            made += replaced_by;
        else
            made += text[at];
        at = std::max(end, at + 1);
    }
    return made;
}

/// Where the last level begins.
std::size_t last_begin(std::string_view path) {
    bool inside = false;
    for (std::size_t at = path.size(); at > 0; --at) {
        const char c = path[at - 1];
        if (c == ']') inside = true;
        if (c == '[') inside = false;
        if (c == '.' && !inside) return at;
    }
    return 0;
}

}  // namespace

Lifted lift_paths(std::string_view expression) { return Lifter(expression).run(); }

std::string_view owner_of(std::string_view path) {
    const std::size_t begin = last_begin(path);
    return path.substr(0, begin == 0 ? 0 : begin - 1);
}

std::string_view last_level(std::string_view path) { return path.substr(last_begin(path)); }

std::string_view first_levels(std::string_view path, int count) {
    std::size_t end = 0;
    for (int k = 0; k < count && end < path.size(); ++k) end = end_of_level(path, k == 0 ? 0 : end + 1);
    return path.substr(0, end);
}

std::string_view array_of(std::string_view path) {
    const std::size_t open = path.ends_with(']') ? path.rfind('[') : std::string_view::npos;
    return path.substr(0, open == std::string_view::npos ? 0 : open);
}

int cell_number(std::string_view path) {
    std::string_view last = last_level(path);
    const bool is_inner = last.size() < path.size();
    const PathLevel level = next_level(last);
    return is_inner && level.name == "cell" ? level.element : 0;
}

std::string_view chain_of(std::string_view path) { return cell_number(path) > 0 ? owner_of(path) : path; }

bool inside(std::string_view path, std::string_view owner) {
    return path.starts_with(owner) &&
           (path.size() == owner.size() || path[owner.size()] == '.' || path[owner.size()] == '[');
}

std::string without_indices(std::string_view text) { return with_indices(text, ""); }
std::string any_element(std::string_view text) { return with_indices(text, "[*]"); }

}  // namespace kelvolt
