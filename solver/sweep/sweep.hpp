/// Many variants of one network, steady or in time, solved chunk by chunk. A chunk's answer depends on the sweep and
/// the chunk's own numbers alone: not on other chunks, threads or their order. So any interruption or distribution
/// gives the same bits.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "solver/case/session.hpp"
#include "solver/sweep/starts.hpp"

namespace kelvolt {

/// One varied quantity: parameters that take its value, or are multiplied by it. `low`, `centre` and `high` tell the
/// region that is swept; starts are modelled over it.
struct SweepColumn {
    std::vector<ValueRef> targets;
    bool relative = false;
    double low, centre, high;
};

/// How the values of one record become numbers: each, or one of them all.
enum class Fold { each, max, min, mean, sum };
struct SweepRecord {
    std::vector<ValueRef> refs;
    Fold fold = Fold::each;
    std::size_t width() const { return fold == Fold::each ? refs.size() : 1; }
};

/// The limit with the least margin at a point.
struct Binding {
    std::string id, element, unit, verdict;
    double margin = not_given;
    int broken = 0;  ///< limits broken there
};
struct SweepChunk {
    std::vector<double> values;  ///< [points * width]; of runs [points * rows * 4 * width]: value, mean, min, max
    std::vector<std::string> status, reason;  ///< "ok" and empty, or the kind of the failure and its cause
    std::vector<Binding> binding;             ///< per point, where limits are asked for
    long iterations = 0;                      ///< Newton steps of all points, with new factors or old
    int continued = 0;                        ///< points found only by continuation from the centre
};

class Sweep {
   public:
    /// Solves the centre of the swept region and up to `anchors` points spread over it: every start derives from these.
    /// `threads` only says how fast.
    Sweep(const Session& base, std::vector<SweepColumn> columns, std::vector<SweepRecord> records, int anchors,
          int threads = 1);

    std::size_t width() const { return width_; }
    /// The solution in the middle of the swept region; empty where there is none.
    const std::vector<double>& centre() const { return y_; }
    /// Steady states of `points` rows of `table` [points * columns]. Safe to call from many threads at once.
    SweepChunk steady(const double* table, std::size_t points, bool limits) const;
    /// Runs in time; one row of values at each of `times`, which are whole intervals of the options' `every`.
    SweepChunk simulate(const double* table, std::size_t points, const RunOptions& options,
                        const std::vector<double>& times, bool limits) const;
    /// Ends what is being solved with Error(interrupted); nothing can be solved afterwards.
    void cancel() const { cancelled_ = true; }

   private:
    /// What one chunk solves with.
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
        std::optional<SteadySolver> solver_;  ///< only where the starts do not lead to an answer
    };
    std::unique_ptr<Workspace> workspace() const;
    Session at(const double* row) const;
    /// The base as a row: where the swept region's centre has no solution, this one is followed from.
    std::vector<double> as_it_stands() const;
    SteadyState solve(Workspace& work, const double* row, const Values& values, const StartPoint* before,
                      SweepChunk& out) const;
    /// Newton from the starts alone; false when none of them leads anywhere.
    bool from_starts(Workspace& work, std::vector<std::vector<double>> starts, const Values& values,
                     SteadyState& state) const;
    /// From the centre towards the row in steps; throws the cause where the solution is lost.
    SteadyState follow(SteadySolver& solver, const double* row) const;
    void fold(const double* read, double* out) const;
    void refuse_if_cancelled() const;

    Session base_;
    std::vector<SweepColumn> columns_;
    std::vector<SweepRecord> records_;
    std::vector<ValueRef> refs_, targets_;
    std::vector<double> own_;  ///< per target: its value in the base, for relative columns
    std::size_t width_ = 0;
    std::vector<double> centre_, y_;  ///< the centre and its solution; no solution: every point starts cold
    std::unique_ptr<Newton> pivots_;  ///< of the centre
    std::unique_ptr<Starts> starts_;
    mutable std::atomic<bool> cancelled_ = false;
};

}  // namespace kelvolt
