#include "solver/transient/recorder.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace kelvolt {

Probe::Probe(const Network& net, std::vector<ValueRef> refs) : net_(net), refs_(std::move(refs)) {
    std::map<int, FromComponent> by_component;
    std::size_t widest = 0;
    for (std::size_t slot = 0; slot < refs_.size(); ++slot) {
        const ValueRef& ref = refs_[slot];
        const Component& c = net.component(ref.component);
        switch (ref.kind) {
            case ValueRef::Kind::unknown:
            case ValueRef::Kind::potential:
                direct_.push_back({slot, net.global(c, ref.index)});
                break;
            case ValueRef::Kind::parameter:
                params_.push_back({slot, net.param_position(c, ref.index), false});
                break;
            case ValueRef::Kind::discrete: {
                const Block& b = net.block_of(c);
                params_.push_back({slot, b.discrete_offset + std::size_t(ref.index) * b.count + c.instance, true});
                break;
            }
            case ValueRef::Kind::flow:
            case ValueRef::Kind::output: {
                FromComponent& f =
                    by_component.try_emplace(ref.component, FromComponent{ref.component, {}, {}}).first->second;
                (ref.kind == ValueRef::Kind::output ? f.outputs : f.flows).emplace_back(slot, ref.index);
                widest = std::max({widest, c.info->outputs.size(), std::size_t(c.info->size)});
            }
        }
    }
    for (auto& [id, f] : by_component) components_.push_back(std::move(f));
    buffer_.resize(widest);
}

void Probe::read_direct(const Point& at, double* out) const {
    for (const Direct& d : direct_) out[d.slot] = at.y[d.unknown];
    for (const FromParams& p : params_) out[p.slot] = (p.discrete ? at.values.discretes : at.values.params)[p.position];
}

void Probe::read_flows(const FromComponent& f, const Point& at, double* out) {
    if (f.flows.empty()) return;
    const Component& c = net_.component(f.component);
    net_.block_of(c).local_residual(c.instance, at, buffer_.data());
    for (const auto& [slot, local] : f.flows) out[slot] = buffer_[local];
}

void Probe::read(const Point& at, double* out) {
    read_direct(at, out);
    for (const FromComponent& f : components_) {
        read_flows(f, at, out);
        if (f.outputs.empty()) continue;
        const Component& c = net_.component(f.component);
        Report<double> report;
        report.values = buffer_.data();
        net_.block_of(c).outputs(c.instance, at, report);
        for (const auto& [slot, number] : f.outputs) out[slot] = buffer_[number];
    }
}

void Probe::read(const Point& at, const Assessment& looked, double* out) {
    read_direct(at, out);
    for (const FromComponent& f : components_) {
        read_flows(f, at, out);
        for (const auto& [slot, number] : f.outputs) out[slot] = looked.outputs(f.component)[number];
    }
}

Recorder::Recorder(const Network& net, std::vector<ValueRef> refs, double every, RowSink& sink)
    : probe_(net, std::move(refs)), every_(every), sink_(sink), assessment_(net) {
    const std::size_t n = probe_.refs().size();
    for (auto* v : {&last_, &now_, &integral_, &mean_, &low_, &high_}) v->assign(n, 0.0);
    extremes_.resize(n);
}

double spread_of(const double* values, std::size_t n) {
    const auto [low, high] = std::minmax_element(values, values + n);
    const double mean = std::accumulate(values, values + n, 0.0) / double(n);
    return mean == 0.0 ? 0.0 : (*high - *low) / std::abs(mean);
}

double Recorder::next_wanted(double t) const { return (std::floor(t / every_ + 1e-9) + 1.0) * every_; }

void Recorder::point(double t, const Point& at) {
    assessment_.look(t, at);
    probe_.read(at, assessment_, now_.data());
    note_ranges(t);
    const std::size_t n = now_.size();
    for (Spread& s : spreads_) {
        const double spread = spread_of(now_.data() + s.first, s.count);
        if (spread > s.widest) s.widest = spread, s.time = t;
        if (spread > s.most && std::isnan(s.since)) s.since = t;
    }
    if (!begun_) {
        begun_ = true;
        t_last_ = t_row_ = t;
        last_ = low_ = high_ = now_;
        for (std::size_t k = 0; k < n; ++k) extremes_[k] = {now_[k], now_[k], t, t};
        sink_.row(t, now_, now_, now_, now_);
        return;
    }
    const double dt = t - t_last_;
    for (std::size_t k = 0; k < n; ++k) {
        integral_[k] += 0.5 * dt * (last_[k] + now_[k]);
        low_[k] = std::min(low_[k], now_[k]);
        high_[k] = std::max(high_[k], now_[k]);
        if (now_[k] < extremes_[k].lowest) extremes_[k].lowest = now_[k], extremes_[k].t_lowest = t;
        if (now_[k] > extremes_[k].highest) extremes_[k].highest = now_[k], extremes_[k].t_highest = t;
    }
    t_last_ = t;
    last_.swap(now_);
    if (t >= (std::floor(t_row_ / every_ + 1e-9) + 1.0) * every_ - 1e-9 * every_) close_row(t);
}

// The time between two points at which a straight line between the values passes the bound.
void Recorder::note_ranges(double t) {
    for (Range& r : ranges_) {
        const double now = now_[r.k], before = std::isnan(r.before) ? now : r.before;
        const auto passing = [&](double bound) {
            return before == now ? t
                                 : t_last_ + (t - t_last_) * std::clamp((bound - before) / (now - before), 0.0, 1.0);
        };
        if (now < r.min && std::isnan(r.since_low)) r.since_low = passing(r.min);
        if (now > r.max && std::isnan(r.since_high)) r.since_high = passing(r.max);
        r.before = now;
    }
}

void Recorder::close_row(double t) {
    const double width = t - t_row_;
    for (std::size_t k = 0; k < mean_.size(); ++k) mean_[k] = width > 0.0 ? integral_[k] / width : last_[k];
    sink_.row(t, last_, mean_, low_, high_);
    std::fill(integral_.begin(), integral_.end(), 0.0);
    low_ = high_ = last_;
    t_row_ = t;
}

void Recorder::finish() {
    if (begun_ && t_last_ > t_row_) close_row(t_last_);
}

}  // namespace kelvolt
