#include "solver/sensitivity/gradients.hpp"

#include <fmt/format.h>

namespace kelvolt {

Gradients::Gradients(const Solution& at)
    : at_(at), lu_(at.network().structure.col_ptr, at.network().structure.row), still_(at.network().size(), 0.0) {
    const Network& net = at.network();
    const std::vector<double> one(net.size(), 1.0);
    std::vector<double> r(net.size()), jacobian(net.structure.nonzeros());
    net.jacobian(Point{at.y.data(), still_.data(), at.values}, one.data(), still_.data(), r.data(), jacobian.data());
    if (lu_.factor(jacobian.data())) return;
    const auto column = lu_.singular_column();
    throw Error(Error::Kind::no_convergence,
                fmt::format("{}: the Jacobian of this solution is singular{}, so nothing has a gradient here",
                            at.subject->title, column < 0 ? "" : " at " + net.variable_name(static_cast<int>(column))));
}

std::vector<double> Gradients::chained(std::vector<double> dg_dy, std::vector<double> dg_dp) {
    const Network& net = at_.network();
    lu_.solve_transposed(dg_dy.data());
    std::vector<double> product(at_.values.params.size());
    net.param_product(Point{at_.y.data(), still_.data(), at_.values}, dg_dy.data(), product.data());
    for (std::size_t k = 0; k < product.size(); ++k) dg_dp[k] -= product[k];
    return dg_dp;
}

std::vector<double> Gradients::of(const ValueRef& value) {
    using Kind = ValueRef::Kind;
    if (value.kind == Kind::output) return of_output(value.component, value.index);
    if (value.kind != Kind::unknown && value.kind != Kind::potential)
        throw input_error(fmt::format("{}: gradients are of unknowns, node values and outputs", value.path));
    const Network& net = at_.network();
    std::vector<double> dg_dy(net.size(), 0.0);
    dg_dy[net.global(net.component(value.component), value.index)] = 1.0;
    return chained(std::move(dg_dy), std::vector<double>(at_.values.params.size(), 0.0));
}

std::vector<double> Gradients::of_output(int component, int output) {
    const Network& net = at_.network();
    const Component& c = net.component(component);
    std::vector<double> by_local(c.info->size), by_param(c.info->numbers);
    net.block_of(c).output_gradient(c.instance, output, Point{at_.y.data(), still_.data(), at_.values}, by_local.data(),
                                    by_param.data());
    std::vector<double> dg_dy(net.size(), 0.0), dg_dp(at_.values.params.size(), 0.0);
    for (int l = 0; l < c.info->size; ++l) dg_dy[net.global(c, l)] += by_local[l];
    for (int j = 0; j < c.info->numbers; ++j) dg_dp[net.param_position(c, j)] += by_param[j];
    return chained(std::move(dg_dy), std::move(dg_dp));
}

int Gradients::number_of_check(int component, const Verdict& verdict) const {
    const Component& c = at_.network().component(component);
    std::vector<CheckValue> checks;
    Report<double> report;
    report.checks = &checks;
    at_.network().block_of(c).outputs(c.instance, Point{at_.y.data(), still_.data(), at_.values}, report);
    for (std::size_t k = 0; k < checks.size(); ++k)
        if (checks[k].id == verdict.id && checks[k].basis == verdict.basis && checks[k].at_most == verdict.at_most)
            return static_cast<int>(k);
    throw input_error(fmt::format("{}: this component has no limit '{}'", c.path, verdict.id));
}

std::vector<double> Gradients::of_margin(const Verdict& verdict) {
    const Network& net = at_.network();
    // a model's own limit is named by the component, one of the case by the value
    if (const int component = net.find(verdict.element); component >= 0)
        return of_output(component, static_cast<int>(net.component(component).info->outputs.size()) +
                                        number_of_check(component, verdict));
    const std::vector<ValueRef> found = find_values(net, verdict.element);
    if (found.size() != 1)
        throw input_error(fmt::format("{}: '{}' compares {} values; a margin's gradient is of one", verdict.id,
                                      verdict.element, found.size()));
    std::vector<double> gradient = of(found.front());
    if (verdict.at_most)
        for (double& g : gradient) g = -g;
    return gradient;
}

}  // namespace kelvolt
