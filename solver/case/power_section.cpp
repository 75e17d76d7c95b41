#include "solver/case/power_section.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "solver/case/built_case.hpp"
#include "solver/case/harmonics_section.hpp"
#include "solver/case/timeline.hpp"
#include "solver/case/values.hpp"
#include "solver/data_folder.hpp"
#include "solver/network/path_pattern.hpp"

namespace kelvolt {

namespace {

using Patterns = PowerSection::Patterns;

/// What a limit that Kelvolt ships is compared with, and on which side it bounds.
struct ShippedLimit {
    std::string unit = "1";
    bool max = false, min = false;
};

/// The shipped limits by their keys.
std::vector<std::pair<std::string, ShippedLimit>> shipped_limits() {
    const auto file = data_directory() / "checks" / "power.yaml";
    const yaml::Node root = yaml::parse(yaml::read_text(file), file.string());
    std::vector<std::pair<std::string, ShippedLimit>> known;
    const yaml::Node* items = root.find("items");
    for (const yaml::Node& item : items ? items->items : std::vector<yaml::Node>{})
        if (const yaml::Node* limits = item.find("limits"))
            for (std::size_t k = 0; k < limits->keys.size(); ++k) {
                const yaml::Node& limit = limits->items[k];
                const yaml::Node* unit = limit.find("unit");
                known.emplace_back(
                    limits->keys[k].name,
                    ShippedLimit{unit ? unit->text : "1", limit.find("max") != nullptr, limit.find("min") != nullptr});
            }
    return known;
}

class SectionReader {
   public:
    SectionReader(const BuiltCase& built, ProfileReader& profiles) : case_(built), profiles_(profiles) {}

    PowerSection read(const yaml::Node& node) const {
        const yaml::Fields f(node, "power", format::power);
        PowerSection section;
        if (const auto* spaces = f.find("spaces")) {
            yaml::map(*spaces, "power: spaces");
            for (std::size_t k = 0; k < spaces->keys.size(); ++k)
                section.spaces.emplace_back(spaces->keys[k].name,
                                            components(spaces->items[k], "power: spaces: " + spaces->keys[k].name));
        }
        if (const auto* it = f.find("it")) section.it = components(*it, "power: it");
        if (const auto* cooling = f.find("cooling")) section.cooling = components(*cooling, "power: cooling");
        if (const auto* schemes = f.find("schemes"))
            for (const yaml::Node& one : yaml::list(*schemes, "power: schemes").items)
                section.schemes.push_back(scheme(one));
        if (const auto* contingencies = f.find("contingencies")) read_contingencies(*contingencies, section);
        if (const auto* limits = f.find("limits")) section.limits = read_limits(*limits);
        if (const auto* harmonics = f.find("harmonics"))
            section.harmonics = read_harmonics(*harmonics, [this](const yaml::Node& node, const std::string& about) {
                return components(node, about);
            });
        if (const auto* dips = f.find("dips")) section.dips = read_dips(*dips);
        if (const auto* said = f.find("swings")) section.swings = swings(*said);
        return section;
    }

   private:
    const BuiltCase& case_;
    ProfileReader& profiles_;

    Patterns components(const yaml::Node& node, const std::string& about) const {
        Patterns found = yaml::texts(node, about);
        for (const std::string& pattern : found) require_component(pattern, about, node.where());
        return found;
    }
    /// What may fail: components, and single units of those that have several, "one of ups.modules".
    Patterns failing(const yaml::Node& node, const std::string& about) const {
        Patterns found = yaml::texts(node, about);
        for (const std::string& pattern : found) {
            const Cover cover(pattern, node.where());
            if (!pattern.starts_with(one_of)) {
                require_component(pattern, about, node.where());
                continue;
            }
            const auto& all = case_.network.components;
            if (std::none_of(all.begin(), all.end(), [&](const Component& c) {
                    return cover.holds(fmt::format("{}{}", one_of, c.path)) ||
                           std::any_of(c.info->params.begin(), c.info->params.end(), [&](const ParamInfo& p) {
                               return cover.holds(fmt::format("{}{}.{}", one_of, c.path, p.name));
                           });
                }))
                throw input_error(fmt::format("{}: '{}' names nothing that can fail", about, pattern), node.where());
        }
        return found;
    }
    void require_component(const std::string& pattern, const std::string& about, const Where& where) const {
        const Cover cover(pattern, where);
        const auto& all = case_.network.components;
        if (std::any_of(all.begin(), all.end(), [&](const Component& c) { return cover.holds(c.path); })) return;
        std::vector<std::string> known;  // components of the case, without the parts inside them
        for (const Component& c : all) {
            const std::string name = c.path.substr(0, c.path.find_first_of(".["));
            if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
        }
        throw input_error(fmt::format("{}: '{}' names no component{}", about, pattern,
                                      did_you_mean(pattern.substr(0, pattern.find_first_of(".[")), known)),
                          where);
    }

