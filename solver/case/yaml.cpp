#include "solver/case/yaml.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "solver/regular_file.hpp"

namespace kelvolt::yaml {

namespace {
std::string_view type_words(const Node& node) {
    switch (node.type) {
        case Node::Type::null:
            return "nothing";
        case Node::Type::text:
            return "text";
        case Node::Type::list:
            return "a list";
        case Node::Type::map:
            return "a block of keys";
    }
    return "";
}
[[noreturn]] void refuse(const Node& node, std::string_view about, std::string_view expected) {
    throw input_error(fmt::format("{} must be {}, but {} is given", about, expected, type_words(node)), node.where());
}
}  // namespace

const Node* Node::find(std::string_view key) const {
    for (std::size_t k = 0; k < keys.size(); ++k)
        if (keys[k].name == key) return &items[k];
    return nullptr;
}

Fields::Fields(const Node& node, std::string about, std::initializer_list<std::string_view> known)
    : map_(map(node, about)), about_(std::move(about)) {
    for (std::size_t k = 0; k < node.keys.size(); ++k) {
        if (std::find(known.begin(), known.end(), node.keys[k].name) != known.end()) continue;
        const std::vector<std::string> names(known.begin(), known.end());
        throw input_error(fmt::format("{} has no key '{}'{}; its keys are {}", about_, node.keys[k].name,
                                      did_you_mean(node.keys[k].name, names), fmt::join(names, ", ")),
                          node.where_key(k));
    }
}

const Node& Fields::at(std::string_view key, std::string_view remedy) const {
    if (const Node* found = find(key)) return *found;
    throw input_error(fmt::format("{}: '{}' is missing; {}", about_, key, remedy), map_.where());
}

std::string_view Fields::one_of(std::initializer_list<std::string_view> keys) const {
    std::string_view found;
    for (std::string_view key : keys) {
        if (!find(key)) continue;
        if (!found.empty())
            throw input_error(fmt::format("{}: both '{}' and '{}' are given; keep one", about_, found, key),
                              map_.where());
        found = key;
    }
    if (found.empty())
        throw input_error(fmt::format("{}: one of {} is missing", about_, fmt::join(keys, ", ")), map_.where());
    return found;
}

const std::string& text(const Node& node, std::string_view about) {
    if (!node.is_text()) refuse(node, about, "text");
    return node.text;
}

bool truth(const Node& node, std::string_view about) {
    const std::string& word = text(node, about);
    if (word == "true" || word == "yes" || word == "on") return true;
    if (word == "false" || word == "no" || word == "off") return false;
    throw input_error(fmt::format("{} = '{}' must be true or false", about, word), node.where());
}

const Node& list(const Node& node, std::string_view about) {
    if (!node.is_list()) refuse(node, about, "a list");
    return node;
}

const Node& map(const Node& node, std::string_view about) {
    if (!node.is_map()) refuse(node, about, "a block of keys");
    return node;
}

int whole_number(const Node& node, std::string_view about, int lowest, int highest) {
    const std::string& word = text(node, about);
    int n = 0;
    const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), n);
    const bool read = status == std::errc() && end == word.data() + word.size();
    if (!read || n < lowest || n > highest)
        throw input_error(fmt::format("{} = '{}' must be a whole number from {} to {}", about, word, lowest, highest),
                          node.where());
    return n;
}

std::vector<std::string> texts(const Node& node, std::string_view about) {
    if (node.is_text()) return {node.text};
    std::vector<std::string> all;
    for (const Node& item : list(node, about).items) all.push_back(text(item, about));
    if (all.empty()) throw input_error(fmt::format("{}: the list is empty", about), node.where());
    return all;
}

std::string read_text(const std::filesystem::path& file) {
    std::error_code problem;
    if (std::filesystem::is_directory(file, problem))
        throw Error(Error::Kind::io, "this is a folder; give a case file (.yaml)", {file.string(), 0});
    try {
        return read_regular_file(file, largest_text, "the file", Error::Kind::io);
    } catch (const Error& e) {
        if (e.message.find(" MB; ") == std::string::npos) throw;
        throw input_error(e.message + " of YAML (put traces into CSV files, repeat components with count)", e.where);
    }
}

}  // namespace kelvolt::yaml
