#include "solver/model/states.hpp"

#include <algorithm>
#include <regex>

namespace kelvolt {

namespace {

std::string as_one_word(std::string_view text) {
    std::string word;
    for (const char c : text) {
        const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (kept)
            word += c;
        else if (!word.empty() && word.back() != '_')
            word += '_';
    }
    while (word.ends_with('_')) word.pop_back();
    return word;
}

}  // namespace

std::vector<std::pair<double, std::string>> states_in(std::string_view meaning) {
    static const std::regex entry(R"((?:^|[\s(])(-?\d+): ([^,;()]+))");
    const std::string text(meaning);
    std::vector<std::pair<double, std::string>> found;
    for (std::sregex_iterator at(text.begin(), text.end(), entry), end; at != end; ++at)
        found.emplace_back(std::stod((*at)[1].str()), as_one_word((*at)[2].str()));
    const auto unclear = [&](const auto& one) {
        return one.second.empty() ||
               std::count_if(found.begin(), found.end(), [&](const auto& o) { return o.first == one.first; }) > 1;
    };
    if (found.size() < 2 || std::any_of(found.begin(), found.end(), unclear)) return {};
    return found;
}

}  // namespace kelvolt
