#include "solver/data_folder.hpp"

#include <dlfcn.h>
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
    const std::filesystem::path package = package_directory();
    return package.empty() ? package : package / "data";
#endif
}

}  // namespace

std::filesystem::path package_directory() {
#ifdef KELVOLT_DATA_DIR
    return {};
#else
    // the module lies in compiled/x86-64-v3 of the package, or in another folder at the same depth
    Dl_info module{};
    if (dladdr(reinterpret_cast<const void*>(&package_directory), &module) == 0 || !module.dli_fname) return {};
    std::error_code unreadable;
    const std::filesystem::path file = std::filesystem::weakly_canonical(module.dli_fname, unreadable);
    return unreadable ? std::filesystem::path() : file.parent_path().parent_path().parent_path();
#endif
}

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
