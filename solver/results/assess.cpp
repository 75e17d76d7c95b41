#include "solver/results/assess.hpp"

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

Assessment::Assessment(const Network& net) : net_(net), flags_of_(net.components.size()) {
    std::size_t outputs = 0;
    for (const Component& c : net.components) {
        first_output_.push_back(outputs);
        outputs += c.info->outputs.size();
    }
    outputs_.resize(outputs);
}

const Tally& Assessment::look(double t, const Point& at) {
    clear(net_, tally_);
    Report<double> report;
    report.tally = &tally_;
    report.checks = &found_checks_;
    report.flags = &found_flags_;
    std::size_t row = 0;
    const bool first = checks_.empty();
    for (int c = 0; c < static_cast<int>(net_.components.size()); ++c) {
        const Component& component = net_.components[c];
        found_checks_.clear();
        found_flags_.clear();
        report.values = outputs_.data() + first_output_[c];
        net_.block_of(component).outputs(component.instance, at, report);
        for (const CheckValue& check : found_checks_) {
            if (first)
                checks_.push_back({c, check, t});
            else if (const double known = checks_[row].check.margin(); std::isnan(known) || check.margin() < known)
                checks_[row] = {c, check, t};
            ++row;
        }
        keep_flags(t, c);
    }
    return tally_;
}

void Assessment::keep_flags(double t, int component) {
    const auto excess = [](const ValidityFlag& f) { return std::max(f.lo - f.value, f.value - f.hi); };
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
}

}  // namespace kelvolt
