/// YAML text as a plain tree with line numbers. yaml-cpp reads the grammar; faults that it accepts silently are refused
/// here: duplicate keys, several documents, tabs, aliases that expand too far, excessive depth or size.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "solver/case/format.hpp"
#include "solver/error.hpp"

namespace kelvolt::yaml {

struct Node {
    enum class Type { null, text, list, map };
    struct Key {
        std::string name;
        int line;
    };

    Type type = Type::null;
    int line = 0;
    const std::string* file = nullptr;  ///< interned, valid until the program ends
    std::string text;
    bool quoted = false;      ///< of a text: in quotes or as a block, so never read as a number
    bool cell = false;        ///< of a table: a number without a unit is not taken as SI
    std::vector<Key> keys;    ///< of a map
    std::vector<Node> items;  ///< of a list, or the values of a map

    bool is_null() const { return type == Type::null; }
    bool is_text() const { return type == Type::text; }
    bool is_list() const { return type == Type::list; }
    bool is_map() const { return type == Type::map; }
    Where where() const { return {file ? *file : "", line}; }
    Where where_key(std::size_t k) const { return {file ? *file : "", keys[k].line}; }
    /// Null if absent.
    const Node* find(std::string_view key) const;
};

/// A name of a file for nodes that are made elsewhere, valid until the program ends.
const std::string* interned(const std::string& name);

/// Largest text that is read [bytes].
inline constexpr std::size_t largest_text = 20'000'000;

/// Parses text; `file` is the name used in messages.
Node parse(const std::string& text, const std::string& file);
/// Reads a whole file; its size is checked first.
std::string read_text(const std::filesystem::path& file);

/// A map whose keys are those of a section of the format: none that is unknown, all that are required. `about` begins
/// the messages: "run", "profile training".
class Fields {
   public:
    Fields(const Node& map, std::string about, const format::Section& section);

    const Node* find(std::string_view key) const { return map_.find(key); }
    /// Of a required key.
    const Node& at(std::string_view key) const { return *find(key); }
    /// The one key that is there of those of which exactly one must be.
    std::string_view choice() const { return choice_; }
    const format::Section& section() const { return section_; }
    const std::string& about() const { return about_; }

   private:
    const Node& map_;
    std::string about_;
    const format::Section& section_;
    std::string_view choice_;

    void refuse_unknown() const;
    void choose();
    void require() const;
};

/// Checks of the type; errors state what was expected. A null node has no value.
const std::string& text(const Node& node, std::string_view about);
bool truth(const Node& node, std::string_view about);
/// What a word means where true or false is wanted: those of `boolean_of`, yes, no, on and off. None for any other.
std::optional<bool> truth_of(std::string_view word);
/// A truth value of YAML 1.2, which also has a meaning where any value is wanted. None for any other word.
std::optional<bool> boolean_of(std::string_view word);
const Node& list(const Node& node, std::string_view about);
const Node& map(const Node& node, std::string_view about);
int whole_number(const Node& node, std::string_view about, const format::Form& form);
/// One text or a list of texts.
std::vector<std::string> texts(const Node& node, std::string_view about);

}  // namespace kelvolt::yaml
