/// Which files a case may name. A case may come from a stranger, so it reads what lies beside it and what the library
/// holds; other folders are allowed by whoever loads it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "solver/error.hpp"

namespace kelvolt {

class FileAccess {
   public:
    /// `folder`: of the case. Error(input) when an allowed folder does not exist.
    FileAccess(std::filesystem::path folder, const std::vector<std::filesystem::path>& allowed);

    const std::filesystem::path& folder() const { return folder_; }
    /// The file that `named` means, relative to `base`, with every link resolved. Error(input) at `where` when it lies
    /// outside the folder of the case, the library and the allowed folders, or is no regular file there. `about` begins
    /// the message.
    std::filesystem::path resolve(const std::filesystem::path& base, const std::string& named, const std::string& about,
                                  const Where& where) const;

   private:
    std::filesystem::path folder_;
    std::vector<std::filesystem::path> roots_;
    bool allows(const std::filesystem::path& resolved) const;
};

}  // namespace kelvolt
