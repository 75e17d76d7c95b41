#include "solver/units/units.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <functional>
#include <numbers>
#include <optional>
#include <unordered_map>

#include "solver/error.hpp"
#include "solver/units/expression.hpp"
#include "solver/units/families.hpp"
#include "solver/units/message.hpp"
#include "solver/units/udunits.hpp"

namespace kelvolt {
namespace {

using units::Letters;
using units::Mark;
using units::Unit;

// a bare number below this, given for a temperature, is probably in degC without its unit
constexpr double coldest_bare_kelvin = 150.0;

struct Conversion {
    double scale = 1.0, offset = 0.0;
};

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <class Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

bool has_angle(std::string_view text) {
    for (const std::string_view word : {"rad", "deg", "rev", "turn"}) {
        if (text.find(word) != std::string_view::npos) return true;
    }
    return false;
}

// turns and radians have the same dimension: 1/min could mean either, so the angle must be stated
double turning_scale(double scale, const Unit& unit, const Unit& target, const Quantity& quantity,
                     std::string_view text) {
    constexpr double turn = 2 * std::numbers::pi;
    if (unit.mark == Mark::turning)
        return has_angle(quantity.unit) || target.mark == Mark::turning ? scale : scale / turn;
    if (has_angle(text) || has_angle(unit.si)) return scale;
    if (target.mark == Mark::turning) return scale * turn;
    if (has_angle(quantity.unit)) {
        throw input_error(fmt::format("'{}' does not say turns or radians; write rpm or rad/s", text));
    }
    return scale;
}

struct Match {
    Unit unit;
    double scale;
};

// C and F are tried as temperatures first, then as coulomb and farad
std::optional<Match> match(const std::string& text, const Unit& target, const Quantity& quantity) {
    for (const Letters letters : {Letters::temperature, Letters::si}) {
        if (letters == Letters::si && text.find_first_of("CF") == std::string::npos) break;
        try {
            const Unit unit = units::read_unit(text, letters);
            const auto factor = units::factor(unit.si, target.si);
            if (!factor) continue;
            const double scale = unit.scale * *factor / target.scale;
            return Match{unit, turning_scale(scale, unit, target, quantity, text)};
        } catch (const Error&) {
            if (letters == Letters::temperature) throw;
        }
    }
    return std::nullopt;
}

double pressure_offset(const Unit& unit, Kind kind) {
    if (kind == Kind::pressure_difference) {
        if (unit.mark == Mark::none || unit.mark == Mark::difference) return 0.0;
        throw input_error("a pressure difference has no reference: write psi, psid, kPa or bar");
    }
    if (unit.mark == Mark::none)
        throw input_error("the unit must say its reference: write bar(a) or bar(g), psia or psig");
    if (unit.mark == Mark::difference)
        throw input_error("the unit is one of a difference: write bar(a) or bar(g), psia or psig");
    const bool absolute = unit.mark == Mark::absolute;
    if (kind == Kind::pressure_absolute) return absolute ? 0.0 : standard_atmosphere;
    return absolute ? -standard_atmosphere : 0.0;
}

// the dimension is right; checks the meaning
double offset_for(const Unit& unit, const Unit& target, Kind kind) {
    switch (kind) {
        case Kind::temperature:
            if (unit.mark == Mark::temperature_step)
                throw input_error("a difference is not a temperature: write degC, K or degF");
            return unit.offset;
        case Kind::temperature_difference:
            return 0.0;
        case Kind::pressure_absolute:
        case Kind::pressure_gauge:
        case Kind::pressure_difference:
            return pressure_offset(unit, kind);
        case Kind::plain:
            break;
    }
    if (unit.mark == Mark::gauge || unit.mark == Mark::absolute)
        return pressure_offset(unit, Kind::pressure_difference);
    const auto power = [](Mark mark) { return mark == Mark::reactive || mark == Mark::apparent ? mark : Mark::none; };
    if (power(unit.mark) != power(target.mark)) {
        throw input_error("active (W), reactive (var) and apparent (VA) power are different quantities");
    }
    return 0.0;
}

Conversion make_conversion(std::string_view raw, const Quantity& quantity, const units::Said& said) {
    try {
        const std::string text = units::plain_text(raw);
        const Unit target = units::read_unit(quantity.unit, Letters::si);
        const auto matched = match(text, target, quantity);
        if (!matched) throw units::wrong_dimension(text, quantity);
        return {matched->scale, offset_for(matched->unit, target, quantity.kind)};
    } catch (const Error& error) {
        if (error.kind != Error::Kind::input) throw;
        throw units::refusal(said, error.message, quantity);
    }
}

// one cache per thread, so that reading large cases needs no lock
const Conversion& conversion(std::string_view unit, const Quantity& quantity, const units::Said& said) {
    thread_local TextMap<Conversion> known;
    thread_local std::string key;
    key.assign(unit);
    key += '\n';
    key += static_cast<char>('0' + static_cast<int>(quantity.kind));
    key += quantity.unit;
    const auto found = known.find(key);
    if (found != known.end()) return found->second;
    const Conversion made = make_conversion(unit, quantity, said);
    return known.emplace(key, made).first->second;
}

double convert(double number, std::string_view unit, const Quantity& quantity, const units::Said& said) {
    if (!std::isfinite(number)) throw units::refusal(said, "not a finite number", quantity);
    double si = number;
    if (!unit.empty()) {
        const Conversion& by = conversion(unit, quantity, said);
        si = number * by.scale + by.offset;
    } else if (quantity.kind == Kind::temperature && number < coldest_bare_kelvin) {
        const std::string remedy =
            fmt::format("a bare number is kelvin; write '{} degC' if degrees Celsius are meant", number);
        throw units::refusal(said, remedy, quantity);
    }
    if (!std::isfinite(si)) throw units::refusal(said, "too large for a number in " + quantity.unit, quantity);
    // values below zero by rounding only are accepted: -459.67 degF
    if (quantity.kind == Kind::temperature && si < -1e-9) throw units::refusal(said, "below absolute zero", quantity);
    if (quantity.kind == Kind::pressure_absolute && si < -1e-9 * standard_atmosphere) {
        throw units::refusal(said, "below vacuum", quantity);
    }
    return si;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// "12 AWG", "2/0 AWG", "AWG 12": cross-section of a round wire of that gauge [m2], with the diameter 0.127 mm 92^((36 -
// n)/39) (ASTM B258) and n = 0, -1, -2, -3 for 1/0 to 4/0. Empty if the text is not a gauge.
std::optional<double> wire_gauge(std::string_view text, const units::Said& said, const Quantity& quantity) {
    constexpr std::string_view word = "AWG";
    if (!text.ends_with(word) && !text.starts_with(word)) return std::nullopt;
    if (text.starts_with(word))
        text.remove_prefix(word.size());
    else
        text.remove_suffix(word.size());
    text = trimmed(text);
    int n = 0, zeros = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), n);
    const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
    if (rest == "/0") zeros = n, n = 1 - n;
    const bool reads = status == std::errc() && (rest.empty() ? n >= 0 && n <= 40 : rest == "/0" && zeros >= 1);
    if (!reads || zeros > 4) throw units::refusal(said, "a wire gauge is 4/0 to 1/0 AWG or 1 to 40 AWG", quantity);
    if (!units::factor(quantity.unit, "m2"))
        throw units::refusal(said, "AWG is a gauge of wire: a cross-section", quantity);
    const double across = 0.127e-3 * std::pow(92.0, (36.0 - n) / 39.0);
    return std::numbers::pi / 4.0 * across * across / units::factor("m2", quantity.unit).value();
}

// the text after the number must be one unit
std::string_view unit_part(std::string_view rest, const units::Said& said, const Quantity& quantity) {
    const bool separator =
        rest.size() > 1 && std::string_view("_,'").find(rest[0]) != std::string_view::npos && is_digit(rest[1]);
    if (separator)
        throw units::refusal(said, "write numbers without separators and with a decimal point, 1200.5", quantity);
    const std::string_view unit = trimmed(rest);
    if (unit.empty()) return unit;
    const bool per = unit[0] == '1' && unit.size() > 1 && trimmed(unit.substr(1)).starts_with('/');
    if (!per && (is_digit(unit[0]) || std::string_view("+-.").find(unit[0]) != std::string_view::npos)) {
        throw units::refusal(said, "two numbers; write one, without blanks inside", quantity);
    }
    return unit;
}

}  // namespace