    PowerSection::Scheme scheme(const yaml::Node& node) const {
        const std::string about = "power: schemes";
        const yaml::Fields f(node, about, format::scheme);
        PowerSection::Scheme scheme;
        const yaml::Node& kind = f.at("kind");
        scheme.kind = yaml::text(kind, about + ": kind");
        const auto kinds = format::scheme.form("kind").words;
        if (std::find(kinds.begin(), kinds.end(), scheme.kind) == kinds.end())
            throw input_error(fmt::format("{}: kind '{}' is none of {}", about, scheme.kind, fmt::join(kinds, ", ")),
                              kind.where());
        scheme.name = f.find("name") ? yaml::text(*f.find("name"), about + ": name") : scheme.kind;
        const yaml::Node& units = f.at("units");
        scheme.units = yaml::texts(units, about + ": units");
        for (const std::string& unit : scheme.units) require_unit(unit, about + ": units", units.where());
        const yaml::Node* catcher = f.find("catcher");
        if ((scheme.kind == "block redundant") != (catcher != nullptr))
            throw input_error(about + ": a block redundant scheme names its catcher; no other kind has one",
                              catcher ? catcher->where() : node.where());
        if (catcher) {
            scheme.catcher = yaml::text(*catcher, about + ": catcher");
            require_unit(scheme.catcher, about + ": catcher", catcher->where());
        }
        scheme.caps = find_number(f, "caps").value_or(not_given);
        scheme.cap_reaction = find_number(f, "cap_reaction").value_or(not_given);
        return scheme;
    }
    /// "a + b"
    void require_unit(std::string_view unit, const std::string& about, const Where& where) const {
        while (true) {
            const std::size_t plus = unit.find('+');
            std::string_view part = unit.substr(0, plus);
            part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
            part = part.substr(0, part.find_last_not_of(' ') + 1);
            require_component(std::string(part), about, where);
            if (plus == std::string_view::npos) return;
            unit.remove_prefix(plus + 1);
        }
    }

    void read_contingencies(const yaml::Node& node, PowerSection& section) const {
        const std::string about = "power: contingencies";
        const yaml::Fields f(node, about, format::contingencies);
        if (const auto* out = f.find("leave_out")) section.leave_out = failing(*out, about + ": leave_out");
        if (const auto* lost = f.find("accept_lost")) section.accept_lost = components(*lost, about + ": accept_lost");
        if (const auto* lost = f.find("accept_failures"))
            section.accept_failures = failing(*lost, about + ": accept_failures");
        const auto* also = f.find("also");
        if (!also) return;
        if (also->is_list()) {
            for (const yaml::Node& one : also->items) {
                Patterns several = failing(one, about + ": also");
                section.also.push_back({fmt::format("{}", fmt::join(several, " + ")), several, {}});
            }
            return;
        }
        if (!also->is_map())
            throw input_error(about + ": also must be a list of lists of components, or names with them",
                              also->where());
        for (std::size_t k = 0; k < also->keys.size(); ++k) {
            const std::string here = fmt::format("{}: also: {}", about, also->keys[k].name);
            PowerSection::Contingency one{also->keys[k].name, {}, {}};
            if (const yaml::Node& value = also->items[k]; value.is_map())
                for (std::size_t i = 0; i < value.keys.size(); ++i) {
                    const auto refs = case_.parameters(value.keys[i].name, value.where_key(i));
                    read_number(value.items[i], refs.front().quantity, here);
                    one.values.emplace_back(value.keys[i].name, value.items[i].text);
                }
            else
                one.patterns = failing(value, here);
            section.also.push_back(std::move(one));
        }
    }

