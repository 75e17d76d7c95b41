#include "solver/case/yaml.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

Fields::Fields(const Node& node, std::string about, const format::Section& section)
    : map_(map(node, about)), about_(std::move(about)), section_(section) {
    if (!section.open) refuse_unknown();
    choose();
    require();
}

void Fields::refuse_unknown() const {
    for (std::size_t k = 0; k < map_.keys.size(); ++k) {
        const std::string& name = map_.keys[k].name;
        if (section_.find(name)) continue;
        std::vector<std::string> known;
        for (const format::Key& key : section_.keys) known.emplace_back(key.name);
        throw input_error(fmt::format("{} has no key '{}'{}; its keys are {}", about_, name, did_you_mean(name, known),
                                      fmt::join(known, ", ")),
                          map_.where_key(k));
    }
}

void Fields::choose() {
    std::vector<std::string_view> choices;
    for (const format::Key& key : section_.keys) {
        if (key.presence != format::Key::Presence::one_of) continue;
        choices.push_back(key.name);
        if (!find(key.name)) continue;
        if (!choice_.empty())
            throw input_error(fmt::format("{}: both '{}' and '{}' are given; keep one", about_, choice_, key.name),
                              map_.where());
        choice_ = key.name;
    }
    if (choices.empty()) return;
    if (choice_.empty())
        throw input_error(fmt::format("{}: one of {} is missing", about_, fmt::join(choices, ", ")), map_.where());
    // keys that belong to another choice would be ignored in silence
    for (const format::Key& key : section_.keys) {
        if (!find(key.name) || key.goes_with(choice_)) continue;
        const bool told = key.presence != format::Key::Presence::required && !key.remedy.empty();
        throw input_error(fmt::format("{}: '{}' does not go with '{}'{}{}", about_, key.name, choice_, told ? "; " : "",
                                      told ? key.remedy : ""),
                          find(key.name)->where());
    }
}

void Fields::require() const {
    std::vector<std::string_view> some;
    bool any = false;
    for (const format::Key& key : section_.keys) {
        if (key.presence == format::Key::Presence::some_of) {
            some.push_back(key.name);
            any = any || find(key.name);
        }
        if (key.presence != format::Key::Presence::required || !key.goes_with(choice_) || find(key.name)) continue;
        throw input_error(fmt::format("{}: '{}' is missing; {}", about_, key.name, section_.remedy_of(key)),
                          map_.where());
    }
    if (!some.empty() && !any)
        throw input_error(fmt::format("{}: none of {} and {} is given; add one of them", about_,
                                      fmt::join(some.begin(), some.end() - 1, ", "), some.back()),
                          map_.where());
}

const std::string& text(const Node& node, std::string_view about) {
    if (!node.is_text()) refuse(node, about, "text");
    return node.text;
}

std::optional<bool> truth_of(std::string_view word) {
    if (word == "yes" || word == "on") return true;
    if (word == "no" || word == "off") return false;
    return boolean_of(word);
}

std::optional<bool> boolean_of(std::string_view word) {
    if (word == "true" || word == "True" || word == "TRUE") return true;
    if (word == "false" || word == "False" || word == "FALSE") return false;
    return std::nullopt;
}

bool truth(const Node& node, std::string_view about) {
    const std::string& word = text(node, about);
    if (const auto is_true = truth_of(word)) return *is_true;
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

int whole_number(const Node& node, std::string_view about, const format::Form& form) {
    const std::string& word = text(node, about);
    const auto& [lowest, highest, above, refusal] = form.bounds;
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
