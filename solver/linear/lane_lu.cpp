#include "solver/linear/lane_lu.hpp"

#include <algorithm>
#include <cmath>

#include "solver/scalar/pack.hpp"

namespace kelvolt {

namespace {

static_assert(LanePlan::wide == Pack::size);

template <class V>
inline constexpr bool packed = std::is_same_v<V, Pack>;
template <class V>
inline constexpr int lanes = packed<V> ? Pack::size : 1;

template <class V>
V load(const double* from) {
    if constexpr (packed<V>)
        return Pack::adjacent(from);
    else
        return *from;
}
void store(double x, double* to) { *to = x; }
void store(const Pack& x, double* to) { std::memcpy(to, &x.b, sizeof x.b); }

/// Calls `use` with a function that reads the row a link refers to: its argument is the entry's distance from the
/// pivot (0: the stored inverse of the pivot), its result holds that entry for every lane.
template <class V, class Use>
[[gnu::always_inline]] inline void with_row(const LanePlan& plan, int link, const double* factors, const Use& use) {
    const auto [pivot, stride] = plan.rows[link];
    const double* row = factors + pivot;
    if constexpr (packed<V>) {
        const int table = plan.table[link];
        if (table >= 0)
            use([each = &plan.lane_rows[table], factors](int e) {
                Pack::Block b;
                for (int l = 0; l < Pack::size; ++l) b[l] = factors[each[l].pivot + each[l].stride * e];
                return Pack(b);
            });
        else if (table == LanePlan::one_for_all)
            use([row, stride = stride](int e) { return Pack(row[stride * e]); });
        else
            use([row](int e) { return Pack::adjacent(row + Pack::size * e); });
    } else {
        use([row, stride = stride](int e) { return row[stride * e]; });
    }
}

/// For each lane, the element of vector y that belongs to the row a link refers to.
template <class V>
[[gnu::always_inline]] inline V number(const LanePlan& plan, int link, const double* y) {
    const int slot = plan.slots[link];
    if constexpr (packed<V>) {
        const int table = plan.table[link];
        if (table >= 0) return Pack::gathered(y, &plan.lane_slots[table]);
        if (table == LanePlan::one_for_all) return Pack(y[slot]);
    }
    return load<V>(y + slot);
}

}  // namespace

LaneLU::LaneLU(std::shared_ptr<const LanePlan> plan)
    : plan_(std::move(plan)), factors_(plan_->factors + Pack::size), y_(plan_->row_of_slot.size()) {}

// Eliminates the row(s) of one step. Returns zero times the inverse of the pivot: this is zero when the pivot is usable
// and NaN when it is zero or not finite, so that one sum over all steps tells whether the factorisation succeeded.
template <class V>
V LaneLU::eliminate(const Step& step, const double* values) {
    constexpr int L = lanes<V>;
    double* const row = &factors_[step.first];
    // clears in whole packs, which may reach past the end of this step: the steps stored there are written later
    for (int k = 0; k < L * (step.left + 1 + step.right); k += Pack::size) store(Pack(0.0), row + k);
    // a step without matrix entries may point past the end of `sources`; it is then not read
    const int* source = plan_->sources.data() + step.sources;
    for (int e = 0; e < step.entries; ++e, source += 1 + L)
        for (int l = 0; l < L; ++l) row[L * *source + l] = values[source[1 + l]];
    // subtract multiples of the rows that belong to the entries on the left
    const int* target = plan_->targets.data() + step.targets;
    for (int a = 0; a < step.left; ++a) {
        with_row<V>(*plan_, step.links + a, factors_.data(), [&](const auto& other) {
            const V multiplier = load<V>(row + L * a) * other(0);
            store(multiplier, row + L * a);
            const int count = *target++;
            for (int e = 1; e <= count; ++e) {
                double* const to = row + L * *target++;
                store(load<V>(to) - multiplier * other(e), to);
            }
        });
    }
    const V inverse = V(1.0) / load<V>(row + L * step.left);
    store(inverse, row + L * step.left);
    return inverse * V(0.0);
}

bool LaneLU::factor(const double* values) {
    Pack eight(0.0);
    double single = 0.0;
    for (const Step& step : plan_->steps)
        if (step.lanes > 1)
            eight += eliminate<Pack>(step, values);
        else
            single += eliminate<double>(step, values);
    for (int lane = 0; lane < Pack::size; ++lane) single += eight[lane];
    return std::isfinite(single);
}

/// Substitution: `sum` minus the products of a row's entries with the elements of y already solved. `left`: the entries
/// left of the pivot (forward substitution), else those right of it (backward substitution).
/// Two partial sums are kept, so that an addition need not wait for the one before. The elements of y that were
/// computed last are used last, so that the processor need not wait for them either: these belong to the entries
/// nearest to the pivot, at the end of the left part and at the start of the right part.
template <bool left, class V>
V LaneLU::substitute(const double* entry, int link, int count, V sum) const {
    const auto product = [&](int a) {
        const int k = left ? a : count - 1 - a;
        return load<V>(entry + lanes<V> * k) * number<V>(*plan_, link + k, y_.data());
    };
    V other(0.0);
    for (int a = 0; a + 1 < count; a += 2) {
        sum -= product(a);
        other += product(a + 1);
    }
    if (count % 2) sum -= product(count - 1);
    return sum - other;
}

/// Transposed solve: subtracts x times this row's entries from the elements of y they refer to. `used`: lanes in use.
template <class V>
void LaneLU::subtract_scaled(const double* entry, int link, int count, const V& x, int used) {
    for (; count > 0; --count, ++link, entry += lanes<V>) {
        const V change = load<V>(entry) * x;
        double* const to = &y_[plan_->slots[link]];
        if constexpr (packed<V>) {
            const int table = plan_->table[link];
            if (table != LanePlan::aligned) {  // two lanes may change the same element, so one lane after the other
                for (int l = 0; l < used; ++l) (table >= 0 ? y_[plan_->lane_slots[table + l]] : *to) -= change[l];
                continue;
            }
        }
        store(load<V>(to) - change, to);
    }
}

template <class Work>
void LaneLU::forward(const Work& work) {
    for (const Step& s : plan_->steps)
        s.lanes > 1 ? work(s, load<Pack>(&y_[s.slot])) : work(s, load<double>(&y_[s.slot]));
}

template <class Work>
void LaneLU::backward(const Work& work) {
    for (auto s = plan_->steps.rbegin(); s != plan_->steps.rend(); ++s)
        s->lanes > 1 ? work(*s, load<Pack>(&y_[s->slot])) : work(*s, load<double>(&y_[s->slot]));
}

void LaneLU::solve(double* b) {
    gather(b, plan_->row_of_slot);
    forward([&]<class V>(const Step& s, const V& x) {
        store(substitute<true>(&factors_[s.first], s.links, s.left, x), &y_[s.slot]);
    });
    backward([&]<class V>(const Step& s, const V& x) {
        store(substitute<false>(pivot(s) + s.lanes, s.links + s.left, s.right, x) * load<V>(pivot(s)), &y_[s.slot]);
    });
    scatter(b, plan_->column_of_slot);
}

void LaneLU::solve_transposed(double* b) {
    gather(b, plan_->column_of_slot);
    forward([&]<class V>(const Step& s, const V& x) {
        const V part = x * load<V>(pivot(s));
        store(part, &y_[s.slot]);
        subtract_scaled(pivot(s) + s.lanes, s.links + s.left, s.right, part, s.used);
    });
    backward(
        [&]<class V>(const Step& s, const V& x) { subtract_scaled(&factors_[s.first], s.links, s.left, x, s.used); });
    scatter(b, plan_->row_of_slot);
}

void LaneLU::gather(const double* b, const std::vector<int>& from) {
    for (std::size_t s = 0; s < y_.size(); ++s) y_[s] = b[from[s]];
}

// Unused lanes of a step carry the same index as its first lane. Going backwards, the first lane is written last and so
// its value stays.
void LaneLU::scatter(double* b, const std::vector<int>& to) const {
    for (std::size_t s = y_.size(); s-- > 0;) b[to[s]] = y_[s];
}

}  // namespace kelvolt
