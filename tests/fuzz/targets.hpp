/// What is fuzzed. A target takes any bytes and may throw nothing but kelvolt::Error, which it catches itself; an
/// answer that breaks a law is thrown as BrokenProperty. `./kelvolt fuzz` runs the targets under libFuzzer, and the C++
/// tests run a few thousand fixed inputs of each.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kelvolt::fuzz {

using Bytes = std::span<const std::uint8_t>;

/// A wrong answer without a warning. The message carries the input as text.
class BrokenProperty : public std::logic_error {
    using std::logic_error::logic_error;
};

struct Target {
    std::string_view name, what;
    bool (*run)(Bytes input);             ///< false: refused, or without an answer
    std::vector<std::string> (*seeds)();  ///< inputs to begin from
    int fixed_inputs;                     ///< how many the C++ tests run
    double least_accepted;                ///< share of them that is no refusal
};

const std::vector<Target>& targets();

// each in a file of its own
bool parse_yaml(Bytes input);
bool solve_case(Bytes input);
bool read_units(Bytes input);
bool match_path(Bytes input);
bool read_curve(Bytes input);
bool read_profile(Bytes input);
bool read_table(Bytes input);
bool assemble_result(Bytes input);
bool solve_hydraulic(Bytes input);
bool solve_electric(Bytes input);
bool solve_any_parts(Bytes input);

/// Texts of the shipped cases, library entries and tables.
std::vector<std::string> shipped_texts(std::string_view folder, std::string_view extension, std::size_t longest);
std::vector<std::string> random_seeds();

inline std::string_view text_of(Bytes input) { return {reinterpret_cast<const char*>(input.data()), input.size()}; }

}  // namespace kelvolt::fuzz
