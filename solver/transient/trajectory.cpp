#include "solver/transient/trajectory.hpp"

#include <algorithm>
#include <cmath>

namespace kelvolt {

Weights polynomial_weights(const double* times, int count, double t) {
    Weights w;
    w.count = count;
    for (int j = 0; j < count; ++j) {
        // Lagrange polynomial of node j: product over the other nodes, and its derivative by the product rule
        double value = 1.0, slope = 0.0;
        for (int i = 0; i < count; ++i) {
            if (i == j) continue;
            const double d = times[j] - times[i];
            slope = slope * (t - times[i]) / d + value / d;
            value *= (t - times[i]) / d;
        }
        w.value[j] = value;
        w.slope[j] = slope;
    }
    return w;
}

void Trajectory::begin(double t, const std::vector<double>& y, const std::vector<double>& yp, const Values& values) {
    Segment s;
    s.t0 = s.t1 = t;
    s.first = t_.size();
    s.values = values;
    s.yp = yp;
    segments_.push_back(std::move(s));
    t_.push_back(t);
    order_.push_back(0);
    y_.insert(y_.end(), y.begin(), y.end());
    switched_.clear();  // switches that changed because of the jump itself have no event time of their own
}

void Trajectory::step(double t, int order, const std::vector<double>& y) {
    ++segments_.back().steps;
    t_.push_back(t);
    order_.push_back(order);
    y_.insert(y_.end(), y.begin(), y.end());
}

void Trajectory::end(double t, Cause cause) {
    Segment& s = segments_.back();
    s.t1 = t;
    s.cause = cause;
    s.switched.swap(switched_);
}

int Trajectory::times(const Segment& s, int n, int from, int count, double* out) const {
    for (int j = 0; j < count; ++j) {
        const int node = n - from - j;
        out[j] = node >= 0 ? t_[s.first + node] : 2.0 * t_[s.first] - t_[s.first + 1];
    }
    return count;
}

void Trajectory::about_to_switch(int component, int which, double t, const Point& at) {
    const Component& c = net_.components[component];
    const Block& block = net_.block_of(c);
    Values values = at.values;
    block.update(c.instance, Point{at.y, at.yp, at.values}, values, which);
    if (values.discretes == at.values.discretes) return;
    Follower found{component, t, false, {}};
    // If a tiny change of a state or parameter gives other values, they depend on it continuously; a switch gives the
    // same values.
    const auto follows = [&](const Values& pushed, const double* y) {
        Values other = pushed;
        block.update(c.instance, Point{y, at.yp, pushed}, other, which);
        return other.discretes != values.discretes;
    };
    std::vector<double> y(at.y, at.y + net_.size());
    for (int l = 0; l < c.info->size; ++l) {
        const int u = net_.global(c, l);
        const double before = y[u];
        y[u] = before + 1e-9 * net_.nominal[u];
        found.of_state = found.of_state || follows(at.values, y.data());
        y[u] = before;
    }
    Values pushed = at.values;
    for (int k = 0; k < c.info->numbers; ++k) {
        double& p = pushed.params[net_.param_position(c, k)];
        const double before = p;
        p = before * (1.0 + 1e-9);
        if (follows(pushed, at.y)) found.params.push_back(k);
        p = before;
    }
    if (found.of_state || !found.params.empty()) followers_.push_back(std::move(found));
}

}  // namespace kelvolt
