/// The fluids of data/fluids by name. A fluid is a file; adding one needs no code.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "models/media/medium.hpp"
#include "solver/model/registry.hpp"

namespace kelvolt {

/// The fluid of that name or alias; read once, valid until the program ends. Safe from several threads.
const Medium& medium(std::string_view name);

/// The same; null where there is none of that name.
const Medium* find_medium(std::string_view name);

/// Every fluid's own name, sorted; aliases are not listed.
std::vector<std::string> medium_names();

/// One fluid file, checked. Error with file and line where a key is missing, a unit differs or a number makes no sense.
Medium read_medium(const std::filesystem::path& file);

/// The coolants of the data folder, for the solver.
const Coolants& shipped_coolants();

}  // namespace kelvolt
