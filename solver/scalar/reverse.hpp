/// Reverse-mode scalar: a dual whose derivative is a place on a tape. One pass backward over the tape gives the
/// derivatives of a weighted sum of results with respect to any number of seeds, as needed for gradients with respect
/// to all parameters. Constants are not recorded, so only operations that depend on a seed cost time.
#pragma once

#include <vector>

#include "solver/scalar/dual.hpp"

namespace kelvolt {

inline constexpr int backwards = -1;

/// Record of the operations: for each result an edge to each argument, with the partial derivative. Place 0 collects
/// contributions to constants; then come the seeds, then the results.
template <class V>
class Tape {
    struct Edge {
        int from, to;
    };
    std::vector<Edge> edge_;
    std::vector<V> slope_, adjoint_;  // of each edge, of each place
    int edges_ = 0, places_ = 0;

    [[gnu::noinline]] void grow() {
        edge_.resize(2 * edge_.size() + 64);
        slope_.resize(edge_.size());
    }

   public:
    void start(int seeds) {
        places_ = seeds;
        edges_ = 0;
    }
    /// A new result, without dependences so far.
    [[gnu::always_inline]] int result() { return ++places_; }
    /// The result at `from`, not used yet, depends on `to`.
    [[gnu::always_inline]] void depends(int from, int to, const V& slope) {
        if (edges_ == static_cast<int>(edge_.size())) [[unlikely]]
            grow();
        edge_[edges_] = {from, to};
        slope_[edges_++] = slope;
    }
    /// Ends the recording, before the weights of the results are set.
    void finish() { adjoint_.assign(places_ + 1, V(0.0)); }
    void weigh(int place, const V& weight) { adjoint_[place] += weight; }
    void sweep() {
        V* const adjoint = adjoint_.data();
        for (int e = edges_ - 1; e >= 0; --e) {
            const V a = adjoint[edge_[e].from];
            // a value that was not selected contributes nothing, even if its slope is not finite
            adjoint[edge_[e].to] += select(is_zero(a), V(0.0), V(a * slope_[e]));
        }
    }
    const V& by_seed(int slot) const { return adjoint_[slot + 1]; }
};

/// The tape of this thread; its memory is reused.
template <class V>
[[gnu::noinline]] Tape<V>& tape_of_thread() {
    thread_local Tape<V> tape;
    return tape;
}

/// The derivative of a reverse-mode scalar: its tape and its place there; none for a constant.
template <class V>
class Lanes<backwards, V> {
    Tape<V>* tape_ = nullptr;
    int place_ = 0;

   public:
    void clear() {}
    int place() const { return place_; }
    bool constant() const { return !tape_; }
    void seed(Tape<V>& tape, int slot) {
        tape_ = &tape;
        place_ = slot + 1;
    }
    [[gnu::always_inline]] void scale(const V& dx, const Lanes& x) {
        tape_ = nullptr;
        place_ = 0;
        add_part(dx, x);
    }
    [[gnu::always_inline]] void combine(const V& dx, const Lanes& x, const V& dy, const Lanes& y) {
        if (x.tape_ && x.place_ == y.place_) return scale(dx + dy, x);
        scale(dx, x);
        add_part(dy, y);
    }
    /// Adds one more argument to a result that was not used yet.
    [[gnu::always_inline]] void add_part(const V& dx, const Lanes& x) {
        if (!x.tape_) return;
        if (!tape_) {
            tape_ = x.tape_;
            place_ = tape_->result();
        }
        tape_->depends(place_, x.place_, dx);
    }
    [[gnu::always_inline]] void add(const Lanes& x, const Lanes& y) {
        if (!x.tape_)
            *this = y;
        else if (!y.tape_)
            *this = x;
        else
            combine(1.0, x, 1.0, y);
    }
    [[gnu::always_inline]] void subtract(const Lanes& x, const Lanes& y) {
        if (!y.tape_)
            *this = x;
        else
            combine(1.0, x, -1.0, y);
    }
    template <class Condition>
    [[gnu::always_inline]] void choose(const Condition& first, const Lanes& x, const Lanes& y) {
        if (x.tape_ || y.tape_) combine(select(first, V(1.0), V(0.0)), x, select(first, V(0.0), V(1.0)), y);
    }
};

template <class V>
using Reverse = Dual<backwards, V>;

}  // namespace kelvolt
