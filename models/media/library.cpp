#include "models/media/library.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>

#include "models/media/table.hpp"
#include "models/ports.hpp"
#include "solver/data_folder.hpp"
#include "solver/error.hpp"

namespace kelvolt {
namespace {

/// Reads the tree of one file; its errors state file and line.
struct Source {
    std::string file;

    Where where(const YAML::Node& node) const { return {file, node.Mark().is_null() ? 0 : node.Mark().line + 1}; }

    YAML::Node child(const YAML::Node& parent, const std::string& key) const {
        const YAML::Node node = parent[key];
        if (!node) throw input_error(fmt::format("fluid: '{}' is missing", key), where(parent));
        return node;
    }
    std::string text(const YAML::Node& parent, const std::string& key) const {
        const YAML::Node node = child(parent, key);
        if (!node.IsScalar()) throw input_error(fmt::format("fluid: '{}' must be text", key), where(node));
        return node.Scalar();
    }
    double finite(const YAML::Node& node, const std::string& what) const {
        double x = 0.0;
        if (!node.IsScalar() || !YAML::convert<double>::decode(node, x) || !std::isfinite(x))
            throw input_error(fmt::format("fluid: {} must be a finite number", what), where(node));
        return x;
    }
    double number(const YAML::Node& parent, const std::string& key) const { return finite(child(parent, key), key); }
    double number_or(const YAML::Node& parent, const std::string& key, double fallback) const {
        return parent[key] ? finite(parent[key], key) : fallback;
    }
    std::vector<std::string> list(const YAML::Node& parent, const std::string& key) const {
        std::vector<std::string> items;
        if (parent[key] && !parent[key].IsSequence())
            throw input_error(fmt::format("fluid: '{}' must be a list", key), where(parent[key]));
        for (const auto& item : parent[key]) {
            if (!item.IsScalar())
                throw input_error(fmt::format("fluid: '{}' must hold plain text; quote it", key), where(item));
            items.push_back(item.Scalar());
        }
        return items;
    }
};

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

struct Library {
    std::vector<std::unique_ptr<Medium>> fluids;
    std::map<std::string, const Medium*, std::less<>> by_name;
};

Library read_library(const std::filesystem::path& folder) {
    if (!std::filesystem::is_directory(folder))
        throw Error(Error::Kind::io, fmt::format("no fluids folder at '{}'; set KELVOLT_DATA to Kelvolt's data folder",
                                                 folder.string()));
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    Library library;
    for (const auto& file : files) {
        const auto& fluid = library.fluids.emplace_back(std::make_unique<Medium>(read_medium(file)));
        std::vector<std::string> names = fluid->aliases;
        names.push_back(fluid->name);
        for (const std::string& name : names)
            if (!library.by_name.emplace(name, fluid.get()).second)
                throw input_error(fmt::format("fluid name '{}' is already taken; rename one", name),
                                  {file.string(), 1});
    }
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
    YAML::Node root;
    try {
        root = YAML::LoadFile(file.string());
    } catch (const YAML::BadFile&) {
        throw Error(Error::Kind::io, "cannot read the fluid file", {in.file, 0});
    } catch (const YAML::ParserException& e) {
        throw input_error("fluid: " + e.msg, {in.file, e.mark.line + 1});
    }
    if (!root.IsMap())
        throw input_error("fluid: the file must hold keys such as name, T_min, properties", {in.file, 1});
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

const Medium* find_medium(std::string_view name) {
    const Library& all = library();
    const auto found = all.by_name.find(name);
    return found == all.by_name.end() ? nullptr : found->second;
}

const Medium& medium(std::string_view name) {
    if (const Medium* found = find_medium(name)) return *found;
    throw unknown_coolant(name);
}

std::vector<std::string> medium_names() {
    std::vector<std::string> names;
    for (const auto& fluid : library().fluids) names.push_back(fluid->name);
    return names;
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

class ShippedCoolants final : public Coolants {
   public:
    const Medium* find(std::string_view name) const override { return find_medium(name); }
    std::vector<std::string> known() const override {
        std::vector<std::string> names;
        for (const auto& [name, fluid] : library().by_name) names.push_back(name);
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
