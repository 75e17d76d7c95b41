/// Reverse-mode scalar: a dual whose derivative is a place on a tape. One pass backwards over the tape gives the
/// derivatives of a weighted sum of results by every seed, however many: what gradients by all parameters need.
/// Constants leave no trace, so only what depends on a seed costs anything.
#pragma once

#include <vector>

#include "solver/scalar/dual.hpp"

namespace kelvolt {

inline constexpr int backwards = -1;

/// What was computed from what, with the partial derivatives. Place 0 takes what falls on constants, then come the
/// seeds.
template <class V>
class Tape {
    struct Node {
        V dx, dy;
        int x, y;
    };
    std::vector<Node> nodes_;
    std::vector<V> adjoint_;
    int seeds_ = 0, size_ = 0;

    // an arm not taken weighs nothing, whatever its slope
    static V times(const V& a, const V& dx) { return select(is_zero(a), V(0.0), V(a * dx)); }

   public:
    void start(int seeds) {
        seeds_ = seeds;
        size_ = 0;
    }
    int add(int x, const V& dx, int y, const V& dy) {
        if (size_ == static_cast<int>(nodes_.size())) nodes_.resize(2 * nodes_.size() + 64);
        nodes_[size_++] = {dx, dy, x, y};
        return seeds_ + size_;
    }
    /// All results are there: their weights follow.
    void finish() { adjoint_.assign(seeds_ + size_ + 1, V(0.0)); }
    void weigh(int place, const V& weight) { adjoint_[place] += weight; }
    void sweep() {
        for (int k = size_ - 1; k >= 0; --k) {
            const Node& node = nodes_[k];
            const V a = adjoint_[seeds_ + 1 + k];
            adjoint_[node.x] += times(a, node.dx);
            if (node.y) adjoint_[node.y] += times(a, node.dy);
        }
    }
    const V& by_seed(int slot) const { return adjoint_[slot + 1]; }
};

/// The derivative of a reverse-mode scalar: its tape and its place there; none for a constant.
template <class V>
class Lanes<backwards, V> {
    Tape<V>* tape_ = nullptr;
    int place_ = 0;

   public:
    void clear() {}
    int place() const { return place_; }
    void seed(Tape<V>& tape, int slot) {
        tape_ = &tape;
        place_ = slot + 1;
    }
    void scale(const V& dx, const Lanes& x) {
        tape_ = x.tape_;
        place_ = tape_ ? tape_->add(x.place_, dx, 0, dx) : 0;
    }
    void combine(const V& dx, const Lanes& x, const V& dy, const Lanes& y) {
        if (!x.tape_) return scale(dy, y);
        if (!y.tape_) return scale(dx, x);
        tape_ = x.tape_;
        place_ = tape_->add(x.place_, dx, y.place_, dy);
    }
    void add(const Lanes& x, const Lanes& y) {
        if (!x.tape_)
            *this = y;
        else if (!y.tape_)
            *this = x;
        else
            combine(1.0, x, 1.0, y);
    }
    void subtract(const Lanes& x, const Lanes& y) {
        if (!y.tape_)
            *this = x;
        else
            combine(1.0, x, -1.0, y);
    }
    template <class Condition>
    void choose(const Condition& first, const Lanes& x, const Lanes& y) {
        if (x.tape_ || y.tape_) combine(select(first, V(1.0), V(0.0)), x, select(first, V(0.0), V(1.0)), y);
    }
};

template <class V>
using Reverse = Dual<backwards, V>;

}  // namespace kelvolt
