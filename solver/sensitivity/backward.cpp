#include "solver/sensitivity/backward.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kelvolt {

Backward::Backward(const Network& net, const Trajectory& run, Driven& driven, TimeFunctionals& functionals,
                   std::vector<char> wanted)
    : net_(net),
      run_(run),
      driven_(driven),
      functionals_(functionals),
      wanted_(std::move(wanted)),
      step_lu_(net.structure.col_ptr, net.structure.row, net.integrator),
      start_lu_(net.structure.col_ptr, net.structure.row),
      zero_(net.size()),
      residual_(net.size()),
      by_value_(net.structure.nonzeros()),
      by_der_(net.structure.nonzeros()),
      mixed_(net.structure.nonzeros()),
      yp_(net.size()),
      lambda_(net.size()),
      product_(net.size()) {
    for (std::size_t b = 0; b < net.blocks.size(); ++b) {
        const auto& entries = net.blocks[b]->entries;
        if (std::any_of(entries.begin(), entries.end(), [](const LocalEntry& e) { return e.on_der; }))
            with_storage_.push_back(static_cast<int>(b));
    }
    const Rows rows(functionals.size(), std::vector<double>(net.size()));
    bars_.assign(ring, rows);
    slope_bar_ = rows;
}

void Backward::linearise(const Point& at) {
    net_.jacobian(at, {}, residual_.data(), by_value_.data());
    net_.jacobian(at, {zero_.data(), nullptr, 1.0}, residual_.data(), by_der_.data(), &with_storage_);
}

void Backward::refuse_unless(bool factored, const SparseLU& lu, const char* where, double t) const {
    if (factored) return;
    const int column = lu.singular_column();
    throw Error(Error::Kind::no_gradient, fmt::format("the Jacobian of {} at t = {:g} s is singular{}: no gradient",
                                                      where, t, column < 0 ? "" : " at " + net_.variable_name(column)));
}

void Backward::add_product(std::size_t k, const Point& at, const std::vector<double>& lambda, Rows& by_params) {
    std::vector<double>& sum = by_params[k];
    saved_.clear();
    for (const std::size_t p : driven_.touched()) saved_.push_back(sum[p]);
    for (std::size_t b = 0; b < net_.blocks.size(); ++b)
        if (wanted_[b]) net_.blocks[b]->param_product(at, lambda.data(), sum.data());
    std::size_t i = 0;
    for (const std::size_t p : driven_.touched()) {
        sum[p] = saved_[i] + driven_.factor()[p] * (sum[p] - saved_[i]);
        ++i;
    }
}

void Backward::product_transposed(const std::vector<double>& values, const std::vector<double>& x,
                                  std::vector<double>& out) const {
    const Structure& s = net_.structure;
    for (int col = 0; col < net_.size(); ++col) {
        double sum = 0.0;
        if (net_.differential[col])
            for (auto k = s.col_ptr[col]; k < s.col_ptr[col + 1]; ++k) sum += values[k] * x[s.row[k]];
        out[col] = sum;
    }
}

std::vector<std::vector<double>> Backward::go(Rows& by_params) {
    const std::size_t count = functionals_.size(), last = run_.segments().size() - 1;
    Rows at_end(count, std::vector<double>(net_.size()));
    const Trajectory::Segment& end = run_.segments()[last];
    std::vector<double> y(net_.size());
    functionals_.interpolate(last, end.steps, end.t1, y, yp_);
    driven_.enter(last, end.t1);
    for (std::size_t k = 0; k < count; ++k)
        functionals_.add_end(k, Point{y.data(), yp_.data(), driven_.values()}, driven_.factor(), at_end[k],
                             by_params[k]);
    for (std::size_t s = last + 1; s-- > 0;) {
        segment_back(s, at_end, by_params);
        if (s > 0) event_back(s - 1, Rows(at_end), at_end, by_params);
    }
    return at_end;
}

