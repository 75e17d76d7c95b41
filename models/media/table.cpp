#include "models/media/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "models/correlations/water_saturation.hpp"
#include "solver/curve/least_squares.hpp"
#include "solver/error.hpp"

namespace kelvolt {
namespace {

constexpr double close_enough = 2e-4, infinite_error = 1e300;

struct Fit {
    PropertyFit fit;
    std::size_t worst = 0;  ///< row with the largest error
};

// least-squares solution of A c = y, with every row divided by `scale`
Eigen::VectorXd scaled_least_squares(const Eigen::MatrixXd& A, const Eigen::VectorXd& y, const Eigen::VectorXd& scale) {
    const Eigen::VectorXd weight = scale.cwiseInverse();
    return least_squares(weight.asDiagonal() * A, weight.cwiseProduct(y));
}

template <class Evaluate>
void measure(Fit& of, const std::vector<double>& T, const std::vector<double>& y, const Evaluate& at) {
    of.fit.max_error = 0.0;
    for (std::size_t i = 0; i < T.size(); ++i)
        if (const double error = std::abs(at(T[i]) / y[i] - 1.0); !(error <= of.fit.max_error))
            of.fit.max_error = error, of.worst = i;
}

Eigen::MatrixXd powers(const std::vector<double>& T, double T_ref, int degree, int more = 0) {
    Eigen::MatrixXd A(T.size(), degree + 1 + more);
    for (std::size_t i = 0; i < T.size(); ++i)
        for (int k = 0; k <= degree; ++k) A(i, k) = std::pow(T[i] - T_ref, k);
    return A;
}

// at least one row more than coefficients, so that a wrong row shows as an error
int highest_degree(const std::vector<double>& T) { return std::min<int>(5, static_cast<int>(T.size()) - 2); }

Fit polynomial(const std::vector<double>& T, const std::vector<double>& y, double T_ref, bool logarithm) {
    Eigen::VectorXd wanted(T.size()), scale(T.size());
    for (std::size_t i = 0; i < T.size(); ++i) {
        wanted[i] = logarithm ? std::log(y[i]) : y[i];
        scale[i] = logarithm ? 1.0 : y[i];
    }
    Fit best;
    best.fit.max_error = infinite_error;
    for (int degree = 0; degree <= highest_degree(T) && best.fit.max_error > close_enough; ++degree) {
        const Eigen::VectorXd c = scaled_least_squares(powers(T, T_ref, degree), wanted, scale);
        Fit trial;
        trial.fit.T_ref = T_ref;
        for (int k = 0; k <= degree; ++k) trial.fit.c[k] = c[k];
        trial.fit.trim();
        measure(trial, T, y, [&](double t) {
            const double value = trial.fit.polynomial(t);
            return logarithm ? std::exp(value) : value;
        });
        if (trial.fit.max_error < best.fit.max_error) best = trial;
    }
    return best;
}

// ln(mu) = c0 + c1 (T - T_ref) + B/(T - C); C is varied in steps of 0.5 K
Fit vogel(const std::vector<double>& T, const std::vector<double>& mu, double T_ref) {
    Fit best;
    best.fit.max_error = infinite_error;
    const int degree = T.size() > 4 ? 1 : 0;
    Eigen::VectorXd wanted(T.size());
    for (std::size_t i = 0; i < T.size(); ++i) wanted[i] = std::log(mu[i]);
    for (double C = 60.0; C <= T.front() - 15.0; C += 0.5) {
        Eigen::MatrixXd A = powers(T, T_ref, degree, 1);
        for (std::size_t i = 0; i < T.size(); ++i) A(i, degree + 1) = 1.0 / (T[i] - C);
        const Eigen::VectorXd c = scaled_least_squares(A, wanted, Eigen::VectorXd::Ones(T.size()));
        Fit trial;
        trial.fit.T_ref = T_ref;
        for (int k = 0; k <= degree; ++k) trial.fit.c[k] = c[k];
        trial.fit.trim();
        trial.fit.B = c[degree + 1];
        trial.fit.C = C;
        measure(trial, T, mu, [&](double t) { return std::exp(trial.fit.polynomial(t) + trial.fit.B / (t - C)); });
        if (trial.fit.max_error < best.fit.max_error) best = trial;
    }
    return best;
}

void check_rows(const FluidSheet& table) {
    if (table.T.size() < 3)
        throw input_error(fmt::format("the table has {} rows; at least 3 are needed", table.T.size()));
    for (std::size_t i = 0; i < table.T.size(); ++i) {
        if (i > 0 && !(table.T[i] > table.T[i - 1]))
            throw input_error(fmt::format("row {}: T = {:.6g} K does not lie above the {:.6g} K before it", i + 1,
                                          table.T[i], table.T[i - 1]));
        for (const auto& [name, column, unit] : {std::tuple{"rho", &table.rho, "kg/m3"},
                                                 {"cp", &table.cp, "J/(kg K)"},
                                                 {"k", &table.k, "W/(m K)"},
                                                 {"mu", &table.mu, "Pa s"}})
            if (!std::isfinite((*column)[i]) || !((*column)[i] > 0.0))
                throw input_error(fmt::format("row {}: {} = {:g} {} must be above 0", i + 1, name, (*column)[i], unit));
    }
}

// plausible ranges of a liquid; values in a wrong unit lie far outside
void check_size(const FluidSheet& table) {
    struct Range {
        const char *name, *unit;
        const std::vector<double>& column;
        double lo, hi;
    };
    for (const Range& r : {Range{"rho", "kg/m3", table.rho, 300.0, 4000.0},
                           Range{"cp", "J/(kg K)", table.cp, 500.0, 10000.0}, Range{"k", "W/(m K)", table.k, 0.02, 5.0},
                           Range{"mu", "Pa s", table.mu, 5e-5, 50.0}, Range{"T", "K", table.T, 100.0, 700.0}})
        for (std::size_t i = 0; i < r.column.size(); ++i)
            if (r.column[i] < r.lo || r.column[i] > r.hi)
                throw input_error(fmt::format(
                    "row {}: {} = {:g} {} is outside its range (at least {:g} and at most {:g} {}); check the unit of "
                    "the column",
                    i + 1, r.name, r.column[i], r.unit, r.lo, r.hi, r.unit));
}

void require_near(const Fit& f, const char* name, double most, const FluidSheet& table) {
    if (f.fit.max_error <= most) return;
    throw input_error(
        fmt::format("{}: no smooth fit comes nearer than {:.2g} % to the table, at most {:g} % is allowed; it is "
                    "missed most in row "
                    "{}, at {:.2f} K: correct that row, or shorten the range",
                    name, 100.0 * f.fit.max_error, 100.0 * most, f.worst + 1, table.T[f.worst]));
}

}  // namespace

void fit(Medium& m, const FluidSheet& table) {
    check_rows(table);
    check_size(table);
    m.T_min = table.T.front();
    m.T_max = table.T.back();
    const double middle = 0.5 * (m.T_min + m.T_max);
    for (const auto& [name, to, column] :
         {std::tuple{"rho", &m.rho_fit, &table.rho}, {"cp", &m.cp_fit, &table.cp}, {"k", &m.k_fit, &table.k}}) {
        const Fit found = polynomial(table.T, *column, middle, false);
        require_near(found, name, 0.01, table);
        *to = found.fit;
        to->source = m.source;
    }
    Fit mu = polynomial(table.T, table.mu, middle, true);
    if (table.T.size() > 3)
        if (const Fit other = vogel(table.T, table.mu, middle); other.fit.max_error < mu.fit.max_error) mu = other;
    require_near(mu, "mu", 0.03, table);
    m.mu_fit = mu.fit;
    m.mu_fit.source = m.source;
}

void find_limits(Medium& m) {
    // the fits are extrapolated as far as the fluid is liquid at 1 atm
    m.hold_min = m.T_freeze > 0.0 ? std::min(m.T_min, m.T_freeze) : m.T_min;
    m.hold_max = std::max(m.T_max, m.T_boil);
    if (m.T_boil > 0.0) m.water_activity = 101325.0 / water_saturation_pressure(m.T_boil);
}

std::string fluid_problem(const Medium& m, std::string& property) {
    if (!(m.hold_min <= m.T_min && m.T_min < m.T_max && m.T_max <= m.hold_max))
        return fmt::format("need hold_min <= T_min < T_max <= hold_max, got {} {} {} {} K", m.hold_min, m.T_min,
                           m.T_max, m.hold_max);
    for (int i = 0; i <= 100; ++i) {
        const double T = m.hold_min + (m.hold_max - m.hold_min) * i / 100.0;
        const auto s = m.state(T);
        for (const auto& [name, x] : {std::pair{"rho", s.rho}, {"cp", s.cp}, {"k", s.k}, {"mu", s.mu}})
            if (!(std::isfinite(x) && x > 0)) {
                property = name;
                return fmt::format("{} is {} at {} K; every property must be positive from {} to {} K", name, x, T,
                                   m.hold_min, m.hold_max);
            }
    }
    return {};
}

}  // namespace kelvolt
