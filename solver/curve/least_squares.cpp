#include "solver/curve/least_squares.hpp"

#include <Eigen/QR>

namespace kelvolt {

Eigen::VectorXd least_squares(const Eigen::MatrixXd& A, const Eigen::VectorXd& y) {
    return A.colPivHouseholderQr().solve(y);
}

}  // namespace kelvolt
