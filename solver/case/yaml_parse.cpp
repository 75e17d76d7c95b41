// Builds the tree from yaml-cpp's events, with checks that yaml-cpp does not make.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <mutex>
#include <set>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "solver/case/yaml.hpp"

namespace kelvolt::yaml {

const std::string* interned(const std::string& name) {
    static std::mutex guard;
    static std::set<std::string> names;
    const std::lock_guard lock(guard);
    return &*names.insert(name).first;
}

namespace {

constexpr std::size_t deepest = 100;
constexpr std::size_t most_copied = 1'000'000;  // nodes that aliases may add

std::size_t nodes_in(const Node& node) {
    std::size_t n = 1;
    for (const Node& item : node.items) n += nodes_in(item);
    return n;
}

/// Receives yaml-cpp's events and builds the tree.
class TreeMaker : public YAML::EventHandler {
   public:
    explicit TreeMaker(const std::string* file) : file_(file) {}
    Node root;

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(make(mark, Node::Type::null), anchor); }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_tag(mark, tag);
        if (value.find('\0') != std::string::npos)
            throw input_error("a text holds a zero byte, which no name and no path has", {*file_, mark.line + 1});
        Node node = make(mark, Node::Type::text);
        node.text = value;
        node.quoted = tag != "?" && !tag.empty();
        leaf(std::move(node), anchor);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        refuse_tag(mark, tag);
        open(make(mark, Node::Type::list), anchor);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        refuse_tag(mark, tag);
        open(make(mark, Node::Type::map), anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end())
            throw input_error("a YAML alias (*name) stands inside the block it names", {*file_, mark.line + 1});
        copied_ += nodes_in(found->second);
        if (copied_ > most_copied)
            throw input_error("YAML aliases (*name) repeat too much; use count or assemblies", {*file_, mark.line + 1});
        put(Node(found->second), mark.line + 1);
    }

   private:
    struct Open {
        Node node;
        YAML::anchor_t anchor;
        bool expects_key = false;
        std::unordered_set<std::string> seen;  ///< keys of a large map
    };
    const std::string* file_;
    std::vector<Open> stack_;
    std::unordered_map<YAML::anchor_t, Node> anchors_;
    std::size_t copied_ = 0;

    Node make(const YAML::Mark& mark, Node::Type type) const {
        Node node;
        node.type = type;
        node.line = mark.line + 1;
        node.file = file_;
        return node;
    }
    void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
        if (tag.empty() || tag == "?" || tag == "!") return;
        for (std::string_view plain : {"str", "int", "float", "bool", "null", "map", "seq"})
            if (tag == fmt::format("tag:yaml.org,2002:{}", plain)) return;
        throw input_error(fmt::format("the YAML tag '{}' has no meaning here; write the plain value", tag),
                          {*file_, mark.line + 1});
    }
    void open(Node node, YAML::anchor_t anchor) {
        if (stack_.size() >= deepest)
            throw input_error(fmt::format("the text is nested more than {} levels deep", deepest), node.where());
        const bool map = node.is_map();
        if (!stack_.empty() && stack_.back().expects_key)
            throw input_error("a key must be plain text; quote it if it holds [ ] { } : or *", node.where());
        stack_.push_back({std::move(node), anchor, map, {}});
    }
    void close() {
        Open done = std::move(stack_.back());
        stack_.pop_back();
        const int line = done.node.line;
        leaf(std::move(done.node), done.anchor, line);
    }
    void leaf(Node node, YAML::anchor_t anchor, int line = 0) {
        if (anchor != 0) anchors_.emplace(anchor, node);
        const int at = line ? line : node.line;
        put(std::move(node), at);
    }
    void put(Node node, int line) {
        if (stack_.empty()) {
            root = std::move(node);
            return;
        }
        Open& parent = stack_.back();
        if (parent.expects_key) {
            add_key(parent, node, line);
            parent.expects_key = false;
            return;
        }
        parent.node.items.push_back(std::move(node));
        parent.expects_key = parent.node.is_map();
    }
    void add_key(Open& parent, const Node& key, int line) {
        if (!key.is_text() || key.text.empty())
            throw input_error("a key must be plain text; quote it if it holds [ ] { } : or *", {*file_, line});
        auto& keys = parent.node.keys;
        // in a short list a linear search is faster than a set
        bool twice = false;
        if (keys.size() < 16) {
            twice = parent.node.find(key.text) != nullptr;
        } else {
            if (parent.seen.empty())
                for (const auto& k : keys) parent.seen.insert(k.name);
            twice = !parent.seen.insert(key.text).second;
        }
        if (twice) {
            int before = 0;
            for (const auto& k : keys)
                if (k.name == key.text) before = k.line;
            throw input_error(
                fmt::format("the key '{}' is already given on line {}; keep one of them", key.text, before),
                {*file_, line});
        }
        keys.push_back({key.text, line});
    }
};

