#include "solver/units/message.hpp"

#include <fmt/format.h>

#include <cctype>

#include "solver/units/expression.hpp"
#include "solver/units/families.hpp"
#include "solver/units/udunits.hpp"

namespace kelvolt {
namespace units {
namespace {

// longer texts are shortened in messages
constexpr std::size_t longest_quote = 60;

std::string quoted(std::string_view text) {
    std::string shown;
    for (const char c : text.substr(0, longest_quote))
        shown += std::iscntrl(static_cast<unsigned char>(c)) != 0 ? ' ' : c;
    if (text.size() <= longest_quote) return "'" + shown + "'";
    // does not cut inside a UTF-8 character
    while (!shown.empty() && (static_cast<unsigned char>(text[shown.size()]) & 0xC0) == 0x80) shown.pop_back();
    return "'" + shown + "...'";
}

std::string with_article(const std::string& name) {
    return (std::string_view("aeiou").find(name[0]) != std::string_view::npos ? "an " : "a ") + name;
}

std::string listed(const std::vector<std::string>& words) {
    std::string list;
    for (std::size_t i = 0; i < words.size(); ++i) {
        list += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
    }
    return list;
}

bool same_unit(const Unit& a, const Unit& b) {
    const bool same_angle = (a.si.find("rad") == std::string::npos) == (b.si.find("rad") == std::string::npos);
    return a.mark == b.mark && same_angle && a.scale == b.scale && factor(a.si, b.si) == 1.0;
}

// the row with the same text, else one whose unit is the same in another spelling (m^3/s)
const Family* family(const Quantity& quantity) {
    for (const Family& row : families()) {
        if (row.si == quantity.unit && row.kind == quantity.kind) return &row;
    }
    try {
        const Unit unit = read_unit(quantity.unit, Letters::si);
        for (const Family& row : families()) {
            if (row.kind == quantity.kind && same_unit(read_unit(row.si, Letters::si), unit)) return &row;
        }
    } catch (const Error&) {
        // an unreadable declared unit has no family; check_declared names it
    }
    return nullptr;
}

std::string remedy(const std::string& unit, const Quantity& quantity) {
    const Family* row = family(quantity);
    const Unit given = read_unit(unit, Letters::temperature), wanted = read_unit(quantity.unit, Letters::si);
    for (const Remedy& known : remedies()) {
        if (row && known.wanted == row->si && factor(given.si, std::string(known.given)))
            return fmt::format("; {}", known.text);
    }
    if (given.si.find("^0.5") == std::string::npos && factor("1/(" + given.si + ")", wanted.si))
        return "; this is its inverse";
    return "";
}

}  // namespace

Error refusal(const Said& said, const std::string& why, const Quantity& quantity) {
    const std::string text = said.number ? fmt::format("{} {}", *said.number, said.text) : std::string(said.text);
    const auto end = text.find_last_not_of(' ');
    return input_error(fmt::format("{}: {}; expected {}, for example in {}",
                                   quoted(text.substr(0, end == std::string::npos ? 0 : end + 1)), why,
                                   with_article(quantity_name(quantity)), listed(accepted_units(quantity))));
}

Error wrong_dimension(const std::string& unit, const Quantity& quantity) {
    return input_error(
        fmt::format("'{}' is not a unit of {}{}", unit, quantity_name(quantity), remedy(unit, quantity)));
}

void check_declared(std::string_view si_unit) {
    try {
        const Unit unit = read_unit(si_unit, Letters::si);
        const bool fractional = unit.si.find("^0.5") != std::string::npos;
        const bool unmarked = unit.mark == Mark::none || unit.mark == Mark::reactive || unit.mark == Mark::apparent;
        const bool coherent = unmarked && unit.scale == 1.0 && (fractional || udunits_coherent(unit.si));
        const bool wanted = si_unit == "Hz" || (coherent && !si_unit.empty());
        if (!wanted)
            throw input_error(
                "declare an SI unit without prefix or mark; pressures as Pa, Pa_abs, Pa_gauge, temperatures as K, "
                "delta_K");
    } catch (const Error& error) {
        if (error.kind != Error::Kind::input) throw;
        throw input_error(fmt::format("declared unit {}: {}", quoted(si_unit), error.message));
    }
}

}  // namespace units

std::string quantity_name(const Quantity& quantity) {
    const units::Family* row = units::family(quantity);
    return row ? std::string(row->name) : "value in " + quantity.unit;
}

std::vector<std::string> accepted_units(const Quantity& quantity) {
    const units::Family* row = units::family(quantity);
    if (!row) return {quantity.unit};
    std::vector<std::string> list;
    std::string_view rest = row->accepted;
    while (!rest.empty()) {
        const auto bar = rest.find('|');
        list.emplace_back(rest.substr(0, bar));
        rest = bar == std::string_view::npos ? "" : rest.substr(bar + 1);
    }
    return list;
}

std::string display_unit(const Quantity& quantity, std::string_view system) {
    const units::Family* row = units::family(quantity);
    if (system != "si" && system != "us" && system != "si-field" && system != "SI-field") {
        throw input_error(fmt::format("unit system {} is not known: choose si, si-field or us", units::quoted(system)));
    }
    if (!row) return quantity.unit;
    return std::string(system == "si" ? row->show_si : system == "us" ? row->show_us : row->show_field);
}

}  // namespace kelvolt
