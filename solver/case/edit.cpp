#include "solver/case/edit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace kelvolt {

namespace {

std::vector<std::string_view> keys_of(std::string_view path) {
    std::vector<std::string_view> keys;
    while (true) {
        const std::size_t dot = path.find('.');
        keys.push_back(path.substr(0, dot));
        if (dot == std::string_view::npos) return keys;
        path.remove_prefix(dot + 1);
    }
}

/// Where a key, of a list its number from 1, stands among the values.
std::optional<std::size_t> place_of(const yaml::Node& node, std::string_view key) {
    if (!node.is_list()) {
        const auto found =
            std::find_if(node.keys.begin(), node.keys.end(), [&](const yaml::Node::Key& k) { return k.name == key; });
        if (found == node.keys.end()) return std::nullopt;
        return static_cast<std::size_t>(found - node.keys.begin());
    }
    std::size_t number = 0;
    const auto [end, status] = std::from_chars(key.data(), key.data() + key.size(), number);
    const bool counts = status == std::errc() && end == key.data() + key.size();
    if (!counts || number < 1 || number > node.items.size()) return std::nullopt;
    return number - 1;
}

void put_at(yaml::Node& node, const Where& where, const std::string* file) {
    node.line = where.line;
    node.file = file;
    for (yaml::Node::Key& key : node.keys) key.line = where.line;
    for (yaml::Node& item : node.items) put_at(item, where, file);
}

// ---- writing ----

/// Whether a word without quotes is a number of JSON, or a truth: such stay without.
bool stands_bare(const yaml::Node& node) {
    if (node.quoted) return false;
    std::string_view rest = node.text;
    if (rest == "true" || rest == "false") return true;
    const auto take = [&](std::string_view any) {
        const bool there = !rest.empty() && any.find(rest[0]) != std::string_view::npos;
        if (there) rest.remove_prefix(1);
        return there;
    };
    const auto digits = [&] {
        bool any = false;
        while (take("0123456789")) any = true;
        return any;
    };
    take("-");
    if (!take("0") && !digits()) return false;
    if (take(".") && !digits()) return false;
    if (take("eE")) {
        take("+-");
        if (!digits()) return false;
    }
    return rest.empty();
}

/// In double quotes, with every character escaped that a text may not hold as it stands.
std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (std::size_t k = 0; k < text.size(); ++k) {
        const auto byte = [&](std::size_t n) {
            return k + n < text.size() ? static_cast<unsigned char>(text[k + n]) : 0u;
        };
        const unsigned c = byte(0);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += text[k];
        } else if (c < 0x20 || c == 0x7F) {
            out += fmt::format("\\u{:04x}", c);
        } else if (c == 0xC2 && byte(1) < 0xA0) {  // U+0080 to U+009F
            out += fmt::format("\\u{:04x}", byte(1));
            k += 1;
        } else if (c == 0xEF && byte(1) == 0xBF && byte(2) >= 0xBE) {  // U+FFFE, U+FFFF
            out += fmt::format("\\u{:04x}", 0xFF40 + byte(2));
            k += 2;
        } else {
            out += text[k];
        }
    }
    return out + '"';
}

class Writer {
   public:
    std::string out;

    void node(const yaml::Node& node, int depth) {
        if (node.is_null()) out += "null";
        if (node.is_text()) out += stands_bare(node) ? node.text : in_quotes(node.text);
        if (node.is_list()) list(node, depth);
        if (node.is_map()) map(node, depth);
    }

   private:
    int line_ = 1;

    void list(const yaml::Node& node, int depth) {
        out += '[';
        for (std::size_t k = 0; k < node.items.size(); ++k) {
            if (k > 0) out += ',';
            begin(node.items[k].line, depth + 1, k > 0);
            this->node(node.items[k], depth + 1);
        }
        out += ']';
    }
    void map(const yaml::Node& node, int depth) {
        out += '{';
        for (std::size_t k = 0; k < node.keys.size(); ++k) {
            if (k > 0) out += ',';
            begin(node.keys[k].line, depth + 1, k > 0);
            out += in_quotes(node.keys[k].name) + ": ";
            this->node(node.items[k], depth + 1);
        }
        out += '}';
    }
    void begin(int line, int depth, bool follows) {
        if (line_ < line) {
            out.append(static_cast<std::size_t>(line - line_), '\n').append(static_cast<std::size_t>(depth), ' ');
            line_ = line;
        } else if (follows) {
            out += ' ';
        }
    }
};

}  // namespace

void apply(const Edit& edit, yaml::Node& root) {
    const auto keys = keys_of(edit.path);
    yaml::Node* node = &root;
    for (std::size_t k = 0; k < keys.size(); ++k) {
        if (const auto place = place_of(*node, keys[k])) {
            node = &node->items[*place];
            continue;
        }
        if (k + 1 < keys.size() || !node->is_map())
            throw input_error(
                fmt::format("{}: {} has no '{}'", edit.path,
                            k == 0 ? "the case" : edit.path.substr(0, keys[k].data() - keys[0].data() - 1), keys[k]),
                node->where());
        node->keys.push_back({std::string(keys[k]), node->line});
        node->items.emplace_back().line = node->line;
        node = &node->items.back();
    }
    const Where where{"", node->line};
    *node = yaml::parse(edit.value, edit.path);
    put_at(*node, where, root.file);
}

std::optional<std::string> path_in_text(const yaml::Node& root, std::string_view path) {
    const std::string below = fmt::format("components.{}", path);
    for (const std::string& candidate : {std::string(path), below}) {
        const auto keys = keys_of(candidate);
        const yaml::Node* node = &root;
        for (std::size_t k = 0; node && k + 1 < keys.size(); ++k) {
            const auto place = place_of(*node, keys[k]);
            node = place ? &node->items[*place] : nullptr;
        }
        if (!node) continue;
        if (place_of(*node, keys.back()) || (keys.size() == 3 && candidate == below)) return candidate;
        // a key that is left to its default can be given: the coolant, the model's choices
        if (node->is_map() && keys.size() >= 3 && keys[0] == "components") return candidate;
    }
    return std::nullopt;
}

std::string written(const yaml::Node& root) {
    Writer writer;
    writer.node(root, 0);
    return writer.out + '\n';
}

}  // namespace kelvolt
