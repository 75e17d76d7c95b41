/// The fluids of data/fluids by name. A fluid is a file; adding one needs no code.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "models/media/medium.hpp"
#include "solver/model/registry.hpp"

namespace kelvolt {

/// The fluid of that name or alias; error if there is none. Read once, valid until the program ends, thread-safe.
const Medium& medium(std::string_view name);

/// The same; null if there is none of that name.
const Medium* find_medium(std::string_view name);

/// The names of all fluids, sorted, without aliases.
std::vector<std::string> medium_names();

/// Reads and checks one fluid file. Error with file and line where a key is missing, a unit differs or a number is
/// impossible.
Medium read_medium(const std::filesystem::path& file);

/// The coolants of the data folder, as the solver uses them.
const Coolants& shipped_coolants();

}  // namespace kelvolt
