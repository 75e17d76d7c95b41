#include "solver/units/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

#include "solver/error.hpp"
#include "solver/units/udunits.hpp"

namespace kelvolt::units {
namespace {

// longer than any unit; the bound keeps very long text away from the parser
constexpr std::size_t longest_unit = 64;

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

const Alias* find(std::span<const Alias> table, std::string_view name, Letters letters) {
    if (letters == Letters::si && (name == "C" || name == "F")) return nullptr;
    const auto found = std::ranges::find(table, name, &Alias::name);
    return found == table.end() ? nullptr : &*found;
}

std::vector<std::string> known_names() {
    std::vector<std::string> names{"W",  "kW", "MW", "Pa", "kg", "g", "m", "mm",
                                   "cm", "in", "ft", "J",  "kJ", "V", "A", "s"};
    for (const Alias& alias : aliases()) names.emplace_back(alias.name);
    return names;
}

/// Rewrites a compound unit for UDUNITS: aliases expanded, temperatures as differences, explicit powers.
class Compound {
   public:
    Compound(std::string_view text, Letters letters) : text_(text), letters_(letters) {}

    std::string rewrite() {
        if (text_ == "1") return "1";
        while (at_ < text_.size()) step();
        if (depth_ != 0) throw input_error(fmt::format("a bracket stays open in the unit '{}'", text_));
        return out_;
    }

   private:
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

    void step() {
        const char c = peek();
        if (is_letter(c) || c == '%') return name();
        if (c == '1' && at_ == 0 && text_.find_first_not_of(' ', 1) == text_.find('/')) return copy(false);
        if (after_operand_ && power()) return;
        if (c == ')') return copy(true);
        if (c == ' ' || c == '*' || c == '.' || c == '/' || c == '(') return copy(false);
        if (is_digit(c)) throw input_error(fmt::format("a second number in the unit '{}'", text_));
        throw input_error(fmt::format("the sign '{}' has no meaning in the unit '{}'", printable(c), text_));
    }

    static std::string printable(char c) {
        return std::isprint(static_cast<unsigned char>(c)) ? std::string(1, c)
                                                           : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }

    void copy(bool operand) {
        // UDUNITS ignores a closing bracket without an opening one
        depth_ += peek() == '(' ? 1 : peek() == ')' ? -1 : 0;
        if (depth_ < 0) throw input_error(fmt::format("a bracket closes nothing in the unit '{}'", text_));
        out_ += text_[at_++];
        after_operand_ = operand;
    }

    // reads a power: m3, m^3, m**3, s-1, (L/min)2
    bool power() {
        std::size_t start = at_;
        if (peek() == '^')
            start += 1;
        else if (peek() == '*' && peek(1) == '*')
            start += 2;
        std::size_t end = start;
        if (end < text_.size() && (text_[end] == '-' || text_[end] == '+')) ++end;
        const std::size_t digits = end;
        while (end < text_.size() && is_digit(text_[end])) ++end;
        if (end == digits || end - digits > 2) return false;
        if (end < text_.size() && text_[end] == '.') refuse_fraction(end);
        if (text_[start] == '+') ++start;
        out_ += "^" + std::string(text_.substr(start, end - start));
        at_ = end;
        after_operand_ = false;
        return true;
    }

    void refuse_fraction(std::size_t point) const {
        if (point + 1 >= text_.size() || !is_digit(text_[point + 1])) return;
        throw input_error(
            fmt::format("a fractional power in the unit '{}'; flow coefficients are written Kv or Cv", text_));
    }

    // reads the longest text that is an alias (inH2O), else letters only, followed by a power (m3)
    void name() {
        std::size_t end = at_ + 1, letters_end = 0;
        if (peek() != '%') {
            while (end < text_.size() && is_letter(text_[end])) ++end;
            letters_end = end;
            while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
        }
        std::string_view word = text_.substr(at_, end - at_);
        const Alias* alias = find(aliases(), word, letters_);
        if (!alias && letters_end != 0) {
            word = text_.substr(at_, letters_end - at_);
            alias = find(aliases(), word, letters_);
        }
        at_ += word.size();
        if (peek() == '(') throw input_error(fmt::format("'{}(' in the unit '{}' has no meaning", word, text_));
        out_ += word == "per" ? "/" : alias ? expanded(*alias) : foreign(word);
        after_operand_ = true;
    }

