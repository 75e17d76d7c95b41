/// The states of a value whose meaning lists them: "0: open, 1: closed".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kelvolt {

/// Values with their meanings, in the order of the text; empty unless it lists two or more. A meaning is written as one
/// word for flag_meanings of CF: "1: in a gap" is {1, "in_a_gap"}.
std::vector<std::pair<double, std::string>> states_in(std::string_view meaning);

}  // namespace kelvolt
