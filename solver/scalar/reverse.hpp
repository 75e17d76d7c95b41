/// Reverse-mode scalar: a dual whose derivative is a place on a tape. One pass backwards over the tape gives the
/// derivatives of a weighted sum of results by every seed, however many: what gradients by all parameters need.
/// Constants leave no trace, so only what depends on a seed costs anything.
#pragma once

#include <vector>

#include "solver/scalar/dual.hpp"

namespace kelvolt {

inline constexpr int backwards = -1;

/// What was computed from what, with the partial derivatives. Node 0 takes what falls on constants.
template <class V>
class Tape {
    struct Node {
        int x, y;
        V dx, dy;
    };
    // an arm not taken weighs nothing, whatever its slope
    static V times(const V& a, const V& dx) { return select(is_zero(a), V(0.0), V(a * dx)); }

    std::vector<Node> nodes_;
    std::vector<V> adjoint_;
    int seeds_ = 0;

   public:
    /// The tape of this thread.
    static Tape& here() {
        thread_local Tape tape;
        return tape;
    }
    void clear(int seeds) {
        nodes_.clear();
        adjoint_.assign(seeds + 1, V(0.0));
        seeds_ = seeds;
    }
    int seed(int slot) const { return slot + 1; }
    int add(int x, const V& dx, int y, const V& dy) {
        nodes_.push_back({x, y, dx, dy});
        return seeds_ + static_cast<int>(nodes_.size());
    }
    /// Weights of the results, before `sweep`.
    void weigh(int node, const V& weight) {
        adjoint_.resize(seeds_ + nodes_.size() + 1, V(0.0));
        adjoint_[node] += weight;
    }
    void sweep() {
        for (int k = static_cast<int>(nodes_.size()) - 1; k >= 0; --k) {
            const Node& node = nodes_[k];
            const V a = adjoint_[seeds_ + 1 + k];
            adjoint_[node.x] += times(a, node.dx);
            adjoint_[node.y] += times(a, node.dy);
        }
    }
    const V& by_seed(int slot) const { return adjoint_[slot + 1]; }
};

/// The derivative of a reverse-mode scalar: its place on the tape; 0 for a constant.
template <class V>
class Lanes<backwards, V> {
    int node_ = 0;

    void note(int x, const V& dx, int y, const V& dy) { node_ = x | y ? Tape<V>::here().add(x, dx, y, dy) : 0; }

   public:
    void clear() {}
    int node() const { return node_; }
    void seed(int slot, const V&) { node_ = Tape<V>::here().seed(slot); }
    void scale(const V& dx, const Lanes& x) { note(x.node_, dx, 0, 0.0); }
    void combine(const V& dx, const Lanes& x, const V& dy, const Lanes& y) { note(x.node_, dx, y.node_, dy); }
    void add(const Lanes& x, const Lanes& y) { note(x.node_, 1.0, y.node_, 1.0); }
    void subtract(const Lanes& x, const Lanes& y) { note(x.node_, 1.0, y.node_, -1.0); }
    template <class Condition>
    void choose(const Condition& first, const Lanes& x, const Lanes& y) {
        note(x.node_, select(first, V(1.0), V(0.0)), y.node_, select(first, V(0.0), V(1.0)));
    }
};

template <class V>
using Reverse = Dual<backwards, V>;

}  // namespace kelvolt
