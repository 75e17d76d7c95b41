#include "models/media/library.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>

#include "models/correlations/water_saturation.hpp"
#include "models/media/fluid_file.hpp"
#include "models/media/mixture.hpp"
#include "models/media/table.hpp"
#include "models/ports.hpp"
#include "solver/data_folder.hpp"
#include "solver/error.hpp"

namespace kelvolt {
namespace {

using fluid_file::Source;

PropertyFit read_fit(const Source& in, const YAML::Node& properties, const std::string& name, const std::string& unit) {
    const YAML::Node node = in.child(properties, name);
    if (!node.IsMap())
        throw input_error(fmt::format("fluid: property '{}' must be a block of keys", name), in.where(node));
    const std::string given = in.text(node, "unit");
    if (given != unit)
        throw input_error(fmt::format("fluid: {} is given in '{}'; fluid files hold it in {}", name, given, unit),
                          in.where(node));
    PropertyFit fit;
    fit.T_ref = in.number(node, "T_ref");
    const YAML::Node c = in.child(node, "coefficients");
    if (!c.IsSequence() || c.size() == 0 || c.size() > fit.c.size())
        throw input_error(fmt::format("fluid: {} needs 1 to {} coefficients", name, fit.c.size()), in.where(c));
    for (std::size_t i = 0; i < c.size(); ++i)
        fit.c[i] = in.finite(c[i], fmt::format("{} coefficient {}", name, i + 1));
    fit.trim();
    fit.B = in.number_or(node, "B", 0.0);
    fit.C = in.number_or(node, "C", 0.0);
    fit.max_error = in.number(node, "max_error");
    fit.source = in.text(node, "source");
    return fit;
}

void check_ranges(const Source& in, const YAML::Node& root, const Medium& m) {
    std::string property;
    const std::string problem = fluid_problem(m, property);
    if (problem.empty()) return;
    throw input_error(
        "fluid: " + problem,
        in.where(property.empty() ? in.child(root, "T_min") : in.child(in.child(root, "properties"), property)));
}

constexpr double molar_mass_water = 18.015;  // g/mol

std::vector<double> row_of(const Source& in, const YAML::Node& node, const std::string& what) {
    if (!node.IsSequence() || node.size() == 0 || node.size() > 6)
        throw input_error(fmt::format("fluid: {} needs 1 to 6 numbers in each row", what), in.where(node));
    std::vector<double> row;
    for (const auto& item : node) row.push_back(in.finite(item, what));
    return row;
}

Mixture::Property read_property(const Source& in, const YAML::Node& properties, const std::string& name,
                                const std::string& unit) {
    const YAML::Node node = in.child(properties, name), rows = in.child(node, "coefficients");
    if (const std::string given = in.text(node, "unit"); given != unit)
        throw input_error(fmt::format("fluid: {} is given in '{}'; fluid files hold it in {}", name, given, unit),
                          in.where(node));
    if (!rows.IsSequence() || rows.size() == 0)
        throw input_error(fmt::format("fluid: {} needs a row of coefficients for each power of the share", name),
                          in.where(rows));
    Mixture::Property property;
    for (const auto& row : rows) property.rows.push_back(row_of(in, row, name + " coefficients"));
    property.max_error = in.number(node, "max_error");
    property.source = in.text(node, "source");
    return property;
}

double polynomial(const std::vector<double>& c, double x) {
    double sum = 0.0;
    for (std::size_t i = c.size(); i-- > 0;) sum = sum * x + c[i];
    return sum;
}

PropertyFit fit_at(const Mixture& mixture, const Mixture::Property& property, double share) {
    PropertyFit fit;
    fit.T_ref = mixture.T_ref;
    double power = 1.0;
    for (const auto& row : property.rows) {
        for (std::size_t j = 0; j < row.size(); ++j) fit.c[j] += row[j] * power;
        power *= share - mixture.share_ref;
    }
    fit.trim();
    fit.max_error = property.max_error;
    fit.source = property.source;
    return fit;
}

struct Library {
    std::vector<std::unique_ptr<Medium>> fluids;
    std::map<std::string, const Medium*, std::less<>> by_name;
    std::vector<Mixture> mixtures;
};

std::vector<std::filesystem::path> fluid_files(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

Library read_library(const std::filesystem::path& folder) {
    if (!std::filesystem::is_directory(folder))
        throw Error(Error::Kind::io, fmt::format("no fluids folder at '{}'; set KELVOLT_DATA to Kelvolt's data folder",
                                                 folder.string()));
    Library library;
    for (const auto& file : fluid_files(folder)) {
        const auto& fluid = library.fluids.emplace_back(std::make_unique<Medium>(read_medium(file)));
        std::vector<std::string> names = fluid->aliases;
        names.push_back(fluid->name);
        for (const std::string& name : names)
            if (!library.by_name.emplace(name, fluid.get()).second)
                throw input_error(fmt::format("fluid name '{}' is already taken; rename one", name),
                                  {file.string(), 1});
    }
    if (const auto mixtures = folder / "mixtures"; std::filesystem::is_directory(mixtures))
        for (const auto& file : fluid_files(mixtures)) library.mixtures.push_back(read_mixture(file));
    return library;
}

/// The library of the present data folder. Libraries are never freed: models keep pointers into them.
const Library& library() {
    static std::mutex guard;
    static std::map<std::string, Library> libraries;
    const std::filesystem::path folder = data_directory() / "fluids";
    const std::lock_guard lock(guard);
    const auto found = libraries.find(folder.string());
    if (found != libraries.end()) return found->second;
    return libraries.emplace(folder.string(), read_library(folder)).first->second;
}

}  // namespace

Medium read_medium(const std::filesystem::path& file) {
    const Source in{file.string()};
    const YAML::Node root = fluid_file::tree(file);
    Medium m;
    m.name = in.text(root, "name");
    m.title = in.text(root, "title");
    m.source = in.text(root, "source");
    m.date = in.text(root, "date");
    m.grade = in.text(root, "grade");
    m.aliases = in.list(root, "aliases");
    m.notes = in.list(root, "notes");
    m.T_min = in.number(root, "T_min");
    m.T_max = in.number(root, "T_max");
    m.T_freeze = in.number_or(root, "T_freeze", 0.0);
    m.T_boil = in.number_or(root, "T_boil", 0.0);
    m.p_zero = in.number_or(root, "p_gas", 0.0);
    find_limits(m);
    m.hold_min = in.number_or(root, "hold_min", m.hold_min);
    m.hold_max = in.number_or(root, "hold_max", m.hold_max);
    const YAML::Node properties = in.child(root, "properties");
    m.rho_fit = read_fit(in, properties, "rho", "kg/m3");
    m.cp_fit = read_fit(in, properties, "cp", "J/(kg.K)");
    m.k_fit = read_fit(in, properties, "k", "W/(m.K)");
    m.mu_fit = read_fit(in, properties, "mu", "Pa.s");
    if (m.name != file.stem().string())
        throw input_error(fmt::format("fluid: name '{}' differs from the file's name", m.name), in.where(root["name"]));
    check_ranges(in, root, m);
    return m;
}

namespace {

// one copy of each distinct fluid, never freed: models and cases keep pointers to it
const Medium& kept(Medium made) {
    static std::mutex guard;
    static std::map<std::string, std::unique_ptr<const Medium>> all;
    std::string content = fmt::format("{}\n{}\n{}\n{}\n{:a} {:a} {:a} {:a} {:a} {:a} {:a}", made.name, made.title,
                                      made.source, made.grade, made.T_min, made.T_max, made.hold_min, made.hold_max,
                                      made.T_freeze, made.T_boil, made.p_zero);
    for (const PropertyFit* p : {&made.rho_fit, &made.cp_fit, &made.k_fit, &made.mu_fit}) {
        content += fmt::format("\n{:a} {:a} {:a}", p->T_ref, p->B, p->C);
        for (const double c : p->c) content += fmt::format(" {:a}", c);
    }
    const std::lock_guard lock(guard);
    auto& place = all[content];
    if (!place) place = std::make_unique<const Medium>(std::move(made));
    return *place;
}

}  // namespace

Mixture read_mixture(const std::filesystem::path& file) {
    const Source in{file.string()};
    const YAML::Node root = fluid_file::tree(file);
    Mixture m;
    m.name = in.text(root, "name");
    m.title = in.text(root, "title");
    m.source = in.text(root, "source");
    m.date = in.text(root, "date");
    m.grade = in.text(root, "grade");
    for (const auto& [key, value] : {std::pair{"share_max", &m.share_max},
                                     {"share_ref", &m.share_ref},
                                     {"T_ref", &m.T_ref},
                                     {"T_max", &m.T_max},
                                     {"molar_mass", &m.molar_mass},
                                     {"density_pure", &m.density_pure},
                                     {"density_water", &m.density_water}}) {
        *value = in.number(root, key);
        if (!(*value > 0.0)) throw input_error(fmt::format("fluid: {} must be above 0", key), in.where(root[key]));
    }
    m.T_freeze = row_of(in, in.child(root, "T_freeze"), "T_freeze");
    const YAML::Node properties = in.child(root, "properties");
    m.rho = read_property(in, properties, "rho", "kg/m3");
    m.cp = read_property(in, properties, "cp", "J/(kg.K)");
    m.k = read_property(in, properties, "k", "W/(m.K)");
    m.mu = read_property(in, properties, "mu", "Pa.s");
    m.notes = in.list(root, "notes");
    if (m.name != file.stem().string())
        throw input_error(fmt::format("fluid: name '{}' differs from the file's name", m.name), in.where(root["name"]));
    std::string property;
    for (const double share : {0.0, 0.5 * m.share_max, m.share_max})
        if (const std::string problem = fluid_problem(mixed(m, share, m.name), property); !problem.empty())
            throw input_error(fmt::format("fluid: at {:g} %: {}", 100.0 * share, problem), in.where(properties));
    return m;
}

std::optional<double> share_named(const Mixture& m, std::string_view name) {
    if (name.substr(0, m.name.size() + 1) != m.name + " ") return {};
    const std::string_view rest = name.substr(m.name.size() + 1);
    double percent = 0.0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), percent);
    if (error != std::errc()) return {};
    const std::string_view basis = rest.substr(end - rest.data());
    const bool mass = basis == " % by mass", volume = basis == " % by volume";
    if (!mass && !volume)
        throw input_error(fmt::format(
            "coolant '{}': say of which share, as in '{} 25 % by mass' or '{} 25 % by volume'", name, m.name, m.name));
    const double v = 0.01 * percent, pure = v * m.density_pure;
    const double share = mass ? v : pure / (pure + (1.0 - v) * m.density_water);
    if (!(share >= 0.0 && share <= m.share_max))
        throw input_error(
            fmt::format("coolant '{}': {:.4g} % by mass is outside the data (at least 0 and at most {:g} "
                        "% by mass; {})",
                        name, 100.0 * share, 100.0 * m.share_max, m.source));
    return share;
}

