#include "solver/case/verdicts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "solver/units/attribute.hpp"

namespace kelvolt {

double margin_scale(double limit, std::string_view unit) {
    constexpr double temperatures = 10.0;  // K, which stand for the whole of a rating
    return unit == "K" || unit == "delta_K" ? temperatures : std::max(std::abs(limit), 1e-12);
}

double closeness(double margin, double limit, std::string_view unit) {
    constexpr double far = 1e12;
    if (!std::isfinite(margin) || !std::isfinite(limit)) return far;
    const double scale = margin_scale(limit, unit);
    return scale <= 1e-12 && margin >= 0.0 ? far : margin / scale;
}

double closeness(const Verdict& v) { return closeness(v.margin(), v.limit, v.unit); }

Verdict spread_verdict(const LimitRule& rule, double spread, double time) {
    const LimitRule::SpreadTexts& texts = rule.spread_texts;
    Verdict verdict{{texts.id, texts.quantity, "1", rule.basis, spread, rule.spread, true}, texts.element, time};
    verdict.from_case = true;
    return verdict;
}

void judge(const LimitRule& rule, const ValueRef& ref, const Recorder::Extreme& e, std::vector<Verdict>& verdicts,
           const Recorder::Range* range) {
    const auto add = [&](double value, double limit, bool at_most, double time) {
        if (!std::isfinite(limit)) return;
        verdicts.push_back(
            {{rule.id, rule.quantity, units::declared_unit(ref.quantity), rule.basis, value, limit, at_most},
             ref.path,
             time});
        verdicts.back().from_case = true;
        if (range) verdicts.back().since = at_most ? range->since_high : range->since_low;
    };
    add(e.highest, rule.max, true, e.t_highest);
    add(e.lowest, rule.min, false, e.t_lowest);
}

void judge_run(const std::vector<LimitRule>& limits, const Recorder& recorder, std::size_t k,
               std::vector<Verdict>& verdicts) {
    if (!recorder.begun()) return;
    auto range = recorder.ranges().begin();
    for (const LimitRule& rule : limits)
        for (const ValueRef& ref : rule.of) judge(rule, ref, recorder.extremes()[k++], verdicts, &*range++);
    auto spread = recorder.spreads().begin();
    for (const LimitRule& rule : limits) {
        if (std::isnan(rule.spread)) continue;
        verdicts.push_back(spread_verdict(rule, spread->widest, spread->time));
        verdicts.back().since = spread->since;
        ++spread;
    }
}

void judge_balances(Solution& s, double time) {
    constexpr std::string_view all = "the whole case", basis = Verdict::balance;
    s.verdicts.push_back({{"energy_balance", "energy missing over energy across the boundary", "1", basis,
                           s.audit.energy_relative(), s.audit.energy_allowed(), true},
                          all,
                          time});
    s.verdicts.push_back({{"mass_balance", "coolant missing over coolant through the circuit", "1", basis,
                           s.audit.mass_relative, Audit::bound, true},
                          all,
                          time});
    if (s.entropy.worst >= 0)
        s.verdicts.push_back(
            {{"second_law", "entropy production", "W/K", basis, s.entropy.production, -s.entropy.tolerance, false},
             s.network().component(s.entropy.worst).path,
             time,
             all});
}

void judge_reach(Solution& s, double reached, double duration) {
    s.verdicts.push_back({{"end_of_run", "time that the run reached", "s", Verdict::balance, reached, duration, false},
                          "the whole case",
                          reached});
    s.verdicts.back().since = reached;
}

void judge_rest(Solution& s) {
    constexpr std::string_view all = "the whole case", basis = Verdict::balance;
    const Network& net = s.network();
    if (net.electric) {
        std::vector<double> r(net.size());
        net.residual(Point{s.y.data(), s.yp.data(), s.values}, r.data());
        double missing = 0.0;
        for (const Node& node : net.nodes)
            for (std::size_t k = 0; node.kind->electric > 0.0 && k < node.kind->pairs.size(); ++k)
                missing += std::abs(r[node.first + static_cast<int>(k)]) * net.nominal[node.first];
        s.verdicts.push_back(
            {{"charge_balance", "current missing at buses times their voltage, over power across the boundary", "1",
              basis, missing / std::max(s.audit.energy_size, Audit::least_energy), Audit::bound, true},
             all,
             0.0});
    }
    s.verdicts.push_back(
        {{"stability", "comes back after a small push (1: yes)", "1", basis, 1.0, 0.5, false}, all, 0.0});
}

namespace {

/// Why limits of models are not assessed, found by asking the model again with figures that were not given.
class Reasons {
   public:
    explicit Reasons(const Solution& s) : s_(s), net_(s.network()), values_(s.values) {}