/// The character at `at` and its number of bytes; 0 bytes if the text is not valid UTF-8.
std::pair<char32_t, std::size_t> character_at(const std::string& text, std::size_t at) {
    const auto byte = [&](std::size_t k) {
        return at + k < text.size() ? static_cast<unsigned char>(text[at + k]) : 0u;
    };
    const unsigned lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4) return {};
    char32_t c = lead & (0x7Fu >> size);
    for (std::size_t k = 1; k < size; ++k) {
        if ((byte(k) & 0xC0u) != 0x80u) return {};
        c = c << 6 | (byte(k) & 0x3Fu);
    }
    constexpr char32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    if (c < lowest[size] || c > 0x10FFFF || surrogate) return {};
    return {c, size};
}

bool is_printable(char32_t c) {
    if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
    return !(c >= 0x7F && c <= 0x9F && c != 0x85) && c != 0xFFFE && c != 0xFFFF;
}

// refuses characters that yaml-cpp would pass on or report with an unclear message
void check_characters(const std::string& text, const std::string& file) {
    int line = 1;
    bool leading = true;
    for (std::size_t at = 0; at < text.size();) {
        const auto [c, size] = character_at(text, at);
        if (size == 0)
            throw input_error(fmt::format("the byte 0x{:02x} begins no UTF-8 character; save the file as UTF-8",
                                          static_cast<unsigned char>(text[at])),
                              {file, line});
        at += size;
        if (c == 0) throw input_error("the text holds a zero byte; this is not a YAML text file (UTF-8)", {file, line});
        if (!is_printable(c))
            throw input_error(
                fmt::format("the text holds the control character U+{:04X}, which YAML does not allow; remove it",
                            static_cast<unsigned>(c)),
                {file, line});
        if (c == '\t' && leading) throw input_error("the indentation holds a tab; YAML requires spaces", {file, line});
        if (c != ' ') leading = false;
        if (c == '\n') {
            ++line;
            leading = true;
        }
    }
}

}  // namespace

Node parse(const std::string& text, const std::string& file) {
    if (text.size() > largest_text)
        throw input_error(fmt::format("the text has {:.1f} MB; at most {:.0f} MB are read",
                                      static_cast<double>(text.size()) / 1e6, static_cast<double>(largest_text) / 1e6),
                          {file, 0});
    check_characters(text, file);
    TreeMaker tree(interned(file));
    try {
        std::istringstream stream(text);
        YAML::Parser parser(stream);
        const bool any = parser.HandleNextDocument(tree);
        TreeMaker second(interned(file));
        if (any && parser.HandleNextDocument(second) && !second.root.is_null())
            throw input_error("a second YAML document (after ---) begins here; a file holds one", second.root.where());
    } catch (const YAML::Exception& e) {
        throw input_error(
            fmt::format("this is not valid YAML: {}; text that holds [ ] {{ }} * & : or # must stand in quotes", e.msg),
            {file, e.mark.is_null() ? 0 : e.mark.line + 1});
    }
    return std::move(tree.root);
}

}  // namespace kelvolt::yaml
