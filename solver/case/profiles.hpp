/// `profiles:` of a case. A profile is read when it is applied, because its values take the unit of the parameter it
/// drives.
#pragma once

#include <map>
#include <string>

#include "solver/case/file_access.hpp"
#include "solver/case/values.hpp"
#include "solver/transient/profile.hpp"

namespace kelvolt {

class ProfileReader {
   public:
    /// Keeps the text and `files`; checks the form of every profile, used or not.
    ProfileReader(const yaml::Node* profiles, const FileAccess& files);

    /// The profile in SI for a parameter of this declared unit.
    const Profile& get(const std::string& name, const std::string& unit, const Where& where);

   private:
    const yaml::Node* profiles_;
    const FileAccess& files_;
    std::map<std::pair<std::string, std::string>, Profile> made_;
};

/// Column `value` of a CSV file over column `time` (header: "t (s), P (W)"), in SI.
Profile profile_from_csv(const std::filesystem::path& file, const std::string& time, const std::string& value,
                         const std::string& declared_unit, Profile::Between between);

}  // namespace kelvolt