    std::string of(const Verdict& v) {
        if (v.assessed() || !std::isnan(v.limit)) return std::string(v.reason());
        constexpr std::string_view none = "none: ", not_here = "it does not apply in this state";
        if (v.basis.starts_with(none)) return std::string(v.basis.substr(none.size()));
        const int id = v.of_whole.empty() && !v.from_case ? net_.find(v.element) : -1;
        if (id < 0) return std::string(v.reason());
        const Component& c = net_.component(id);
        if (is_set(c, v)) return "the case accepts that it is without supply";
        std::vector<const ParamInfo*> open;
        for (const ParamInfo& p : c.info->params)
            if (p.type == ParamInfo::Type::number && std::isnan(number(c, p))) open.push_back(&p);
        const std::vector<std::string> names = names_of(c, v, open);
        if (!names.empty()) return fmt::format("{} not given", fmt::join(names, " and "));
        return std::string(lacks_curve(c) ? v.reason() : not_here);
    }

   private:
    const Solution& s_;
    const Network& net_;
    Values values_;
    std::vector<CheckValue> checks_;

    double& number(const Component& c, const ParamInfo& p) { return values_.params[net_.param_position(c, p.index)]; }
    bool lacks_curve(const Component& c) const {
        const Block& b = net_.block_of(c);
        const std::size_t each = b.curves.size() / static_cast<std::size_t>(b.count);
        const auto first = b.curves.begin() + static_cast<std::ptrdiff_t>(each * static_cast<std::size_t>(c.instance));
        return std::find(first, first + static_cast<std::ptrdiff_t>(each), nullptr) != first + each;
    }
    // Has the limit a value with the present figures?
    bool is_set(const Component& c, const Verdict& v) {
        checks_.clear();
        Report<double> report;
        report.checks = &checks_;
        net_.block_of(c).outputs(c.instance, Point{s_.y.data(), s_.yp.empty() ? nullptr : s_.yp.data(), values_},
                                 report);
        return std::any_of(checks_.begin(), checks_.end(), [&](const CheckValue& check) {
            return check.id == v.id && check.quantity == v.quantity && !std::isnan(check.limit);
        });
    }
    static double some_value(const Range& range) {
        if (range.holds(1.0)) return 1.0;
        return std::isinf(range.lo)   ? range.hi - 1.0
               : std::isinf(range.hi) ? range.lo + 1.0
                                      : 0.5 * (range.lo + range.hi);
    }
    // The figures without which the limit has no value though all others are given; else the first that suffices alone.
    std::vector<std::string> names_of(const Component& c, const Verdict& v, const std::vector<const ParamInfo*>& open) {
        std::vector<std::string> names;
        for (const ParamInfo* p : open) number(c, *p) = some_value(p->range);
        const bool can_be_set = is_set(c, v);
        for (const ParamInfo* p : open) {
            if (!can_be_set) break;
            number(c, *p) = not_given;
            if (!is_set(c, v)) names.push_back(p->name);
            number(c, *p) = some_value(p->range);
        }
        for (const ParamInfo* p : open) number(c, *p) = not_given;
        for (const ParamInfo* p : open) {
            if (!can_be_set || !names.empty()) break;
            number(c, *p) = some_value(p->range);
            if (is_set(c, v)) names.push_back(p->name);
            number(c, *p) = not_given;
        }
        return names;
    }
};

}  // namespace

std::vector<std::string> reasons(const Solution& s) {
    Reasons why(s);
    std::vector<std::string> all;
    all.reserve(s.verdicts.size());
    for (const Verdict& v : s.verdicts) all.push_back(why.of(v));
    return all;
}

void sort_worst_first(std::vector<Verdict>& verdicts) {
    std::vector<std::pair<double, std::size_t>> order;  // sorts numbers, because a verdict is expensive to move
    order.reserve(verdicts.size());
    for (std::size_t k = 0; k < verdicts.size(); ++k)
        if (verdicts[k].assessed()) order.emplace_back(closeness(verdicts[k]), k);
    std::sort(order.begin(), order.end());
    for (std::size_t k = 0; k < verdicts.size(); ++k)
        if (!verdicts[k].assessed()) order.emplace_back(0.0, k);
    for (std::size_t k = 0; k < order.size(); ++k) {
        std::size_t& from = order[k].second;
        while (from < k) from = order[from].second;  // an earlier swap moved it there
        std::swap(verdicts[k], verdicts[from]);
    }
}

}  // namespace kelvolt
