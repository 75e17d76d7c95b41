#include "solver/case/knobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "solver/case/format.hpp"
#include "solver/network/path_text.hpp"

namespace kelvolt {

namespace {

void check_name(const std::string& name, const Network& net, const Where& where) {
    const bool word = !name.empty() && is_letter(name[0]) && std::all_of(name.begin(), name.end(), is_of_name);
    if (!word)
        throw input_error(
            fmt::format("knobs: '{}' is no name; use letters, digits and _, beginning with a letter", name), where);
    for (const Component& c : net.components) {
        std::string_view rest = c.path;
        if (next_level(rest).name == name)
            throw input_error(fmt::format("knobs: a component is called {} already; choose another name", name), where);
    }
}

Knob read_knob(const std::string& name, const yaml::Node& node, const Network& net) {
    const std::string about = "knobs: " + name;
    const yaml::Fields f(node, about, format::knob);
    Knob knob{name, "", {}};
    if (const auto* text = f.find("about")) knob.about = yaml::text(*text, about + ": about");
    const yaml::Node& of = f.at("sum_of");
    std::set<std::string> taken;
    for (const std::string& pattern : yaml::texts(of, about + ": sum_of"))
        for (ValueRef& ref : find_parameters(net, pattern, of.where())) {
            if (!knob.of.empty() && ref.quantity.unit != knob.of.front().quantity.unit)
                throw input_error(
                    fmt::format("{}: {} is a {} and {} a {}; a sum is of one quantity", about, knob.of.front().path,
                                quantity_name(knob.of.front().quantity), ref.path, quantity_name(ref.quantity)),
                    of.where());
            if (!taken.insert(ref.path).second)
                throw input_error(fmt::format("{}: {} is named twice; name each parameter once", about, ref.path),
                                  of.where());
            knob.of.push_back(std::move(ref));
        }
    if (knob.of.front().quantity.kind == Kind::temperature)
        throw input_error(
            fmt::format("{}: {} is a temperature, and temperatures have no sum", about, knob.of.front().path),
            of.where());
    return knob;
}

}  // namespace

std::vector<Knob> read_knobs(const yaml::Node& node, const Network& net) {
    yaml::map(node, "knobs");
    std::vector<Knob> knobs;
    for (std::size_t k = 0; k < node.keys.size(); ++k) {
        check_name(node.keys[k].name, net, node.where_key(k));
        knobs.push_back(read_knob(node.keys[k].name, node.items[k], net));
    }
    return knobs;
}

std::vector<double> shares_of(const Knob& knob, const Network& net, const Values& values, const Where& where) {
    std::vector<double> each;
    double sum = 0.0;
    for (const ValueRef& ref : knob.of) sum += each.emplace_back(read_parameter(net, values, ref));
    if (!(std::abs(sum) > 0.0))
        throw input_error(fmt::format("{}: the sum of its {} parameters is 0, so that there are no shares to keep; set "
                                      "some of them first, for example {}",
                                      knob.name, knob.of.size(), knob.of.front().path),
                          where);
    for (double& share : each) share /= sum;
    return each;
}

std::vector<double> turned(const Knob& knob, const Network& net, const Values& values, double si) {
    std::vector<double> each = shares_of(knob, net, values);
    for (std::size_t k = 0; k < each.size(); ++k) {
        each[k] *= si;
        try {
            check_parameter(net, knob.of[k], each[k]);
        } catch (const Error& e) {
            throw input_error(fmt::format("{} = {:g} {}: {}", knob.name, si, knob.of[k].quantity.unit, e.message));
        }
    }
    return each;
}

}  // namespace kelvolt
