/// Which files a case may name. Cases may come from unknown authors, so a case reads only files beside it and in the
/// library; whoever loads it may allow further folders.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "solver/curve/csv_text.hpp"
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

    /// A text that stands for a file of the case's folder, by the name that the case uses.
    void give(const std::string& name, std::string text) { given_[name] = std::move(text); }
    bool given(const std::string& name, const std::string& sheet) const {
        return given_.contains(sheet.empty() ? name : name + "#" + sheet);
    }
    /// The table in a file, or in one sheet of a workbook (.xlsx); `named` may also be the text of the table itself, of
    /// more than one line. `kept`: what is read beside the case goes into `kept()`; without it only what is
    /// short. Errors as `resolve`.
    NamedText table(const std::filesystem::path& base, const std::string& named, const std::string& sheet, bool kept,
                    const std::string& about, const Where& where) const;
    /// Tables that were read beside the case, by name: with them its text says all.
    const std::map<std::string, std::string>& kept() const { return kept_; }

   private:
    std::map<std::string, std::string> given_;
    mutable std::map<std::string, std::string> kept_;
    std::filesystem::path folder_;
    std::vector<std::filesystem::path> roots_;
    bool allows(const std::filesystem::path& resolved) const;
};

}  // namespace kelvolt
