/// Location of Kelvolt's data folder (fluids, components, cases).
#pragma once

#include <filesystem>

namespace kelvolt {

/// Sets the folder to use from now on.
void set_data_directory(const std::filesystem::path& directory);

/// The folder set above, else $KELVOLT_DATA, else the one compiled in; Error if none of them exists.
std::filesystem::path data_directory();

}  // namespace kelvolt
