/// Record of an integration: the accepted states with the order of each step, in segments between restarts. These
/// determine the polynomial of every step, so that the adjoint can go backwards through the run.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "solver/network/network.hpp"

namespace kelvolt {

/// Weights of states at given times in the polynomial through them, for its value and its slope at t. Newest first.
struct Weights {
    static constexpr int most = 8;
    int count = 0;
    double value[most], slope[most];
};
Weights polynomial_weights(const double* times, int count, double t);

class Trajectory {
   public:
    /// Why a segment ended.
    enum class Cause { end, schedule, sample, root };
    struct Segment {
        double t0 = 0.0, t1 = 0.0;
        std::size_t first = 0;  ///< node of its start; the nodes of its steps follow
        int steps = 0;
        Cause cause = Cause::end;
        std::vector<std::pair<int, int>> switched;  ///< (component, root) that ended it
        Values values;                              ///< at its start
        std::vector<double> yp;                     ///< consistent derivatives at its start
    };

    explicit Trajectory(const Network& net) : net_(net) {}

    void begin(double t, const std::vector<double>& y, const std::vector<double>& yp, const Values& values);
    void step(double t, int order, const std::vector<double>& y);
    void end(double t, Cause cause);
    /// Must be called before a component changes its discrete variables at this point. Tests whether the new values
    /// depend continuously on states or parameters and records that as a Follower.
    void about_to_switch(int component, int which, double t, const Point& at);
    /// Records that root function `which` of a component has changed the equations.
    void switched(int component, int which) { switched_.emplace_back(component, which); }

    const std::vector<Segment>& segments() const { return segments_; }
    double time(std::size_t node) const { return t_[node]; }
    const double* state(std::size_t node) const { return &y_[node * net_.size()]; }
    int order(std::size_t node) const { return order_[node]; }
    std::size_t nodes() const { return t_.size(); }
    /// Times of the nodes of a segment that the polynomial of step n uses, newest first: n - from, n - from - 1, ...
    /// Node -1 is the fictitious state one step before the start that represents the slope at the start.
    int times(const Segment& s, int n, int from, int count, double* out) const;

    /// A component whose discrete variables depend continuously on a state or parameter. The adjoint does not include
    /// this dependence.
    struct Follower {
        int component;
        double time;
        bool of_state;
        std::vector<int> params;  ///< number parameters they depend on
    };
    const std::vector<Follower>& followers() const { return followers_; }

    /// Memory in bytes for a run of so many steps.
    static double bytes(const Network& net, long steps) { return 8.0 * net.size() * double(steps); }

   private:
    const Network& net_;
    std::vector<Segment> segments_;
    std::vector<double> t_, y_;
    std::vector<int> order_;
    std::vector<std::pair<int, int>> switched_;
    std::vector<Follower> followers_;
};

}  // namespace kelvolt
