/// Evaluates one model's equations for all its instances in one loop: residual, exact Jacobian, parameter gradient,
/// outputs, events. The same equations give different results by their scalar type: double gives values, Dual gives
/// values and derivatives, Pattern gives the variables a result depends on, Reverse gives parameter gradients.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>

#include "solver/model/block.hpp"
#include "solver/model/lane_groups.hpp"
#include "solver/model/reflect.hpp"
#include "solver/scalar/dual.hpp"
#include "solver/scalar/pattern.hpp"
#include "solver/scalar/reverse.hpp"

namespace kelvolt {

/// Members that every model must have; a missing one gives a readable compile error.
template <class M>
concept Model = requires(typename M::template Vars<double>& x, const typename M::template Params<double>& p) {
    { M::type } -> std::convertible_to<std::string_view>;
    { M::doc } -> std::convertible_to<std::string_view>;
    { M::role } -> std::convertible_to<Role>;
    M::template Vars<double>::declare();
    M::template Params<double>::declare();
    M::equations(x, p);
};

template <Model M>
class TypedBlock final : public Block {
   public:
    template <class S>
    using Vars = typename M::template Vars<S>;
    template <class P>
    using Params = typename M::template Params<P>;
    static constexpr int N = detail::local_size<Vars<double>>();
    static constexpr int NP = detail::number_count<Params<double>>();
    static constexpr int ports = detail::count_if_port(detail::declared<Vars<double>>);

    /// A model with a member `in_lanes` is evaluated for eight instances at once with the scalar Pack, so its equations
    /// must not branch (`if`) on a number.
    static constexpr bool in_lanes = requires { M::in_lanes; };
    /// In a model with a member `only_stores` every term contains a time derivative, so it is skipped at rest.
    static constexpr bool only_stores = requires { M::only_stores; };
    /// Root functions that depend on time, as a model with delays has them.
    static constexpr bool is_timed = requires(Vars<double> & x, const Params<double>& p, double* g) {
        M::roots(x, p, 0.0, g);
    };

    void prepare() override {
        if constexpr (in_lanes) groups_ = lane_groups(*this);
    }

    [[gnu::flatten]] void residual(const Point& at, double* r) const override {
        if (only_stores && !at.yp) return;
        if constexpr (in_lanes) {
            for (const LaneGroup& group : groups_) {
                if (group.used == 1) {
                    add_residual(group.instance[0], at, r);
                    continue;
                }
                Vars<Pack> x;
                load(x, group, at, as_is, as_is);
                M::equations(x, params_of(group, at.values));
                each_residual(x,
                              [&](int k, const Pack& f) { scatter(f, &group.index[k * Pack::size], group.used, r); });
            }
        } else {
            for (int i = 0; i < count; ++i) add_residual(i, at, r);
        }
    }

    [[gnu::flatten]] void jacobian(const Point& at, const Seeds& seeds, double* r, double* jac) const override {
        if (only_stores && !at.yp && !seeds.der && seeds.der_of_all == 0.0) return;
        if constexpr (in_lanes) {
            for (const LaneGroup& group : groups_) {
                using S = Dual<N, Pack>;
                Vars<S> x;
                load(
                    x, group, at,
                    [&](int k, const Pack& value) {
                        return S::seeded(value, k, seeds.value ? number_of(seeds.value, group, k) : Pack(1.0));
                    },
                    [&](int k, const Pack& der) {
                        return S::seeded(der, k, seeds.der ? number_of(seeds.der, group, k) : Pack(seeds.der_of_all));
                    });
                M::equations(x, params_of(group, at.values));
                std::array<const S*, N> f;
                each_residual(x, [&](int k, const S& value) {
                    f[k] = &value;
                    scatter(value.v, &group.index[k * Pack::size], group.used, r);
                });
                const int* slot = group.slots.data();
                for (const LocalEntry& e : entries) {
                    scatter(f[e.row]->d[e.col], slot, group.used, jac);
                    slot += Pack::size;
                }
            }
        } else {
            using S = Dual<N>;
            const std::size_t n_entries = entries.size();
            for (int i = 0; i < count; ++i) {
                Vars<S> x;
                const int* g = index.data() + std::size_t(i) * N;
                load(
                    x, i, at,
                    [&](int k, double value) { return S::seeded(value, k, seeds.value ? seeds.value[g[k]] : 1.0); },
                    [&](int k, double der) {
                        return S::seeded(der, k, seeds.der ? seeds.der[g[k]] : seeds.der_of_all);
                    });
                M::equations(x, params_of(i, at.values));
                std::array<S, N> f;
                each_residual(x, [&](int k, const S& value) {
                    f[k] = value;
                    r[g[k]] += value.v;
                });
                const int* slot = slots.data() + std::size_t(i) * n_entries;
                for (std::size_t e = 0; e < n_entries; ++e) jac[slot[e]] += f[entries[e].row].d[entries[e].col];
            }
        }
    }

