/// What a model says about itself, without templates: the registry's entry from which docs, schema, bindings and checks
/// are made.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "solver/model/declare.hpp"

namespace kelvolt {

/// Which part of the system an unknown belongs to; the staged cold start solves one after the other.
enum class Domain { hydraulic, thermal, electric, control };

/// One kind of connection: its potentials are equal, the matching flows sum to zero.
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
    std::vector<std::string> options;  ///< choices
    std::string x_unit;                ///< curves
    int index = 0;                     ///< position among the parameters of its own type
    ParamUse use = ParamUse::plain;    ///< numbers
};
struct PortInfo {
    std::string name, doc;
    const PortKind* kind;
    int circuit;
    Reference reference;
    Chain chain;
    bool writes, writes_temperature;
    double otherwise;  ///< signals: read when unconnected
    double nominal;    ///< signals: usual size of what is written
    int first;         ///< local index of its first potential
    bool source;       ///< electric: may energise its bus by itself
    bool draws;        ///< electric: of a load
    std::vector<int>
        feeders;       ///< electric: the ports of this component that energise this one; it is not joined to any
    bool way = false;  ///< `way[i]` of a chain is this port of cell i
    int rated = -1;    ///< electric: the number that states the nominal voltage there
};
struct UnknownInfo {
    std::string name, unit, doc, balance, balance_unit;
    double nominal, start;
    Domain domain;
    int local;
    bool integrator;
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
    bool surroundings = false;  ///< stands for what lies outside the system: its entropy is not balanced
    std::function<std::unique_ptr<Block>()> make;

    const ParamInfo* param(std::string_view name) const;
    const ParamInfo* param(ParamUse use) const;  ///< the first of that use; null without any
    const PortInfo* port(std::string_view name) const;
    int output(std::string_view name) const;   ///< -1 when absent
    int unknown(std::string_view name) const;  ///< -1 when absent
};

/// Every registered model, in the order of models/registry.def (see registry.hpp).
std::vector<const ModelInfo*> all_models();
/// The model of that name; throws Error(input) with the nearest name.
const ModelInfo& model_info(std::string_view type);

std::string_view name_of(Role role);
std::string_view name_of(ParamUse use);
/// What a component with electric ports is to the electric network, whatever else it is: source, converter,
/// transformer, switch, branch, bus or load.
std::string_view electric_role(const ModelInfo& info);

Domain domain_of_unit(std::string_view unit);

/// "at least 0 and at most 1 Pa"
std::string range_text(const Range& range, std::string_view unit);
/// For the end of a message on a plain number above its range: a percentage written without its sign is a hundred times
/// too large. Empty where that is not so.
std::string percent_remedy(const ParamInfo& param, double si);

}  // namespace kelvolt
