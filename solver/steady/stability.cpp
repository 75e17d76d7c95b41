#include "solver/steady/stability.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace kelvolt {

namespace {

std::int64_t position_of(const Structure& s, int row, int col) {
    const auto first = s.row.begin() + s.col_ptr[col], last = s.row.begin() + s.col_ptr[col + 1];
    const auto at = std::lower_bound(first, last, row);
    return at != last && *at == row ? at - s.row.begin() : -1;
}

// Marks the equations that contain a loss rising with temperature: those whose residual changes when it is set to zero.
std::vector<char> leaking_equations(const Network& net) {
    std::vector<char> leaks(net.size(), 0);
    Values zero = net.initial, unit = net.initial;
    bool any = false;
    for (const Component& c : net.components)
        for (const ParamInfo& p : c.info->params)
            if (p.homotopy) {
                const std::size_t at = net.param_position(c, p.index);
                zero.params[at] = 0.0, unit.params[at] = 1.0, any = true;
            }
    if (!any) return leaks;
    std::vector<double> with(net.size()), without(net.size());
    net.residual(Point{net.start.data(), nullptr, unit}, with.data());
    net.residual(Point{net.start.data(), nullptr, zero}, without.data());
    for (int u = 0; u < net.size(); ++u) leaks[u] = with[u] != without[u];
    return leaks;
}

}  // namespace

Stability::Stability(const Network& net, DomainParts& parts) : net_(net), parts_(parts) {
    find_rows();
    find_branches();
}

void Stability::find_rows() {
    const Structure& s = net_.structure;
    const int n = net_.size();
    const std::vector<char> leaks = leaking_equations(net_);
    std::vector<char> held(n, 0);  // temperatures that an equation of their own fixes (surroundings)
    for (int col = 0; col < n; ++col)
        for (auto k = s.col_ptr[col]; k < s.col_ptr[col + 1]; ++k) {
            const auto row = s.row[k];
            if (net_.domain[row] == Domain::thermal && !net_.temperature[row] && net_.temperature[col]) held[col] = 1;
        }
    std::vector<char> carried(n, 0);
    for (const Node& node : net_.nodes)
        if (node.circuit >= 0) carried[node.first + 1] = 1;
    for (const Component& c : net_.components) {
        const auto& ports = c.info->ports;
        if (std::none_of(ports.begin(), ports.end(), [](const PortInfo& p) { return p.kind->has_medium; })) continue;
        for (const UnknownInfo& u : c.info->unknowns) carried[net_.global(c, u.local)] = 1;
    }
    std::vector<double> r(n), stores(s.nonzeros()), conducts(s.nonzeros());
    const std::vector<double> still(n, 0.0);
    net_.jacobian(Point{net_.start.data(), still.data(), net_.initial}, {still.data(), nullptr, 1.0}, r.data(),
                  stores.data());
    net_.jacobian(Point{net_.start.data(), nullptr, net_.initial}, {}, r.data(), conducts.data());
    for (int u = 0; u < n; ++u)
        if (held[u]) held_.push_back(u);
    std::vector<int> number(n, -1);
    for (int u = 0; u < n; ++u) {
        if (net_.domain[u] != Domain::thermal || !net_.temperature[u] || held[u]) continue;
        const auto own = position_of(s, u, u);
        if (own < 0) continue;
        const double sign = stores[own] != 0.0 ? stores[own] : conducts[own];
        number[u] = static_cast<int>(rows_.size());
        rows_.push_back({u, sign < 0.0 ? -1.0 : 1.0, leaks[u] != 0, carried[u] != 0});
        leaky_ = leaky_ || leaks[u];
    }
    if (!leaky_) return;
    for (const Row& column : rows_)
        for (auto k = s.col_ptr[column.unknown]; k < s.col_ptr[column.unknown + 1]; ++k)
            if (const int row = number[s.row[k]]; row >= 0) entries_.push_back({k, row, number[column.unknown]});
    for (auto* v : {&rise_, &sum_, &size_}) v->resize(rows_.size());
}

void Stability::find_branches() {
    const Structure& s = net_.structure;
    std::vector<char> pressure(net_.size(), 0);
    for (const Node& node : net_.nodes)
        if (node.circuit >= 0) pressure[node.first] = 1;
    std::vector<int> first_pressure(net_.size(), -1);
    for (int col = 0; col < net_.size(); ++col)
        for (auto k = s.col_ptr[col]; pressure[col] && k < s.col_ptr[col + 1]; ++k)
            if (first_pressure[s.row[k]] < 0) first_pressure[s.row[k]] = col;
    for (const Component& c : net_.components) {
        if (!net_.block_of(c).has_other_starts()) continue;  // not a pump: its resistance never falls with flow
        for (const UnknownInfo& info : c.info->unknowns) {
            if (info.unit != "kg/s") continue;
            const int u = net_.global(c, info.local), p = first_pressure[u];
            if (p < 0) continue;
            const Branch branch{u, position_of(s, u, u), position_of(s, u, p), position_of(s, p, u)};
            if (branch.own >= 0 && branch.in_node >= 0) branches_.push_back(branch);
        }
    }
}

