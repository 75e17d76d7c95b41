#include "solver/transient/consistent.hpp"

#include <cmath>

namespace kelvolt {

ConsistentStart::ConsistentStart(const Network& net)
    : net_(net),
      lu_(net.structure.col_ptr, net.structure.row),
      value_seed_(net.size()),
      der_seed_(net.size()),
      residual_(net.size()),
      jacobian_(net.structure.nonzeros()),
      step_(net.size()),
      correction_(net.size()) {
    for (int i = 0; i < net.size(); ++i) (net.differential[i] ? der_seed_ : value_seed_)[i] = 1.0;
}

double ConsistentStart::norm(const std::vector<double>& d) const {
    double sum = 0.0;
    for (int i = 0; i < net_.size(); ++i) {
        const double x = d[i] / net_.nominal[i];
        sum += x * x;
    }
    return std::sqrt(sum / net_.size());
}

bool ConsistentStart::solve(std::vector<double>& y, std::vector<double>& yp, const Values& values) {
    const int n = net_.size();
    for (int i = 0; i < n; ++i)
        if (!net_.differential[i]) yp[i] = 0.0;
    double lambda = 1.0, previous = INFINITY;
    for (int iteration = 0; iteration < 60; ++iteration) {
        net_.jacobian(Point{y.data(), yp.data(), values}, {value_seed_.data(), der_seed_.data()}, residual_.data(),
                      jacobian_.data());
        if (!lu_.factor(jacobian_.data())) return false;
        for (int i = 0; i < n; ++i) step_[i] = -residual_[i];
        lu_.solve(step_.data());
        const double size = norm(step_);
        if (!std::isfinite(size)) return false;
        lambda = std::min(1.0, 4.0 * lambda);
        double next = INFINITY;
        for (;; lambda *= 0.5) {
            if (lambda < 1e-6) return false;
            trial_y_ = y;
            trial_yp_ = yp;
            for (int i = 0; i < n; ++i) unknown(trial_y_, trial_yp_, i) += lambda * step_[i];
            if (size < 1e-10) break;
            net_.residual(Point{trial_y_.data(), trial_yp_.data(), values}, residual_.data());
            for (int i = 0; i < n; ++i) correction_[i] = -residual_[i];
            lu_.solve(correction_.data());
            next = norm(correction_);
            if (next <= (1.0 - 0.25 * lambda) * size || (size < 1e-7 && std::isfinite(next))) break;
        }
        y.swap(trial_y_);
        yp.swap(trial_yp_);
        // second condition: rounding alone moves an unknown by more than the tolerance, so steps no longer shrink
        if (size < 1e-10 || (size < 1e-7 && size >= previous)) return true;
        previous = size;
        if (lambda == 1.0 && next <= 0.25 * size) {  // the simplified Newton step is known and short: it is used, too
            for (int i = 0; i < n; ++i) unknown(y, yp, i) += correction_[i];
            if (next < 1e-10) return true;
        }
    }
    return false;
}

}  // namespace kelvolt
