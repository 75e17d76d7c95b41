#include "solver/error.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace kelvolt {
namespace {

// longer names are not compared: the bound limits the time that a very long key costs
constexpr std::size_t longest_name = 128;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

// number of edits between two names (insert, delete, replace, swap neighbours); upper and lower case count as equal
std::size_t edit_distance(std::string_view a, std::string_view b) {
    using Row = std::array<std::size_t, longest_name + 1>;
    Row before_last{}, last{}, row{};
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + replace});
            const bool swapped =
                i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last = last;
        last = row;
    }
    return last[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
    if (name.empty() || name.size() > longest_name) return "";
    const std::string* best = nullptr;
    std::size_t best_distance = longest_name;
    for (const std::string& candidate : known) {
        if (candidate.size() > longest_name || candidate == name) continue;
        const std::size_t longer = std::max(name.size(), candidate.size());
        const std::size_t shorter = std::min(name.size(), candidate.size());
        if (3 * (longer - shorter) > longer) continue;
        const std::size_t distance = edit_distance(name, candidate);
        if (3 * distance > longer || distance >= best_distance) continue;
        best = &candidate;
        best_distance = distance;
    }
    return best ? " (did you mean '" + *best + "'?)" : "";
}

}  // namespace kelvolt
