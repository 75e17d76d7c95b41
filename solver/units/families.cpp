#include "solver/units/families.hpp"

namespace kelvolt::units {
namespace {

constexpr Family table[] = {
    // si, kind, name, shown in si, us and si-field, accepted
    {"K", Kind::temperature, "temperature", "degC", "degF", "degC", "degC|K|degF"},
    {"K", Kind::temperature_difference, "temperature difference", "K", "delta_degF", "K", "K|degC|degF"},
    {"Pa", Kind::pressure_absolute, "absolute pressure", "kPa(a)", "psia", "bar(a)", "bar(a)|kPa(a)|psia|bar(g)|psig"},
    {"Pa", Kind::pressure_gauge, "gauge pressure", "kPa(g)", "psig", "bar(g)", "bar(g)|kPa(g)|psig|bar(a)|psia"},
    {"Pa", Kind::pressure_difference, "pressure difference", "kPa", "psi", "bar", "kPa|bar|psi|psid|mH2O|ftH2O|inH2O"},
    {"kg/s", Kind::plain, "mass flow", "kg/s", "lb/min", "kg/s", "kg/s|g/s|kg/h|lb/min"},
    {"m3/s", Kind::plain, "volume flow", "L/min", "gpm", "m3/h", "L/min|m3/h|gpm"},
    {"m3/s/Pa^0.5", Kind::plain, "flow coefficient", "Kv", "Cv", "Kv", "Kv|Cv"},
    {"W", Kind::plain, "power", "kW", "kW", "kW", "W|kW|RT|BTU/h|hp"},
    {"W/s", Kind::plain, "ramp of power", "kW/s", "kW/s", "kW/s", "W/s|kW/s|MW/s|kW/min|MW/min"},
    {"var", Kind::plain, "reactive power", "kvar", "kvar", "kvar", "var|kvar|Mvar"},
    {"VA", Kind::plain, "apparent power", "kVA", "kVA", "kVA", "VA|kVA|MVA"},
    {"J", Kind::plain, "energy", "kJ", "BTU", "kWh", "J|kJ|kWh|BTU"},
    {"N m", Kind::plain, "torque", "N m", "N m", "N m", "N m|kN m"},
    {"W/K", Kind::plain, "thermal conductance", "W/K", "BTU/(h degF)", "W/K", "W/K|kW/K|BTU/(h degF)"},
    {"K/W", Kind::plain, "thermal resistance", "K/W", "degF/W", "K/W", "K/W|degC/W|K/kW|degF/W"},
    {"J/K", Kind::plain, "heat capacity", "kJ/K", "BTU/degF", "kJ/K", "J/K|kJ/K|BTU/degF"},
    {"J/(kg K)", Kind::plain, "specific heat", "kJ/(kg K)", "BTU/(lb degF)", "kJ/(kg K)",
     "J/(kg K)|kJ/(kg K)|BTU/(lb degF)"},
    {"J/kg", Kind::plain, "specific enthalpy", "kJ/kg", "BTU/lb", "kJ/kg", "J/kg|kJ/kg|BTU/lb"},
    {"W/(m K)", Kind::plain, "thermal conductivity", "W/(m K)", "BTU/(h ft degF)", "W/(m K)",
     "W/(m K)|BTU/(h ft degF)"},
    {"W/(m2 K)", Kind::plain, "heat transfer coefficient", "W/(m2 K)", "BTU/(h ft2 degF)", "W/(m2 K)",
     "W/(m2 K)|BTU/(h ft2 degF)"},
    {"m2 K/W", Kind::plain, "area resistance", "m2 K/W", "h ft2 degF/BTU", "m2 K/W", "m2 K/W|cm2 K/W|mm2 K/W"},
    {"J/m2", Kind::plain, "energy per area", "cal/cm2", "cal/cm2", "cal/cm2", "cal/cm2|J/cm2|J/m2|kJ/m2"},
    {"W/m2", Kind::plain, "heat flux", "W/cm2", "W/in2", "W/cm2", "W/m2|W/cm2"},
    {"m", Kind::plain, "length", "m", "ft", "m", "m|mm|in|ft"},
    {"m2", Kind::plain, "area", "m2", "ft2", "m2", "m2|cm2|mm2|in2|ft2|kcmil"},
    {"m3", Kind::plain, "volume", "L", "gal", "L", "L|mL|m3|gal"},
    {"m/s", Kind::plain, "velocity", "m/s", "ft/s", "m/s", "m/s|ft/s"},
    {"kg", Kind::plain, "mass", "kg", "lb", "kg", "kg|g|lb"},
    {"kg/m3", Kind::plain, "density", "kg/m3", "lb/ft3", "kg/m3", "kg/m3|g/cm3|lb/ft3"},
    {"Pa s", Kind::plain, "dynamic viscosity", "mPa.s", "cP", "mPa.s", "Pa.s|mPa.s|cP"},
    {"m2/s", Kind::plain, "kinematic viscosity", "mm2/s", "cSt", "mm2/s", "m2/s|mm2/s|cSt"},
    {"s", Kind::plain, "time", "s", "s", "s", "s|ms|min|h"},
    {"rad/s", Kind::plain, "turning speed", "rpm", "rpm", "rpm", "rpm|Hz|rad/s"},
    {"Hz", Kind::plain, "frequency", "Hz", "Hz", "Hz", "Hz|kHz|rpm"},
    {"1/s", Kind::plain, "rate", "1/s", "1/s", "1/s", "1/s|%/s|1/min"},
    {"1/K", Kind::plain, "temperature coefficient", "1/K", "1/degF", "1/K", "1/K|%/K"},
    {"1", Kind::plain, "plain number", "1", "1", "1", "%|ppm"},
    {"V", Kind::plain, "voltage", "V", "V", "V", "V|kV|mV"},
    {"A", Kind::plain, "current", "A", "A", "A", "A|kA|mA"},
    {"ohm/m", Kind::plain, "resistance per length", "ohm/km", "ohm/km", "ohm/km", "ohm/km|mohm/m|uohm/m"},
    {"S/m", Kind::plain, "susceptance per length", "uS/km", "uS/km", "uS/km", "uS/km|S/m"},
    {"rad", Kind::plain, "phase angle", "deg", "deg", "deg", "deg|rad"},
    {"ohm", Kind::plain, "resistance", "ohm", "ohm", "ohm", "ohm|mohm"},
};

constexpr Remedy hints[] = {
    {"kg/s", "m3/s", "a volume flow needs the coolant's density: 6 L/min of water is about 0.1 kg/s"},
    {"m3/s", "kg/s", "a mass flow needs the coolant's density: 0.1 kg/s of water is about 6 L/min"},
    {"m3/s/Pa^0.5", "m3/s",
     "a flow coefficient is written with its name: 2.5 Kv (m3/h at 1 bar) or 2.9 Cv (gpm at 1 psi)"},
    {"Pa", "m", "a head in metres or feet names its fluid: mH2O or ftH2O for a column of water"},
    {"W", "kg", "tons of refrigeration are RT"},
    {"W", "J", "energy is not power: divide by the time, kWh/h"},
    {"J", "W", "power is not energy: multiply by the time, kW h"},
    {"s", "m", "m is metre: minutes are min"},
    {"Pa s", "m2/s", "a kinematic viscosity needs the density"},
    {"m2/s", "Pa s", "a dynamic viscosity needs the density"},
    {"W/(m K)", "W.K/m", "a product below the line needs brackets: W/(m K)"},
};

}  // namespace

std::span<const Family> families() { return table; }
std::span<const Remedy> remedies() { return hints; }

}  // namespace kelvolt::units
