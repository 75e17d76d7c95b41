#include "solver/case/library.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/data_folder.hpp"
#include "solver/model/info.hpp"

namespace kelvolt {

namespace {
namespace fs = std::filesystem;

std::map<std::string, fs::path> files_below(const fs::path& folder) {
    std::map<std::string, fs::path> files;
    if (!fs::is_directory(folder)) return files;
    for (const auto& item : fs::recursive_directory_iterator(folder)) {
        if (!item.is_regular_file() || item.path().extension() != ".yaml") continue;
        const auto [at, fresh] = files.emplace(item.path().stem().string(), item.path());
        if (!fresh)
            throw input_error(fmt::format("the library entry '{}' also lies in {}; rename one of them", at->first,
                                          at->second.string()),
                              {item.path().string(), 0});
    }
    return files;
}

// checks the keys of an entry, and that it states its model, base or components
void check_entry(const yaml::Node& root, const std::string& name) {
    const std::string about = fmt::format("library entry {}", name);
    if (root.is_map() && root.find("kelvolt"))
        throw input_error(fmt::format("{}: this is a case, not a component; a component has no key 'kelvolt'", about),
                          root.where());
    yaml::Fields(root, about, format::library_entry);
}

std::string text_or_empty(const yaml::Node& root, std::string_view key) {
    const yaml::Node* node = root.find(key);
    return node && node->is_text() ? node->text : "";
}
}  // namespace

std::vector<LibraryEntry> library() {
    std::vector<LibraryEntry> entries;
    for (const auto& [name, file] : files_below(data_directory() / "components")) {
        const yaml::Node root = yaml::parse(yaml::read_text(file), file.string());
        check_entry(root, name);
        entries.push_back({name, text_or_empty(root, "title"), text_or_empty(root, "model"),
                           text_or_empty(root, "source"), text_or_empty(root, "grade"), file.string()});
    }
    return entries;
}

void LibraryFiles::list_shipped() {
    if (listed_) return;
    shipped_ = files_below(data_directory() / "components");
    listed_ = true;
}

const yaml::Node* LibraryFiles::find(const std::string& name, const Where& where) {
    if (const auto found = entries_.find(name); found != entries_.end()) return &found->second;
    const bool plain =
        std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
    if (!plain || name.empty()) return nullptr;
    const std::string beside = name + ".yaml";
    fs::path file = access_.folder() / beside;
    // a name may be longer than a path can be; then there is no such file
    if (std::error_code unreadable; fs::is_regular_file(file, unreadable)) {
        access_.resolve(access_.folder(), beside, "library entry " + name, where);
    } else {
        list_shipped();
        const auto found = shipped_.find(name);
        if (found == shipped_.end()) return nullptr;
        file = found->second;
    }
    yaml::Node root = yaml::parse(yaml::read_text(file), file.string());
    check_entry(root, name);
    files_[name] = file;
    return &(entries_[name] = std::move(root));
}

std::vector<std::string> LibraryFiles::names() {
    std::vector<std::string> names;
    list_shipped();
    for (const auto& [name, file] : shipped_) names.push_back(name);
    return names;
}

}  // namespace kelvolt
