/// Whole files into memory: only regular files, and only up to a bound.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "solver/error.hpp"

namespace kelvolt {

/// The content of a regular file of at most `largest` bytes. `what` names it in messages: "the curve file". An error is
/// of the given kind and names the file: it cannot be opened, is a folder or a device, or has more bytes than
/// `largest`.
std::string read_regular_file(const std::filesystem::path& file, std::uintmax_t largest, std::string_view what,
                              Error::Kind kind);

}  // namespace kelvolt
