#include "tests/models/one_component.hpp"

namespace kelvolt::test {

double typical(std::string_view unit) {
    static const std::map<std::string_view, double> sizes{
        {"1", 0.5},     {"m", 0.05},        {"m2", 0.01},      {"m3", 1e-3},        {"m3/s", 2e-5},  {"kg/s", 0.1},
        {"Pa", 2e4},    {"Pa_abs", 2e5},    {"K", 310.0},      {"delta_K", 5.0},    {"W", 500.0},    {"W/K", 50.0},
        {"K/W", 0.03},  {"J/K", 300.0},     {"J/(m3 K)", 4e6}, {"W/(m K)", 0.5},    {"s", 5.0},      {"1/s", 0.2},
        {"Pa s", 1e-3}, {"kg/m3", 1000.0},  {"J/(kg K)", 4e3}, {"W/(m2 K)", 500.0}, {"m/s", 1.0},    {"V", 50.0},
        {"A", 10.0},    {"1/delta_K", 0.1}, {"VA", 1e5},       {"var", 200.0},      {"ohm/m", 1e-3}, {"S/m", 1e-9},
        {"ohm", 0.1},   {"kg m2", 1e-3},    {"rad/s", 300.0},  {"Pa s/kg", 10.0}};
    const auto found = sizes.find(unit);
    return found == sizes.end() ? 1.0 : found->second;
}

OneComponent::OneComponent(const ModelInfo& model)
    : info(model), block(model.make()), y(info.size, 0.0), yp(info.size, 0.0) {
    block->count = 1;
    for (int k = 0; k < info.size; ++k) block->index.push_back(k);
    for (std::size_t e = 0; e < block->entries.size(); ++e) block->slots.push_back(static_cast<int>(e));
    for (const PortInfo& p : info.ports) {
        block->media.push_back(p.kind->has_medium ? probe_medium() : nullptr);
        block->circuits.push_back(p.kind->has_medium ? p.circuit : -1);
        block->connected.push_back(1);
        for (const auto& pair : p.kind->pairs) nominal.push_back(pair.nominal * p.nominal);
    }
    nominal.resize(info.size);
    for (const UnknownInfo& u : info.unknowns) nominal[u.local] = u.nominal;
    values.params.resize(info.numbers);
    for (const ParamInfo& p : info.params) {
        if (p.type == ParamInfo::Type::number) values.params[p.index] = p.fallback;
        if (p.type == ParamInfo::Type::choice) block->choices.push_back(static_cast<int>(p.fallback));
        if (p.type == ParamInfo::Type::curve) block->curves.push_back(nullptr), curves.emplace_back();
    }
    for (const DiscreteInfo& d : info.discretes) values.discretes.push_back(d.initial);
    block->prepare();
}

void OneComponent::fill(const Medium& liquid) {
    for (const Medium*& m : block->media)
        if (m) m = &liquid;
}

void OneComponent::choose(std::string_view name, std::string_view word) {
    const ParamInfo& p = *info.param(name);
    block->choices[p.index] = static_cast<int>(std::find(p.options.begin(), p.options.end(), word) - p.options.begin());
}

void OneComponent::give(std::string_view name, Curve curve) {
    const int k = info.param(name)->index;
    curves[k] = std::make_shared<const Curve>(std::move(curve));
    block->curves[k] = curves[k].get();
}

int OneComponent::local(std::string_view name) const {
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) return info.unknowns[info.unknown(name)].local;
    const PortInfo& p = *info.port(name.substr(0, dot));
    for (std::size_t q = 0; q < p.kind->pairs.size(); ++q)
        if (p.kind->pairs[q].potential == name.substr(dot + 1)) return p.first + static_cast<int>(q);
    throw input_error("no variable " + std::string(name));
}

std::vector<double> OneComponent::residual() const {
    std::vector<double> r(size(), 0.0);
    block->residual(point(), r.data());
    return r;
}

Eigen::MatrixXd OneComponent::jacobian(double value_seed, double der_seed) const {
    const std::vector<double> values_in(size(), value_seed), ders_in(size(), der_seed);
    std::vector<double> r(size(), 0.0), jac(block->entries.size(), 0.0);
    block->jacobian(point(), {values_in.data(), ders_in.data()}, r.data(), jac.data());
    Eigen::MatrixXd J = Eigen::MatrixXd::Zero(size(), size());
    for (std::size_t e = 0; e < jac.size(); ++e) J(block->entries[e].row, block->entries[e].col) = jac[e];
    return J;
}

