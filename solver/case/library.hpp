/// The component library: files data/components/**/<name>.yaml, and files beside the case.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "solver/case/file_access.hpp"
#include "solver/case/yaml.hpp"

namespace kelvolt {

/// One line of `kelvolt components`.
struct LibraryEntry {
    std::string name, title, base;  ///< base: the model or entry it builds on; empty for an assembly
    std::string source, grade, file;
};

/// Every entry of the shipped library, sorted by name.
std::vector<LibraryEntry> library();

/// Entries by name, read when first asked for.
class LibraryFiles {
   public:
    /// The folder of the case is searched first; `files` outlives this.
    explicit LibraryFiles(const FileAccess& files) : access_(files) {}

    /// An entry's text as a tree, checked for its keys; null when there is none of that name. `where` it was asked for.
    const yaml::Node* find(const std::string& name, const Where& where);
    /// The folder an entry lies in.
    std::filesystem::path folder_of(const std::string& name) const { return files_.at(name).parent_path(); }
    /// All names, for messages.
    std::vector<std::string> names();

   private:
    const FileAccess& access_;
    bool listed_ = false;
    std::map<std::string, std::filesystem::path> shipped_, files_;
    std::map<std::string, yaml::Node> entries_;
    void list_shipped();
};

}  // namespace kelvolt
