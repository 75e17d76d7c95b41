/// Reads whole files into memory: regular files only, and only up to a given size.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "solver/error.hpp"

namespace kelvolt {

/// The content of a regular file of at most `largest` bytes. `what` names it in messages ("the curve file"). Throws an
/// error of the given kind that names the file if it cannot be opened, is a folder or a device, or is larger than
/// `largest` bytes.
std::string read_regular_file(const std::filesystem::path& file, std::uintmax_t largest, std::string_view what,
                              Error::Kind kind);

}  // namespace kelvolt
