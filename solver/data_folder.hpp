/// Location of Kelvolt's data folder (fluids, components, cases).
#pragma once

#include <filesystem>

namespace kelvolt {

/// Sets the folder to use from now on.
void set_data_directory(const std::filesystem::path& directory);

/// The folder of the installed Python package that this code belongs to; empty where it was built in its source tree.
std::filesystem::path package_directory();

/// The folder set above, else $KELVOLT_DATA, else that of the package or of the source tree; Error if there is none.
std::filesystem::path data_directory();

}  // namespace kelvolt