    void param_product(const Point& at, const double* lambda, double* grad) const override {
        if (only_stores && !at.yp) return;
        if constexpr (NP > 0 && in_lanes) {
            add_products_in_lanes(at, lambda, grad);
        } else if constexpr (NP > 0) {
            // not flattened: such models have few instances, and the code is shared with output_gradient
            Tape<double>& tape = tape_of_thread<double>();
            for (int i = 0; i < count; ++i) add_product(tape, i, at, lambda, grad);
        }
    }

    void local_residual(int i, const Point& at, double* r) const override {
        Vars<double> x = loaded(i, at);
        M::equations(x, params_of(i, at.values));
        each_residual(x, [&](int k, double f) { r[k] = f; });
    }

    // Flattened into one function, so that the compiler removes those parts of the equations that no output uses.
    [[gnu::flatten]] void outputs(int i, const Point& at, Report<double>& report) const override {
        if constexpr (requires(Vars<double> & x, Params<double> & p) { M::outputs(x, p, report); }) {
            Vars<double> x;
            load(x, i, at, as_is, as_is);
            const auto p = params_of(i, at.values);
            M::equations(x, p);  // sets flows and residuals of the ports, which may be reported
            M::outputs(x, p, report);
        }
    }

    void output_gradient(int i, int k, const Point& at, double* by_local, double* by_param) const override {
        if constexpr (requires(Vars<double> & x, Params<double> & p, Report<double> & r) { M::outputs(x, p, r); }) {
            using S = Reverse<double>;
            Tape<double>& tape = tape_of_thread<double>();
            tape.start(N + NP);
            const auto seeded = [&](int seed, double value) {
                S s(value);
                s.d.seed(tape, seed);
                return s;
            };
            Vars<S> x;
            load(x, i, at, seeded, [](int, double d) { return S(d); });
            const auto p = gather<S>(i, at.values, [&](int j, double value) { return seeded(N + j, value); });
            M::equations(x, p);
            std::vector<S> all(info->outputs.size()), margins;
            Report<S> report;
            report.values = all.data();
            report.margins = &margins;
            M::outputs(x, p, report);
            tape.finish();
            all.insert(all.end(), margins.begin(), margins.end());
            tape.weigh(all.at(k).d.place(), 1.0);
            tape.sweep();
            for (int l = 0; l < N; ++l) by_local[l] = tape.by_seed(l);
            for (int j = 0; j < NP; ++j) by_param[j] = tape.by_seed(N + j);
        }
    }

