/// Losses of converters from published efficiencies.
#include <fmt/format.h>

#include <cmath>

#include "solver/curve/curve.hpp"
#include "solver/curve/least_squares.hpp"
#include "solver/error.hpp"

namespace kelvolt {
namespace {

void check_points(const std::vector<double>& x, const std::vector<double>& efficiency) {
    if (x.empty() || x.size() != efficiency.size())
        throw input_error("curve: efficiency needs at least one point [load share, efficiency]");
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (!(x[i] > 0 && x[i] <= 3))
            throw input_error(
                fmt::format("curve: point {} of the efficiency is at the load share {}; allowed: above 0 to 3 (1 is "
                            "rated load; write 50 % or 0.5)",
                            i + 1, x[i]));
        if (!(efficiency[i] > 0 && efficiency[i] <= 1))
            throw input_error(
                fmt::format("curve: the efficiency at the load share {} is {}; above 1 the loss would be "
                            "negative; allowed: above 0 to 1",
                            x[i], efficiency[i]));
    }
}

}  // namespace

Curve Curve::loss_from_efficiency(const std::vector<double>& x, const std::vector<double>& efficiency) {
    check_points(x, efficiency);
    const auto n = static_cast<Eigen::Index>(x.size());
    Eigen::MatrixXd A(n, 3);
    Eigen::VectorXd y(n);
    for (Eigen::Index i = 0; i < n; ++i) {
        const double load = x[i], eta = efficiency[i],
                     weight = eta * eta / load;  // converts an error of the loss to one of the efficiency
        A.row(i) << weight, weight * load, weight * load * load;
        y(i) = weight * load * (1.0 / eta - 1.0);
    }
    // Of three coefficients there are few combinations of which are not zero: tries all of them and takes the best
    // without a negative coefficient.
    Eigen::Vector3d best = Eigen::Vector3d::Zero();
    double least = y.squaredNorm();
    for (const unsigned set : {2u, 4u, 1u, 6u, 3u, 5u, 7u}) {
        std::vector<int> columns;
        for (int k = 0; k < 3; ++k)
            if (set >> k & 1u) columns.push_back(k);
        if (static_cast<Eigen::Index>(columns.size()) > n) continue;
        const Eigen::MatrixXd chosen = A(Eigen::all, columns);
        const Eigen::VectorXd part = least_squares(chosen, y);
        const double error = (chosen * part - y).squaredNorm();
        if (!(part.minCoeff() >= 0.0) || !(error < least * (1.0 - 1e-9))) continue;
        least = error;
        best.setZero();
        for (std::size_t k = 0; k < columns.size(); ++k) best(columns[k]) = part(static_cast<Eigen::Index>(k));
    }
    Curve curve = parabola(best(0), best(1), best(2));
    for (std::size_t i = 0; i < x.size(); ++i)
        curve.fit_error = std::max(curve.fit_error, std::fabs(x[i] / (x[i] + curve(x[i])) - efficiency[i]));
    return curve;
}

}  // namespace kelvolt
