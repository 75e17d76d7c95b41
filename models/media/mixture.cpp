#include "models/media/mixture.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "models/correlations/water_saturation.hpp"
#include "models/media/fluid_file.hpp"
#include "models/media/table.hpp"

namespace kelvolt {
namespace {

constexpr double molar_mass_water = 18.015;  // g/mol

std::vector<double> row_of(const fluid_file::Source& in, const YAML::Node& node, const std::string& what) {
    if (!node.IsSequence() || node.size() == 0 || node.size() > 6)
        throw input_error(fmt::format("fluid: {} needs 1 to 6 numbers in each row", what), in.where(node));
    std::vector<double> row;
    for (const auto& item : node) row.push_back(in.finite(item, what));
    return row;
}

Mixture::Property read_property(const fluid_file::Source& in, const YAML::Node& properties, const std::string& name,
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

}  // namespace

Mixture read_mixture(const std::filesystem::path& file) {
    const fluid_file::Source in{file.string()};
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

}  // namespace kelvolt