// `at_end` in: derivatives with respect to the state at the end of the segment; out: with respect to the differential
// unknowns at its start.
void Backward::segment_back(std::size_t number, Rows& at_end, Rows& by_params) {
    const Trajectory::Segment& s = run_.segments()[number];
    for (Rows& node : bars_)
        for (auto& row : node) std::fill(row.begin(), row.end(), 0.0);
    for (auto& row : slope_bar_) std::fill(row.begin(), row.end(), 0.0);
    std::vector<double> y(net_.size());
    const Weights w = functionals_.interpolate(number, s.steps, s.t1, y, yp_);
    for (std::size_t k = 0; k < functionals_.size(); ++k)
        for (int j = 0; j < w.count; ++j)
            for (int u = 0; u < net_.size(); ++u) bar(s.steps - j, k)[u] += w.value[j] * at_end[k][u];
    for (int n = s.steps; n >= 1; --n) {
        for (std::size_t k = 0; k < functionals_.size(); ++k)
            functionals_.add_interval(
                k, number, n, driven_, [&](int j) -> std::vector<double>& { return bar(n - j, k); }, by_params[k]);
        driven_.enter(number, run_.time(s.first + n));
        step_back(s, n, by_params);
        for (auto& row : bars_[(n + ring) % ring]) std::fill(row.begin(), row.end(), 0.0);
    }
    // The first step uses a fictitious state one step before the start, y(-1) = y(0) - h y'(0).
    const double h = s.steps > 0 ? run_.time(s.first + 1) - run_.time(s.first) : 0.0;
    for (std::size_t k = 0; k < functionals_.size(); ++k)
        for (int u = 0; u < net_.size(); ++u) {
            const double before = bar(-1, k)[u];
            bar(0, k)[u] += before;
            slope_bar_[k][u] -= h * before;
        }
    driven_.enter(number, s.t0);
    consistent_back(s, at_end, by_params);
}

void Backward::step_back(const Trajectory::Segment& s, int n, Rows& by_params) {
    const int order = run_.order(s.first + n), count = order + 1;
    const double t = run_.time(s.first + n), h = t - run_.time(s.first + n - 1);
    double times[Weights::most], leading = 0.0;
    for (int i = 1; i <= order; ++i) leading += 1.0 / i;
    leading /= h;
    // y'_n = slope of the predictor polynomial at t_n + leading coefficient * (y_n - value of the predictor at t_n)
    run_.times(s, n, 1, count, times);
    const Weights w = polynomial_weights(times, count, t);
    const double* y = run_.state(s.first + n);
    for (int u = 0; u < net_.size(); ++u) yp_[u] = leading * y[u];
    double back[Weights::most];
    for (int j = 0; j < count; ++j) {
        back[j] = w.slope[j] - leading * w.value[j];
        const int node = n - 1 - j;
        const double* x = run_.state(s.first + std::max(node, 0));
        const double lag = node < 0 ? run_.time(s.first + 1) - run_.time(s.first) : 0.0;
        for (int u = 0; u < net_.size(); ++u) yp_[u] += back[j] * (x[u] - lag * s.yp[u]);
    }
    const Point at{y, yp_.data(), driven_.values()};
    linearise(at);
    for (std::size_t i = 0; i < mixed_.size(); ++i) mixed_[i] = by_value_[i] + leading * by_der_[i];
    refuse_unless(step_lu_.factor_from_first(mixed_.data()), step_lu_, "a step", t);
    for (std::size_t k = 0; k < functionals_.size(); ++k) {
        const std::vector<double>& here = bar(n, k);
        for (int u = 0; u < net_.size(); ++u) lambda_[u] = -here[u];
        step_lu_.solve_transposed(lambda_.data());
        product_transposed(by_der_, lambda_, product_);
        for (int j = 0; j < count; ++j) {
            std::vector<double>& row = bar(n - 1 - j, k);
            for (int u = 0; u < net_.size(); ++u) row[u] += back[j] * product_[u];
        }
        add_product(k, at, lambda_, by_params);
    }
}

// Consistent initial conditions: at the start of a segment, F = 0 determines y' of the differential and y of the
// algebraic unknowns.
void Backward::consistent_back(const Trajectory::Segment& s, Rows& at_start, Rows& by_params) {
    const double* y = run_.state(s.first);
    const Point at{y, s.yp.data(), driven_.values()};
    linearise(at);
    const Structure& structure = net_.structure;
    for (int col = 0; col < net_.size(); ++col)
        for (auto k = structure.col_ptr[col]; k < structure.col_ptr[col + 1]; ++k)
            mixed_[k] = net_.differential[col] ? by_der_[k] : by_value_[k];
    refuse_unless(start_lu_.factor(mixed_.data()), start_lu_, "the start", s.t0);
    for (std::size_t k = 0; k < functionals_.size(); ++k) {
        const std::vector<double>& here = bar(0, k);
        for (int u = 0; u < net_.size(); ++u) lambda_[u] = net_.differential[u] ? -slope_bar_[k][u] : -here[u];
        start_lu_.solve_transposed(lambda_.data());
        product_transposed(by_value_, lambda_, product_);
        for (int u = 0; u < net_.size(); ++u) at_start[k][u] = net_.differential[u] ? here[u] + product_[u] : 0.0;
        add_product(k, at, lambda_, by_params);
    }
}