std::vector<double> OneComponent::param_product(const std::vector<double>& lambda) const {
    std::vector<double> grad(info.numbers, 0.0);
    block->param_product(point(), lambda.data(), grad.data());
    return grad;
}

std::vector<double> OneComponent::output_values() const {
    std::vector<double> out(info.outputs.size());
    Report<double> report;
    report.values = out.data();
    block->outputs(0, point(), report);
    return out;
}

std::vector<CheckValue> OneComponent::checks() const {
    std::vector<CheckValue> found;
    Report<double> report;
    report.checks = &found;
    block->outputs(0, point(), report);
    return found;
}

Tally OneComponent::tally() const {
    Tally t;
    int circuits = 0;
    for (const PortInfo& p : info.ports) circuits = std::max(circuits, p.circuit + 1);
    t.circuits.resize(circuits);
    Report<double> report;
    report.tally = &t;
    block->outputs(0, point(), report);
    return t;
}

void OneComponent::random_state(int trial) {
    random_.seed(1000u + static_cast<unsigned>(trial));
    at_rest = false;
    const double direction = trial == 0 ? 0.0 : trial == 1 ? -1.0 : uniform(-1, 1) < 0 ? -1.0 : 1.0;
    p_about_ = uniform(1.5e5, 4e5), p_spread_ = std::pow(10.0, uniform(2, 5));
    for (const PortInfo& p : info.ports)
        for (std::size_t q = 0; q < p.kind->pairs.size(); ++q)
            y[p.first + q] = p.kind->is_signal ? p.nominal * std::pow(10.0, uniform(-2.5, 0.1))
                                               : plausible(p.kind->pairs[q].unit, nominal[p.first + q], direction);
    for (const UnknownInfo& u : info.unknowns) y[u.local] = plausible(u.unit, u.nominal, direction);
    for (int k = 0; k < size(); ++k) yp[k] = nominal[k] * uniform(-0.1, 0.1);
    for (std::size_t k = 0; k < values.discretes.size(); ++k) {
        const double initial = info.discretes[k].initial;
        values.discretes[k] = trial % 2 == 1 && (initial == 0.0 || initial == 1.0) ? 1.0 - initial : initial;
    }
}

void OneComponent::state_of(double flow, double T, double p) {
    const auto set = [&](int k, std::string_view unit) {
        y[k] = unit == "kg/s"     ? flow
               : unit == "m3/s"   ? 1e-3 * flow
               : unit == "K"      ? T
               : unit == "Pa_abs" ? p
                                  : 0.5 * nominal[k];
        yp[k] = 0.01 * nominal[k];
    };
    for (const PortInfo& q : info.ports)
        for (std::size_t k = 0; k < q.kind->pairs.size(); ++k)
            set(q.first + static_cast<int>(k), q.kind->pairs[k].unit);
    for (const UnknownInfo& u : info.unknowns) set(u.local, u.unit);
}

std::vector<double> OneComponent::random_weights() {
    std::vector<double> w(size());
    for (double& x : w) x = uniform(-1, 1);
    return w;
}

double OneComponent::term_size() const {
    const Eigen::MatrixXd J = jacobian(1.0, 0.0), M = jacobian(0.0, 1.0);
    double largest = 0.0;
    for (int r = 0; r < size(); ++r)
        for (int k = 0; k < size(); ++k)
            largest = std::max(
                {largest, std::fabs(J(r, k)) * std::max(nominal[k], std::fabs(y[k])), std::fabs(M(r, k) * yp[k])});
    return largest;
}

bool OneComponent::settle() {
    std::vector<int> own;
    for (const UnknownInfo& u : info.unknowns) own.push_back(u.local);
    if (own.empty()) return true;
    for (int iteration = 0; iteration < 100; ++iteration) {
        const std::vector<double> missing = residual();
        for (const UnknownInfo& u : info.unknowns)
            if (u.store) yp[u.local] -= missing[u.local];  // der = rate
        const Eigen::MatrixXd J = jacobian(1.0, 0.0), M = jacobian(0.0, 1.0);
        const auto r = residual();
        const int n = size(), rows = static_cast<int>(own.size());
        Eigen::MatrixXd A(rows, 2 * n);
        Eigen::VectorXd f(rows);
        for (int i = 0; i < rows; ++i) {
            for (int k = 0; k < n; ++k) A(i, k) = J(own[i], k) * nominal[k], A(i, n + k) = M(own[i], k) * nominal[k];
            const double scale = A.row(i).norm();
            if (scale == 0.0) return r[own[i]] == 0.0;
            A.row(i) /= scale;
            f(i) = r[own[i]] / scale;
        }
        if (f.cwiseAbs().maxCoeff() < 1e-11) return true;
        Eigen::VectorXd step = A.completeOrthogonalDecomposition().solve(-f);
        step *= std::min(1.0, 2.0 / step.cwiseAbs().maxCoeff());
        for (int k = 0; k < n; ++k) y[k] += step(k) * nominal[k], yp[k] += step(n + k) * nominal[k];
    }
    return false;
}

