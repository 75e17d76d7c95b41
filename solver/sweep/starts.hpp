/// Start values for the points of a sweep: solutions distributed over the swept region, each with its tangent along
/// every column.
#pragma once

#include <functional>
#include <vector>

#include "solver/steady/steady.hpp"

namespace kelvolt {

/// A point solved before, in the same chunk.
struct StartPoint {
    const double* row;
    std::vector<double> y;
};

class Starts {
   public:
    using ValuesAt = std::function<Values(const double* row)>;
    /// Solves at a row from the given starts, best first. Throws Error if there is no solution.
    using Solve = std::function<std::vector<double>(const double* row, std::vector<std::vector<double>> starts)>;

    Starts(const Network& net, std::vector<double> low, std::vector<double> high, ValuesAt values_at);

    /// What one thread needs to solve points.
    struct Worker {
        std::shared_ptr<Newton> newton;
        Solve solve;
    };

    /// Adds a solved point with its tangents; the first one also sets the sizes of the equations.
    void add(Newton& newton, const std::vector<double>& row, const std::vector<double>& y);
    /// Adds up to `anchors` points of a fixed sequence that fills the region; points without a solution are omitted.
    /// They are solved in rounds, each from the rounds before it, so that the result does not depend on the number of
    /// threads.
    void spread(int anchors, int threads, const std::function<Worker()>& worker);
    /// Calls `call` with the row and the solution of every point.
    void each(const std::function<void(const double* row, const std::vector<double>& y)>& call) const {
        for (const Anchor& anchor : anchors_) call(anchor.row.data(), anchor.y);
    }
    /// Starts extrapolated along the tangents of the nearest points; those that satisfy the equations best come first.
    /// Thread-safe.
    std::vector<std::vector<double>> best(const double* row, const Values& values, const StartPoint* before) const;

   private:
    struct Anchor {
        std::vector<double> row, y;
        std::vector<std::vector<double>> slope;  ///< per column; empty if there is none
    };
    Anchor tangents(Newton& newton, const double* row, std::vector<double> y) const;
    double distance(const double* a, const double* b) const;
    std::vector<std::size_t> nearest(const double* row, std::size_t count) const;
    std::vector<double> along(const Anchor& tangents, const double* from, const std::vector<double>& y,
                              const double* row) const;
    double mismatch(const std::vector<double>& y, const Values& values) const;

    const Network& net_;
    std::vector<double> low_, high_;
    ValuesAt values_at_;
    std::vector<double> size_;  ///< of each equation
    std::vector<Anchor> anchors_;
};

}  // namespace kelvolt
