#include "solver/case/harmonics_section.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "solver/case/values.hpp"
#include "solver/data_folder.hpp"

namespace kelvolt {

namespace {

using Harmonics = PowerSection::Harmonics;
constexpr double highest_order = 100.0;

std::vector<std::string> shipped_spectra() {
    const auto file = data_directory() / "spectra" / "currents.yaml";
    const yaml::Node root = yaml::parse(yaml::read_text(file), file.string());
    std::vector<std::string> known;
    if (const yaml::Node* spectra = root.find("spectra"))
        for (const auto& key : spectra->keys) known.push_back(key.name);
    return known;
}

std::vector<double> numbers(const yaml::Node& node, const char* unit, const std::string& about) {
    std::vector<double> found;
    for (const yaml::Node& item : yaml::list(node, about).items)
        found.push_back(read_number(item, declared(unit), about));
    return found;
}

Harmonics::Spectrum read_spectrum(const std::string& name, const yaml::Node& node) {
    const std::string about = "power: harmonics: spectra: " + name;
    const yaml::Fields f(node, about, format::spectrum);
    Harmonics::Spectrum s{
        name, f.find("source") ? yaml::text(*f.find("source"), about + ": source") : "user", {}, {}, {}};
    const yaml::Node &order = f.at("order"), &current = f.at("current"), *angle = f.find("angle");
    s.order = numbers(order, "1", about + ": order");
    s.current = numbers(current, "1", about + ": current");
    if (angle) s.angle = numbers(*angle, "rad", about + ": angle");
    for (std::size_t k = 0; k < s.order.size(); ++k) {
        const double h = s.order[k];
        if (!(h >= 2.0 && h <= highest_order) || std::floor(h) != h)
            throw input_error(fmt::format("{}: order {:g} is no whole number from 2 to {:g}; 1 is the fundamental, to "
                                          "which the currents refer",
                                          about, h, highest_order),
                              order.where());
        if (std::find(s.order.begin(), s.order.begin() + k, h) != s.order.begin() + k)
            throw input_error(fmt::format("{}: order {:g} stands there twice", about, h), order.where());
    }
    if (s.current.size() != s.order.size() || (angle && s.angle.size() != s.order.size()))
        throw input_error(
            fmt::format("{}: {} orders, {} currents{}; give one of each for every order", about, s.order.size(),
                        s.current.size(), angle ? fmt::format(" and {} angles", s.angle.size()) : std::string()),
            current.where());
    for (const double I : s.current)
        if (!(I >= 0.0 && I <= 10.0))
            throw input_error(
                fmt::format("{}: current = {:g} of the fundamental is outside its range (0 to 10); 5 % is "
                            "written 5 % or 0.05",
                            about, I),
                current.where());
    return s;
}

}  // namespace

Harmonics read_harmonics(const yaml::Node& node, const PatternReader& components) {
    const std::string about = "power: harmonics";
    const yaml::Fields f(node, about, format::harmonics);
    Harmonics made;
    made.stated = true;
    std::vector<std::string> known = shipped_spectra();
    if (const auto* spectra = f.find("spectra")) {
        yaml::map(*spectra, about + ": spectra");
        for (std::size_t k = 0; k < spectra->keys.size(); ++k) {
            made.spectra.push_back(read_spectrum(spectra->keys[k].name, spectra->items[k]));
            known.push_back(spectra->keys[k].name);
        }
    }
    const auto spectrum = [&](const yaml::Node& name, const std::string& where) {
        const std::string said = yaml::text(name, where);
        if (std::find(known.begin(), known.end(), said) == known.end())
            throw input_error(fmt::format("{}: there is no spectrum '{}'{}; there is {}", where, said,
                                          did_you_mean(said, known), fmt::join(known, ", ")),
                              name.where());
        return said;
    };
    if (const auto* standard = f.find("default")) made.standard = spectrum(*standard, about + ": default");
    if (const auto* loads = f.find("loads"))
        for (const yaml::Node& one : yaml::list(*loads, about + ": loads").items) {
            const yaml::Fields l(one, about + ": loads", format::load_spectrum);
            made.loads.emplace_back(components(l.at("of"), about + ": loads: of"),
                                    spectrum(l.at("spectrum"), about + ": loads: spectrum"));
        }
    if (const auto* demand = f.find("demand"))
        for (const yaml::Node& one : yaml::list(*demand, about + ": demand").items) {
            const yaml::Fields d(one, about + ": demand", format::demand);
            made.demand.emplace_back(components(d.at("of"), about + ": demand: of"), number_at(d, "I"));
        }
    if (const auto* summation = f.find("summation")) {
        made.summation = yaml::text(*summation, about + ": summation");
        const auto words = format::harmonics.form("summation").words;
        if (std::find(words.begin(), words.end(), made.summation) == words.end())
            throw input_error(
                fmt::format("{}: summation '{}' is none of {}", about, made.summation, fmt::join(words, ", ")),
                summation->where());
    }
    made.eddy_loss = find_number(f, "eddy_loss").value_or(not_given);
    return made;
}

}  // namespace kelvolt
