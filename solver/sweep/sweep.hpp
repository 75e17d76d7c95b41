/// Many variants of one network, steady or in time, solved in chunks. The result of a chunk depends only on the sweep
/// and the numbers of the chunk, not on other chunks, threads or their order. Interrupted and distributed sweeps
/// therefore give bitwise equal results.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "solver/case/case.hpp"
#include "solver/sweep/starts.hpp"

namespace kelvolt {

/// One varied quantity: parameters that take its value, or are multiplied by it. `low`, `centre` and `high` define the
/// swept region, over which starts are prepared.
struct SweepColumn {
    std::vector<ValueRef> targets;
    bool relative = false;
    double low, centre, high;
};

/// How the values of one record become numbers: each of them, or one number for all.
enum class Fold { each, max, min, mean, sum };
struct SweepRecord {
    std::vector<ValueRef> refs;
    Fold fold = Fold::each;
    std::size_t width() const { return fold == Fold::each ? refs.size() : 1; }
};

/// What is judged at each point: nothing, the limit with the smallest margin, or every limit and what crosses the
/// boundary of each component.
enum class Judged { none, tightest, full };
/// Whether each row is solved as if it were the only one, or follows the row before it, from which it takes what
/// firmware and switches have decided.
enum class Rows { apart, in_turn };

/// The limit with the smallest margin at a point.
struct Binding {
    std::string id, element, unit, verdict;
    double margin = not_given;
    int broken = 0;  ///< number of limits violated there
};
/// One limit at every point of a chunk; verdicts of one id and scope are one limit.
struct LimitMargins {
    std::string id, element, unit;
    std::vector<double> margin;  ///< per point; not a number where it is not assessed
};
struct SweepChunk {
    std::vector<double> values;  ///< [points * width]; of runs [points * rows * 4 * width]: value, mean, min, max
    std::vector<std::string> status, reason;  ///< "ok" and empty, or the kind of the failure and its cause
    std::vector<Binding> binding;             ///< per point, if limits are requested
    long iterations = 0;                      ///< Newton steps of all points, with new or old factors
    int continued = 0;                        ///< points found only by continuation from the centre
    // of points judged in full
    std::vector<LimitMargins> margins;
    std::vector<double> power;   ///< [points * components]: W that enters each component from outside
    std::vector<double> stored;  ///< per point: energy stored in the network [J], relative to 273.15 K
    std::vector<int> flagged;    ///< per point: values outside the range of their data
    std::vector<int> unsettled;  ///< per point: 1 where firmware or a switch keeps changing; rows in turn only
};

class Sweep {
   public:
    /// Solves the centre of the swept region and up to `anchors` points in it; all starts are derived from these.
    /// `threads` changes only the time.
    Sweep(const Case& base, std::vector<SweepColumn> columns, std::vector<SweepRecord> records, int anchors,
          int threads = 1);

    std::size_t width() const { return width_; }
    /// The solution at the centre of the swept region; empty if there is none.
    const std::vector<double>& centre() const { return y_; }
    /// Steady states of `points` rows of `table` [points * columns]. Thread-safe.
    SweepChunk steady(const double* table, std::size_t points, Judged judged, Rows rows = Rows::apart) const;
    /// Runs in time; one row of values at each of `times`, which are multiples of `every` of the options.
    SweepChunk simulate(const double* table, std::size_t points, const RunOptions& options,
                        const std::vector<double>& times, bool limits) const;
    /// Ends running solves with Error(interrupted); nothing can be solved afterwards.
    void cancel() const { cancelled_ = true; }

   private:
    /// What is needed to solve one chunk.
    struct Workspace {
        explicit Workspace(const Network& net)
            : net(net),
              newton(net, Subsystem(net, [](int) { return true; })),
              parts(net),
              stability(net, parts),
              resting(net) {}
        SteadySolver& solver() { return solver_ ? *solver_ : solver_.emplace(net); }

        const Network& net;
        Newton newton;
        DomainParts parts;
        Stability stability;
        RestingParts resting;

       private:
        std::optional<SteadySolver> solver_;  ///< used only if the starts do not lead to a solution
    };
    std::unique_ptr<Workspace> workspace() const;
    Case at(const double* row) const;
    /// The base as a row; if the centre has no solution, continuation starts from this one.
    std::vector<double> as_it_stands() const;
    SteadyState solve(Workspace& work, const double* row, const Values& values, const StartPoint* before,
                      SweepChunk& out) const;
    /// Newton from the starts only; false if none of them converges.
    /// held: firmware and switches keep their discrete variables.
    bool from_starts(Workspace& work, std::vector<std::vector<double>> starts, const Values& values, SteadyState& state,
                     bool held = false) const;
    /// Solves from the discrete variables given, lets firmware and switches act and solves again, until they rest.
    SteadyState solve_in_turn(Workspace& work, const double* row, Values values, const StartPoint* before,
                              SweepChunk& out, int& unsettled) const;
    /// Continuation from the centre to the row in steps; throws the cause if the solution is lost.
    SteadyState follow(SteadySolver& solver, const double* row) const;
    void fold(const double* read, double* out) const;
    void refuse_if_cancelled() const;

    Case base_;
    std::vector<SweepColumn> columns_;
    std::vector<SweepRecord> records_;
    std::vector<ValueRef> refs_, targets_;
    std::vector<double> own_;  ///< per target: its value in the base, for relative columns
    std::size_t width_ = 0;
    std::vector<double> centre_, y_;  ///< the centre and its solution; without a solution every point starts cold
    std::unique_ptr<Newton> pivots_;  ///< of the centre
    std::unique_ptr<Starts> starts_;
    mutable std::atomic<bool> cancelled_ = false;
};

}  // namespace kelvolt