bool OneComponent::settle_at_rest() {
    std::fill(yp.begin(), yp.end(), 0.0);
    at_rest = true;
    const std::vector<double> missing = residual();
    for (const UnknownInfo& u : info.unknowns)
        if (u.store) y[u.local] -= missing[u.local];
    std::vector<int> own;
    for (const UnknownInfo& u : info.unknowns) own.push_back(u.local);
    std::vector<char> signal(size(), 0);
    for (const PortInfo& p : info.ports) signal[p.first] = p.kind->name == "signal";
    const int n = size(), rows = static_cast<int>(own.size());
    for (int iteration = 0; rows > 0 && iteration < 200; ++iteration) {
        const Eigen::MatrixXd J = jacobian(1.0, 0.0);
        Eigen::MatrixXd A = Eigen::MatrixXd::Zero(rows, n);
        Eigen::VectorXd scale(rows);
        for (int i = 0; i < rows; ++i) {
            for (int k = 0; k < n; ++k) A(i, k) = signal[k] ? 0.0 : J(own[i], k) * nominal[k];
            scale(i) = A.row(i).norm() > 0.0 ? A.row(i).norm() : 1.0;
            A.row(i) /= scale(i);
        }
        const auto miss = [&] {
            const auto r = residual();
            Eigen::VectorXd f(rows);
            for (int i = 0; i < rows; ++i) f(i) = r[own[i]] / scale(i);
            return f;
        };
        const Eigen::VectorXd f = miss();
        if (f.cwiseAbs().maxCoeff() < 1e-11) return true;
        Eigen::VectorXd step = A.completeOrthogonalDecomposition().solve(-f);
        step *= std::min(1.0, 2.0 / std::max(1e-300, step.cwiseAbs().maxCoeff()));
        const std::vector<double> from = y;
        for (double part = 1.0; part > 1e-4; part *= 0.5) {
            for (int k = 0; k < n; ++k) y[k] = from[k] + part * step(k) * nominal[k];
            if (miss().norm() < (1.0 - 0.1 * part) * f.norm()) break;
        }
    }
    return rows == 0;
}

OneComponent::Energy OneComponent::energy_balance() const {
    const auto r = residual();
    Energy e{0.0, 0.0, 0.0, 0.0};
    const auto add = [&](double watts) { e.flows += watts, e.size += std::fabs(watts); };
    for (const PortInfo& p : info.ports) {
        if (p.kind->name == "fluid") add(r[p.first + 1]);
        if (p.kind->name == "heat") add(r[p.first]);
        for (std::size_t q = 0; p.kind->electric > 0.0 && q < p.kind->pairs.size(); ++q)
            add(p.kind->electric * y[p.first + q] * r[p.first + q]);
    }
    const Tally t = tally();
    e.power_in = t.power_in;
    e.stored_rate = (stored_after(0.01) - stored_after(-0.01)) / 0.02;
    e.size += t.power_size + std::fabs(e.stored_rate);
    return e;
}

std::map<int, OneComponent::Mass> OneComponent::mass_sums() const {
    const auto r = residual();
    const Tally t = tally();
    std::map<int, Mass> sums;
    for (const PortInfo& p : info.ports)
        if (p.kind->name == "fluid") {
            sums[p.circuit].net += r[p.first];
            sums[p.circuit].size += std::fabs(r[p.first]);
        }
    for (auto& [circuit, mass] : sums) mass.net += t.circuits[circuit].in;
    return sums;
}

double OneComponent::plausible(std::string_view unit, double size, double direction) {
    if (unit == "K") return uniform(285, 345);
    if (unit == "Pa_abs") return p_about_ + p_spread_ * uniform(-1, 1);
    if (unit == "kg/s" || unit == "m3/s" || unit == "W") return direction * size * uniform(0.02, 3);
    return size * uniform(0.05, 1.2);
}

double OneComponent::stored_after(double seconds) const {
    std::vector<double> moved = y;
    for (int k = 0; k < info.size; ++k) moved[k] += seconds * yp[k];
    Tally t;
    t.circuits.resize(8);
    Report<double> report;
    report.tally = &t;
    block->outputs(0, Point{moved.data(), yp.data(), values}, report);
    return t.stored;
}