    std::string problem(int i, const Values& values) const override {
        if constexpr (requires(const Params<double>& p) { M::problem(p); }) return M::problem(params_of(i, values));
        if constexpr (requires(const Params<double>& p, const Medium* const* at) { M::problem(p, at); })
            return M::problem(params_of(i, values), media.data() + std::size_t(i) * ports);
        return {};
    }
    bool can_separate() const override {
        return requires(const Vars<double>& x, const Params<double>& p) { M::separates(x, p); };
    }
    bool separates(int i, const Point& at) const override {
        if constexpr (requires(const Vars<double>& x, const Params<double>& p) { M::separates(x, p); }) {
            return M::separates(loaded(i, at), params_of(i, at.values));
        }
        return false;
    }
    bool feeds(int i, int from, int to, const Point& at) const override {
        if constexpr (requires(const Vars<double>& x, const Params<double>& p) { M::feeds(x, p, 0, 0); }) {
            return M::feeds(loaded(i, at), params_of(i, at.values), from, to);
        }
        return true;
    }
    std::complex<double> open_voltage(int i, int port, const Values& values) const override {
        if constexpr (requires(const Params<double>& p) { M::open_voltage(p, 0); })
            return M::open_voltage(params_of(i, values), port);
        return 0.0;
    }
    std::complex<double> ratio(int i, int port, const Values& values) const override {
        if constexpr (requires(const Params<double>& p) { M::ratio(p, 0); })
            return M::ratio(params_of(i, values), port);
        return 1.0;
    }
    void short_circuit(int i, const Point& at, const FaultCase& fault, FaultEquivalent& out) const override {
        if constexpr (requires(Vars<double> & x, Params<double> & p) { M::short_circuit(x, p, fault, out); }) {
            Vars<double> x;
            load(x, i, at, as_is, as_is);
            M::short_circuit(x, params_of(i, at.values), fault, out);
        }
    }
    bool states_short_circuit() const override {
        return requires(Vars<double> & x, Params<double> & p, FaultCase f, FaultEquivalent e) {
            M::short_circuit(x, p, f, e);
        };
    }
    bool holds_pressure(int i, int port, const Values& values) const override {
        if constexpr (requires(const Params<double>& p) { M::holds_pressure(p, 0); })
            return M::holds_pressure(params_of(i, values), port);
        return true;
    }
    NeutralPath neutral(int i, int port) const override {
        if constexpr (requires(const Params<double>& p) { M::neutral(p, 0); }) {
            Values none;  // the result depends on choices only, not on numbers
            none.params.assign(param_offset + std::size_t(NP) * count, 0.0);
            return M::neutral(params_of(i, none), port);
        }
        return NeutralPath::through;
    }
    bool has_other_starts() const override {
        return requires(const Vars<double>& x, const Params<double>& p) { M::other_starts(x, p); };
    }
    std::vector<double> other_starts(int i, const Point& at) const override {
        if constexpr (requires(const Vars<double>& x, const Params<double>& p) { M::other_starts(x, p); }) {
            return M::other_starts(loaded(i, at), params_of(i, at.values));
        }
        return {};
    }
    bool ideal() const override {
        return requires { M::ideal; };
    }
    int roots() const override {
        if constexpr (requires { M::root_count; }) return M::root_count;
        return 0;
    }
    void root_values(int i, const Point& at, double* g) const override {
        if constexpr (requires { M::root_count; }) {
            auto x = loaded(i, at);
            if constexpr (is_timed)
                M::roots(x, params_of(i, at.values), at.values.time, g);
            else
                M::roots(x, params_of(i, at.values), g);
        }
    }
    bool timed() const override { return is_timed; }
    bool acts_in_time() const override {
        return requires { M::acts_in_time; };
    }
    void begin(int i, const Point& at, Values& values) const override {
        if constexpr (requires(Vars<double> & x, const Params<double>& p) { M::begin(x, p); }) {
            auto x = loaded(i, at);
            M::begin(x, params_of(i, at.values));
            keep_discretes(x, i, values);
        }
    }
    double sample_period(int i, const Values& values) const override {
        if constexpr (requires(const Params<double>& p) { M::sample_period(p); })
            return M::sample_period(params_of(i, values));
        return 0.0;
    }
    bool update(int i, const Point& at, Values& values, int which) const override {
        const auto decide = [&](const auto& made) {
            auto x = loaded(i, at);
            const bool changed = made(x, params_of(i, at.values));
            keep_discretes(x, i, values);
            return changed;
        };
        if constexpr (is_timed)
            return decide([&](auto& x, const auto& p) { return M::update(x, p, which, at.values.time); });
        else if constexpr (requires(Vars<double> & x, const Params<double>& p) { M::update(x, p, which); })
            return decide([&](auto& x, const auto& p) { return M::update(x, p, which); });
        return false;
    }