// Time derivative of a root function as it rises through zero at the end of a segment.
double Backward::root_rate(const Trajectory::Segment& s, int component, int which) {
    const std::size_t number = static_cast<std::size_t>(&s - run_.segments().data());
    const Component& c = net_.component(component);
    const Block& block = net_.block_of(c);
    std::vector<double> y(net_.size()), roots(block.roots());
    const double step = 1e-3 * (run_.time(s.first + s.steps) - run_.time(s.first + s.steps - 1));
    double value[2];
    for (int side = 0; side < 2; ++side) {
        const double t = s.t1 + (side ? step : -step);
        functionals_.interpolate(number, s.steps, t, y, yp_);
        driven_.enter(number, t);
        block.root_values(c.instance, Point{y.data(), yp_.data(), driven_.values()}, roots.data());
        value[side] = roots[which];
    }
    return (value[1] - value[0]) / (2.0 * step);
}

// The time of an event depends on the state and the parameters through its root function g:
// d(time) = -dg / (dg/dt).
// If the event comes later, the course before it lasts longer:
// d(result)/d(time) = (integrand before - integrand after) + lambda^T (y' before - y' after).
void Backward::event_back(std::size_t number, const Rows& after, Rows& at_end, Rows& by_params) {
    const Trajectory::Segment &s = run_.segments()[number], &next = run_.segments()[number + 1];
    if (s.cause != Trajectory::Cause::root) return;
    const auto [component, which] = s.switched.front();
    const double rate = root_rate(s, component, which);
    const Component& c = net_.component(component);
    const Block& block = net_.block_of(c);
    const std::size_t count = functionals_.size();
    std::vector<double> gain(count);
    driven_.enter(number + 1, next.t0);
    for (std::size_t k = 0; k < count; ++k)
        gain[k] = -functionals_.density(k, Point{run_.state(next.first), next.yp.data(), driven_.values()});
    std::vector<double> y(net_.size()), roots(block.roots());
    functionals_.interpolate(number, s.steps, s.t1, y, yp_);
    driven_.enter(number, s.t1);
    Values values = driven_.values();
    for (std::size_t k = 0; k < count; ++k) {
        gain[k] += functionals_.density(k, Point{y.data(), yp_.data(), values});
        for (int u = 0; u < net_.size(); ++u)
            if (net_.differential[u]) gain[k] += after[k][u] * (yp_[u] - next.yp[u]);
    }
    // Central differences: a root function depends on few local variables, and where it is linear in them they are
    // exact except for rounding.
    const auto slope = [&](double& x, double step) {
        const double before = x;
        double side[2];
        for (int i = 0; i < 2; ++i) {
            x = before + (i ? step : -step);
            block.root_values(c.instance, Point{y.data(), yp_.data(), values}, roots.data());
            side[i] = roots[which];
        }
        x = before;
        return (side[1] - side[0]) / (2.0 * step);
    };
    for (int l = 0; l < c.info->size; ++l) {
        const int u = net_.global(c, l);
        const double by = slope(y[u], 1e-5 * net_.nominal[u]);
        for (std::size_t k = 0; k < count; ++k) at_end[k][u] -= gain[k] / rate * by;
    }
    for (int j = 0; j < c.info->numbers; ++j) {
        const std::size_t p = net_.param_position(c, j);
        const double by = slope(values.params[p], 1e-6 * std::max(std::abs(values.params[p]), 1e-6));
        if (std::isnan(by)) continue;
        for (std::size_t k = 0; k < count; ++k) by_params[k][p] -= gain[k] / rate * by * driven_.factor()[p];
    }
}

void Backward::through_steady(Rows by_start, const Point& start, const std::vector<double>& factor_of,
                              Rows& by_params) {
    const Point at{start.y, nullptr, start.values};
    net_.jacobian(at, {}, residual_.data(), mixed_.data());
    SparseLU lu(net_.structure.col_ptr, net_.structure.row);
    refuse_unless(lu.factor(mixed_.data()), lu, "the steady start", 0.0);
    std::vector<double> product(at.values.params.size());
    for (std::size_t k = 0; k < by_start.size(); ++k) {
        for (double& x : by_start[k]) x = -x;
        lu.solve_transposed(by_start[k].data());
        std::fill(product.begin(), product.end(), 0.0);
        for (std::size_t b = 0; b < net_.blocks.size(); ++b)
            if (wanted_[b]) net_.blocks[b]->param_product(at, by_start[k].data(), product.data());
        for (std::size_t p = 0; p < product.size(); ++p) by_params[k][p] += factor_of[p] * product[p];
    }
}

}  // namespace kelvolt
