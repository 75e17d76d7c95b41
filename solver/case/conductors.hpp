/// Conductors from the tables in data/conductors: ampacity, derating, resistance and reactance of a size as installed.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace kelvolt {

/// What is asked of the tables. A size in mm2 is looked up in those of IEC 60364-5-52, one in AWG or kcmil in those of
/// NEC 310.16.
struct ConductorChoice {
    std::string size;                    ///< "95 mm2", "4/0 AWG", "500 kcmil"
    std::string material = "copper";     ///< or aluminium
    std::string insulation = "XLPE";     ///< or PVC; in the NEC table its temperature rating: 60, 75, 90 [degC]
    std::string method = "C";            ///< of installation, A1 to D2; IEC only
    std::optional<double> ambient = {};  ///< of air, or of the ground for D1 and D2 [K]; none: that of the table
    int grouped = 1;                     ///< circuits bunched (IEC) or loaded conductors in a raceway (NEC)
    int loaded = 3;                      ///< loaded conductors, 2 or 3; IEC only
};

/// A conductor with the parameters of a cable: per metre of one conductor, ampacity before derating; SI.
struct Conductor {
    struct Value {
        std::string parameter;
        double value;
        std::string source, grade;
        double lo, hi;  ///< NaN: no range is given
    };
    std::string size, table;  ///< table: iec or nec
    std::vector<Value> values;
    double temperature;  ///< at which the derated ampacity stands [K]
};

/// Between tabulated temperatures and counts the factor of the worse side is taken. Error(input) for what the tables do
/// not hold.
Conductor conductor(const ConductorChoice& choice);

/// Sizes of a table ("iec" or "nec"), smallest first, with their areas [m2].
std::vector<std::pair<std::string, double>> conductor_sizes(const std::string& table);

}  // namespace kelvolt
