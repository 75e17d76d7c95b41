/// Description of a model without templates: the entry of the registry from which documentation, schema, bindings and
/// checks are made.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "solver/model/declare.hpp"

namespace kelvolt {

/// Part of the system to which an unknown belongs; the staged cold start solves one after the other.
enum class Domain { hydraulic, thermal, electric, control };

/// One kind of connection: its potentials are equal, the corresponding flows sum to zero.
struct PortKind {
    struct Pair {
        std::string_view potential, unit, flow, flow_unit;
        double nominal, flow_nominal;
        Domain domain;
    };
    std::string_view name;
    std::vector<Pair> pairs;
    bool has_medium = false;
    bool is_signal = false;
    double electric = 0.0;     ///< electric kinds: power into a component is this times the sum of potential times flow
    double phase_share = 1.0;  ///< electric kinds: voltage of a phase over the nominal one (line to line: 1/sqrt 3)
};

struct ParamInfo {
    enum class Type { number, choice, curve, medium };
    Type type;
    std::string name, unit, doc;
    Range range{};
    double fallback = not_given;
    bool required = false;
    bool homotopy = false;
    std::string answer;
    std::vector<std::string> options;  ///< of choices
    std::string x_unit;                ///< of curves
    int index = 0;                     ///< position among the parameters of its own type
    ParamUse use = ParamUse::plain;    ///< of numbers
};
struct PortInfo {
    std::string name, doc;
    const PortKind* kind;
    int circuit;
    Reference reference;
    Chain chain;
    bool writes, writes_temperature;
    double otherwise;  ///< signals: value if unconnected
    double nominal;    ///< signals: usual size of the value
    int first;         ///< local index of its first potential
    bool source;       ///< electric: may energise its bus by itself
    bool draws;        ///< electric: of a load
    std::vector<int>
        feeders;       ///< electric: ports of this component that energise this one; it is not connected to them
    bool way = false;  ///< `way[i]` of a chain is this port of cell i
    int rated = -1;    ///< electric: index of the number that states the nominal voltage there
};
struct UnknownInfo {
    std::string name, unit, doc, balance, balance_unit;
    double nominal, start;
    Domain domain;
    int local;
    bool integrator, store;
};
struct DiscreteInfo {
    std::string name, doc;
    double initial;
};
struct OutputInfo {
    std::string name, unit, doc;
    bool key;  ///< recorded unless the case says otherwise
};

class Block;

struct ModelInfo {
    std::string type, doc;
    std::string former;  ///< an earlier name that cases may still use; empty without one
    Role role;
    std::vector<ParamInfo> params;
    std::vector<PortInfo> ports;
    std::vector<UnknownInfo> unknowns;
    std::vector<DiscreteInfo> discretes;
    std::vector<OutputInfo> outputs;
    int size = 0;     ///< local variables: port potentials and unknowns
    int numbers = 0;  ///< parameters of type number
    bool chainable = false;
    bool surroundings = false;  ///< stands for surroundings outside the system, so its entropy is not balanced
    std::function<std::unique_ptr<Block>()> make;

    const ParamInfo* param(std::string_view name) const;
    const ParamInfo* param(ParamUse use) const;  ///< the first with that use; null if there is none
    const PortInfo* port(std::string_view name) const;
    int output(std::string_view name) const;   ///< -1 if absent
    int unknown(std::string_view name) const;  ///< -1 if absent
    /// The discrete variables that changed, as text. A variable whose meaning lists its values ("0: open, 1: closed") is
    /// told by its word; `before` and `now` hold all of them in the order of declaration.
    std::string describe_change(const std::vector<double>& before, const std::vector<double>& now) const;
};

/// Every registered model, in the order of models/registry.def (see registry.hpp).
std::vector<const ModelInfo*> all_models();
/// The model of that name; throws Error(input) with the most similar name.
const ModelInfo& model_info(std::string_view type);

std::string_view name_of(Role role);
std::string_view name_of(ParamUse use);
/// Function of a component with electric ports in the electric network: source, converter, transformer, switch, branch,
/// bus or load.
std::string_view electric_role(const ModelInfo& info);

Domain domain_of_unit(std::string_view unit);

/// "at least 0 and at most 1 Pa"
std::string range_text(const Range& range, std::string_view unit);
/// End of a message about a plain number above its range: a percentage written without its sign is a hundred times too
/// large. Empty if that does not explain it.
std::string percent_remedy(const ParamInfo& param, double si);

}  // namespace kelvolt
