// the second law over the registry: at rest no model takes in more entropy than it gives away. Nothing here knows a
// single model.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sstream>

#include "solver/model/registration.hpp"
#include "tests/models/one_component.hpp"

using namespace kelvolt;
using kelvolt::test::OneComponent;

namespace {

constexpr int states_per_variant = 100;

struct Entropy {
    double produced = 0.0, size = 0.0;  ///< W/K
    double unsure = 0.0;                ///< of it, what h(T, p) = integral of cp dT + p/rho(T) leaves open: p dv/T
    bool sensible = true;               ///< the temperatures at the ports are those of a liquid
};

// Entropy that leaves by the ports: -sum(m s(T carried) + Q/T). Electricity and signals carry none.
Entropy entropy_of(const OneComponent& c) {
    Entropy e;
    const std::vector<double> r = c.residual();
    const auto take = [&](double in) { e.produced -= in, e.size += std::fabs(in); };
    for (const PortInfo& p : c.info.ports) {
        if (p.kind->name == "heat") {
            take(r[p.first] / c.y[p.first]);
            e.sensible = e.sensible && c.y[p.first] > 200.0 && c.y[p.first] < 600.0;
        }
        if (p.kind->name != "fluid") continue;
        const Medium& medium = *c.block->media[&p - c.info.ports.data()];
        const double pressure = c.y[p.first], T_node = c.y[p.first + 1], m = r[p.first], H = r[p.first + 1];
        // near rest what is exchanged with the node counts as heat at its temperature
        const bool carried = std::fabs(m) > 1e-4;
        const double h_node = specific_enthalpy(medium, T_node, pressure);
        const double T = carried ? temperature_at_enthalpy(medium, H / m, pressure, T_node) : T_node;
        take(m * specific_entropy(medium, std::max(T, 1.0)));  // colder than that is wrong enough
        if (!carried) take((H - m * h_node) / T_node);
        e.sensible = e.sensible && T_node > 200.0 && T_node < 600.0;
        e.unsure += std::fabs(m * pressure * (1.0 / medium.rho(T) - 1.0 / medium.rho(300.0))) / 200.0;
    }
    return e;
}

// a way out of the system that is no port
void close_off_room(OneComponent& c) {
    if (c.info.param("G_room")) c.number("G_room") = 0.0;
}
bool carries_entropy(const ModelInfo& info) {
    for (const PortInfo& p : info.ports)
        if (p.kind->name == "fluid" || p.kind->name == "heat") return true;
    return false;
}
// a vessel or boundary that says so: coolant comes from outside, with entropy of its own
bool fed_from_outside(const OneComponent& c) {
    for (const Tally::Mass& mass : c.tally().circuits)
        if (mass.in != 0.0) return true;
    return false;
}
// a supply is on or off, not between
void switch_supply(OneComponent& c, bool on) {
    if (c.info.port("powered")) c.at("powered.value") = on ? 1.0 : 0.0;
}

}  // namespace

// what a user's curves may claim: a COP above Carnot's, a pump that takes less than it gives; then no loss beside that
// nobody asked for
std::vector<OneComponent> with_other_curves(const ModelInfo& info) {
    std::vector<OneComponent> all;
    for (const double factor : {1.0, 20.0, 1e-4})
        for (OneComponent& c : test::variants(info).accepted) {
            bool changed = false;
            for (const ParamInfo& p : info.params)
                if (p.type == ParamInfo::Type::number && factor != 1.0 && !p.required && !std::isnan(p.fallback))
                    c.values.params[p.index] = p.fallback;
            for (const ParamInfo& p : info.params)
                if (p.type == ParamInfo::Type::curve && c.curves[p.index])
                    c.give(p.name, c.curves[p.index]->scaled(1.0, factor)), changed = true;
            c.variant += fmt::format(", curves times {:g}", factor);
            if ((factor == 1.0 || changed) && test::complaint(c).empty()) all.push_back(std::move(c));
        }
    return all;
}
// nearly equal pressures and little flow to begin with: a trickle
void bring_together(OneComponent& c, double share) {
    double first = std::nan("");
    for (const PortInfo& p : c.info.ports)
        if (p.kind->name == "fluid") {
            if (std::isnan(first)) first = c.y[p.first];
            c.y[p.first] = first + share * (c.y[p.first] - first);
        }
    for (const UnknownInfo& u : c.info.unknowns)
        if (u.unit == "kg/s") c.y[u.local] *= share;
}

TEST_CASE("no model destroys entropy at rest, whatever the temperatures, pressures and voltages at its ports") {
    for (const ModelInfo* info : all_models()) {
        if (info->surroundings || !carries_entropy(*info)) continue;
        for (OneComponent& c : with_other_curves(*info)) {
            close_off_room(c);
            int assessed = 0, outside = 0;
            for (int trial = 0; trial < states_per_variant; ++trial) {
                c.random_state(trial);
                switch_supply(c, trial % 4 != 3);
                bring_together(c, std::pow(10.0, -(trial % 5)));
                if (!c.settle_at_rest()) continue;
                if (fed_from_outside(c)) {
                    ++outside;
                    continue;
                }
                const Entropy e = entropy_of(c);
                if (!e.sensible) continue;
                ++assessed;
                // at rest 1e-6 kg/s are exchanged between neighbours, half of it with the colder one
                if (e.produced >= -1e-6 * e.size - e.unsure - 2e-6) continue;
                std::ostringstream text;
                for (double v : c.y) text << ' ' << v;
                FAIL_CHECK(info->type << " (" << c.variant << ") destroys " << -e.produced << " W/K of " << e.size
                                      << " at y =" << text.str());
                break;
            }
            CHECK_MESSAGE(assessed + outside >= states_per_variant / 4, info->type, " (", c.variant, "): only ",
                          assessed, " states could be judged");
        }
    }
}
