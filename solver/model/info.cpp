#include "solver/model/info.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace kelvolt {

namespace {
template <class List>
auto named(const List& list, std::string_view name) {
    return std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.name == name; });
}
template <class List>
int index_of(const List& list, std::string_view name) {
    const auto found = named(list, name);
    return found == list.end() ? -1 : static_cast<int>(found - list.begin());
}
}  // namespace

const ParamInfo* ModelInfo::param(std::string_view name) const {
    const auto found = named(params, name);
    return found == params.end() ? nullptr : &*found;
}
const ParamInfo* ModelInfo::param(ParamUse use) const {
    const auto found = std::find_if(params.begin(), params.end(), [&](const ParamInfo& p) { return p.use == use; });
    return found == params.end() ? nullptr : &*found;
}
const PortInfo* ModelInfo::port(std::string_view name) const {
    const auto found = named(ports, name);
    return found == ports.end() ? nullptr : &*found;
}
int ModelInfo::output(std::string_view name) const { return index_of(outputs, name); }
int ModelInfo::unknown(std::string_view name) const { return index_of(unknowns, name); }

std::string_view name_of(Role role) {
    // in the order of the enumeration
    static constexpr std::string_view names[] = {
        "pipe",      "header",   "junction",    "fitting",        "coupling",   "filter",  "valve",  "pump",
        "vessel",    "boundary", "exchanger",   "heat rejection", "chiller",    "cooler",  "fan",    "cold plate",
        "tray",      "chip",     "heater",      "heat store",     "conductor",  "ambient", "source", "store",
        "converter", "drive",    "transformer", "switch",         "protection", "line",    "tap",    "load",
        "bus",       "earth",    "sensor",      "controller",     "signal"};
    static_assert(std::size(names) == static_cast<std::size_t>(Role::signal) + 1);
    return names[static_cast<int>(role)];
}

std::string_view name_of(ParamUse use) {
    static constexpr std::string_view names[] = {"", "service", "closed", "count", "rating", "pole", "neutral"};
    return names[static_cast<int>(use)];
}

std::string_view electric_role(const ModelInfo& info) {
    switch (info.role) {
        case Role::source:
        case Role::store:
            return "source";
        case Role::converter:
        case Role::transformer:
        case Role::switching:
        case Role::bus:
            return name_of(info.role);
        case Role::protection:
            return name_of(Role::switching);
        case Role::line:
        case Role::tap:
            return "branch";
        case Role::earth:
            return "bus";
        default:
            return "load";
    }
}

Domain domain_of_unit(std::string_view unit) {
    if (unit == "kg/s" || unit == "Pa" || unit == "Pa_abs" || unit == "m3/s") return Domain::hydraulic;
    if (unit == "K" || unit == "W" || unit == "J") return Domain::thermal;
    if (unit == "V" || unit == "A") return Domain::electric;
    return Domain::control;
}

std::string range_text(const Range& r, std::string_view unit) {
    const std::string lo = std::isinf(r.lo) ? "" : fmt::format("{} {:g}", r.open_lo ? "above" : "at least", r.lo);
    const std::string hi = std::isinf(r.hi) ? "" : fmt::format("{} {:g}", r.open_hi ? "below" : "at most", r.hi);
    if (lo.empty() && hi.empty()) return "a finite number";
    return fmt::format("{}{}{}{}{}", lo, lo.empty() || hi.empty() ? "" : " and ", hi, unit == "1" ? "" : " ",
                       unit == "1" ? "" : unit);
}

std::string percent_remedy(const ParamInfo& p, double si) {
    if (p.unit != "1" || !(si > p.range.hi) || !p.range.holds(0.01 * si)) return "";
    return fmt::format("; a percentage is written {:g} %", si);
}

std::string ModelInfo::describe_change(const std::vector<double>& before, const std::vector<double>& now) const {
    std::string text;
    for (std::size_t k = 0; k < now.size(); ++k) {
        if (now[k] == before[k] || now[k] >= never) continue;
        const std::string &doc = discretes[k].doc, key = fmt::format("{:g}: ", now[k]);
        const std::size_t at = doc.find(key);
        text += text.empty() ? "" : ", ";
        if (at == std::string::npos || (at > 0 && doc[at - 1] != ' '))
            text += fmt::format("{} = {:g}{}", discretes[k].name, now[k], doc.ends_with("[s]") ? " s" : "");
        else
            text += doc.substr(at + key.size(), doc.find(", ", at) - at - key.size());
    }
    return text;
}

}  // namespace kelvolt