    static std::vector<std::pair<std::string, PowerSection::Dips>> read_dips(const yaml::Node& node) {
        yaml::map(node, "power: dips");
        std::vector<std::pair<std::string, PowerSection::Dips>> windows;
        for (std::size_t k = 0; k < node.keys.size(); ++k) {
            const std::string about = "power: dips: " + node.keys[k].name;
            PowerSection::Dips dips;
            for (const yaml::Node& one : yaml::list(node.items[k], about).items) {
                if (!one.is_list() || one.items.size() != 2)
                    throw input_error(about + ": a dip is a list of two, [share of the voltage that stays, time]",
                                      one.where());
                const double share = read_number(one.items[0], declared("1"), about),
                             time = read_number(one.items[1], declared("s"), about);
                if (!(share >= 0.0 && share < 1.0 && time > 0.0))
                    throw input_error(fmt::format("{}: {:g} of the voltage for {:g} s; give a share from 0 to below 1 "
                                                  "and a time above 0, such as [70 %, 0.5 s]",
                                                  about, share, time),
                                      one.where());
                dips.emplace_back(share, time);
            }
            windows.emplace_back(node.keys[k].name, std::move(dips));
        }
        return windows;
    }

    PowerSection::Swings swings(const yaml::Node& node) const {
        const yaml::Fields f(node, "power: swings", format::swings);
        PowerSection::Swings found;
        found.duration = number_at(f, "duration");
        found.every = find_number(f, "every").value_or(found.every);
        if (found.duration < 16.0 * found.every)
            throw input_error(fmt::format("power: swings: {:g} s with rows {:g} s apart; a spectrum needs 16 rows or "
                                          "more: a longer duration, or rows closer together",
                                          found.duration, found.every),
                              node.where());
        read_inputs(case_, f.at("apply"), profiles_);  // for its errors
        return found;
    }

    static std::vector<PowerSection::Limit> read_limits(const yaml::Node& node) {
        yaml::map(node, "power: limits");
        const auto shipped = shipped_limits();
        std::vector<PowerSection::Limit> limits;
        for (std::size_t k = 0; k < node.keys.size(); ++k) {
            const std::string& key = node.keys[k].name;
            const std::string about = "power: limits: " + key;
            const auto own =
                std::find_if(shipped.begin(), shipped.end(), [&](const auto& one) { return one.first == key; });
            if (own == shipped.end()) {
                std::vector<std::string> known;
                for (const auto& [name, limit] : shipped) known.push_back(name);
                throw input_error(fmt::format("power: limits: there is no limit '{}'{}; there is {}", key,
                                              did_you_mean(key, known), fmt::join(known, ", ")),
                                  node.where_key(k));
            }
            const auto& [unit, is_max, is_min] = own->second;
            const yaml::Fields f(node.items[k], about, format::power_limit);
            PowerSection::Limit limit{key};
            if (const auto* max = f.find("max")) limit.max = read_number(*max, declared(unit), about + ": max");
            if (const auto* min = f.find("min")) limit.min = read_number(*min, declared(unit), about + ": min");
            if (const auto* basis = f.find("basis")) limit.basis = yaml::text(*basis, about + ": basis");
            require_side(limit, is_max, is_min, about, node.items[k].where());
            limits.push_back(std::move(limit));
        }
        return limits;
    }
    /// A case tightens or loosens a limit, or bounds the value on both sides; it does not turn a least value around.
    static void require_side(const PowerSection::Limit& limit, bool is_max, bool is_min, const std::string& about,
                             const Where& where) {
        const bool max = !std::isnan(limit.max), min = !std::isnan(limit.min);
        if (max && min && limit.min > limit.max)
            throw input_error(
                fmt::format("{}: min {:g} lies above max {:g}; no value holds both", about, limit.min, limit.max),
                where);
        if ((is_min && max && !min) || (is_max && min && !max))
            throw input_error(
                fmt::format("{}: this is a {} value; give `{}`, and `{}` beside it where both bound it", about,
                            is_min ? "least" : "largest", is_min ? "min" : "max", is_min ? "max" : "min"),
                where);
    }
};

}  // namespace

PowerSection read_power_section(const yaml::Node& node, const BuiltCase& built, ProfileReader& profiles) {
    return SectionReader(built, profiles).read(node);
}

}  // namespace kelvolt