    std::string expanded(const Alias& alias) const {
        if (alias.mark == Mark::gauge || alias.mark == Mark::absolute) {
            throw input_error(fmt::format(
                "'{}' inside '{}': only pressure differences combine with other units (psi, bar)", alias.name, text_));
        }
        // V/Hz counts cycles, not radians
        if (alias.name.ends_with("Hz")) return std::string(alias.name);
        if (alias.scale == 1.0) return fmt::format("({})", alias.si);
        return fmt::format("({:.17g} {})", alias.scale, alias.si);
    }

    std::string foreign(std::string_view word) const {
        if (word == "head") throw input_error("a head names its fluid: mH2O or ftH2O for a column of water");
        if (word == "ton" || word == "tons")
            throw input_error(
                fmt::format("'{}' may be a ton of refrigeration or one of three masses: write RT (12 000 BTU/h), tonne "
                            "(1000 kg), short_ton (2000 lb) or long_ton (2240 lb)",
                            word));
        if (udunits_knows(std::string(word))) return std::string(word);
        throw input_error(fmt::format("the unit '{}' is not known{}", word, did_you_mean(word, known_names())));
    }

    std::string_view text_;
    Letters letters_;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool after_operand_ = false;
    std::string out_;
};

std::optional<Unit> marked_pressure(std::string_view text, Letters letters) {
    for (const PressureEnding& ending : pressure_endings()) {
        if (!text.ends_with(ending.text)) continue;
        std::string_view base = text.substr(0, text.size() - ending.text.size());
        while (base.ends_with(' ')) base.remove_suffix(1);
        if (base.empty() || base.find_first_of("/*^") != std::string_view::npos) continue;
        const Alias* alias = find(aliases(), base, letters);
        if (!alias && !udunits_knows(std::string(base))) continue;
        Unit unit = read_unit(base, letters);
        if (unit.mark != Mark::none || !factor(unit.si, "Pa")) continue;
        unit.mark = ending.mark;
        return unit;
    }
    return std::nullopt;
}

}  // namespace

std::string plain_text(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 25> signs{{
        {"°C", "degC"}, {"°F", "degF"},  {"ºC", "degC"},    {"ºF", "degF"},  {"℃", "degC"},
        {"℉", "degF"},  {"° C", "degC"}, {"° F", "degF"},   {"°", "degree"}, {"µ", "u"},
        {"μ", "u"},     {"Ω", "ohm"},    {"\u2126", "ohm"}, {"²", "2"},      {"³", "3"},
        {"¹", "1"},     {"⁻", "-"},      {"−", "-"},        {"·", "*"},      {"⋅", "*"},
        {"×", "*"},     {"Δ", "delta_"}, {"\u00a0", " "},   {"\u202f", " "}, {"\t", " "},
    }};
    std::string plain;
    while (!text.empty()) {
        const auto sign = std::ranges::find_if(signs, [&](const auto& s) { return text.starts_with(s.first); });
        plain += sign == signs.end() ? text.substr(0, 1) : sign->second;
        text.remove_prefix(sign == signs.end() ? 1 : sign->first.size());
    }
    const auto first = plain.find_first_not_of(' ');
    return first == std::string::npos ? "" : plain.substr(first, plain.find_last_not_of(' ') - first + 1);
}

Unit read_unit(std::string_view text, Letters letters) {
    if (text.size() > longest_unit) throw input_error("the text of the unit is longer than any known unit");
    std::string joined(text);
    std::ranges::replace_if(
        joined, [](char c) { return c == ' ' || c == '*'; }, '-');
    const Alias* alias = find(whole_texts(), joined, letters);
    if (!alias) alias = find(aliases(), text, letters);
    if (alias) return {alias->scale, alias->offset, std::string(alias->si), alias->mark};
    if (auto unit = marked_pressure(text, letters)) return *unit;
    Unit unit{.si = Compound(text, letters).rewrite()};
    if (!udunits_knows(unit.si)) throw input_error(fmt::format("the unit '{}' cannot be read", text));
    return unit;
}

std::optional<double> factor(const std::string& from, const std::string& to) {
    if (from == to) return 1.0;
    // fractional powers: different texts mean different dimensions
    if (from.find("^0.5") != std::string::npos || to.find("^0.5") != std::string::npos) return std::nullopt;
    return udunits_factor(from, to);
}

}  // namespace kelvolt::units
