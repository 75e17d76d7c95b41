#include "solver/sensitivity/curve_factors.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/curve/curve.hpp"

namespace kelvolt {

CurveFactors::CurveFactors(const Case& of)
    : case_(std::make_shared<const BuiltCase>(read_anew(of.subject())), of.values()) {}

CurveFactors::~CurveFactors() {
    for (const Changed& c : changed_) *c.place = c.given;
}

const Curve** CurveFactors::place_of(const std::string& component, const std::string& parameter) const {
    const Network& net = case_.network();
    const int id = net.find(component);
    if (id < 0) throw input_error(fmt::format("{}: there is no such component", component));
    const Component& c = net.component(id);
    const ParamInfo* info = c.info->param(parameter);
    if (!info || info->type != ParamInfo::Type::curve)
        throw input_error(fmt::format("{}: a {} has no curve '{}'", component, c.info->type, parameter));
    Block& block = *net.blocks[c.block];
    const std::size_t per_instance = block.curves.size() / block.count;
    const Curve** place = &block.curves[c.instance * per_instance + info->index];
    if (!*place) throw input_error(fmt::format("{}: the curve '{}' was not given", component, parameter));
    return place;
}

void CurveFactors::set(const std::string& component, const std::string& parameter, double factor) {
    if (!(factor > 0.0))
        throw input_error(fmt::format("{}.{}: the factor {} on a curve must be above 0", component, parameter, factor));
    const Curve** place = place_of(component, parameter);
    auto found = std::find_if(changed_.begin(), changed_.end(), [&](const Changed& c) { return c.place == place; });
    if (found == changed_.end()) found = changed_.insert(changed_.end(), Changed{place, *place, nullptr});
    auto scaled = std::make_unique<const Curve>(found->given->scaled(1.0, factor));
    *place = scaled.get();
    found->scaled = std::move(scaled);
}

}  // namespace kelvolt
