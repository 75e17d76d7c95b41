#include "solver/model/registry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <stdexcept>

namespace kelvolt {

namespace {

struct Registered {
    std::vector<const ModelInfo*> models;
    std::map<std::string, const ModelInfo*, std::less<>> by_type, by_former;
    const Coolants* coolants = nullptr;
};
Registered& registered() {
    static Registered all;
    return all;
}
const Registered& filled() {
    if (!registered().coolants)
        throw std::logic_error("no model is registered: the program must call bring_models first");
    return registered();
}

}  // namespace

void register_library(std::vector<const ModelInfo*> models, const Coolants& coolants) {
    Registered all{std::move(models), {}, {}, &coolants};
    for (const ModelInfo* info : all.models) {
        all.by_type.emplace(info->type, info);
        if (!info->former.empty()) all.by_former.emplace(info->former, info);
    }
    registered() = std::move(all);
}

std::vector<const ModelInfo*> all_models() { return filled().models; }

const ModelInfo* find_model(std::string_view type) {
    for (const auto* names : {&filled().by_type, &filled().by_former})
        if (const auto found = names->find(type); found != names->end()) return found->second;
    return nullptr;
}

const ModelInfo& model_info(std::string_view type) {
    if (const ModelInfo* found = find_model(type)) return *found;
    std::vector<std::string> known;
    for (const auto& [name, info] : filled().by_type) known.push_back(name);
    throw input_error("no model is called '" + std::string(type) + "'" + did_you_mean(type, known) +
                      "; `kelvolt components` lists them");
}

const ModelInfo& model_of(Role role, bool (*wanted)(const ModelInfo&)) {
    for (const ModelInfo* m : all_models())
        if (m->role == role && (!wanted || wanted(*m))) return *m;
    throw std::logic_error("no model is a " + std::string(name_of(role)) + " of the kind that the builder adds");
}

const Coolants& coolants() { return *filled().coolants; }

const Medium& coolant(std::string_view name) {
    if (const Medium* found = coolants().find(name)) return *found;
    throw unknown_coolant(name);
}

Error unknown_coolant(std::string_view name, std::vector<std::string> known) {
    for (std::string& shipped : coolants().known()) known.push_back(std::move(shipped));
    return input_error(
        fmt::format("unknown fluid '{}'{}; known: {}; a case defines its own under `fluids:`, or in {}.yaml beside it",
                    name, did_you_mean(name, known), fmt::join(known, ", "), name));
}

std::string name_of(const Medium& m) { return coolants().name(m); }
double density(const Medium& m, double T) { return coolants().density(m, T); }
double heat_capacity(const Medium& m, double T) { return coolants().heat_capacity(m, T); }
MediumLimits limits_of(const Medium& m) { return coolants().limits(m); }
double vapour_pressure(const Medium& m, double T) { return coolants().vapour_pressure(m, T); }
double specific_entropy(const Medium& m, double T) { return coolants().specific_entropy(m, T); }
double specific_enthalpy(const Medium& m, double T, double p) { return coolants().specific_enthalpy(m, T, p); }
double temperature_at_enthalpy(const Medium& m, double h, double p, double T_near) {
    return coolants().temperature_at_enthalpy(m, h, p, T_near);
}

}  // namespace kelvolt