Medium mixed(const Mixture& mixture, double share, std::string_view name) {
    Medium m;
    m.name = name;
    m.title = fmt::format("{}, {:.4g} % by mass", mixture.title, 100.0 * share);
    m.source = mixture.source, m.date = mixture.date, m.grade = mixture.grade, m.notes = mixture.notes;
    m.T_freeze = polynomial(mixture.T_freeze, share - mixture.share_ref);
    m.T_min = m.T_freeze, m.T_max = mixture.T_max;
    const double water = (1.0 - share) / molar_mass_water, solute = share / mixture.molar_mass;
    m.T_boil = water_saturation_temperature(101325.0 * (water + solute) / water);
    find_limits(m);
    m.rho_fit = fit_at(mixture, mixture.rho, share);
    m.cp_fit = fit_at(mixture, mixture.cp, share);
    m.k_fit = fit_at(mixture, mixture.k, share);
    m.mu_fit = fit_at(mixture, mixture.mu, share);
    return m;
}

const Medium* find_medium(std::string_view name) {
    const Library& all = library();
    if (const auto found = all.by_name.find(name); found != all.by_name.end()) return found->second;
    for (const Mixture& mixture : all.mixtures)
        if (const auto share = share_named(mixture, name)) return &kept(mixed(mixture, *share, name));
    return nullptr;
}

