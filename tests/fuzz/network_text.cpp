#include "tests/fuzz/network_text.hpp"

#include <fmt/format.h>

#include "models/media/library.hpp"
#include "solver/units/units.hpp"
#include "tests/models/one_component.hpp"

namespace kelvolt::fuzz {

void NetworkText::part(const std::string& name, const std::string& body) {
    components_ += fmt::format("  {}: {{{}}}\n", name, body);
}

void NetworkText::join(const std::string& node, const std::string& port) {
    const auto [at, is_first] = first_of_.try_emplace(node, port);
    if (!is_first) connections_ += fmt::format("  - {} -> {}\n", at->second, port);
}

std::string NetworkText::text() const {
    return "kelvolt: 1\ncomponents:\n" + components_ + (connections_.empty() ? "" : "connections:\n" + connections_);
}

namespace {

const std::vector<test::OneComponent>& accepted(const ModelInfo& info) {
    static std::map<std::string, std::vector<test::OneComponent>> known;
    const auto found = known.find(info.type);
    if (found != known.end()) return found->second;
    return known.emplace(info.type, test::variants(info).accepted).first->second;
}

std::string curve_text(const ParamInfo& p, const Curve& curve, double factor) {
    std::string points;
    for (std::size_t k = 0; k < curve.x().size(); ++k)
        points += fmt::format("{}[{:.6g}, {:.6g}]", k ? ", " : "", curve.x()[k], factor * curve.y()[k]);
    const auto axis = [](const char* name, const std::string& unit) {
        return unit == "1" ? std::string() : fmt::format(", {}: {}", name, declared(unit).unit);
    };
    return fmt::format("{{points: [{}]{}{}}}", points, axis("x", p.x_unit), axis("y", p.unit));
}

}  // namespace

std::string random_body(const ModelInfo& info, Choices& choices) {
    const test::OneComponent& filled = choices.of(accepted(info));
    std::string body = "model: " + filled.info.type;
    for (const ParamInfo& p : filled.info.params) {
        const auto index = static_cast<std::size_t>(p.index);
        if (p.type == ParamInfo::Type::number) {
            const double x = filled.values.params[index];
            if (std::isnan(x) || (!p.required && x == p.fallback)) continue;
            if (p.name == "cells") {
                body += fmt::format(", cells: {}", choices.between(1, 3));
                continue;
            }
            const double moved = p.unit == "K" ? x + choices.uniform(-20.0, 20.0) : x * choices.decades(0.4, 2.5);
            body += fmt::format(", {}: {:.6g}", p.name, p.range.holds(moved) ? moved : x);
        } else if (p.type == ParamInfo::Type::choice) {
            body += fmt::format(", {}: {}", p.name, p.options[static_cast<std::size_t>(filled.block->choices[index])]);
        } else if (p.type == ParamInfo::Type::curve && filled.curves[index]) {
            body += fmt::format(", {}: {}", p.name, curve_text(p, *filled.curves[index], choices.decades(0.7, 1.4)));
        } else if (p.type == ParamInfo::Type::medium) {
            static const std::vector<std::string> media = medium_names();
            body += ", medium: " + choices.of(media);
        }
    }
    return body;
}

std::vector<const ModelInfo*> models_between(std::string_view port_a, std::string_view port_b, std::string_view kind) {
    std::vector<const ModelInfo*> found;
    for (const ModelInfo* info : all_models()) {
        int of_kind = 0, foreign = 0;
        for (const PortInfo& port : info->ports) {
            const bool here = port.kind->name == kind;
            of_kind += here && (port.name == port_a || port.name == port_b) && port.circuit == 0;
            foreign += here ? !(port.name == port_a || port.name == port_b)
                            : !port.kind->is_signal && port.kind->name != "heat";
        }
        if (of_kind == 2 && foreign == 0) found.push_back(info);
    }
    return found;
}

}  // namespace kelvolt::fuzz
