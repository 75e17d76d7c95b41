/// Models and coolants that a program passes to the solver at its start. The solver includes and links nothing of
/// models/; `bring_models` of models/library.hpp fills this registry.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "solver/error.hpp"
#include "solver/model/block.hpp"

namespace kelvolt {

/// A coolant as given in a data sheet: columns of equal length, T increasing, SI. A temperature of 0 K means not given.
struct FluidSheet {
    std::string name, title, source, date, grade;
    double T_freeze = 0.0, T_boil = 0.0;
    std::vector<double> T, rho, cp, k, mu;
};

/// The available coolants and their properties. References stay valid until the program ends.
class Coolants {
   public:
    virtual ~Coolants() = default;
    /// A shipped coolant by name or alias; null if there is none.
    virtual const Medium* find(std::string_view name) const = 0;
    /// Names and aliases of all shipped coolants.
    virtual std::vector<std::string> known() const = 0;
    /// Reads a file with the fits of a coolant. Error(input) with file and line.
    virtual const Medium& read(const std::filesystem::path& file) const = 0;
    /// Fits the properties to the rows of a data sheet. Error(input) names the property and the row at fault.
    virtual const Medium& fit(const FluidSheet& sheet) const = 0;
    /// Text for the list of sources, such as "water: IAPWS-95 ...".
    virtual std::string citation(const Medium& medium) const = 0;

    virtual std::string name(const Medium& medium) const = 0;
    virtual double density(const Medium& medium, double T) const = 0;
    virtual double heat_capacity(const Medium& medium, double T) const = 0;
    /// At the temperature at which models count the mass in their volumes [kg/m3].
    virtual double filling_density(const Medium& medium) const = 0;
    virtual MediumLimits limits(const Medium& medium) const = 0;
    virtual double vapour_pressure(const Medium& medium, double T) const = 0;
    virtual double specific_entropy(const Medium& medium, double T) const = 0;
    virtual double specific_enthalpy(const Medium& medium, double T, double p) const = 0;
    virtual double temperature_at_enthalpy(const Medium& medium, double h, double p, double T_near) const = 0;
};

/// The first model of a role that is as wanted, for parts that the builder adds by itself.
const ModelInfo& model_of(Role role, bool (*wanted)(const ModelInfo&) = nullptr);

/// Called once, before anything is read or built.
void register_library(std::vector<const ModelInfo*> models, const Coolants& coolants);

/// The model of that name, or formerly of that name; null where there is none.
const ModelInfo* find_model(std::string_view type);

const Coolants& coolants();
/// The shipped coolant of that name. Throws Error(input) with the most similar name.
const Medium& coolant(std::string_view name);
std::string name_of(const Medium& medium);
double density(const Medium& medium, double T);        ///< [kg/m3]
double heat_capacity(const Medium& medium, double T);  ///< [J/(kg K)]
/// Error that there is no coolant of that name; lists the available ones: the shipped ones and `known`.
Error unknown_coolant(std::string_view name, std::vector<std::string> known = {});

}  // namespace kelvolt