bool Stability::heat(const std::vector<double>& y, const Values& values, const std::vector<double>& jacobian) {
    return !leaky_ || surely(y, jacobian) || warms_all(y, values);
}

// Tolerances of the test, relative to the sum of magnitudes in a row. In rows with coolant, properties that depend on
// temperature cause an error of a few per cent of the heat transported. Rows with conduction only are exact up to the
// tolerance of the solution. Rows with leakage must be positive by more than that.
bool Stability::surely(const std::vector<double>& y, const std::vector<double>& jacobian) {
    constexpr double below = 20.0;  // K; surroundings given by parameters may be colder than every node
    constexpr double of_coolant = -0.02, of_conduction = -1e-6, of_leaks = 2e-3;
    double coldest = INFINITY;
    for (const Row& row : rows_) coldest = std::min(coldest, y[row.unknown]);
    for (const int u : held_) coldest = std::min(coldest, y[u]);
    for (std::size_t k = 0; k < rows_.size(); ++k) rise_[k] = y[rows_[k].unknown] - coldest + below;
    std::fill(sum_.begin(), sum_.end(), 0.0);
    std::fill(size_.begin(), size_.end(), 0.0);
    for (const Entry& e : entries_) {
        const double x = jacobian[e.position] * rise_[e.col];
        sum_[e.row] += x;
        size_[e.row] += std::abs(x);
    }
    for (std::size_t k = 0; k < rows_.size(); ++k)
        if (!(rows_[k].orientation * sum_[k] >= (rows_[k].leaks     ? of_leaks
                                                 : rows_[k].carried ? of_coolant
                                                                    : of_conduction) *
                                                    size_[k]))
            return false;
    return true;
}

bool Stability::warms_all(const std::vector<double>& y, const Values& values) {
    guilty_.clear();
    ++factorised_;
    Newton& heat = *parts_.of(Domain::thermal);
    const bool regular = heat.linearise(y, values);
    const std::vector<int>& unknowns = heat.part().unknowns;
    work_.assign(unknowns.size(), 0.0);
    std::vector<int> place(net_.size(), -1);
    for (std::size_t i = 0; i < unknowns.size(); ++i) place[unknowns[i]] = static_cast<int>(i);
    for (const Row& row : rows_) work_[place[row.unknown]] = row.orientation;
    if (regular) heat.lu().solve(work_.data());
    for (const Row& row : rows_)
        if (row.leaks && !(regular && work_[place[row.unknown]] > 0.0)) guilty_.push_back(row.unknown);
    return guilty_.empty();
}

bool Stability::flow(const std::vector<double>& y, const Values& values, const std::vector<double>& jacobian) {
    guilty_.clear();
    std::vector<double> direction;
    for (const Branch& b : branches_) {
        const double by_pressure = jacobian[b.by_pressure], in_node = jacobian[b.in_node];
        if (by_pressure == 0.0 || in_node == 0.0) continue;
        const double slope = -jacobian[b.own] / by_pressure * in_node;
        if (slope >= 0.0) continue;
        guilty_.push_back(b.unknown);
        direction.push_back(in_node > 0.0 ? by_pressure : -by_pressure);  // sign of a pressure that drives the flow
    }
    if (guilty_.empty()) return true;
    Newton& flow = *parts_.of(Domain::hydraulic);
    if (!flow.linearise(y, values)) return false;
    std::vector<int> place(net_.size(), -1);
    for (std::size_t i = 0; i < flow.part().unknowns.size(); ++i) place[flow.part().unknowns[i]] = static_cast<int>(i);
    const auto n = static_cast<Eigen::Index>(guilty_.size());
    Eigen::MatrixXd response(n, n);
    for (Eigen::Index k = 0; k < n; ++k) {
        work_.assign(flow.part().unknowns.size(), 0.0);
        work_[place[guilty_[k]]] = -direction[k];
        flow.lu().solve(work_.data());
        for (Eigen::Index j = 0; j < n; ++j) response(j, k) = work_[place[guilty_[j]]];
    }
    const Eigen::MatrixXd symmetric = 0.5 * (response + response.transpose());
    return Eigen::LLT<Eigen::MatrixXd>(symmetric).info() == Eigen::Success;  // it is positive definite
}

std::vector<double> Stability::flow_response(const std::vector<double>& y, const Values& values, int branch_unknown) {
    Newton& flow = *parts_.of(Domain::hydraulic);
    if (!flow.linearise(y, values)) return {};
    const std::vector<int>& unknowns = flow.part().unknowns;
    const auto own = std::find(unknowns.begin(), unknowns.end(), branch_unknown) - unknowns.begin();
    work_.assign(unknowns.size(), 0.0);
    work_.at(own) = -1.0;
    flow.lu().solve(work_.data());
    const double own_flow = work_[own];
    if (!std::isfinite(own_flow) || own_flow == 0.0) return {};
    std::vector<double> response(y.size(), 0.0);
    for (std::size_t i = 0; i < unknowns.size(); ++i) response[unknowns[i]] = work_[i] / own_flow;
    return response;
}

}  // namespace kelvolt
