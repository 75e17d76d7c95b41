#include "solver/model/info.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "solver/error.hpp"

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
const PortInfo* ModelInfo::port(std::string_view name) const {
    const auto found = named(ports, name);
    return found == ports.end() ? nullptr : &*found;
}
int ModelInfo::output(std::string_view name) const { return index_of(outputs, name); }
int ModelInfo::unknown(std::string_view name) const { return index_of(unknowns, name); }

const ModelInfo& model_info(std::string_view type) {
    static const auto by_name = [] {
        std::map<std::string, const ModelInfo*, std::less<>> index;
        for (const ModelInfo* info : all_models()) index.emplace(info->type, info);
        return index;
    }();
    if (const auto found = by_name.find(type); found != by_name.end()) return *found->second;
    std::vector<std::string> known;
    for (const auto& [name, info] : by_name) known.push_back(name);
    throw input_error("no model is called '" + std::string(type) + "'" + did_you_mean(type, known) +
                      "; `kelvolt components` lists them");
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

}  // namespace kelvolt
