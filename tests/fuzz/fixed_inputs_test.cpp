// The targets of the fuzzer on inputs that are the same every time: seeds, with a few bytes changed.
#include <doctest/doctest.h>

#include <random>

#include "tests/fuzz/targets.hpp"

using namespace kelvolt::fuzz;

namespace {

/// A seed with one to four places changed: a digit, a byte, or a stretch that is dropped, doubled or copied from
/// elsewhere.
std::string changed(std::string bytes, std::mt19937& random) {
    for (unsigned n = 1 + random() % 4; n > 0 && !bytes.empty(); --n) {
        std::size_t at = random() % bytes.size();
        const std::size_t length = 1 + random() % 16;
        switch (random() % 6) {
            case 0:
                bytes[at] = static_cast<char>(random());
                break;
            case 1:
                bytes.erase(at, length);
                break;
            case 2:
                bytes.insert(at, bytes.substr(random() % bytes.size(), length));
                break;
            case 3:
                bytes[at] = "0123456789.-+eE[]{}:,# \n\t%&*!|>'\""[random() % 34];
                break;
            default:
                if (at = bytes.find_first_of("0123456789", at); at != std::string::npos)
                    bytes[at] = static_cast<char>('0' + random() % 10);
        }
    }
    return bytes;
}

}  // namespace

TEST_CASE("inputs made at random are answered, or refused by name, and no answer breaks a law") {
    for (const Target& target : targets()) {
        const std::vector<std::string> seeds = target.seeds();
        REQUIRE_FALSE(seeds.empty());
        std::mt19937 random(20261128);
        int accepted = 0;
        for (int k = 0; k < target.fixed_inputs; ++k) {
            const std::string& seed = seeds[static_cast<std::size_t>(k) % seeds.size()];
            const std::string input = k < static_cast<int>(seeds.size()) ? seed : changed(seed, random);
            try {
                accepted += target.run({reinterpret_cast<const std::uint8_t*>(input.data()), input.size()});
            } catch (const std::exception& e) {
                FAIL_CHECK(target.name << ", input " << k << ": " << std::string(e.what()));
            }
        }
        INFO(target.name << ": " << accepted << " of " << target.fixed_inputs << " accepted");
        CHECK(accepted >= target.least_accepted * target.fixed_inputs);  // else the laws were held against nothing
    }
}
