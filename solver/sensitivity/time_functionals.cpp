#include "solver/sensitivity/time_functionals.hpp"

#include <algorithm>
#include <cmath>

namespace kelvolt {

namespace {
std::vector<ValueRef> refs_of(const std::vector<TimeFunctional>& asked) {
    std::vector<ValueRef> refs;
    for (const TimeFunctional& f : asked) refs.push_back(f.of);
    return refs;
}
}  // namespace

TimeFunctionals::TimeFunctionals(const Network& net, const Trajectory& run, const std::vector<TimeFunctional>& asked)
    : net_(net),
      run_(run),
      asked_(asked),
      probe_(net, refs_of(asked)),
      values_(asked.size()),
      highest_(asked.size(), -INFINITY),
      sum_(asked.size()),
      read_(asked.size()),
      y_(net.size()),
      yp_(net.size()),
      by_y_(net.size()) {
    for (const TimeFunctional& f : asked) integrates_ = integrates_ || f.kind != TimeFunctional::Kind::end;
}

Weights TimeFunctionals::interpolate(std::size_t segment, int n, double t, std::vector<double>& y,
                                     std::vector<double>& yp) const {
    const Trajectory::Segment& s = run_.segments()[segment];
    double times[Weights::most];
    const int count = n > 0 ? run_.order(s.first + n) + 1 : 1;
    run_.times(s, n, 0, count, times);
    const Weights w = polynomial_weights(times, count, t);
    std::fill(y.begin(), y.end(), 0.0);
    std::fill(yp.begin(), yp.end(), 0.0);
    for (int j = 0; j < count; ++j) {
        const double* x = run_.state(s.first + n - j);
        for (std::size_t u = 0; u < y.size(); ++u) {
            y[u] += w.value[j] * x[u];
            yp[u] += w.slope[j] * x[u];
        }
    }
    return w;
}

std::array<TimeFunctionals::Node, TimeFunctionals::points> TimeFunctionals::quadrature(std::size_t segment,
                                                                                       int n) const {
    const Trajectory::Segment& s = run_.segments()[segment];
    const double from = run_.time(s.first + n - 1), to = std::min(run_.time(s.first + n), s.t1);
    const double half = 0.5 * (to - from), middle = 0.5 * (to + from), off = half / std::sqrt(3.0);
    return {Node{middle - off, half}, Node{middle + off, half}};
}

void TimeFunctionals::evaluate(Driven& driven) {
    std::vector<double> g, dt;
    const std::size_t k_count = asked_.size();
    for (std::size_t s = 0; integrates_ && s < run_.segments().size(); ++s)
        for (int n = 1; n <= run_.segments()[s].steps; ++n)
            for (const Node& q : quadrature(s, n)) {
                interpolate(s, n, q.t, y_, yp_);
                driven.enter(s, q.t);
                probe_.read(Point{y_.data(), yp_.data(), driven.values()}, read_.data());
                g.insert(g.end(), read_.begin(), read_.end());
                dt.push_back(q.weight);
            }
    const std::size_t last = run_.segments().size() - 1;
    const Trajectory::Segment& end = run_.segments()[last];
    interpolate(last, end.steps, end.t1, y_, yp_);
    driven.enter(last, end.t1);
    probe_.read(Point{y_.data(), yp_.data(), driven.values()}, read_.data());
    for (std::size_t k = 0; k < k_count; ++k) {
        values_[k] = read_[k];
        if (asked_[k].kind == TimeFunctional::Kind::end) continue;
        for (std::size_t i = 0; i < dt.size(); ++i) highest_[k] = std::max(highest_[k], g[i * k_count + k]);
        const bool soft = asked_[k].kind == TimeFunctional::Kind::soft_max;
        for (std::size_t i = 0; i < dt.size(); ++i) {
            const double x = g[i * k_count + k];
            sum_[k] += dt[i] * (soft ? std::exp((x - highest_[k]) / asked_[k].width) : x);
        }
        values_[k] = soft ? highest_[k] + asked_[k].width * std::log(sum_[k] / end.t1)
                          : sum_[k] / (asked_[k].kind == TimeFunctional::Kind::mean ? end.t1 : 1.0);
    }
}

double TimeFunctionals::weight_of(std::size_t k, double g) const {
    switch (asked_[k].kind) {
        case TimeFunctional::Kind::mean:
            return 1.0 / run_.segments().back().t1;
        case TimeFunctional::Kind::soft_max:
            return std::exp((g - highest_[k]) / asked_[k].width) / sum_[k];
        default:
            return 1.0;
    }
}

double TimeFunctionals::density(std::size_t k, const Point& at) {
    if (asked_[k].kind == TimeFunctional::Kind::end) return 0.0;
    probe_.read(at, read_.data());
    const double weight = weight_of(k, read_[k]);
    return asked_[k].kind == TimeFunctional::Kind::soft_max ? asked_[k].width * weight : weight * read_[k];
}

void TimeFunctionals::add(std::size_t k, const Point& at, double weight, const std::vector<double>& factor,
                          std::vector<double>& by_y, std::vector<double>& by_params) const {
    const ValueRef& of = asked_[k].of;
    const Component& c = net_.component(of.component);
    if (of.kind != ValueRef::Kind::output) {
        by_y[net_.global(c, of.index)] += weight;
        return;
    }
    std::vector<double> by_local(c.info->size), by_number(c.info->numbers);
    net_.block_of(c).output_gradient(c.instance, of.index, at, by_local.data(), by_number.data());
    for (int l = 0; l < c.info->size; ++l) by_y[net_.global(c, l)] += weight * by_local[l];
    for (int j = 0; j < c.info->numbers; ++j) {
        const std::size_t p = net_.param_position(c, j);
        by_params[p] += weight * by_number[j] * factor[p];
    }
}

void TimeFunctionals::add_end(std::size_t k, const Point& at, const std::vector<double>& factor,
                              std::vector<double>& by_y, std::vector<double>& by_params) const {
    if (asked_[k].kind == TimeFunctional::Kind::end) add(k, at, 1.0, factor, by_y, by_params);
}

}  // namespace kelvolt
