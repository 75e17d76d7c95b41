#include "solver/data_folder.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <mutex>

#include "solver/error.hpp"

namespace kelvolt {
namespace {

// inside a function, so that static objects elsewhere may set the folder before main
struct Chosen {
    std::mutex guard;
    std::filesystem::path folder;
};
Chosen& chosen() {
    static Chosen c;
    return c;
}

std::filesystem::path compiled_in() {
#ifdef KELVOLT_DATA_DIR
    return KELVOLT_DATA_DIR;
#else
    return {};
#endif
}

}  // namespace

void set_data_directory(const std::filesystem::path& directory) {
    if (!std::filesystem::is_directory(directory))
        throw input_error(
            fmt::format("data directory '{}' does not exist; give the folder that holds fluids/ and components/",
                        directory.string()));
    const std::lock_guard lock(chosen().guard);
    chosen().folder = directory;
}

std::filesystem::path data_directory() {
    {
        const std::lock_guard lock(chosen().guard);
        if (!chosen().folder.empty()) return chosen().folder;
    }
    const char* environment = std::getenv("KELVOLT_DATA");
    const bool from_environment = environment != nullptr && *environment != '\0';
    const std::filesystem::path directory = from_environment ? std::filesystem::path(environment) : compiled_in();
    if (!directory.empty() && std::filesystem::is_directory(directory)) return directory;
    throw Error(Error::Kind::io, fmt::format("Kelvolt's data folder was not found ({}: '{}'); set KELVOLT_DATA to the "
                                             "folder that holds fluids/ and components/",
                                             from_environment ? "KELVOLT_DATA" : "compiled in", directory.string()));
}

}  // namespace kelvolt
