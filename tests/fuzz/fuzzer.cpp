// The entry of libFuzzer. KELVOLT_FUZZ_TARGET names the target; KELVOLT_FUZZ_SEEDS a folder that gets its seeds and a
// dictionary before the work begins.
#include <fmt/format.h>
#include <hdf5.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "models/library.hpp"
#include "solver/model/info.hpp"
#include "tests/fuzz/targets.hpp"

namespace {

using namespace kelvolt;

const fuzz::Target* target = nullptr;

/// Every name a case may use, for libFuzzer to put in.
void write_dictionary(const std::filesystem::path& file) {
    std::set<std::string> words{"kelvolt: 1", "components:", "connections:", "profiles:", "apply:",      "events:",
                                "limits:",    "record:",     "run:",         "power:",    "assemblies:", "fluids:",
                                "count:",     "model:",      "[1..3]",       " -> ",      "&a ",         "*a",
                                "!!float ",   "1e308",       "nan"};
    for (const ModelInfo* info : all_models()) {
        words.insert(info->type);
        for (const ParamInfo& p : info->params) words.insert(p.name + ": ");
        for (const PortInfo& p : info->ports) words.insert("." + p.name);
    }
    std::ofstream out(file);
    for (const std::string& word : words) out << '"' << word << "\"\n";
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    bring_models();
    H5dont_atexit();  // HDF5 cannot close what it met in a damaged file, and says so at the end
    const char* name = std::getenv("KELVOLT_FUZZ_TARGET");
    for (const fuzz::Target& t : fuzz::targets())
        if (name && t.name == name) target = &t;
    if (!target) {
        for (const fuzz::Target& t : fuzz::targets()) fmt::print("{}\t{}\n", t.name, t.what);
        std::exit(name ? 2 : 0);
    }
    if (const char* folder = std::getenv("KELVOLT_FUZZ_SEEDS")) {
        int n = 0;
        for (const std::string& seed : target->seeds())
            std::ofstream(std::filesystem::path(folder) / fmt::format("seed{:03}", ++n), std::ios::binary) << seed;
        write_dictionary(std::filesystem::path(folder).parent_path() / "dictionary");
    }
    return 0;
}

/// HDF5 and UDUNITS-2 forget some of their own memory when they refuse a damaged file, or a text.
extern "C" const char* __lsan_default_suppressions() { return "leak:libhdf5\nleak:libudunits2\n"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    target->run({data, size});
    return 0;
}