const Medium& medium(std::string_view name) {
    if (const Medium* found = find_medium(name)) return *found;
    throw unknown_coolant(name);
}

std::vector<std::string> medium_names() {
    std::vector<std::string> names;
    for (const auto& fluid : library().fluids) names.push_back(fluid->name);
    for (const Mixture& mixture : library().mixtures)
        for (const char* basis : {"mass", "volume"}) names.push_back(fmt::format("{} 30 % by {}", mixture.name, basis));
    return names;
}

namespace {

class ShippedCoolants final : public Coolants {
   public:
    const Medium* find(std::string_view name) const override { return find_medium(name); }
    std::vector<std::string> known() const override {
        std::vector<std::string> names;
        for (const auto& [name, fluid] : library().by_name) names.push_back(name);
        for (const Mixture& mixture : library().mixtures)
            for (const char* basis : {"mass", "volume"})
                names.push_back(fmt::format("{} 0 to {:g} % by {}", mixture.name, 100.0 * mixture.share_max, basis));
        return names;
    }
    const Medium& read(const std::filesystem::path& file) const override { return kept(read_medium(file)); }
    const Medium& fit(const FluidSheet& sheet) const override {
        Medium m;
        m.name = sheet.name, m.title = sheet.title, m.source = sheet.source, m.date = sheet.date, m.grade = sheet.grade;
        m.T_freeze = sheet.T_freeze, m.T_boil = sheet.T_boil;
        kelvolt::fit(m, sheet);
        find_limits(m);
        std::string property;
        if (const std::string problem = fluid_problem(m, property); !problem.empty()) throw input_error(problem);
        return kept(std::move(m));
    }
    std::string citation(const Medium& m) const override { return fmt::format("{}: {}", m.name, m.source); }

    std::string name(const Medium& m) const override { return m.name; }
    double density(const Medium& m, double T) const override { return m.rho(T); }
    double heat_capacity(const Medium& m, double T) const override { return m.cp(T); }
    double filling_density(const Medium& m) const override { return m.rho(models::T_filling); }
    MediumLimits limits(const Medium& m) const override {
        return {m.T_min, m.T_max, m.T_freeze > 0.0 ? m.T_freeze : std::nan(""), m.source};
    }
    double vapour_pressure(const Medium& m, double T) const override { return m.p_v(T); }
    double specific_entropy(const Medium& m, double T) const override { return m.s(T); }
    double specific_enthalpy(const Medium& m, double T, double p) const override { return m.h(T, p); }
    // Newton's method: h is nearly linear in T, so three steps reach rounding accuracy
    double temperature_at_enthalpy(const Medium& m, double h, double p, double T_near) const override {
        double T = T_near;
        for (int k = 0; k < 3; ++k) T += (h - m.h(T, p)) / m.cp(T);
        return T;
    }
};

}  // namespace

const Coolants& shipped_coolants() {
    static const ShippedCoolants all;
    return all;
}

}  // namespace kelvolt
