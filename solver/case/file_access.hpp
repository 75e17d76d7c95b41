/// Which files a case may name. Cases may come from unknown authors, so a case reads only files beside it and in the
/// library; whoever loads it may allow further folders.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "solver/error.hpp"

namespace kelvolt {

class FileAccess {
   public:
    /// `folder`: that of the case. Error(input) if an allowed folder does not exist.
    FileAccess(std::filesystem::path folder, const std::vector<std::filesystem::path>& allowed);

    const std::filesystem::path& folder() const { return folder_; }
    /// The file that `named` means, relative to `base`, with all links resolved. Error(input) at `where` if it is
    /// outside the folder of the case, the library and the allowed folders, or is not a regular file. `about` begins
    /// the message.
    std::filesystem::path resolve(const std::filesystem::path& base, const std::string& named, const std::string& about,
                                  const Where& where) const;

   private:
    std::filesystem::path folder_;
    std::vector<std::filesystem::path> roots_;
    bool allows(const std::filesystem::path& resolved) const;
};

}  // namespace kelvolt
