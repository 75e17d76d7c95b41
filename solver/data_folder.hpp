/// Where Kelvolt's data folder (fluids, components, cases) lies.
#pragma once

#include <filesystem>

namespace kelvolt {

/// Use this folder from now on.
void set_data_directory(const std::filesystem::path& directory);

/// The folder set above, else $KELVOLT_DATA, else the one compiled in; Error when none of them exists.
std::filesystem::path data_directory();

}  // namespace kelvolt
