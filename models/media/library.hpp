/// The fluids of data/fluids by name. A fluid is a file; adding one needs no code.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "models/media/medium.hpp"
#include "solver/error.hpp"

namespace kelvolt {

/// The fluid of that name or alias; read once, valid until the program ends. Safe from several threads.
const Medium& medium(std::string_view name);

/// The same; null where there is none of that name.
const Medium* find_medium(std::string_view name);

/// Says that there is no fluid of that name, with those that are: the shipped ones and `known`.
Error unknown_medium(std::string_view name, std::vector<std::string> known);

/// Every fluid's own name, sorted; aliases are not listed.
std::vector<std::string> medium_names();

/// One fluid file, checked. Error with file and line where a key is missing, a unit differs or a number makes no sense.
Medium read_medium(const std::filesystem::path& file);

}  // namespace kelvolt