double to_si(std::string_view text, const Quantity& quantity) {
    const units::Said said{text};
    std::string_view rest = trimmed(text);
    if (rest.empty()) throw units::refusal(said, "no value", quantity);
    if (const auto area = wire_gauge(rest, said, quantity)) return *area;
    // from_chars accepts no plus sign
    const bool plus = rest[0] == '+';
    if (plus) rest.remove_prefix(1);
    const std::string_view digits = !plus && rest.starts_with('-') ? rest.substr(1) : rest;
    const bool starts =
        !digits.empty() && (is_digit(digits[0]) || (digits.size() > 1 && digits[0] == '.' && is_digit(digits[1])));
    if (!starts) throw units::refusal(said, "no number at the start", quantity);
    // not strtod, because the decimal point must not depend on the locale
    double number = 0.0;
    const auto [end, status] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (status != std::errc()) throw units::refusal(said, "too large or too small for a number", quantity);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return convert(number, unit_part(rest, said, quantity), quantity, said);
}

double to_si(double number, std::string_view unit, const Quantity& quantity) {
    return convert(number, trimmed(unit), quantity, units::Said{unit, number});
}

double from_si(double si, std::string_view unit, const Quantity& quantity) {
    if (unit.empty() || unit == quantity.unit) return si;
    const Conversion& by = conversion(trimmed(unit), quantity, units::Said{unit});
    return (si - by.offset) / by.scale;
}

Quantity declared(std::string_view si_unit) {
    thread_local TextMap<Quantity> known;
    const auto found = known.find(si_unit);
    if (found != known.end()) return found->second;
    Quantity quantity{std::string(si_unit), Kind::plain};
    if (si_unit == "K")
        quantity.kind = Kind::temperature;
    else if (si_unit == "delta_K")
        quantity = {"K", Kind::temperature_difference};
    else if (si_unit == "Pa")
        quantity.kind = Kind::pressure_difference;
    else if (si_unit == "Pa_abs")
        quantity = {"Pa", Kind::pressure_absolute};
    else if (si_unit == "Pa_gauge")
        quantity = {"Pa", Kind::pressure_gauge};
    else
        units::check_declared(si_unit);
    return known.emplace(std::string(si_unit), quantity).first->second;
}

double seconds(std::string_view text) {
    static const Quantity time{"s", Kind::plain};
    return to_si(text, time);
}

}  // namespace kelvolt