    std::string change(int i, const Point& at) const override {
        if constexpr (requires(const Vars<double>& x, const Params<double>& p) { M::change(x, p); })
            return M::change(loaded(i, at), params_of(i, at.values));
        return {};
    }
    TripTimes trip_times(int i, const Values& values, double current, double before) const override {
        if constexpr (requires(const Params<double>& p) { M::trip_times(p, current, before); })
            return M::trip_times(params_of(i, values), current, before);
        return {infinite, infinite};
    }

    /// Structure of the Jacobian: the equations are evaluated on patterns for every combination of choices and joined,
    /// since instances may choose differently. Bit k stands for variable k, bit 32 + k for its time derivative.
    static std::vector<LocalEntry> structure() {
        static_assert(N <= 32, "a component has at most 32 local variables; split it");
        TypedBlock one;
        one.count = 1;
        one.fill_defaults();
        Values none;
        one.size_values(none);
        const std::array<double, N> zero{};
        one.index.resize(N);
        for (int k = 0; k < N; ++k) one.index[k] = k;
        std::array<Pattern, N> joined{};
        std::fill(one.choices.begin(), one.choices.end(), 0);
        const auto join = [&](const double* yp) {
            Vars<Pattern> x;
            one.load(
                x, 0, Point{zero.data(), yp, none}, [](int k, double) { return Pattern::of(k); },
                [](int k, double) { return Pattern::of(32 + k); });
            M::equations(x, one.params_of(0, none));
            each_residual(x, [&](int row, const Pattern& f) { joined[row] = Pattern::join(joined[row], f); });
        };
        do {
            join(zero.data());
            join(nullptr);
        } while (one.next_choices());
        std::vector<LocalEntry> found;
        for (int row = 0; row < N; ++row)
            for (int col = 0; col < N; ++col) {
                const bool value = (joined[row].bits >> col) & 1u, der = (joined[row].bits >> (32 + col)) & 1u;
                if (value || der) found.push_back({row, col, value, der});
            }
        return found;
    }

    /// Names and units of the outputs, found by evaluating the outputs once with default parameters.
    static std::vector<OutputInfo> output_infos(const ModelInfo& info) {
        TypedBlock one;
        one.info = &info;
        one.count = 1;
        one.fill_defaults();
        Values values;
        one.size_values(values);
        const std::vector<double> start(N, 300.0);
        one.index.resize(N);
        for (int k = 0; k < N; ++k) one.index[k] = k;
        std::vector<OutputInfo> found;
        Report<double> report;
        report.infos = &found;
        one.outputs(0, Point{start.data(), start.data(), values}, report);
        return found;
    }

   private:
    void keep_discretes(const Vars<double>& x, int i, Values& values) const {
        int k = 0;
        detail::each(detail::declared<Vars<double>>, [&]<class D>(const D& decl) {
            if constexpr (detail::IsDiscrete<D>)
                values.discretes[discrete_offset + std::size_t(k++) * count + i] = (x.*decl.member).value;
        });
    }
    static constexpr auto as_is = [](int, const auto& number) { return number; };
    // Element k of a vector of unknowns, for one instance or for the eight instances of a group.
    double number_of(const double* all, int i, int k) const { return all[index[std::size_t(i) * N + k]]; }
    static Pack number_of(const double* all, const LaneGroup& group, int k) {
        return Pack::gathered(all, &group.index[k * Pack::size]);
    }
    // The same from a column that holds one number per instance.
    static double column_of(const double* column, int i) { return column[i]; }
    static Pack column_of(const double* column, const LaneGroup& group) {
        return group.adjacent ? Pack::adjacent(column + group.instance[0])
                              : Pack::gathered(column, group.instance.data());
    }
    static int first_of(int i) { return i; }
    static int first_of(const LaneGroup& group) { return group.instance[0]; }
    [[gnu::always_inline]] static void scatter(const Pack& x, const int* to, int used, double* all) {
        if (used == Pack::size) {
#pragma GCC unroll 8
            for (int lane = 0; lane < Pack::size; ++lane) all[to[lane]] += x[lane];
        } else {
            for (int lane = 0; lane < used; ++lane) all[to[lane]] += x[lane];
        }
    }

