#include "solver/newton/newton.hpp"

#include <algorithm>
#include <cmath>

#include "solver/scalar/finite.hpp"

namespace kelvolt {

Subsystem::Subsystem(const Network& net, const std::function<bool(int)>& contains) {
    std::vector<std::int64_t> local(net.size(), -1);
    for (int u = 0; u < net.size(); ++u)
        if (contains(u)) {
            local[u] = size();
            unknowns.push_back(u);
            last.push_back(net.integrator[u]);
        }
    col_ptr.push_back(0);
    for (int u : unknowns) {
        for (auto k = net.structure.col_ptr[u]; k < net.structure.col_ptr[u + 1]; ++k)
            if (const auto r = local[net.structure.row[k]]; r >= 0) {
                row.push_back(r);
                position.push_back(k);
            }
        col_ptr.push_back(static_cast<std::int64_t>(row.size()));
    }
    const auto takes_part = [&](const auto& block) {
        return std::any_of(block->index.begin(), block->index.end(), [&](int u) { return local[u] >= 0; });
    };
    for (std::size_t b = 0; b < net.blocks.size(); ++b)
        if (takes_part(net.blocks[b])) blocks.push_back(static_cast<int>(b));
}

Newton::Newton(const Network& net, Subsystem part)
    : net_(net),
      part_(std::move(part)),
      lu_(part_.col_ptr, part_.row, part_.last),
      residual_(net.size()),
      yp_(net.size()),
      jacobian_(net.structure.nonzeros()),
      step_(part_.size()),
      trial_(net.size()),
      correction_(part_.size()),
      packed_(part_.size() == net.size() ? 0 : part_.row.size()) {
    for (int u : part_.unknowns) per_nominal_.push_back(1.0 / net.nominal[u]);
}

double Newton::scaled_norm(const std::vector<double>& d, bool largest) const {
    const int n = part_.size();
    Pack sums(0.0), tops(0.0);
    int i = 0;
    for (; i + Pack::size <= n; i += Pack::size) {
        const Pack x = Pack::adjacent(&d[i]) * Pack::adjacent(&per_nominal_[i]), square = x * x;
        sums += square;
        tops = select(square > tops, square, tops);
    }
    double sum = 0.0, top = 0.0;
    for (int lane = 0; lane < Pack::size; ++lane) {
        sum += sums[lane];
        top = std::max(top, tops[lane]);
    }
    for (; i < n; ++i) {
        const double x = d[i] * per_nominal_[i];
        sum += x * x;
        top = std::max(top, x * x);
    }
    if (!std::isfinite(sum)) return INFINITY;
    return std::sqrt(largest ? top : sum / std::max(1, n));
}

// A controller with a set point it cannot reach gets a step far beyond its limits; one range is enough to saturate it.
double Newton::longest_fraction() const {
    double fraction = 1.0;
    for (int i = 0; i < part_.size(); ++i) {
        const int u = part_.unknowns[i];
        const double size = std::abs(step_[i]);
        if (net_.temperature[u])
            fraction = std::min(fraction, 100.0 / size);
        else if (net_.domain[u] == Domain::control && net_.differential[u])
            fraction = std::min(fraction, net_.nominal[u] / size);
        else if (net_.domain[u] == Domain::electric && net_.is_node(u))
            fraction = std::min(fraction, 0.5 * net_.nominal[u] / size);
        else if (net_.domain[u] == Domain::electric && net_.nominal[u] < 0.1)
            // position of a converter on its characteristic, in units of the rated current
            fraction = std::min(fraction, 0.5 / size);
    }
    return fraction;
}

const double* Newton::derivative(const std::vector<double>& y, double der_seed, const double* y_old) {
    if (!y_old) return nullptr;
    for (std::size_t i = 0; i < y.size(); ++i) yp_[i] = (y[i] - y_old[i]) * der_seed;
    return yp_.data();
}

std::vector<double> Newton::residual_size() const {
    std::vector<double> size(net_.size(), 1e-300);
    const Structure& s = net_.structure;
    for (int col = 0; col < net_.size(); ++col)
        for (auto k = s.col_ptr[col]; k < s.col_ptr[col + 1]; ++k)
            if (std::isfinite(jacobian_[k]))
                size[s.row[k]] = std::max(size[s.row[k]], std::abs(jacobian_[k]) * net_.nominal[col]);
    return size;
}

double Newton::distance(const std::vector<double>& a, const std::vector<double>& b) const {
    double top = 0.0;
    for (int u : part_.unknowns) top = std::max(top, std::abs(a[u] - b[u]) / net_.nominal[u]);
    return top;
}

bool Newton::linearise(const std::vector<double>& y, const Values& values, double der_seed, const double* y_old) {
    const Point at{y.data(), derivative(y, der_seed, y_old), values};
    net_.jacobian(at, {nullptr, nullptr, der_seed}, residual_.data(), jacobian_.data(), &part_.blocks);
    for (std::size_t k = 0; k < packed_.size(); ++k) packed_[k] = jacobian_[part_.position[k]];
    std::vector<double>& entries = packed_.empty() ? jacobian_ : packed_;
    return all_finite(entries.data(), entries.size()) && lu_.factor(entries.data());
}

void Newton::pivot_at(const std::vector<double>& y, const Values& values) {
    lu_.restore();
    if (linearise(y, values)) lu_.keep();
}

double Newton::correct(const std::vector<double>& y, const Values& values, const NewtonOptions& options,
                       const double* y_old) {
    net_.residual(Point{y.data(), derivative(y, options.der_seed, y_old), values}, residual_.data(), &part_.blocks);
    for (int i = 0; i < part_.size(); ++i) correction_[i] = -residual_[part_.unknowns[i]];
    lu_.solve(correction_.data());
    return scaled_norm(correction_, false);
}

// Affine-invariant damping: a step is accepted when the simplified Newton step after it is shorter. This test does not
// depend on the scaling of the equations.
Newton::Search Newton::search(std::vector<double>& y, const Values& values, const NewtonOptions& options,
                              const double* y_old, double lambda, double largest) {
    const int n = part_.size();
    const double size = scaled_norm(step_, false);
    Search found;
    for (found.lambda = lambda;; found.lambda *= 0.5) {
        if (found.lambda < options.least_share) return found;
        trial_ = y;
        for (int i = 0; i < n; ++i) trial_[part_.unknowns[i]] += found.lambda * step_[i];
        if (largest < options.tolerance) break;
        const double next = correct(trial_, values, options, y_old);
        found.contracts = found.lambda == 1.0 && next <= 0.25 * size;
        // Close to rounding level the simplified step cannot shrink any more: accept.
        if (next <= (1.0 - 0.25 * found.lambda) * size || size < std::min(1e3 * options.tolerance, 1e-3)) break;
    }
    y.swap(trial_);
    found.accepted = true;
    return found;
}

// Simplified Newton: the present factors are used again as long as each step is far shorter than the one before.
double Newton::go_on(std::vector<double>& y, const Values& values, const NewtonOptions& options, const double* y_old,
                     int& steps) {
    constexpr double most_steps = 3.0;  // these cost about as much as a new Jacobian and its factorisation
    constexpr double rest = 1e-12;      // scaled error below which rounding decides
    constexpr double strict = 1e-9;     // at or below this tolerance a step within the tolerance is accurate enough
    double before = scaled_norm(step_, false), size = scaled_norm(correction_, false);
    for (;; ++steps) {
        for (int i = 0; i < part_.size(); ++i) y[part_.unknowns[i]] += correction_[i];
        const double largest = scaled_norm(correction_, true), contraction = size / before;
        // A full Newton step within the tolerance leaves an error of the order of the tolerance squared. The simplified
        // step must leave no more: its error is estimated as contraction * largest.
        const double left = std::max(options.tolerance * options.tolerance, rest);
        const bool exact = options.tolerance <= strict || contraction * largest <= left;
        if (largest < options.tolerance && exact) return largest;
        const bool near = largest < 1.0 && contraction < 0.1;
        if (!near || std::log(options.tolerance / largest) < most_steps * std::log(contraction)) return INFINITY;
        before = size;
        size = correct(y, values, options, y_old);
        if (!(size <= 0.25 * before)) return INFINITY;
    }
}

NewtonResult Newton::solve(std::vector<double>& y, const Values& values, const NewtonOptions& options,
                           const double* y_old) {
    NewtonResult result;
    const int n = part_.size();
    if (n == 0) return result.converged = true, result;
    double lambda = 1.0, previous = INFINITY, least = INFINITY;
    while (result.iterations < options.max_iterations) {
        bool solved = linearise(y, values, options.der_seed, y_old);
        if (solved) {
            for (int i = 0; i < n; ++i) step_[i] = -residual_[part_.unknowns[i]];
            lu_.solve(step_.data());
            result.step = scaled_norm(step_, true);
            result.history.push_back(result.step);
            solved = std::isfinite(result.step);
        }
        if (!solved) {
            const auto col = lu_.singular_column();
            result.singular_unknown = col >= 0 && col < n ? part_.unknowns[col] : -1;
            return result;
        }
        least = std::min(least, result.step);
        if (result.step > 1e6 * std::max(1.0, least))
            return result;  // diverged: the step has grown far beyond the smallest one
        const Search found = search(y, values, options, y_old, std::min(longest_fraction(), 4.0 * lambda), result.step);
        if (!found.accepted) return result;
        lambda = found.lambda;
        ++result.iterations;
        // Rounding alone may move an unknown by more than the tolerance (the flow through a path with almost no
        // resistance); a small step that no longer shrinks is then accepted.
        result.converged = result.step < options.tolerance || (result.step < 1e-5 && result.step >= previous);
        previous = result.step;
        if (!result.converged && found.contracts) {  // the line search has computed a good simplified step: use it
            const double last = go_on(y, values, options, y_old, result.corrections);
            result.converged = last < options.tolerance;
            if (result.converged) result.history.push_back(result.step = last);
        }
        if (result.converged) return result;
    }
    return result;
}

}  // namespace kelvolt
