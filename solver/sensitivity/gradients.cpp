#include "solver/sensitivity/gradients.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "solver/assess/node_limits.hpp"

namespace kelvolt {

namespace {

/// Index of the block that holds a parameter.
std::size_t block_at(const Network& net, std::size_t position) {
    const auto after = std::upper_bound(net.blocks.begin(), net.blocks.end(), position,
                                        [](std::size_t p, const auto& block) { return p < block->param_offset; });
    return static_cast<std::size_t>(after - net.blocks.begin()) - 1;
}

}  // namespace

Gradients::Gradients(const Solution& at, const std::vector<ValueRef>* by)
    : at_(at),
      solver_(at.solvers->lend_after(at.statistics)),
      product_(at.values.params.size()),
      wanted_(at.network().blocks.size(), by == nullptr) {
    const Network& net = at.network();
    if (by)
        for (const ValueRef& r : *by) wanted_[block_at(net, position_of(net, r))] = 1;
    if (solver_->linearise(at.y, at.values)) return;
    const int column = solver_->singular_unknown();
    throw Error(Error::Kind::no_convergence,
                fmt::format("{}: the Jacobian of this solution is singular{}, so no value has a gradient there",
                            at.subject->title, column < 0 ? "" : " at " + net.variable_name(column)));
}

Gradients::Seed Gradients::nothing() const {
    return {std::vector<double>(at_.network().size(), 0.0), std::vector<double>(at_.values.params.size(), 0.0)};
}

std::vector<double> Gradients::chained(Seed seed) {
    const Network& net = at_.network();
    solver_->solve_transposed(seed.by_y.data());
    std::fill(product_.begin(), product_.end(), 0.0);
    const Point here{at_.y.data(), nullptr, at_.values};
    for (std::size_t b = 0; b < net.blocks.size(); ++b)
        if (wanted_[b]) net.blocks[b]->param_product(here, seed.by_y.data(), product_.data());
    for (std::size_t k = 0; k < product_.size(); ++k) seed.by_params[k] -= product_[k];
    return std::move(seed.by_params);
}

std::vector<double> Gradients::of(const ValueRef& value) {
    Seed seed = nothing();
    add(seed, value, 1.0);
    return chained(std::move(seed));
}

void Gradients::add(Seed& seed, const ValueRef& value, double weight) const {
    using Kind = ValueRef::Kind;
    if (value.kind == Kind::output) return add_output(seed, value.component, value.index, weight);
    if (value.kind != Kind::unknown && value.kind != Kind::potential)
        throw input_error(
            fmt::format("{} is no result that has a gradient; ask for that of an unknown, a node value or an output, "
                        "by a parameter",
                        value.path));
    const Network& net = at_.network();
    seed.by_y[net.global(net.component(value.component), value.index)] += weight;
}

void Gradients::add_output(Seed& seed, int component, int output, double weight) const {
    const Network& net = at_.network();
    const Component& c = net.component(component);
    std::vector<double> by_local(c.info->size), by_param(c.info->numbers);
    net.block_of(c).output_gradient(c.instance, output, Point{at_.y.data(), nullptr, at_.values}, by_local.data(),
                                    by_param.data());
    for (int l = 0; l < c.info->size; ++l) seed.by_y[net.global(c, l)] += weight * by_local[l];
    for (int j = 0; j < c.info->numbers; ++j) seed.by_params[net.param_position(c, j)] += weight * by_param[j];
}

int Gradients::number_of_check(int component, const Verdict& verdict) const {
    const Component& c = at_.network().component(component);
    std::vector<CheckValue> checks;
    Report<double> report;
    report.checks = &checks;
    at_.network().block_of(c).outputs(c.instance, Point{at_.y.data(), nullptr, at_.values}, report);
    for (std::size_t k = 0; k < checks.size(); ++k)
        if (checks[k].id == verdict.id && checks[k].basis == verdict.basis && checks[k].at_most == verdict.at_most)
            return static_cast<int>(k);
    throw input_error(fmt::format("{}: this component has no limit '{}'", c.path, verdict.id));
}

const LimitRule* Gradients::spread_rule(const Verdict& verdict) const {
    for (const LimitRule& rule : at_.subject->limits)
        if (!std::isnan(rule.spread) && verdict.id == rule.spread_texts.id &&
            verdict.element == rule.spread_texts.element)
            return &rule;
    return nullptr;
}

// (highest - lowest)/|mean|
void Gradients::add_spread(Seed& seed, const std::vector<ValueRef>& of, double weight) const {
    const std::vector<double> x = at_.read(of);
    const auto [low, high] = std::minmax_element(x.begin(), x.end());
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / double(x.size());
    if (mean == 0.0) return;  // the spread is then defined as zero
    add(seed, of[high - x.begin()], weight / std::abs(mean));
    add(seed, of[low - x.begin()], -weight / std::abs(mean));
    const double by_mean = -weight * (*high - *low) / (mean * std::abs(mean));
    for (const ValueRef& ref : of) add(seed, ref, by_mean / double(x.size()));
}

// temperature of the coolant that leaves a part before it mixes, by central differences over that part only
void Gradients::add_outlet(Seed& seed, const Component& c, int port, double weight) const {
    constexpr double share = 1e-6;
    const Network& net = at_.network();
    std::vector<double> y = at_.y;
    Values values = at_.values;
    const auto slope = [&](double& x, double step) {
        const double before = x;
        const auto T_at = [&](double moved) {
            x = moved;
            return NodeLimits::outlet_temperature(net, c, port, Point{y.data(), nullptr, values});
        };
        const double up = T_at(before + step), down = T_at(before - step);
        x = before;
        return (up - down) / (2.0 * step);
    };
    for (int l = 0; l < c.info->size; ++l) {
        const int u = net.global(c, l);
        seed.by_y[u] += weight * slope(y[u], share * net.nominal[u]);
    }
    for (int k = 0; k < c.info->numbers; ++k) {
        double& p = values.params[net.param_position(c, k)];
        if (std::isfinite(p) && p != 0.0)
            seed.by_params[net.param_position(c, k)] += weight * slope(p, share * std::abs(p));
    }
}

bool Gradients::add_node_margin(Seed& seed, const Verdict& verdict) const {
    const Network& net = at_.network();
    std::vector<NodeCheck> checks;
    const Point here{at_.y.data(), nullptr, at_.values};
    NodeLimits(net).look(here, verdict.limit, checks);
    for (const NodeCheck& n : checks) {
        if (n.check.id != verdict.id || n.check.value != verdict.value ||
            net.component(n.component).path != verdict.element)
            continue;
        constexpr double dT = 1e-3;
        const Medium& medium = *net.circuits[n.circuit].medium;
        const bool freezes = n.check.unit == "K";
        const double T = n.outlet < 0 ? at_.y[n.first + 1]
                                      : NodeLimits::outlet_temperature(net, net.component(n.component), n.outlet, here);
        const double slope = (vapour_pressure(medium, T + dT) - vapour_pressure(medium, T - dT)) / (2.0 * dT);
        const double by_T = freezes ? 1.0 : std::isfinite(slope) ? -slope : 0.0;
        if (!freezes) seed.by_y[n.first] += 1.0;
        if (n.outlet < 0)
            seed.by_y[n.first + 1] += by_T;
        else
            add_outlet(seed, net.component(n.component), n.outlet, by_T);
        return true;
    }
    return false;
}

std::vector<double> Gradients::of_margin(const Verdict& verdict) {
    const Network& net = at_.network();
    Seed seed = nothing();
    if (verdict.is_balance())
        throw input_error(
            fmt::format("{}: this is a balance, and no parameter changes its margin; choose a limit", verdict.id));
    if (add_node_margin(seed, verdict)) return chained(std::move(seed));
    // a limit of a model names the component, a limit of the case names the value
    if (const int component = net.find(verdict.element); component >= 0)
        add_output(
            seed, component,
            static_cast<int>(net.component(component).info->outputs.size()) + number_of_check(component, verdict), 1.0);
    else if (const LimitRule* rule = spread_rule(verdict))
        add_spread(seed, rule->of, -1.0);
    else
        add(seed, find_values(net, verdict.element).front(), verdict.at_most ? -1.0 : 1.0);
    return chained(std::move(seed));
}

}  // namespace kelvolt
