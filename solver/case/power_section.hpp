/// `power:` of a case: spaces, what counts as IT load, schemes, contingencies, limits of the checks. Patterns name
/// components and the parts inside them (see `covers`).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "solver/case/yaml.hpp"
#include "solver/model/info.hpp"

namespace kelvolt {

struct BuiltCase;
class ProfileReader;

struct PowerSection {
    using Patterns = std::vector<std::string>;
    /// A redundancy scheme as the plan states it; `a + b` is one unit.
    struct Scheme {
        std::string name, kind;
        Patterns units;
        std::string catcher;                                ///< of a block redundant scheme: the reserve unit
        double caps = not_given, cap_reaction = not_given;  ///< power caps of the loads behind it [W], their time [s]
    };
    /// What fails together: patterns, or parameters that take a value (text, as given).
    struct Contingency {
        std::string name;
        Patterns patterns;
        std::vector<std::pair<std::string, std::string>> values;
    };
    /// Replaces a shipped limit; min and max are NaN if not given, SI.
    struct Limit {
        std::string key;
        double min = not_given, max = not_given;
        std::string basis = "user";
    };
    /// Which harmonic currents the loads draw; see solver/case/harmonics_section.hpp.
    struct Harmonics {
        /// Currents over that of the fundamental by order; angles [rad], none where they are not stated.
        struct Spectrum {
            std::string name, source;
            std::vector<double> order, current, angle;
        };
        bool stated = false;
        std::string standard;  ///< spectrum of every load that no pattern names; empty: none
        std::vector<std::pair<Patterns, std::string>> loads;
        std::vector<Spectrum> spectra;
        std::vector<std::pair<Patterns, double>> demand;  ///< largest demand current of grid connections [A]
        std::string summation;                            ///< phasor, iec, or empty: by the spectra
        double eddy_loss = not_given;  ///< of transformers: winding eddy-current loss over I^2 R loss at rated current
    };
    /// The run in which load swings are assessed; its `apply` is read from the text of the case.
    struct Swings {
        double duration = not_given, every = 0.02;  ///< [s]; duration NaN: none is declared
    };
    /// Dips that the plan rides through: share of the voltage that stays, and the time [s].
    using Dips = std::vector<std::pair<double, double>>;
    std::vector<std::pair<std::string, Dips>> dips;  ///< by the name of the window
    std::vector<std::pair<std::string, Patterns>> spaces;
    Patterns it, cooling;
    std::vector<Scheme> schemes;
    std::vector<Contingency> also;
    Patterns leave_out, accept_lost, accept_failures;
    std::vector<Limit> limits;
    Harmonics harmonics;
    Swings swings;
};

/// Error(input) with the line for an unknown key, a value of another form, or a pattern or path that names nothing.
PowerSection read_power_section(const yaml::Node& node, const BuiltCase& built, ProfileReader& profiles);

}  // namespace kelvolt