namespace {

Curve generated_curve(const ParamInfo& p, int shape) {
    const double x = typical(p.x_unit), y = typical(p.unit);
    if (shape == 0) return Curve::table({x, 2 * x, 4 * x, 8 * x}, {1.5 * y, 1.1 * y, 0.9 * y, 0.8 * y});
    if (shape == 1) return Curve::table({0.5 * x, x, 2 * x, 4 * x}, {0.3 * y, y, 3 * y, 9 * y});
    return Curve::table({0.0, 50 * x, 100 * x, 150 * x}, {2.0 * y, 1.8 * y, 1.2 * y, 0.1 * y});
}

/// What a variant gives beyond the required: nothing, all that is optional, or all of it with every switch (0 to 1,
/// else 1) off.
enum class Given { required, all, switched };
constexpr const char* given_names[] = {"defaults", "everything given", "everything given, switches off"};

double generated_number(const ParamInfo& p, double jitter) {
    const double wanted = p.unit == "K" ? 300.0 + 10.0 * jitter : typical(p.unit) * jitter;
    if (p.range.holds(wanted)) return wanted;
    const bool lo = std::isfinite(p.range.lo), hi = std::isfinite(p.range.hi);
    if (lo && hi) return p.range.lo + (p.range.hi - p.range.lo) * std::min(0.9, 0.4 * jitter);
    return lo ? p.range.lo + 0.5 * std::max(1.0, std::fabs(p.range.lo)) * jitter
              : p.range.hi - 0.5 * std::max(1.0, std::fabs(p.range.hi)) * jitter;
}

/// `some`: of the optional numbers without a default, each is given at the toss of a coin: a model may refuse all together.
void generate(OneComponent& c, Given given, std::mt19937& random, bool some) {
    const bool all = given != Given::required;
    std::uniform_real_distribution<double> jitter(0.5, 2.0);
    std::uniform_int_distribution<int> shape(0, 2);
    for (const ParamInfo& p : c.info.params) {
        if (p.type == ParamInfo::Type::number) {
            double& x = c.values.params[p.index];
            const bool is_switch = p.range.lo == 0.0 && p.range.hi == 1.0 && p.fallback == 1.0;
            if (p.name == "cells")
                x = 3.0;
            else if (some && all && !p.required && std::isnan(p.fallback) && jitter(random) < 1.25)
                x = p.fallback;
            else if (p.required || (all && !(std::fabs(p.fallback) > 0.0)))
                x = generated_number(p, jitter(random));
            else if (is_switch)
                x = given == Given::switched ? 0.0 : 1.0;
            else if (const double moved = p.fallback * (0.5 + 0.5 * jitter(random)); all && p.range.holds(moved))
                x = moved;
        }
        if (p.type == ParamInfo::Type::curve && (p.required || all)) c.give(p.name, generated_curve(p, shape(random)));
    }
}

}  // namespace

std::string complaint(const OneComponent& c) {
    try {
        return c.problem();
    } catch (const Error& e) {
        return e.what();
    }
}

Variants variants(const ModelInfo& info) {
    const bool electric =
        std::any_of(info.ports.begin(), info.ports.end(), [](const PortInfo& p) { return p.kind->electric > 0.0; });
    set_data_directory(KELVOLT_SOURCE_DIR "/data");
    Variants found;
    std::mt19937 random(42);
    std::vector<const ParamInfo*> choices;
    int combinations = 1;
    for (const ParamInfo& p : info.params)
        if (p.type == ParamInfo::Type::choice)
            choices.push_back(&p), combinations *= static_cast<int>(p.options.size());
    const int stride = combinations > 24 ? 7 : 1;  // of very many, such as vector groups, every seventh
    for (int n = 0; n < combinations; n += stride)
        for (const auto given : {Given::required, Given::all, Given::switched}) {
            for (int attempt = 0; attempt < 100; ++attempt) {
                OneComponent c(info);
                c.fill(medium("water"));
                c.variant = given_names[static_cast<int>(given)];
                for (int rest = n, k = 0; k < static_cast<int>(choices.size()); ++k) {
                    const int options = static_cast<int>(choices[k]->options.size());
                    c.choose(choices[k]->name, choices[k]->options[rest % options]);
                    c.variant += ", " + choices[k]->name + ": " + choices[k]->options[rest % options];
                    rest /= options;
                }
                generate(c, given, random, electric && attempt >= 20);
                const std::string complaint = test::complaint(c);
                if (!complaint.empty()) {
                    found.refused = complaint;
                    continue;
                }
                found.accepted.push_back(std::move(c));
                break;
            }
        }
    return found;
}

}  // namespace kelvolt::test
