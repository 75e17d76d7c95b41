#include "solver/units/attribute.hpp"

#include <regex>
#include <vector>

namespace kelvolt::units {

namespace {

// marks and names that Kelvolt reads, and UDUNITS or pint do not
std::string_view known_name(std::string_view name) {
    constexpr std::pair<std::string_view, std::string_view> names[] = {
        {"delta_K", "K"}, {"Pa_abs", "Pa"}, {"Pa_gauge", "Pa"}, {"psia", "psi"},  {"psig", "psi"},
        {"VA", "V A"},    {"kVA", "kV A"},  {"var", "V A"},     {"kvar", "kV A"}, {"gpm", "gallon/min"}};
    for (const auto& [from, to] : names)
        if (from == name) return to;
    return name;
}

bool of_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80); }

std::string with_known_names(std::string_view unit) {
    std::string text;
    for (std::size_t at = 0; at < unit.size();) {
        std::size_t end = at;
        while (end < unit.size() && of_word(unit[end])) ++end;
        if (end == at)
            ++end, text += unit[at];
        else
            text += known_name(unit.substr(at, end - at));
        at = end;
    }
    return text;
}

std::string_view without_reference(std::string_view unit) {
    return unit.ends_with("(a)") || unit.ends_with("(g)") ? unit.substr(0, unit.size() - 3) : unit;
}

}  // namespace

std::string attribute(std::string_view unit) {
    static const std::regex token(R"([/()]|[^\s/().]+(?:\.\d+)?)"), factor(R"(([^\d^]+)\^?(\d+(?:\.\d+)?)?)");
    const std::string text = with_known_names(without_reference(unit));
    std::string made;
    bool below = false;              // whether the next factor is divided by
    std::vector<bool> outer{false};  // whether the parentheses around it are
    for (std::sregex_iterator at(text.begin(), text.end(), token), end; at != end; ++at) {
        const std::string word = at->str();
        std::smatch found;
        if (word == "/") {
            below = true;
        } else if (word == "(") {
            outer.push_back(outer.back() != below);
            below = false;
        } else if (word == ")") {
            if (outer.size() == 1) return std::string(unit);
            outer.pop_back();
        } else if (word == "1") {
            continue;
        } else if (std::regex_match(word, found, factor)) {
            const std::string power = (below != outer.back() ? "-" : "") + (found[2].matched ? found[2].str() : "1");
            made += (made.empty() ? "" : " ") + found[1].str() + (power == "1" ? "" : "^" + power);
            below = false;
        } else {
            return std::string(unit);
        }
    }
    return made.empty() ? "1" : made;
}

std::string_view declared_unit(const Quantity& quantity) {
    switch (quantity.kind) {
        case Kind::temperature_difference:
            return "delta_K";
        case Kind::pressure_absolute:
            return "Pa_abs";
        case Kind::pressure_gauge:
            return "Pa_gauge";
        default:
            return quantity.unit;
    }
}

}  // namespace kelvolt::units
