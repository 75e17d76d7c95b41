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
    /// Keeps the text and `files`; checks the form of every profile, used or not. `begins`: the moment of t = 0, s since
    /// 1970; NaN where the case does not say it.
    ProfileReader(const yaml::Node* profiles, const FileAccess& files, double begins = not_given);

    /// The profile in SI for a parameter of this declared unit.
    const Profile& get(const std::string& name, const std::string& unit, const Where& where);
    /// Is it read from a table, as a log is, and not written down in the case?
    bool is_log(const std::string& name) const;

   private:
    const yaml::Node* profiles_;
    const FileAccess& files_;
    double begins_;
    std::map<std::pair<std::string, std::string>, Profile> made_;
};

/// What a profile reads from a table.
struct ProfileColumns {
    std::string time, value, unit;  ///< headings without unit; the declared unit of the values
    Profile::Between between;
    std::string zone{};
    double begins = not_given;
};

/// Column `value` of a table over column `time` (header: "t (s), P (W)"), in SI. Times are numbers with a unit, or time
/// stamps (ISO 8601, or seconds since 1970), which count from the begin of the run.
Profile profile_of_table(const NamedText& table, const ProfileColumns& columns);
Profile profile_from_csv(const std::filesystem::path& file, const std::string& time, const std::string& value,
                         const std::string& declared_unit, Profile::Between between);

}  // namespace kelvolt
