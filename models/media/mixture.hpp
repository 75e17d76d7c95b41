/// A solute in water at any share, such as glycols: property fits in share and temperature, from which the coolant of
/// one share follows.
///   property = sum c_ij (x - x_ref)^i (T - T_ref)^j, of viscosity the logarithm
///   T_freeze = sum c_i (x - x_ref)^i
///   p_v = (mole fraction of water) p_v,water (Raoult), and T_boil by it
/// x is the share of the solute by mass. A share v by volume, of the pure liquids at 20 degC before mixing, is
///   x = v rho_pure/(v rho_pure + (1 - v) rho_water)
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/media/medium.hpp"

namespace kelvolt {

struct Mixture {
    using Rows = std::vector<std::vector<double>>;  ///< by powers of the share, in each by powers of temperature
    std::string name, title, source, date, grade;
    double share_max = 0.0, share_ref = 0.0, T_ref = 0.0, T_max = 0.0;
    double molar_mass = 0.0;  ///< of the solute [g/mol]
    double density_pure = 0.0, density_water = 0.0;
    std::vector<double> T_freeze;
    struct Property {
        Rows rows;
        double max_error = 0.0;
        std::string source;
    };
    Property rho, cp, k, mu;
    std::vector<std::string> notes;
};

/// Reads and checks one file of data/fluids/mixtures. Error with file and line.
Mixture read_mixture(const std::filesystem::path& file);

/// Share by mass that a name such as "PG 30 % by mass" or "PG 30 % by volume" asks of the mixture PG; nothing if the
/// name is not one of this mixture. Error(input) where the share lies outside the data, or its basis is not said.
std::optional<double> share_named(const Mixture& mixture, std::string_view name);

/// The coolant of one share by mass.
Medium mixed(const Mixture& mixture, double share, std::string_view name);

}  // namespace kelvolt
