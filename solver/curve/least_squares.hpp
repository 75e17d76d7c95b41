/// Linear least squares, for the fits of curves and of properties.
#pragma once

#include <Eigen/Core>

namespace kelvolt {

/// The c that makes |A c - y| smallest, by QR with column pivoting.
Eigen::VectorXd least_squares(const Eigen::MatrixXd& A, const Eigen::VectorXd& y);

}  // namespace kelvolt
