/// Results of a run computed from its trajectory: values at the end, and integrals over time (mean, integral, soft
/// maximum) with two Gauss points in every step. Also their derivatives with respect to states and parameters.
#pragma once

#include <array>

#include "solver/sensitivity/driven.hpp"
#include "solver/sensitivity/time_gradients.hpp"
#include "solver/transient/recorder.hpp"

namespace kelvolt {

class TimeFunctionals {
   public:
    TimeFunctionals(const Network& net, const Trajectory& run, const std::vector<TimeFunctional>& asked);

    std::size_t size() const { return asked_.size(); }
    /// Evaluates all results; must be called before the functions below.
    void evaluate(Driven& driven);
    const std::vector<double>& values() const { return values_; }

    /// Adds the derivatives of result k with respect to the state at the end and to the parameters, where the result is
    /// a value at the end.
    void add_end(std::size_t k, const Point& at, const std::vector<double>& factor, std::vector<double>& by_y,
                 std::vector<double>& by_params) const;
    /// Adds the derivatives of what the interval of step n contributes to result k. `node_bar(j)`: the derivatives with
    /// respect to the state at step n - j, which are added to.
    template <class NodeBar>
    void add_interval(std::size_t k, std::size_t segment, int n, Driven& driven, NodeBar&& node_bar,
                      std::vector<double>& by_params);
    /// d(result k)/d(time) if the run stayed longer at this point: the integrand with its weight.
    double density(std::size_t k, const Point& at);

    /// State and time derivative at t of the polynomial through the states of step n and the steps before it; returns
    /// the weights of those states.
    Weights interpolate(std::size_t segment, int n, double t, std::vector<double>& y, std::vector<double>& yp) const;

   private:
    static constexpr int points = 2;
    struct Node {
        double t, weight;
    };
    std::array<Node, points> quadrature(std::size_t segment, int n) const;
    /// d(result k)/d(integral of g) at the value g.
    double weight_of(std::size_t k, double g) const;
    /// Adds `weight` times the derivatives of the value that result k refers to.
    void add(std::size_t k, const Point& at, double weight, const std::vector<double>& factor,
             std::vector<double>& by_y, std::vector<double>& by_params) const;

    const Network& net_;
    const Trajectory& run_;
    const std::vector<TimeFunctional>& asked_;
    Probe probe_;
    bool integrates_ = false;
    // highest_, sum_: per result, the largest integrand and the weighted sum over all Gauss points
    std::vector<double> values_, highest_, sum_, read_, y_, yp_, by_y_;
};

template <class NodeBar>
void TimeFunctionals::add_interval(std::size_t k, std::size_t segment, int n, Driven& driven, NodeBar&& node_bar,
                                   std::vector<double>& by_params) {
    if (asked_[k].kind == TimeFunctional::Kind::end) return;
    for (const Node& q : quadrature(segment, n)) {
        const Weights w = interpolate(segment, n, q.t, y_, yp_);
        driven.enter(segment, q.t);
        const Point at{y_.data(), yp_.data(), driven.values()};
        double weight = q.weight;
        if (asked_[k].kind == TimeFunctional::Kind::soft_max) {
            probe_.read(at, read_.data());
            weight *= weight_of(k, read_[k]);
        } else {
            weight *= weight_of(k, 0.0);
        }
        std::fill(by_y_.begin(), by_y_.end(), 0.0);
        add(k, at, weight, driven.factor(), by_y_, by_params);
        for (int j = 0; j < w.count; ++j) {
            std::vector<double>& bar = node_bar(j);
            for (std::size_t u = 0; u < by_y_.size(); ++u) bar[u] += w.value[j] * by_y_[u];
        }
    }
}

}  // namespace kelvolt