    Vars<double> loaded(int i, const Point& at) const {
        Vars<double> x;
        load(x, i, at, as_is, as_is);
        return x;
    }
    void add_residual(int i, const Point& at, double* r) const {
        Vars<double> x;
        load(x, i, at, as_is, as_is);
        M::equations(x, params_of(i, at.values));
        const int* g = index.data() + std::size_t(i) * N;
        each_residual(x, [&](int k, double f) { r[g[k]] += f; });
    }
    [[gnu::flatten]] void add_products_in_lanes(const Point& at, const double* lambda, double* grad) const {
        Tape<Pack>& tape = tape_of_thread<Pack>();
        for (const LaneGroup& group : groups_) add_product(tape, group, at, lambda, grad);
    }
    // Adds lambda^T dF/dp by reverse differentiation, from the residuals back to the parameters.
    template <class V, class Where>
    void add_product(Tape<V>& tape, const Where& where, const Point& at, const double* lambda, double* grad) const {
        using S = Reverse<V>;
        tape.start(NP);
        Vars<S> x;
        load(
            x, where, at, [](int, const V& value) { return S(value); }, [](int, const V& der) { return S(der); });
        M::equations(x, gather<S>(where, at.values, [&](int k, const V& v) {
                         S p(v);
                         p.d.seed(tape, k);
                         return p;
                     }));
        tape.finish();
        each_residual(x, [&](int k, const S& f) { tape.weigh(f.d.place(), number_of(lambda, where, k)); });
        tape.sweep();
        for (int j = 0; j < NP; ++j)
            add_to_column(tape.by_seed(j), where, &grad[param_offset + std::size_t(j) * count]);
    }
    static void add_to_column(double x, int i, double* column) { column[i] += x; }
    static void add_to_column(const Pack& x, const LaneGroup& group, double* column) {
        double* const first = column + group.instance[0];
        if (group.adjacent)
            (Pack::adjacent(first) + x).put_adjacent(first);
        else
            scatter(x, group.instance.data(), group.used, column);
    }

