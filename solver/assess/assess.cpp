#include "solver/assess/assess.hpp"

#include <algorithm>
#include <cmath>

namespace kelvolt {

namespace {
void clear(const Network& net, Tally& t) {
    t.power_in = t.power_size = t.stored = 0.0;
    t.circuits.assign(net.circuits.size(), {});
}
}  // namespace

void tally(const Network& net, const Point& at, Tally& out) {
    clear(net, out);
    Report<double> report;
    report.tally = &out;
    for (const auto& block : net.blocks)
        for (int i = 0; i < block->count; ++i) block->outputs(i, at, report);
}

Assessment::Assessment(const Network& net) : net_(net), nodes_(net) {
    const std::size_t usual = net.components.size();  // estimate: one limit per component
    checks_.reserve(usual);
    check_rows_.reserve(usual);
    first_output_.reserve(net.components.size());
    std::size_t outputs = 0;
    for (const Component& c : net.components) {
        first_output_.push_back(outputs);
        if (const int k = c.info->output("T_dew"); k >= 0) dew_points_.push_back(outputs + k);
        outputs += c.info->outputs.size();
    }
    outputs_.resize(outputs);
}

const Tally& Assessment::look(double t, const Point& at) {
    clear(net_, tally_);
    Report<double> report;
    report.tally = &tally_;
    const bool first = checks_.empty();
    std::vector<CheckValue>& checks = first ? checks_ : found_checks_;
    checks.clear();
    found_components_.clear();
    report.checks = &checks;
    report.flags = &found_flags_;
    for (int c = 0; c < static_cast<int>(net_.components.size()); ++c) {
        const Component& component = net_.components[c];
        report.values = outputs_.data() + first_output_[c];
        net_.block_of(component).outputs(component.instance, at, report);
        found_components_.resize(checks.size(), c);
        if (!found_flags_.empty()) keep_flags(t, c);
    }
    nodes_.look(at, dew_point(), node_checks_);
    for (const NodeCheck& n : node_checks_) {
        checks.push_back(n.check);
        found_components_.push_back(n.component);
    }
    node_flags_.clear();
    nodes_.flag(at, node_flags_);
    for (auto& [component, flag] : node_flags_) {
        found_flags_.push_back(std::move(flag));
        keep_flags(t, component);
    }
    if (!first) return keep_checks(t), tally_;
    const std::size_t of_components = checks.size() - node_checks_.size();
    for (std::size_t k = 0; k < checks.size(); ++k)
        check_rows_.push_back(
            {found_components_[k], t, k < of_components ? -1 : node_checks_[k - of_components].circuit});
    margins_before_.assign(checks.size(), std::nan(""));
    note_breaks(t, checks);
    return tally_;
}

double Assessment::dew_point() const {
    double highest = std::nan("");
    for (const std::size_t k : dew_points_) highest = std::fmax(highest, outputs_[k]);  // fmax ignores NaN
    return highest;
}

// The first time at which each limit is broken, between two points where the margin changes sign.
void Assessment::note_breaks(double t, const std::vector<CheckValue>& checks) {
    for (std::size_t k = 0; k < checks.size(); ++k) {
        const double before = margins_before_[k], now = checks[k].margin();
        margins_before_[k] = now;
        if (!(now < 0.0) || !std::isnan(check_rows_[k].since)) continue;
        check_rows_[k].since = before >= 0.0 ? t_before_ + (t - t_before_) * before / (before - now) : t;
    }
    t_before_ = t;
}

void Assessment::keep_checks(double t) {
    note_breaks(t, found_checks_);
    for (std::size_t k = 0; k < checks_.size(); ++k) {
        const double known = checks_[k].margin();
        if (!std::isnan(known) && !(found_checks_[k].margin() < known)) continue;
        checks_[k] = found_checks_[k];
        check_rows_[k].component = found_components_[k];
        check_rows_[k].time = t;
    }
}

void Assessment::keep_flags(double t, int component) {
    const auto excess = [](const ValidityFlag& f) { return std::max(f.lo - f.value, f.value - f.hi); };
    flags_of_.resize(net_.components.size());
    for (ValidityFlag& flag : found_flags_) {
        std::vector<int>& rows = flags_of_[component];
        const auto known =
            std::find_if(rows.begin(), rows.end(), [&](int row) { return flags_[row].flag.what == flag.what; });
        if (known == rows.end()) {
            rows.push_back(static_cast<int>(flags_.size()));
            flags_.push_back({component, std::move(flag), t, 1});
            continue;
        }
        FlagRow& row = flags_[*known];
        ++row.count;
        if (excess(flag) > excess(row.flag)) row.flag = std::move(flag), row.time = t;
    }
    found_flags_.clear();
}

}  // namespace kelvolt
