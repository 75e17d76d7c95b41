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
    std::string name, title, base;  ///< base: the model or entry it is based on; empty for an assembly
    std::string source, grade, file;
};

/// Every entry of the shipped library, sorted by name.
std::vector<LibraryEntry> library();

/// Library entries by name, read on first use.
class LibraryFiles {
   public:
    /// Searches the folder of the case first; `files` must outlive this object.
    explicit LibraryFiles(const FileAccess& files) : access_(files) {}

    /// The tree of an entry, with its keys checked; null if there is none of that name. `where`: place that names it,
    /// for messages.
    const yaml::Node* find(const std::string& name, const Where& where);
    /// The folder of an entry.
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