    // Copies the variables of an instance or of a group into Vars: potentials and unknowns in the order of declaration.
    template <class S, class Where, class V, class D>
    void load(Vars<S>& x, const Where& where, const Point& at, V&& as_value, D&& as_der) const {
        using Number = decltype(number_of(at.y, where, 0));
        const int i = first_of(where);
        int k = 0, port_number = 0, discrete_number = 0;
        detail::each(
            detail::declared<Vars<S>>, [&]<class Decl>(const Decl& decl) __attribute__((always_inline)) {
                auto& member = x.*decl.member;
                if constexpr (detail::IsPort<Decl>) {
                    if constexpr (requires { member.live; }) {
                        if (!at.values.live.empty()) member.live = number_of(at.values.live.data(), where, k);
                        member.load = member.live * at.values.load;
                    }
                    for (int q = 0; q < std::remove_reference_t<decltype(member)>::size; ++q, ++k) {
                        member.potential(q) = as_value(k, number_of(at.y, where, k));
                        member.derivative(q) = as_der(k, at.yp ? number_of(at.yp, where, k) : Number(0.0));
                    }
                    if constexpr (requires { member.medium; }) {
                        member.medium = media[std::size_t(i) * ports + port_number];
                        member.circuit = circuits[std::size_t(i) * ports + port_number];
                    }
                    if constexpr (requires { member.connected; })
                        member.connected = connected[std::size_t(i) * ports + port_number] != 0;
                    ++port_number;
                } else if constexpr (detail::IsUnknown<Decl>) {
                    member.value = as_value(k, number_of(at.y, where, k));
                    member.der = as_der(k, at.yp ? number_of(at.yp, where, k) : Number(0.0));
                    member.at_rest = !at.yp;
                    ++k;
                } else {
                    member.value = column_of(
                        &at.values.discretes[discrete_offset + std::size_t(discrete_number++) * count], where);
                }
            });
    }
    template <class S, class F>
    static void each_residual(Vars<S>& x, F&& f) {
        int k = 0;
        detail::each(
            detail::declared<Vars<S>>, [&]<class Decl>(const Decl& decl) __attribute__((always_inline)) {
                auto& member = x.*decl.member;
                if constexpr (detail::IsPort<Decl>) {
                    for (int q = 0; q < std::remove_reference_t<decltype(member)>::size; ++q) f(k++, member.flow(q));
                } else if constexpr (detail::IsUnknown<Decl>) {
                    f(k++, member.residual);
                }
            });
    }
    template <class P, class Where, class F>
    Params<P> gather(const Where& where, const Values& values, F&& number) const {
        Params<P> p;
        const int i = first_of(where);
        int k = 0, n_choice = 0, n_curve = 0;
        const auto per = [&](const auto& list) { return list.size() / std::size_t(count); };
        detail::each(
            detail::declared<Params<P>>, [&]<class Decl>(const Decl& decl) __attribute__((always_inline)) {
                if constexpr (detail::IsNumber<Decl>) {
                    p.*decl.member = number(k, column_of(&values.params[param_offset + std::size_t(k) * count], where));
                    ++k;
                } else if constexpr (detail::IsChoice<Decl>) {
                    using E = std::remove_reference_t<decltype(p.*decl.member)>;
                    p.*decl.member = static_cast<E>(choices[std::size_t(i) * per(choices) + n_choice++]);
                } else if constexpr (detail::IsCurve<Decl>) {
                    p.*decl.member = curves[std::size_t(i) * per(curves) + n_curve++];
                }
            });
        return p;
    }
    Params<double> params_of(int i, const Values& values) const { return gather<double>(i, values, as_is); }
    Params<Pack> params_of(const LaneGroup& group, const Values& values) const {
        return gather<Pack>(group, values, as_is);
    }
    void fill_defaults() {
        media.assign(ports, probe_medium());
        circuits.assign(ports, -1);
        connected.assign(ports, 1);
        detail::each(detail::declared<Params<double>>, [&]<class Decl>(const Decl& decl) {
            if constexpr (detail::IsChoice<Decl>) choices.push_back(decl.fallback);
            if constexpr (detail::IsCurve<Decl>) curves.push_back(probe_curve());
        });
    }
    // Goes to the next combination of choices; returns false after the last.
    bool next_choices() {
        int k = 0;
        bool more = false;
        detail::each(detail::declared<Params<double>>, [&]<class Decl>(const Decl& decl) {
            if constexpr (detail::IsChoice<Decl>) {
                if (!more && ++choices[k] < static_cast<int>(decl.options.size())) more = true;
                if (!more) choices[k] = 0;
                ++k;
            }
        });
        return more;
    }
    void size_values(Values& values) const {
        values.params.assign(NP, 1.0);
        int k = 0, d = 0;
        detail::each(detail::declared<Params<double>>, [&]<class Decl>(const Decl& decl) {
            if constexpr (detail::IsNumber<Decl>) {
                if (!decl.required) values.params[k] = decl.fallback;
                ++k;
            }
        });
        detail::each(detail::declared<Vars<double>>,
                     [&]<class Decl>(const Decl&) { d += detail::IsDiscrete<Decl> ? 1 : 0; });
        values.discretes.assign(d, 0.0);
    }

    std::vector<LaneGroup> groups_;  ///< filled for models with `in_lanes` only
};

}  // namespace kelvolt
